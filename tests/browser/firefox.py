"""Firefox, driven by WebDriver BiDi, which it speaks itself: just enough for a page to be opened and asked."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time

import websocket

NAMES = ("firefox-esr", "firefox")
LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")


def find_firefox():
    """Return the path of the system's Firefox, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Firefox:
    """A headless Firefox with a profile of its own; ``errors`` holds what its console has complained of."""

    def __init__(self, folder, timeout=60):
        log = folder / "firefox.log"
        profile = folder / "profile"
        profile.mkdir()
        command = [find_firefox(), "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"]
        with log.open("w") as output:
            self._process = subprocess.Popen([*command, "about:blank"], stdout=output, stderr=output)
        self.errors, self._count, self._socket = [], 0, None
        try:
            deadline = time.monotonic() + timeout
            while not (found := LISTENING.search(log.read_text())):
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise RuntimeError(f"Firefox does not start:\n{log.read_text()[-2000:]}")
                time.sleep(0.1)
            address = f"{found[1]}/session"
            self._socket = websocket.create_connection(address, timeout=timeout, suppress_origin=True)
            self.ask("session.new", capabilities={})
            self.ask("session.subscribe", events=["log.entryAdded"])
            (self._context,) = [each["context"] for each in self.ask("browsingContext.getTree")["contexts"]]
        except BaseException:
            self.close()
            raise

    def ask(self, method, **parameters):
        """Send a command and return its result; a RuntimeError tells what Firefox says against it."""
        self._count += 1
        self._socket.send(json.dumps({"id": self._count, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("method") == "log.entryAdded" and answer["params"]["level"] == "error":
                self.errors.append(answer["params"]["text"])
            if answer.get("id") == self._count:
                if answer["type"] == "error":
                    raise RuntimeError(f"{method}: {answer['error']}: {answer['message']}")
                return answer["result"]

    def open(self, url):
        """Open a page and wait until it is loaded."""
        self.ask("browsingContext.navigate", context=self._context, url=url, wait="complete")

    def evaluate(self, expression):
        """Return what a JavaScript expression, or the promise that it is, comes to; it must be JSON."""
        text = f"(async () => JSON.stringify((await ({expression})) ?? null))()"
        answer = self.ask("script.evaluate", expression=text, target={"context": self._context}, awaitPromise=True)
        if answer["type"] != "success":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    def wait_for(self, condition, seconds=60):
        """Wait until a JavaScript condition on ``lab``, the dataset of the first lab, holds."""
        deadline = time.monotonic() + seconds
        lab = "document.querySelector('[data-nnlib-lab]')?.dataset ?? {}"
        while not self.evaluate(f"(() => {{ const lab = {lab}; return Boolean({condition}); }})()"):
            assert time.monotonic() < deadline, f"not {condition}, but {self.evaluate(f'({lab})')}; {self.errors}"
            time.sleep(0.1)

    def close(self):
        """End the browser."""
        if self._socket:
            self._socket.close()
        self._process.terminate()
        self._process.wait(timeout=20)
