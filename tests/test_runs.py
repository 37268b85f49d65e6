"""Many networks at once: one array, live members, outputs and gradients as of each one alone."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib import ACTIVATIONS, INITIALIZERS, LOSSES, Network, gradcheck, mlp, sequential, torch_twin, train
from nnlib.layers import Activate, Dense, Flatten
from nnlib.runs import Networks

R = 5


def make_nets(widths=(3, 5, 4, 2), activation="tanh", output="identity", runs=R, seed=0, **options):
    return mlp(list(widths), activation, output, bias=0.1, runs=runs, rng=np.random.default_rng(seed), **options)


def make_batch(loss="half_mse", d=3, k=2, shape=(6,), seed=1):
    """Inputs (…, n, d) and targets for a loss: ``shape`` is (n,) or (R, n)."""
    rng = np.random.default_rng(seed)
    X, kind = rng.normal(size=(*shape, d)), LOSSES[loss].kind
    if kind == "classes":
        return X, rng.integers(k, size=shape)
    return X, rng.normal(size=(*shape, k)) if kind == "numbers" else rng.choice([-1.0, 1.0], (*shape, k))


def same(first, second, atol=1e-13, rtol=1e-13):
    np.testing.assert_allclose(first, second, rtol=rtol, atol=atol)


# --- one array, many networks --------------------------------------------------------------------------------


@pytest.mark.parametrize("init", INITIALIZERS)
def test_members_are_drawn_one_after_the_other(init):
    nets, rng = make_nets(init=init, activation="prelu"), np.random.default_rng(0)
    for member in nets:
        alone = mlp([3, 5, 4, 2], "prelu", init=init, bias=0.1, rng=rng)
        assert np.array_equal(member.parameters, alone.parameters)
        assert np.array_equal(nets.is_weight, alone.is_weight) and member.widths == nets.widths == alone.widths


def test_a_member_lives_in_its_row():
    nets, (X, y) = make_nets((3, 4, 1), "prelu"), make_batch(k=1)
    assert isinstance(nets[2], Network) and len(nets) == nets.runs == len(list(nets)) == R
    assert nets[-1] is nets[R - 1] and repr(nets) == "<5 networks [3, 4, 1] prelu, 22 parameters each>"
    address = nets.parameters.ctypes.data
    nets[2].parameters[:] = 0
    assert not nets.parameters[2].any() and nets.parameters[[1, 3]].all() and not nets(X)[2].any()
    nets.parameters[3] = nets.parameters[1]
    same(nets[3](X), nets[1](X))
    nets[3].layers[0].W[0, 0] = 7.0
    assert nets.parameters[3, 0] == 7.0 and nets.parameters[1, 0] != 7.0
    nets.loss_and_gradient(X, y)
    assert nets.gradient[4].any() and np.shares_memory(nets.gradient[4], nets[4].gradient)
    before = nets.parameters.copy()
    for _ in train(nets, (X, y[:, 0]), learning_rate=0.1, epochs=2, rng=np.random.default_rng(0)):
        pass
    assert nets.parameters.ctypes.data == address and (nets.parameters != before).any(axis=1).tolist() == [True] * R


def test_copies_have_parameters_of_their_own():
    nets = make_nets(dtype=np.float32)
    for twin in (nets.copy(), copy.deepcopy(nets), Networks(list(nets))):
        assert np.array_equal(twin.parameters, nets.parameters) and twin.dtype == np.float32
        twin.parameters[...] = 0
        assert nets.parameters.any() and not twin[1].parameters.any() and nets[1].parameters.any()


def test_the_task_is_that_of_all_members():
    nets = make_nets(widths=(2, 3, 1))
    assert nets.task == "regression"
    nets.task = "binary"
    assert {member.task for member in nets} == {"binary"}


# --- outputs and gradients -------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(6,), (R, 6), (200,)])  # 200 rows are evaluated in several pieces
@pytest.mark.parametrize(
    "output, k, task", [("identity", 1, "binary"), ("tanh", 1, "binary"), ("sigmoid", 1, "binary"),
                        ("sign", 1, "binary"), ("identity", 3, "multiclass"), ("sigmoid", 3, "multiclass"),
                        ("identity", 1, "regression"), ("prelu", 2, "regression")],
)  # fmt: skip
def test_outputs_and_predictions_are_the_members(output, k, task, shape):
    nets = make_nets((2, 300 if shape == (200,) else 4, k), output=output, task=task)
    X = np.random.default_rng(2).normal(size=(*shape, 2))
    own = X if X.ndim == 3 else [X] * R
    before = nets(X)
    same(before, [net(x) for net, x in zip(nets, own)])
    assert before.shape == (R, shape[-1], k) and np.array_equal(nets(X), before)
    same(nets.predict(X), [net.predict(x) for net, x in zip(nets, own)])
    if task == "regression":
        with pytest.raises(ValueError, match="regression network"):
            nets.predict_proba(X)
    else:
        same(nets.predict_proba(X), [net.predict_proba(x) for net, x in zip(nets, own)])


def test_an_output_on_the_boundary_counts_as_plus_one():
    nets = mlp([2, 1], init="zeros", task="binary", runs=2, rng=np.random.default_rng(0))
    assert nets.predict(np.ones((3, 2))).tolist() == [[1.0] * 3] * 2


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_losses_and_gradients_are_the_members(activation, loss):
    output = "identity" if LOSSES[loss].takes_logits else activation
    nets, (X, y) = make_nets(activation=activation, output=output), make_batch(loss)
    l1, l2 = np.linspace(0, 0.2, R), np.linspace(0.3, 0, R)
    values, gradient = nets.loss_and_gradient(X, y, loss, l1, l2)
    assert values.shape == (R,) and gradient.shape == nets.parameters.shape
    for r, net in enumerate(nets):
        value, expected = net.loss_and_gradient(X, y, loss, l1[r], l2[r])
        same(values[r], value)
        same(gradient[r], expected)


@pytest.mark.parametrize("loss", ["half_mse", "binary_cross_entropy", "cross_entropy"])
def test_each_member_may_have_its_own_inputs_and_targets(loss):
    nets = make_nets(activation=["tanh", "prelu"])
    shared, own = make_batch(loss), make_batch(loss, shape=(R, 6))
    for X, y in ((own[0], own[1]), (own[0], shared[1]), (shared[0], own[1])):
        values, gradient = nets.loss_and_gradient(X, y, loss, 0.1, 0.2)
        for r, net in enumerate(nets):
            x, t = X[r] if X is own[0] else X, y[r] if y is own[1] else y
            value, expected = net.loss_and_gradient(x, t, loss, 0.1, 0.2)
            same(values[r], value)
            same(gradient[r], expected)


@settings(max_examples=30, deadline=None, database=None)
@given(
    widths=st.lists(st.integers(1, 6), min_size=2, max_size=5), runs=st.integers(1, 6), n=st.integers(1, 12),
    activation=st.sampled_from([name for name in ACTIVATIONS if name not in ("step", "sign")]), own=st.booleans(),
)  # fmt: skip
def test_any_shape(widths, runs, n, activation, own):
    nets = make_nets(widths, activation, runs=runs)
    X, y = make_batch(d=widths[0], k=widths[-1], shape=(runs, n) if own else (n,))
    values, gradient = nets.loss_and_gradient(X, y, "mse")
    for r, net in enumerate(nets):
        value, expected = net.loss_and_gradient(X[r] if own else X, y[r] if own else y, "mse")
        same(values[r], value)
        same(gradient[r], expected)


TORCH_ACTIVATION = {
    "tanh": lambda z, slope: torch.tanh(z),
    "gelu": lambda z, slope: torch.nn.functional.gelu(z),
    "sigmoid": lambda z, slope: torch.sigmoid(z),
    "prelu": lambda z, slope: torch.where(z > 0, z, slope * z),
}
TORCH_LOSS = {
    "mse": lambda o, t: ((o - t) ** 2).mean(dim=(1, 2)),
    "binary_cross_entropy": lambda o, t: torch.nn.functional.softplus(-t * o).mean(dim=(1, 2)),
    "cross_entropy": lambda o, t: -torch.log_softmax(o, 2)[:, torch.arange(o.shape[1]), t].mean(dim=1),
}


@pytest.mark.parametrize("loss", TORCH_LOSS)
@pytest.mark.parametrize("activation", TORCH_ACTIVATION)
def test_torch_bmm_agrees(activation, loss):
    """PyTorch over the same (R, P) array, cut by the layout that Network documents."""
    nets, (X, y) = make_nets(activation=activation), make_batch(loss)
    p = torch.tensor(nets.parameters, requires_grad=True)
    h, start = torch.tensor(X).expand(R, -1, -1), 0
    for d_in, d_out in ((3, 5), (5, 4), (4, 2)):
        W, b = p[:, start : start + d_in * d_out].reshape(R, d_in, d_out), start + d_in * d_out
        h = torch.baddbmm(p[:, None, b : b + d_out], h, W)
        start = b + d_out
        if d_out != 2:
            h = TORCH_ACTIVATION[activation](h, p[:, start, None, None])
            start += activation == "prelu"
    assert start == nets.parameters.shape[1]
    losses = TORCH_LOSS[loss](h, torch.tensor(y))
    losses.sum().backward()
    values, gradient = nets.loss_and_gradient(X, y, loss)
    same(values, losses.detach().numpy(), atol=1e-12)
    same(gradient, p.grad.numpy(), atol=1e-12)


@pytest.mark.parametrize("loss", ["half_mse", "cross_entropy"])
@pytest.mark.parametrize("activation", ["tanh", "prelu", "swish"])
def test_central_differences_agree(activation, loss):
    nets, (X, y) = make_nets((3, 4, 2), activation, runs=3), make_batch(loss)
    l1, l2 = [0.0, 0.1, 0.2], [0.3, 0.0, 0.1]

    def f(parameters):
        nets.parameters[...] = parameters
        values, gradient = nets.loss_and_gradient(X, y, loss, l1, l2)
        return values.sum(), gradient

    assert gradcheck(f, nets.parameters) < 1e-8


def test_a_member_has_a_twin():
    nets, (X, _) = make_nets(activation="prelu"), make_batch()
    nets.parameters += 0.1
    same(torch_twin(nets[3])(torch.tensor(X)).detach().numpy(), nets(X)[3], atol=1e-12)


def test_layers_without_activation_and_identity_layers():
    layers = [Dense(4), Dense(3), Activate("identity"), Dense(1), Activate("tanh")]
    net = sequential(2, layers, rng=np.random.default_rng(0))
    nets, (X, y) = Networks([net, net]), make_batch(d=2, k=1)
    same(nets(X), [net(X)] * 2)
    same(nets.loss_and_gradient(X, y)[1], [net.loss_and_gradient(X, y)[1]] * 2)


def test_buffers_are_kept_for_a_few_batch_sizes_only():
    nets = make_nets()
    for n in (3, 5, 3, *range(1, 30)):
        X, y = make_batch(shape=(n,))
        same(nets.loss_and_gradient(X, y)[1][1], nets[1].loss_and_gradient(X, y)[1])
    assert len(nets._spaces) <= 4


# --- bad input -------------------------------------------------------------------------------------------------


def conv_like():
    return sequential((1, 2, 2), [Flatten(), Dense(1)], rng=np.random.default_rng(0))


def alone(*widths, **options):
    return mlp(list(widths), rng=np.random.default_rng(0), **options)


@pytest.mark.parametrize("runs", [0, -1, 2.5, True, "3"])
def test_bad_runs(runs):
    with pytest.raises(ValueError, match="runs must be"):
        make_nets(runs=runs)


def test_runs_need_an_rng():
    with pytest.raises(TypeError, match="pass rng="):
        mlp([2, 1], runs=3, rng=None)


@pytest.mark.parametrize("networks, words", [
    ([], "at least one network"),
    ([conv_like()], "take dense networks only.*Flatten"),
    ([alone(2, 1), conv_like()], "take dense networks only.*Flatten"),
    ([sequential(2, ["tanh", Dense(1)], rng=np.random.default_rng(0))], "take dense networks only.*Activate"),
    ([sequential(2, [Dense(1), "tanh", "relu"], rng=np.random.default_rng(0))], "take dense networks only.*Activate"),
    ([alone(2, 3, 1), alone(2, 4, 1)], "must be alike, but number 1"),
    ([alone(2, 3, 1), alone(2, 3, 1), alone(2, 3, 1, activation="relu")], "must be alike, but number 2"),
    ([alone(2, 1), alone(2, 1, output="tanh")], "must be alike"),
    ([alone(2, 1), alone(2, 1, dtype=np.float32)], "must be alike"),
])  # fmt: skip
def test_networks_that_cannot_be_stacked(networks, words):
    with pytest.raises(ValueError, match=words):
        Networks(networks)


X3, Y3 = np.zeros((4, 3)), np.zeros((4, 2))


def with_nan(shape, place):
    X = np.zeros(shape)
    X[place] = np.nan
    return X


@pytest.mark.parametrize("X, y, options, words", [
    (np.zeros((4, 2)), Y3, {}, r"X has shape \(4, 2\).*\(n, 3\) for all, or \(5, n, 3\)"),
    (np.zeros(3), Y3, {}, r"X has shape \(3,\)"),
    (np.zeros((4, 4, 3)), Y3, {}, r"X has shape \(4, 4, 3\)"),
    ([[1, 2, 3], [1, 2]], Y3, {}, "rows of equal length"),
    (with_nan((4, 3), (2, 1)), Y3, {}, "not finite in row 2$"),
    (with_nan((R, 4, 3), (1, 2, 0)), Y3, {}, "not finite in row 2 of run 1$"),
    (np.zeros((0, 3)), np.zeros((0, 2)), {}, "batch is empty"),
    (X3, np.zeros((5, 2)), {}, r"y has shape \(5, 2\); expected \(4,\) or \(4, 2\) for all"),
    (X3, np.zeros((3, 4)), {}, r"y has shape \(3, 4\)"),
    (X3, np.zeros((4, 4, 2)), {}, r"y has shape \(4, 4, 2\)"),
    (X3, np.zeros((R, 3, 2)), {}, r"y has shape \(5, 3, 2\).* or \(5, 4, 2\) for each"),
    (X3, np.zeros(5), {"loss": "cross_entropy"}, "X has 4 rows, but y has 5"),
    (X3, np.zeros(4), {}, "the network has 2 output"),
    (X3, 1.0, {}, r"y has shape \(\)"),
    (X3, with_nan((R, 4, 2), (3, 1, 0)), {}, "target in row 1"),
    (X3, Y3, {"loss": "no"}, "unknown loss"),
    (X3, Y3, {"l1": -1}, "l1 must be a number of 0 or more"),
    (X3, Y3, {"l2": [0.1] * 4}, "l2 has 4 values for 5 runs"),
    (X3, Y3, {"l2": [0.1, 0.1, -1, 0, 0]}, r"l2\[2\] must be a number of 0 or more, not -1"),
    (X3, Y3, {"l2": [0.1, 0.1, 0.1, np.nan, 0]}, r"l2\[3\]"),
    (X3, Y3, {"l2": "0.1"}, "l2 must be a number"),
])  # fmt: skip
def test_bad_batches(X, y, options, words):
    with pytest.raises(ValueError, match=words):
        make_nets().loss_and_gradient(X, y, **options)


def test_loss_and_output_must_fit():
    with pytest.raises(ValueError, match="takes logits"):
        make_nets((3, 1), output="tanh").loss_and_gradient(X3, np.ones(4), "binary_cross_entropy")
