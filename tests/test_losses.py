"""Every loss of the registry against PyTorch, central differences and numbers worked by hand."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib import LOSSES, gradcheck
from nnlib.losses import loss

pytestmark = pytest.mark.filterwarnings("error")

TORCH = {  # of outputs (n, k) and targets as PyTorch wants them; signs t are −1 and +1
    "mse": F.mse_loss,
    "half_mse": lambda o, t: 0.5 * F.mse_loss(o, t),
    "binary_cross_entropy": lambda o, t: F.binary_cross_entropy_with_logits(o, (t + 1) / 2),
    "cross_entropy": lambda o, t: F.cross_entropy(o, t[:, 0].long()),
    "hinge": lambda o, t: F.relu(1 - t * o).mean(),
    "huber": F.huber_loss,
    "perceptron": lambda o, t: F.relu(-t * o).mean(),
}
NAMES = list(LOSSES)
SIGNS = [name for name in NAMES if LOSSES[name].kind == "signs"]


def make_case(name, n=7, scale=2.0, dtype=np.float64, seed=0):
    """Return outputs (n, k) and targets as a reader gives them."""
    rng = np.random.default_rng(seed)
    k = {"numbers": 3, "signs": 1, "classes": 4}[LOSSES[name].kind]
    outputs = (scale * rng.normal(size=(n, k))).astype(dtype)
    if LOSSES[name].kind == "classes":
        return outputs, rng.integers(k, size=n)
    return outputs, rng.normal(size=(n, k)) if k > 1 else rng.choice([-1.0, 1.0], n)


def test_every_loss_of_the_contract_is_there_and_tested():
    assert NAMES == ["mse", "half_mse", "binary_cross_entropy", "cross_entropy", "hinge", "huber", "perceptron"]
    assert sorted(TORCH) == sorted(NAMES)
    assert [name for name in NAMES if LOSSES[name].takes_logits] == ["binary_cross_entropy", "cross_entropy"]
    for name in NAMES:
        assert loss(name) is LOSSES[name] is loss(LOSSES[name]) and LOSSES[name].name == name
        assert LOSSES[name].formula and LOSSES[name].remarks.endswith(".")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n", [1, 7])
def test_value_and_gradient_agree_with_pytorch(name, n):
    for seed in range(5):
        outputs, y = make_case(name, n, seed=seed)
        o, t = torch.tensor(outputs, requires_grad=True), torch.tensor(np.reshape(y, (n, -1)))
        value = TORCH[name](o, t)
        assert LOSSES[name].value(outputs, y) == pytest.approx(value.item(), rel=1e-13)
        gradient = torch.autograd.grad(value, o)[0].numpy()
        np.testing.assert_allclose(LOSSES[name].gradient(outputs, y), gradient, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", NAMES)
def test_gradient_agrees_with_central_differences(name):
    outputs, y = make_case(name)
    assert gradcheck(lambda o: (LOSSES[name].value(o, y), LOSSES[name].gradient(o, y)), outputs) < 1e-9


@pytest.mark.parametrize(
    "name, outputs, y, value, gradient",
    [
        ("mse", [[0.5, 0.0]], [[1.0, -1.0]], 0.625, [[-0.5, 1.0]]),  # (0.25 + 1)/2
        ("half_mse", [[0.5, 0.0]], [[1.0, -1.0]], 0.3125, [[-0.25, 0.5]]),
        ("half_mse", [3.0, 1.0], [1.0, 1.0], 1.0, [1.0, 0.0]),  # (2 + 0)/2, over samples
        ("binary_cross_entropy", [0.0, 0.0], [1, -1], np.log(2), [-0.25, 0.25]),
        ("cross_entropy", [[0.0, 0.0, 0.0, 0.0]], [2], np.log(4), [[0.25, 0.25, -0.75, 0.25]]),
        ("cross_entropy", [[0.0, np.log(3)]], [0], np.log(4), [[-0.75, 0.75]]),
        ("hinge", [0.0, 2.0, -2.0, 0.5], [1, 1, 1, -1], 5.5 / 4, [-0.25, 0, -0.25, 0.25]),
        ("huber", [0.5, 3.0, -3.0, 0.0], [0.0, 0.0, 0.0, 0.0], 5.125 / 4, [0.125, 0.25, -0.25, 0.0]),
        ("perceptron", [2.0, -2.0], [1, 1], 1.0, [0.0, -0.5]),
    ],
)
def test_worked_by_hand(name, outputs, y, value, gradient):
    assert LOSSES[name].value(outputs, y) == pytest.approx(value, rel=1e-15)
    np.testing.assert_allclose(LOSSES[name].gradient(outputs, y), gradient, rtol=1e-15)


@pytest.mark.parametrize(
    "name, output, label, slope",
    [("hinge", 1.0, 1, 0), ("hinge", -1.0, -1, 0), ("perceptron", 0.0, 1, -1), ("perceptron", 0.0, -1, 1),
     ("huber", 1.0, 0, 1), ("huber", -1.0, 0, -1)],
)  # fmt: skip
def test_kinks(name, output, label, slope):
    assert LOSSES[name].gradient([output], [label]) == slope


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_stable_for_huge_outputs(name, dtype):
    for scale in (1e-30, 1.0, 1e4):
        outputs, y = make_case(name, 50, scale, dtype)
        with np.errstate(divide="raise", over="raise", invalid="raise"):
            value, gradient = LOSSES[name].value(outputs, y), LOSSES[name].gradient(outputs, y)
        assert type(value) is float and np.isfinite(value) and value >= 0
        assert gradient.dtype == dtype and gradient.shape == outputs.shape and np.isfinite(gradient).all()
        exact = LOSSES[name].gradient(outputs.astype(np.float64), y)
        np.testing.assert_allclose(gradient, exact, rtol=1e-5, atol=1e-7)


def test_logits_that_are_sure_and_right_cost_nothing_and_sure_and_wrong_their_size():
    assert LOSSES["binary_cross_entropy"].value([1e4, -1e4], [1, 0]) == 0
    assert LOSSES["binary_cross_entropy"].value([1e4, -1e4], [0, 1]) == 1e4
    assert LOSSES["cross_entropy"].value([[1e4, 0, -1e4]], [0]) == 0
    assert LOSSES["cross_entropy"].value([[1e4, 0, -1e4]], [2]) == 2e4


@pytest.mark.parametrize("label, value", [(0, 0), (1, 1e308), (2, np.inf)])
def test_the_largest_logits_cost_what_they_are_apart(label, value):
    logits = [[1e308, 0.0, -1e308]]
    assert LOSSES["cross_entropy"].value(logits, [label]) == value
    assert LOSSES["cross_entropy"].gradient(logits, [label]).tolist() == [
        [1.0 - (label == 0), -1.0 * (label == 1), -1.0 * (label == 2)]
    ]
    assert LOSSES["binary_cross_entropy"].value([40.0], [1]) == pytest.approx(np.exp(-40), rel=1e-12)


@pytest.mark.parametrize("name", SIGNS)
def test_labels_0_and_1_equal_minus_1_and_1(name):
    outputs, y = make_case(name)
    for zeros in ((y + 1) / 2, y > 0, (y > 0).astype(int), (y > 0)[:, None]):
        assert LOSSES[name].value(outputs, zeros) == LOSSES[name].value(outputs, y)
        assert np.array_equal(LOSSES[name].gradient(outputs, zeros), LOSSES[name].gradient(outputs, y))


def test_cross_entropy_takes_classes_one_hot_rows_and_probabilities():
    outputs, y = make_case("cross_entropy")
    entry, one_hot = LOSSES["cross_entropy"], np.eye(4)[y]
    for classes in (y, y.astype(float), y.tolist(), one_hot):
        assert entry.value(outputs, classes) == entry.value(outputs, y)
    soft = 0.9 * one_hot + 0.025
    exact = F.cross_entropy(torch.tensor(outputs), torch.tensor(soft)).item()
    assert entry.value(outputs, soft) == pytest.approx(exact, rel=1e-13)
    assert gradcheck(lambda o: (entry.value(o, soft), entry.gradient(o, soft)), outputs) < 1e-9


@pytest.mark.parametrize("name", NAMES)
def test_one_output_may_be_a_plain_vector(name):
    if LOSSES[name].kind == "classes":
        return
    rng = np.random.default_rng(0)
    o, y = rng.normal(size=5), rng.choice([-1.0, 1.0], 5)
    assert LOSSES[name].value(o, y) == LOSSES[name].value(o[:, None], y[:, None])
    assert LOSSES[name].gradient(o, y).shape == (5,)


@pytest.mark.parametrize("name", NAMES)
@given(first=st.integers(1, 6), second=st.integers(1, 6), seed=st.integers(0, 99))
@settings(max_examples=20)
def test_gradient_of_joined_batches_is_the_weighted_mean(name, first, second, seed):
    outputs, y = make_case(name, first + second, seed=seed)
    share, entry = first / (first + second), LOSSES[name]
    parts = [(outputs[:first], y[:first], share), (outputs[first:], y[first:], 1 - share)]
    value = sum(weight * entry.value(o, t) for o, t, weight in parts)
    assert entry.value(outputs, y) == pytest.approx(value, rel=1e-12)
    gradient = np.concatenate([weight * entry.gradient(o, t) for o, t, weight in parts])
    np.testing.assert_allclose(entry.gradient(outputs, y), gradient, rtol=1e-12, atol=1e-16)
    order = np.random.default_rng(seed).permutation(first + second)
    assert entry.value(outputs[order], y[order]) == pytest.approx(value, rel=1e-12)


@given(shift=st.floats(-1e3, 1e3))
def test_cross_entropy_does_not_feel_a_shift_of_the_logits(shift):
    outputs, y = make_case("cross_entropy")
    entry = LOSSES["cross_entropy"]
    assert entry.value(outputs + shift, y) == pytest.approx(entry.value(outputs, y), rel=1e-9)
    assert abs(entry.gradient(outputs, y).sum(axis=1)).max() < 1e-15


def test_two_class_cross_entropy_is_binary_cross_entropy():
    outputs, y = make_case("binary_cross_entropy")
    both = np.hstack([np.zeros_like(outputs), outputs])
    two = LOSSES["cross_entropy"].value(both, (y > 0).astype(int))
    assert two == pytest.approx(LOSSES["binary_cross_entropy"].value(outputs, y), rel=1e-13)
