"""Losses: what a network's outputs cost, and the gradient of that cost.

Every loss is a mean over all elements of the outputs (over samples for cross-entropy), so that its
size does not depend on the batch size. ``binary_cross_entropy`` and ``cross_entropy`` take
*logits*, the outputs before any squashing: sigmoid or softmax and the logarithm are fused, which
is stable and makes the gradient simply p − t.

Targets: numbers for regression; −1/+1 or 0/1 for binary losses; class numbers 0 … C−1 for
cross_entropy. :meth:`Loss.encode` brings them to the shape the formulas work on, once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nnlib.activations import softmax
from nnlib.registry import lookup


@dataclass(frozen=True)
class Loss:
    """A loss: value and gradient over outputs (…, n, k) and encoded targets (n, k).

    Attributes
    ----------
    name : str
        What :data:`LOSSES` knows it by.
    elements : callable
        ``elements(o, t)``: the losses whose mean is the value.
    slope : callable
        ``slope(o, t, out)`` writes ∂(element)/∂o into out, before the division by their number.
    kind : str
        ``"numbers"``, ``"signs"`` (binary) or ``"classes"``: how targets are read.
    takes_logits : bool
        Then the network's output must be ``identity``.
    formula, remarks : str
        One element's loss in TeX, and when to use it.
    """

    name: str
    formula: str
    remarks: str
    kind: str
    takes_logits: bool
    elements: Callable
    slope: Callable

    def encode(self, y, outputs):
        """Return targets y as a float array (n, outputs), checked.

        Raises
        ------
        ValueError
            If the shape does not fit, a value is not finite, or a label is not one of the allowed.
        """
        y = np.asarray(y)
        if not (np.issubdtype(y.dtype, np.number) or y.dtype == bool):
            raise ValueError(f"targets must be numbers, not {y.dtype}")
        if y.size and not np.isfinite(y).all():
            row = int(np.argwhere(~np.isfinite(y))[0, 0])
            raise ValueError(f"target in row {row} is not a finite number")
        return _ENCODERS[self.kind](self, y, outputs)

    def value(self, outputs, y):
        """Return the mean loss of outputs (n, k) or (n,) against targets y: a float."""
        o, t = self._pair(outputs, y)
        return float(self.mean(o, t))

    def gradient(self, outputs, y):
        """Return ∂value/∂outputs, in the shape of outputs."""
        o, t = self._pair(outputs, y)
        out = np.empty_like(o)
        self.backward(o, t, out)
        return out.reshape(np.shape(outputs))

    def _pair(self, outputs, y):
        """Return outputs as columns and targets encoded, one row each for every sample."""
        o = _columns(outputs)
        t = self.encode(y, o.shape[-1])
        if len(t) != o.shape[-2] or not len(t):
            raise ValueError(
                f"{self.name}: there are {o.shape[-2]} outputs and {len(t)} targets; one each per sample is needed"
            )
        return o, t

    def mean(self, o, t):
        """Return the mean over the last two axes, targets already encoded."""
        # Outputs of a diverging network overflow here; that is reported as a diagnosis, not as a warning.
        with np.errstate(over="ignore", invalid="ignore"):
            losses = self.elements(o, t)
            return losses.mean(axis=-1) if losses.ndim == o.ndim - 1 else losses.mean(axis=(-2, -1))

    def backward(self, o, t, out):
        """Write ∂mean/∂o into out, targets already encoded."""
        self.slope(o, t, out)
        out *= 1 / (o.shape[-2] if self.kind == "classes" else o.shape[-2] * o.shape[-1])


def loss(name_or_loss):
    """Return the Loss of a name; a Loss is returned as it is. Unknown names raise ValueError."""
    return name_or_loss if isinstance(name_or_loss, Loss) else lookup(LOSSES, name_or_loss, "loss")


def _columns(outputs):
    outputs = np.asarray(outputs)
    if outputs.dtype not in (np.float32, np.float64):
        outputs = outputs.astype(np.float64)
    return outputs[:, None] if outputs.ndim == 1 else outputs


def _numbers(loss, y, outputs):
    t = _columns(y)
    if t.ndim != 2 or t.shape[1] != outputs:
        raise ValueError(f"{loss.name}: targets have shape {y.shape}, but the network has {outputs} output(s)")
    return t


def _signs(loss, y, outputs):
    t = _numbers(loss, y, outputs)
    wrong = ~np.isin(t, (-1.0, 0.0, 1.0))
    if wrong.any():
        row = int(np.argwhere(wrong)[0, 0])
        raise ValueError(f"{loss.name}: labels must be −1/+1 or 0/1, but row {row} holds {t[row].tolist()}")
    if (t == 0).any() and (t == -1).any():
        raise ValueError(f"{loss.name}: labels mix 0 and −1; use −1/+1 or 0/1, not both")
    return np.where(t > 0, 1.0, -1.0)


def _classes(loss, y, outputs):
    if y.ndim == 2 and y.shape[1] == outputs:  # one-hot rows or probabilities
        return y.astype(np.float64)
    if y.ndim != 1:
        raise ValueError(f"{loss.name}: targets have shape {y.shape}; expected (n,) class numbers or (n, {outputs})")
    wrong = (y != np.floor(y)) | (y < 0) | (y >= outputs)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"{loss.name}: row {row} holds class {y[row]}; {outputs} outputs allow 0 … {outputs - 1}")
    return np.eye(outputs)[y.astype(np.intp)]


_ENCODERS = {"numbers": _numbers, "signs": _signs, "classes": _classes}


# --- elements and slopes side by side -----------------------------------------------------------------------


def _squared(o, t):
    return (o - t) ** 2


def _squared_slope(o, t, out):
    np.subtract(o, t, out=out)
    out *= 2


def _half_squared(o, t):
    return 0.5 * (o - t) ** 2


def _half_squared_slope(o, t, out):
    np.subtract(o, t, out=out)


def _binary_cross_entropy(o, t):
    # −ln σ(t·o) = ln(1 + e^{−t·o}) for t = ±1, as max(m, 0) + log1p(e^{−|m|}) with m = −t·o.
    m = -t * o
    return np.maximum(m, 0) + np.log1p(np.exp(-np.abs(m)))


def _binary_cross_entropy_slope(o, t, out):
    m = t * o
    e = np.exp(-np.abs(m))
    out[...] = -t * np.where(m >= 0, e, 1) / (1 + e)  # −t·σ(−t·o)


def _cross_entropy(o, t):
    shifted = o - o.max(axis=-1, keepdims=True)
    of_targets = np.where(t == 0, 0, t * shifted)  # a class without a share costs nothing, be its logit −∞
    return np.log(np.exp(shifted).sum(axis=-1)) * t.sum(axis=-1) - of_targets.sum(axis=-1)


def _cross_entropy_slope(o, t, out):
    out[...] = softmax(o) * t.sum(axis=-1, keepdims=True) - t


def _hinge(o, t):
    return np.maximum(0, 1 - t * o)


def _hinge_slope(o, t, out):
    out[...] = np.where(t * o < 1, -t, 0)


def _huber(o, t):
    size = np.abs(o - t)
    return np.where(size <= 1, 0.5 * size * size, size - 0.5)


def _huber_slope(o, t, out):
    np.subtract(o, t, out=out)
    np.clip(out, -1, 1, out=out)


def _perceptron(o, t):
    return np.maximum(0, -t * o)


def _perceptron_slope(o, t, out):
    out[...] = np.where(t * o <= 0, -t, 0)


_ENTRIES = (
    Loss(
        "mse", "(o - t)^2", "Regression: the mean over all elements.",
        "numbers", False, _squared, _squared_slope,
    ),
    Loss(
        "half_mse", r"\tfrac12 (o - t)^2", "Half of mse, so that the gradient is o − t without a factor 2.",
        "numbers", False, _half_squared, _half_squared_slope,
    ),
    Loss(
        "binary_cross_entropy", r"\ln(1 + e^{-t o})",
        "Two classes, from one logit o; t = ±1. The gradient is σ(o) − [t = 1].",
        "signs", True, _binary_cross_entropy, _binary_cross_entropy_slope,
    ),
    Loss(
        "cross_entropy", r"-\ln \mathrm{softmax}(o)_t",
        "C classes, from C logits; the mean over samples. The gradient is softmax(o) − onehot(t).",
        "classes", True, _cross_entropy, _cross_entropy_slope,
    ),
    Loss(
        "hinge", r"\max(0, 1 - t o)", "Two classes with a margin; flat beyond it. Derivative 0 at the kink.",
        "signs", False, _hinge, _hinge_slope,
    ),
    Loss(
        "huber", r"\tfrac12 r^2 \text{ if } |r| \le 1, \text{ else } |r| - \tfrac12, \quad r = o - t",
        "Regression with outliers: squared near 0, linear beyond 1.",
        "numbers", False, _huber, _huber_slope,
    ),
    Loss(
        "perceptron", r"\max(0, -t o)",
        "The loss behind the perceptron rule; at o = 0 it takes the subgradient −t, so that the rule moves.",
        "signs", False, _perceptron, _perceptron_slope,
    ),
)  # fmt: skip

#: name → Loss.
LOSSES = {entry.name: entry for entry in _ENTRIES}
