"""What every layer offers: the protocol between a network and its layers.

A layer is made without knowing its input; the network tells it, by ``connect``. It owns no numbers
of its own: its parameters are views into the network's one flat vector, set by ``bind``; what a
forward pass leaves for the backward pass stands in a *space*, a set of buffers for one batch size
that is made once and used again in every step. That is why a training step allocates next to nothing.
"""

from __future__ import annotations

from numbers import Real
from types import SimpleNamespace

import numpy as np


class Space(SimpleNamespace):
    """Buffers of one layer for one batch size."""


class Layer:
    """What every layer offers; subclasses say what they change.

    Attributes
    ----------
    size : int
        The number of parameters, known once the layer is connected.
    statistics_size : int
        How many numbers are kept beside the parameters, not trained: running means and variances.
    input_shape, output_shape : tuple of int
        Of one sample, without n; None before :meth:`connect`.
    inner : tuple of Layer
        The layers inside this one, if it is built of some.
    rng : generator or None
        Where random masks come from; the network sets it.
    """

    size = 0
    statistics_size = 0
    input_shape = output_shape = None
    inner = ()
    rng = None

    def connect(self, shape):
        """Take the shape of one input sample and return that of one output sample.

        Raises
        ------
        ValueError
            If such inputs do not fit, or the layer already belongs to a network.
        """
        if self.input_shape is not None:
            raise ValueError(f"this {self!r} already belongs to a network; make a new layer for another place")
        self.output_shape = self._connect(shape)
        self.input_shape = shape
        return self.output_shape

    def _connect(self, shape):
        return shape

    def fresh(self):
        """Return a layer with the same options that belongs to no network."""
        return type(self)()

    def bind(self, parameters, gradient, statistics):
        """Take views of flat vectors: parameters and gradient of length ``size``, statistics of ``statistics_size``."""

    def initialize(self, initializer, bias, rng):
        """Write fresh parameters and statistics: weights from the initializer, biases equal to ``bias``."""

    def mark_weights(self, is_weight):
        """Write True into a boolean vector of length ``size`` where a weight stands: only weights are penalised."""

    def space(self, n):
        """Return buffers for batches of n samples."""
        return Space()

    def forward(self, x, space):
        """Return the outputs in training, in a buffer of the space where there is one."""
        raise NotImplementedError

    def backward(self, g, space, first=False):
        """From g = ∂L/∂outputs, which may be overwritten: write ∂L/∂parameters, return ∂L/∂inputs.

        The ``first`` layer's inputs are data, whose derivative nobody needs: it may return None.
        """
        raise NotImplementedError

    def __call__(self, x):
        """Return the outputs in use, after training."""
        return self.forward(x, self.space(len(x)))

    def __repr__(self):
        return f"{type(self).__name__}()"


def bind_in_a_row(layers, parameters, gradient, statistics):
    """Give each layer its part of the flat vectors of parameters, gradient and statistics, one after the other."""
    start = seen = 0
    for layer in layers:
        own, kept = slice(start, start + layer.size), slice(seen, seen + layer.statistics_size)
        layer.bind(parameters[own], gradient[own], statistics[kept])
        start, seen = own.stop, kept.stop


def mark_in_a_row(layers, is_weight):
    """Let each layer mark its weights in its part of the flat vector."""
    start = 0
    for layer in layers:
        layer.mark_weights(is_weight[start : start + layer.size])
        start += layer.size


def whole(name, value, least=1):
    """Return a whole number of at least ``least`` as an int; ValueError names what it was for."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ValueError(f"{name} must be a whole number of {least} or more, not {value!r}")
    return int(value)


def share(name, value):
    """Return a number of 0 ≤ value < 1 as a float; ValueError names what it was for."""
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 <= value < 1:
        raise ValueError(f"{name} must be a number from 0 to just below 1, not {value!r}")
    return float(value)
