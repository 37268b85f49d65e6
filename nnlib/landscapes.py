"""Losses of two parameters a and b, with their gradients: places to watch an optimiser go downhill.

Each takes numbers or arrays of equal shape. :func:`descend` walks on one of them and keeps the path, for a picture
(:func:`nnlib.plots.loss_surface`) or a table. Their page twin is ``labs/web/scenes/landscapes.js``, in the same order
of operations, because a path may amplify the last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nnlib.registry import lookup


@dataclass(frozen=True)
class Landscape:
    """A loss of two parameters.

    Attributes
    ----------
    f : callable
        ``f(a, b, condition)`` → loss. Only the bowl heeds the condition.
    gradient : callable
        ``gradient(a, b, condition)`` → (∂f/∂a, ∂f/∂b).
    about : str
        What there is to see.
    """

    f: Callable
    gradient: Callable
    about: str


#: name → Landscape.
LANDSCAPES = {
    "bowl": Landscape(
        lambda a, b, k=1.0: 0.5 * (a * a + k * b * b),
        lambda a, b, k=1.0: (a, k * b),
        "½(a² + κb²): a quadratic bowl of condition κ; curvatures 1 and κ",
    ),
    "ravine": Landscape(
        lambda a, b, k=1.0: (1 - a) * (1 - a) + 10 * (b - a * a) * (b - a * a),
        lambda a, b, k=1.0: (-2 * (1 - a) - 40 * a * (b - a * a), 20 * (b - a * a)),
        "(1 − a)² + 10(b − a²)²: Rosenbrock's bent ravine, with 10 for his 100; minimum at (1, 1)",
    ),
    "saddle": Landscape(
        lambda a, b, k=1.0: 0.5 * (a * a - b * b) + 0.125 * b * b * b * b,
        lambda a, b, k=1.0: (a, 0.5 * b * b * b - b),
        "½(a² − b²) + ⅛b⁴: a saddle at (0, 0) between two equal minima at (0, ±√2)",
    ),
    "two_minima": Landscape(
        lambda a, b, k=1.0: 0.25 * (a * a - 2) * (a * a - 2) + 0.3 * a + 0.5 * b * b,
        lambda a, b, k=1.0: (a * (a * a - 2) + 0.3, b),
        "¼(a² − 2)² + 0.3a + ½b²: two minima, the left one deeper",
    ),
}

#: Farther than this from 0 a descent has diverged.
LOST = 1e6


def descend(landscape, start, optimizer, learning_rate, steps, *, condition=1.0, noise=0.0, rng=None):
    """Return the path of a descent: array (steps + 1, 2), shorter where it diverged: then it ends beyond ``LOST``.

    Parameters
    ----------
    landscape : str
        A name of ``LANDSCAPES``.
    start : pair of float
    optimizer : optimiser
        As :func:`nnlib.optimizers.optimizer` returns it.
    learning_rate : float
    steps : int
    condition : float
        κ of the bowl.
    noise : float
        Standard deviation of what is added to both parts of each gradient, as a mini-batch would; needs ``rng``.
    rng : numpy.random.Generator or nnlib.random.CounterGenerator, optional

    Raises
    ------
    ValueError
        For an unknown landscape, or noise without a generator.
    """
    gradient = lookup(LANDSCAPES, landscape, "landscape").gradient
    if noise and rng is None:
        raise ValueError("noise needs a generator: pass rng=np.random.default_rng(0)")
    at = np.array(start, dtype=float)
    path = [at.copy()]
    # Beyond LOST numbers may overflow on their way; the path ends there.
    with np.errstate(all="ignore"):
        for _ in range(steps):
            g = np.array(gradient(at[0], at[1], condition))
            if noise:
                g += rng.normal(0.0, noise, 2)
            optimizer.step(at, g, learning_rate)
            path.append(at.copy())
            if not (np.abs(at) <= LOST).all():
                break
    return np.array(path)
