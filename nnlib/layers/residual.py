"""Residual: layers that learn what to add to their own input."""

from __future__ import annotations

import numpy as np

from nnlib.layers.dense import as_layer
from nnlib.layers.layer import Layer, Space, bind_in_a_row, mark_in_a_row


class Residual(Layer):
    """A detour that is added to its own input: y = F(x) + S(x), with S(x) = x unless a shortcut is given.

    Backward: ∂L/∂x is the sum of what comes back through F and through S. With the plain sum
    g reaches x undiminished, whatever F does, which is why very deep stacks of these can be trained.

    Source: He, Zhang, Ren, Sun, "Deep residual learning for image recognition", CVPR 2016.

    Parameters
    ----------
    layers : sequence
        F, in forward order: layers, or names of activations.
    shortcut : sequence
        S, needed where F changes the shape.
    """

    def __init__(self, layers, shortcut=()):
        self.layers = tuple(as_layer(each) for each in layers)
        self.shortcut = tuple(as_layer(each) for each in shortcut)
        self.inner = (*self.layers, *self.shortcut)

    def fresh(self):
        return Residual([each.fresh() for each in self.layers], [each.fresh() for each in self.shortcut])

    def _connect(self, shape):
        ends = []
        for path in (self.layers, self.shortcut):
            end = shape
            for layer in path:
                end = layer.connect(end)
            ends.append(end)
        if ends[0] != ends[1]:
            raise ValueError(
                f"the layers of a Residual give the shape {ends[0]}, but what is added to them has {ends[1]}; "
                "keep the shape, or give a shortcut that changes it alike"
            )
        self.size = sum(each.size for each in self.inner)
        self.statistics_size = sum(each.statistics_size for each in self.inner)
        return ends[0]

    def bind(self, parameters, gradient, statistics):
        bind_in_a_row(self.inner, parameters, gradient, statistics)

    def initialize(self, initializer, bias, rng):
        for layer in self.inner:
            layer.initialize(initializer, bias, rng)

    def mark_weights(self, is_weight):
        mark_in_a_row(self.inner, is_weight)

    def space(self, n):
        paths = ([layer.space(n) for layer in path] for path in (self.layers, self.shortcut))
        return Space(paths=tuple(paths), output=None)

    def forward(self, x, space):
        around = along = x
        for layer, inner in zip(self.layers, space.paths[0]):
            along = layer.forward(along, inner)
        for layer, inner in zip(self.shortcut, space.paths[1]):
            around = layer.forward(around, inner)
        if space.output is None:
            space.output, space.gradient, space.input_gradient = np.empty_like(along), np.empty_like(along), None
        return np.add(along, around, out=space.output)

    def backward(self, g, space, first=False):
        along = space.gradient
        np.copyto(along, g)  # layers may overwrite what they are given, and both paths need g
        around = g
        for i in range(len(self.layers) - 1, -1, -1):
            along = self.layers[i].backward(along, space.paths[0][i], first and i == 0)
        for i in range(len(self.shortcut) - 1, -1, -1):
            around = self.shortcut[i].backward(around, space.paths[1][i], first and i == 0)
        if first:
            return None
        if space.input_gradient is None:
            space.input_gradient = np.empty_like(along)
        return np.add(along, around, out=space.input_gradient)

    def __call__(self, x):
        around = along = x
        for layer in self.layers:
            along = layer(along)
        for layer in self.shortcut:
            around = layer(around)
        return along + around

    def __repr__(self):
        shortcut = f", shortcut={list(self.shortcut)!r}" if self.shortcut else ""
        return f"Residual({list(self.layers)!r}{shortcut})"
