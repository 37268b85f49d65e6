"""The graph as a second witness: activations, losses and whole networks against what registries and layers derive."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import nnlib
from nnlib import ACTIVATIONS, LOSSES, expressions, gradcheck
from nnlib.autodiff import Tensor
from nnlib.layers import Dense

pytestmark = pytest.mark.filterwarnings("error")

CONSTANTS = {
    "leaky_relu": {"slope": 0.3},
    "prelu": {"slope": -0.4},
    "elu": {"alpha": 1.7},
    "swish": {"beta": 2.5},
}
VARIANTS = [(name, {}) for name in ACTIVATIONS] + list(CONSTANTS.items())
TORCH = {
    "identity": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu": lambda z, slope: F.leaky_relu(z, slope),
    "prelu": lambda z, slope: F.prelu(z, torch.tensor([slope], dtype=z.dtype)),
    "elu": lambda z, alpha: F.elu(z, alpha),
    "gelu": F.gelu,
    "silu": F.silu,
    "swish": lambda z, beta: z * torch.sigmoid(beta * z),
    "softplus": lambda z: F.softplus(z, threshold=40),
}
Z = np.concatenate([np.linspace(-12, 12, 97), [-1000.0, -700.0, -45.0, -1e-9, 1e-9, 45.0, 700.0, 1000.0]])


def same(found, expected, tolerance=1e-12):
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


def test_every_entry_of_the_registries_has_its_expression():
    assert list(expressions.ACTIVATIONS) == list(ACTIVATIONS) and list(expressions.LOSSES) == list(LOSSES)
    assert set(TORCH) == set(ACTIVATIONS) - {"step", "sign"}


@pytest.mark.parametrize("name, constants", VARIANTS)
def test_activations_agree_with_the_registry(name, constants):
    entry = ACTIVATIONS[name].with_parameters(**constants)
    assert 0.0 in Z
    z = Tensor(Z)
    a = expressions.ACTIVATIONS[name](z, **entry.parameters)
    a.sum().backward()
    same(a.data, entry.f(Z), 1e-13)
    same(z.grad, entry.derivative(Z), 1e-13)


@pytest.mark.parametrize("name", TORCH)
def test_activations_agree_with_pytorch(name):
    constants = CONSTANTS.get(name, {})
    z, twin = Tensor(Z), torch.tensor(Z, requires_grad=True)
    a, expected = expressions.ACTIVATIONS[name](z, **constants), TORCH[name](twin, **constants)
    a.sum().backward()
    expected.sum().backward()
    same(a.data, expected.detach().numpy())
    same(z.grad, twin.grad.numpy())


@pytest.mark.parametrize("name", CONSTANTS)
def test_a_parameter_that_is_a_tensor_gets_its_gradient(name):
    ((key, value),) = CONSTANTS[name].items()
    z = np.linspace(-3, 3, 11) + 0.05

    def f(p):
        parameter = Tensor(p)
        total = expressions.ACTIVATIONS[name](Tensor(z), **{key: parameter}).sum()
        total.backward()
        return float(total.data), parameter.grad

    assert gradcheck(f, value) < 1e-8


@pytest.mark.parametrize("scale", [1, 1000])
def test_softmax_agrees_with_the_library_and_pytorch(scale):
    rng = np.random.default_rng(0)
    z, arriving = scale * rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
    logits, twin = Tensor(z), torch.tensor(z, requires_grad=True)
    shares = expressions.softmax(logits)
    shares.backward(arriving)
    same(shares.data, nnlib.softmax(z))
    same(logits.grad, torch.autograd.grad(F.softmax(twin, -1), twin, torch.tensor(arriving))[0].numpy())
    same(expressions.softmax(Tensor(z), axis=0).data, nnlib.softmax(z, axis=0))


def loss_case(name, scale, seed=0):
    """Return outputs and encoded targets, with some outputs exactly on a corner of the loss."""
    rng = np.random.default_rng(seed)
    outputs, kind = scale * rng.normal(size=(9, 3)), LOSSES[name].kind
    if kind == "classes":
        return outputs, LOSSES[name].encode(rng.integers(3, size=9), 3)
    t = LOSSES[name].encode(rng.choice([-1.0, 1.0], (9, 3)), 3)
    outputs[:3] = np.array([[0.0], [1.0], [-1.0]]) * t[:3]
    outputs[3:6] = np.array([[0.0], [1.0], [-1.0]]) + t[3:6]
    return outputs, t


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("scale", [1, 30, 1000])
def test_losses_agree_with_the_registry(name, scale):
    outputs, t = loss_case(name, scale)
    o = Tensor(outputs)
    loss = expressions.LOSSES[name](o, t)
    loss.backward()
    assert loss.shape == ()
    assert float(loss.data) == pytest.approx(LOSSES[name].value(outputs, t), rel=1e-13)
    same(o.grad, LOSSES[name].gradient(outputs, t), 1e-13)


def test_cross_entropy_takes_probabilities_as_targets():
    outputs, t = np.random.default_rng(0).normal(size=(4, 3)), np.full((4, 3), 1 / 3)
    o = Tensor(outputs)
    expressions.LOSSES["cross_entropy"](o, t).backward()
    same(o.grad, (nnlib.softmax(outputs) - t) / 4)


NETWORKS = [
    ([3, 5, 4, 1], {"activation": ["prelu", "gelu"]}, "mse", 0.0, 0.0),
    ([3, 4, 1], {"activation": "elu", "output": "tanh"}, "huber", 0.0, 0.3),
    ([3, 4, 1], {"activation": "prelu", "output": "prelu"}, "hinge", 0.2, 0.1),
    ([3, 6, 6, 6, 3], {"activation": "swish"}, "cross_entropy", 0.01, 0.0),
    ([3, 4, 1], {"activation": "relu", "init": "zeros"}, "binary_cross_entropy", 0.1, 0.1),
    ([3, 1], {"output": "sigmoid"}, "half_mse", 0.0, 1.0),
]


@pytest.mark.parametrize("widths, options, loss, l1, l2", NETWORKS)
def test_network_loss_agrees_with_backpropagation(widths, options, loss, l1, l2):
    rng = np.random.default_rng(3)
    network = nnlib.mlp(widths, **options, rng=rng)
    X = rng.normal(size=(11, 3))
    y = rng.integers(widths[-1], size=11) if loss == "cross_entropy" else rng.choice([-1.0, 1.0], 11)
    value, gradient = network.loss_and_gradient(X, y, loss, l1, l2)
    objective, parameters = expressions.network_loss(network, X, y, loss, l1, l2)
    objective.backward()
    assert float(objective.data) == pytest.approx(value, rel=1e-13)
    same(np.concatenate([p.data.ravel() for p in parameters]), network.parameters)
    same(np.concatenate([p.grad.ravel() for p in parameters]), gradient)


def test_network_loss_finds_a_wrong_backward_pass(monkeypatch):
    network = nnlib.mlp([3, 5, 4, 2], rng=np.random.default_rng(0))
    X, y = np.random.default_rng(1).normal(size=(6, 3)), np.array([0, 1, 1, 0, 1, 0])
    right = Dense.backward

    def forgets_b(self, *arguments, **options):
        answer = right(self, *arguments, **options)
        self.b_gradient[...] = 0
        return answer

    monkeypatch.setattr(Dense, "backward", forgets_b)
    wrong = network.loss_and_gradient(X, y, "cross_entropy")[1]
    objective, parameters = expressions.network_loss(network, X, y, "cross_entropy")
    objective.backward()
    assert np.abs(np.concatenate([p.grad.ravel() for p in parameters]) - wrong).max() > 0.01


def test_network_loss_answers_in_words():
    rng = np.random.default_rng(0)
    network = nnlib.mlp([2, 3, 1], output="tanh", rng=rng)
    with pytest.raises(ValueError, match="takes logits"):
        expressions.network_loss(network, np.ones((2, 2)), [1, -1], "binary_cross_entropy")
    with pytest.raises(ValueError, match=r"not \(2, 5\) and \(2, 3\)"):
        expressions.network_loss(network, np.ones((2, 5)), [1, -1])
    with pytest.raises(ValueError, match="2 rows, but y has 3"):
        expressions.network_loss(network, np.ones((2, 2)), [1, -1, 1])
    other = nnlib.sequential((2,), [nnlib.layers.BatchNorm(), nnlib.layers.Dense(1)], rng=rng)
    with pytest.raises(ValueError, match="knows dense and activation layers, not BatchNorm"):
        expressions.network_loss(other, np.ones((2, 2)), [1, -1])
