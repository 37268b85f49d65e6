"""The trainer: one network, or a stack of them, in training on a data set, step by step."""

from __future__ import annotations

from numbers import Real

import numpy as np

from nnlib.datasets import Dataset
from nnlib.diagnosis import Diagnosis
from nnlib.layers import Dropout, whole
from nnlib.layers.walking import leaves_of
from nnlib.optimizers import optimizer as resolve_optimizer
from nnlib.random import check_rng
from nnlib.regularizers import shrink
from nnlib.runs import Networks, own_data, runs_first
from nnlib.schedules import Constant
from nnlib.schedules import schedule as resolve_schedule
from nnlib.wording import by_epoch

#: A parameter of this size has left every useful range: training has diverged.
LARGEST_PARAMETER = 1e6

_BLOCK_BYTES = 2**20  # so many bytes of samples are brought into an epoch's order at a time: what a cache holds


class Trainer:
    """A network in training on a data set. ``learning_rate``, ``l1`` and ``l2`` may be changed between steps.

    A step takes the gradient of the mean loss over a batch, plus l2·w, shortened where its norm exceeds
    ``clip_norm``, through the optimiser; then the L1 part moves each weight towards 0 by η·l1 and
    stops there. Samples are reshuffled at the start of each epoch, unless a batch takes them all; the last
    batch of an epoch may be short, and its gradient is the mean over its own samples.

    Of many networks (:class:`~nnlib.runs.Networks`) each trains as it would alone, with a generator
    of equal seed: the order of the samples is the same for all. Reports are then arrays (R,). A
    member that has diverged by the end of an epoch, or when :meth:`diagnosis` is asked, stands still
    from then on.

    Parameters are those of :func:`nnlib.train`; with a schedule, ``epochs`` is the length of the run.

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
            batch_size = whole("batch_size (or None for all samples)", batch_size)
        samples = data.y.shape[-1]
        self.batch_size = min(batch_size or samples, samples)
        self.learning_rate, self.l1, self.l2 = learning_rate, l1, l2
        self.clip_norm = None if clip_norm is None else _clip_norm(clip_norm)
        self.schedule = resolve_schedule(schedule)
        if epochs is None and type(self.schedule) is not Constant:
            raise ValueError("a schedule divides a run of known length: pass epochs=… as well")
        self._steps = (epochs or 1) * -(-samples // self.batch_size)
        network.task = self._task = _task(network, data, self.loss)
        self._x, self._targets = network.samples(data.X, data.y, self.loss)
        self._x_test = self._test_targets = None
        if data.X_test is not None:
            self._x_test, self._test_targets = network.samples(data.X_test, data.y_test, self.loss)
        self._rng = check_rng(rng)
        self._dropout_rng = self._rng if dropout_rng is None else check_rng(dropout_rng)
        self._scratch = np.empty_like(network.parameters)
        self._weights = network.is_weight.astype(network.dtype)
        self._next = 0  # the sample in this epoch's order at which the next batch begins
        self._block = self.batch_size * max(1, _BLOCK_BYTES // (self.batch_size * self._x[:1].nbytes))
        self._shuffled, self._shuffled_targets = self._x, self._targets
        # The mean over all samples has no order; masks have, which are drawn for one sample after the other.
        self._shuffles = self.batch_size < samples or _draws_masks(network)
        if self._shuffles:
            self._shuffled, self._shuffled_targets = (
                np.empty_like(array[: self._block], order="C") for array in (self._x, self._targets)
            )
        self.step = self.epoch = 0
        self._diagnoses = [None] * len(network) if self._many else None
        self._frozen = np.zeros(len(network) if self._many else (), bool)
        self._kept = None  # the parameters of frozen members

    @property
    def learning_rate(self):
        """η, the length of a step; positive or 0. The same holds for l1 and l2, the penalty's strengths."""
        return _one_each(self._learning_rate)

    @learning_rate.setter
    def learning_rate(self, value):
        self._learning_rate = self.network.strength("learning_rate", value)

    @property
    def l1(self):
        """The strength of l1·Σ|w|; may be changed between steps."""
        return _one_each(self._l1)

    @l1.setter
    def l1(self, value):
        self._l1 = self.network.strength("l1", value)
        self._has_l1 = np.any(self._l1)

    @property
    def l2(self):
        """The strength of ½·l2·Σw²; may be changed between steps."""
        return _one_each(self._l2)

    @l2.setter
    def l2(self, value):
        self._l2 = self.network.strength("l2", value)
        self._has_l2 = np.any(self._l2)

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
        start = self._next % self._block
        if start == 0 and self._shuffles:
            self._shuffle()
        batch, rate = slice(start, min(start + self.batch_size, start + len(self._x) - self._next)), self._rate()
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

    def _shuffle(self):
        """Bring the next block of samples into this epoch's order."""
        if self._next == 0:
            self._order = self._rng.permutation(len(self._x))
        block = self._order[self._next : self._next + self._block]
        # "clip" writes straight into the buffer; new arrays of this size would cost page faults in every epoch.
        np.take(self._x, block, axis=0, out=self._shuffled[: len(block)], mode="clip")
        np.take(self._targets, block, axis=0, out=self._shuffled_targets[: len(block)], mode="clip")

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
        return self._diverged("Training", self._learning_rate) if self._out_of_range() else None

    def _out_of_range(self):
        return ~(np.abs(self.network.parameters).max(axis=-1) <= LARGEST_PARAMETER)  # True for NaN, too

    def _freeze(self):
        """Let members that have diverged stand still from now on, and note why."""
        new = self._out_of_range() & ~self._frozen
        if new.any():
            rates = np.broadcast_to(self.learning_rate, new.shape)
            for r in np.flatnonzero(new):
                self._diagnoses[r] = self._diverged(f"Run {r}", rates[r])
            self._frozen |= new
            self._kept = self.network.parameters[self._frozen]

    def _diverged(self, who, learning_rate):
        return Diagnosis(
            "diverged",
            f"{who} diverged {by_epoch(self.epoch, self.at_epoch_end)}: the weights grew without bound, because the "
            f"learning rate {learning_rate:g} is too large for this network and data. Lower it and restart.",
        )

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


def _data(network, data):
    if isinstance(data, Dataset):
        return data
    if isinstance(network, Networks) and all(isinstance(each, Dataset) for each in data):
        return own_data(data, network.runs)
    return Dataset(*data)


def _draws_masks(network):
    return not isinstance(network, Networks) and any(
        isinstance(layer, Dropout) for layer, _ in leaves_of(network.layers)
    )


def _one_each(value):
    """Return a number as it is, and a column (R, 1) as (R,)."""
    return value if isinstance(value, float) else value[:, 0].copy()


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
