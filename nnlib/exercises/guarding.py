"""A guard around calls of a reader's function: it comes back, asks nothing, prints a little, and cannot end the kernel.

A thread watches the clock and raises :class:`TooLong` in the thread that calls, as often as it takes. That is one way
for every system and every thread; a signal would do for the main thread on POSIX only. What waits outside of Python
(``time.sleep``) is stopped when that wait is over, or by the reader's own interrupt, which works as ever.
"""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import sys
import threading

#: Seconds for all calls of one check. The slowest solution of the book takes a hundredth of one.
LIMIT = 10.0
#: Seconds until a function that caught TooLong, in a bare ``except``, meets the next.
AGAIN = 0.01
#: So many characters of what a function prints are shown.
MOST_PRINTED = 10_000


class TooLong(BaseException):
    """Raised within a reader's function when time is over; no Exception: ``except Exception`` is to let it pass."""


class Asks(Exception):
    """Raised by ``input()``: nobody is there to answer, or would have to for each call."""


def in_time(work, too_late):
    """Return ``work()``, or ``too_late(error)`` if it took longer than LIMIT.

    Parameters
    ----------
    work : callable
        Without arguments.
    too_late : callable
        Takes the :class:`TooLong`, whose traceback leads to where ``work`` was, and returns what to return.
    """
    stop = type("TooLong", (TooLong,), {"sent": False})  # its own class: a check within a check has a clock of its own
    over = threading.Lock()
    over.acquire()
    watch = threading.Thread(target=_watch, args=(threading.get_ident(), stop, over), daemon=True)

    def end():
        if over.locked():
            over.release()
        watch.join()
        _send(threading.get_ident(), None)  # what was sent and has not arrived

    try:
        watch.start()
        try:
            try:
                done = work()
            finally:
                end()
        finally:
            end()  # once more: the last one sent may have broken off the first
    except stop as error:
        return too_late(error)
    return too_late(stop()) if stop.sent else done


def _watch(thread, stop, over):
    pause = LIMIT
    while not over.acquire(timeout=pause):
        if _imports(thread):
            continue
        stop.sent = True
        _send(thread, stop)
        pause = AGAIN


def _imports(thread):
    """Whether a thread is importing: that may take its time at first, and broken off it would leave half a module."""
    frame = sys._current_frames().get(thread)
    while frame is not None and frame.f_code.co_filename != "<frozen importlib._bootstrap>":
        frame = frame.f_back
    return frame is not None


def _send(thread, stop):
    stop = ctypes.py_object() if stop is None else ctypes.py_object(stop)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), stop)


class _Short:
    """A stream that lets the first characters through and then says that there was more."""

    def __init__(self, stream, note):
        self._stream, self._note, self._left = stream, note, MOST_PRINTED

    def write(self, text):
        if self._left > 0:
            self._stream.write(text[: self._left])
            if len(text) > self._left:
                self._stream.write(self._note)
        self._left -= len(text)
        return len(text)

    def __getattr__(self, name):
        return getattr(self._stream, name)


@contextlib.contextmanager
def confined(note):
    """While this lasts ``input()`` and IPython's ``exit()`` raise, and after much printing only ``note`` is shown."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    asks, leaves = builtins.input, getattr(shell, "ask_exit", None)
    builtins.input = _asks
    if leaves:
        shell.ask_exit = sys.exit
    try:
        with contextlib.redirect_stdout(_Short(sys.stdout, note)):
            yield
    finally:
        builtins.input = asks
        if leaves:
            shell.ask_exit = leaves


def _asks(*arguments):
    raise Asks
