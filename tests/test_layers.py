"""Every layer in a network: gradients, PyTorch, training against use, shapes, copies, bad input."""

import copy

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib import LOSSES, Trainer, gradcheck, mlp, sequential
from nnlib.diagnosis import dead_units
from nnlib.layers import Activate, BatchNorm, Conv2D, Dense, Dropout, Flatten, Layer, Residual, layer
from nnlib.random import CounterGenerator

RNG = np.random.default_rng
PICTURES = (2, 3, 4)

#: A stack for each layer, on inputs of a shape; every one ends in rows of 3.
STACKS = {
    "dense": ((5,), lambda: [Dense(3)]),
    "activate": ((5,), lambda: [Dense(4), "prelu", Dense(3), Activate("tanh")]),
    "dropout": ((5,), lambda: [Dense(6), "tanh", Dropout(0.4), Dense(3)]),
    "dropout of the data": ((5,), lambda: [Dropout(0.2), Dense(3)]),
    "dropout of pictures": (PICTURES, lambda: [Dropout(0.2), Flatten(), Dense(3)]),
    "batch norm": ((5,), lambda: [Dense(4), BatchNorm(), "tanh", Dense(3)]),
    "batch norm of the data": ((5,), lambda: [BatchNorm(), Dense(3)]),
    "batch norm last": ((5,), lambda: [Dense(3), BatchNorm(0.3, 1e-2)]),
    "batch norm of pictures": (PICTURES, lambda: [BatchNorm(), "tanh", BatchNorm(), Flatten(), Dense(3)]),
    "flatten": (PICTURES, lambda: [Flatten(), Dense(3)]),
    "residual": ((5,), lambda: [Residual([Dense(4), "tanh", Dense(5)]), "tanh", Residual(["tanh"]), Dense(3)]),
    "residual with shortcut": ((5,), lambda: [Dense(4), Residual([Dense(3), "prelu"], shortcut=[Dense(3)])]),
    "residual around everything": (
        (5,),
        lambda: [Residual([BatchNorm(), "tanh", Dropout(0.3), Dense(5), Residual([Dense(5)])]), Dense(3)],
    ),
}  # fmt: skip
NAMES = list(STACKS)


def make(name, dtype=np.float64, seed=0):
    shape, layers = STACKS[name]
    net = sequential(shape, layers(), bias=0.1, rng=RNG(seed), dtype=dtype)
    net.parameters += 0.1 * RNG(seed + 1).normal(size=net.parameters.size).astype(dtype)  # γ, β off their start
    return net


def batch(name, n=6, seed=1):
    return RNG(seed).normal(size=(n, *STACKS[name][0])), RNG(seed + 1).normal(size=(n, 3))


def objective(net, X, y, **options):
    def f(parameters):
        net.parameters[:] = parameters
        return net.loss_and_gradient(X, y, loss="half_mse", rng=CounterGenerator(0, "dropout"), **options)

    return f


def test_every_layer_is_in_the_table():
    def kinds(layers):
        return {type(each) for each in layers} | {kind for each in layers for kind in kinds(each.inner)}

    tested = {kind for name in NAMES for kind in kinds(make(name).layers)}
    assert tested >= {Dense, Activate, Dropout, BatchNorm, Flatten, Residual}


@pytest.mark.parametrize("l1, l2", [(0.0, 0.0), (0.01, 0.2)])
@pytest.mark.parametrize("name", NAMES)
def test_gradients_agree_with_central_differences(name, l1, l2):
    net = make(name)
    assert gradcheck(objective(net, *batch(name), l1=l1, l2=l2), net.parameters) < 1e-8


@pytest.mark.parametrize("name", [name for name in NAMES if STACKS[name][0] != PICTURES])
def test_what_comes_back_to_the_inputs_is_the_derivative_by_them(name):
    """A Dense layer in front passes it on to its own weights. (Layers for pictures: test_convolution.)"""
    shape, layers = STACKS[name]
    net = sequential(shape, [Dense(5), *layers()], rng=RNG(0))
    X, y = batch(name)
    assert gradcheck(objective(net, X, y), net.parameters) < 1e-8


@pytest.mark.parametrize("name", NAMES)
def test_only_weights_are_weights(name):
    net, count = make(name), 0
    waiting = list(net.layers)
    while waiting:
        each = waiting.pop()
        waiting += each.inner
        count += each.W.size if isinstance(each, Dense) else 0
    assert np.count_nonzero(net.is_weight) == count
    net.parameters[net.is_weight] = 0
    assert net.penalty(1.0, 1.0) == 0


#: Of each network: the shape of its inputs, its layers, its widths, and the shape behind each hidden activation.
SEEN = {
    "an mlp": ((5,), lambda: [Dense(4), "tanh", Dense(3), "relu", Dense(2), "tanh"], [5, 4, 3, 2], [(4,), (3,)]),
    "no activation": ((5,), lambda: [Dense(4), Dense(3)], [5, 4, 3], []),
    "no weights": ((5,), lambda: ["tanh"], [5, 5], []),
    "batch norm": ((5,), lambda: [Dense(4), BatchNorm(), "tanh", Dropout(0.2), Dense(3)], [5, 4, 3], [(4,)]),
    "batch norm last": ((5,), lambda: [Dense(4), "tanh", Dense(3), BatchNorm(), "tanh"], [5, 4, 3], [(4,)]),
    "residual in the middle": (
        (5,), lambda: [Dense(4), "tanh", Residual(["relu", Dense(6), "tanh", Dense(4)]), "tanh", Dense(3)],
        [5, 4, 6, 4, 3], [(4,), (4,), (6,), (4,)],
    ),
    "residual alone": ((5,), lambda: [Residual([Dense(4), "tanh", Dense(5), "relu"])], [5, 4, 5], [(4,)]),
    "residual alone, without an activation": ((5,), lambda: [Residual([Dense(5)])], [5, 5], []),
    "residual last, with a shortcut": (
        (5,), lambda: ["tanh", Residual([Dense(4), "tanh", Dense(3)], shortcut=[Dense(2), "relu", Dense(3)])],
        [5, 4, 3, 2, 3], [(5,), (4,), (2,)],
    ),
    "a residual in a residual": (
        (5,), lambda: [Residual([Residual([Dense(5), "tanh"]), "relu", Dense(5)]), "tanh"], [5, 5, 5], [(5,), (5,)],
    ),
    "convolution": (
        PICTURES,
        lambda: [Conv2D(6, 2), "relu", Conv2D(5, 2), BatchNorm(), "tanh", Flatten(), Dense(4), "relu", Dense(3)],
        [24, 4, 3], [(6, 2, 3), (5, 1, 2), (4,)],
    ),
    "convolution to the end": (
        PICTURES, lambda: [Conv2D(6, 2), "relu", Conv2D(3, (2, 3)), Flatten()], [24, 3], [(6, 2, 3)],
    ),
    "residual of pictures": (
        PICTURES, lambda: [Residual([Conv2D(2, 3, padding=1), "relu", Conv2D(2, 1)]), "relu", Flatten(), Dense(3)],
        [24, 3], [(2, 3, 4), (2, 3, 4)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SEEN)
def test_widths_and_hidden_count_what_stands_inside_other_layers_too(name):
    shape, layers, widths, behind = SEEN[name]
    net = sequential(shape, layers(), rng=RNG(0))
    X = RNG(1).normal(size=(7, *shape))
    assert net.widths == widths and net.widths[-1] == net.outputs
    assert [h.shape for h in net.hidden(X)] == [(7, *each) for each in behind]
    assert [len(dead) for dead in dead_units(net, X)] == [each[0] for each in behind]


def test_hidden_gives_what_the_layers_inside_a_residual_give():
    net = sequential((3,), [Dense(4), "tanh", Residual(["relu", Dense(4), "sigmoid"]), Dense(2)], rng=RNG(0))
    X = RNG(1).normal(size=(5, 3))
    first, residual, last = net.layers[0], net.layers[2], net.layers[3]
    one, two, three = net.hidden(X)
    np.testing.assert_allclose(one, np.tanh(X @ first.W + first.b))
    np.testing.assert_allclose(two, np.maximum(one, 0))
    inner = residual.layers[1]
    np.testing.assert_allclose(three, 1 / (1 + np.exp(-(two @ inner.W + inner.b))))
    np.testing.assert_allclose(net(X), (one + three) @ last.W + last.b)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_buffers_serve_again_and_outputs_are_the_readers(name, dtype):
    """Other batches between two equal calls change nothing, and one precision is kept throughout."""
    net, (X, y) = make(name, dtype), batch(name)
    first = objective(net, X, y)(net.parameters)
    outputs = net(X)
    kept = outputs.copy()
    for n in (1, 3, 6):
        net.loss_and_gradient(X[:n] + 1, y[:n], rng=RNG(n))
        net(X[:n] + 1)
    again = objective(net, X, y)(net.parameters)
    assert first[0] == again[0] and np.array_equal(first[1], again[1]) and np.array_equal(outputs, kept)
    assert outputs.dtype == first[1].dtype == net.statistics.dtype == dtype


@pytest.mark.parametrize("name", NAMES)
def test_a_copy_is_equal_and_independent(name):
    net, (X, y) = make(name), batch(name)
    net.draw_from(RNG(0))
    net.backpropagate(X, y, LOSSES["half_mse"])  # running statistics move
    for twin in (net.copy(), copy.deepcopy(net)):
        assert np.array_equal(twin(X), net(X)) and twin.task == net.task
        assert objective(twin, X, y)(twin.parameters)[0] == objective(net, X, y)(net.parameters)[0]
        twin.parameters += 1
        twin.statistics += 1
        assert not np.array_equal(twin(X), net(X)) and not np.shares_memory(twin.parameters, net.parameters)


def test_the_loss_may_be_asked_without_moving_running_statistics():
    net, (X, y) = make("batch norm"), batch("batch norm")
    before = net.statistics.copy()
    net.loss_and_gradient(X, y)
    assert np.array_equal(net.statistics, before)


def test_rows_and_pictures_are_one_input():
    net, (X, _) = make("flatten"), batch("flatten")
    assert np.array_equal(net(X), net(X.reshape(6, -1)))


def test_many_samples_are_evaluated_in_parts():
    net, X = mlp([2, 3, 1], rng=RNG(0)), RNG(1).normal(size=(10_000, 2))
    np.testing.assert_allclose(net(X), np.concatenate([net(part) for part in np.split(X, 10)]), rtol=1e-12)


# --- dropout -----------------------------------------------------------------------------------------------


def drop(x, rate, seed=0):
    dropout = Dropout(rate)
    dropout.connect(x.shape[1:])
    dropout.rng = RNG(seed)
    space = dropout.space(len(x))
    return dropout, space, dropout.forward(x, space).copy()


@given(rate=st.floats(0, 0.99), seed=st.integers(0, 50))
@settings(max_examples=40, deadline=None, database=None)
def test_dropout_zeroes_or_rescales(rate, seed):
    x = RNG(seed).normal(size=(7, 5))
    dropout, space, y = drop(x, rate, seed)
    kept = y != 0
    np.testing.assert_allclose(y[kept], x[kept] / (1 - rate), rtol=1e-12)
    np.testing.assert_allclose(dropout.backward(np.ones_like(x), space), kept / (1 - rate), rtol=1e-12)
    assert dropout(x) is x  # in use


def test_dropout_keeps_the_mean_and_adds_the_variance_it_says():
    rate, x = 0.3, np.full((400, 500), 2.0)
    y = drop(x, rate)[2]
    assert y.mean() == pytest.approx(2, abs=0.02)  # 5 standard errors are 0.015
    assert y.var() == pytest.approx(4 * rate / (1 - rate), rel=0.02)
    assert (y == 0).mean() == pytest.approx(rate, abs=0.006)


def test_every_sample_and_every_step_has_a_mask_of_its_own():
    dropout, space, y = drop(np.ones((3, 50)), 0.5)
    masks = [*y, *dropout.forward(np.ones((3, 50)), space).copy()]
    assert len({mask.tobytes() for mask in masks}) == 6


def test_training_with_dropout_is_reproducible_and_masks_have_a_generator_of_their_own():
    def trained(dropout_seed):
        net = sequential(5, [Dense(6), "tanh", Dropout(0.5), Dense(1)], rng=RNG(0))
        orders = CounterGenerator(0, "order")
        trainer = Trainer(net, (RNG(1).normal(size=(20, 5)), RNG(2).normal(size=20)), loss="mse", optimizer="sgd",
                          learning_rate=0.05, rng=orders, dropout_rng=RNG(dropout_seed))  # fmt: skip
        trainer.advance(1)
        net.loss_and_gradient(np.ones((2, 5)), [1, 2], rng=RNG(5))  # a look in between disturbs nothing
        trainer.advance(5)
        return net.parameters, orders.position

    assert np.array_equal(trained(3)[0], trained(3)[0]) and not np.array_equal(trained(3)[0], trained(4)[0])
    assert trained(3)[1] == 3 * 20  # three permutations, no masks


# --- batch normalisation -----------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(5,), PICTURES])
def test_batch_norm_is_pytorchs_in_training_and_in_use(shape):
    """Outputs, gradients and running statistics over several batches; then use, with what was gathered."""
    ours = sequential(shape, [BatchNorm(0.2, 1e-3), Flatten()], rng=RNG(0))
    theirs = (torch.nn.BatchNorm1d if len(shape) == 1 else torch.nn.BatchNorm2d)(shape[0], 1e-3, 0.2).double()
    norm, targets = ours.layers[0], RNG(9).normal(size=(7, int(np.prod(shape))))
    norm.gamma[:], norm.beta[:] = RNG(1).normal(size=(2, shape[0]))
    with torch.no_grad():
        theirs.weight.copy_(torch.tensor(norm.gamma))
        theirs.bias.copy_(torch.tensor(norm.beta))
    for seed in range(4):
        x = RNG(seed).normal(3, 2, size=(7, *shape))
        their_x = torch.tensor(x, requires_grad=True)
        outputs = theirs(their_x).flatten(1)
        theirs.zero_grad()
        (0.5 * F.mse_loss(outputs, torch.tensor(targets))).backward()
        space = norm.space(7)
        our_outputs = norm.forward(x, space).reshape(7, -1)
        np.testing.assert_allclose(our_outputs, outputs.detach(), rtol=1e-10, atol=1e-12)
        back = norm.backward(((our_outputs - targets) / targets.size).reshape(x.shape), space)
        np.testing.assert_allclose(back, their_x.grad, rtol=1e-8, atol=1e-12)
        np.testing.assert_allclose(norm.gamma_gradient, theirs.weight.grad, rtol=1e-9)
        np.testing.assert_allclose(norm.beta_gradient, theirs.bias.grad, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(norm.running_mean, theirs.running_mean, rtol=1e-12)
    np.testing.assert_allclose(norm.running_variance, theirs.running_var, rtol=1e-12)
    theirs.eval()
    x = RNG(8).normal(size=(3, *shape))
    np.testing.assert_allclose(ours(x), theirs(torch.tensor(x)).detach().flatten(1), rtol=1e-10, atol=1e-12)


def test_the_gradient_of_batch_norm_has_no_part_that_normalisation_undoes():
    net = make("batch norm of the data")
    norm, x, g = net.layers[0], RNG(3).normal(size=(8, 5)), RNG(4).normal(size=(8, 5))
    space = norm.space(8)
    norm.forward(x, space)
    normed = space.normed.copy()[:, :, None]
    back = norm.backward(g.copy(), space)
    np.testing.assert_allclose(back.sum(axis=0), 0, atol=1e-13)
    # Only ε keeps x̂ from having variance 1, and the gradient from being exactly at right angles to it.
    np.testing.assert_allclose((back * normed[:, :, 0]).sum(axis=0), 0, atol=1e-3)


def test_a_batch_of_one_leaves_the_running_statistics_and_gives_beta():
    net = make("batch norm of the data")
    norm, before = net.layers[0], net.statistics.copy()
    outputs = norm.forward(RNG(0).normal(size=(1, 5)), norm.space(1))
    assert np.array_equal(outputs[0], norm.beta) and np.array_equal(net.statistics, before)


# --- residual sums -----------------------------------------------------------------------------------------


def test_a_residual_whose_layers_give_nothing_passes_its_input_and_its_gradient():
    net = sequential(4, [Residual([Dense(4), "tanh", Dense(4)]), Dense(3)], init="zeros", rng=RNG(0))
    x = RNG(0).normal(size=(5, 4))
    block, g = net.layers[0], RNG(1).normal(size=(5, 4))
    space = block.space(5)
    assert np.array_equal(block.forward(x, space), x) and np.array_equal(block(x), x)
    assert np.array_equal(block.backward(g.copy(), space), g)


def test_sixty_layers_train_with_residual_sums():
    """Without them the first layer of such a stack gets next to no gradient."""

    def first_gradient(wrap):
        layers = [wrap([Dense(8), "sigmoid"]) for _ in range(60)]
        net = sequential(8, [*(each for layers in layers for each in layers), Dense(1)], rng=RNG(0))
        X = RNG(1).normal(size=(20, 8))
        gradient = net.loss_and_gradient(X, X[:, :1])[1]
        return np.abs(gradient[:64]).max()

    assert first_gradient(lambda layers: layers) < 1e-30 < 1e-3 < first_gradient(lambda layers: [Residual(layers)])


# --- building ----------------------------------------------------------------------------------------------


def test_layers_may_have_rules_of_their_own():
    net = sequential(3, [Dense(4, init="zeros"), "tanh", Dense(2)], init="constant", rng=RNG(0))
    assert not net.layers[0].W.any() and (net.layers[2].W == 0.1).all()


def test_the_same_layers_in_a_row_and_as_mlp_are_one_network():
    ours = mlp([3, 4, 2], "relu", init="he_normal", bias=0.2, rng=RNG(5))
    same = sequential(3, [Dense(4), "relu", Dense(2)], init="he_normal", bias=0.2, rng=RNG(5))
    assert np.array_equal(ours.parameters, same.parameters) and ours.task == same.task == "multiclass"


def test_the_summary_counts():
    net = make("batch norm of pictures")
    assert net.summary().splitlines() == [
        "layer             shape of a sample  parameters",
        "inputs                    2 × 3 × 4            ",
        "BatchNorm()               2 × 3 × 4           4",
        "Activate('tanh')          2 × 3 × 4           0",
        "BatchNorm()               2 × 3 × 4           4",
        "Flatten()                        24           0",
        "Dense(3)                          3          75",
        "all layers                                   83",
    ]


used = sequential(2, [Dense(3)], rng=RNG(0)).layers[0]


@pytest.mark.parametrize(
    "build, said",
    [
        (lambda: sequential((1, 8, 8), [Dense(3)], rng=RNG(0)), "layer 1, Dense(3): Dense takes rows, but its inputs"),
        (lambda: sequential((1, 8, 8), ["relu"], rng=RNG(0)), "end with Flatten() and Dense"),
        (lambda: sequential(2, [used], rng=RNG(0)), "already belongs to a network"),
        (lambda: sequential(2, [Dense(3), "rleu"], rng=RNG(0)), "Did you mean 'relu'?"),
        (lambda: sequential(2, [], rng=RNG(0)), "at least one layer"),
        (lambda: sequential(2, [Dense(3), 7], rng=RNG(0)), "not of 7"),
        (lambda: sequential((2, 0), [Flatten()], rng=RNG(0)), "whole number of 1 or more, not 0"),
        (lambda: sequential(4, [Residual([Dense(3)])], rng=RNG(0)), "give the shape (3,), but what is added"),
        (lambda: Dense(2.5), "units must be a whole number of 1 or more, not 2.5"),
        (lambda: Dense(2, init="he"), "unknown initializer 'he'"),
        (lambda: Dropout(1), "from 0 to just below 1, not 1"),
        (lambda: Dropout(-0.1), "from 0 to just below 1"),
        (lambda: BatchNorm(momentum=2), "momentum must be a number from 0"),
        (lambda: BatchNorm(epsilon=0), "epsilon must be a small positive number"),
        (lambda: make("dropout").loss_and_gradient(*batch("dropout")), "pass rng="),
        (lambda: make("flatten")(np.ones((2, 3, 2, 4))), "(2, 3, 2, 4); the network takes (n, 2, 3, 4) or (n, 24)"),
        (lambda: make("dense")(np.ones((2, 4))), "(2, 4); the network takes (n, 5)"),
    ],
)  # fmt: skip
def test_bad_input_is_answered_in_words(build, said):
    with pytest.raises(ValueError) as caught:
        build()
    assert said in str(caught.value)


def test_a_layer_without_rules_is_no_layer():
    with pytest.raises(NotImplementedError):
        layer.Layer().forward(np.ones((1, 2)), None)
    assert isinstance(Flatten(), Layer)
