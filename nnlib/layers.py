"""Layers: what a network is stacked from, with forward and backward side by side.

A layer owns no numbers of its own. Its parameters are views into the network's one flat vector, set
by ``bind``; what a forward pass leaves for the backward pass stands in a *space*, a set of buffers
for one batch size that is made once and used again in every step. That is why a training step
allocates nothing.
"""

from __future__ import annotations

import numpy as np


class Dense:
    """Every input to every unit: z = x W + b.

    Shapes: x (n, d_in), W (d_in, d_out), b (d_out,), z (n, d_out).
    Backward, from g = ∂L/∂z: ∂L/∂W = xᵀ g, ∂L/∂b = 1ᵀ g, ∂L/∂x = g Wᵀ.
    """

    def __init__(self, d_in, d_out):
        self.d_in, self.d_out = d_in, d_out
        self.size = d_in * d_out + d_out

    def bind(self, parameters, gradient):
        """Take views (W, b) and (∂W, ∂b) of two flat vectors of length ``size``."""
        self.W, self.b = self._views(parameters)
        self.W_gradient, self.b_gradient = self._views(gradient)

    def _views(self, flat):
        weights = self.d_in * self.d_out
        return flat[:weights].reshape(self.d_in, self.d_out), flat[weights:]

    def __call__(self, x):
        return x @ self.W + self.b

    def space(self, n):
        """Return buffers for batches of n rows."""
        dtype = self.W.dtype
        return _Space(
            output=np.empty((n, self.d_out), dtype),
            input_gradient=np.empty((n, self.d_in), dtype),
            ones=np.ones(n, dtype),
        )

    def forward(self, x, space):
        space.input = x
        z = np.dot(x, self.W, out=space.output)
        return np.add(z, self.b, out=z)

    def backward(self, g, space, first=False):
        """Write ∂L/∂W and ∂L/∂b; return ∂L/∂x (None for the first layer, whose inputs are data)."""
        np.dot(space.input.T, g, out=self.W_gradient)
        np.dot(space.ones, g, out=self.b_gradient)  # 1ᵀ g: for small batches faster than a sum over rows
        return None if first else np.dot(g, self.W.T, out=space.input_gradient)


class Activate:
    """An activation on every unit: a = f(z), with at most one learnable parameter for the layer.

    Backward, from g = ∂L/∂a: ∂L/∂z = g·f′(z), elementwise. The learnable parameter (PReLU's slope)
    multiplies min(z, 0), so its gradient is Σ g·min(z, 0).
    """

    def __init__(self, activation, width):
        self.activation, self.d_in, self.d_out = activation, width, width
        self.size = 1 if activation.learnable else 0
        self._constants = dict(activation.parameters)

    def bind(self, parameters, gradient):
        """Take views of the learnable parameter and its gradient, if there is one."""
        self.learned, self.learned_gradient = parameters, gradient

    @property
    def constants(self):
        """The activation's parameters as they stand now, the learned one included."""
        if self.size:
            self._constants[self.activation.learnable] = self.learned[0]
        return self._constants

    def __call__(self, z):
        a = np.empty_like(z)
        self.activation.function(z, a, **self.constants)
        return a

    def space(self, n):
        """Return buffers for batches of n rows; they take shape and dtype from the first z."""
        return _Space(output=None, slope=None)

    def forward(self, z, space):
        if space.output is None:
            space.output, space.slope = np.empty_like(z), np.empty_like(z)
        space.input = z
        self.activation.function(z, space.output, **self.constants)
        return space.output

    def backward(self, g, space, first=False):
        """Write the learnable parameter's gradient; return ∂L/∂z, in the buffer of g."""
        if self.size:
            self.learned_gradient[0] = (g * np.minimum(space.input, 0)).sum()
        self.activation.slope(space.input, space.output, space.slope, **self.constants)
        return np.multiply(g, space.slope, out=g)


class _Space:
    """Buffers of one layer for one batch size."""

    __slots__ = ("input", "input_gradient", "ones", "output", "slope")

    def __init__(self, **buffers):
        for name, buffer in buffers.items():
            setattr(self, name, buffer)
