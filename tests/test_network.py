"""Networks: gradients against central differences and PyTorch, layout, liveness, predictions."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

import nnlib
from nnlib import ACTIVATIONS, LOSSES, gradcheck, mlp, torch_twin
from nnlib.layers import Activate, Dense

pytestmark = pytest.mark.filterwarnings("error")

TORCH_LOSS = {
    "mse": F.mse_loss,
    "half_mse": lambda o, t: 0.5 * F.mse_loss(o, t),
    "binary_cross_entropy": lambda o, t: F.binary_cross_entropy_with_logits(o, (t + 1) / 2),
    "cross_entropy": lambda o, t: F.cross_entropy(o, t[:, 0].long()),
    "hinge": lambda o, t: F.relu(1 - t * o).mean(),
    "huber": F.huber_loss,
    "perceptron": lambda o, t: F.relu(-t * o).mean(),
}
SMOOTH_ENOUGH = [name for name in ACTIVATIONS if name not in ("step", "sign")]


def make_net(widths=(3, 5, 4, 2), activation="tanh", output="identity", seed=0, bias=0.1, **options):
    return mlp(list(widths), activation, output, "xavier_uniform", bias, rng=np.random.default_rng(seed), **options)


def make_batch(loss="half_mse", d=3, k=2, n=6, seed=1):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    if LOSSES[loss].kind == "classes":
        return X, rng.integers(k, size=n)
    return X, rng.normal(size=(n, k)) if LOSSES[loss].kind == "numbers" else rng.choice([-1.0, 1.0], n)


def check_gradient(net, X, y, loss, l1=0.0, l2=0.0):
    """The largest relative error against central differences, at the network's own parameters."""

    def f(parameters):
        net.parameters[:] = parameters
        return net.loss_and_gradient(X, y, loss=loss, l1=l1, l2=l2)

    return gradcheck(f, net.parameters)


@pytest.mark.parametrize("activation", SMOOTH_ENOUGH)
@pytest.mark.parametrize("l1, l2", [(0.0, 0.0), (0.02, 0.3)])
def test_gradient_of_every_activation_agrees_with_central_differences(activation, l1, l2):
    net = make_net(activation=activation, output=activation, seed=3)
    X, y = make_batch()
    assert check_gradient(net, X, y, "half_mse", l1, l2) < 1e-8


@pytest.mark.parametrize("loss", LOSSES)
def test_gradient_of_every_loss_agrees_with_central_differences(loss):
    widths = (3, 5, 1 if LOSSES[loss].kind == "signs" else 3)
    X, y = make_batch(loss, k=widths[-1])
    assert check_gradient(make_net(widths), X, y, loss, 0.01, 0.1) < 1e-8


def torch_gradient(net, X, y, loss, l1=0.0, l2=0.0):
    """Value and gradient from PyTorch, the gradient in nnlib's layout; penalty over weight matrices only."""
    twin = torch_twin(net)
    outputs = twin(torch.tensor(np.asarray(X, net.dtype)))
    value = TORCH_LOSS[loss](outputs, torch.tensor(np.reshape(y, (len(X), -1)).astype(net.dtype)))
    for module in twin:
        if isinstance(module, torch.nn.Linear):
            value = value + l1 * module.weight.abs().sum() + 0.5 * l2 * (module.weight**2).sum()
    value.backward()
    gradients = [p.grad.T if p.ndim == 2 else p.grad for p in twin.parameters()]
    return value.item(), np.concatenate([g.numpy().ravel() for g in gradients])


@pytest.mark.parametrize("activation", SMOOTH_ENOUGH)
@pytest.mark.parametrize("loss", LOSSES)
def test_outputs_and_gradient_agree_with_pytorch(activation, loss):
    widths = (3, 5, 4, 1 if LOSSES[loss].kind == "signs" else 3)
    net = make_net(widths, activation, "identity" if LOSSES[loss].takes_logits else activation)
    X, y = make_batch(loss, k=widths[-1])
    np.testing.assert_allclose(net(X), torch_twin(net)(torch.tensor(X)).detach().numpy(), rtol=1e-12, atol=1e-14)
    value, gradient = net.loss_and_gradient(X, y, loss=loss, l1=0.02, l2=0.3)
    their_value, their_gradient = torch_gradient(net, X, y, loss, 0.02, 0.3)
    assert value == pytest.approx(their_value, rel=1e-12)
    np.testing.assert_allclose(gradient, their_gradient, rtol=1e-9, atol=1e-13)


def test_threshold_units_have_gradient_zero_below_them():
    for name in ("step", "sign"):
        net = make_net(activation=name)
        _, gradient = net.loss_and_gradient(*make_batch(), loss="mse")
        last = net.layers[-1].W.size + net.layers[-1].b.size
        assert not gradient[:-last].any() and gradient[-last:].all()


@pytest.mark.parametrize("widths", [(2, 1), (3, 2), (1, 1, 1), (4, 1, 6, 2)])
def test_any_depth_and_width(widths):
    X, y = make_batch(d=widths[0], k=widths[-1])
    net = make_net(widths)
    assert net.widths == list(widths)
    assert net(X).shape == (6, widths[-1]) and net(X[:0]).shape == (0, widths[-1])
    assert check_gradient(net, X, y, "mse") < 1e-9


def test_an_activation_for_each_layer_and_other_constants():
    leaky = ACTIVATIONS["leaky_relu"].with_parameters(slope=0.4)
    net = make_net((3, 5, 4, 3, 2), ["identity", leaky, "prelu"], "sigmoid")
    X, y = make_batch()
    assert check_gradient(net, X, y, "mse") < 1e-9
    _, gradient = net.loss_and_gradient(X, y, loss="mse")
    np.testing.assert_allclose(gradient, torch_gradient(net, X, y, "mse")[1], rtol=1e-9, atol=1e-13)


def test_float32_networks_stay_float32():
    net, same = make_net(dtype=np.float32), make_net()
    X, y = make_batch()
    assert net.parameters.dtype == net(X).dtype == np.float32 and net.gradient.dtype == np.float32
    value, gradient = net.loss_and_gradient(X, y, loss="half_mse", l2=0.1)
    assert gradient.dtype == np.float32
    exact_value, exact_gradient = same.loss_and_gradient(X, y, loss="half_mse", l2=0.1)
    assert value == pytest.approx(exact_value, rel=1e-5)
    np.testing.assert_allclose(gradient, exact_gradient, rtol=1e-3, atol=1e-6)


# --- the flat vector ---------------------------------------------------------------------------------------


def test_layout_is_weights_row_by_row_then_biases_then_slope():
    net = mlp([2, 3, 1], "prelu", rng=np.random.default_rng(0))
    net.parameters[:] = np.arange(net.parameters.size)
    first, activate, last = net.layers
    assert net.parameters.size == 2 * 3 + 3 + 1 + 3 * 1 + 1
    assert first.W.tolist() == [[0, 1, 2], [3, 4, 5]] and first.b.tolist() == [6, 7, 8]
    assert activate.constants["slope"] == 9
    assert last.W.tolist() == [[10], [11], [12]] and last.b.tolist() == [13]
    assert np.flatnonzero(net.is_weight).tolist() == [0, 1, 2, 3, 4, 5, 10, 11, 12]


def test_parameters_are_live_and_never_reallocated():
    net = mlp([2, 3, 1], "prelu", "tanh", rng=np.random.default_rng(0))
    X, y = make_batch(d=2, k=1)
    vector, before = net.parameters, net(X)
    for place in (0, 6, 9, 10, 13):  # a weight, a bias, the slope, a weight and a bias of the second layer
        old = vector[place]
        vector[place] += 10
        assert not np.array_equal(net(X), before)
        vector[place] = old
        assert np.array_equal(net(X), before)
    for _ in nnlib.train(net, (X, y[:, 0]), optimizer="adam", batch_size=4, epochs=2, rng=np.random.default_rng(0)):
        pass
    net.loss_and_gradient(X, y)
    assert net.parameters is vector and not np.array_equal(net(X), before)
    assert all(np.shares_memory(layer.W, vector) for layer in net.layers if isinstance(layer, Dense))


def test_what_a_call_returns_is_the_readers_to_keep():
    net, (X, y) = make_net(), make_batch()
    outputs, hidden, (_, gradient) = net(X), net.hidden(X), net.loss_and_gradient(X, y)
    kept = [array.copy() for array in (outputs, *hidden, gradient)]
    for n in range(1, 7):
        net.loss_and_gradient(X[:n] + 1, y[:n])
        net(X + 1)
    assert all(np.array_equal(array, copy) for array, copy in zip((outputs, *hidden, gradient), kept))
    assert np.array_equal(net.loss_and_gradient(X, y)[1], gradient)


def test_prelu_learns_one_slope_a_layer_from_its_registered_start():
    net = make_net(activation=ACTIVATIONS["prelu"].with_parameters(slope=0.125), output="prelu")
    slopes = [layer for layer in net.layers if isinstance(layer, Activate)]
    assert [layer.constants["slope"] for layer in slopes] == [0.125, 0.125, 0.25]
    slopes[0].learned[0] = 0.5
    assert [layer.constants["slope"] for layer in slopes] == [0.5, 0.125, 0.25]


# --- invariants --------------------------------------------------------------------------------------------


@given(seed=st.integers(0, 99))
@settings(max_examples=20)
def test_renaming_hidden_units_changes_nothing(seed):
    net, (X, y) = make_net((3, 6, 2), "prelu", seed=seed), make_batch(seed=seed)
    before, value = net(X), net.loss_and_gradient(X, y, l1=0.1, l2=0.2)[0]
    order = np.random.default_rng(seed).permutation(6)
    first, _, last = net.layers
    first.W[:], first.b[:], last.W[:] = first.W[:, order].copy(), first.b[order].copy(), last.W[order].copy()
    np.testing.assert_allclose(net(X), before, rtol=1e-12, atol=1e-14)
    assert net.loss_and_gradient(X, y, l1=0.1, l2=0.2)[0] == pytest.approx(value, rel=1e-12)


@given(first=st.integers(1, 5), second=st.integers(1, 5), loss=st.sampled_from(list(LOSSES)))
@settings(max_examples=30)
def test_gradient_of_joined_batches_is_the_weighted_mean(first, second, loss):
    k = 1 if LOSSES[loss].kind == "signs" else 3
    net, (X, y) = make_net((3, 4, k)), make_batch(loss, k=k, n=first + second)
    share = first / (first + second)
    a, da = net.loss_and_gradient(X[:first], y[:first], loss=loss)
    b, db = net.loss_and_gradient(X[first:], y[first:], loss=loss)
    value, gradient = net.loss_and_gradient(X, y, loss=loss)
    assert value == pytest.approx(share * a + (1 - share) * b, rel=1e-12)
    np.testing.assert_allclose(gradient, share * da + (1 - share) * db, rtol=1e-9, atol=1e-14)


def test_units_that_start_equal_stay_equal():
    net, (X, y) = mlp([3, 4, 1], init="constant", rng=np.random.default_rng(0)), make_batch(k=1)
    for _ in nnlib.train(net, (X, y[:, 0]), learning_rate=0.1, epochs=3, rng=np.random.default_rng(0)):
        pass
    hidden = net.hidden(X)[0]
    np.testing.assert_allclose(hidden, np.repeat(hidden[:, :1], 4, axis=1), rtol=1e-12)


# --- predictions -------------------------------------------------------------------------------------------


def linear(output, k=1, task=None):
    """A network whose outputs before the output activation are its inputs."""
    net = mlp([k, k], output=output, init="zeros", rng=np.random.default_rng(0), task=task)
    net.layers[0].W[...] = np.eye(k)
    return net


Z = np.array([[-2.0], [0.0], [1.5]])
SIGMOID = 1 / (1 + np.exp(-Z[:, 0]))


@pytest.mark.parametrize(
    "output, task, labels, probabilities",
    [
        ("tanh", None, [-1, 1, 1], (1 + np.tanh(Z[:, 0])) / 2),
        ("sigmoid", None, [-1, 1, 1], SIGMOID),
        ("identity", "binary", [-1, 1, 1], SIGMOID),
        ("sign", None, [-1, 1, 1], [0, 1, 1]),
        ("step", None, [-1, 1, 1], [0, 1, 1]),
    ],
)
def test_binary_predictions(output, task, labels, probabilities):
    net = linear(output, task=task)
    assert net.task == "binary"
    assert net.predict(Z).tolist() == labels
    np.testing.assert_allclose(net.predict_proba(Z), probabilities, rtol=1e-15)


def test_multiclass_predictions():
    net, logits = linear("identity", 3), np.array([[0.0, 2.0, 1.0], [5.0, -5.0, 0.0]])
    assert net.task == "multiclass" and net.predict(logits).tolist() == [1, 0]
    np.testing.assert_allclose(net.predict_proba(logits), nnlib.softmax(logits))
    proportions = linear("sigmoid", 3).predict_proba(logits)
    np.testing.assert_allclose(proportions.sum(axis=1), 1)


def test_regression_predictions():
    net = linear("identity")
    assert net.task == "regression" and net.predict(Z).tolist() == Z[:, 0].tolist()
    assert linear("identity", 2, "regression").predict(np.ones((4, 2))).shape == (4, 2)
    with pytest.raises(ValueError, match="regression network predicts values"):
        net.predict_proba(Z)


def test_hidden_gives_the_outputs_of_every_hidden_layer():
    for activation, output in [("tanh", "tanh"), ("identity", "identity"), (["identity", "relu"], "identity")]:
        net, (X, _) = make_net(activation=activation, output=output), make_batch()
        hidden = net.hidden(X)
        assert [h.shape for h in hidden] == [(6, 5), (6, 4)]
        last = next(layer for layer in reversed(net.layers) if isinstance(layer, Dense))
        before_output = hidden[-1] @ last.W + last.b
        np.testing.assert_allclose(net(X), ACTIVATIONS[output].f(before_output), rtol=1e-12)
    assert linear("tanh").hidden(Z) == []
