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
from nnlib.labs.settings import CHANGEABLE, NOT_OF_RUN, Settings, parameter_index
from nnlib.labs.sweeping import SweepTask

SLICE = 0.010  # seconds of training between two looks at what the reader did
FRAME = 1 / 60  # seconds between two frames: what comes faster, a screen cannot show
IN_FLIGHT = 2  # frames sent and not yet painted
CURVE = ("epoch", "train", "test", "train_accuracy", "test_accuracy")  # the numbers of a point of the curves
BATCHES_AT_ONCE = 32  # between two looks at the clock
ALIVE = 0.5  # seconds between two signs of life while a run is brought back to a step


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
    rewound : int or None
        The step that the views show while the reader looks back; None when they show the run as it stands.
    move_controls : callable or None
        ``move_controls(settings)`` puts the lab's controls where loaded settings have them.
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
        self.met_page = False  # no view has said hello yet
        self._visible = True
        self.stale = True
        self._task = None
        self._wake = asyncio.Event()
        self._loop = _running_loop()
        self._frame = self._painted = 0  # number of the last frame sent, and of the last one painted
        self._curve, self._curve_sent = [], 0
        self._target = 0  # the step to which a loaded run is being brought
        self.rewound = self.move_controls = None
        self.sweep = SweepTask(
            f"nnlib-{name}-sweep", lambda content: self._send(content, []),
            lambda: self._in_charge and self.status == "training", lambda: self._visible,
        )  # fmt: skip

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
        under_way = self._in_charge and not self.stale and (self.rewound is not None or not self.run.ended)
        if under_way and settings.continue_run and all(name in CHANGEABLE for name in changed):
            if self.rewound is not None:
                then = self.settings_until(self.rewound).in_force()
                now = [name for name in CHANGEABLE if getattr(settings, name) != getattr(then, name)]
                more = [(self.rewound, name, getattr(settings, name)) for name in now]
                self.load(self.settings_until(self.rewound, more))
                self._train()
                return
            self._catch_up()
            self._follow_controls()
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
            self._in_charge = self.met_page = True
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
            self.sweep.wake()
        elif kind == "page":
            self._in_charge = False
            self.sweep.cancel()
            self._wake.set()
        elif kind == "take":
            self._in_charge = True
            self.replay = None
            self.restart()
        elif kind == "act":
            self.act(content.get("action"))
        elif kind == "rewound":
            step = content.get("step")
            if step is not None:
                self.settings_until(step)  # says what is wrong with a step that the run does not have
            self.rewound = step
        elif kind == "load":
            self.load(self._settings_of(content.get("settings")))
        elif kind == "sweep":
            self.sweep.request(self.settings, content)
        elif kind == "change":
            self.set_parameter(content.get("field"), content.get("value"))

    def act(self, action):
        """Do what a button of the view asks for."""
        if action == "step_example" and self.settings.batch_size == 1:
            action = "step_batch"
        if action == "restart":
            self.replay = None
        if action == "restart" or self.run is None or self.stale or (action == "play" and self.run.ended):
            self.restart()
        elif str(action).startswith("rewind:"):
            self.load(self.settings_until(int(action.partition(":")[2])))
        elif self.run.ended:
            self._send_frame()  # a run that has diverged or was stopped early has no next step
        elif action == "pause":
            self.status = "paused"
            self._send_frame()
        elif action == "play":
            if not self._replaying:
                self._extend_finished()
            elif self._target >= self.until * self.run.steps_per_epoch:
                self.until += self.settings.epochs
            self._train()
        elif action in ("step_batch", "step_epoch"):
            self.status = "paused"
            self._catch_up()
            self._extend_finished()
            self._advance(1 if action == "step_batch" else self._left_in_epoch())
            if self._stop is not None and self.run.step >= self._stop:
                self._stop = None
            self._send_frame()

    def load(self, settings):
        """Bring the lab to the run of these settings as it was at ``settings.stop``, and rest there.

        The run is replayed to that step, slice by slice, and views see it when it is there.
        """
        stop = settings.stop or 0
        settings = settings.with_(changes=[change for change in settings.changes if change[0] <= stop], stop=None)
        run = Run(settings)  # first: settings that make no run leave the lab as it is
        self.settings = settings.in_force()
        self.replay = None
        if self.move_controls:
            self.move_controls(self.settings)
        self.revision += 1
        self._begin(run)
        self._target = stop
        self.until = max(self.until, -(-stop // self.run.steps_per_epoch))
        self.status = "paused"
        self._go()

    def _settings_of(self, values):
        """Return the settings that a view sent; raise ValueError naming the first that cannot be used."""
        settings, problems = Settings.from_json(values, self.settings)
        if problems:
            raise ValueError(problems[0])
        return settings

    def settings_until(self, step, more=()):
        """Return the settings of the present run up to a step, its changes until then, and perhaps more of them."""
        steps = 0 if self.run is None else max(self.run.step, self._target)
        if not isinstance(step, int) or not 0 <= step <= steps:
            raise ValueError(f"the run has {steps} steps; it cannot be rewound to step {step}")
        changes = [change for change in self._log() if change[0] <= step]
        steering = {name: getattr(self.settings, name) for name in NOT_OF_RUN}
        return self.run.settings.with_(changes=(*changes, *more), stop=step, **steering)

    def _log(self):
        """Return the changes of the run, those that a replay still has before it included."""
        return [*self.run.changes, *self.run._pending] if self._replaying else self.run.changes

    @property
    def _replaying(self):
        return self.run is not None and not self.stale and self.run.step < self._target and not self.run.ended

    def _catch_up(self):
        """Finish a replay at once: the reader asks for something that needs the run as it was."""
        while self._replaying:
            self._advance(min(self._left_in_epoch(), self._target - self.run.step))

    def _follow_controls(self):
        """Let the run go on with rate and penalties as the controls show them.

        What the log of a replayed run would have changed later belongs to a future that now does not happen; the
        controls show it already, so it comes now.
        """
        self.replay = self._stop = None
        for name in CHANGEABLE:
            if getattr(self.settings, name) != getattr(self.run.trainer, name):
                self.run.change(name, getattr(self.settings, name))

    def set_parameter(self, field, value):
        """Set one parameter (``"p17"``) by hand. A run that trains goes on from there; one that rests keeps resting."""
        if self.run is None or self.stale:
            return  # nothing is shown that could be changed
        if parameter_index(field) is None:
            raise ValueError(f"{field} is no parameter")
        self._catch_up()
        if not self.run.ended:
            self.run.change(field, value)
            self._follow_controls()
        self.revision += 1
        if self.run.step == self.run.epoch * self.run.steps_per_epoch:
            # The curve's last point stands at this very step: a replay of the log draws it after the change, too.
            self._curve[-1], self._curve_sent = self.run.curve_point(), 0
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
        self.status = "finished"
        self._look()
        return self.run

    def _train(self):
        self.status = "training"
        self._go()

    def _go(self):
        self._wake.set()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._work(), name=f"nnlib-{self.name}")

    async def _work(self):
        try:
            while self._in_charge and (self.status == "training" or self._replaying):
                if self._replaying:
                    await self._replay()
                    continue
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

    async def _replay(self):
        """Bring the run to its target, with pauses; then show it, unless another run has taken its place."""
        run, sign = self.run, time.perf_counter()
        while run is self.run and self._in_charge and self._replaying:
            deadline = time.perf_counter() + SLICE
            while self._replaying and time.perf_counter() < deadline:
                self._advance(min(BATCHES_AT_ONCE, self._left_in_epoch(), self._target - run.step))
            if time.perf_counter() - sign > ALIVE:
                sign = time.perf_counter()
                self._send({"kind": "alive"}, [])
            await asyncio.sleep(0.001)
        if run is not self.run or self.stale:
            return
        if self.status == "paused" and run.epoch >= self.until:
            self.status = "finished"
        self._send_frame()

    def _start_run(self):
        self._begin(Run(self.replay or self.settings))
        self.run_count += 1

    def _begin(self, run):
        """Make this run, at its first weights, the one that is shown."""
        self.run = run
        self.stale = False
        self._target, self.rewound = 0, None
        self._stop = run.settings.stop
        self._consultant = Consultant(run)
        self.until = max(run.settings.epochs, -(-(self._stop or 0) // run.steps_per_epoch))
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

    def _look(self):
        """Let the doctor look at a run that rests: within an epoch nothing else would tell that it has diverged."""
        if self.status != "training":
            self.run.look()
        if self.run.diagnosis:
            self.status = "stopped-by-doctor"

    def _left_in_epoch(self):
        return (self.run.epoch + 1) * self.run.steps_per_epoch - self.run.step

    def _record(self):
        self._curve.append(self.run.curve_point())

    # --- what the views see ---------------------------------------------------------------------------------

    def state(self):
        """Return the run as plain numbers, for a frame and for a saved page."""
        self._look()
        found = None if self.status == "training" else self._consultant.look([train for _, train, *_ in self._curve])
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
        """Return losses and accuracies so far as columns: epoch, train, test, train_accuracy, test_accuracy."""
        return {name: list(values) for name, values in zip(CURVE, zip(*self._curve))}

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
        if not self._in_charge or self.run is None or self._replaying:
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
