"""Walks over layers and those inside them: in a Residual first over its layers, then over its shortcut."""

from __future__ import annotations

from nnlib.layers.dense import Activate
from nnlib.layers.residual import Residual


def leaves_of(layers, start=0):
    """Yield the layers that hold no others, each with its part of the parameters, in the parameters' order."""
    for layer in layers:
        if layer.inner:
            yield from leaves_of(layer.inner, start)
        else:
            yield layer, slice(start, start + layer.size)
        start += layer.size


def hidden_activations(network):
    """Return {layer: number} of the activations that weights come after, which are all but the output's.

    The number is that of the layer with weights before it, counted from 1 and inside a Residual, too.
    """
    leaves = list(leaves_of(network.layers))
    with_weights = [bool(network.is_weight[own].any()) for _, own in leaves]
    number, last, hidden = 0, max((i for i, found in enumerate(with_weights) if found), default=0), {}
    for found, (layer, _) in zip(with_weights[:last], leaves):
        number += found
        if isinstance(layer, Activate):
            hidden[layer] = number
    return hidden


def activations_in_use(layers, x):
    """Yield each activation with its inputs and outputs, in use; return the outputs of the last layer."""
    for layer in layers:
        if isinstance(layer, Residual):
            along = yield from activations_in_use(layer.layers, x)
            x = along + (yield from activations_in_use(layer.shortcut, x))
            continue
        z, x = x, layer(x)
        if isinstance(layer, Activate):
            yield layer, z, x
    return x
