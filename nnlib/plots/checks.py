"""Arrays that come into a figure: of the right shape, numbers, finite; otherwise a sentence says what is wrong."""

from __future__ import annotations

import numpy as np

from nnlib.plots.style import number


def array(name, values, dimensions, shape):
    """Return values as an array of numbers with one of the ``dimensions``; ``shape`` says which in the error.

    Raises
    ------
    ValueError
        If it is none, is empty, or holds other things than numbers.
    """
    try:
        values = np.asarray(values)
        values = values if values.dtype == np.uint8 else values.astype(float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be an array of numbers, {shape}") from None
    if values.ndim not in dimensions:
        raise ValueError(f"{name} must have shape {shape}, not {values.shape}")
    if not values.size:
        raise ValueError(f"{name} are empty: shape {values.shape}")
    return values


def all_finite(name, values):
    """Raise ValueError, naming the first place, if an array holds NaN or infinity."""
    finite = np.isfinite(values)
    if not finite.all():
        place = tuple(int(i) for i in np.argwhere(~finite)[0])
        raise ValueError(f"{name} hold {number(values[place])} at {list(place)}: only finite values can be drawn")
