"""Automatic differentiation: a number that remembers how it was computed, and can be asked how it depends on that.

A :class:`Tensor` is a node of the computation graph. Every operation makes a new node from the
value, and from one *rule* for each operand: a function that takes g = ∂L/∂result to ∂L/∂operand.
Value and rules stand side by side, and :meth:`Tensor.backward` needs nothing else. It walks the
graph from the result to the inputs, once, and adds up what arrives at each node over all paths.
That is reverse accumulation, and it costs about as much as computing the value, however many inputs
there are.

Arithmetic, shapes and sums are here; exp, maximum and all other functions of tensors are in
:mod:`nnlib.expressions`, which is at once the example of how an operation is added.

Source: S. Linnainmaa, "The representation of the cumulative rounding error of an algorithm as a
Taylor expansion of the local rounding errors", master's thesis, Helsinki, 1970; for the history,
A. Griewank, "Who invented the reverse mode of differentiation?", Documenta Mathematica, 2012.
"""

from __future__ import annotations

import numpy as np


class Tensor:
    """An array of any shape, () included, with the operations it came from.

    Arithmetic, ``@``, ``**`` with a plain exponent, indexing and the methods below give new tensors. Plain
    numbers and arrays may stand on either side; they are constants, into which no derivative flows.
    Shapes broadcast as in numpy. A graph belongs to the values it was computed from: after a change of
    ``data``, compute anew.

    Parameters
    ----------
    data : number or array
        Copied, as float64.
    name : str
        What :meth:`graph` calls it.

    Attributes
    ----------
    data : array
        The value.
    grad : array or None
        ∂L/∂self in the shape of ``data``, where L is what ``backward`` was called on; None before.
        Several calls add up.
    parents : tuple of Tensor
        The operands it was computed from, in order; empty for an input.
    operation : str
        How it was computed, such as ``"×"`` or ``"× 0.5"``; empty for an input.

    Raises
    ------
    ValueError
        If ``data`` are not numbers.
    """

    __slots__ = ("__weakref__", "_rules", "data", "grad", "name", "operation", "parents")
    __array_ufunc__ = None  # array ∘ Tensor is then left to the reflected operators below

    def __init__(self, data, name=""):
        self.data = np.array(_array(data))
        self.grad = None
        self.name = name
        self.parents, self._rules, self.operation = (), (), ""

    @property
    def shape(self):
        """The shape of the value."""
        return self.data.shape

    def __repr__(self):
        about = "".join(f", {key}={getattr(self, key)!r}" for key in ("name", "operation") if getattr(self, key))
        return f"Tensor({np.array2string(self.data, precision=6, threshold=20)}{about})"

    # --- the backward pass ----------------------------------------------------------------------------------

    def backward(self, gradient=None):
        """Add ∂L/∂node to ``grad`` of this node and of every node it was computed from.

        Parameters
        ----------
        gradient : array, optional
            ∂L/∂self, in the shape of this tensor. Left out it is 1: then L is this tensor itself, which
            must have one element.

        Raises
        ------
        ValueError
            If the tensor has several elements and no gradient is given, or the gradient's shape differs.
        """
        if gradient is None:
            if self.data.size != 1:
                raise ValueError(
                    f"a tensor of shape {self.shape} is not one number: take its sum or mean, "
                    "or give backward the gradient that arrives at it"
                )
            gradient = np.ones(self.shape)
        gradient = np.array(_array(gradient))
        if gradient.shape != self.shape:
            raise ValueError(f"the gradient has shape {gradient.shape}, but the tensor has {self.shape}")
        # Kept apart from .grad, which may hold earlier calls: only what arrives in this one is passed on.
        arrived = {self: gradient}
        for tensor in reversed(ancestors(self)):
            g = np.asarray(arrived.pop(tensor))
            tensor.grad = g if tensor.grad is None else tensor.grad + g
            for parent, rule in zip(tensor.parents, tensor._rules):
                arrived[parent] = arrived.get(parent, 0) + unbroadcast(rule(g), parent.shape)

    def zero_grad(self):
        """Forget ``grad`` of this node and of every node it was computed from."""
        for tensor in ancestors(self):
            tensor.grad = None

    def graph(self, ax=None):
        """Draw how this tensor was computed, with values and gradients, and return the axes.

        See :func:`nnlib.plots.computation_graph`.
        """
        from nnlib.plots.graph import computation_graph

        return computation_graph(self, ax)

    # --- two operands: the first may be a constant, for that is how a reflected operator calls --------------

    def __add__(self, other):
        a, b = arrays("+", self, other)
        return node("+", a + b, (self, lambda g: g), (other, lambda g: g))

    def __sub__(self, other):
        a, b = arrays("−", self, other)
        return node("−", a - b, (self, lambda g: g), (other, lambda g: -g))

    def __mul__(self, other):
        a, b = arrays("×", self, other)
        return node("×", a * b, (self, lambda g: g * b), (other, lambda g: g * a))

    def __truediv__(self, other):
        a, b = arrays("÷", self, other)
        return node("÷", a / b, (self, lambda g: g / b), (other, lambda g: -g * a / b / b))

    def __matmul__(self, other):
        a, b = _array(self), _array(other)
        try:
            value = np.matmul(a, b)
        except ValueError:
            raise ValueError(
                f"@ needs as many columns on its left as rows on its right, not {a.shape} and {b.shape}"
            ) from None
        # As in numpy, a vector counts as one row on the left and as one column on the right.
        A, B = np.atleast_2d(a), b[:, None] if b.ndim == 1 else b
        whole = (A @ B).shape

        def to_right(g):
            B_gradient = A.swapaxes(-1, -2) @ g.reshape(whole)
            return B_gradient[..., 0] if b.ndim == 1 else B_gradient

        return node("@", value, (self, lambda g: g.reshape(whole) @ B.swapaxes(-1, -2)), (other, to_right))

    def __radd__(self, other):
        return Tensor.__add__(other, self)

    def __rsub__(self, other):
        return Tensor.__sub__(other, self)

    def __rmul__(self, other):
        return Tensor.__mul__(other, self)

    def __rtruediv__(self, other):
        return Tensor.__truediv__(other, self)

    def __rmatmul__(self, other):
        return Tensor.__matmul__(other, self)

    def __rpow__(self, other):
        return Tensor.__pow__(other, self)

    # --- one operand ----------------------------------------------------------------------------------------

    def __neg__(self):
        return node("neg", -self.data, (self, lambda g: -g))

    def __pow__(self, exponent):
        """Return xᵖ for a plain number p; ∂/∂x = p·xᵖ⁻¹."""
        if isinstance(exponent, Tensor) or np.ndim(exponent):
            raise ValueError("the exponent must be a plain number; xᵖ for a tensor p is exp(p * log(x))")
        x, p = self.data, float(_array(exponent))
        return node(f"** {p:g}", x**p, (self, lambda g: g * (p * x ** (p - 1) if p else 0)))

    # --- shapes ---------------------------------------------------------------------------------------------

    def __getitem__(self, index):
        """Return a part; each entry's gradient goes back to its place, and adds up where it was taken twice."""

        def back(g):
            whole = np.zeros(self.shape)
            np.add.at(whole, index, g)
            return whole

        label = f"[{index}]" if isinstance(index, int | np.integer) else "[…]"
        return node(label, self.data[index], (self, back))

    def __iter__(self):
        return (self[i] for i in range(len(self.data)))

    def reshape(self, *shape):
        """Return the same entries in another shape."""
        before = self.shape
        return node("reshape", self.data.reshape(*shape), (self, lambda g: g.reshape(before)))

    def transpose(self, *axes):
        """Return the array with its axes in the given order; without one, in reverse order."""
        order = np.arange(self.data.ndim)
        axes = order[list(axes)] if axes else order[::-1]
        return node("transpose", self.data.transpose(axes), (self, lambda g: g.transpose(np.argsort(axes))))

    @property
    def T(self):
        """The array with its axes in reverse order."""
        return self.transpose()

    # --- many entries to fewer; axis as in numpy: None for all, a number or a tuple of them -----------------

    def sum(self, axis=None, keepdims=False):
        """Return Σx along an axis; each entry gets the sum's gradient."""
        value = self.data.sum(axis=axis, keepdims=keepdims)
        return node("sum", value, (self, self._spread(axis, keepdims)))

    def mean(self, axis=None, keepdims=False):
        """Return the mean along an axis; each of the m entries gets 1/m of its gradient."""
        value = self.data.mean(axis=axis, keepdims=keepdims)
        spread, share = self._spread(axis, keepdims), np.size(value) / max(self.data.size, 1)
        return node("mean", value, (self, lambda g: spread(g) * share))

    def max(self, axis=None, keepdims=False):
        """Return the largest entry along an axis; it gets the gradient, and equal ones share it evenly."""
        largest = self.data == self.data.max(axis=axis, keepdims=True)
        share = largest / largest.sum(axis=axis, keepdims=True)
        spread = self._spread(axis, keepdims)
        return node("max", self.data.max(axis=axis, keepdims=keepdims), (self, lambda g: spread(g) * share))

    def _spread(self, axis, keepdims):
        """Return the rule that repeats a gradient along the axes that were taken away."""
        shape = self.shape
        lost = () if keepdims else tuple(range(len(shape))) if axis is None else axis
        return lambda g: np.broadcast_to(np.expand_dims(g, lost), shape)


def ancestors(tensor):
    """Return the tensor and all it was computed from, every node once and after its own parents; it comes last.

    A depth-first search with a stack of its own: a chain of operations may be longer than Python's.
    """
    order, seen, stack = [], set(), [(tensor, False)]
    while stack:
        tensor, parents_are_done = stack.pop()
        if parents_are_done:
            order.append(tensor)
        elif tensor not in seen:
            seen.add(tensor)
            stack.append((tensor, True))
            stack.extend((parent, False) for parent in reversed(tensor.parents))
    return order


def unbroadcast(gradient, shape):
    """Return the gradient of an operand of this shape from that of the array it was broadcast to.

    Broadcasting uses one entry several times, so its gradient is the sum over all uses: over the
    axes that were put in front, and along those of length 1 that were stretched.
    """
    added = gradient.ndim - len(shape)
    stretched = [added + i for i, length in enumerate(shape) if length == 1]
    return gradient.sum(axis=(*range(added), *stretched)).reshape(shape)


def node(symbol, value, *operands):
    """Return the tensor of an operation. Every operation is made of this, and a new one needs nothing more.

    Parameters
    ----------
    symbol : str
        What the graph shows; constant operands are written beside it.
    value : array
        The result.
    operands : pairs (operand, rule)
        Each operand with the function from g = ∂L/∂result to ∂L/∂operand. A rule need not undo
        broadcasting. Where the operand is a plain array, its rule is dropped.
    """
    result = Tensor(value)
    kept = [(operand, rule) for operand, rule in operands if isinstance(operand, Tensor)]
    result.parents = tuple(operand for operand, _ in kept)
    result._rules = tuple(rule for _, rule in kept)
    words = [symbol] if isinstance(operands[0][0], Tensor) else [_constant(operands[0][0]), symbol]
    words += [_constant(operand) for operand, _ in operands[1:] if not isinstance(operand, Tensor)]
    result.operation = " ".join(words)
    return result


def arrays(symbol, *operands):
    """Return the arrays of operands, tensors or not.

    Raises
    ------
    ValueError
        If their shapes do not broadcast; begins with the operation's symbol.
    """
    values = [_array(operand) for operand in operands]
    try:
        np.broadcast_shapes(*(value.shape for value in values))
    except ValueError:
        shapes = " and ".join(str(value.shape) for value in values)
        raise ValueError(
            f"{symbol}: shapes {shapes} do not broadcast; from the right, lengths must agree or be 1"
        ) from None
    return values


def _constant(operand):
    array = np.asarray(operand)
    return f"{array.item():.4g}".replace("-", "−") if array.size == 1 else f"[{'×'.join(map(str, array.shape))}]"


def _array(operand):
    if isinstance(operand, Tensor):
        return operand.data
    try:
        array = np.asarray(operand)
    except ValueError:
        raise ValueError(f"rows of unequal length make no array: {operand!r}") from None
    if array.dtype.kind not in "biuf":
        raise ValueError(f"a tensor computes with numbers and arrays of numbers, not {operand!r}")
    return array.astype(np.float64, copy=False)
