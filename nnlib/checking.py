"""Gradient checking: a derivation against central differences.

(f(x + h) − f(x − h)) / 2h needs no calculus and no memory of the formula, so it is an honest witness.
"""

from __future__ import annotations

import numpy as np


def gradcheck(f, x, step=1e-5):
    """Return the largest relative error of a gradient: max |g − ĝ| / max(1, |g|, |ĝ|).

    Parameters
    ----------
    f : callable
        ``f(x) → (value, gradient)``, the gradient in the shape of x.
    x : array
        Where to check; it is not changed.
    step : float
        h. The error of the difference is of order h² from the formula and 1e-16/h from rounding:
        1e-5 leaves about 1e-10.

    Raises
    ------
    ValueError
        If f does not return a pair, or the gradient's shape is not that of x.
    """
    x = np.array(x, dtype=np.float64)
    answer = f(x.copy())
    if not isinstance(answer, tuple) or len(answer) != 2:
        raise ValueError(f"f must return (value, gradient), not {answer!r}")
    gradient = np.array(answer[1], dtype=np.float64)  # a copy: f may hand out a buffer
    if gradient.shape != x.shape:
        raise ValueError(f"the gradient has shape {gradient.shape}, but x has {x.shape}")
    difference = np.empty_like(x)
    for i in np.ndindex(x.shape):
        ahead, behind = x.copy(), x.copy()
        ahead[i] += step
        behind[i] -= step
        difference[i] = (f(ahead)[0] - f(behind)[0]) / (2 * step)
    scale = np.maximum(1, np.maximum(np.abs(gradient), np.abs(difference)))
    return float((np.abs(gradient - difference) / scale).max(initial=0.0))
