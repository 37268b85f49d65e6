"""The computation graph: every operation against central differences and PyTorch, and what graphs must get right.

A new operation is tested by adding it to ``OPERATIONS``.
"""

import gc
import inspect

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

from nnlib import autodiff, expressions, gradcheck
from nnlib.autodiff import Tensor, ancestors, node, unbroadcast

pytestmark = pytest.mark.filterwarnings("error")

# (shapes of the operands, interval they are drawn from, the operation for a library m: expressions or torch)
PAIRS = [((), ()), ((3,), (3,)), ((2, 3), ()), ((3,), (2, 3)), ((2, 1), (1, 4)), ((4, 1, 2), (3, 1)), ((0,), (1,))]
ONE = [((),), ((3,),), ((2, 0),), ((2, 3, 2),)]
GRID = [((2, 3, 4),)]
OPERATIONS = {
    "+": (PAIRS, (-2, 2), lambda m, a, b: a + b),
    "−": (PAIRS, (-2, 2), lambda m, a, b: a - b),
    "×": (PAIRS, (-2, 2), lambda m, a, b: a * b),
    "÷": (PAIRS, (0.3, 2), lambda m, a, b: a / b),
    "@": (
        [((2, 3), (3, 4)), ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((5, 2, 3), (3, 4)), ((5, 1, 2, 3), (2, 3, 4)),
         ((3,), (5, 3, 4)), ((5, 2, 3), (3,)), ((2, 0), (0, 3))],
        (-2, 2), lambda m, a, b: a @ b,
    ),
    "neg": (ONE, (-2, 2), lambda m, a: -a),
    "** 3": (ONE, (-2, 2), lambda m, a: a**3),
    "** −1.5": (ONE, (0.3, 2), lambda m, a: a**-1.5),
    "** 0": (ONE, (-2, 2), lambda m, a: a**0),
    "constants on the right": (ONE, (0.3, 2), lambda m, a: (a + 2) * 3 - 1.5 + a / 4),
    "constants on the left": (ONE, (0.3, 2), lambda m, a: 2 + 3 * (1.5 - a) + 4 / a),
    "exp": (ONE, (-2, 2), lambda m, a: m.exp(a)),
    "expm1": (ONE, (-2, 2), lambda m, a: m.expm1(a)),
    "log": (ONE, (0.3, 2), lambda m, a: m.log(a)),
    "log1p": (ONE, (-0.8, 2), lambda m, a: m.log1p(a)),
    "sqrt": (ONE, (0.3, 2), lambda m, a: m.sqrt(a)),
    "tanh": (ONE, (-2, 2), lambda m, a: m.tanh(a)),
    "sigmoid": (ONE, (-4, 4), lambda m, a: m.sigmoid(a)),
    "erf": (ONE, (-2, 2), lambda m, a: m.erf(a)),
    "absolute": (ONE, (-2, 2), lambda m, a: m.absolute(a)),
    "maximum": (PAIRS, (-2, 2), lambda m, a, b: m.maximum(a, b)),
    "minimum": (PAIRS, (-2, 2), lambda m, a, b: m.minimum(a, b)),
    "logaddexp": (PAIRS, (-2, 2), lambda m, a, b: m.logaddexp(a, b)),
    "where": (PAIRS, (-2, 2), lambda m, a, b: m.where(a.data > 0, a, b)),
    "[1]": ([((3,),), ((2, 3),)], (-2, 2), lambda m, a: a[1]),
    "[slice]": ([((4, 3),)], (-2, 2), lambda m, a: a[1:, ::2]),
    "[the same row twice]": ([((3,),), ((3, 2),)], (-2, 2), lambda m, a: a[[0, 2, 0, 0]]),
    "[one of each row]": ([((3, 4),)], (-2, 2), lambda m, a: a[[0, 1, 2], [3, 0, 3]]),
    "rows in turn": ([((3, 2),)], (0.3, 2), lambda m, a: sum(row * row[0] for row in a)),
    "reshape": (GRID, (-2, 2), lambda m, a: a.reshape(6, -1)),
    "reshape to a tuple": (GRID, (-2, 2), lambda m, a: a.reshape((4, 6))),
    "T": ([((2, 3),)], (-2, 2), lambda m, a: a.T),
    "transpose": (GRID, (-2, 2), lambda m, a: a.permute(2, 0, 1) if m is torch else a.transpose(-1, 0, 1)),
    "sum": ([*ONE, *GRID], (-2, 2), lambda m, a: a.sum()),
    "sum of rows": (GRID, (-2, 2), lambda m, a: a.sum(axis=1)),
    "sum over two axes, kept": (GRID, (-2, 2), lambda m, a: a.sum(axis=(0, -1), keepdims=True)),
    "mean": (GRID, (-2, 2), lambda m, a: a.mean()),
    "mean of columns": (GRID, (-2, 2), lambda m, a: a.mean(axis=-1)),
    "mean over two axes, kept": (GRID, (-2, 2), lambda m, a: a.mean(axis=(0, 1), keepdims=True)),
    "max": (GRID, (-2, 2), lambda m, a: a.amax() if m is torch else a.max()),
    "max of rows": (GRID, (-2, 2), lambda m, a: a.amax(1) if m is torch else a.max(axis=1)),
    "max, kept": (GRID, (-2, 2), lambda m, a: a.amax(2, keepdim=True) if m is torch else a.max(axis=2, keepdims=True)),
    "softmax": ([((2, 3),)], (-2, 2), lambda m, a: F.softmax(a, -1) if m is torch else m.softmax(a)),
}  # fmt: skip
CASES = [(name, shapes) for name, (variants, _, _) in OPERATIONS.items() for shapes in variants]


def operands(name, shapes):
    rng = np.random.default_rng(len(name))
    return [np.asarray(rng.uniform(*OPERATIONS[name][1], shape)) for shape in shapes]


def gradients(f, arrays, arriving=None):
    """Return the value of f of tensors, the gradient that arrives there, and those of the operands."""
    tensors = [Tensor(array) for array in arrays]
    result = f(*tensors)
    if arriving is None:
        arriving = np.random.default_rng(1).uniform(0.5, 2, result.shape)
    result.backward(arriving)
    return result.data, arriving, [np.zeros(t.shape) if t.grad is None else t.grad for t in tensors]


def worst_error(f, arrays):
    """Return the largest error that central differences find in the gradients of any operand."""
    errors = []
    for k in range(len(arrays)):

        def one(x, k=k):
            value, arriving, found = gradients(f, [*arrays[:k], x, *arrays[k + 1 :]])
            return float((value * arriving).sum()), found[k]

        errors.append(gradcheck(one, arrays[k]))
    return max(errors)


def same(found, expected, tolerance=1e-12):
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


# --- operations -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name, shapes", CASES)
def test_operations_agree_with_central_differences(name, shapes):
    assert worst_error(lambda *xs: OPERATIONS[name][2](expressions, *xs), operands(name, shapes)) < 1e-8


@pytest.mark.parametrize("name, shapes", CASES)
def test_operations_agree_with_pytorch(name, shapes):
    f, arrays = OPERATIONS[name][2], operands(name, shapes)
    value, arriving, found = gradients(lambda *xs: f(expressions, *xs), arrays)
    twins = [torch.tensor(array, requires_grad=True) for array in arrays]
    result = f(torch, *twins)
    same(value, result.detach().numpy())
    expected = torch.autograd.grad(result, twins, torch.tensor(arriving), allow_unused=True, materialize_grads=True)
    for gradient, twin in zip(found, expected):
        same(gradient, twin.numpy())


def test_every_function_is_in_the_table():
    public = {name for name, f in vars(expressions).items() if inspect.isfunction(f) and f.__module__.endswith("ons")}
    named = {name for name in public if not name.startswith("_")}
    assert named == {*OPERATIONS} & named | {"network_loss"}


FAULTS = {  # of arrays: the value, and a rule for each operand
    "tanh without the square": lambda a: (np.tanh(a), lambda g: g * (1 - np.tanh(a))),
    "its own factor, not the other": lambda a, b: (a * b, lambda g: g * a, lambda g: g * b),
    "the sign of a difference": lambda a, b: (a - b, lambda g: g, lambda g: g),
    "one of two paths": lambda a: (a * a, lambda g: g * a),
    "not transposed": lambda a, b: (a @ b, lambda g: g @ b, lambda g: a.T @ g),
    "a mean that forgets to divide": lambda a: (a.mean(), lambda g: g * np.ones(a.shape)),
    "the smaller gets it": lambda a, b: (np.maximum(a, b), lambda g: g * (a < b), lambda g: g * (a > b)),
    "written where it should be added": lambda a: (a[[0, 0]], lambda g: np.stack([g[1], 0 * g[1], 0 * g[1]])),
    "nothing at all": lambda a: (np.exp(a), lambda g: 0 * g),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_faults_are_caught(fault):
    def faulty(*tensors):
        value, *rules = FAULTS[fault](*(tensor.data for tensor in tensors))
        return node("?", value, *zip(tensors, rules))

    count = len(inspect.signature(FAULTS[fault]).parameters)
    assert worst_error(faulty, list(np.random.default_rng(0).uniform(0.3, 2, (count, 3, 3)))) > 0.01


def test_a_wrong_unbroadcast_is_caught(monkeypatch):
    arrays = operands("×", ((3,), (2, 3)))
    assert worst_error(lambda a, b: a * b, arrays) < 1e-8
    monkeypatch.setattr(autodiff, "unbroadcast", lambda g, shape: g if g.shape == shape else g[0])
    assert worst_error(lambda a, b: a * b, arrays) > 0.01


LEFT = [
    2,
    2.5,
    np.float64(2.5),
    np.float32(2.5),
    np.int64(2),
    [1, 2, 3],
    np.array([1.5, 2, 3]),
    np.ones((4, 3), np.int8),
]
BINARY = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
}


@pytest.mark.parametrize("sign", BINARY)
@pytest.mark.parametrize("left", LEFT, ids=repr)
def test_numbers_and_arrays_may_stand_on_the_left(sign, left):
    x = np.array([0.5, -1.0, 2.0])
    result = BINARY[sign](left, Tensor(x))
    assert isinstance(result, Tensor) and len(result.parents) == 1
    same(result.data, BINARY[sign](np.asarray(left, float), x))
    same(result.data, BINARY[sign](Tensor(left), x).data)


def test_an_array_times_a_matrix_on_the_left():
    X, W = np.arange(6.0).reshape(2, 3), Tensor(np.ones((3, 2)))
    (X @ W).sum().backward()
    same(W.grad, np.repeat(X.sum(0)[:, None], 2, axis=1))


def test_the_conventions_at_corners():
    a, b = Tensor([1.0, 2.0]), Tensor([1.0, 2.0])
    expressions.maximum(a, b).sum().backward()
    same(a.grad, [0, 0]), same(b.grad, [1, 1])
    a.zero_grad(), b.zero_grad()
    expressions.minimum(a, b).sum().backward()
    same(a.grad, [1, 1]), same(b.grad, [0, 0])
    x = Tensor([3.0, -1.0, 3.0, 3.0])
    x.max().backward()
    same(x.grad, [1 / 3, 0, 1 / 3, 1 / 3])
    for f in (expressions.absolute, lambda x: x**0, lambda x: x**2):
        zero = Tensor(0.0)
        f(zero).backward()
        same(zero.grad, 0.0)


# --- graphs -----------------------------------------------------------------------------------------------------


def test_a_shared_node_adds_up_what_arrives():
    x = Tensor(3.0)
    (x * x).backward()
    same(x.grad, 6.0)
    y = Tensor(3.0)
    (y + y).backward()
    same(y.grad, 2.0)
    z = Tensor(0.5)
    square = z * z
    (square * square * z + square).backward()  # z⁵ + z²
    same(z.grad, 5 * 0.5**4 + 2 * 0.5)
    same(square.grad, 2 * 0.25 * 0.5 + 1)


def test_calls_add_up_and_zero_grad_forgets():
    x = Tensor(3.0)
    y = x * x
    loss = 2 * y
    loss.backward()
    loss.backward()
    same(x.grad, 24.0), same(y.grad, 4.0), same(loss.grad, 2.0)
    (5 * y).backward()
    same(x.grad, 54.0), same(y.grad, 9.0)
    loss.zero_grad()
    assert x.grad is y.grad is loss.grad is None
    loss.backward()
    same(x.grad, 12.0)


def test_gradients_share_no_memory():
    a, b = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    given = np.ones(2)
    total = a + b
    total.backward(given)
    a.grad[0] = total.grad[1] = 100.0
    same(b.grad, [1, 1]), same(given, [1, 1])


def test_data_are_copied_and_results_are_float64():
    array = np.array([1.0, 2.0])
    x = Tensor(array)
    array[0] = 7
    assert x.data.tolist() == [1.0, 2.0]
    assert Tensor(np.array([1, 2], dtype=np.int32)).data.dtype == np.float64
    (x * np.float32(2)).sum().backward()
    assert x.grad.dtype == np.float64 and isinstance(Tensor(True).data, np.ndarray)
    scalar = Tensor(2.0)
    (scalar * scalar + scalar[()]).backward()
    assert isinstance(scalar.grad, np.ndarray) and scalar.grad.shape == ()


def test_constants_get_no_gradient_and_are_written_beside_the_sign():
    x = Tensor([1.0, 2.0], "x")
    C = np.ones((2, 2))
    written = {
        "× 0.5": x * 0.5, "0.5 ×": 0.5 * x, "−2 −": -2 - x, "÷ 0.001": x / 1e-3, "** 2": x**2, "[2×2] ×": C * x,
        "[2×2] @": C @ x, "@ [2×2]": x @ C, "max 0": expressions.maximum(x, 0), "[0]": x[0], "[…]": x[:1],
        "1 where": expressions.where(C > 0, 1, x),
    }  # fmt: skip
    for operation, result in written.items():
        assert (result.operation, result.parents) == (operation, (x,))
    assert expressions.maximum(1, 2).parents == ()
    assert repr(x) == "Tensor([1. 2.], name='x')" and repr(x * 2) == "Tensor([2. 4.], operation='× 2')"


@pytest.mark.parametrize("length", [10_000])
def test_a_long_chain_works(length):
    x = Tensor(1.0)
    y = x
    for _ in range(length):
        y = y * 1.0001 + 0.5 - x * 1e-4
    y.backward()
    growth = 1.0001**length
    same(x.grad, growth - 1e-4 * (growth - 1) / 1e-4, 1e-9)
    assert len(ancestors(y)) == 4 * length + 1
    del y
    gc.collect()


def test_every_node_is_visited_once():
    x = Tensor(1.0)
    y = x
    for _ in range(60):  # 2⁶⁰ paths
        y = y + y
    y.backward()
    assert x.grad == 2.0**60


@settings(database=None, deadline=None, max_examples=60)
@given(st.data())
def test_parents_come_before_children(data):
    tensors = [Tensor(1.0)]
    for k in range(data.draw(st.integers(1, 12))):
        pick = st.integers(0, k)
        tensors.append(tensors[data.draw(pick)] + tensors[data.draw(pick)])
    order = ancestors(tensors[-1])
    assert len(set(order)) == len(order) and order[-1] is tensors[-1]
    for position, tensor in enumerate(order):
        assert all(parent in order[:position] for parent in tensor.parents)


@settings(database=None, deadline=None, max_examples=100)
@given(mutually_broadcastable_shapes(num_shapes=2, min_side=0, max_side=4, max_dims=4))
def test_unbroadcast_is_the_adjoint_of_broadcasting(shapes):
    rng = np.random.default_rng(0)
    g = rng.normal(size=shapes.result_shape)
    for shape in shapes.input_shapes:
        x = rng.normal(size=shape)
        undone = unbroadcast(g, shape)
        assert undone.shape == shape
        assert (undone * x).sum() == pytest.approx((g * np.broadcast_to(x, g.shape)).sum(), abs=1e-10)


PLAIN = Tensor([1.0, 2.0])
BAD = {
    "shapes that do not broadcast": (lambda: PLAIN + np.ones(3), r"\+: shapes \(2,\) and \(3,\) do not broadcast"),
    "the same on the left": (lambda: np.ones((3, 1, 3)) * PLAIN, r"×: shapes \(3, 1, 3\) and \(2,\) do not broadcast"),
    "maximum": (lambda: expressions.maximum(PLAIN, np.ones(3)), r"maximum: shapes \(2,\) and \(3,\)"),
    "a condition of another shape": (lambda: expressions.where(np.ones(3), PLAIN, 0), r"where: shapes .* and \(3,\)"),
    "a condition that is a tensor": (lambda: expressions.where(PLAIN, PLAIN, 0), "plain array of bool"),
    "@": (lambda: PLAIN @ np.ones((3, 2)), r"as many columns .* not \(2,\) and \(3, 2\)"),
    "@ a number": (lambda: PLAIN @ 2, r"not \(2,\) and \(\)"),
    "a tensor as exponent": (lambda: PLAIN**PLAIN, r"plain number; .* exp\(p \* log\(x\)\)"),
    "an array as exponent": (lambda: PLAIN ** np.ones(2), "plain number"),
    "a number to a tensor": (lambda: 2**PLAIN, "plain number"),
    "backward of an array": (lambda: PLAIN.backward(), r"shape \(2,\) is not one number: take its sum or mean"),
    "a gradient of another shape": (lambda: PLAIN.backward([1.0, 2, 3]), r"shape \(3,\), but the tensor has \(2,\)"),
    "a gradient for a number": (lambda: PLAIN.sum().backward([1.0]), r"shape \(1,\), but the tensor has \(\)"),
    "text": (lambda: Tensor("3"), "numbers and arrays of numbers, not '3'"),
    "nothing": (lambda: Tensor(None), "not None"),
    "a complex number": (lambda: PLAIN * 2j, "not 2j"),
    "a tensor of tensors": (lambda: Tensor([PLAIN[0], PLAIN[1]]), "numbers and arrays of numbers"),
    "rows of unequal length": (lambda: Tensor([[1], [2, 3]]), "unequal length"),
    "log of 0": (lambda: expressions.log(Tensor([1.0, 0.0])), "log needs numbers above 0, but the smallest is 0"),
    "log1p of −1": (lambda: expressions.log1p(Tensor(-1.0)), "log1p needs numbers above -1"),
    "sqrt of a negative": (lambda: expressions.sqrt(Tensor(-4.0)), "sqrt needs numbers above 0, but .* -4"),
    "log of nan": (lambda: expressions.log(Tensor(np.nan)), "log needs numbers above 0"),
    "an axis that is not there": (lambda: PLAIN.sum(axis=1), "out of bounds"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_answered_in_words(case):
    f, words = BAD[case]
    with pytest.raises(ValueError, match=words):
        f()


def test_a_number_has_no_entries_to_go_through():
    with pytest.raises(TypeError):
        iter(Tensor(1.0))
    with pytest.raises(TypeError):
        np.exp(PLAIN)


def test_the_part_lifetime_network_by_hand():
    """The numbers of the chapter on backpropagation: length 0.1, width 0.2, one year."""
    W1, b1 = Tensor([[1, 2], [2, -1]]), Tensor([0.3, -0.2])
    W2, b2 = Tensor([1.5, -0.8]), Tensor(1.2)
    h = expressions.sigmoid(np.array([0.1, 0.2]) @ W1 + b1)
    guess = expressions.sigmoid(h @ W2 + b2)
    loss = (guess - 1.0) ** 2
    loss.backward()
    assert float(loss.data) == pytest.approx(0.017685, abs=5e-7)
    assert float(guess.data) == pytest.approx(0.867016, abs=5e-7)
    np.testing.assert_allclose(guess.grad, -0.265968, atol=5e-7)
    np.testing.assert_allclose(W2.grad, [-0.021159, -0.013805], atol=5e-7)
    np.testing.assert_allclose(W1.grad, [[-0.000984, 0.000607], [-0.001968, 0.001214]], atol=5e-7)
