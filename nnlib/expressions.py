"""Functions of tensors, from the exponential to a whole network's loss.

The first part adds operations to :mod:`nnlib.autodiff`, each its value and its rules. The second builds
every activation and loss out of them, and so is a second witness to the registries
(:mod:`nnlib.activations`, :mod:`nnlib.losses`): those hold derivatives that somebody worked out; here
only the functions are written down, and the graph finds the derivatives. All are stable: no
exponential of a large number, no logarithm of 0, no difference of large equal terms.

Where a function has a corner, one of its slopes is chosen: ``maximum`` and ``minimum`` take the
derivative from the left in their first operand, ``absolute`` takes 0 at 0.
"""

from __future__ import annotations

import numpy as np

from nnlib import special
from nnlib.autodiff import Tensor, arrays, node
from nnlib.layers import Activate, Dense

_ERF_SLOPE = 2 / np.sqrt(np.pi)


# --- one operand: a Tensor, entry by entry --------------------------------------------------------------------


def exp(x):
    """Return eˣ; its derivative is itself."""
    e = np.exp(x.data)
    return node("exp", e, (x, lambda g: g * e))


def expm1(x):
    """Return eˣ − 1, exact near 0; the derivative is eˣ."""
    value = np.expm1(x.data)
    return node("expm1", value, (x, lambda g: g * (value + 1)))


def log(x):
    """Return ln x for x > 0 (else ValueError); the derivative is 1/x."""
    v = _above("log", x, 0)
    return node("log", np.log(v), (x, lambda g: g / v))


def log1p(x):
    """Return ln(1 + x) for x > −1 (else ValueError), exact near 0; the derivative is 1/(1 + x)."""
    v = _above("log1p", x, -1)
    return node("log1p", np.log1p(v), (x, lambda g: g / (1 + v)))


def sqrt(x):
    """Return √x for x > 0 (else ValueError: at 0 the slope is infinite); the derivative is 1/(2√x)."""
    root = np.sqrt(_above("sqrt", x, 0))
    return node("√", root, (x, lambda g: g / (2 * root)))


def tanh(x):
    """Return tanh x; the derivative is 1 − tanh² x."""
    t = np.tanh(x.data)
    return node("tanh", t, (x, lambda g: g * (1 - t * t)))


def sigmoid(x):
    """Return σ(x) = 1/(1 + e⁻ˣ); the derivative is σ(1 − σ).

    Computed from e = exp(−|x|), which cannot overflow: 1/(1 + e) on the right, e/(1 + e) on the left.
    """
    e = np.exp(-np.abs(x.data))
    s = np.where(x.data < 0, e, 1) / (1 + e)
    return node("σ", s, (x, lambda g: g * s * (1 - s)))


def erf(x):
    """Return erf x = 2/√π·∫₀ˣ exp(−t²) dt; the derivative is 2/√π·exp(−x²)."""
    v = x.data
    return node("erf", special.erf(v), (x, lambda g: g * _ERF_SLOPE * np.exp(-v * v)))


def absolute(x):
    """Return the size of x without its sign; the derivative is the sign, 0 at 0."""
    v = x.data
    return node("abs", np.abs(v), (x, lambda g: g * np.sign(v)))


def _above(symbol, x, bound):
    if not (x.data > bound).all():
        raise ValueError(f"{symbol} needs numbers above {bound}, but the smallest is {x.data.min():.6g}")
    return x.data


# --- two operands, of which one may be a plain number or array; shapes broadcast ------------------------------


def maximum(a, b):
    """Return the larger of a and b, entry by entry; at a = b it follows b, so that max(z, 0) has slope 0 at 0."""
    x, y = arrays("maximum", a, b)
    return node("max", np.maximum(x, y), (a, lambda g: g * (x > y)), (b, lambda g: g * (x <= y)))


def minimum(a, b):
    """Return the smaller of a and b, entry by entry; at a = b it follows a, so that min(z, 0) has slope 1 at 0."""
    x, y = arrays("minimum", a, b)
    return node("min", np.minimum(x, y), (a, lambda g: g * (x <= y)), (b, lambda g: g * (x > y)))


def logaddexp(a, b):
    """Return s = ln(eᵃ + eᵇ) without overflow; ∂s/∂a = exp(a − s), which is never above 1."""
    x, y = arrays("logaddexp", a, b)
    s = np.logaddexp(x, y)
    return node("logaddexp", s, (a, lambda g: g * np.exp(x - s)), (b, lambda g: g * np.exp(y - s)))


def where(condition, a, b):
    """Return a where the condition holds and b elsewhere; the gradient goes to the one that was taken.

    The condition is a plain array of bool, such as ``x.data > 0`` (ValueError for a Tensor). Both a and b
    are computed everywhere, so both must be harmless everywhere: 0·∞ is not a number.
    """
    if isinstance(condition, Tensor):
        raise ValueError("the condition must be a plain array of bool, such as x.data > 0: it has no derivative")
    x, y, chosen = arrays("where", a, b, condition)
    chosen = chosen.astype(bool)
    return node("where", np.where(chosen, x, y), (a, lambda g: g * chosen), (b, lambda g: g * ~chosen))


# --- the registries' activations and losses -------------------------------------------------------------------


def _left_and_right(z, slope):
    return maximum(z, 0) + slope * minimum(z, 0)


def _flat(z, values):
    # Constant on either side, and yet a function of z, so that its derivative is 0 and not missing.
    return 0 * z + values


#: name → ``f(z, **parameters)``, Tensor to Tensor. Parameters may be tensors too; then they get a gradient.
ACTIVATIONS = {
    "identity": lambda z: z,
    "step": lambda z: _flat(z, np.where(z.data >= 0, 1.0, 0.0)),
    "sign": lambda z: _flat(z, np.where(z.data >= 0, 1.0, -1.0)),
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu": lambda z: maximum(z, 0),
    "leaky_relu": _left_and_right,
    "prelu": _left_and_right,
    "elu": lambda z, alpha: maximum(z, 0) + alpha * expm1(minimum(z, 0)),
    "gelu": lambda z: 0.5 * z * (1 + erf(z / np.sqrt(2))),
    "silu": lambda z: z * sigmoid(z),
    "swish": lambda z, beta: z * sigmoid(beta * z),
    "softplus": lambda z: logaddexp(z, 0),
}


def softmax(z, axis=-1):
    """Return exp(zᵢ)/Σⱼ exp(zⱼ) along an axis, a Tensor of the same shape.

    The largest entry is subtracted as a constant: it changes neither the value nor, therefore, the derivative.
    """
    e = exp(z - z.data.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _cross_entropy(o, t):
    shifted = o - o.data.max(axis=-1, keepdims=True)
    log_softmax = shifted - log(exp(shifted).sum(axis=-1, keepdims=True))
    return -(t * log_softmax).sum(axis=-1).mean()


def _huber(o, t):
    r = o - t
    return where(np.abs(r.data) <= 1, 0.5 * r**2, absolute(r) - 0.5).mean()


#: name → ``f(outputs, targets)``: the mean loss, a Tensor of one element, from outputs (n, k) and targets
#: (n, k) as :meth:`nnlib.losses.Loss.encode` gives them.
LOSSES = {
    "mse": lambda o, t: ((o - t) ** 2).mean(),
    "half_mse": lambda o, t: 0.5 * ((o - t) ** 2).mean(),
    "binary_cross_entropy": lambda o, t: logaddexp(-t * o, 0).mean(),
    "cross_entropy": _cross_entropy,
    "hinge": lambda o, t: maximum(1 - t * o, 0).mean(),
    "huber": _huber,
    "perceptron": lambda o, t: maximum(0, -t * o).mean(),
}


def network_loss(network, X, y, loss="mse", l1=0.0, l2=0.0):
    """Return the graph of a dense network's objective, and its parameters as tensors.

    The objective is that of :meth:`nnlib.Network.loss_and_gradient`: mean loss + l1·Σ|w| + ½·l2·Σw². After
    ``objective.backward()`` the gradients of the parameters, put in a row, are that method's gradient.

    Parameters
    ----------
    network : Network
        Of dense and activation layers.
    X, y : arrays
        Inputs (n, d) and n targets.
    loss : str or Loss
    l1, l2 : float
        What weights cost; 0 leaves the penalty out of the graph.

    Returns
    -------
    objective : Tensor
        One number.
    parameters : list of Tensor
        In the network's layout: layer by layer W, b and a learned slope.

    Raises
    ------
    ValueError
        For a layer of another kind, a loss that does not suit the output, or targets that do not fit.
    """
    loss = network.check_loss(loss)
    a, parameters, penalties, depth = Tensor(X, "X"), [], [], 0
    for layer in network.layers:
        if isinstance(layer, Dense):
            depth += 1
            W, b = Tensor(layer.W, f"W{depth}"), Tensor(layer.b, f"b{depth}")
            parameters += [W, b]
            a = a @ W + b
            if l1:
                penalties.append(l1 * absolute(W).sum())
            if l2:
                penalties.append(0.5 * l2 * (W**2).sum())
        elif isinstance(layer, Activate):
            constants, learned = dict(layer.constants), layer.activation.learnable
            if learned:
                constants[learned] = Tensor(constants[learned], f"{learned}{depth}")
                parameters.append(constants[learned])
            a = ACTIVATIONS[layer.activation.name](a, **constants)
        else:
            raise ValueError(f"network_loss knows dense and activation layers, not {type(layer).__name__}")
    targets = loss.encode(y, a.shape[-1])
    if len(targets) != len(a.data):
        raise ValueError(f"X has {len(a.data)} rows, but y has {len(targets)}")
    objective = LOSSES[loss.name](a, targets)
    for penalty in penalties:
        objective = objective + penalty
    return objective, parameters
