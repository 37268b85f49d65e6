"""One layer of many dense networks at once, with forward and backward side by side.

Samples stand in columns, under each other all units of a layer and then a 1: (R, d + 1, n).
W and b are neighbours in the flat vector, so that they make one matrix [W; b] of shape
(d_in + 1, d_out) without a copy, and one product does what weights and biases do:
z = [W; b]ᵀ [x; 1] and ∂L/∂[W; b] = [x; 1] gᵀ. The 1 stands last, so the elementwise functions run
over one unbroken block for each member.
"""

from __future__ import annotations

import numpy as np

from nnlib.activations import ACTIVATIONS
from nnlib.layers import Activate, Dense, Space


class StackedLayer:
    """One dense layer and its activation, in all members at once.

    Shapes: x (R, d_in + 1, n) with ones in its last row, W (R, d_in + 1, d_out) with b in its last
    row, z and a (R, d_out, n); after a comes a row of ones for the next layer, unless this is the last.
    """

    def __init__(self, d_in, d_out, activation, last):
        self.d_in, self.d_out, self.activation, self.last = d_in, d_out, activation, last
        self.constants = {} if activation is None else dict(activation.parameters)
        self.learns = activation is not None and bool(activation.learnable)
        self.size = (d_in + 1) * d_out + self.learns

    def bind(self, parameters, gradient):
        """Take views of this layer's columns, (R, size), of all members' parameters and gradients."""
        shape = len(parameters), self.d_in + 1, self.d_out
        end = shape[1] * shape[2]
        self.W, self.W_gradient = parameters[:, :end].reshape(shape), gradient[:, :end].reshape(shape)
        if self.learns:
            self.constants[self.activation.learnable] = parameters[:, end:, None]
            self.learned_gradient = gradient[:, end]

    def space(self, n):
        """Return buffers for batches of n samples."""
        runs, dtype = len(self.W), self.W.dtype
        z = np.empty((runs, self.d_out, n), dtype)
        space = Space(z=z, slope=np.empty_like(z), input_gradient=np.empty((runs, self.d_in, n), dtype))
        if self.activation is not None:
            space.output = np.ones((runs, self.d_out + (not self.last), n), dtype)
            space.a = space.output[:, : self.d_out]
        return space

    def forward(self, x, space):
        space.input = x
        z = np.matmul(self.W.swapaxes(1, 2), x, out=space.z)
        if self.activation is None:
            return z
        self.activation.function(z, space.a, **self.constants)
        return space.output

    def backward(self, g, space, first=False):
        """From g = ∂L/∂a, which is overwritten: write ∂L/∂[W; b], return ∂L/∂x without the row of ones."""
        if self.learns:
            np.sum(g * np.minimum(space.z, 0), axis=(1, 2), out=self.learned_gradient)
        if self.activation is not None:
            self.activation.slope(space.z, space.a, space.slope, **self.constants)
            g *= space.slope
        np.matmul(space.input, g.swapaxes(1, 2), out=self.W_gradient)
        return None if first else np.matmul(self.W[:, :-1], g, out=space.input_gradient)

    def __call__(self, x):
        return self.forward(x, self.space(x.shape[-1]))


def functions_of(network):
    """Return the activation of each dense layer; that of the last is None if the outputs are its plain sums."""
    functions = []
    for before, layer in zip((None, *network.layers), network.layers):
        if isinstance(layer, Dense):
            functions.append(ACTIVATIONS["identity"])
        elif isinstance(layer, Activate) and isinstance(before, Dense):
            functions[-1] = layer.activation
        else:
            raise ValueError(
                "many runs at once take dense networks only: Dense layers, each followed by an activation or nothing; "
                f"{layer!r} does not fit"
            )
    return [*functions[:-1], None] if isinstance(network.layers[-1], Dense) else functions


def in_columns(x):
    """Return samples in rows, (n, d) or (n, R, d), as samples in columns: (d, n) or (R, d, n)."""
    return x.T if x.ndim == 2 else x.transpose(1, 2, 0)
