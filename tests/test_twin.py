"""The network's twin in PyTorch: same outputs, and the same training run, step for step."""

import sys

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from nnlib import ACTIVATIONS, OPTIMIZERS, Trainer, mlp, torch_twin
from nnlib.activations import Activation
from nnlib.datasets import spiral
from nnlib.random import CounterGenerator
from nnlib.twin import torch_activation
from tests.test_optimizers import TORCH as TORCH_OPTIMIZER

pytestmark = pytest.mark.filterwarnings("error")


def make_net(activation="tanh", output="tanh", seed=0, dtype=np.float64):
    return mlp([2, 8, 8, 1], activation, output, bias=0.1, rng=CounterGenerator(seed, "weights"), dtype=dtype)


def twin_parameters(twin):
    """The twin's parameters in nnlib's layout."""
    return np.concatenate([(p.T if p.ndim == 2 else p).detach().numpy().ravel() for p in twin.parameters()])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_same_outputs_same_weights_same_precision(name, dtype):
    net, X = make_net(name, name, dtype=dtype), np.random.default_rng(0).normal(size=(7, 2)).astype(dtype)
    twin = torch_twin(net)
    assert isinstance(twin, torch.nn.Sequential)
    outputs = twin(torch.tensor(X)).detach().numpy()
    assert outputs.dtype == dtype
    np.testing.assert_allclose(net(X), outputs, rtol=50 * np.finfo(dtype).eps, atol=5 * np.finfo(dtype).eps)
    assert np.array_equal(twin_parameters(twin), net.parameters)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_has_a_twin_over_the_whole_range(name):
    entry, z = (
        ACTIVATIONS[name],
        np.concatenate([-np.logspace(4, -3, 60), np.linspace(15, 45, 61), np.logspace(-3, 4, 60)]),
    )
    twin = torch_activation(entry).double()
    np.testing.assert_allclose(entry.f(z), twin(torch.tensor(z)).detach().numpy(), rtol=1e-12, atol=1e-14)


def test_other_constants_and_learned_slopes_reach_the_twin():
    leaky, elu = ACTIVATIONS["leaky_relu"].with_parameters(slope=0.3), ACTIVATIONS["elu"].with_parameters(alpha=2)
    swish = ACTIVATIONS["swish"].with_parameters(beta=3)
    net = mlp([2, 3, 3, 3, 3, 1], [leaky, elu, swish, "prelu"], bias=-0.5, rng=np.random.default_rng(0))
    net.layers[7].learned[0] = -0.7
    X = np.random.default_rng(1).normal(size=(9, 2))
    np.testing.assert_allclose(net(X), torch_twin(net)(torch.tensor(X)).detach().numpy(), rtol=1e-13)


def test_the_twin_has_weights_of_its_own():
    net = make_net()
    before, twin = net.parameters.copy(), torch_twin(net)
    for module in twin:
        for parameter in module.parameters():
            torch.nn.init.zeros_(parameter)
    assert np.array_equal(net.parameters, before)


def train_twin(twin, net, data, name, learning_rate, l1, l2, batch_size, epochs, seed):
    """The trainer's rules, written out in PyTorch: the same order, l2 as a term of the loss, L1 as a step."""
    weights = [module.weight for module in twin if isinstance(module, torch.nn.Linear)]
    others = [p for p in twin.parameters() if not any(p is weight for weight in weights)]
    if name == "adamw":
        groups = [{"params": weights}, {"params": others, "weight_decay": 0.0}]
    else:
        groups = [*weights, *others]
    optimizer = TORCH_OPTIMIZER[name](groups, learning_rate)
    rng = CounterGenerator(seed, "order")
    for _ in range(epochs):
        order = rng.permutation(len(data.X))
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            optimizer.zero_grad()
            outputs = twin(torch.tensor(data.X[batch]))
            objective = 0.5 * F.mse_loss(outputs[:, 0], torch.tensor(data.y[batch]))
            objective = objective + 0.5 * l2 * sum((weight**2).sum() for weight in weights)
            objective.backward()
            optimizer.step()
            with torch.no_grad():
                for weight in weights:
                    weight.copy_(torch.sign(weight) * torch.clamp(abs(weight) - learning_rate * l1, min=0))


@pytest.mark.parametrize("l1, l2", [(0.0, 0.0), (0.003, 0.01)])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_run_equals_the_same_run_in_pytorch(name, l1, l2):
    """52 steps of the spiral, in batches of 10 with a last one of 5, each optimiser with a fitting rate."""
    data = spiral(n=125, rng=CounterGenerator(3, "data"))
    net = make_net("prelu" if name == "nesterov" else "tanh", seed=3)
    twin, rate = torch_twin(net), {"sgd": 0.1, "adagrad": 0.1}.get(name, 0.01)
    trainer = Trainer(net, data, loss="half_mse", optimizer=name, learning_rate=rate, l1=l1, l2=l2, batch_size=10,
                      rng=CounterGenerator(3, "order"))  # fmt: skip
    start = net.parameters.copy()
    for _ in range(4):
        trainer.advance_epoch()
    assert trainer.step == 52
    train_twin(twin, net, data, name, rate, l1, l2, 10, 4, 3)
    assert np.abs(net.parameters - start).max() > 0.05
    np.testing.assert_allclose(net.parameters, twin_parameters(twin), rtol=1e-9, atol=1e-11)
    if l1:
        assert np.count_nonzero(net.parameters[net.is_weight] == 0) == np.count_nonzero(twin_parameters(twin) == 0)


def test_an_activation_without_a_twin_says_where_to_add_one():
    cube = Activation("cube", "z^3", "3z^2", "(−∞, ∞)", "Odd.", lambda z, out: np.power(z, 3, out=out),
                      lambda z, a, out: np.multiply(3 * z, z, out=out))  # fmt: skip
    with pytest.raises(ValueError, match=r"'cube' has no twin in PyTorch yet; add it to nnlib/twin\.py"):
        torch_twin(mlp([2, 3, 1], cube, rng=np.random.default_rng(0)))


def test_without_torch_the_message_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match=r"torch_twin needs PyTorch: install requirements\.txt, or"):
        torch_twin(make_net())
