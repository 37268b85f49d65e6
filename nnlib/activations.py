"""Activation functions: one entry holds everything the book knows about one.

Each entry has the function, its derivative, both formulas, the range and a remark. Tables, plots,
dropdowns, gradient checks and the comparison with PyTorch read this registry, so a new activation
is one function pair and one entry here (and its twin in ``labs/web/activations.js``).

The two functions of an entry write into an array they are given. ``function(z, out)`` computes
a = f(z); ``slope(z, a, out)`` computes f′ and may use the output a, which is where the cheap forms
of tanh and sigmoid live. Both are stable for every finite z: no overflow, no warning.

Kinks: f′ at a corner is the value from the left (0 for ReLU, the slope for leaky ReLU and PReLU),
as in PyTorch. ``step`` and ``sign`` take the upper value at 0, and their derivative is 0 everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from nnlib.registry import lookup, with_parameters
from nnlib.special import erfc

_SQRT_HALF = np.sqrt(0.5)
_ONE_OVER_SQRT_TAU = 1 / np.sqrt(2 * np.pi)


@dataclass(frozen=True)
class Activation:
    """An activation function with its derivative and what there is to know about it.

    Attributes
    ----------
    name, formula, derivative_formula, range, remarks : str
        The formulas are TeX; the range is an interval in the usual notation.
    function, slope : callable
        ``function(z, out, **parameters)`` and ``slope(z, a, out, **parameters)``, in place.
    parameters : mapping
        Constants with their defaults, such as ``slope`` of leaky ReLU.
    learnable : str
        The parameter that training adjusts, one per layer; empty for none.
    """

    name: str
    formula: str
    derivative_formula: str
    range: str
    remarks: str
    function: Callable
    slope: Callable
    parameters: Mapping[str, float] = field(default_factory=dict)
    learnable: str = ""

    def __post_init__(self):
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))

    def f(self, z):
        """Return f(z), elementwise; same shape and floating dtype as z (integers become float64)."""
        z = _floats(z)
        out = np.empty_like(z)
        self.function(z, out, **self.parameters)
        return out

    def derivative(self, z):
        """Return f′(z), elementwise; same shape and floating dtype as z."""
        z = _floats(z)
        a, out = np.empty_like(z), np.empty_like(z)
        self.function(z, a, **self.parameters)
        self.slope(z, a, out, **self.parameters)
        return out

    def with_parameters(self, **values):
        """Return the same activation with other constants, e.g. ``leaky_relu.with_parameters(slope=0.1)``.

        Raises
        ------
        ValueError
            For a name the activation does not have, or a value that is not a finite number.
        """
        return with_parameters(self, values, "activation")


def _floats(z):
    z = np.asarray(z)
    return z if z.dtype in (np.float32, np.float64) else z.astype(np.float64)


def activation(name_or_activation):
    """Return the Activation of a name; an Activation is returned as it is. Unknown names raise ValueError."""
    if isinstance(name_or_activation, Activation):
        return name_or_activation
    return lookup(ACTIVATIONS, name_or_activation, "activation")


def softmax(z, axis=-1):
    """Return exp(zᵢ)/Σⱼ exp(zⱼ) along an axis; same shape as z.

    The largest entry is subtracted first: the quotient does not change, and exp cannot overflow.
    """
    z = _floats(z)
    with np.errstate(over="ignore"):  # so far below the largest that exp is 0
        e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


# --- the functions, forward and backward side by side -------------------------------------------------------


def _identity(z, out):
    out[...] = z


def _identity_slope(z, a, out):
    out[...] = 1


def _step(z, out):
    np.greater_equal(z, 0, out=out, casting="unsafe")


def _sign(z, out):
    _step(z, out)
    out *= 2
    out -= 1


def _zero_slope(z, a, out):
    out[...] = 0


def _sigmoid(z, out):
    # σ(z) = (1 + tanh(z/2))/2 never overflows, but loses the small values of the left tail;
    # exp(−|z|) keeps them: σ(z) = e/(1 + e) for z < 0 and 1/(1 + e) else, with e = exp(−|z|).
    np.abs(z, out=out)
    np.negative(out, out=out)
    np.exp(out, out=out)
    numerator = np.where(z < 0, out, 1)
    out += 1
    np.divide(numerator, out, out=out)


def _sigmoid_slope(z, a, out):
    np.subtract(1, a, out=out)
    out *= a


def _tanh(z, out):
    np.tanh(z, out=out)


def _tanh_slope(z, a, out):
    np.multiply(a, a, out=out)
    np.subtract(1, out, out=out)


def _relu(z, out):
    np.maximum(z, 0, out=out)


def _relu_slope(z, a, out):
    np.greater(z, 0, out=out, casting="unsafe")


def _leaky_relu(z, out, slope):
    np.copyto(out, z)
    np.multiply(z, slope, out=out, where=z < 0)


def _leaky_relu_slope(z, a, out, slope):
    out[...] = 1
    np.copyto(out, slope, where=z <= 0, casting="unsafe")


def _elu(z, out, alpha):
    np.minimum(z, 0, out=out)
    np.expm1(out, out=out)
    out *= alpha
    np.copyto(out, z, where=z > 0)


def _elu_slope(z, a, out, alpha):
    np.add(a, alpha, out=out)  # α·e^z = f(z) + α
    np.copyto(out, 1, where=z > 0)


def _gelu(z, out):
    out[...] = z * 0.5 * erfc(-z * _SQRT_HALF)  # Φ(z) by erfc: no cancellation in the left tail


def _gelu_slope(z, a, out):
    near = np.clip(z, -40, 40)  # the density is 0 long before; z² must not overflow float32
    density = _ONE_OVER_SQRT_TAU * np.exp(-0.5 * near * near)
    out[...] = 0.5 * erfc(-z * _SQRT_HALF) + near * density


def _swish(z, out, beta):
    _sigmoid(_times(beta, z), out)
    out *= z


def _swish_slope(z, a, out, beta):
    # f′ = σ + σ(1 − σ)·βz, multiplied in this order: where σ is 0 or 1, βz may be anything.
    gate = np.empty_like(z)
    _sigmoid(_times(beta, z), gate)
    np.subtract(1, gate, out=out)
    out *= gate
    out *= beta
    out *= z
    out += gate


def _times(beta, z):
    with np.errstate(over="ignore"):  # σ(±∞) is what it should be
        return beta * z


def _silu(z, out):
    _swish(z, out, 1.0)


def _silu_slope(z, a, out):
    _swish_slope(z, a, out, 1.0)


def _softplus(z, out):
    # log(1 + e^z) = max(z, 0) + log1p(exp(−|z|)): exp never overflows.
    np.abs(z, out=out)
    np.negative(out, out=out)
    np.exp(out, out=out)
    np.log1p(out, out=out)
    out += np.maximum(z, 0)


def _softplus_slope(z, a, out):
    _sigmoid(z, out)


_LEFT_TEX = r"\begin{cases} z & z > 0 \\ %s & z \le 0 \end{cases}"
_LEFT_SLOPE_TEX = r"\begin{cases} 1 & z > 0 \\ %s & z \le 0 \end{cases}"

_ENTRIES = (
    Activation(
        "identity", "z", "1", "(−∞, ∞)",
        "No nonlinearity: the output of a regression, and of logits that the loss turns into probabilities.",
        _identity, _identity_slope,
    ),
    Activation(
        "step", r"[z \ge 0]", "0", "{0, 1}",
        "The threshold unit of McCulloch and Pitts. Its derivative is 0, so gradient descent cannot train it.",
        _step, _zero_slope,
    ),
    Activation(
        "sign", r"2\,[z \ge 0] - 1", "0", "{−1, 1}",
        "The perceptron's decision, with +1 at 0. Its derivative is 0: only the perceptron rule trains it.",
        _sign, _zero_slope,
    ),
    Activation(
        "sigmoid", r"\sigma(z) = \frac{1}{1 + e^{-z}}", r"\sigma(z)\,(1 - \sigma(z))", "(0, 1)",
        "A probability. Its slope is at most 1/4 and fades on both sides; its outputs are never negative.",
        _sigmoid, _sigmoid_slope,
    ),
    Activation(
        "tanh", r"\tanh z", r"1 - \tanh^2 z", "(−1, 1)",
        "A sigmoid centred on 0 with slope 1 there; it still saturates on both sides.",
        _tanh, _tanh_slope,
    ),
    Activation(
        "relu", r"\max(0, z)", "[z > 0]", "[0, ∞)",
        "Cheap, with slope 1 wherever it is on. A unit that is off on all data gets no gradient: it is dead.",
        _relu, _relu_slope,
    ),
    Activation(
        "leaky_relu", _LEFT_TEX % r"\text{slope}\cdot z", _LEFT_SLOPE_TEX % r"\text{slope}", "(−∞, ∞)",
        "A ReLU with a small slope on the left, so that no unit is without a gradient.",
        _leaky_relu, _leaky_relu_slope, {"slope": 0.01},
    ),
    Activation(
        "prelu", _LEFT_TEX % r"\text{slope}\cdot z", _LEFT_SLOPE_TEX % r"\text{slope}", "(−∞, ∞)",
        "A leaky ReLU whose slope is learned, one per layer.",
        _leaky_relu, _leaky_relu_slope, {"slope": 0.25}, learnable="slope",
    ),
    Activation(
        "elu", _LEFT_TEX % r"\alpha\,(e^z - 1)", _LEFT_SLOPE_TEX % r"\alpha\,e^z", "(−α, ∞)",
        "Smooth on the left and with outputs closer to mean 0; far on the left its gradient fades.",
        _elu, _elu_slope, {"alpha": 1.0},
    ),
    Activation(
        "gelu", r"z\,\Phi(z)", r"\Phi(z) + z\,\varphi(z)", "[−0.170, ∞)",
        "z times the probability that a standard normal number is below z. Exact, not the tanh approximation.",
        _gelu, _gelu_slope,
    ),
    Activation(
        "silu", r"z\,\sigma(z)", r"\sigma(z)\,(1 + z\,(1 - \sigma(z)))", "[−0.278, ∞)",
        "Swish with β = 1: smooth, not monotonic, close to ReLU far from 0.",
        _silu, _silu_slope,
    ),
    Activation(
        "swish", r"z\,\sigma(\beta z)", r"\sigma(\beta z)\,(1 + \beta z\,(1 - \sigma(\beta z)))", "[−0.278/β, ∞)",
        "β = 0 is half the identity; a large β approaches ReLU.",
        _swish, _swish_slope, {"beta": 1.0},
    ),
    Activation(
        "softplus", r"\ln(1 + e^z)", r"\sigma(z)", "(0, ∞)",
        "A smooth ReLU whose derivative is the sigmoid; never exactly 0.",
        _softplus, _softplus_slope,
    ),
)  # fmt: skip

#: name → Activation. ``softmax`` is a function of its own: it maps vectors, not numbers.
ACTIVATIONS = {entry.name: entry for entry in _ENTRIES}
