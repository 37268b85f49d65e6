"""What every data set that is drawn at random shares: the check of its arguments, groups of equal size."""

from __future__ import annotations

import numpy as np

from nnlib.random import check_rng


def check_drawing(n, noise, rng):
    """Raise a ValueError for a number of samples, a noise or a generator that no data set can be drawn with."""
    check_rng(rng)
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 2:
        raise ValueError(f"n must be a whole number of samples, at least 2, not {n!r}")
    if isinstance(noise, bool) or not isinstance(noise, int | float | np.number) or not 0 <= noise <= 1:
        raise ValueError(f"noise must be a number from 0 to 1 (0.25 for 25 %), not {noise!r}")


def equal_groups(n, groups):
    """Return n group numbers in order, the first groups one larger where n cannot be divided."""
    sizes = [n // groups + (group < n % groups) for group in range(groups)]
    return np.repeat(np.arange(groups), sizes)
