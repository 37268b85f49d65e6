"""The layers of a multilayer perceptron: Dense and Activate; and Flatten, which turns pictures into its rows."""

from __future__ import annotations

import numpy as np

from nnlib.activations import Activation
from nnlib.activations import activation as resolve_activation
from nnlib.initializers import initializer as resolve_initializer
from nnlib.layers.layer import Layer, Space, whole


class Dense(Layer):
    """Every input to every unit: z = x W + b.

    Shapes: x (n, d_in), W (d_in, d_out), b (d_out,), z (n, d_out).
    Backward, from g = ∂L/∂z: ∂L/∂W = xᵀ g, ∂L/∂b = 1ᵀ g, ∂L/∂x = g Wᵀ.

    Parameters
    ----------
    units : int
        d_out.
    init : str or Initializer, optional
        A rule for this layer's weights; without it the network's.
    """

    def __init__(self, units, init=None):
        self.units = whole("units", units)
        self.init = None if init is None else resolve_initializer(init)

    def fresh(self):
        return Dense(self.units, self.init)

    def _connect(self, shape):
        if len(shape) != 1:
            raise ValueError(f"Dense takes rows, but its inputs have the shape {shape}; put Flatten() before it")
        self.d_in, self.d_out = shape[0], self.units
        self.size = self.d_in * self.d_out + self.d_out
        return (self.d_out,)

    def bind(self, parameters, gradient, statistics):
        self.W, self.b = self._views(parameters)
        self.W_gradient, self.b_gradient = self._views(gradient)

    def _views(self, flat):
        weights = self.d_in * self.d_out
        return flat[:weights].reshape(self.d_in, self.d_out), flat[weights:]

    def initialize(self, initializer, bias, rng):
        self.W[...] = (self.init or initializer)((self.d_in, self.d_out), rng)
        self.b[...] = bias

    def mark_weights(self, is_weight):
        is_weight[: self.W.size] = True

    def space(self, n):
        dtype = self.W.dtype
        return Space(
            output=np.empty((n, self.d_out), dtype),
            input_gradient=np.empty((n, self.d_in), dtype),
            ones=np.ones(n, dtype),
        )

    def forward(self, x, space):
        space.input = x
        z = x.dot(self.W, space.output)  # half a microsecond less than np.dot, of which a step has eleven
        return np.add(z, self.b, out=z)

    def backward(self, g, space, first=False):
        space.input.T.dot(g, self.W_gradient)
        space.ones.dot(g, self.b_gradient)  # 1ᵀ g: for small batches faster than a sum over rows
        return None if first else g.dot(self.W.T, space.input_gradient)

    def __call__(self, x):
        return x @ self.W + self.b

    def __repr__(self):
        return f"Dense({self.units})"


class Activate(Layer):
    """An activation on every unit: a = f(z), with at most one learnable parameter for the layer.

    Backward, from g = ∂L/∂a: ∂L/∂z = g·f′(z), elementwise. The learnable parameter (PReLU's slope)
    multiplies min(z, 0), so its gradient is Σ g·min(z, 0).

    Parameters
    ----------
    activation : str or Activation
    """

    def __init__(self, activation):
        self.activation = resolve_activation(activation)
        self._constants = dict(self.activation.parameters)

    def fresh(self):
        return Activate(self.activation)

    def _connect(self, shape):
        self.size = 1 if self.activation.learnable else 0
        return shape

    def bind(self, parameters, gradient, statistics):
        self.learned, self.learned_gradient = parameters, gradient

    def initialize(self, initializer, bias, rng):
        if self.size:
            self.learned[0] = self.activation.parameters[self.activation.learnable]

    @property
    def constants(self):
        """The activation's parameters as they stand now, the learned one included."""
        if self.size:
            self._constants[self.activation.learnable] = self.learned[0]
        return self._constants

    def space(self, n):
        return Space(output=None, slope=None)  # they take shape and dtype from the first z

    def forward(self, z, space):
        if space.output is None:
            space.output, space.slope = np.empty_like(z), np.empty_like(z)
        space.input = z
        self.activation.function(z, space.output, **self.constants)
        return space.output

    def backward(self, g, space, first=False):
        if self.size:
            self.learned_gradient[0] = (g * np.minimum(space.input, 0)).sum()
        self.activation.slope(space.input, space.output, space.slope, **self.constants)
        return np.multiply(g, space.slope, out=g)

    def __call__(self, z):
        a = np.empty_like(z)
        self.activation.function(z, a, **self.constants)
        return a

    def __repr__(self):
        return f"Activate({self.activation.name!r})"


class Flatten(Layer):
    """Pictures to rows: (n, C, H, W) → (n, C·H·W). The samples stay apart; nothing is computed or learned."""

    def _connect(self, shape):
        return (int(np.prod(shape)),)

    def forward(self, x, space):
        return x.reshape(len(x), -1)

    def backward(self, g, space, first=False):
        return g.reshape(len(g), *self.input_shape)


def as_layer(layer):
    """Return a layer; a name of an activation, or an Activation, becomes Activate. Others raise ValueError."""
    if isinstance(layer, str | Activation):
        return Activate(layer)
    if not isinstance(layer, Layer):
        raise ValueError(f"a network is made of layers and names of activations, not of {layer!r}")
    return layer
