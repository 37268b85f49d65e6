"""Units that no longer learn: dead ones, whose slope is 0 on all data, and saturated ones, whose slope has faded."""

from __future__ import annotations

import numpy as np

from nnlib.diagnosis.probing import samples_for
from nnlib.layers.walking import activations_in_use, hidden_activations

_ROWS_AT_ONCE = 512  # pictures through convolutions take some 100 kB each on their way


def dead_units(network, X):
    """Return for each hidden activation which of its units are dead: a list of bool arrays (units,) or (C,).

    A unit is dead if f′(z) is exactly 0 at every sample given. Then ∂L/∂z is 0 for each of them,
    whatever the loss, and so is the gradient of the unit's own weights and bias: only a change in earlier layers, or
    other data, can revive it. A channel of pictures counts as one unit, dead if it is so at all places.

    It happens with relu, all of whose left side is flat. One sample with z > 0 keeps a unit alive, so ask on
    *all* training data, not on a batch. Units of step and sign are dead by definition. Functions that only approach a
    flat tail die once their slope rounds to 0, as tanh does for |z| > 20; long before, they are
    saturated (:func:`saturated_units`). leaky_relu and prelu never die, unless their slope is 0.

    Source: Maas, Hannun, Ng, "Rectifier nonlinearities improve neural network acoustic models", 2013.

    Parameters
    ----------
    X : array (n, …)
        The samples, as the network takes them.

    Returns
    -------
    list of arrays of bool
        In the order of the forward pass; inside a Residual first its layers, then its shortcut. Batch normalisation
        and dropout behave as in use.

    Raises
    ------
    ValueError
        If X does not fit, is empty, or the network's parameters are not finite.
    """
    return [share == 1 for share in _flat_shares(network, X, lambda layer: 0.0)]


def saturated_units(network, X, slope=0.05, share=0.95):
    """Return for each hidden activation which of its units are saturated: a list of bool arrays (units,) or (C,).

    A unit is saturated if |f′(z)| ≤ slope·max|f′| at ``share`` of the samples or more; for pictures, of
    samples and places together. Its gradient is not 0, but so small that it hardly learns.

    For sigmoid this means an output below 0.013 or above 0.987, for tanh |a| > 0.975: the unit answers yes or no, and
    the same gradient would need 20 times as many steps. elu, gelu, silu, swish and softplus fade on the left
    only. Where the slope does not fade but jumps (identity, step, sign, relu, leaky_relu, prelu), no unit is ever
    counted: see :func:`dead_units` for those. A unit that is sure of nearly every sample may also have learned its
    task, so the count is a cause to look for only where the loss is still high.

    Parameters
    ----------
    X : array (n, …)
        The samples, as the network takes them.
    slope, share : float
        Both from 0 to 1.

    Raises
    ------
    ValueError
        If X does not fit, is empty, the parameters are not finite, or slope or share are out of range.
    """
    for name, value in (("slope", slope), ("share", share)):
        if not 0 < value <= 1:
            raise ValueError(f"{name} must be above 0 and at most 1, not {value!r}")
    return [found >= share for found in _flat_shares(network, X, lambda layer: slope * _fading_slope(layer))]


def _flat_shares(network, X, bound):
    """Return for each hidden activation, unit by unit, the share of values with |f′(z)| ≤ bound(layer)."""
    x = samples_for(network, X)
    hidden = {layer: [bound(layer), 0, 0] for layer in hidden_activations(network)}
    with np.errstate(all="ignore"):
        for start in range(0, len(x), _ROWS_AT_ONCE):
            for layer, z, a in activations_in_use(network.layers, x[start : start + _ROWS_AT_ONCE]):
                if layer not in hidden:
                    continue
                slope = np.empty_like(z)
                layer.activation.slope(z, a, slope, **layer.constants)
                flat = np.abs(slope) <= hidden[layer][0]
                hidden[layer][1] += flat.sum(axis=(0, *range(2, z.ndim)))
                hidden[layer][2] += flat.size // flat.shape[1]
    return [flat / total for _, flat, total in hidden.values()]


def _fading_slope(layer):
    """Return the largest |f′| of an activation whose slope fades; −1 if the slope is constant or jumps."""
    side = np.geomspace(1e-4, 1e4, 2001)
    z = np.concatenate([-side[::-1], side])
    a, slope = layer(z), np.empty_like(z)
    layer.activation.slope(z, a, slope, **layer.constants)
    return np.abs(slope).max() if len(np.unique(slope)) > 2 else -1.0
