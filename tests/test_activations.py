"""Every activation of the registry against PyTorch, central differences and what is known of it.

A new activation is tested by adding it to ``TORCH`` and ``RANGES``: the first test fails until both
know it.
"""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import nnlib
from nnlib import ACTIVATIONS, gradcheck
from nnlib.activations import activation
from nnlib.special import erf, erfc

pytestmark = pytest.mark.filterwarnings("error")

TORCH = {
    "identity": lambda z: z,
    "step": lambda z: (z >= 0).to(z.dtype),
    "sign": lambda z: torch.where(z >= 0, 1.0, -1.0).to(z.dtype),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu": lambda z, slope: F.leaky_relu(z, slope),
    "prelu": lambda z, slope: F.prelu(z, torch.tensor([slope], dtype=z.dtype)),
    "elu": lambda z, alpha: F.elu(z, alpha),
    "gelu": F.gelu,
    "silu": F.silu,
    "swish": lambda z, beta: z * torch.sigmoid(beta * z),
    "softplus": lambda z: F.softplus(z, threshold=40),  # by default torch returns z itself above 20
}
OTHER_CONSTANTS = {
    "leaky_relu": {"slope": 0.3},
    "prelu": {"slope": -0.4},
    "elu": {"alpha": 1.7},
    "swish": {"beta": 2.5},
}
RANGES = {  # the registry's text, and the smallest and largest value found on a wide grid
    "identity": ("(−∞, ∞)", -1e4, 1e4),
    "step": ("{0, 1}", 0, 1),
    "sign": ("{−1, 1}", -1, 1),
    "sigmoid": ("(0, 1)", 0, 1),
    "tanh": ("(−1, 1)", -1, 1),
    "relu": ("[0, ∞)", 0, 1e4),
    "leaky_relu": ("(−∞, ∞)", -100, 1e4),
    "prelu": ("(−∞, ∞)", -2500, 1e4),
    "elu": ("(−α, ∞)", -1, 1e4),
    "gelu": ("[−0.170, ∞)", -0.170, 1e4),
    "silu": ("[−0.278, ∞)", -0.278, 1e4),
    "swish": ("[−0.278/β, ∞)", -0.278, 1e4),
    "softplus": ("(0, ∞)", 0, 1e4),
}
NAMES = list(ACTIVATIONS)
VARIANTS = [(name, {}) for name in NAMES] + list(OTHER_CONSTANTS.items())
FLAT = ("step", "sign")  # derivative 0 everywhere; PyTorch does not differentiate a comparison
Z = np.concatenate([np.linspace(-12, 12, 401), [-700.0, -45.0, 45.0, 700.0]])
WIDE = np.concatenate([-np.logspace(4, -320, 400), [-0.0, 0.0], np.logspace(-320, 4, 400)])
number = st.floats(-1e4, 1e4)


def test_every_activation_of_the_contract_is_there_and_tested():
    assert NAMES == list(TORCH) == list(RANGES) == list(FAR) == list(NEAR)
    assert {name: dict(ACTIVATIONS[name].parameters) for name in NAMES if ACTIVATIONS[name].parameters} == {
        "leaky_relu": {"slope": 0.01}, "prelu": {"slope": 0.25}, "elu": {"alpha": 1.0}, "swish": {"beta": 1.0},
    }  # fmt: skip
    assert [name for name in NAMES if ACTIVATIONS[name].learnable] == ["prelu"]


@pytest.mark.parametrize("name, constants", VARIANTS)
def test_value_and_derivative_agree_with_pytorch(name, constants):
    entry = ACTIVATIONS[name].with_parameters(**constants)
    z = torch.tensor(Z, requires_grad=True)
    a = TORCH[name](z, **entry.parameters)
    np.testing.assert_allclose(entry.f(Z), a.detach().numpy(), rtol=1e-12, atol=1e-14)
    slope = np.zeros_like(Z) if name in FLAT else torch.autograd.grad(a.sum(), z)[0].numpy()
    np.testing.assert_allclose(entry.derivative(Z), slope, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name, constants", VARIANTS)
def test_derivative_agrees_with_central_differences(name, constants):
    entry = ACTIVATIONS[name].with_parameters(**constants)
    z = Z[(np.abs(Z) > 1e-3) & (np.abs(Z) < 100)]
    assert gradcheck(lambda v: (entry.f(v).sum(), entry.derivative(v)), z) < 1e-7
    # One number at a time loses nothing to the size of the sum.
    for v in (-3.0, -0.7, 0.4, 2.5):
        assert gradcheck(lambda x: (entry.f(x)[0], entry.derivative(x)), [v]) < 1e-9


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name, constants", VARIANTS)
def test_stable_over_the_whole_range(name, constants, dtype):
    entry, z = ACTIVATIONS[name].with_parameters(**constants), WIDE.astype(dtype)
    with np.errstate(divide="raise", over="raise", invalid="raise"):
        a, slope = entry.f(z), entry.derivative(z)
    assert np.isfinite(a).all() and np.isfinite(slope).all()
    exact, eps = z.astype(np.float64), np.finfo(dtype).eps
    np.testing.assert_allclose(a, TORCH[name](torch.tensor(exact), **entry.parameters), rtol=40 * eps, atol=1e-15)
    np.testing.assert_allclose(slope, entry.derivative(exact), rtol=40 * eps, atol=4 * eps)


UNUSUAL = [
    *VARIANTS,
    *((name, {"slope": slope}) for name in ("leaky_relu", "prelu") for slope in (0.0, 1.0, -1.0)),
    *(("elu", {"alpha": alpha}) for alpha in (0.0, -1.0, 1e30)),
    *(("swish", {"beta": beta}) for beta in (0.0, 1e-3, 5.0, -5.0, 1e3, 1e30)),
]
FAR = {  # value and slope where |z| is as large as it can be
    "identity": lambda z: (z, 1),
    "step": lambda z: (z > 0, 0),
    "sign": lambda z: (np.sign(z), 0),
    "sigmoid": lambda z: (z > 0, 0),
    "tanh": lambda z: (np.sign(z), 0),
    "relu": lambda z: (max(z, 0), z > 0),
    "leaky_relu": lambda z, slope: (z, 1) if z > 0 else (slope * z, slope),
    "prelu": lambda z, slope: (z, 1) if z > 0 else (slope * z, slope),
    "elu": lambda z, alpha: (z, 1) if z > 0 else (-alpha, 0),
    "gelu": lambda z: (max(z, 0), z > 0),
    "silu": lambda z: (max(z, 0), z > 0),
    "swish": lambda z, beta: (z / 2, 0.5) if beta == 0 else (z, 1) if beta * z > 0 else (0, 0),
    "softplus": lambda z: (max(z, 0), z > 0),
}
NEAR = {  # value and slope at 0
    "identity": lambda: (0, 1),
    "step": lambda: (1, 0),
    "sign": lambda: (1, 0),
    "sigmoid": lambda: (0.5, 0.25),
    "tanh": lambda: (0, 1),
    "relu": lambda: (0, 0),
    "leaky_relu": lambda slope: (0, slope),
    "prelu": lambda slope: (0, slope),
    "elu": lambda alpha: (0, alpha),
    "gelu": lambda: (0, 0.5),
    "silu": lambda: (0, 0.5),
    "swish": lambda beta: (0, 0.5),
    "softplus": lambda: (math.log(2), 0.5),
}
# On the left of 0 for step and sign, on the right for the others, where these are not the same.
JUMPS = {"step": (0, 0), "sign": (-1, 0), "relu": (0, 1), "leaky_relu": (0, 1), "prelu": (0, 1), "elu": (0, 1)}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name, constants", UNUSUAL)
def test_the_largest_and_the_smallest_numbers_have_their_limits(name, constants, dtype):
    entry = ACTIVATIONS[name].with_parameters(**constants)
    largest, smallest = np.finfo(dtype).max, np.finfo(dtype).tiny
    far = [sign * share * float(largest) for sign in (-1, 1) for share in (1.0, 0.5)]
    with np.errstate(all="raise", under="ignore"):
        for z in far:
            value, slope = FAR[name](z, **entry.parameters)
            assert entry.f(dtype(z)) == pytest.approx(float(value), rel=1e-6), z
            assert entry.derivative(dtype(z)) == slope, z
        for z in (-smallest, -0.0, 0.0, smallest):
            jumps = z < 0 if name in ("step", "sign") else z > 0
            value, slope = JUMPS[name] if jumps and name in JUMPS else NEAR[name](**entry.parameters)
            assert entry.f(dtype(z)) == pytest.approx(value, rel=1e-6, abs=1e-6), z
            assert entry.derivative(dtype(z)) == pytest.approx(slope, rel=1e-6), z


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_same_shape_and_dtype_out_and_input_untouched(name, dtype):
    for shape in [(), (0,), (5,), (3, 0), (2, 3, 4)]:
        z = np.random.default_rng(0).normal(size=shape).astype(dtype)
        before = z.copy()
        for out in (ACTIVATIONS[name].f(z), ACTIVATIONS[name].derivative(z)):
            assert out.shape == shape and out.dtype == dtype and not np.shares_memory(out, z)
        assert np.array_equal(z, before)
    for numbers in ([-1, 0, 2], np.array([-1, 0, 2], np.int32), np.array([-1, 0, 2], np.float16)):
        assert ACTIVATIONS[name].f(numbers).dtype == np.float64
    every_other = np.arange(-5, 5, dtype=dtype)[::2]
    assert np.array_equal(ACTIVATIONS[name].f(every_other), ACTIVATIONS[name].f(every_other.copy()))


@pytest.mark.parametrize(
    "name, value, slope",
    [("step", 1, 0), ("sign", 1, 0), ("relu", 0, 0), ("leaky_relu", 0, 0.01), ("prelu", 0, 0.25), ("elu", 0, 1)],
)
@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_kinks(name, value, slope, zero):
    assert ACTIVATIONS[name].f(zero) == value
    assert ACTIVATIONS[name].derivative(zero) == slope


@pytest.mark.parametrize("name", NAMES)
def test_range_is_what_the_registry_says(name):
    text, low, high = RANGES[name]
    a = ACTIVATIONS[name].f(np.concatenate([WIDE, Z]))
    assert ACTIVATIONS[name].range == text
    assert a.min() == pytest.approx(low, abs=1e-3) and a.max() == pytest.approx(high, abs=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_is_complete(name):
    entry = ACTIVATIONS[name]
    assert entry.name == name and entry.remarks.endswith(".")
    for formula in (entry.formula, entry.derivative_formula):
        assert formula and formula.count("{") == formula.count("}") and "%s" not in formula


def test_with_parameters_makes_a_new_activation():
    steep = ACTIVATIONS["leaky_relu"].with_parameters(slope=1 / 2)
    assert steep.f(-4.0) == -2 and steep.derivative(-4.0) == 0.5
    assert ACTIVATIONS["leaky_relu"].f(-4.0) == -0.04  # the registry's own entry stays as it was
    with pytest.raises(TypeError):
        steep.parameters["slope"] = 3
    assert activation(steep) is steep and activation("relu") is ACTIVATIONS["relu"]


IDENTITIES = {
    "sigmoid is symmetric": lambda z, A: (A["sigmoid"].f(-z), 1 - A["sigmoid"].f(z)),
    "tanh is a scaled sigmoid": lambda z, A: (A["tanh"].f(z), 2 * A["sigmoid"].f(2 * z) - 1),
    "softplus is nearly relu": lambda z, A: (A["softplus"].f(z) - A["softplus"].f(-z), z),
    "softplus' is sigmoid": lambda z, A: (A["softplus"].derivative(z), A["sigmoid"].f(z)),
    "silu is swish with beta 1": lambda z, A: (A["silu"].f(z), A["swish"].f(z)),
    "swish with beta 0 is z/2": lambda z, A: (A["swish"].with_parameters(beta=0).f(z), z / 2),
    "gelu": lambda z, A: (A["gelu"].f(z) - A["gelu"].f(-z), z),
    "prelu is leaky": lambda z, A: (A["prelu"].f(z), A["leaky_relu"].with_parameters(slope=0.25).f(z)),
    "relu and its mirror": lambda z, A: (A["relu"].f(z) - A["relu"].f(-z), z),
    "elu": lambda z, A: (A["elu"].derivative(-abs(z)), np.exp(-abs(z))),
}


@pytest.mark.parametrize("identity", IDENTITIES)
@given(z=number)
def test_identities(identity, z):
    left, right = IDENTITIES[identity](z, ACTIVATIONS)
    assert left == pytest.approx(right, rel=1e-12, abs=1e-13)


# --- softmax and the error function ------------------------------------------------------------------------

logits = arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 5)), elements=st.floats(-50, 50))


@given(z=logits, shift=st.floats(-1e3, 1e3))
def test_softmax_does_not_feel_a_shift(z, shift):
    p = nnlib.softmax(z)
    np.testing.assert_allclose(p.sum(axis=-1), 1, rtol=1e-12)
    np.testing.assert_allclose(nnlib.softmax(z + shift), p, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(p, torch.softmax(torch.tensor(z), -1).numpy(), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(nnlib.softmax(z[:, ::-1]), p[:, ::-1], rtol=1e-12)


def test_softmax_of_huge_logits_and_other_axes():
    for dtype in (np.float32, np.float64):
        p = nnlib.softmax(np.array([[1e4, -1e4, 0], [1e4, 1e4, -1e4]], dtype))
        assert p.dtype == dtype and p.tolist() == [[1, 0, 0], [0.5, 0.5, 0]]
    z = np.random.default_rng(0).normal(size=(3, 4))
    np.testing.assert_allclose(nnlib.softmax(z, axis=0), nnlib.softmax(z.T).T, rtol=1e-15)
    assert nnlib.softmax([1, 2]).dtype == np.float64


def test_error_function_agrees_with_the_c_library():
    edges = [0.46875, 4.0]  # where the approximations change over
    x = np.concatenate([np.linspace(-6, 6, 4001), np.linspace(6, 26, 500)])
    x = np.concatenate([x, edges, np.nextafter(edges, 0), np.nextafter(edges, 9), np.negative(edges), [0.0, 30.0, 1e4]])
    np.testing.assert_allclose(erf(x), [math.erf(v) for v in x], rtol=2e-15, atol=0)
    np.testing.assert_allclose(erfc(x), [math.erfc(v) for v in x], rtol=2e-15, atol=1e-305)
    assert np.array_equal(erf(-x), -erf(x)) and erfc(np.zeros((2, 0))).shape == (2, 0)
