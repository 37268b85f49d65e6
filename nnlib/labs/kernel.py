"""The kernel's engine: trains while the reader looks, and never keeps the kernel busy.

One asyncio task per lab trains in slices of a few milliseconds and sends frames: a header of
numbers and the parameters as float32, never pixels. Two rules keep it live. *Newest settings win*:
a change replaces the run on the spot, so there is no queue of old runs. *At most two frames are in
flight*: the view acknowledges what it has painted, so a slow or hidden view slows training down
instead of piling up messages.

Everything here happens on one event loop, that of the cell which made the lab. JupyterLab may
deliver a widget's messages on other threads ("subshells"), so the lab hands them over with
:meth:`KernelEngine.call`.
"""

from __future__ import annotations

import asyncio
import math
import time

import numpy as np

from nnlib.labs.consulting import Consultant
from nnlib.labs.run import Run
from nnlib.labs.settings import CHANGEABLE, NOT_OF_RUN

SLICE = 0.010  # seconds of training between two looks at what the reader did
FRAME = 1 / 60  # seconds between two frames: what comes faster, a screen cannot show
IN_FLIGHT = 2  # frames sent and not yet painted
BATCHES_AT_ONCE = 32  # between two looks at the clock


class KernelEngine:
    """Trains the run that the newest settings describe, for one lab.

    Parameters
    ----------
    name : str
        Names the task, so that a test can count the tasks of a lab.
    settings : Settings
    send : callable
        ``send(content, buffers)`` hands a message to every view.

    Attributes
    ----------
    status : str
        ``"training"``, ``"finished"``, ``"paused"`` or ``"stopped-by-doctor"``.
    run_count, revision : int
        How often a run was started, and how many changes of settings were applied.
    until : int
        The epoch where the run rests.
    stale : bool
        True while ``run`` is not yet, or no longer, that of the settings: nobody is looking.
    """

    def __init__(self, name, settings, send):
        self.name, self.settings, self._send = name, settings.in_force(), send
        # A link may describe a run with a history: it is shown until the reader changes something or restarts.
        self.replay = settings if settings.changes or settings.stop is not None else None
        self._stop = None
        self.run = None
        self.status = "paused"
        self.run_count = self.revision = self.until = 0
        self._in_charge = False  # until a view says hello, and while the page trains
        self._visible = True
        self.stale = True
        self._task = None
        self._wake = asyncio.Event()
        self._loop = _running_loop()
        self._frame = self._painted = 0  # number of the last frame sent, and of the last one painted
        self._curve, self._curve_sent = [], 0

    def call(self, action):
        """Do something on the engine's own loop; at once where this is it, or where there is none."""
        if self._loop is None or self._loop is _running_loop():
            action()
        else:
            self._loop.call_soon_threadsafe(action)

    # --- what the reader does -------------------------------------------------------------------------------

    def set(self, settings):
        """Take new settings; continue the run if only what may change did, and the reader wants that."""
        old, self.settings = self.settings, settings
        changed = [name for name in settings.to_json() if getattr(settings, name) != getattr(old, name)]
        if settings.dataset != "own":  # points that no run learns from
            changed = [name for name in changed if name not in ("points", "points_task")]
        if all(name in NOT_OF_RUN for name in changed):
            return
        self.revision += 1
        self.replay = None
        under_way = self._in_charge and not self.stale and not self.run.ended
        if under_way and settings.continue_run and all(name in CHANGEABLE for name in changed):
            self._stop = None
            for name in CHANGEABLE:
                if getattr(settings, name) != getattr(self.run.trainer, name):
                    self.run.change(name, getattr(settings, name))
            self._extend_finished()
            self._train()
        else:
            self.restart()

    def restart(self):
        """Begin a new run of the newest settings, from its first weights; later, if no view is looking."""
        self.stale = True
        if self._in_charge:
            self.status = "paused"  # settings that make no run must not leave the old one going
            self._start_run()
            self._train()
            self._send_frame()

    def receive(self, content):
        """Answer a message of a view (see ``web/session.js`` for the other side)."""
        kind = content.get("kind")
        if kind == "hello":
            self._in_charge = True
            self._send({"kind": "welcome"}, [])
            self._forget_frames()
            if self.stale:
                self.restart()
            else:
                self._send_frame()
        elif kind == "ack":
            self._painted = max(self._painted, int(content.get("frame", 0)))
            self._wake.set()
        elif kind == "visible":
            self._visible = bool(content.get("visible"))
            self._wake.set()
        elif kind == "page":
            self._in_charge = False
            self._wake.set()
        elif kind == "take":
            self._in_charge = True
            self.replay = None
            self.restart()
        elif kind == "act":
            self.act(content.get("action"))

    def act(self, action):
        """Do what a button of the view asks for."""
        if action == "step_example" and self.settings.batch_size == 1:
            action = "step_batch"
        if action == "restart":
            self.replay = None
        if action == "restart" or self.run is None or self.stale or (action == "play" and self.run.ended):
            self.restart()
        elif self.run.ended:
            return  # a run that has diverged or was stopped early has no next step
        elif action == "pause":
            self.status = "paused"
            self._send_frame()
        elif action == "play":
            self._extend_finished()
            self._train()
        elif action in ("step_batch", "step_epoch"):
            self.status = "paused"
            self._extend_finished()
            self._advance(1 if action == "step_batch" else self._left_in_epoch())
            if self._stop is not None and self.run.step >= self._stop:
                self._stop = None
            self._send_frame()

    def fail(self, error):
        """Say in the lab, in words, what went wrong; the lab stays usable."""
        self._send({"kind": "error", "text": str(error)}, [])

    def _extend_finished(self):
        """Give a run that has reached its end as many epochs again."""
        if self.run.epoch >= self.until:
            self.until = self.run.epoch + self.settings.epochs

    # --- training -------------------------------------------------------------------------------------------

    def to_end(self):
        """Train to the end at once: for a page to be built, a test, a script. Returns the run."""
        self._start_run()
        self.status = "training"
        stop = self._stop
        end = self.settings.epochs * self.run.steps_per_epoch if stop is None else stop
        while self.run.step < end and not self.run.ended:
            self._advance(min(self._left_in_epoch(), end - self.run.step))
        self.status = "stopped-by-doctor" if self.run.diagnosis else "finished"
        return self.run

    def _train(self):
        self.status = "training"
        self._wake.set()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._work(), name=f"nnlib-{self.name}")

    async def _work(self):
        try:
            while self._in_charge and self.status == "training":
                if not self._visible or self._frame - self._painted >= IN_FLIGHT:
                    self._wake.clear()
                    await self._wake.wait()
                    continue
                begin = time.perf_counter()
                self._train_slice()
                self._send_frame()
                # A real pause: with sleep(0) the loop would turn without reading the reader's messages.
                await asyncio.sleep(max(0.001, FRAME - (time.perf_counter() - begin)))
        except Exception as error:
            self.status = "paused"
            self.fail(error)

    def _start_run(self):
        self.run = Run(self.replay or self.settings)
        self.stale = False
        self._stop = self.run.settings.stop
        self._consultant = Consultant(self.run)
        self.run_count += 1
        self.until = max(self.settings.epochs, -(-(self._stop or 0) // self.run.steps_per_epoch))
        self._curve = []
        self._forget_frames()
        self._record()

    def _train_slice(self):
        """Train for a slice of time, at most ``pace`` epochs and never past ``until``."""
        deadline = time.perf_counter() + SLICE
        end = min(self.until, self.run.epoch + (self.settings.pace or self.until))
        stop = math.inf if self._stop is None else self._stop
        while self.run.epoch < end and self.run.step < stop and not self.run.ended:
            self._advance(min(BATCHES_AT_ONCE, self._left_in_epoch(), stop - self.run.step))
            if time.perf_counter() > deadline:
                break
        if self.run.ended:
            return
        if self.run.epoch >= self.until:
            self.status = "finished"
        elif self.run.step >= stop:
            self.status, self._stop = "paused", None

    def _advance(self, batches):
        epoch = self.run.epoch
        self.run.advance(batches)
        if self.run.epoch > epoch:
            self._record()
        if self.run.diagnosis:
            self.status = "stopped-by-doctor"
        elif self.run.stopped_early:
            self.status = "finished"

    def _left_in_epoch(self):
        return (self.run.epoch + 1) * self.run.steps_per_epoch - self.run.step

    def _record(self):
        self._curve.append(self.run.curve_point())

    # --- what the views see ---------------------------------------------------------------------------------

    def state(self):
        """Return the run as plain numbers, for a frame and for a saved page."""
        found = None if self.status == "training" else self._consultant.look([train for _, train, _ in self._curve])
        return {
            "step": self.run.step,
            "epoch": self.run.epoch,
            "status": self.status,
            **self.run.metrics(),
            "stopped_early": self.run.stopped_early,
            "best_epoch": self.run.best_epoch,
            "diagnosis": found if self.run.diagnosis else None,
            "advice": None if self.run.diagnosis else found,
            "settings": {**self.run.settings.to_json(), "changes": []},
            "changes": [list(change) for change in self.run.changes],
            "pending": [list(change) for change in self.run.pending],
        }

    def curve(self):
        """Return the losses so far as columns: epoch, train, test."""
        epochs, train, test = zip(*self._curve)
        return {"epoch": list(epochs), "train": list(train), "test": list(test)}

    def parameters(self):
        """Return parameters, then statistics, as float32 bytes: enough to paint, a quarter of a page's size to send."""
        network = self.run.network
        with np.errstate(over="ignore"):  # weights of a diverged network
            return np.concatenate([network.parameters, network.statistics]).astype(np.float32).tobytes()

    def _forget_frames(self):
        """Old frames in flight are worth nothing: the next one may go at once, with the whole curve."""
        self._painted = self._frame
        self._curve_sent = 0

    def _send_frame(self):
        if not self._in_charge or self.run is None:
            return
        self._frame += 1
        frame = {
            "kind": "frame",
            "frame": self._frame,
            "run": self.run_count,
            "revision": self.revision,
            "until": self.until,
            **self.state(),
            "curve": self._curve[self._curve_sent :],
            "fresh": self._curve_sent == 0,
        }
        if not frame["fresh"]:
            del frame["settings"]["points"]  # the view has them from the first frame of the run
        self._curve_sent = len(self._curve)
        self._send(frame, [self.parameters()])


def _running_loop():
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
