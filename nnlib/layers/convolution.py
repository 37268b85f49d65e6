"""Conv2D: the same small patterns, sought everywhere in a picture."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from nnlib.initializers import initializer as resolve_initializer
from nnlib.layers.layer import Layer, Space, whole
from nnlib.layers.windows import check_pictures, pair, pixels, places, samples_first, samples_last, short

_SAMPLES_AT_ONCE = 64  # in use: some MB of patches stay in the cache, thousands of pictures would need GB


def convolve(image, kernel, stride=1, padding=0):
    """Return how well a kernel fits at each place of one grey picture.

    out[r, c] = Σᵤᵥ x[r·stride + u, c·stride + v]·kernel[u, v], where x is the image with ``padding`` zeros around it.
    This is what every library calls a convolution. Mathematicians call it cross-correlation: in their
    convolution the kernel is turned by 180°, which for a learned kernel changes nothing but its name.

    Parameters
    ----------
    image : array (H, W)
    kernel : array (h, w)
    stride : int, or a pair (down, across)
        How far the kernel moves from place to place.
    padding : int, a pair, or "same"
        Zeros on each side; "same" keeps the size, for odd kernels and stride 1.

    Returns
    -------
    array (H', W')
        H' = ⌊(H + 2·padding − h)/stride⌋ + 1, and W' alike.

    Raises
    ------
    ValueError
        If image or kernel is not a matrix, or the kernel is larger than the padded image.
    """
    image, kernel = np.asarray(image), np.asarray(kernel)
    if image.ndim != 2 or kernel.ndim != 2:
        raise ValueError(f"convolve takes an image (H, W) and a kernel (h, w), not {image.shape} and {kernel.shape}")
    stride = pair("stride", stride)
    padding = _padding(padding, kernel.shape, stride)
    places(image.shape, kernel.shape, stride, padding)
    padded = np.pad(image, [(p, p) for p in padding])
    windows = sliding_window_view(padded, kernel.shape)[:: stride[0], :: stride[1]]
    return np.tensordot(windows, kernel, 2)


class Conv2D(Layer):
    """The same small pattern sought at every place: each output channel is one kernel's answers.

    With x̃ for the input with its border of zeros, s for the stride::

        z[n, o, r, c] = b[o] + Σᵢᵤᵥ x̃[n, i, r·s + u, c·s + v]·kernels[o, i, u, v]

    Shapes: x (n, C_in, H, W), z (n, C_out, H', W') with H' = ⌊(H + 2·padding − k)/stride⌋ + 1, and W' alike.
    W is (C_in·k·k, C_out), its rows in the order (C_in, kernel row, kernel column); b is (C_out,).
    The kernel is not turned round: this is cross-correlation, which every library calls convolution.

    The backward pass is that of :class:`~nnlib.layers.Dense`, once the patches stand in a matrix. Let column
    j of P (C_in·k·k, m) hold the patch that the kernel sees at place j, over all m = n·H'·W' places of the
    batch. Then Z = Wᵀ P + b 1ᵀ, and from g = ∂L/∂Z (C_out, m)::

        ∂L/∂W = P gᵀ        ∂L/∂b = g 1        ∂L/∂P = W g

    A weight is used at every place, so its derivative is a sum over places; that sum is inside P gᵀ. A pixel
    stands in several columns of P, once in each patch that covers it, so ∂L/∂x̃ adds up ∂L/∂P over these
    columns; the border is cut off. Where pixel (u, v) of all patches goes is a slice of x̃, and no two of
    these patches share it; so k·k additions of whole slices do it all.

    Source: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998.

    Parameters
    ----------
    channels : int
        C_out, the number of kernels.
    kernel : int, or a pair (rows, columns)
        k: the size of the kernels.
    stride : int, or a pair (down, across)
        How far the kernels move from place to place.
    padding : int, a pair, or "same"
        Zeros on each side; "same" keeps the size, for odd kernels and stride 1.
    init : str or Initializer, optional
        A rule for this layer's weights; without it the network's. Its d_in is C_in·k·k and its d_out is C_out.

    Attributes
    ----------
    W, b : arrays (C_in·k·k, C_out) and (C_out,)
        Weights and biases, known once the layer is in a network.
    kernels : array (C_out, C_in, k, k)
        W as pictures, live: a view in PyTorch's layout.

    Raises
    ------
    ValueError
        For sizes that are not whole numbers, for "same" with a stride or an even kernel, and, once the inputs
        are known, for a kernel larger than the padded picture.
    """

    def __init__(self, channels, kernel, stride=1, padding=0, init=None):
        self.channels = whole("channels", channels)
        self.kernel, self.stride = pair("kernel", kernel), pair("stride", stride)
        self.padding = _padding(padding, self.kernel, self.stride)
        self.init = None if init is None else resolve_initializer(init)

    def fresh(self):
        return Conv2D(self.channels, self.kernel, self.stride, self.padding, self.init)

    def _connect(self, shape):
        check_pictures(self, shape)
        self.d_in = shape[0] * self.kernel[0] * self.kernel[1]
        self.size = (self.d_in + 1) * self.channels
        return (self.channels, *places(shape[1:], self.kernel, self.stride, self.padding))

    def bind(self, parameters, gradient, statistics):
        # W and b stand one behind the other: together they are a matrix of which b is the last row.
        self._matrix, self._matrix_gradient = (v.reshape(-1, self.channels) for v in (parameters, gradient))
        self.W, self.b = self._matrix[:-1], self._matrix[-1]
        self.W_gradient, self.b_gradient = self._matrix_gradient[:-1], self._matrix_gradient[-1]
        self.kernels = self.W.T.reshape(self.channels, self.input_shape[0], *self.kernel)

    def initialize(self, initializer, bias, rng):
        self.W[...] = (self.init or initializer)(self.W.shape, rng)
        self.b[...] = bias

    def mark_weights(self, is_weight):
        is_weight[: self.W.size] = True

    def space(self, n):
        (channels, *size), (_, rows, across), dtype = self.input_shape, self.output_shape, self.W.dtype
        padded = np.zeros((channels, *(h + 2 * p for h, p in zip(size, self.padding)), n), dtype)
        windows = sliding_window_view(padded, self.kernel, axis=(1, 2))[:, :: self.stride[0], :: self.stride[1]]
        columns = np.empty((self.d_in + 1, rows * across * n), dtype)
        columns[-1] = 1  # meets b, the last row of the matrix
        return Space(
            padded=padded,
            inside=_inside(padded, self.padding),
            windows=windows.transpose(0, 4, 5, 1, 2, 3),
            columns=columns,
            patches=columns[:-1].reshape(channels, *self.kernel, rows, across, n),
            output=np.empty((self.channels, rows, across, n), dtype),
            gradient=None,
        )

    def forward(self, x, space):
        space.inside[...] = x.transpose(1, 2, 3, 0)
        space.patches[...] = space.windows
        np.dot(self._matrix.T, space.columns, out=space.output.reshape(self.channels, -1))
        return samples_first(space.output)

    def backward(self, g, space, first=False):
        g = samples_last(g).reshape(self.channels, -1)
        np.dot(space.columns, g.T, out=self._matrix_gradient)
        if first:
            return None
        if space.gradient is None:
            space.gradient = np.empty_like(space.padded)
        space.gradient.fill(0)
        np.dot(self.W, g, out=space.columns[:-1])  # the patches have done their duty
        for (u, v), seen in pixels(self.kernel, self.stride, self.output_shape):
            space.gradient[seen] += space.patches[:, u, v]
        return samples_first(_inside(space.gradient, self.padding))

    def __call__(self, x):
        output = np.empty((*self.output_shape, len(x)), self.W.dtype)
        space = None
        for start in range(0, len(x), _SAMPLES_AT_ONCE):
            part = x[start : start + _SAMPLES_AT_ONCE]
            if space is None or space.output.shape[-1] != len(part):
                space = self.space(len(part))
            output[..., start : start + len(part)] = samples_last(self.forward(part, space))
        return samples_first(output)

    def __repr__(self):
        options = [f"Conv2D({self.channels}", short(self.kernel)]
        options += [f"stride={short(self.stride)}"] if self.stride != (1, 1) else []
        options += [f"padding={short(self.padding)}"] if self.padding != (0, 0) else []
        return ", ".join(options) + ")"


def _padding(padding, kernel, stride):
    if not isinstance(padding, str):
        return pair("padding", padding, least=0)
    if padding != "same":
        raise ValueError(f"padding must be a number of zeros, a pair of them, or 'same', not {padding!r}")
    if stride != (1, 1) or not all(k % 2 for k in kernel):
        raise ValueError(
            f"padding='same' needs stride 1 and an odd kernel, not stride {short(stride)} and kernel {short(kernel)}; "
            "give the padding as a number"
        )
    return tuple(k // 2 for k in kernel)


def _inside(padded, padding):
    (rows, columns), (p, q) = padded.shape[1:3], padding
    return padded[:, p : rows - p, q : columns - q]
