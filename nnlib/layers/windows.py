"""Windows that move over pictures: what convolution and pooling share.

Pictures have the shape (n, C, H, W), as in PyTorch, but lie in memory in the order (C, H, W, n), the
samples innermost. Reading one pixel of every window of every picture then follows long runs of numbers
side by side, where the order (n, C, H, W) has runs of one row; on small pictures that halves the time of
a step. Shapes and indices stay as they are, because a transposed view costs nothing.
"""

from __future__ import annotations

import numpy as np

from nnlib.layers.layer import whole


def samples_last(x):
    """Return (n, C, H, W) as an array (C, H, W, n), a copy only where it does not lie in memory like this."""
    return np.ascontiguousarray(x.transpose(1, 2, 3, 0))


def samples_first(x):
    """Return (C, H, W, n) as a view (n, C, H, W)."""
    return x.transpose(3, 0, 1, 2)


def places(size, window, stride, padding=(0, 0)):
    """Return how many places a window has, down and across: ⌊(H + 2p − k)/s⌋ + 1 in each direction.

    Raises
    ------
    ValueError
        If the window is larger than the padded picture.
    """
    padded = tuple(h + 2 * p for h, p in zip(size, padding))
    if any(k > h for k, h in zip(window, padded)):
        what = "padded picture" if any(padding) else "picture"
        raise ValueError(
            f"a window of {window[0]} × {window[1]} does not fit into a {what} of {padded[0]} × {padded[1]}; "
            "take a smaller window, or more padding"
        )
    return tuple((h - k) // s + 1 for h, k, s in zip(padded, window, stride))


def pixels(window, stride, output_shape):
    """Yield, for each pixel (u, v) of a window, the index of what stands there in all windows of (C, H, W, n)."""
    _, rows, columns = output_shape
    for u in range(window[0]):
        for v in range(window[1]):
            down = slice(u, u + stride[0] * (rows - 1) + 1, stride[0])
            across = slice(v, v + stride[1] * (columns - 1) + 1, stride[1])
            yield (u, v), (slice(None), down, across)


def pair(name, value, least=1):
    """Return a whole number, or a pair of them, as a pair of ints; ValueError names what it was for."""
    values = value if isinstance(value, tuple | list) and len(value) == 2 else (value, value)
    try:
        return tuple(whole(name, each, least) for each in values)
    except ValueError:
        raise ValueError(
            f"{name} must be a whole number of {least} or more, or a pair (rows, columns) of them, not {value!r}"
        ) from None


def short(sizes):
    """Return a pair as its maker would write it: 3 for (3, 3)."""
    return str(sizes[0]) if sizes[0] == sizes[1] else str(sizes)


def check_pictures(layer, shape):
    """Raise ValueError if a sample's shape is not that of a picture."""
    if len(shape) != 3:
        raise ValueError(
            f"{type(layer).__name__} takes pictures (channels, rows, columns), but its inputs have the shape {shape}; "
            "give the network such an input_shape, and put Flatten() after the last layer for pictures"
        )
