"""Training: a generator of steps that the reader's own loop consumes.

``train`` yields once per epoch (or batch) and then waits, so that a loop can print, plot, stop or
change its mind between two steps. Metrics are computed when first read: a loop that only trains
pays for training only.
"""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real

import numpy as np

from nnlib.datasets import Dataset
from nnlib.optimizers import optimizer as resolve_optimizer
from nnlib.random import check_rng
from nnlib.regularizers import shrink, strength
from nnlib.runs import Networks, own_data, runs_first
from nnlib.schedules import Constant
from nnlib.schedules import schedule as resolve_schedule
from nnlib.stopping import EarlyStopping

#: A parameter of this size has left every useful range: training has diverged.
LARGEST_PARAMETER = 1e6

_BLOCK_BYTES = 2**26  # so many bytes of samples are brought into an epoch's order at a time


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with a run: a name for programs and a sentence for readers."""

    name: str
    text: str


class Trainer:
    """A network in training on a data set. ``learning_rate``, ``l1`` and ``l2`` may be changed between steps.

    A step takes the gradient of the mean loss over a batch, plus l2·w, shortened where its norm exceeds
    ``clip_norm``, through the optimiser; then the L1 part moves each weight towards 0 by η·l1 and
    stops there. Samples are reshuffled at the start of each epoch; the last batch of an epoch may be
    short, and its gradient is the mean over its own samples.

    Of many networks (:class:`~nnlib.runs.Networks`) each trains as it would alone, with a generator
    of equal seed: the order of the samples is the same for all. Reports are then arrays (R,). A
    member that has diverged by the end of an epoch, or when :meth:`diagnosis` is asked, stands still
    from then on.

    Parameters are those of :func:`train`.

    Attributes
    ----------
    step, epoch : int
        Batches done, and epochs finished.
    """

    def __init__(
        self, network, data, *, loss, optimizer, learning_rate, l1=0.0, l2=0.0, batch_size=10,
        clip_norm=None, schedule="constant", epochs=None, rng, dropout_rng=None,
    ):  # fmt: skip
        self.network = network
        self._many = isinstance(network, Networks)
        self.data = data = _data(network, data)
        self.loss = network.check_loss(loss)
        self.optimizer = resolve_optimizer(optimizer)
        if batch_size is not None:
            batch_size = _whole("batch_size", batch_size, 1, ", or None for all samples")
        samples = data.y.shape[-1]
        self.batch_size = min(batch_size or samples, samples)
        self.learning_rate, self.l1, self.l2 = learning_rate, l1, l2
        self.clip_norm = None if clip_norm is None else _clip_norm(clip_norm)
        self.schedule = resolve_schedule(schedule)
        if epochs is None and type(self.schedule) is not Constant:
            raise ValueError("a schedule divides a run of known length: pass epochs=… as well")
        self._steps = (epochs or 1) * -(-samples // self.batch_size)
        network.task = self._task = _task(network, data, self.loss)
        self._x, self._targets = self._encode(data.X, data.y)
        self._x_test = self._test_targets = None
        if data.X_test is not None:
            self._x_test, self._test_targets = self._encode(data.X_test, data.y_test)
        self._rng = check_rng(rng)
        self._dropout_rng = self._rng if dropout_rng is None else check_rng(dropout_rng)
        self._scratch = np.empty_like(network.parameters)
        self._weights = network.is_weight.astype(network.dtype)
        self._next = 0  # the sample in this epoch's order at which the next batch begins
        self._block = self.batch_size * max(1, _BLOCK_BYTES // (self.batch_size * self._x[:1].nbytes))
        self.step = self.epoch = 0
        self._diagnoses = [None] * len(network) if self._many else None
        self._frozen = np.zeros(len(network) if self._many else (), bool)
        self._kept = None  # the parameters of frozen members

    def _encode(self, X, y):
        network = self.network
        if self._many:
            return network.samples(X, y, self.loss)
        return network._inputs(X), self.loss.encode(y, network.outputs).astype(network.dtype)

    @property
    def learning_rate(self):
        """η, the length of a step; positive or 0. The same holds for l1 and l2, the penalty's strengths."""
        return _one_each(self._learning_rate)

    @learning_rate.setter
    def learning_rate(self, value):
        self._learning_rate = self._strength("learning_rate", value)

    @property
    def l1(self):
        return _one_each(self._l1)

    @l1.setter
    def l1(self, value):
        self._l1 = self._strength("l1", value)
        self._has_l1 = np.any(self._l1)

    @property
    def l2(self):
        return _one_each(self._l2)

    @l2.setter
    def l2(self, value):
        self._l2 = self._strength("l2", value)
        self._has_l2 = np.any(self._l2)

    def _strength(self, name, value):
        return self.network.strength(name, value) if self._many else strength(name, value)

    @property
    def rate(self):
        """The rate of the next step: η times the schedule's factor."""
        return _one_each(self._rate())

    def _rate(self):
        return self._learning_rate * self.schedule.factor(self.step, self._steps)

    def advance(self, batches=1):
        """Do some training steps."""
        self.network.draw_from(self._dropout_rng)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # divergence is a diagnosis
            for _ in range(batches):
                self._batch()

    def advance_epoch(self):
        """Train to the end of the current epoch."""
        self.advance(-(-(len(self._x) - self._next) // self.batch_size))

    @property
    def at_epoch_end(self):
        """Whether the last step ended an epoch."""
        return self._next == 0

    def _batch(self):
        network = self.network
        if self._next == 0:
            self._order = self._rng.permutation(len(self._x))
        start = self._next % self._block
        if start == 0:
            block = self._order[self._next : self._next + self._block]
            self._shuffled, self._shuffled_targets = self._x[block], self._targets[block]
        batch, rate = slice(start, start + self.batch_size), self._rate()
        network.backpropagate(self._shuffled[batch], self._shuffled_targets[batch], self.loss)
        if self._has_l2:
            np.multiply(network.parameters, self._weights, out=self._scratch)
            self._scratch *= self._l2
            network.gradient += self._scratch
        if self.clip_norm is not None:
            norm = np.linalg.norm(network.gradient, axis=-1, keepdims=True)
            network.gradient *= np.minimum(1, self.clip_norm / norm)
        self.optimizer.step(network.parameters, network.gradient, rate, self._weights)
        if self._has_l1:
            shrink(network.parameters, rate * self._l1 * self._weights)
        if self._kept is not None:
            network.parameters[self._frozen] = self._kept
        self.step += 1
        self._next += self.batch_size
        if self._next >= len(self._x):
            self._next = 0
            self.epoch += 1
            if self._many:
                self._freeze()

    def train_loss(self):
        """Return the mean loss over all training samples, without penalty."""
        return self._mean_loss(self._x, self._targets)

    def test_loss(self):
        """Return the mean loss over the test samples; None without a test part."""
        return None if self._x_test is None else self._mean_loss(self._x_test, self._test_targets)

    def train_accuracy(self):
        """Return the share of training samples predicted right; None for a regression."""
        return self._accuracy(self.data.X, self.data.y)

    def test_accuracy(self):
        """Return the share of test samples predicted right; None for a regression or without a test part."""
        return self._accuracy(self.data.X_test, self.data.y_test)

    def penalty(self):
        """Return l1·Σ|w| + ½·l2·Σw²."""
        return self.network.penalty(self.l1, self.l2)

    def diagnosis(self):
        """Return what is wrong with the run, or None; for many networks a tuple, one entry for each."""
        if self._many:
            self._freeze()
            return tuple(self._diagnoses)
        return _diverged("Training", self.epoch, self._learning_rate) if self._out_of_range() else None

    def _out_of_range(self):
        return ~(np.abs(self.network.parameters).max(axis=-1) <= LARGEST_PARAMETER)  # True for NaN, too

    def _freeze(self):
        """Let members that have diverged stand still from now on, and note why."""
        new = self._out_of_range() & ~self._frozen
        if new.any():
            rates = np.broadcast_to(self.learning_rate, new.shape)
            for r in np.flatnonzero(new):
                self._diagnoses[r] = _diverged(f"Run {r}", self.epoch, rates[r])
            self._frozen |= new
            self._kept = self.network.parameters[self._frozen]

    def _mean_loss(self, x, targets):
        with np.errstate(all="ignore"):
            values = self.loss.mean(self.network.evaluate(x), runs_first(targets))
        values = np.where(np.isfinite(values) & ~self._frozen, np.asarray(values, np.float64), np.inf)
        return values if self._many else float(values)

    def _accuracy(self, X, y):
        if X is None or self._task == "regression":
            return None
        labels = np.where(y > 0, 1, -1) if self._task == "binary" else y
        with np.errstate(all="ignore"):
            shares = np.mean(self.network.predict(X) == labels, axis=-1)
        return shares if self._many else float(shares)


class Step:
    """Where training stands. Metrics are computed when first read, and must be read before training goes on.

    Attributes
    ----------
    step, epoch : int
        Batches done, and epochs finished.
    learning_rate : float
        The rate of the next step, schedule included.
    train_loss, test_loss : float
        Mean losses without penalty; infinite when training has diverged. test_loss is None without a test part.
    train_accuracy, test_accuracy : float or None
        Shares predicted right; None for a regression.
    penalty : float
        l1·Σ|w| + ½·l2·Σw².
    diagnosis : Diagnosis or None
        What is wrong, if anything.

    Of many networks, losses, accuracies, penalties and rates are arrays (R,), and the diagnosis is a tuple.
    """

    def __init__(self, trainer, diagnosis):
        self._trainer = trainer
        self.step, self.epoch, self.diagnosis = trainer.step, trainer.epoch, diagnosis
        self.learning_rate = trainer.rate

    def __getattr__(self, name):
        if name not in ("train_loss", "test_loss", "train_accuracy", "test_accuracy", "penalty"):
            raise AttributeError(f"a Step has no attribute {name!r}")
        if self._trainer.step != self.step:
            raise RuntimeError(f"step.{name} must be first read before training goes on to the next step")
        value = getattr(self._trainer, name)()
        setattr(self, name, value)
        return value

    def __repr__(self):
        return f"<Step {self.step}, epoch {self.epoch}>"


def train(
    network,
    data,
    *,
    loss="mse",
    optimizer="sgd",
    learning_rate=0.03,
    schedule="constant",
    l1=0.0,
    l2=0.0,
    clip_norm=None,
    batch_size=10,
    epochs=100,
    early_stopping=None,
    every="epoch",
    rng,
    dropout_rng=None,
):
    """Train a network, or many at once, and yield a :class:`Step` after each epoch (or batch, with ``every="batch"``).

    Parameters
    ----------
    network : Network or Networks
    data : Dataset, or a pair (X, y)
        For many networks also a list of data sets of one size, each member's own.
    loss, optimizer, schedule : names, or a Loss, an optimiser, a schedule
    learning_rate, l1, l2 : float, or for many networks also an array (R,)
        η and the strengths of the penalty ``l1·Σ|w| + ½·l2·Σw²`` over weights; both together are the
        elastic net's.
    clip_norm : float, optional
        Gradients longer than this are shortened to it: g ← g·min(1, clip_norm/‖g‖), over all
        parameters together (Pascanu, Mikolov, Bengio 2013).
    batch_size : int or None
        Samples per step; None takes all.
    early_stopping : EarlyStopping or int, optional
        Ends training when the test loss has not improved for so many epochs. The last step's
        network, and its losses, are then those of the best epoch.
    rng : generator
        Draws the order of the samples, a new one each epoch.
    dropout_rng : generator, optional
        Draws dropout's masks; without it ``rng`` does.

    The last step of a run that diverged carries a diagnosis; then training stops by itself. Of many
    networks a member that diverged stands still and has an infinite loss from then on, the others
    go on as if it were not there, and training stops when all have diverged.

    Raises
    ------
    ValueError
        For unknown names, data or values that do not fit.
    """
    if every not in ("epoch", "batch"):
        raise ValueError(f"every must be 'epoch' or 'batch', not {every!r}")
    epochs = _whole("epochs", epochs, 0)
    trainer = Trainer(
        network, data, loss=loss, optimizer=optimizer, learning_rate=learning_rate, schedule=schedule, l1=l1, l2=l2,
        clip_norm=clip_norm, batch_size=batch_size, epochs=epochs, rng=rng, dropout_rng=dropout_rng,
    )  # fmt: skip
    if early_stopping is not None:
        if isinstance(network, Networks):
            raise ValueError("early stopping ends the training of one network; of many, each would end elsewhere")
        if trainer.data.X_test is None:
            raise ValueError("early stopping watches the test loss: split the data first, data.split(0.8, rng=…)")
        if not isinstance(early_stopping, EarlyStopping):
            early_stopping = EarlyStopping(early_stopping)
    return _steps(trainer, epochs, every, early_stopping)


def _steps(trainer, epochs, every, stopping):
    while trainer.epoch < epochs:
        if every == "epoch":
            trainer.advance_epoch()
        else:
            trainer.advance()
        step = Step(trainer, trainer.diagnosis())
        if stopping and trainer.at_epoch_end:
            stopping.watch(trainer.network, trainer.epoch, step.test_loss)
        lost = all(step.diagnosis) if isinstance(step.diagnosis, tuple) else step.diagnosis
        last = lost or trainer.epoch == epochs or (stopping and stopping.stopped)
        if stopping and last:
            stopping.restore(trainer.network)
            step = Step(trainer, step.diagnosis)
        yield step
        if last:
            return


def _data(network, data):
    if isinstance(data, Dataset):
        return data
    if isinstance(network, Networks) and all(isinstance(each, Dataset) for each in data):
        return own_data(data, network.runs)
    return Dataset(*data)


def _one_each(value):
    """Return a number as it is, and a column (R, 1) as (R,)."""
    return value if isinstance(value, float) else value[:, 0].copy()


def _diverged(who, epochs, learning_rate):
    return Diagnosis(
        "diverged",
        f"{who} diverged after {epochs} epochs: the weights grew without bound, because the learning rate "
        f"{learning_rate:g} is too large for this network and data. Lower it and restart.",
    )


def _task(network, data, loss):
    """Return how to read the outputs. To a binary loss or network, 0 and 1 are two labels."""
    if loss.kind == "signs" or (network.task == "binary" and np.isin(data.y, (0, 1)).all()):
        return "binary"
    if data.task == "multiclass" and network.outputs == 1:
        raise ValueError(
            f"the data have {data.classes} classes, but the network has 1 output; give it one for each class"
        )
    return data.task


def _clip_norm(value):
    if isinstance(value, bool) or not isinstance(value, Real) or not value > 0:
        raise ValueError(f"clip_norm must be a positive number, or None for no clipping, not {value!r}")
    return float(value)


def _whole(name, value, least, otherwise=""):
    if isinstance(value, bool) or not isinstance(value, Real) or value < least or value // 1 != value:
        raise ValueError(f"{name} must be a whole number of {least} or more{otherwise}, not {value!r}")
    return int(value)
