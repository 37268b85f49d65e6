"""The price of large weights: R(w) = l1·Σ|w| + ½·l2·Σw².

Only weights pay; biases and learned slopes do not. With the ½, a gradient step on the L2 part alone
multiplies a weight by 1 − η·l2. The L1 part has a corner at 0, which training handles by
:func:`shrink`: a step that would cross zero stops there.
"""

from __future__ import annotations

from numbers import Real

import numpy as np


def penalty(weights, l1=0.0, l2=0.0):
    """Return l1·Σ|w| + ½·l2·Σw², a float; infinite for weights that have grown without bound."""
    with np.errstate(over="ignore", invalid="ignore"):  # weights of a diverging network
        value = float((l1 and l1 * np.abs(weights).sum()) + (l2 and 0.5 * l2 * np.square(weights).sum()))
    return np.inf if np.isnan(value) else value


def penalty_gradient(weights, l1=0.0, l2=0.0):
    """Return l1·sign(w) + l2·w in the shape of weights; at w = 0 the L1 part is 0."""
    return l1 * np.sign(weights) + l2 * weights


def strength(name, value):
    """Return a strength (l1, l2, a learning rate) as a float.

    Raises
    ------
    ValueError
        Unless it is a finite number of 0 or more; ``name`` tells which strength it was.
    """
    if not isinstance(value, Real) or not np.isfinite(value) or value < 0:
        raise ValueError(f"{name} must be a number of 0 or more, not {value!r}")
    return float(value)


def shrink(weights, threshold):
    """Move weights towards 0 by threshold, in place; those that would cross it become 0.

    w ← sign(w)·max(|w| − threshold, 0), the proximal step of threshold·Σ|w|. With threshold = η·l1
    this is the L1 part of one training step: weights reach exactly 0, which a step along −sign(w)
    only jumps across. The data's gradient may move them away again.

    Source: Daubechies, Defrise, De Mol, "An iterative thresholding algorithm …", 2004.
    """
    weights -= np.minimum(np.maximum(weights, -threshold), threshold)
