"""What measurements have in common: checked samples, and a copy of the network that can be measured in peace."""

from __future__ import annotations

import numpy as np

from nnlib.layers import Dropout
from nnlib.layers.walking import leaves_of
from nnlib.network import Network


def samples_for(network, X):
    """Return X checked, for a network that can be asked."""
    if not isinstance(network, Network):
        raise ValueError(f"one network at a time is examined, such as nets[0], not {network!r}")
    if not np.isfinite(network.parameters).all():
        raise ValueError("the network holds parameters that are not finite: training diverged; make a new one")
    x = network._inputs(X)
    if not len(x):
        raise ValueError("X holds no samples")
    return x


def batch_for(network, X, y, loss):
    """Return a float64 copy of a network that drops nothing, with inputs, encoded targets and loss to match."""
    x, loss = samples_for(network, X), network.check_loss(loss)
    targets = loss.encode(y, network.outputs)
    if len(targets) != len(x):
        raise ValueError(f"X has {len(x)} rows, but y has {len(targets)}")
    net = Network([layer.fresh() for layer in network.layers], network.input_shape, task=network.task)
    net.parameters[...] = network.parameters  # training passes do not read the running statistics
    for layer, _ in leaves_of(net.layers):
        if isinstance(layer, Dropout):
            layer.rate = 0.0
    net.draw_from(np.random.default_rng(0))  # asked for masks, which are all 1
    return net, x.astype(np.float64), targets, loss
