"""Linear models as networks with one layer, and the mathematics that belongs to them.

Linear regression, logistic regression, softmax regression and the perceptron are all z = x W + b; they
differ in what z is taken for and in the loss. :data:`MODELS` sets them side by side, with the multilayer
perceptron as the fifth; every entry makes a network that ``nnlib.train`` trains with the entry's loss.
Beside them stand the closed form of linear regression, standardised inputs, log-sum-exp and the
Jacobian of softmax.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from nnlib.activations import softmax
from nnlib.building import mlp
from nnlib.datasets.dataset import Dataset
from nnlib.random import CounterGenerator
from nnlib.regularizers import strength


@dataclass(frozen=True)
class Model:
    """A row of the table of models.

    Attributes
    ----------
    name, task, loss : str
        ``task`` as in :class:`~nnlib.datasets.Dataset`; ``loss`` is the name to train with.
    formula, objective : str
        The prediction, and what training minimises for one sample; TeX. The network's output is z.
    output, geometry, remarks : str
        How the output is read, what the model draws, and how it is related to the others.
    make : callable
        ``make(d)``, ``make(d, classes)`` where task is multiclass; ``make(d, rng=…)`` for the multilayer perceptron.

    Examples
    --------
    >>> model = MODELS["logistic_regression"]
    >>> network = model.make(2)
    >>> for step in nnlib.train(network, data, loss=model.loss, rng=rng): ...  # doctest: +SKIP
    """

    name: str
    task: str
    loss: str
    formula: str
    objective: str
    output: str
    geometry: str
    remarks: str
    make: Callable


def linear_regression(d):
    """Return a network of one ``identity`` unit on d inputs: ŷ = x·w + b. Train it with ``"mse"``.

    Like every linear model here it starts from zeros: one layer has no symmetry to break, and its
    objective is convex.
    """
    return _one_layer(d, 1, "regression")


def logistic_regression(d):
    """Return a network of one unit on d inputs whose output z = x·w + b is a logit: P(y = +1) = σ(z).

    Train it with ``"binary_cross_entropy"``. z/‖w‖ is the signed distance from the boundary, so P grows from ½
    with distance × ‖w‖.
    """
    return _one_layer(d, 1, "binary")


def softmax_regression(d, classes):
    """Return a network of ``classes`` units on d inputs whose outputs are logits: P(y = c) = softmax(x W + b)_c.

    Train it with ``"cross_entropy"``. Column c of W is the template of class c. For two classes it is logistic
    regression with w = W₁ − W₀.

    Raises
    ------
    ValueError
        For d < 1 or fewer than two classes.
    """
    if isinstance(classes, bool) or not isinstance(classes, int | np.integer) or classes < 2:
        raise ValueError(f"classes must be a whole number of 2 or more, not {classes!r}")
    return _one_layer(d, classes, "multiclass")


def _threshold_unit(d):
    return _one_layer(d, 1, "binary")


def _multilayer_perceptron(d, hidden=8, *, rng):
    return mlp([d, hidden, 1], "tanh", rng=rng, task="binary")


def _one_layer(d, outputs, task):
    return mlp([d, outputs], init="zeros", task=task, rng=CounterGenerator(0))  # zeros draws nothing from it


_ENTRIES = (
    Model(
        "linear_regression", "regression", "mse",
        r"\hat y = x \cdot w + b", r"(\hat y - y)^2",
        "A number, as it is.", "A plane over the inputs.",
        "Its least-squares answer has a closed form; so there is something to compare gradient descent with.",
        linear_regression,
    ),
    Model(
        "logistic_regression", "binary", "binary_cross_entropy",
        r"P(y = +1) = \sigma(x \cdot w + b)", r"\ln(1 + e^{-y z})",
        "A logit; the sigmoid makes it a probability.", "A straight boundary where P is ½, and a slope across it.",
        "Linear regression's unit with another loss. On separable classes ‖w‖ grows without end unless penalised.",
        logistic_regression,
    ),
    Model(
        "softmax_regression", "multiclass", "cross_entropy",
        r"P(y = c) = \mathrm{softmax}(x W + b)_c", r"-\ln \mathrm{softmax}(z)_y",
        "A logit for each class; softmax makes them probabilities.", "A straight boundary between any two classes.",
        "Logistic regression for many classes; with two classes it is the same model, one column too many.",
        softmax_regression,
    ),
    Model(
        "perceptron", "binary", "perceptron",
        r"\hat y = \mathrm{sign}(x \cdot w + b)", r"\max(0, -y z)",
        "A label: the sign of z, +1 at 0.", "A straight boundary; any that separates will do.",
        "Logistic regression's unit without probabilities; its rule stops at the first boundary without a mistake.",
        _threshold_unit,
    ),
    Model(
        "multilayer_perceptron", "binary", "binary_cross_entropy",
        r"P(y = +1) = \sigma(f(x W_1 + b_1) \cdot w_2 + b_2)", r"\ln(1 + e^{-y z})",
        "As its last layer's: here a logit.", "A curved boundary: straight ones, one for each hidden unit, blended.",
        "Logistic regression on features that are learned. No perceptron rule: its units must have slopes.",
        _multilayer_perceptron,
    ),
)  # fmt: skip

#: name → Model: the five models side by side.
MODELS = {entry.name: entry for entry in _ENTRIES}

#: name → Model: the four of them that have one layer.
LINEAR_MODELS = {name: model for name, model in MODELS.items() if name != "multilayer_perceptron"}


def least_squares(X, y, l2=0.0):
    """Return w (d,) and b that minimise mean((X w + b − y)²) + ½·l2·Σw²; b is not penalised.

    This is the minimum that training with loss ``"mse"`` and the same ``l2`` approaches. With both means
    subtracted b drops out; the rest is the least-squares problem of the rows X/√n over √(l2/2)·I and the
    values y/√n over 0, solved by the singular values of that matrix. The normal equations XᵀX w = Xᵀy
    would square its condition number and lose half of the digits. Where l2 = 0 leaves many minima (more
    columns than rows, a column twice), the w of least length is returned.

    Raises
    ------
    ValueError
        If shapes do not fit, a number is not finite, or l2 is negative.

    References
    ----------
    Hoerl, Kennard, "Ridge regression: biased estimation for nonorthogonal problems", Technometrics 12, 1970.
    """
    data, l2 = Dataset(X, y, "regression"), strength("l2", l2)
    X, y = data.X.astype(np.float64), data.y
    n, d = X.shape
    x_mean, y_mean = X.mean(axis=0), y.mean()
    rows, values = (X - x_mean) / np.sqrt(n), (y - y_mean) / np.sqrt(n)
    if l2:
        rows, values = np.vstack([rows, np.sqrt(l2 / 2) * np.eye(d)]), np.append(values, np.zeros(d))
    w = np.linalg.lstsq(rows, values, rcond=None)[0]
    return w, float(y_mean - x_mean @ w)


def standardise(data):
    """Return the Dataset with columns of mean 0 and standard deviation 1 over the training part.

    x ← (x − mean)/std, with the population's std (divided by n). The test part is transformed by the
    *training* part's mean and std, so it comes out near 0 and 1 only: statistics taken over it, too, would
    leak what is to be predicted into the model, and a single new point has no statistics. A column
    that is constant in the training part is left as it is in both. Split first, then standardise.

    Steps of one learning rate suit all columns only if they have like scales; that is the reason to do it.
    """
    X = data.X.astype(np.float64)
    mean, std = X.mean(axis=0), X.std(axis=0)
    # Rounding gives a constant column a mean slightly off and a tiny std: so compare its ends.
    constant = (X.max(axis=0) == X.min(axis=0)) | (std == 0)
    mean, std = np.where(constant, 0, mean), np.where(constant, 1, std)

    def transformed(X):
        return None if X is None else ((X - mean) / std).astype(X.dtype)

    return replace(data, X=transformed(data.X), X_test=transformed(data.X_test))


def logsumexp(z, axis=-1):
    """Return ln Σⱼ exp(zⱼ) along an axis, which is summed away: a smooth maximum, at most ln C above it.

    The largest entry m is taken out, m + ln Σⱼ exp(zⱼ − m): exp cannot overflow, and one term of the sum
    is 1, so the logarithm cannot see 0. Its gradient is softmax(z).
    """
    z = np.asarray(z, dtype=np.float64)
    largest = z.max(axis=axis, keepdims=True)
    largest = np.where(np.isfinite(largest), largest, 0)  # −∞ − (−∞) would be NaN
    with np.errstate(divide="ignore"):  # all of them −∞: ln 0 = −∞ is right
        total = np.log(np.exp(z - largest).sum(axis=axis, keepdims=True))
    return np.squeeze(total + largest, axis=axis)


def softmax_jacobian(z):
    """Return ∂softmax(z)ᵢ/∂zⱼ = pᵢ·([i = j] − pⱼ), that is diag(p) − p pᵀ: (…, C) → (…, C, C).

    Symmetric; rows and columns sum to 0, because adding a constant to all logits changes nothing.
    """
    p = softmax(np.asarray(z, dtype=np.float64))
    return p[..., None] * (np.eye(p.shape[-1]) - p[..., None, :])
