"""The gradient on its way back: how much of it arrives at each layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnlib.diagnosis.probing import batch_for
from nnlib.layers.walking import leaves_of

#: The signal's ratio, first layer to last, below and above which deep networks learned nothing.
VANISHING, EXPLODING = 1e-3, 1e2


@dataclass(frozen=True)
class LayerGradient:
    """The gradient in one layer with weights W; a Residual counts as one.

    Attributes
    ----------
    number : int
        Counted from 1, layers with weights only. Those inside a Residual count, too; it has the number of its last.
    name : str
        The layer, as it is written.
    norm, root_mean_square : float
        ‖∂L/∂W‖, and the same divided by the root of the number of weights.
    relative : float
        ‖∂L/∂W‖/‖W‖. Times the learning rate it is the share by which one step of plain gradient descent
        changes the weights; about 1/1000 is usual. Infinite if all weights are 0.
    signal : float
        ‖∂L/∂z‖ over all samples, z being the layer's outputs: what comes back to this layer.
    """

    number: int
    name: str
    norm: float
    root_mean_square: float
    relative: float
    signal: float


def gradient_norms(network, X, y, loss="mse"):
    """Return the LayerGradient of each layer with weights, first to last, for the mean loss without penalty.

    The pass is one of training over the whole batch, except that dropout drops nothing.

    Raises
    ------
    ValueError
        If shapes or labels do not fit, the network is not finite, or the loss wants logits and gets none.
    """
    net, x, targets, loss = batch_for(network, X, y, loss)
    with np.errstate(all="ignore"):  # large weights may overflow on the way
        signals = _signals(net, x, targets, loss)
    rows, number, start = [], 0, 0
    for layer in net.layers:
        own = slice(start, start + layer.size)
        number += sum(bool(net.is_weight[inner].any()) for _, inner in leaves_of([layer], start))
        weights, start = net.is_weight[own], own.stop
        if weights.any():
            norm, size = (float(np.linalg.norm(v[own][weights])) for v in (net.gradient, net.parameters))
            relative = norm / size if size else np.inf if norm else 0.0
            rms = norm / np.sqrt(weights.sum())
            rows.append(LayerGradient(number, repr(layer), norm, float(rms), relative, signals[layer]))
    return rows


def signal_ratio(gradients):
    """Return the signal of the first layer divided by that of the last; 0 if nothing comes back.

    Below 1/1000 the gradient vanishes, above 100 it explodes. The *signals* ‖∂L/∂z‖ are compared, because
    the gradients of weights, ∂L/∂W = xᵀ ∂L/∂z, hide the trouble: where weights are too small, x shrinks on the way
    forward just as ∂L/∂z does on the way back, and their product is equally small in all layers.

    The two limits are measured. Networks of 2, 3, 5 and 10 hidden layers of 8 units were trained on the moons, 50
    epochs of SGD with rate 0.1, six seeds each. Those with a ratio of 0.01 to 50 learned, with few exceptions:
    tanh and relu, Xavier or He. Below 1/1000 nearly all stayed at the loss of a constant: sigmoid with Xavier from
    5 layers on (0.0006; with 10 layers 4e-7), N(0, 0.01²) from 3 layers on (with 10 layers 3e-16 for tanh, 3e-22 for
    sigmoid). So they did above 100: relu with N(0, 1) and 10 layers (300), with N(0, 2²) and 5 layers (1100).

    Sources: Hochreiter, "Untersuchungen zu dynamischen neuronalen Netzen", 1991; Glorot & Bengio,
    "Understanding the difficulty of training deep feedforward neural networks", 2010.

    Raises
    ------
    ValueError
        If there are no gradients.
    """
    if not gradients:
        raise ValueError("there are no gradients to compare; pass what gradient_norms returns")
    first, last = gradients[0].signal, gradients[-1].signal
    return first / last if last else 0.0


def _signals(net, x, targets, loss):
    """Backpropagate once; return ‖∂L/∂(outputs)‖ of every layer, and leave ∂L/∂parameters in ``net.gradient``."""
    spaces, norms = [layer.space(len(x)) for layer in net.layers], {}
    for layer, space in zip(net.layers, spaces):
        x = layer.forward(x, space)
    g = np.empty_like(x)
    loss.backward(x, targets, g)
    for i in range(len(net.layers) - 1, -1, -1):
        norms[net.layers[i]] = float(np.linalg.norm(g))
        g = net.layers[i].backward(g, spaces[i], first=i == 0)
    return norms
