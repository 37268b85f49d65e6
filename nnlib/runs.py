"""Many networks trained at once: a sweep of rates, penalties, seeds or data sets as one stacked array.

A small network spends most of a training step on starting numpy's calls, not on arithmetic. R of
them in one array (R, P) share each call, so 64 cost about as much as five. Every member is
computed as if it were alone: no number of one enters into another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnlib.layers import Activate
from nnlib.network import Network
from nnlib.regularizers import penalty_gradient, strength
from nnlib.stacked import StackedLayer, functions_of, in_columns

_KEPT_BATCH_SIZES = 4  # training needs two: the batch and the last, short one
_NUMBERS_AT_ONCE, _LEAST_ROWS = 2**15, 32  # a layer's outputs in evaluation, so that they stay in the cache


class Networks:
    """R dense networks of one architecture over one array of parameters. Made by :func:`nnlib.mlp` with ``runs=R``.

    ``nets[r]`` is a :class:`~nnlib.network.Network` that lives in row r: what trains the stack
    changes it, and the other way round. ``len(nets)`` is R, and a loop runs over the members.

    Parameters
    ----------
    networks : sequence of Network
        Dense networks with equal widths, activations and dtypes. Their parameters are copied.

    Attributes
    ----------
    runs : int
        R, the number of networks.
    parameters : array (R, P)
        All parameters, live: row r has the layout of a single network. It is never reallocated.
    gradient : array (R, P)
        What the last :meth:`backpropagate` found.
    is_weight : array (P,) of bool
        True where a row holds a weight; only those are penalised.
    widths : list of int
        Inputs, hidden layers, outputs.
    outputs : int
        The number k of outputs of a sample.

    Raises
    ------
    ValueError
        For no networks at all, networks of different architectures, or layers other than dense
        ones with an activation each.
    """

    def __init__(self, networks):
        networks = list(networks)
        if not networks:
            raise ValueError("a stack needs at least one network")
        first, functions = networks[0], [functions_of(network) for network in networks]
        for r, network in enumerate(networks):
            if (functions[r], network.widths, network.dtype) != (functions[0], first.widths, first.dtype):
                raise ValueError(f"networks in a stack must be alike, but number {r} is {network!r} and 0 {first!r}")
        self.runs, self.widths, self.outputs = len(networks), first.widths, first.outputs
        self.is_weight = first.is_weight.copy()
        self.parameters = np.stack([network.parameters for network in networks])
        self.gradient = np.zeros_like(self.parameters)
        self._members = [
            Network([layer.fresh() for layer in first.layers], first.input_shape,
                    task=network.task, dtype=self.dtype, parameters=row, gradient=gradient)
            for network, row, gradient in zip(networks, self.parameters, self.gradient)
        ]  # fmt: skip
        self._layers, start = [], 0
        for number, function in enumerate(functions[0], 1):
            d_in, d_out = first.widths[number - 1 : number + 1]
            layer = StackedLayer(d_in, d_out, function, last=number == len(functions[0]))
            layer.bind(self.parameters[:, start : start + layer.size], self.gradient[:, start : start + layer.size])
            self._layers.append(layer)
            start += layer.size
        self._spaces = {}

    @property
    def dtype(self):
        """Of all parameters: float64 or float32."""
        return self.parameters.dtype

    @property
    def task(self):
        """How outputs are read: ``"binary"``, ``"multiclass"`` or ``"regression"``; the same for all members."""
        return self._members[0].task

    @task.setter
    def task(self, value):
        for member in self._members:
            member.task = value

    def __len__(self):
        return self.runs

    def __getitem__(self, r):
        return self._members[r]

    def __iter__(self):
        return iter(self._members)

    def copy(self):
        """Return equal networks with parameters of their own."""
        return Networks(self)

    def __deepcopy__(self, memo):
        return self.copy()  # copying array by array would cut the members' views off the stack

    # --- using them -----------------------------------------------------------------------------------------

    def __call__(self, X):
        """Return the outputs (R, n, k) for inputs X (n, d), shared by all, or (R, n, d), each its own."""
        return self.evaluate(self._inputs(X))

    def evaluate(self, x):
        """Return the outputs (R, n, k) for inputs that :meth:`samples` made. The fast path: nothing is checked."""
        outputs = np.empty((self.runs, len(x), self.outputs), self.dtype)
        rows = max(_LEAST_ROWS, _NUMBERS_AT_ONCE // (self.runs * max(self.widths)))
        for start in range(0, len(x), rows):
            h = in_columns(x[start : start + rows])
            for layer in self._layers:
                h = layer(h)
            outputs[:, start : start + rows] = h.swapaxes(1, 2)
        return outputs

    def predict(self, X):
        """Return what each member predicts: labels (R, n); for regression the outputs, (R, n) or (R, n, k)."""
        return self._members[0]._said_by(self(X))

    def predict_proba(self, X):
        """Return each member's probabilities: of the label +1, (R, n), or of each class, (R, n, C).

        Raises
        ------
        ValueError
            For regression networks, whose outputs are no probabilities.
        """
        x = self._inputs(X)[..., :-1]
        own = x.swapaxes(0, 1) if x.ndim == 3 else [x] * self.runs
        return np.stack([member.predict_proba(rows) for member, rows in zip(self._members, own)])

    # --- training them --------------------------------------------------------------------------------------

    def loss_and_gradient(self, X, y, loss="mse", l1=0.0, l2=0.0):
        """Return the objectives (R,) and their gradients (R, P): loss + ``l1·Σ|w| + ½·l2·Σw²`` of each member.

        Parameters
        ----------
        X : array (n, d) or (R, n, d)
            Shared by all members, or each its own.
        y : array (n,) or (n, k), or one axis R more in front
            The same; X may be shared and y not. A square y that could be both is taken as shared.
        l1, l2 : float or array (R,)

        Raises
        ------
        ValueError
            If shapes or labels do not fit, data are not finite, or the loss wants logits and the
            output layer is not ``identity``.
        """
        loss, penalty = self.check_loss(loss), self.penalty(l1, l2)
        l1, l2 = self.strength("l1", l1), self.strength("l2", l2)
        x, targets = self.samples(X, y, loss)
        outputs = self.backpropagate(x, targets, loss)
        values = loss.mean(outputs, runs_first(targets)) + penalty
        return values, self.gradient + self.is_weight * penalty_gradient(self.parameters, l1, l2)

    def backpropagate(self, x, targets, loss):
        """Leave ∂loss/∂parameters in ``gradient``; return the outputs (R, n, k). The fast path: nothing is checked.

        x and targets are some rows of what :meth:`samples` made. The outputs stand in a buffer that
        the next call overwrites.
        """
        spaces, output_gradient = self._space(len(x))
        h = in_columns(x)
        for layer, space in zip(self._layers, spaces):
            h = layer.forward(h, space)
        outputs = h.swapaxes(1, 2)
        loss.backward(outputs, runs_first(targets), output_gradient.swapaxes(1, 2))
        g = output_gradient
        for i in range(len(self._layers) - 1, -1, -1):
            g = self._layers[i].backward(g, spaces[i], first=i == 0)
        return outputs

    def samples(self, X, y, loss):
        """Return checked inputs, and targets as the loss encodes them, with the samples in rows, ready to be shuffled.

        Shapes: x (n, d + 1) with a 1 at the end of each row, or (n, R, d + 1) if X is (R, n, d);
        targets (n, k), or (n, R, k) if each member has its own.
        """
        x, y = self._inputs(X), np.asarray(y)
        n, k = len(x), self.outputs
        if not n:
            raise ValueError("the batch is empty")
        if y.ndim == 1 or y.shape == (n, k):
            targets = loss.encode(y, k)
        elif y.shape[:2] == (self.runs, n):
            targets = np.stack([loss.encode(own, k) for own in y], axis=1)
        else:
            raise ValueError(
                f"y has shape {y.shape}; expected ({n},) or ({n}, {k}) for all runs, or ({self.runs}, {n}) "
                f"or ({self.runs}, {n}, {k}) for each its own"
            )
        if len(targets) != n:
            raise ValueError(f"X has {n} rows, but y has {len(targets)}")
        return x, targets.astype(self.dtype)

    def draw_from(self, rng):
        """Do nothing: dense layers draw no random numbers in training."""

    def check_loss(self, loss):
        """Return the Loss of a name; raise ValueError if the networks' output does not suit it."""
        return self._members[0].check_loss(loss)

    def strength(self, name, value):
        """Return a learning rate, l1 or l2 as a float, or one for each member as an array (R, 1).

        Raises
        ------
        ValueError
            Unless it is a finite number of 0 or more, or a list of R such numbers; begins with the name.
        """
        values = value.tolist() if isinstance(value, np.ndarray) else value
        if not isinstance(values, list | tuple):
            return strength(name, values)
        if len(values) != self.runs:
            raise ValueError(f"{name} has {len(values)} values for {self.runs} runs; give one for all, or one for each")
        return np.array([[strength(f"{name}[{r}]", each)] for r, each in enumerate(values)], self.dtype)

    def penalty(self, l1=0.0, l2=0.0):
        """Return ``l1·Σ|w| + ½·l2·Σw²`` over each member's weights, (R,); infinite where they grew without bound."""
        l1, l2, w = self.strength("l1", l1), self.strength("l2", l2), self.parameters[:, self.is_weight]
        with np.errstate(over="ignore", invalid="ignore"):  # weights of a diverging member
            values = np.where(l1, l1 * np.abs(w).sum(axis=1, keepdims=True), 0)
            values = values + np.where(l2, 0.5 * l2 * np.square(w).sum(axis=1, keepdims=True), 0)
        return np.where(np.isnan(values), np.inf, values)[:, 0]

    def _space(self, n):
        if n not in self._spaces:
            if len(self._spaces) >= _KEPT_BATCH_SIZES:
                self._spaces.clear()
            spaces = [layer.space(n) for layer in self._layers]
            self._spaces[n] = spaces, np.empty((self.runs, self.outputs, n), self.dtype)
        return self._spaces[n]

    def _inputs(self, X):
        """Return X checked, samples in rows, with the 1 that the bias is multiplied by at the end of each row."""
        try:
            with np.errstate(over="ignore"):  # too large for float32: reported below
                x = np.asarray(X, dtype=self.dtype)
        except (TypeError, ValueError) as error:
            raise ValueError(f"X must hold numbers in rows of equal length: {error}") from None
        d = self.widths[0]
        if x.ndim not in (2, 3) or x.shape[-1] != d or (x.ndim == 3 and len(x) != self.runs):
            raise ValueError(
                f"X has shape {x.shape}; the networks take (n, {d}) for all, or ({self.runs}, n, {d}) for each its own"
            )
        if not np.isfinite(x).all():
            *run, row, _ = np.argwhere(~np.isfinite(x))[0]
            raise ValueError(f"X holds a value that is not finite in row {row}" + "".join(f" of run {r}" for r in run))
        return runs_first(np.concatenate([x, np.ones((*x.shape[:-1], 1), self.dtype)], axis=-1))

    def __repr__(self):
        functions = [layer.activation.name for layer in self._members[0].layers if isinstance(layer, Activate)]
        return f"<{self.runs} networks {self.widths} {' '.join(functions)}, {self.parameters.shape[1]} parameters each>"


def runs_first(targets):
    """Return inputs or targets (n, R, k) as (R, n, k), or the other way round; shared ones (n, k) as they are."""
    return targets if targets.ndim == 2 else targets.swapaxes(0, 1)


@dataclass(frozen=True)
class OwnData:
    """One data set for each member: X (R, n, d), y (R, n) and perhaps a test part, task and classes as in a Dataset.

    Made by :func:`own_data`.
    """

    X: np.ndarray
    y: np.ndarray
    X_test: np.ndarray | None
    y_test: np.ndarray | None
    task: str
    classes: int


def own_data(datasets, runs):
    """Return the OwnData of a list of datasets, one for each of the ``runs`` members.

    Raises
    ------
    ValueError
        If their number is not that of the members, or their shapes, tasks or classes differ.
    """
    if len(datasets) != runs:
        raise ValueError(f"{len(datasets)} data sets for {runs} runs; give one for all, or one for each")
    first = _kind(datasets[0])
    for r, data in enumerate(datasets):
        if _kind(data) != first:
            raise ValueError(f"data sets of one stack must be of one size and task, but number {r} is {data!r} "
                             f"and 0 is {datasets[0]!r}")  # fmt: skip
    X, y, X_test, y_test = (
        None if getattr(datasets[0], name) is None else np.stack([getattr(data, name) for data in datasets])
        for name in ("X", "y", "X_test", "y_test")
    )
    return OwnData(X, y, X_test, y_test, datasets[0].task, datasets[0].classes)


def _kind(data):
    return data.X.shape, None if data.X_test is None else data.X_test.shape, data.task, data.classes
