"""MaxPool2D and AveragePool2D: layers that make pictures smaller, a window at a time."""

from __future__ import annotations

import numpy as np

from nnlib.layers.layer import Layer, Space
from nnlib.layers.windows import check_pictures, pair, pixels, places, samples_first, samples_last, short


class _Pool(Layer):
    """What the two pools share: windows that move over each channel by itself."""

    def __init__(self, size, stride=None):
        self.window = pair("size", size)
        self.stride = self.window if stride is None else pair("stride", stride)

    def fresh(self):
        return type(self)(self.window, self.stride)

    def _connect(self, shape):
        check_pictures(self, shape)
        return (shape[0], *places(shape[1:], self.window, self.stride))

    def space(self, n):
        return Space(output=None)  # it takes its dtype from the first x

    def forward(self, x, space):
        space.input = x = samples_last(x)
        if space.output is None:
            space.output = np.empty((*self.output_shape, x.shape[-1]), x.dtype)
            space.part, space.input_gradient = np.empty_like(space.output), np.empty_like(x)
        (_, first), *others = pixels(self.window, self.stride, self.output_shape)
        space.output[...] = x[first]
        for _, seen in others:
            self._join(space.output, x[seen], out=space.output)
        return samples_first(space.output)

    def __repr__(self):
        stride = f", stride={short(self.stride)}" if self.stride != self.window else ""
        return f"{type(self).__name__}({short(self.window)}{stride})"


class MaxPool2D(_Pool):
    """The largest value of each window, channel by channel: was the pattern seen anywhere near?

    Shapes: x (n, C, H, W), y (n, C, H', W') with H' = ⌊(H − size)/stride⌋ + 1, and W' alike. Rows and columns
    that no window reaches are left out. Nothing is learned.

    Backward, from g = ∂L/∂y: only the largest value of a window matters, so its pixel takes the window's
    whole gradient. Of several equally large ones the first takes it, row by row, as in PyTorch; any share
    would do, since the maximum has no derivative there. A pixel that wins several windows takes the sum.

    Parameters
    ----------
    size : int, or a pair (rows, columns)
        Of the windows.
    stride : int or a pair, optional
        From window to window; without it ``size``, so that windows touch without overlapping.

    Raises
    ------
    ValueError
        For sizes that are not whole numbers, and, once the inputs are known, for windows larger than the picture.
    """

    _join = np.maximum

    def backward(self, g, space, first=False):
        if first:
            return None
        left = samples_last(g)
        space.input_gradient.fill(0)
        for _, seen in pixels(self.window, self.stride, self.output_shape):
            np.equal(space.input[seen], space.output, out=space.part, casting="unsafe")
            space.part *= left
            left -= space.part  # what the first maximum took, the next cannot take again
            space.input_gradient[seen] += space.part
        return samples_first(space.input_gradient)


class AveragePool2D(_Pool):
    """The mean of each window, channel by channel: how much of the pattern is near?

    Shapes: x (n, C, H, W), y (n, C, H', W') with H' = ⌊(H − size)/stride⌋ + 1, and W' alike. Rows and columns
    that no window reaches are left out. Nothing is learned.

    Backward, from g = ∂L/∂y: each of the window's q = size·size pixels takes g/q; a pixel in several windows
    takes the sum.

    Parameters
    ----------
    size : int, or a pair (rows, columns)
        Of the windows; the size of the whole picture gives one number for each channel.
    stride : int or a pair, optional
        From window to window; without it ``size``, so that windows touch without overlapping.

    Raises
    ------
    ValueError
        For sizes that are not whole numbers, and, once the inputs are known, for windows larger than the picture.
    """

    _join = np.add

    def forward(self, x, space):
        y = super().forward(x, space)
        space.output /= self.window[0] * self.window[1]
        return y

    def backward(self, g, space, first=False):
        if first:
            return None
        np.divide(samples_last(g), self.window[0] * self.window[1], out=space.part)
        space.input_gradient.fill(0)
        for _, seen in pixels(self.window, self.stride, self.output_shape):
            space.input_gradient[seen] += space.part
        return samples_first(space.input_gradient)
