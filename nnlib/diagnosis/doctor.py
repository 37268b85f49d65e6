"""The doctor: takes every measurement that applies to a network in training, and says what it means."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from math import floor, isfinite, log10

import numpy as np

from nnlib.diagnosis.curvature import largest_curvature
from nnlib.diagnosis.curves import constant_loss, growing, plateau
from nnlib.diagnosis.gradients import EXPLODING, VANISHING, gradient_norms, signal_ratio
from nnlib.diagnosis.units import dead_units, saturated_units
from nnlib.layers.walking import hidden_activations
from nnlib.network import Network
from nnlib.optimizers import SGD, Momentum, Nesterov
from nnlib.random import check_rng
from nnlib.wording import by_epoch

_SAMPLES = 1000  # at most so many for what takes several passes
# A bound takes about ten passes, and a lab's page has to wait for them: 0.3 s where parameters times samples are so
# many. A reader sees two digits of it.
_LARGEST_PASS, _PRODUCTS, _TOLERANCE = 4_000_000, 60, 1e-3
_CENTRED = ("identity", "sigmoid", "step", "sign", "tanh")  # for these Xavier's rule; He's for what is off on one side


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with a run.

    Attributes
    ----------
    name : str
        For programs, such as ``"diverged"``.
    text : str
        For readers: what, where, why, and what would cure it.
    cure : dict
        Settings that would help, such as ``{"learning_rate": 0.2}``; empty if none is known.
    """

    name: str
    text: str
    cure: dict = field(default_factory=dict)


def examine(trainer, losses=None, *, start=None, rng):
    """Return what is wrong with a run, a list of :class:`Diagnosis`, the most serious first; empty if all is well.

    ``diverged``
        Parameters or loss have left every useful range. Nothing else is measured then.
    ``growing``
        The losses grow (:func:`growing`), and by now by a tenth of what the best constant prediction would give.
    ``learning_rate``
        The rate is above 4/λmax, twice :func:`largest_stable_rate` (with momentum, that bound's counterpart). Between
        the two a run often jumps to where it is flatter and goes on well; beyond, it may diverge or lose units
        (Lewkowycz, Bahri, Dyer, Sohl-Dickstein, Gur-Ari, "The large learning rate phase", 2020).
    ``dead``, ``vanishing``, ``exploding``, ``saturated``
        At least half of a hidden layer's units are dead; :func:`signal_ratio` is out of range; at
        least half of a layer's units are saturated.
    ``plateau``
        The losses stand still (:func:`plateau`), and none of the above says why.

    The last two lines are ailments only of a network that does not learn: they are reported while the
    training loss is above half of what the best constant prediction would give.

    Dead units are counted on all training data. What takes several passes is measured on at most 1000 samples, evenly
    spaced; the curvature only if these times the parameters are at most 4 million, and for SGD, Momentum and Nesterov
    only, because other optimisers have no such bound.

    Parameters
    ----------
    trainer : Trainer
        Of one network. Nothing in it is changed.
    losses : sequence of float, optional
        Training losses so far, one for each epoch; without them growth and standing still are not looked for.
    start : array (P,), optional
        The initial parameters. After divergence the present ones tell nothing, so the bound is measured there.
    rng : generator
        For :func:`largest_curvature`.

    Raises
    ------
    ValueError
        If the trainer has many networks at once, or start does not fit or is not finite.
    """
    run = _Run(trainer, losses, start, check_rng(rng))
    if trainer.diagnosis() is not None or not isfinite(run.loss):
        return [_diverged(run)]
    found = [_growing(run) or _too_fast(run)]
    if run.loss > 0.5 * run.constant_loss:
        dead = _dead(run)
        found += [dead, None if dead else _signal(run), _saturated(run)]
        found += [] if any(found) else [_standing(run)]
    return [each for each in found if each]


class _Run:
    """A run with what several diagnoses ask for."""

    def __init__(self, trainer, losses, start, rng):
        network = trainer.network
        if not isinstance(network, Network):
            raise ValueError(f"one network at a time is examined, such as nets[0] with its data, not {network!r}")
        if start is not None and np.shape(start) != network.parameters.shape:
            raise ValueError(f"start has shape {np.shape(start)}, the network's parameters {network.parameters.shape}")
        if start is not None and not np.isfinite(start).all():
            raise ValueError("start holds parameters that are not finite; copy them before training begins")
        self.trainer, self.network, self.rate = trainer, network, trainer.rate
        self.losses = () if losses is None else losses
        self.start, self.rng = start, rng
        n, count = len(trainer.data.X), min(len(trainer.data.X), _SAMPLES)
        some = np.arange(count) * (n - 1) // max(1, count - 1)
        self.X, self.y = trainer.data.X[some], trainer.data.y[some]
        self.loss = trainer.train_loss()
        self.constant_loss = constant_loss(trainer.loss, trainer.data.y, network.outputs)
        self.initializer = (
            "xavier_uniform" if all(layer.activation.name in _CENTRED for layer in self.hidden) else "he_normal"
        )

    @property
    def hidden(self):
        return list(hidden_activations(self.network))

    @cached_property
    def bound(self):
        """The bound at the present weights; several findings mention it."""
        return self.bound_at(None)

    def bound_at(self, parameters):
        """Return the largest stable rate for the optimiser; inf where there is none or it is too dear to measure."""
        if not _bound(self.trainer.optimizer) or self.network.parameters.size * len(self.X) > _LARGEST_PASS:
            return np.inf
        network, trainer = self.at(parameters), self.trainer
        exactness = {"tolerance": _TOLERANCE, "limit": _PRODUCTS}
        curvature = largest_curvature(network, self.X, self.y, trainer.loss, trainer.l2, rng=self.rng, **exactness)
        return _bound(trainer.optimizer)[0] / curvature if curvature > 0 else np.inf

    def at(self, parameters):
        """Return the network, or a copy of it with other parameters."""
        if parameters is None:
            return self.network
        network = self.network.copy()
        network.parameters[...] = parameters
        return network

    def slower(self, bound):
        """Return a rate well below the bound, and at most a third of the present one."""
        # A single sample may be steeper than the mean: of 32 runs with batches of 1, one diverged at half the
        # bound and none at a quarter; with batches of 10 none diverged at 1.5 times the bound.
        margin = 2 if self.trainer.batch_size >= 10 or self.trainer.batch_size == len(self.trainer.data.X) else 4
        return rounded_down(min(bound / margin, self.trainer.learning_rate / 3))


def rounded_down(value):
    """Return a number with one digit, not above value: 0.29 → 0.2."""
    if value == 0:
        return 0.0
    digit = 10.0 ** floor(log10(value))
    return float(f"{floor(value / digit * (1 + 1e-12)) * digit:.0e}")


def _bound(optimizer):
    """Return the largest stable rate times λmax on a quadratic, and its formula; None without such a bound."""
    if type(optimizer) is SGD:
        return 2.0, "2/λmax"
    if type(optimizer) is Momentum:
        return 2 * (1 + optimizer.momentum), "2(1 + μ)/λmax"
    if type(optimizer) is Nesterov:
        return 2 * (1 + optimizer.momentum) / (1 + 2 * optimizer.momentum), "2(1 + μ)/((1 + 2μ)λmax)"
    return None


# --- diagnoses, the most serious first ----------------------------------------------------------------------


def _diverged(run):
    when = by_epoch(run.trainer.epoch, run.trainer.at_epoch_end)
    text = f"Training diverged {when}: the weights grew without bound. "
    bound = np.inf
    if run.start is not None:
        exploding = _signal(run, run.start)
        if exploding and exploding.name == "exploding":
            return Diagnosis("diverged", f"{text}{exploding.text}", exploding.cure)
        bound = run.bound_at(run.start)
    rate = run.slower(bound) if bound < np.inf else rounded_down(run.trainer.learning_rate / 10)
    return Diagnosis(
        "diverged",
        text + _reason(run, bound, "at the initial weights") + f" Restart with a rate of about {rate:g}.",
        {"learning_rate": rate},
    )


def _growing(run):
    if not growing(run.losses) or run.loss < np.min(run.losses) + 0.1 * run.constant_loss:
        return None
    bound = run.bound
    rate = run.slower(bound)
    return Diagnosis(
        "growing",
        f"The training loss grows: it is {run.loss:.2g}, and has been {min(run.losses):.2g}. "
        + _reason(run, bound, "at the present weights")
        + f" Lower it to about {rate:g}.",
        {"learning_rate": rate},
    )


def _too_fast(run):
    bound = run.bound
    if run.rate <= 2 * bound:
        return None
    rate = run.slower(bound)
    return Diagnosis(
        "learning_rate",
        _reason(run, bound, "at the present weights")
        + f" Steps overshoot along the steepest direction. Lower it to about {rate:g}.",
        {"learning_rate": rate},
    )


def _reason(run, bound, where):
    """Say how the rate stands to the bound 2/λmax."""
    if bound == np.inf:
        return f"The learning rate {run.rate:.2g} is too large for this network and these data."
    measured = f"{_bound(run.trainer.optimizer)[1]} = {bound:.2g}, measured {where} for the full batch"
    if run.rate > bound:
        return f"The learning rate {run.rate:.2g} is above {measured}."
    return f"The learning rate {run.rate:.2g} is below {measured}; but single batches or later places are steeper."


def _dead(run):
    where = _where(run, dead_units(run.network, run.trainer.data.X))
    if not where:
        return None
    functions = {layer.activation.name for layer in run.hidden}
    if functions & {"step", "sign"}:
        return Diagnosis(
            "dead",
            f"Dead units: {where}. Step and sign have slope 0 everywhere, so no gradient passes them. Choose tanh.",
            {"activation": "tanh", "init": "xavier_uniform"},
        )
    n = len(run.trainer.data.X)
    text = f"Dead units: {where}. Their slope is 0 on all {n} training samples, so they get no gradient. "
    bound = np.inf if run.start is None else run.bound_at(run.start)
    if run.rate > bound:
        text += _reason(run, bound, "at the initial weights") + " Its first steps were too long."
        cure = {"activation": "leaky_relu", "learning_rate": run.slower(bound)}
    else:
        text += "A smaller learning rate, or He's initial weights, kill fewer units."
        cure = {"activation": "leaky_relu"}
    return Diagnosis("dead", text + " leaky_relu has a slope everywhere.", cure)


def _signal(run, parameters=None):
    gradients = gradient_norms(run.at(parameters), run.X, run.y, run.trainer.loss)
    ratio, last = signal_ratio(gradients), gradients[-1].number
    if VANISHING <= ratio <= EXPLODING or np.isnan(ratio) or gradients[-1].signal == 0:
        return None
    cure = {"init": run.initializer}
    if ratio > EXPLODING:
        return Diagnosis(
            "exploding",
            f"The gradient explodes: from layer {last} back to layer 1 it grows {ratio:.1e} times, because "
            f"the weights are too large. Start with {run.initializer}, whose variance fits the layers' sizes.",
            cure,
        )
    share = f"only the share {ratio:.1e}" if ratio else "nothing"
    text = f"The gradient vanishes: of what leaves layer {last} {share} reaches layer 1, because "
    if any(layer.activation.name == "sigmoid" for layer in run.hidden):
        text += "sigmoid's slope is at most 1/4, once for each layer. Choose tanh with xavier_uniform, or fewer layers."
        return Diagnosis("vanishing", text, {"activation": "tanh", "init": "xavier_uniform"})
    text += f"weights and slopes are too small. Start with {run.initializer}, whose variance fits the layers' sizes."
    return Diagnosis("vanishing", text, cure)


def _saturated(run):
    where = _where(run, saturated_units(run.network, run.X))
    if not where:
        return None
    size = float(np.sqrt(np.mean(np.square(run.X))))
    return Diagnosis(
        "saturated",
        f"Saturated units: {where}. On 95 % of the samples their slope is below 1/20 of its largest value, so they "
        f"hardly learn. Start with smaller weights ({run.initializer}), a smaller learning rate, or inputs nearer to "
        f"size 1 (now {size:.2g}).",
        {"init": run.initializer},
    )


def _standing(run):
    if not plateau(run.losses):
        return None
    bound = run.bound
    text = f"The training loss stands still at {run.loss:.3g}; the best constant gives {run.constant_loss:.3g}. "
    if run.rate < bound / 10 < np.inf:
        rate = rounded_down(bound / 3)
        formula = _bound(run.trainer.optimizer)[1]
        text += f"The learning rate {run.rate:.2g} is far below {formula} = {bound:.2g}: raise it to about {rate:g}."
        return Diagnosis("plateau", text, {"learning_rate": rate})
    if not _bound(run.trainer.optimizer):
        return Diagnosis("plateau", text + "Try another learning rate, other initial weights, or more units.")
    text += "Try adam with a rate of 0.01, other initial weights, or more units."
    return Diagnosis("plateau", text, {"optimizer": "adam", "learning_rate": 0.01})


def _where(run, layers):
    """Name the layers at least half of whose units are marked: "5 of 8 in layer 2"."""
    numbers = hidden_activations(run.network).values()
    found = [(number, bad) for number, bad in zip(numbers, layers) if 2 * bad.sum() >= len(bad)]
    return "; ".join(f"{bad.sum()} of {len(bad)} in layer {number}" for number, bad in found)
