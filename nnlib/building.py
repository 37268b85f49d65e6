"""Building networks: layers in a row with fresh weights, and the multilayer perceptron as the common case."""

from __future__ import annotations

from numbers import Real

import numpy as np

from nnlib.activations import activation as resolve_activation
from nnlib.datasets.dataset import TASKS
from nnlib.initializers import initializer as resolve_initializer
from nnlib.layers import Activate, Dense, as_layer, whole
from nnlib.network import Network
from nnlib.random import check_rng
from nnlib.runs import Networks


def sequential(input_shape, layers, *, init="xavier_uniform", bias=0.0, rng, task=None, dtype=np.float64):
    """Return a network of any layers, in a row, with fresh weights.

    Parameters
    ----------
    input_shape : tuple of int, or int
        The shape of one sample: ``(1, 8, 8)`` for grey pictures of 8 × 8, ``(d,)`` or d for rows.
    layers : sequence
        Layers of :mod:`nnlib.layers`; the name of an activation stands for its layer. Each layer learns
        the shape of its inputs from the one before. The last one gives rows (k,).
    init : str or Initializer
        The rule for the weights of layers without a rule of their own; biases start at ``bias``.
    rng : numpy.random.Generator or nnlib.random.CounterGenerator
        Weights are drawn layer by layer, a whole matrix at a time.
    task : str, optional
        How outputs are read. Without it: several outputs are classes, one output that is
        ``identity`` or unbounded is a regression, any other is binary. Training sets it from the data.
    dtype : float64 or float32

    Raises
    ------
    ValueError
        For layers whose shapes do not fit (says which), layers used twice, unknown names.

    Examples
    --------
    >>> from nnlib.layers import Conv2D, Dense, Flatten, MaxPool2D
    >>> layers = [Conv2D(16, 3, padding=1), "relu", MaxPool2D(2), Flatten(), Dense(10)]
    >>> net = sequential((1, 8, 8), layers, init="he_normal", rng=np.random.default_rng(0))
    """
    shape = (input_shape,) if np.ndim(input_shape) == 0 else input_shape
    shape = tuple(whole("each number of input_shape", number) for number in shape)
    layers = [as_layer(layer) for layer in layers]
    if not layers:
        raise ValueError("a network needs at least one layer")
    if np.dtype(dtype) not in (np.float32, np.float64):
        raise ValueError(f"dtype must be float64 or float32, not {np.dtype(dtype)}")
    if task is not None and task not in TASKS:
        raise ValueError(f"task must be one of {', '.join(TASKS)}, not {task!r}")
    if not isinstance(bias, Real) or not np.isfinite(bias):
        raise ValueError(f"bias must be a finite number, not {bias!r}")
    initialize = resolve_initializer(init)
    check_rng(rng)
    network = Network(layers, shape, task=task, dtype=dtype)
    if task is None:
        bounded = network.output_activation in ("sigmoid", "tanh", "sign", "step")
        network.task = "multiclass" if network.outputs > 1 else "binary" if bounded else "regression"
    for layer in layers:
        layer.initialize(initialize, bias, rng)
    return network


def mlp(
    widths, activation="tanh", output="identity", init="xavier_uniform", bias=0.0,
    *, runs=None, rng, task=None, dtype=np.float64,
):  # fmt: skip
    """Return a multilayer perceptron with fresh weights, or with ``runs`` many that train at once.

    Parameters
    ----------
    widths : sequence of int
        Inputs, hidden layers, outputs: ``[2, 8, 8, 1]`` has two hidden layers of 8 units.
    activation : str, Activation or a sequence of them
        For the hidden layers: one for all, or one each.
    output : str or Activation
        For the output layer; ``"identity"`` where the loss takes logits, and for regression.
    init : str or Initializer
        The rule for the weights; biases start at ``bias``.
    runs : int, optional
        So many networks, one drawn after the other, as one :class:`~nnlib.runs.Networks`.
    rng : numpy.random.Generator or nnlib.random.CounterGenerator
        Weights are drawn layer by layer, a whole matrix at a time.
    task : str, optional
        How outputs are read. Without it: several outputs are classes, one output that is
        ``identity`` or unbounded is a regression, any other is binary. Training sets it from the data.
    dtype : float64 or float32

    Raises
    ------
    ValueError
        For widths or runs that are not positive integers, unknown names, or too few activations.
    """
    if runs is not None:
        options = {"rng": rng, "task": task, "dtype": dtype}
        return Networks([mlp(widths, activation, output, init, bias, **options) for _ in range(whole("runs", runs))])
    if np.ndim(widths) != 1 or len(widths) < 2:
        raise ValueError(f"widths lists at least inputs and outputs, such as [2, 8, 1]; {widths!r} does not")
    inputs, *units = [whole("a width", width) for width in widths]
    output = resolve_activation(output)
    functions = [*_activations(activation, len(units) - 1), output]
    layers = [layer for width, function in zip(units, functions) for layer in (Dense(width), Activate(function))]
    if output.name == "identity":
        layers.pop()  # outputs are then the last dense layer's, without a copy
    return sequential(inputs, layers, init=init, bias=bias, rng=rng, task=task, dtype=dtype)


def _activations(activation, count):
    if isinstance(activation, list | tuple):
        if len(activation) != count:
            raise ValueError(f"{len(activation)} activations for {count} hidden layers; give one, or one for each")
        return [resolve_activation(each) for each in activation]
    return [resolve_activation(activation)] * count
