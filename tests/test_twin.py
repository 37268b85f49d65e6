"""The network's twin in PyTorch and back: same outputs, same gradients, and the same training run, step for step."""

import sys

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from nnlib import ACTIVATIONS, OPTIMIZERS, Trainer, layers, mlp, sequential, torch_twin
from nnlib.activations import Activation
from nnlib.datasets import spiral
from nnlib.layers import (
    AveragePool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPool2D,
    Residual,
)
from nnlib.optimizers import optimizer as resolve_optimizer
from nnlib.random import CounterGenerator
from nnlib.twin import from_torch, torch_activation
from tests.test_optimizers import TORCH as TORCH_OPTIMIZER

pytestmark = pytest.mark.filterwarnings("error")


def make_net(activation="tanh", output="tanh", seed=0, dtype=np.float64):
    return mlp([2, 8, 8, 1], activation, output, bias=0.1, rng=CounterGenerator(seed, "weights"), dtype=dtype)


def twin_parameters(twin):
    """The twin's parameters in nnlib's layout."""
    return in_our_layout(twin.parameters())


def in_our_layout(tensors):
    """Weights are (inputs, units) in nnlib, where PyTorch has (units, inputs) and (units, C, k, k)."""
    return np.concatenate([(p.flatten(1).T if p.ndim > 1 else p).detach().numpy().ravel() for p in tensors])


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


# --- every layer --------------------------------------------------------------------------------------------

PICTURES = (2, 6, 5)

#: What stands before Dense(3) in a network for pictures (2, 6, 5); dropout keeps everything in training. No bias stands
#: right before a BatchNorm: its gradient is 0 but for rounding, and Adam would make large steps of the rounding.
STACKS = {
    "dense": [Flatten(), Dense(4)],
    "activations": [Flatten(), Dense(6), "prelu", Dense(4), "swish", Dense(4), "elu", Dense(3), "step"],
    "convolution": [Conv2D(3, 3, padding=1), "tanh", Conv2D(2, (2, 3), (2, 1), (0, 1)), "prelu", Flatten()],
    "max pool": [MaxPool2D(2), Conv2D(3, 2), "tanh", MaxPool2D((2, 1), 1), Flatten()],
    "average pool": [AveragePool2D((3, 2), (1, 2)), Conv2D(3, 1), "tanh", AveragePool2D(2), Flatten()],
    "batch norm of rows": [Flatten(), BatchNorm(), Dense(6), "tanh", BatchNorm(0.3, 1e-2)],
    "batch norm of pictures": [BatchNorm(0.2), Conv2D(3, 3), "tanh", BatchNorm(), Flatten()],
    "dropout": [Conv2D(3, 3), "tanh", Dropout(0.0), Flatten(), Dense(5), "tanh", Dropout(0.0)],
    "residual": [Residual([Conv2D(2, 3, padding=1), "tanh", BatchNorm()]), Flatten(), Residual(["sign", Dense(60)])],
    "residual with shortcut": [
        Residual([Conv2D(4, 3, padding="same"), "relu", Residual([BatchNorm()])], shortcut=[Conv2D(4, 1)]), Flatten(),
    ],
    "everything": [
        Conv2D(4, 3, padding=1), "relu", BatchNorm(), MaxPool2D(2, 1), Dropout(0.0),
        Residual([Conv2D(4, 3, padding=1), "prelu", BatchNorm(0.5)]), "silu", AveragePool2D(2),
        Flatten(), Dense(6), "tanh", BatchNorm(), Residual([Dense(6), "gelu"]), "softplus",
    ],
}  # fmt: skip


def make_stack(name, dtype=np.float64, seed=0):
    body = [layer if isinstance(layer, str) else layer.fresh() for layer in STACKS[name]]
    net = sequential(
        PICTURES, [*body, Dense(3)], init="he_normal", bias=0.1, rng=np.random.default_rng(seed), dtype=dtype
    )
    rng = np.random.default_rng(seed + 1)
    net.parameters += 0.1 * rng.normal(size=net.parameters.size).astype(dtype)  # γ, β and slopes off their start
    net.statistics[:] = rng.uniform(0.5, 1.5, size=net.statistics.size)
    return net


def make_batch(n=7, dtype=np.float64, seed=2):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, *PICTURES)).astype(dtype), rng.integers(3, size=n)


def step_of_both(net, twin, X, y, optimizers=()):
    """A forward and backward pass of both in training; return both outputs. With optimisers, a step of both as well."""
    loss = net.check_loss("cross_entropy")
    net.draw_from(np.random.default_rng(0))
    outputs = net.backpropagate(X, loss.encode(y, 3).astype(net.dtype), loss).copy()
    twin.train().zero_grad()
    twin_outputs = twin(torch.tensor(X))
    F.cross_entropy(twin_outputs, torch.tensor(y)).backward()
    if optimizers:
        optimizers[0].step(net.parameters, net.gradient, 0.01)
        optimizers[1].step()
    return outputs, twin_outputs.detach().numpy()


def twin_statistics(twin):
    """Running means and variances in nnlib's order."""
    kept = [tensor for name, tensor in twin.named_buffers() if not name.endswith("num_batches_tracked")]
    return in_our_layout(kept) if kept else np.empty(0)


def inside(layer_list):
    """All layers, those inside others included."""
    return [each for layer in layer_list for each in (layer, *inside(layer.inner))]


def test_every_layer_is_in_the_table():
    kinds = {kind for kind in vars(layers).values() if isinstance(kind, type) and issubclass(kind, Layer)} - {Layer}
    assert {type(layer) for name in STACKS for layer in inside(make_stack(name).layers)} == kinds
    assert {type(layer) for layer in inside(make_stack("everything").layers)} == kinds


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", STACKS)
def test_a_twin_answers_like_the_network_in_use(name, dtype):
    net, X = make_stack(name, dtype), make_batch(dtype=dtype)[0]
    twin = torch_twin(net)
    assert not twin.training and len(twin) == len(net.layers)
    outputs = twin(torch.tensor(X)).detach().numpy()
    assert outputs.dtype == dtype
    np.testing.assert_allclose(net(X), outputs, rtol=0, atol=200 * np.finfo(dtype).eps)
    assert np.array_equal(twin_parameters(twin), net.parameters)
    assert np.array_equal(twin_statistics(twin), net.statistics)


@pytest.mark.parametrize("name", STACKS)
def test_a_twin_has_the_same_gradients_and_statistics_in_training(name):
    net = make_stack(name)
    twin = torch_twin(net)
    outputs, twin_outputs = step_of_both(net, twin, *make_batch())
    np.testing.assert_allclose(outputs, twin_outputs, rtol=0, atol=1e-12)
    gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in twin.parameters()]  # none behind a step
    np.testing.assert_allclose(net.gradient, in_our_layout(gradients), rtol=0, atol=1e-12)
    np.testing.assert_allclose(net.statistics, twin_statistics(twin), rtol=0, atol=1e-12)


@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
@pytest.mark.parametrize("name", STACKS)
def test_a_twin_takes_the_same_steps(name, optimizer):
    net = make_stack(name)
    twin, start, kept = torch_twin(net), net.parameters.copy(), net.statistics.copy()
    optimizers = resolve_optimizer(optimizer), TORCH_OPTIMIZER[optimizer](twin.parameters(), 0.01)
    for seed in range(3):
        step_of_both(net, twin, *make_batch(seed=seed), optimizers)
    assert abs(net.parameters - start).max() > 1e-3 and (not kept.size or abs(net.statistics - kept).min() > 1e-6)
    np.testing.assert_allclose(net.parameters, twin_parameters(twin), rtol=0, atol=1e-12)
    np.testing.assert_allclose(net.statistics, twin_statistics(twin), rtol=0, atol=1e-12)
    X = make_batch(seed=9)[0]
    np.testing.assert_allclose(net(X), twin.eval()(torch.tensor(X)).detach().numpy(), rtol=0, atol=1e-11)


class Masked(torch.nn.Module):
    """Dropout with a mask that is given, not drawn."""

    def __init__(self, mask):
        super().__init__()
        self.mask = torch.tensor(mask)

    def forward(self, x):
        return x * self.mask


def test_dropout_equals_pytorchs_in_use_and_with_the_same_mask_in_training():
    stack = [Conv2D(3, 3), Dropout(0.5), "tanh", Flatten(), Dense(8), "tanh", Dropout(0.3), Dense(3)]
    net, (X, y) = sequential(PICTURES, stack, rng=np.random.default_rng(0)), make_batch()
    twin = torch_twin(net)
    assert [module.p for module in twin if isinstance(module, torch.nn.Dropout)] == [0.5, 0.3]
    np.testing.assert_allclose(net(X), twin(torch.tensor(X)).detach().numpy(), rtol=0, atol=1e-14)
    net.draw_from(np.random.default_rng(3))
    loss = net.check_loss("cross_entropy")
    outputs = net.backpropagate(X, loss.encode(y, 3).astype(float), loss)
    spaces, _ = net._space(len(X))
    for i in (1, 6):
        assert set(np.unique(spaces[i].mask)) == {0, 1 / (1 - net.layers[i].rate)}
        twin[i] = Masked(spaces[i].mask)
    theirs = twin.train()(torch.tensor(X))
    F.cross_entropy(theirs, torch.tensor(y)).backward()
    np.testing.assert_allclose(outputs, theirs.detach().numpy(), rtol=0, atol=1e-13)
    np.testing.assert_allclose(net.gradient, in_our_layout(p.grad for p in twin.parameters()), rtol=0, atol=1e-13)


def test_a_twin_leaves_pytorchs_generator_alone():
    before = torch.random.get_rng_state()
    torch_twin(make_stack("everything"))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_layer_of_the_readers_own_has_no_twin():
    class Doubled(Flatten):
        pass

    net = sequential(PICTURES, [Doubled(), Dense(3)], rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"layer Doubled\(\) has no twin in PyTorch; known: Dense, Activate, Flatten"):
        torch_twin(net)


# --- and back -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", STACKS)
def test_there_and_back_is_the_same_network(name, dtype):
    net, X = make_stack(name, dtype), make_batch(dtype=dtype)[0]
    twin = torch_twin(net)
    back = from_torch(twin, PICTURES)
    assert back.dtype == dtype and repr(back) == repr(net) and back.task == net.task
    assert np.array_equal(back.parameters, net.parameters) and np.array_equal(back.statistics, net.statistics)
    assert np.array_equal(back(X), net(X))
    for ours, theirs in zip(inside(back.layers), inside(net.layers)):
        for option in ("rate", "momentum", "epsilon", "kernel", "stride", "padding", "window"):
            assert getattr(ours, option, None) == getattr(theirs, option, None)
    again = torch_twin(back).state_dict()
    assert list(again) == list(twin.state_dict())
    assert all(torch.equal(again[key], value) for key, value in twin.state_dict().items())


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_comes_back_with_its_constants(name):
    constants = {key: value + 0.125 for key, value in ACTIVATIONS[name].parameters.items()}
    activation = ACTIVATIONS[name].with_parameters(**constants)
    net = sequential(2, [Dense(3), activation, Dense(1)], rng=np.random.default_rng(0))
    layer = from_torch(torch_twin(net), 2).layers[1]
    assert layer.activation.name == name and dict(layer.constants) == constants


def trained_by_pytorch():
    """A network as a reader of PyTorch's tutorials would write it, after some steps."""
    nn = torch.nn
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Sequential(nn.Conv2d(2, 4, 3, padding="same", bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2)),
        nn.Conv2d(4, 5, (2, 1), padding="valid"), nn.Tanh(), nn.AvgPool2d((2, 1), stride=1), nn.Flatten(),
        nn.Linear(10, 6), nn.BatchNorm1d(6, affine=False), nn.Dropout(0.2), nn.Identity(), nn.Linear(6, 3),
    )  # fmt: skip
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for seed in range(3):
        X, y = make_batch(dtype=np.float32, seed=seed)
        optimizer.zero_grad()
        F.cross_entropy(net(torch.tensor(X)), torch.tensor(y)).backward()
        optimizer.step()
    return net


def test_a_network_trained_in_pytorch_comes_home():
    module, X = trained_by_pytorch(), make_batch(dtype=np.float32, seed=9)[0]
    net = from_torch(module, PICTURES)
    assert net.dtype == np.float32 and net.task == "multiclass" and module.training
    expected = module.eval()(torch.tensor(X)).detach().numpy()
    np.testing.assert_allclose(net(X), expected, rtol=0, atol=1e-6)
    assert not net.layers[0].b.any() and (net.layers[9].gamma == 1).all() and not net.layers[9].beta.any()
    twin = torch_twin(net).state_dict()  # knows no Sequential inside, and has the biases that were left out
    values = [value for key, value in module.state_dict().items() if "num_batches" not in key]
    found = [value for key, value in twin.items() if "num_batches" not in key]
    assert all(any(torch.equal(value, other) for other in found) for value in values)
    module[1].weight.data.zero_()
    np.testing.assert_allclose(net(X), expected, rtol=0, atol=1e-6)  # the copy is its own


def test_the_task_can_be_said():
    module = torch.nn.Sequential(torch.nn.Linear(4, 2).double())
    assert (
        from_torch(module, 4).task == "multiclass" and from_torch(module, (4,), task="regression").task == "regression"
    )
    assert from_torch(torch.nn.Sequential(torch.nn.Flatten()), (2, 2)).dtype == np.float64


nn = torch.nn
SLIPS = {
    # name: (module, input_shape, words of the message)
    "not a Sequential": (nn.Linear(2, 1), 2, "torch.nn.Sequential", "Linear"),
    "an unknown module": (nn.Sequential(nn.Linear(2, 2), nn.Softmax(1)), 2, "Softmax", "Linear", "Conv2d", "Residual"),
    "an unknown module deep inside": (nn.Sequential(nn.Sequential(nn.LSTM(2, 2))), 2, "LSTM", "BatchNorm1d"),
    "another input": (nn.Sequential(nn.Linear(3, 1)), 2, "(1, 3)", "(1, 2)", "(2,)", "input_shape"),
    "other channels": (nn.Sequential(nn.Conv2d(3, 2, 1), nn.Flatten()), (1, 4, 4), "(2, 3, 1, 1)", "(2, 1, 1, 1)"),
    "pictures into Linear": (nn.Sequential(nn.Linear(4, 2)), (1, 4, 4), "layer 1", "Flatten()"),
    "dilation": (nn.Sequential(nn.Conv2d(1, 2, 3, dilation=2)), (1, 8, 8), "dilation=(2, 2)", "dilation=1 only"),
    "groups": (nn.Sequential(nn.Conv2d(2, 2, 3, groups=2)), (2, 8, 8), "groups=2", "groups=1 only"),
    "circular padding": (nn.Sequential(nn.Conv2d(1, 2, 3, padding=1, padding_mode="circular")), (1, 8, 8),
                         "padding_mode='circular'", "'zeros' only"),
    "an even kernel, padding same": (nn.Sequential(nn.Conv2d(1, 2, 4, padding="same")), (1, 8, 8), "'same'", "odd"),
    "a padded pool": (nn.Sequential(nn.MaxPool2d(2, padding=1)), (1, 8, 8), "padding=1", "padding=0 only"),
    "a pool that rounds up": (nn.Sequential(nn.AvgPool2d(2, ceil_mode=True)), (1, 8, 8), "ceil_mode=True"),
    "no running statistics": (nn.Sequential(nn.BatchNorm1d(2, track_running_stats=False)), 2, "track_running_stats"),
    "no momentum": (nn.Sequential(nn.BatchNorm1d(2, momentum=None)), 2, "momentum", "None"),
    "gelu by tanh": (nn.Sequential(nn.GELU("tanh")), 2, "approximate='tanh'", "'none' only"),
    "a slope for each channel": (nn.Sequential(nn.PReLU(2)), 2, "num_parameters=2", "=1 only"),
    "flattening samples": (nn.Sequential(nn.Flatten(0)), (1, 2, 2), "start_dim=0", "=1 only"),
    "dropping all": (nn.Sequential(nn.Dropout(1.0)), 2, "dropout rate", "1.0"),
    "half precision": (nn.Sequential(nn.Linear(2, 1).half()), 2, "float16", "float32 or float64"),
    "two precisions": (nn.Sequential(nn.Linear(2, 1), nn.Linear(1, 1).double()), 2, "float32 and float64"),
}  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
def test_what_cannot_come_back_is_named(slip):
    module, shape, *words = SLIPS[slip]
    with pytest.raises(ValueError) as caught:
        from_torch(module, shape)
    missing = [word for word in words if word not in str(caught.value)]
    assert not missing, f"{str(caught.value)!r} does not say {missing}"
    assert "<" not in str(caught.value)
