"""A network: a stack of layers over ONE flat parameter vector.

``net.parameters`` holds every weight and bias in a row: layer by layer the weights (row-major,
d_in × d_out), then the biases, then what else the layer learns. The layers work on views of it, so
whoever writes into the vector changes the network: an optimiser, a gradient check, a slider.
"""

from __future__ import annotations

from numbers import Real

import numpy as np

from nnlib.activations import activation as resolve_activation
from nnlib.activations import softmax
from nnlib.datasets.dataset import TASKS
from nnlib.initializers import initializer as resolve_initializer
from nnlib.layers import Activate, Dense
from nnlib.losses import loss as resolve_loss
from nnlib.random import check_rng
from nnlib.regularizers import penalty, penalty_gradient, strength

_KEPT_BATCH_SIZES = 4  # training needs two: the batch and the last, short one


class Network:
    """Layers in a row, trained by backpropagation.

    Attributes
    ----------
    layers : tuple
        Dense and Activate objects, in forward order.
    parameters : array (P,)
        All parameters, live: writing into it changes the network. It is never reallocated.
    gradient : array (P,)
        What the last :meth:`backpropagate` found, in the same layout.
    is_weight : array (P,) of bool
        True where ``parameters`` holds a weight; only those are penalised.
    task : str
        ``"binary"``, ``"multiclass"`` or ``"regression"``: how :meth:`predict` reads the outputs.
    """

    def __init__(self, layers, *, task, dtype=np.float64):
        self.layers = tuple(layers)
        self.task = task
        size = sum(layer.size for layer in self.layers)
        self.parameters = np.zeros(size, dtype)
        self.gradient = np.zeros(size, dtype)
        self.is_weight = np.zeros(size, bool)
        start = 0
        for layer in self.layers:
            end = start + layer.size
            layer.bind(self.parameters[start:end], self.gradient[start:end])
            if isinstance(layer, Dense):
                self.is_weight[start : start + layer.W.size] = True
            start = end
        self._spaces = {}

    @property
    def dtype(self):
        return self.parameters.dtype

    @property
    def widths(self):
        """The number of inputs, of units in each dense layer; the last is the number of outputs."""
        dense = [layer for layer in self.layers if isinstance(layer, Dense)]
        return [dense[0].d_in, *(layer.d_out for layer in dense)]

    # --- using it -------------------------------------------------------------------------------------------

    def __call__(self, X):
        """Return the outputs (n, k) for inputs (n, d)."""
        x = self._inputs(X)
        for layer in self.layers:
            x = layer(x)
        return x

    def hidden(self, X):
        """Return the outputs of each hidden layer, a list of arrays (n, width)."""
        x, outputs = self._inputs(X), []
        last = max(i for i, layer in enumerate(self.layers) if isinstance(layer, Dense))
        for layer in self.layers[:last]:
            x = layer(x)
            if isinstance(layer, Activate):
                outputs.append(x)
        return outputs

    def predict(self, X):
        """Return labels (n,): −1/+1 (an output exactly on the boundary counts as +1) or class numbers.

        For regression the outputs themselves, (n,) or (n, k).
        """
        outputs = self(X)
        if self.task == "multiclass":
            return outputs.argmax(axis=1)
        if self.task == "binary":
            return np.where(outputs[:, 0] >= self._boundary, 1.0, -1.0)
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs

    def predict_proba(self, X):
        """Return probabilities: of the label +1, (n,), or of each class, (n, C).

        From logits by sigmoid or softmax; from a sigmoid output as it is, or as its share of the
        classes' sum; from a tanh output o as (1 + o)/2, which is in [0, 1] but calibrated only as far
        as squared loss makes it.

        Raises
        ------
        ValueError
            For a regression network, whose outputs are no probabilities.
        """
        if self.task == "regression":
            raise ValueError("a regression network predicts values; it has no probabilities")
        outputs = self(X)
        if self.task == "multiclass":
            return outputs / outputs.sum(axis=1, keepdims=True) if self._output_name == "sigmoid" else softmax(outputs)
        o = outputs[:, 0]
        if self._output_name in ("sigmoid", "step"):
            return o
        return (1 + o) / 2 if self._output_name in ("tanh", "sign") else resolve_activation("sigmoid").f(o)

    @property
    def _output_name(self):
        last = self.layers[-1]
        return last.activation.name if isinstance(last, Activate) else "identity"

    @property
    def _boundary(self):
        return 0.5 if self._output_name in ("sigmoid", "step") else 0.0

    # --- training it ----------------------------------------------------------------------------------------

    def loss_and_gradient(self, X, y, loss="mse", l1=0.0, l2=0.0):
        """Return the objective and its gradient (P,): loss + l1·Σ|w| + ½·l2·Σw², and ∂/∂parameters.

        The value is that of which the gradient is the gradient, so that the pair can be checked:
        with l1 = l2 = 0 it is the mean loss. Reports during training keep loss and penalty apart.

        Raises
        ------
        ValueError
            If shapes or labels do not fit, data are not finite, or the loss wants logits and the
            output layer is not ``identity``.
        """
        loss, l1, l2 = self.check_loss(loss), strength("l1", l1), strength("l2", l2)
        x = self._inputs(X)
        targets = loss.encode(y, self.widths[-1])
        if len(targets) != len(x):
            raise ValueError(f"X has {len(x)} rows, but y has {len(targets)}")
        if not len(x):
            raise ValueError("the batch is empty")
        outputs = self.backpropagate(x, targets.astype(self.dtype), loss)
        gradient = self.gradient.copy()
        weights = self.parameters[self.is_weight]
        gradient[self.is_weight] += penalty_gradient(weights, l1, l2)
        return float(loss.mean(outputs, targets)) + penalty(weights, l1, l2), gradient

    def backpropagate(self, x, targets, loss):
        """Leave ∂loss/∂parameters in ``gradient``; return the outputs. The fast path: nothing is checked.

        x (n, d) and encoded targets (n, k) must have the network's dtype. The outputs stand in a
        buffer that the next call overwrites.
        """
        spaces, output_gradient = self._space(len(x))
        for layer, space in zip(self.layers, spaces):
            x = layer.forward(x, space)
        loss.backward(x, targets, output_gradient)
        g = output_gradient
        for i in range(len(self.layers) - 1, -1, -1):
            g = self.layers[i].backward(g, spaces[i], first=i == 0)
        return x

    def check_loss(self, loss):
        """Return the Loss of a name; raise ValueError if the network's output does not suit it."""
        loss = resolve_loss(loss)
        if loss.takes_logits and self._output_name != "identity":
            raise ValueError(
                f"{loss.name} takes logits, so the output must be 'identity', not {self._output_name!r}: "
                "the loss applies the sigmoid or softmax itself"
            )
        if loss.kind == "classes" and self.widths[-1] < 2:
            raise ValueError(f"{loss.name} needs one output per class, at least 2, but the network has 1")
        return loss

    def penalty(self, l1=0.0, l2=0.0):
        """Return l1·Σ|w| + ½·l2·Σw² over the weights."""
        return penalty(self.parameters[self.is_weight], l1, l2)

    def _space(self, n):
        if n not in self._spaces:
            if len(self._spaces) >= _KEPT_BATCH_SIZES:
                self._spaces.clear()
            spaces = [layer.space(n) for layer in self.layers]
            self._spaces[n] = spaces, np.empty((n, self.widths[-1]), self.dtype)
        return self._spaces[n]

    def _inputs(self, X):
        try:
            with np.errstate(over="ignore"):  # too large for float32: reported below
                x = np.asarray(X, dtype=self.dtype)
        except (TypeError, ValueError) as error:
            raise ValueError(f"X must hold numbers in rows of equal length: {error}") from None
        if x.ndim != 2 or x.shape[1] != self.layers[0].d_in:
            raise ValueError(f"X has shape {x.shape}; the network takes (n, {self.layers[0].d_in})")
        if not np.isfinite(x).all():
            row = int(np.argwhere(~np.isfinite(x))[0, 0])
            raise ValueError(f"X holds a value that is not finite in row {row}")
        return x

    def __repr__(self):
        hidden = [layer.activation.name for layer in self.layers if isinstance(layer, Activate)]
        return f"<Network {self.widths} {' '.join(hidden)}, {self.parameters.size} parameters>"


def mlp(
    widths, activation="tanh", output="identity", init="xavier_uniform", bias=0.0, *, rng, task=None, dtype=np.float64
):
    """Return a multilayer perceptron with fresh weights.

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
    rng : numpy.random.Generator or nnlib.random.CounterGenerator
        Weights are drawn layer by layer, a whole matrix at a time.
    task : str, optional
        How outputs are read. Without it: several outputs are classes, one output that is
        ``identity`` or unbounded is a regression, any other is binary. Training sets it from the data.
    dtype : float64 or float32

    Raises
    ------
    ValueError
        For widths that are not positive integers, unknown names, or too few activations.
    """
    if np.ndim(widths) != 1 or len(widths) < 2:
        raise ValueError(f"widths lists at least inputs and outputs, such as [2, 8, 1]; {widths!r} does not")
    widths = [_width(width) for width in widths]
    if np.dtype(dtype) not in (np.float32, np.float64):
        raise ValueError(f"dtype must be float64 or float32, not {np.dtype(dtype)}")
    if task is not None and task not in TASKS:
        raise ValueError(f"task must be one of {', '.join(TASKS)}, not {task!r}")
    if not isinstance(bias, Real) or not np.isfinite(bias):
        raise ValueError(f"bias must be a finite number, not {bias!r}")
    hidden = _activations(activation, len(widths) - 2)
    output = resolve_activation(output)
    initialize = resolve_initializer(init)
    check_rng(rng)
    layers = []
    for d_in, d_out, function in zip(widths, widths[1:], [*hidden, output]):
        layers += [Dense(d_in, d_out), Activate(function, d_out)]
    if output.name == "identity":
        layers.pop()  # outputs are then the last dense layer's, without a copy
    if task is None:
        bounded = output.name in ("sigmoid", "tanh", "sign", "step")
        task = "multiclass" if widths[-1] > 1 else "binary" if bounded else "regression"
    network = Network(layers, task=task, dtype=dtype)
    for layer in layers:
        if isinstance(layer, Dense):
            layer.W[...] = initialize((layer.d_in, layer.d_out), rng)
            layer.b[...] = bias
        elif layer.size:
            layer.learned[0] = layer.activation.parameters[layer.activation.learnable]
    return network


def _width(width):
    if isinstance(width, bool) or not isinstance(width, int | np.integer) or width < 1:
        raise ValueError(f"a width must be a positive integer, not {width!r}")
    return int(width)


def _activations(activation, count):
    if isinstance(activation, list | tuple):
        if len(activation) != count:
            raise ValueError(f"{len(activation)} activations for {count} hidden layers; give one, or one for each")
        return [resolve_activation(each) for each in activation]
    return [resolve_activation(activation)] * count
