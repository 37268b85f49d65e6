"""A run: the training that a lab's settings describe, from the first weight to the last step.

The page engine's ``training.js`` is its twin. Both take data, split, weights and batch order from
separate streams of one seed, so the same settings show the same run everywhere.
"""

from __future__ import annotations

import math

from nnlib.building import mlp
from nnlib.datasets import TOY
from nnlib.labs.settings import CHANGEABLE
from nnlib.losses import LOSSES
from nnlib.random import CounterGenerator
from nnlib.trainer import Trainer


def make_data(settings):
    """Return the data set of the settings, split into a training and a test part."""
    data = TOY[settings.dataset](noise=settings.noise, rng=CounterGenerator(settings.seed, "data"))
    return data.split(settings.train_share, rng=CounterGenerator(settings.seed, "split"))


def output_and_loss(settings, task):
    """Return the names of the output activation and of the loss that suit the task; raise ValueError if they cannot."""
    loss = settings.loss
    if loss == "auto":
        loss = "cross_entropy" if task == "multiclass" else "half_mse"
    kinds = {"multiclass": ("classes",), "binary": ("numbers", "signs"), "regression": ("numbers",)}[task]
    if LOSSES[loss].kind not in kinds:
        fitting = ", ".join(name for name, entry in LOSSES.items() if entry.kind in kinds)
        raise ValueError(f"the loss {loss} does not fit a {task} task; fitting: {fitting}.")
    squashed = task == "binary" and loss in ("mse", "half_mse")
    return ("tanh" if squashed else "identity"), loss


def widths(settings, data):
    """Return [inputs, hidden …, outputs]."""
    outputs = len(data.names) if data.task == "multiclass" else 1
    return [data.X.shape[1], *[settings.width] * settings.depth, outputs]


class Run:
    """One training run.

    Attributes
    ----------
    settings : Settings
        As they were at the start; ``changes`` holds what has changed since.
    data, network, trainer : what is learned from, what learns, and who teaches
    diagnosis : Diagnosis or None
        Set when training cannot go on.
    """

    def __init__(self, settings):
        self.settings = settings
        self.data = make_data(settings)
        output, loss = output_and_loss(settings, self.data.task)
        self.network = mlp(
            widths(settings, self.data),
            activation=settings.activation,
            output=output,
            init=settings.init,
            rng=CounterGenerator(settings.seed, "weights"),
        )
        self.trainer = Trainer(
            self.network,
            self.data,
            loss=loss,
            optimizer=settings.optimizer,
            learning_rate=settings.learning_rate,
            l1=settings.l1,
            l2=settings.l2,
            batch_size=settings.batch_size,
            rng=CounterGenerator(settings.seed, "order"),
        )
        self.changes = []
        self.diagnosis = None
        self._pending = list(settings.changes)
        self._apply_pending()

    @property
    def pending(self):
        """What the log still holds for later steps."""
        return tuple(self._pending)

    @property
    def step(self):
        return self.trainer.step

    @property
    def epoch(self):
        return self.trainer.epoch

    @property
    def steps_per_epoch(self):
        return math.ceil(len(self.data.X) / self.trainer.batch_size)

    def advance(self, batches=1):
        """Do training steps, taking logged changes at their step; stops early when training diverges."""
        end = self.step + batches
        while self.step < end and not self.diagnosis:
            # Divergence is looked for at the end of each epoch, in both engines.
            next_epoch = (self.epoch + 1) * self.steps_per_epoch
            next_change = self._pending[0][0] if self._pending else end
            self.trainer.advance(min(end, next_epoch, next_change) - self.step)
            self._apply_pending()
            if self.step == next_epoch:
                self.diagnosis = self.trainer.diagnosis()

    def advance_epoch(self):
        """Train to the end of the current epoch."""
        self.advance((self.epoch + 1) * self.steps_per_epoch - self.step)

    def change(self, field, value):
        """Change learning rate or penalty from here on, and log it."""
        if field not in CHANGEABLE:
            raise ValueError(f"{field} cannot change during a run; these can: {', '.join(CHANGEABLE)}")
        self._pending = []  # what was logged for later belongs to a future that now does not happen
        self._apply(self.step, field, value)

    def to_end(self):
        """Train to ``settings.stop``, or through ``settings.epochs``."""
        stop = self.settings.stop
        self.advance((self.settings.epochs * self.steps_per_epoch if stop is None else stop) - self.step)
        return self

    def metrics(self):
        """Return losses, accuracies and penalty as a dict; what is not finite, or does not apply, is None."""
        train_loss, test_loss = self.losses()
        return {
            "train_loss": train_loss,
            "test_loss": test_loss,
            "train_accuracy": self.trainer.train_accuracy(),
            "test_accuracy": self.trainer.test_accuracy(),
            "penalty": _finite(self.trainer.penalty()),
        }

    def losses(self):
        """Return training and test loss, a point of the loss curves; None for what is not finite."""
        return _finite(self.trainer.train_loss()), _finite(self.trainer.test_loss())

    def _apply_pending(self):
        while self._pending and self._pending[0][0] <= self.step:
            self._apply(*self._pending.pop(0))

    def _apply(self, step, field, value):
        setattr(self.trainer, field, value)
        self.changes.append((step, field, value))


def _finite(value):
    """Messages and saved pages are JSON, which has no infinity."""
    return value if math.isfinite(value) else None
