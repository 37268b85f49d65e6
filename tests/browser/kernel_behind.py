"""A bare view with a real kernel's engine behind it: a live lab on an event loop of its own.

Playwright's synchronous interface keeps this thread, so the lab lives on another. The bridge carries what a widget
library and a websocket would: messages with their buffers both ways, and the links between controls and view.
"""

import asyncio
import contextlib
import queue
import threading
import time

import numpy as np
import pytest

from nnlib.labs import LABS

#: A page gives a kernel 0.7 s to answer its hello; on a busy machine the bridge may need longer. Without a kernel the
#: page waits as long, too: longer than a test does.
_PATIENT = "const wait = setTimeout; window.setTimeout = (work, time) => wait(work, time === 700 ? 15000 : time);"


#: The kernel has the run, and it has ended.
_SETTLED = "lab.engine === 'kernel' && lab.status === 'finished'"


@pytest.fixture
def open_with_kernel(page, open_lab):
    """As open_lab, with that lab's kernel behind it: a context that gives the view and the kernel."""

    def open_page(name, preset="start", until=_SETTLED, **settings):
        make = lambda: LABS[name](preset, **settings)  # noqa: E731
        return _kernel_behind(page, make, lambda: open_lab(name, preset, **settings), until)

    return open_page


@pytest.fixture
def with_kernel(page, open_view, lab, live):
    """A function that opens a view of the lab (as open_view does) with a live kernel's engine behind it."""
    make = lambda: LABS[lab.plan.name](**lab.settings.to_json() | {"changes": (), "stop": None})  # noqa: E731
    with contextlib.ExitStack() as kernels:
        yield lambda: kernels.enter_context(_kernel_behind(page, make, open_view))


@contextlib.contextmanager
def _kernel_behind(page, make, open_view, until=_SETTLED):
    """Open a view with the engine of the lab that ``make()`` makes behind it; yields both when the run stands there."""
    page.add_init_script(_PATIENT)
    kernel = KernelBehind(make)
    try:
        view = open_view()
        kernel.attach(view)
        kernel.pump(until)
        yield view, kernel
    finally:
        kernel.close()


class KernelBehind:
    """Connect a view on a page with a lab that ``make()`` makes on its own event loop."""

    def __init__(self, make):
        self.outbox = queue.SimpleQueue()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.lab = self.on_loop(self._open, make)

    async def _open(self, make):
        lab = make()
        lab.view.send = lab.engine._send = lambda content, buffers: self.outbox.put((content, buffers))
        for field, control in lab.controls.items():
            put = lambda change, name=f"value_{field}": self.outbox.put(({name: change["new"]}, None))  # noqa: E731
            control.widget.observe(put, names=control.linked)
        return lab

    def on_loop(self, work, *values):
        """Do asynchronous work on the lab's loop and return its result."""
        return asyncio.run_coroutine_threadsafe(work(*values), self.loop).result(20)

    def attach(self, view):
        """Let the page's messages and control moves reach the lab from now on."""
        self.view = view
        view.page.evaluate(
            """() => { window.moves = []; const {set} = model;
              model.set = (name, value) => (set(name, value), name.startsWith("value_") && moves.push([name, value]));
              window.follow = set; }"""
        )

    def pump(self, condition, limit=20.0):
        """Carry messages until a JavaScript condition on ``lab``, the root's dataset, holds and nothing is asked."""
        page, end = self.view.page, time.monotonic() + limit
        self.view.next_frame()
        script = f"""() => {{ const lab = document.querySelector('#view').dataset;
          return {{ sent: sent.splice(0), moves: moves.splice(0), done: Boolean({condition}) }}; }}"""
        while True:
            turn = page.evaluate(script)
            for name, value in turn["moves"]:
                self.on_loop(self._move, name.removeprefix("value_"), value)
            for message in turn["sent"]:
                self.on_loop(self._deliver, message)
            while not self.outbox.empty():
                self._carry(*self.outbox.get())
            asked = turn["moves"] or any(message["kind"] != "ack" for message in turn["sent"])
            if turn["done"] and not asked:
                return
            assert time.monotonic() < end, f"gave up waiting for {condition}: {page.evaluate('({...view.dataset})')}"

    def _carry(self, content, buffers):
        page = self.view.page
        if "kind" in content:
            numbers = np.frombuffer(buffers[0], np.float32).tolist() if buffers else None
            page.evaluate("([message, numbers]) => say(message, numbers)", [content, numbers])
        else:
            # What the kernel moves comes to the view through a link, and goes back to nobody.
            page.evaluate("([name, value]) => follow(name, value)", *content.items())

    async def _move(self, field, value):
        control = self.lab.controls[field]
        setattr(control.widget, control.linked, value)

    async def _deliver(self, message):
        self.lab._on_message(self.lab.view, message, [])

    def tasks(self):
        """Return the names of the lab's tasks."""

        async def names():
            return [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("nnlib-")]

        return self.on_loop(names)

    def close(self):
        async def cancel():
            for task in asyncio.all_tasks():
                if task is not asyncio.current_task():
                    task.cancel()

        self.on_loop(cancel)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.loop.close()
