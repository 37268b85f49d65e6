"""Servers on this machine that the browser tests look at: a plain folder, and a real JupyterLab.

Both listen on 127.0.0.1, on a port the system picks, and stop with the test session that
started them.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nbformat

IDLE = '.jp-Notebook-ExecutionIndicator[data-status="idle"]'


class _Quiet(SimpleHTTPRequestHandler):
    """Serve files without a line on stderr for each; never let a browser keep yesterday's copy."""

    # Windows and some Linux systems map .js to text/plain, and a browser refuses a module of that type.
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".js": "text/javascript", ".mjs": "text/javascript"}

    def log_message(self, *_args):
        pass

    def end_headers(self):
        self.send_header("Cache-Control", "no-store")
        super().end_headers()


class _Server(ThreadingHTTPServer):
    # Of more than the standard 5 connections that wait, the system drops some where a busy machine is slow to accept;
    # a browser notices after seconds, and the page hangs.
    request_queue_size = 128


@contextlib.contextmanager
def serve_folder(folder):
    """Serve `folder` in a background thread; yields the address, without a slash at the end."""
    handler = functools.partial(_Quiet, directory=os.fspath(folder))
    with _Server(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class JupyterLab:
    """A running JupyterLab over one folder, with configuration, data and kernels of its own.

    Labs are live here: ``NNLIB_HEADLESS`` is taken out of the server's environment, so a cell
    returns at once and the kernel trains on its event loop.
    """

    def __init__(self, home):
        self.home = Path(home)
        self.folder = self.home / "notebooks"
        self.log = self.home / "jupyter.log"
        self.token = secrets.token_hex(16)
        self._process = None
        self.url = None

    def start(self, timeout=60):
        """Start the server and wait until it answers; a RuntimeError shows its log if it does not."""
        environment = {name: value for name, value in os.environ.items() if name != "NNLIB_HEADLESS"}
        for part in ("CONFIG", "DATA", "RUNTIME"):
            place = self.home / part.lower()
            place.mkdir(parents=True)
            environment[f"JUPYTER_{part}_DIR"] = str(place)
        environment["IPYTHONDIR"] = str(self.home / "ipython")
        # JupyterLab asks a new user whether it may fetch news, in a box over the page.
        settings = self.home / "config" / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True)
        (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
        # Ask nothing: neither which kernel a notebook wants, nor whether news are welcome.
        settings = self.home / "config" / "labconfig"
        settings.mkdir()
        settings.joinpath("default_setting_overrides.json").write_text(
            json.dumps(
                {
                    "@jupyterlab/notebook-extension:tracker": {"autoStartDefaultKernel": True},
                    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false"},
                }
            )
        )
        self.folder.mkdir()
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0"]
        command += [f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={self.folder}"]
        # Nothing may ask the internet for news, updates or extensions while a test looks for outside requests.
        command += ["--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
        command += ["--LabApp.extension_manager=readonly"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--allow-root")
        with self.log.open("w") as log:
            # A session of its own, so that stop() reaches the kernels too.
            self._process = subprocess.Popen(
                command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
            )
        self._wait_until_ready(time.monotonic() + timeout)
        return self

    def _wait_until_ready(self, deadline):
        """The server writes its address, with the port it was given, to a file in its runtime folder."""
        while time.monotonic() < deadline and self._process.poll() is None:
            for description in (self.home / "runtime").glob("jpserver-*.json"):
                with contextlib.suppress(ValueError, urllib.error.URLError, ConnectionError):
                    self.url = json.loads(description.read_text())["url"].rstrip("/").replace("localhost", "127.0.0.1")
                    self.api("GET", "status")
                    return
            time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"JupyterLab did not start:\n{self.log.read_text()}")

    def stop(self):
        """Stop the kernels and the server, by force where they do not listen."""
        if self._process.poll() is None:
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                self.stop_kernels()
            self._process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)

    def api(self, method, path):
        """Call the server's REST interface; returns the decoded answer, None where it is empty."""
        request = urllib.request.Request(f"{self.url}/api/{path}", method=method)
        request.add_header("Authorization", f"token {self.token}")
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def stop_kernels(self):
        """End every session: no kernel of one test trains on during the next."""
        for session in self.api("GET", "sessions"):
            self.api("DELETE", f"sessions/{session['id']}")

    def write_notebook(self, name, cells):
        """Write a notebook of code cells (source strings) into the served folder; returns its path."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(source) for source in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        )
        path = self.folder / name
        nbformat.write(notebook, path)
        return path

    def open(self, page, name):
        """Open a notebook of the served folder in `page` and wait until its kernel is idle."""
        # The "doc" view shows one notebook and nothing else; "?reset" forgets the layout of an earlier test.
        page.goto(f"{self.url}/doc/tree/{name}?token={self.token}&reset")
        page.wait_for_selector(".jp-NotebookPanel", timeout=60_000)
        # The page says idle before it has a kernel, and "run" would then ask which kernel to take.
        deadline = time.monotonic() + 60
        while not self._is_connected(name):
            if time.monotonic() > deadline:
                raise RuntimeError(f"no kernel for {name}:\n{self.log.read_text()}")
            page.wait_for_timeout(100)
        self.wait_idle(page)

    def _is_connected(self, name):
        kernels = [session["kernel"] for session in self.api("GET", "sessions") if session["path"] == name]
        return any(kernel["connections"] and kernel["execution_state"] == "idle" for kernel in kernels)

    def run_all(self, page):
        """Run every cell of the notebook shown and wait until the kernel is idle again."""
        cells = page.locator(".jp-Notebook .jp-CodeCell").count()
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name=re.compile("^Run All Cells")).click()
        # A cell shows [*] while it waits or runs; the indicator alone may still say idle from before.
        page.wait_for_function(
            "count => [...document.querySelectorAll('.jp-Notebook .jp-CodeCell .jp-InputPrompt')]"
            ".filter(prompt => /\\d/.test(prompt.textContent)).length >= count",
            arg=cells,
            timeout=120_000,
        )
        self.wait_idle(page)

    def wait_idle(self, page):
        """Wait until the notebook's kernel says that it is idle."""
        page.wait_for_selector(IDLE, timeout=60_000)
