"""A network: a stack of layers over ONE flat parameter vector.

``net.parameters`` holds every weight and bias in a row: layer by layer the weights (row-major,
d_in × d_out), then the biases, then what else the layer learns. The layers work on views of it, so
whoever writes into the vector changes the network: an optimiser, a gradient check, a slider.
"""

from __future__ import annotations

import numpy as np

from nnlib.activations import activation as resolve_activation
from nnlib.activations import softmax
from nnlib.layers import Activate, Dense, bind_in_a_row, mark_in_a_row
from nnlib.layers.walking import activations_in_use, hidden_activations, leaves_of
from nnlib.losses import loss as resolve_loss
from nnlib.regularizers import penalty, penalty_gradient, strength

_KEPT_BATCH_SIZES = 4  # training needs two: the batch and the last, short one
_ROWS_AT_ONCE, _PICTURES_AT_ONCE = 4096, 128  # evaluated at a time, so that what layers make stays in the cache


class Network:
    """Layers in a row, trained by backpropagation. Made by :func:`nnlib.sequential` or :func:`nnlib.mlp`.

    Attributes
    ----------
    layers : tuple of Layer
        In forward order.
    input_shape : tuple of int
        Of one sample: ``(d,)`` for rows, ``(C, H, W)`` for pictures.
    outputs : int
        The number k of outputs of a sample.
    parameters : array (P,)
        All parameters, live: writing into it changes the network. It is never reallocated.
    gradient : array (P,)
        What the last :meth:`backpropagate` found, in the same layout.
    statistics : array (S,)
        What layers keep beside their parameters, such as the running means of batch normalisation.
    is_weight : array (P,) of bool
        True where ``parameters`` holds a weight; only those are penalised.
    task : str
        ``"binary"``, ``"multiclass"`` or ``"regression"``: how :meth:`predict` reads the outputs.

    Raises
    ------
    ValueError
        If the layers do not fit each other (says which), or do not end in rows.
    """

    def __init__(self, layers, input_shape, *, task, dtype=np.float64, parameters=None, gradient=None):
        self.layers = tuple(layers)
        self.input_shape = shape = tuple(input_shape)
        self.task = task
        for number, layer in enumerate(self.layers, 1):
            try:
                shape = layer.connect(shape)
            except ValueError as error:
                raise ValueError(f"layer {number}, {layer!r}: {error}") from None
        if len(shape) != 1:
            raise ValueError(f"the last layer gives outputs of shape {shape}; end with Flatten() and Dense(…)")
        self.outputs = shape[0]
        size = sum(layer.size for layer in self.layers)
        # Vectors from outside are rows of many networks' (nnlib.runs): this network is then one of them.
        self.parameters = np.zeros(size, dtype) if parameters is None else parameters
        self.gradient = np.zeros(size, dtype) if gradient is None else gradient
        self.statistics = np.zeros(sum(layer.statistics_size for layer in self.layers), dtype)
        self.is_weight = np.zeros(size, bool)
        bind_in_a_row(self.layers, self.parameters, self.gradient, self.statistics)
        mark_in_a_row(self.layers, self.is_weight)
        self._spaces = {}

    @property
    def dtype(self):
        """Of all parameters, and so of all that is computed: float64 or float32."""
        return self.parameters.dtype

    @property
    def widths(self):
        """The number of inputs, of units in each dense layer but the last, of outputs.

        Dense layers inside a Residual count: first those of its layers, then of its shortcut. Convolutions do not.
        """
        dense = [layer.units for layer, _ in leaves_of(self.layers) if isinstance(layer, Dense)]
        return [int(np.prod(self.input_shape)), *dense[:-1], self.outputs]

    def copy(self):
        """Return an equal network with parameters and statistics of its own."""
        same = Network([layer.fresh() for layer in self.layers], self.input_shape, task=self.task, dtype=self.dtype)
        same.parameters[...], same.statistics[...] = self.parameters, self.statistics
        return same

    def __deepcopy__(self, memo):
        return self.copy()  # copying array by array would cut the layers' views off the flat vector

    def summary(self):
        """Return a table in words: each layer, the shape of one sample after it, its parameters."""
        rows = [("inputs", self.input_shape, "")]
        rows += [(repr(layer), layer.output_shape, f"{layer.size:,}") for layer in self.layers]
        rows.append(("all layers", "", f"{self.parameters.size:,}"))
        cells = [(name, " × ".join(map(str, shape)), count) for name, shape, count in rows]
        cells.insert(0, ("layer", "shape of a sample", "parameters"))
        widths = [max(len(row[column]) for row in cells) for column in range(3)]
        return "\n".join(f"{a:<{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}" for a, b, c in cells)

    # --- using it -------------------------------------------------------------------------------------------

    def __call__(self, X):
        """Return the outputs (n, k) for inputs (n, d); pictures may come as (n, C, H, W) or as flat rows."""
        return self.evaluate(self._inputs(X))

    def evaluate(self, x):
        """Return the outputs for inputs (n, …) of the network's shape and dtype. The fast path: nothing is checked."""
        most = _ROWS_AT_ONCE if x.ndim == 2 else _PICTURES_AT_ONCE
        if len(x) > most:
            parts = np.split(x, range(most, len(x), most))
            return np.concatenate([self.evaluate(part) for part in parts])
        for layer in self.layers:
            x = layer(x)
        return x

    def hidden(self, X):
        """Return the outputs of each hidden activation, a list of arrays (n, width) or (n, C, H, W).

        Hidden are the activations in front of the last weights, also those inside a Residual: first of its layers,
        then of its shortcut. (:func:`nnlib.diagnosis.dead_units` has one entry for each of them, too.)
        """
        hidden = hidden_activations(self)
        return [a for layer, _, a in activations_in_use(self.layers, self._inputs(X)) if layer in hidden]

    def predict(self, X):
        """Return labels (n,): −1/+1 (an output exactly on the boundary counts as +1) or class numbers.

        For regression the outputs themselves, (n,) or (n, k).
        """
        return self._said_by(self(X))

    def _said_by(self, outputs):
        """Return what outputs (…, k) say; of one network or, stacked, of many."""
        if self.task == "multiclass":
            return outputs.argmax(axis=-1)
        if self.task == "binary":
            return np.where(outputs[..., 0] >= self._boundary, 1.0, -1.0)
        return outputs[..., 0] if outputs.shape[-1] == 1 else outputs

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
            return (
                outputs / outputs.sum(axis=1, keepdims=True)
                if self.output_activation == "sigmoid"
                else softmax(outputs)
            )
        o = outputs[:, 0]
        if self.output_activation in ("sigmoid", "step"):
            return o
        return (1 + o) / 2 if self.output_activation in ("tanh", "sign") else resolve_activation("sigmoid").f(o)

    @property
    def output_activation(self):
        """The name of the activation that ends the network."""
        last = self.layers[-1]
        return last.activation.name if isinstance(last, Activate) else "identity"

    @property
    def _boundary(self):
        return 0.5 if self.output_activation in ("sigmoid", "step") else 0.0

    # --- training it ----------------------------------------------------------------------------------------

    def loss_and_gradient(self, X, y, loss="mse", l1=0.0, l2=0.0, *, rng=None):
        """Return the objective and its gradient (P,): loss + ``l1·Σ|w| + ½·l2·Σw²``, and ∂/∂parameters.

        The value is that of which the gradient is the gradient, so that the pair can be checked:
        with l1 = l2 = 0 it is the mean loss. Reports during training keep loss and penalty apart.
        Layers behave as in training: batch normalisation looks at this batch, and dropout draws
        masks from ``rng``, the same for equal generators. The running statistics stay as they are.

        Raises
        ------
        ValueError
            If shapes or labels do not fit, data are not finite, the loss wants logits and the
            output layer is not ``identity``, or a network with dropout gets no rng.
        """
        loss, l1, l2 = self.check_loss(loss), strength("l1", l1), strength("l2", l2)
        x, targets = self.samples(X, y, loss)
        statistics = self.statistics.copy()
        self.draw_from(rng)
        outputs = self.backpropagate(x, targets, loss)
        self.statistics[...] = statistics
        gradient = self.gradient.copy()
        weights = self.parameters[self.is_weight]
        gradient[self.is_weight] += penalty_gradient(weights, l1, l2)
        return float(loss.mean(outputs, targets)) + penalty(weights, l1, l2), gradient

    def backpropagate(self, x, targets, loss):
        """Leave ∂loss/∂parameters in ``gradient``; return the outputs. The fast path: nothing is checked.

        x (n, …) and encoded targets (n, k) must have the network's shape and dtype. The outputs stand
        in a buffer that the next call overwrites. Running statistics move on.
        """
        spaces, output_gradient = self._space(len(x))
        for layer, space in zip(self.layers, spaces):
            x = layer.forward(x, space)
        loss.backward(x, targets, output_gradient)
        g = output_gradient
        for i in range(len(self.layers) - 1, -1, -1):
            g = self.layers[i].backward(g, spaces[i], first=i == 0)
        return x

    def samples(self, X, y, loss):
        """Return inputs (n, …) and targets (n, k) as the loss encodes them, checked and of the network's dtype.

        Raises
        ------
        ValueError
            If shapes or labels do not fit, X is not finite, or there are no samples.
        """
        x, targets = self._inputs(X), loss.encode(y, self.outputs)
        if len(targets) != len(x):
            raise ValueError(f"X has {len(x)} rows, but y has {len(targets)}")
        if not len(x):
            raise ValueError("the batch is empty")
        return x, targets.astype(self.dtype)

    def draw_from(self, rng):
        """Let every layer that is random in training draw from ``rng``."""
        waiting = list(self.layers)
        while waiting:
            layer = waiting.pop()
            layer.rng = rng
            waiting += layer.inner

    def check_loss(self, loss):
        """Return the Loss of a name; raise ValueError if the network's output does not suit it."""
        loss = resolve_loss(loss)
        if loss.takes_logits and self.output_activation != "identity":
            raise ValueError(
                f"{loss.name} takes logits, so the output must be 'identity', not {self.output_activation!r}: "
                "the loss applies the sigmoid or softmax itself"
            )
        if loss.kind == "classes" and self.outputs < 2:
            raise ValueError(f"{loss.name} needs one output per class, at least 2, but the network has 1")
        return loss

    def strength(self, name, value):
        """Return a learning rate, l1 or l2 as a float; :func:`nnlib.regularizers.strength` with its name."""
        return strength(name, value)

    def penalty(self, l1=0.0, l2=0.0):
        """Return ``l1·Σ|w| + ½·l2·Σw²`` over the weights."""
        return penalty(self.parameters[self.is_weight], l1, l2)

    def _space(self, n):
        if n not in self._spaces:
            if len(self._spaces) >= _KEPT_BATCH_SIZES:
                self._spaces.clear()
            spaces = [layer.space(n) for layer in self.layers]
            self._spaces[n] = spaces, np.empty((n, self.outputs), self.dtype)
        return self._spaces[n]

    def _inputs(self, X):
        try:
            with np.errstate(over="ignore"):  # too large for float32: reported below
                x = np.asarray(X, dtype=self.dtype)
        except (TypeError, ValueError) as error:
            raise ValueError(f"X must hold numbers in rows of equal length: {error}") from None
        if x.ndim == 2:
            if x.shape[1] != np.prod(self.input_shape):
                raise ValueError(f"X has shape {x.shape}; the network takes {self._takes()}")
            x = x.reshape(len(x), *self.input_shape)
        if x.shape[1:] != self.input_shape:
            raise ValueError(f"X has shape {x.shape}; the network takes {self._takes()}")
        if not np.isfinite(x).all():
            row = int(np.argwhere(~np.isfinite(x))[0, 0])
            raise ValueError(f"X holds a value that is not finite in row {row}")
        return x

    def _takes(self):
        flat = f"(n, {np.prod(self.input_shape)})"
        return flat if len(self.input_shape) == 1 else f"(n, {', '.join(map(str, self.input_shape))}) or {flat}"

    def __repr__(self):
        if not all(isinstance(layer, Dense | Activate) for layer in self.layers):
            layers = " ".join(map(repr, self.layers))
            return f"<Network {self.input_shape} {layers}, {self.parameters.size} parameters>"
        functions = [layer.activation.name for layer in self.layers if isinstance(layer, Activate)]
        return f"<Network {self.widths} {' '.join(functions)}, {self.parameters.size} parameters>"
