"""A run: the training that a lab's settings describe, from the first weight to the last step.

The page engine's ``training.js`` is its twin. Both take data, split, weights and batch order from
separate streams of one seed, so the same settings show the same run everywhere.
"""

from __future__ import annotations

import math

from nnlib.building import mlp, sequential
from nnlib.datasets import TOY, Dataset, corners
from nnlib.labs.features import PLAIN, compute_features
from nnlib.labs.own_points import own_data
from nnlib.labs.settings import check_change, parameter_index
from nnlib.layers import Activate, BatchNorm, Dense, Dropout
from nnlib.losses import LOSSES
from nnlib.random import CounterGenerator
from nnlib.stopping import EarlyStopping
from nnlib.trainer import Trainer


def make_data(settings):
    """Return the data set of the settings, split into a training and a test part."""
    if settings.dataset == "own":
        return own_data(settings)
    if settings.dataset == "corners":
        return corners()
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
    return [len(settings.features), *settings.hidden_widths, outputs]


def make_inputs(settings, data):
    """Return the data set whose rows are what the network is given: the features of each point."""
    if settings.features == PLAIN:
        return data
    X, X_test = (compute_features(settings.features, points) for points in (data.X, data.X_test))
    return Dataset(X, data.y, data.task, data.names, X_test, data.y_test, settings.features)


def make_network(settings, data):
    """Return the untrained network. A hidden layer is Dense, BatchNorm, Activate, Dropout, in this order."""
    output, _ = output_and_loss(settings, data.task)
    inputs, *hidden, outputs = widths(settings, data)
    start = {"init": settings.init, "bias": settings.bias, "rng": CounterGenerator(settings.seed, "weights")}
    if not settings.batch_norm and not settings.dropout:
        return mlp([inputs, *hidden, outputs], activation=settings.hidden_activations, output=output, **start)
    layers = []
    for units, activation in zip(hidden, settings.hidden_activations):
        layers += [Dense(units), *([BatchNorm()] if settings.batch_norm else []), Activate(activation)]
        layers += [Dropout(settings.dropout)] if settings.dropout else []
    layers += [Dense(outputs), *([Activate(output)] if output != "identity" else [])]
    return sequential(inputs, layers, **start)


def without_unknown_parameters(settings):
    """Return (settings, problems): changes that set a parameter which the network does not have are left out."""
    if all(parameter_index(field) is None for _, field, _ in settings.changes):
        return settings, []
    run, kept, problems = Run(settings.with_(changes=(), stop=None)), [], []
    for change in settings.changes:
        try:
            run._check_index(change[1])
            kept.append(change)
        except ValueError as error:
            problems.append(f"{error}.")
    return settings.with_(changes=tuple(kept)), problems


class Run:
    """One training run.

    Attributes
    ----------
    settings : Settings
        As they were at the start; ``changes`` holds what has changed since.
    data, network, trainer : what is learned from, what learns, and who teaches
    inputs : Dataset
        The data as the network sees them: features instead of points; ``data`` itself where these are the same.
    diagnosis : Diagnosis or None
        Set when training cannot go on.
    stopped_early : bool
        Whether early stopping has ended the run: the weights are then again those of epoch ``best_epoch``.
    best_epoch : int or None
        The epoch of the lowest test loss so far; None without early stopping.
    """

    def __init__(self, settings):
        self.settings = settings
        self.data = make_data(settings)
        self.inputs = make_inputs(settings, self.data)
        _, loss = output_and_loss(settings, self.data.task)
        self.network = make_network(settings, self.data)
        self.trainer = Trainer(
            self.network,
            self.inputs,
            loss=loss,
            optimizer=settings.optimizer,
            learning_rate=settings.learning_rate,
            l1=settings.l1,
            l2=settings.l2,
            batch_size=settings.batch_size,
            rng=CounterGenerator(settings.seed, "order"),
            dropout_rng=CounterGenerator(settings.seed, "dropout"),
        )
        self.changes = []
        self.diagnosis = None
        for _, field, _ in settings.changes:
            self._check_index(field)
        self._pending = list(settings.changes)
        self._stopping = EarlyStopping(settings.early_stopping) if settings.early_stopping else None
        self._last_point = None
        self.stopped_early = False
        self._watch()
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

    @property
    def ended(self):
        """Whether there is no next step: training has diverged, or early stopping has ended it."""
        return self.diagnosis is not None or self.stopped_early

    @property
    def best_epoch(self):
        return self._stopping.best_epoch if self._stopping else None

    def evaluate(self, points):
        """Return the network's outputs for points (n, 2) of the plane."""
        features = self.settings.features
        return self.network(points if features == PLAIN else compute_features(features, points))

    def advance(self, batches=1):
        """Do training steps, taking logged changes at their step; ends where the run ends."""
        end = self.step + batches
        while self.step < end and not self.ended:
            # While a run trains, divergence is looked for at the end of each epoch, in both engines.
            next_epoch = (self.epoch + 1) * self.steps_per_epoch
            next_change = self._pending[0][0] if self._pending else end
            self.trainer.advance(min(end, next_epoch, next_change) - self.step)
            if self.step == next_epoch:
                self.look()
                self._watch()
            # After the look at the epoch: whoever sets a parameter has seen the epoch end.
            if not self.ended:
                self._apply_pending()

    def look(self):
        """Look whether training has diverged: at the end of an epoch, and within one where the run comes to rest."""
        self.diagnosis = self.trainer.diagnosis()

    def advance_epoch(self):
        """Train to the end of the current epoch."""
        self.advance((self.epoch + 1) * self.steps_per_epoch - self.step)

    def change(self, field, value):
        """Change learning rate or penalty from here on, or set one parameter (``"p17"``) by hand, and log it."""
        value = check_change(field, value)
        self._check_index(field)
        self._pending = []  # what was logged for later belongs to a future that now does not happen
        self._apply(self.step, field, value)

    def to_end(self):
        """Train to ``settings.stop``, or through ``settings.epochs``, and rest there."""
        stop = self.settings.stop
        self.advance((self.settings.epochs * self.steps_per_epoch if stop is None else stop) - self.step)
        self.look()
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
        """Return training and test loss; None for what is not finite."""
        return _finite(self.trainer.train_loss()), _finite(self.trainer.test_loss())

    def curve_point(self):
        """Return [epoch, losses and accuracies on the training and the test part], a point of the curves.

        Where early stopping has ended the run, they are those of its last epoch, before the best
        weights came back: the curve shows why it ended.
        """
        if self._last_point:
            return self._last_point
        return [self.epoch, *self.losses(), self.trainer.train_accuracy(), self.trainer.test_accuracy()]

    def _watch(self):
        """Look at the test loss after an epoch; where patience has run out, go back to the best weights."""
        if self._stopping is None or self.diagnosis:
            return
        self._stopping.watch(self.network, self.epoch, self.trainer.test_loss())
        if self._stopping.stopped:
            self._last_point = self.curve_point()
            self._stopping.restore(self.network)
            self.stopped_early = True

    def _apply_pending(self):
        while self._pending and self._pending[0][0] <= self.step:
            self._apply(*self._pending.pop(0))

    def _check_index(self, field):
        index, count = parameter_index(field), self.network.parameters.size
        if index is not None and index >= count:
            raise ValueError(f"{field} is no parameter of this network, which has {count}: p0 to p{count - 1}")

    def _apply(self, step, field, value):
        index = parameter_index(field)
        if index is None:
            setattr(self.trainer, field, value)
        else:
            self.network.parameters[index] = value
        self.changes.append((step, field, value))


def _finite(value):
    """Messages and saved pages are JSON, which has no infinity."""
    return value if math.isfinite(value) else None
