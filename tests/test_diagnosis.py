"""Diagnosis: every measurement against a second witness, and every advice tried out on a run that needs it."""

import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib import ACTIVATIONS, INITIALIZERS, LOSSES, Trainer, mlp, sequential, torch_twin
from nnlib.datasets import TOY, Dataset
from nnlib.diagnosis import (
    EXPLODING,
    VANISHING,
    constant_loss,
    dead_units,
    examine,
    gradient_norms,
    growing,
    largest_curvature,
    largest_stable_rate,
    plateau,
    saturated_units,
    signal_ratio,
)
from nnlib.diagnosis.curvature import _largest_eigenvalue
from nnlib.diagnosis.doctor import rounded_down
from nnlib.layers import BatchNorm, Conv2D, Dense, Dropout, Flatten, MaxPool2D, Residual
from nnlib.optimizers import Momentum
from nnlib.random import CounterGenerator

pytestmark = pytest.mark.filterwarnings("error")

#: Activations whose slope fades away gradually, at least on one side.
FADING = {"sigmoid", "tanh", "elu", "gelu", "silu", "swish", "softplus"}


def rng(seed=0):
    return np.random.default_rng(seed)


def normal(std):
    return INITIALIZERS["normal"].with_parameters(std=std)


def points(n=50, seed=0):
    return rng(seed).uniform(-1, 1, (n, 2))


def planted(activation, size, dtype=np.float64):
    """A network [2, 3, 1] whose first unit sees z between −1.2·size and −0.8·size for points in the square."""
    net = mlp([2, 3, 1], activation, rng=rng(), dtype=dtype)
    net.layers[0].W[:, 0], net.layers[0].b[0] = 0.1 * size, -size
    return net


# --- units --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_planted_dead_unit_is_found_and_gets_no_gradient(name, dtype):
    net, X = planted(name, 10.0, dtype), points()
    (dead,) = dead_units(net, X)
    if name in ("step", "sign"):
        assert dead.tolist() == [True, True, True]
    else:
        assert dead.tolist() == [name == "relu", False, False]
    _, gradient = net.loss_and_gradient(X, np.ones(50), "mse")
    into = np.concatenate([gradient[:6].reshape(2, 3), gradient[6:9].reshape(1, 3)])
    assert np.array_equal((into == 0).all(axis=0), dead)


def test_one_positive_sample_keeps_a_unit_alive_wherever_it_stands():
    net, X = planted("relu", 10.0), points(1300)
    assert dead_units(net, X)[0][0]
    for row in (0, 700, 1299):  # in the first, a middle and the last block
        alive = X.copy()
        alive[row] = [60.0, 60.0]
        assert not dead_units(net, alive)[0][0]


def test_on_the_corner_a_relu_is_off():
    net = planted("relu", 10.0)
    net.layers[0].W[:, 0] = net.layers[0].b[0] = 0.0
    assert dead_units(net, points())[0].tolist() == [True, False, False]


def test_the_slope_that_counts_is_the_learned_one():
    net = planted("prelu", 10.0)
    assert not dead_units(net, points())[0].any()
    net.layers[1].learned[0] = 0.0
    assert dead_units(net, points())[0].tolist() == [True, False, False]


@given(seed=st.integers(0, 2**32 - 1), bias=st.floats(-3, 3), rows=st.integers(1, 30))
@settings(max_examples=50, deadline=None, database=None)
def test_dead_units_get_exactly_no_gradient_and_more_samples_never_kill(seed, bias, rows):
    net, X = mlp([2, 6, 5, 1], "relu", bias=bias, rng=rng(seed)), points(40, seed)
    _, gradient = net.loss_and_gradient(X, np.ones(40), "mse")
    dead, of_some = dead_units(net, X), dead_units(net, X[:rows])
    W1, W2 = gradient[:12].reshape(2, 6), gradient[18:48].reshape(6, 5)
    for W, unit, fewer in zip((W1, W2), dead, of_some, strict=True):
        assert not W[:, unit].any()
        assert not (unit & ~fewer).any()


def test_tanh_dies_where_its_slope_rounds_to_nothing_and_fades_before():
    X = points()
    assert not dead_units(planted("tanh", 15.0), X)[0][0] and saturated_units(planted("tanh", 15.0), X)[0][0]
    assert dead_units(planted("tanh", 40.0), X)[0][0]
    assert dead_units(planted("tanh", 15.0, np.float32), X)[0][0]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_saturation_is_counted_where_a_slope_can_fade(name):
    (saturated,) = saturated_units(planted(name, 8.0), points())
    assert saturated.tolist() == [name in FADING, False, False]


@pytest.mark.parametrize("name, output", [("sigmoid", 0.0127), ("tanh", 0.9747)])
def test_saturation_begins_at_a_twentieth_of_the_largest_slope(name, output):
    z = {"sigmoid": np.log(output / (1 - output)), "tanh": np.arctanh(output)}[name]
    net = mlp([1, 1, 1], name, rng=rng())
    net.layers[0].b[...] = 0
    net.layers[0].W[...] = z
    assert saturated_units(net, [[1.01]])[0].all() and not saturated_units(net, [[0.99]])[0].any()


def test_most_samples_are_enough_and_a_few_less_are_not():
    net = mlp([1, 1, 1], "sigmoid", rng=rng())
    net.layers[0].W[...], net.layers[0].b[...] = 1, 0
    X = np.zeros((100, 1))
    for saturated, at_95, at_90 in ((94, False, True), (95, True, True), (89, False, False)):
        X[:] = 0
        X[:saturated] = 9
        assert saturated_units(net, X)[0].item() is at_95
        assert saturated_units(net, X, share=0.9)[0].item() is at_90


def picture_net(dtype=np.float64):
    layers = [Conv2D(3, 3), "relu", MaxPool2D(2), Flatten(), Dense(4), "tanh", Dense(2)]
    return sequential((1, 6, 6), layers, rng=rng(), dtype=dtype)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_channel_is_dead_if_it_is_off_at_all_places(dtype):
    net, X = picture_net(dtype), rng().uniform(0, 1, (20, 36))
    net.layers[0].W[:, 1], net.layers[0].b[1] = 0, -1
    channels, units = dead_units(net, X)
    assert channels.tolist() == [False, True, False] and units.shape == (4,) and not units.any()
    net.layers[0].W[4, 1] = 0.1
    X[7].reshape(6, 6)[3, 2] = 11  # one place of one picture
    assert not dead_units(net, X)[0].any()


def test_a_channel_is_saturated_on_samples_and_places_together():
    net = sequential((1, 4, 4), [Conv2D(2, 1), "tanh", Flatten(), Dense(1)], rng=rng())
    net.layers[0].W[...] = 1
    X = np.zeros((10, 16))
    X[:, :15] = 9  # 15/16 = 0.9375
    assert not saturated_units(net, X)[0].any() and saturated_units(net, X, share=0.93)[0].all()


def test_units_inside_a_residual_are_seen_and_the_output_is_not():
    layers = [Dense(4), "relu", Residual([Dense(4), "relu", Dense(3)], shortcut=[Dense(3), "sign"]), Dense(1), "relu"]
    net, X = sequential(2, layers, rng=rng()), points()
    inner, around = net.layers[2].layers, net.layers[2].shortcut
    inner[0].b[2] = -100
    dead = dead_units(net, X)
    assert [each.tolist() for each in dead[1:]] == [[False, False, True, False], [True] * 3]
    h = net.layers[1](net.layers[0](X))
    assert np.array_equal(dead[0], (h == 0).all(axis=0)) and len(dead) == 3
    # What comes after the Residual is fed with what the Residual gives.
    after = [*layers[:3], "relu", Dense(1)]
    same = sequential(2, [layer if isinstance(layer, str) else layer.fresh() for layer in after], rng=rng())
    same.layers[2].layers[2].b[...] = -100
    same.layers[2].shortcut[0].W[...] = 0
    assert dead_units(same, X)[-1].all()
    same.layers[2].layers[2].b[...] = 100
    assert not dead_units(same, X)[-1].any()
    assert around[1].activation.name == "sign"


# --- gradients ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("activation", ["tanh", "relu", "prelu", "sigmoid"])
def test_the_norms_are_those_of_pytorch(activation, dtype):
    net, X, y = mlp([2, 5, 4, 1], activation, bias=0.1, rng=rng(), dtype=dtype), points(), points(seed=1)[:, :1]
    before = net.gradient.copy(), net.parameters.copy()
    rows = gradient_norms(net, X, y, "half_mse")
    assert np.array_equal(net.gradient, before[0]) and np.array_equal(net.parameters, before[1])
    twin, h, zs = torch_twin(net).double(), torch.tensor(X.astype(dtype).astype(float)), []
    for module in twin:
        h = module(h)
        if isinstance(module, torch.nn.Linear):
            h.retain_grad()
            zs.append(h)
    (0.5 * (h - torch.tensor(y)) ** 2).mean().backward()
    linears = [module for module in twin if isinstance(module, torch.nn.Linear)]
    assert [row.number for row in rows] == [1, 2, 3] and rows[1].name == "Dense(4)"
    for row, linear, z in zip(rows, linears, zs, strict=True):
        norm, size = linear.weight.grad.norm().item(), linear.weight.norm().item()
        assert row.norm == pytest.approx(norm, rel=1e-6) and row.relative == pytest.approx(norm / size, rel=1e-6)
        assert row.root_mean_square == pytest.approx(norm / np.sqrt(linear.weight.numel()), rel=1e-6)
        assert row.signal == pytest.approx(z.grad.norm().item(), rel=1e-6)


def test_a_step_changes_the_weights_by_rate_times_relative():
    net, X, y = mlp([2, 5, 1], "tanh", rng=rng()), points(), points(seed=1)[:, 0]
    row, W = gradient_norms(net, X, y)[0], net.layers[0].W.copy()
    Trainer(net, (X, y), loss="mse", optimizer="sgd", learning_rate=0.01, batch_size=None, rng=rng()).advance()
    change = np.linalg.norm(net.layers[0].W - W) / np.linalg.norm(W)
    assert change == pytest.approx(0.01 * row.relative, rel=1e-9)


def test_dropout_drops_nothing_and_running_statistics_stay():
    X, y = points(), points(seed=1)[:, 0]
    plain = sequential(2, [Dense(5), BatchNorm(), "tanh", Dense(1)], rng=rng())
    dropping = sequential(2, [Dense(5), BatchNorm(), "tanh", Dropout(0.5), Dense(1)], rng=rng())
    statistics = dropping.statistics.copy()
    assert gradient_norms(plain, X, y) == gradient_norms(dropping, X, y)
    assert largest_curvature(plain, X, y, rng=rng(1)) == largest_curvature(dropping, X, y, rng=rng(1))
    assert np.array_equal(dropping.statistics, statistics) and dropping.layers[3].rate == 0.5


def test_layers_of_pictures_and_residuals_are_counted():
    net, X = picture_net(), rng().uniform(0, 1, (20, 36))
    rows = gradient_norms(net, X, np.arange(20) % 2, "cross_entropy")
    assert [(row.number, row.name) for row in rows] == [(1, "Conv2D(3, 3)"), (2, "Dense(4)"), (3, "Dense(2)")]
    _, gradient = net.loss_and_gradient(X, np.arange(20) % 2, "cross_entropy")
    assert rows[0].norm == pytest.approx(np.linalg.norm(gradient[:27]))
    deep = sequential(2, [Dense(4), Residual([Dense(4), "tanh", Dense(4)]), Dense(1)], rng=rng())
    assert [row.number for row in gradient_norms(deep, points(), np.ones(50))] == [1, 3, 4]
    slopes = sequential(2, [Dense(1), Residual(["prelu", Dense(1)]), Dense(1)], rng=rng())
    assert [row.number for row in gradient_norms(slopes, points(), np.ones(50))] == [1, 2, 3]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "activation, init, verdict",
    [
        ("sigmoid", normal(0.01), "vanishing"),
        ("sigmoid", "xavier_uniform", "vanishing"),
        ("tanh", normal(0.01), "vanishing"),  # here the gradients of weights are equally small in all layers
        ("relu", normal(0.01), "vanishing"),
        ("relu", normal(2.0), "exploding"),
        ("leaky_relu", normal(2.0), "exploding"),
        ("tanh", "xavier_uniform", None),
        ("tanh", "xavier_normal", None),
        ("relu", "he_normal", None),
        ("relu", "he_uniform", None),
        ("gelu", "he_normal", None),
    ],
)
def test_ten_layers_vanish_explode_or_pass_the_gradient_on(activation, init, verdict, seed):
    data = TOY["moons"](n=200, rng=rng(seed))
    net = mlp([2] + [16] * 10 + [1], activation, init=init, rng=rng(seed))
    ratio = signal_ratio(gradient_norms(net, data.X, data.y, "binary_cross_entropy"))
    found = "vanishing" if ratio < VANISHING else "exploding" if ratio > EXPLODING else None
    assert found == verdict, ratio


# --- curvature ----------------------------------------------------------------------------------------------


def hessian(net, X, y, loss, l2=0.0):
    """The whole Hessian by PyTorch, from a plain function of the flat parameters."""
    sizes, activation = net.widths, net.layers[1].activation.name
    X, y = torch.tensor(X), torch.tensor(y)

    def value(w):
        h, start, penalty = X, 0, 0.0
        for i, (d_in, d_out) in enumerate(zip(sizes, sizes[1:])):
            W = w[start : start + d_in * d_out].reshape(d_in, d_out)
            start += d_in * d_out
            h = h @ W + w[start : start + d_out]
            start += d_out
            penalty = penalty + 0.5 * l2 * (W**2).sum()
            if i < len(sizes) - 2:
                h = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid}[activation](h)
        if loss == "cross_entropy":
            return torch.nn.functional.cross_entropy(h, y) + penalty
        if loss == "binary_cross_entropy":
            return torch.nn.functional.softplus(-y[:, None] * h).mean() + penalty
        return ((h - y[:, None]) ** 2).mean() + penalty

    return torch.autograd.functional.hessian(value, torch.tensor(net.parameters)).numpy()


@pytest.mark.parametrize("l2", [0.0, 0.3])
@pytest.mark.parametrize("loss", ["mse", "binary_cross_entropy", "cross_entropy"])
@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_the_largest_curvature_is_that_of_the_whole_hessian(activation, loss, l2):
    X = points()
    y = {"mse": X[:, 0] * 3, "binary_cross_entropy": np.sign(X[:, 0]), "cross_entropy": (X[:, 1] > 0).astype(int)}[loss]
    net = mlp([2, 4, 3, 2 if loss == "cross_entropy" else 1], activation, bias=0.1, rng=rng())
    largest = np.linalg.eigvalsh(hessian(net, X, y, loss, l2))[-1]
    for seed in range(3):
        assert largest_curvature(net, X, y, loss, l2, rng=rng(seed)) == pytest.approx(largest, rel=1e-4)


def linear(n=40, d=5):
    X, y = rng().normal(size=(n, d)) * np.geomspace(0.4, 2, d), rng(1).normal(size=n)
    return mlp([d, 1], rng=rng()), X, y, np.column_stack([X, np.ones(n)])


def test_linear_regression_has_the_curvature_of_its_inputs():
    net, X, y, A = linear()
    exact = np.linalg.eigvalsh(2 / len(X) * A.T @ A)[-1]
    assert largest_curvature(net, X, y, "mse", rng=rng()) == pytest.approx(exact, rel=1e-6)
    assert largest_curvature(net, X, y, "half_mse", rng=CounterGenerator(0)) == pytest.approx(exact / 2, rel=1e-6)
    single = mlp([5, 1], rng=rng(), dtype=np.float32)
    assert largest_curvature(single, X, y, "mse", rng=rng()) == pytest.approx(exact, rel=1e-5)
    assert largest_stable_rate(net, X, y, "mse", rng=rng()) == pytest.approx(2 / exact, rel=1e-6)


@pytest.mark.parametrize(
    "optimizer, factor", [("sgd", 1), ("momentum", 1 + 0.9), ("nesterov", (1 + 0.9) / (1 + 2 * 0.9))]
)
def test_gradient_descent_settles_just_below_the_bound_and_not_just_above(optimizer, factor):
    net, X, y, A = linear()
    best = np.linalg.lstsq(A, y, rcond=None)[0]
    bound = factor * largest_stable_rate(net, X, y, "mse", rng=rng())
    start = net.parameters.copy()
    for share in (0.98, 1.02):
        net.parameters[...] = start
        trainer = Trainer(net, (X, y), loss="mse", optimizer=optimizer, learning_rate=share * bound,
                          batch_size=None, rng=rng())  # fmt: skip
        trainer.advance(2000)
        assert (trainer.diagnosis() is None) == (share < 1)
        if share < 1:
            assert np.linalg.norm(net.parameters - best) < 0.01 * np.linalg.norm(start - best)


def test_a_negative_eigenvalue_of_larger_size_does_not_hide_the_largest():
    found = 0
    for seed in range(40):
        net, X = mlp([2, 4, 1], "tanh", init=normal(0.5), bias=0.5, rng=rng(seed)), points()
        y = 20 * np.sin(5 * X[:, 0]) + 10
        values = np.linalg.eigvalsh(hessian(net, X, y, "mse"))
        if -values[0] > 1.05 * values[-1]:
            found += 1
            assert largest_curvature(net, X, y, "mse", rng=rng()) == pytest.approx(values[-1], rel=1e-4)
    assert found >= 3


@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 60))
@settings(max_examples=60, deadline=None, database=None)
def test_lanczos_finds_the_largest_eigenvalue_with_its_sign(seed, size):
    matrix = rng(seed).normal(size=(size, size)) - 3 * np.eye(size)
    matrix = (matrix + matrix.T) / 2
    v = rng(seed + 1).normal(size=size)
    largest = _largest_eigenvalue(lambda v: matrix @ v, v / np.linalg.norm(v), 1e-6, 5000)
    exact = np.linalg.eigvalsh(matrix)
    assert largest == pytest.approx(exact[-1], abs=1e-4 * np.abs(exact).max())


@pytest.mark.parametrize("values", [[0.0, 0.0, 0.0], [5.0, 5.0, 5.0], [-10.0, 3.0, 1.0], [-2.0, -1.0, -7.0], [4.0]])
def test_lanczos_on_spectra_of_few_values(values):
    v = np.ones(len(values)) / np.sqrt(len(values))
    assert _largest_eigenvalue(lambda v: np.array(values) * v, v, 1e-6, 100) == pytest.approx(max(values))


def test_lanczos_stops_at_its_limit_with_a_lower_bound():
    values, products = np.linspace(0, 1, 400), []
    v = rng().normal(size=400)
    answer = _largest_eigenvalue(lambda v: products.append(1) or values * v, v / np.linalg.norm(v), 1e-12, 30)
    assert 0.9 < answer <= 1 and len(products) <= 30 + 21


def test_samples_on_a_corner_do_not_count_as_curvature():
    """Behind units that are all off z is exactly the bias 0, where a difference of gradients would jump."""
    X = np.array([[1.0], [-1.0]])
    net = mlp([1, 2, 2, 1], "relu", rng=rng())
    net.layers[0].W[...] = [[1.0, 2.0]]
    assert not net.layers[2](net.layers[1](net.layers[0](X)))[1].any()
    curvatures = [largest_curvature(net, X, [1.0, 1.0], rng=rng(seed)) for seed in range(20)]
    assert max(curvatures) < 100
    assert np.median(curvatures) == pytest.approx(min(curvatures), rel=0.5)


def test_a_flat_network_has_no_largest_rate():
    net = mlp([2, 3, 1], "relu", rng=rng())
    net.parameters[...] = 0
    net.layers[0].b[...] = -1
    assert largest_stable_rate(net, points(), -np.ones(50), "hinge", rng=rng()) == np.inf


# --- curves -------------------------------------------------------------------------------------------------

NOISE = rng(5).normal(0, 0.05, 200)


@pytest.mark.parametrize(
    "losses, flat, grows",
    [
        (np.full(60, 0.7), True, False),
        (0.7 + 0.02 * NOISE[:60], True, False),
        (np.r_[np.linspace(3, 0.7, 40), np.full(40, 0.7)], True, False),
        (np.geomspace(1, 0.3, 60), False, False),
        (np.r_[np.full(40, 0.7), np.linspace(0.7, 0.1, 20)], False, False),
        (np.geomspace(1, 3, 60), False, True),
        (np.geomspace(1, 9, 60) * (1 + NOISE[:60]), False, True),
        (np.geomspace(1, 0.5, 60) * (1 + NOISE[:60]), False, False),
        (np.r_[np.full(59, 0.7), 50.0], True, False),  # one batch that went wrong
        (np.r_[np.full(45, 0.7), np.full(15, np.inf)], False, True),
        (np.r_[np.full(30, 0.7), np.full(30, np.nan)], False, True),
        (np.full(60, np.inf), False, True),
        (np.zeros(60), True, False),
        (np.full(15, 0.7), False, False),  # too few to tell
        ([], False, False),
    ],
)
def test_curves_that_stand_still_or_grow(losses, flat, grows):
    assert plateau(losses) is flat
    assert growing(losses) is grows


@given(seed=st.integers(0, 2**32 - 1), scale=st.floats(1e-6, 1e6), slope=st.floats(-0.05, 0.05))
@settings(max_examples=60, deadline=None, database=None)
def test_the_verdict_on_a_curve_does_not_depend_on_the_unit_of_the_loss(seed, scale, slope):
    losses = np.exp(slope * np.arange(60) + rng(seed).normal(0, 0.01, 60))
    assert plateau(losses) == plateau(scale * losses) and growing(losses) == growing(scale * losses)
    assert not (plateau(losses) and growing(losses))


@pytest.mark.parametrize("loss", ["mse", "half_mse", "huber", "binary_cross_entropy", "hinge"])
def test_no_constant_does_better_than_the_best(loss):
    y = np.r_[-np.ones(13), np.ones(29)]
    constants = np.linspace(-3, 3, 3001)
    least = min(LOSSES[loss].value(np.full(42, c), y) for c in constants)
    assert constant_loss(loss, y) == pytest.approx(least, rel=0.03 if loss == "huber" else 1e-4)


def test_the_best_constant_for_classes_leaves_their_entropy():
    y = np.repeat([0, 1, 2], [10, 30, 60])
    p = np.array([0.1, 0.3, 0.6])
    assert constant_loss("cross_entropy", y, 3) == pytest.approx(-(p * np.log(p)).sum())
    assert constant_loss("cross_entropy", np.zeros(5, int), 2) == pytest.approx(0)
    assert constant_loss("binary_cross_entropy", np.ones(5)) == pytest.approx(0)
    assert constant_loss("mse", np.array([[0.0, 1.0], [2.0, 1.0]]), 2) == pytest.approx(0.5)


# --- the doctor ---------------------------------------------------------------------------------------------

LOSS = {"binary": "binary_cross_entropy", "multiclass": "cross_entropy", "regression": "half_mse"}


def run(
    data="moons", widths=(8, 8), activation="tanh", init="xavier_uniform", learning_rate=0.1, optimizer="sgd",
    batch_size=10, epochs=50, seed=0, loss=None, dtype=np.float64,
):  # fmt: skip
    """Train one of the toy sets; return the trainer, its losses and its initial parameters."""
    if isinstance(data, str):
        data = TOY[data](rng=CounterGenerator(seed, "data")).split(0.5, rng=CounterGenerator(seed, "split"))
    outputs = data.classes if data.task == "multiclass" else 1
    net = mlp([2, *widths, outputs], activation, init=init, rng=CounterGenerator(seed, "weights"), dtype=dtype)
    start = net.parameters.copy()
    trainer = Trainer(net, data, loss=loss or LOSS[data.task], optimizer=optimizer, learning_rate=learning_rate,
                      batch_size=batch_size, rng=CounterGenerator(seed, "order"))  # fmt: skip
    losses = [trainer.train_loss()]
    while trainer.epoch < epochs and not trainer.diagnosis():
        trainer.advance_epoch()
        losses.append(trainer.train_loss())
    return trainer, losses, start


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("activation, init", [("tanh", "xavier_uniform"), ("relu", "he_normal")])
@pytest.mark.parametrize("name", ["spiral", "moons", "xor", "circle", "blobs", "bumps"])
def test_a_healthy_run_gets_no_diagnosis(name, activation, init, dtype):
    rate = 0.005 if (name, activation) == ("bumps", "relu") else 0.1
    trainer, losses, start = run(name, (8, 8), activation, init, rate, epochs=0, dtype=dtype)
    while trainer.epoch <= 24:
        if trainer.epoch in (0, 1, 2, 6, 24):
            assert examine(trainer, losses, start=start, rng=rng()) == []
        trainer.advance_epoch()
        losses.append(trainer.train_loss())


#: Runs that go wrong, the name of what is wrong, words of its text, and how low the loss must be after the cure.
SICK = {
    "rate": (dict(data="plane", activation="identity", learning_rate=0.3), "diverged", ["2/λmax = 0.023"], 0.01),
    "tanh": (dict(data="bumps", learning_rate=3.0), "diverged", ["is above 2/λmax", "Restart"], 0.05),
    "momentum": (
        dict(data="xor", activation="leaky_relu", init="he_normal", loss="half_mse", optimizer="momentum",
             learning_rate=1.0),
        "diverged", ["2(1 + μ)/λmax"], 0.1,
    ),
    "single": (
        dict(data="xor", activation="leaky_relu", init="he_normal", batch_size=1, learning_rate=0.5, loss="half_mse"),
        "diverged", ["2/λmax"], 0.15,
    ),
    "weights": (
        dict(widths=[8] * 10, activation="relu", init=normal(1.5), learning_rate=0.01),
        "diverged", ["explodes", "from layer 11", "he_normal"], 0.4,
    ),
    "dying": (
        dict(data="plane", activation="relu", init="he_normal", learning_rate=0.2, seed=1),
        "dead", ["8 of 8 in layer 2", "600 training samples"], 0.01,
    ),
    "narrow": (
        dict(widths=[4] * 10, activation="relu", init="he_normal"), "dead", ["4 of 4 in layer 10"], 0.4,
    ),
    "sigmoid": (
        dict(widths=[8] * 10, activation="sigmoid", init=normal(0.01)), "vanishing", ["layer 11", "1/4"], 0.1,
    ),
    "small": (dict(widths=[8] * 5, init=normal(0.01)), "vanishing", ["too small", "xavier_uniform"], 0.1),
    "zeros": (dict(init="zeros"), "vanishing", ["nothing reaches layer 1"], 0.1),
    "large": (
        dict(widths=[8] * 10, activation="relu", init=normal(2.0), learning_rate=1e-12, epochs=1),
        "exploding", ["too large", "he_normal"], np.inf,
    ),
    "saturated": (dict(data="spiral", init=normal(10.0), learning_rate=0.03, seed=2), "saturated", ["layer 2"], 0.66),
    "slow": (dict(data="spiral", learning_rate=0.01, epochs=60), "plateau", ["far below 2/λmax"], 0.6),
    "stuck": (dict(data="spiral", learning_rate=0.3, seed=1), "plateau", ["adam"], 0.6),
}  # fmt: skip


@pytest.mark.parametrize("case", SICK)
def test_a_sick_run_is_recognised_and_the_cure_works(case):
    options, name, words, healthy = SICK[case]
    trainer, losses, start = run(**options)
    before = trainer.network.parameters.copy(), trainer.network.gradient.copy()
    (diagnosis,) = examine(trainer, losses, start=start, rng=rng())
    assert np.array_equal(trainer.network.parameters, before[0], equal_nan=True)
    assert np.array_equal(trainer.network.gradient, before[1], equal_nan=True)
    assert diagnosis.name == name
    assert all(word in diagnosis.text for word in words), diagnosis.text
    assert "nan" not in diagnosis.text and "inf" not in diagnosis.text
    assert diagnosis.cure and json.loads(json.dumps(diagnosis.cure)) == diagnosis.cure
    cured, later, _ = run(**options | diagnosis.cure)
    assert later[-1] < healthy and not later[-1] > losses[-1]
    assert cured.diagnosis() is None


def test_a_rate_that_is_too_large_is_named_before_a_step_is_taken():
    trainer, losses, _ = run("bumps", learning_rate=3.0, epochs=0)
    (diagnosis,) = examine(trainer, losses, rng=rng())
    bound = largest_stable_rate(trainer.network, trainer.data.X, trainer.data.y, "half_mse", rng=rng())
    assert diagnosis.name == "learning_rate"
    assert f"learning rate 3 is above 2/λmax = {bound:.2g}, measured at the present weights" in diagnosis.text
    assert bound / 4 < diagnosis.cure["learning_rate"] <= bound / 2
    trainer.learning_rate = 1.9 * bound
    assert examine(trainer, losses, rng=rng()) == []


@pytest.mark.parametrize("share, told", [(0.9, False), (1.1, True)])
def test_the_penalty_and_the_momentum_enter_the_bound(share, told):
    net, X, y, A = linear()
    H = 2 / len(X) * A.T @ A + 30 * np.diag([1.0] * 5 + [0.0])
    bound = 2 * (1 + 0.5) / np.linalg.eigvalsh(H)[-1]
    trainer = Trainer(net, (X, y), loss="mse", optimizer=Momentum(momentum=0.5), l2=30.0,
                      learning_rate=2 * share * bound, batch_size=None, rng=rng())  # fmt: skip
    assert [each.name for each in examine(trainer, rng=rng())] == ["learning_rate"] * told


def test_growing_losses_are_named_only_if_they_matter():
    trainer, losses, _ = run(epochs=30)
    level = constant_loss("binary_cross_entropy", trainer.data.y)
    trainer.network.parameters *= -1
    grown = [*losses, *np.linspace(0.5, 1, 20) * trainer.train_loss()]
    assert trainer.train_loss() > level
    first, *_ = examine(trainer, grown, rng=rng())
    assert first.name == "growing" and 0 < first.cure["learning_rate"] <= trainer.learning_rate / 3
    trainer.network.parameters *= -1
    small = [*losses, *np.linspace(0.5, 1, 20) * trainer.train_loss()]
    assert growing(small) and examine(trainer, small, rng=rng()) == []


def test_without_the_initial_parameters_a_tenth_of_the_rate_is_advised():
    trainer, losses, _ = run("bumps", learning_rate=3.0, epochs=5)
    (diagnosis,) = examine(trainer, losses, rng=rng())
    assert diagnosis.name == "diverged" and diagnosis.cure == {"learning_rate": 0.3} and "λ" not in diagnosis.text
    trainer.network.parameters[...] = np.nan
    assert examine(trainer, rng=rng()) == [diagnosis]


def test_optimisers_without_a_bound_are_not_held_to_one():
    trainer, losses, start = run("bumps", learning_rate=1.0, optimizer="adam", epochs=0)
    assert examine(trainer, losses, start=start, rng=rng()) == []
    trainer.network.parameters[...] = 1e7
    (diagnosis,) = examine(trainer, losses, start=start, rng=rng())
    assert diagnosis.name == "diverged" and diagnosis.cure == {"learning_rate": 0.1} and "λ" not in diagnosis.text
    stuck, losses, start = run("spiral", (2,), optimizer="adam", learning_rate=1e-6, epochs=50)
    (diagnosis,) = examine(stuck, losses, start=start, rng=rng())
    assert diagnosis.name == "plateau" and diagnosis.cure == {}


def test_dead_units_that_nobody_misses_are_passed_over():
    net, data = mlp([2, 16, 1], "relu", init="he_normal", rng=rng()), TOY["moons"](n=200, rng=rng())
    net.layers[0].b[:8] = -100
    trainer = Trainer(net, data, loss="binary_cross_entropy", optimizer="sgd", learning_rate=0.3, rng=rng())
    assert [each.name for each in examine(trainer, rng=rng())] == ["dead"]
    trainer.advance(20 * 40)
    assert dead_units(net, data.X)[0].sum() >= 8 and examine(trainer, rng=rng()) == []


def test_dead_means_on_all_samples_even_if_there_are_many():
    X = rng().uniform(0, 1, (1500, 2))
    net = mlp([2, 2, 1], "relu", rng=rng())
    net.layers[0].W[...], net.layers[0].b[...] = 1, -10
    trainer = Trainer(net, (X, X[:, 0]), loss="mse", optimizer="sgd", learning_rate=0.01, rng=rng())
    assert [each.name for each in examine(trainer, rng=rng())] == ["dead"]
    X = X.copy()
    X[2] = 6  # between two of the 1000 samples that other measurements take
    assert 2 not in np.arange(1000) * 1499 // 999
    trainer = Trainer(net, (X, X[:, 0]), loss="mse", optimizer="sgd", learning_rate=0.01, rng=rng())
    assert "dead" not in [each.name for each in examine(trainer, rng=rng())]


def test_functions_without_a_slope_are_named():
    trainer, losses, start = run(activation="step", epochs=0)
    dead, *others = examine(trainer, losses, start=start, rng=rng())
    assert dead.name == "dead" and "slope 0 everywhere" in dead.text and dead.cure["activation"] == "tanh"
    assert not others


def test_dead_units_of_a_rate_beyond_the_bound_are_blamed_on_it():
    trainer, losses, start = run("plane", activation="relu", init="he_normal", learning_rate=0.2, seed=1)
    (diagnosis,) = examine(trainer, losses, start=start, rng=rng())
    assert "is above 2/λmax" in diagnosis.text and diagnosis.cure.keys() == {"activation", "learning_rate"}
    (diagnosis,) = examine(trainer, losses, rng=rng())
    assert diagnosis.cure == {"activation": "leaky_relu"}


def test_a_run_goes_on_as_if_nobody_had_looked():
    layers = [Dense(6), BatchNorm(), "relu", Dropout(0.2), Dense(1)]
    data, ends = TOY["moons"](n=200, rng=rng()), []
    for looked in (False, True):
        net = sequential(2, [layer if isinstance(layer, str) else layer.fresh() for layer in layers], rng=rng())
        trainer = Trainer(net, data, loss="binary_cross_entropy", optimizer="adam", learning_rate=0.01, rng=rng())
        for _ in range(3):
            trainer.advance(25)
            if looked:
                examine(trainer, [1.0] * 60, start=net.parameters, rng=rng())
        ends.append((net.parameters, net.statistics))
    assert np.array_equal(ends[0][0], ends[1][0]) and np.array_equal(ends[0][1], ends[1][1])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_network_for_pictures_is_examined_too(dtype):
    X = rng().uniform(0, 1, (1200, 36))
    data = Dataset(X, (X[:, 7] > X[:, 28]).astype(int), "multiclass")
    net = picture_net(dtype)
    trainer = Trainer(net, data, loss="cross_entropy", optimizer="sgd", learning_rate=0.1, rng=rng())
    assert examine(trainer, rng=rng()) == []
    net.layers[0].b[:2] = -100
    (diagnosis,) = examine(trainer, rng=rng())
    assert diagnosis.name == "dead" and "2 of 3 in layer 1" in diagnosis.text and "1200" in diagnosis.text


@pytest.mark.parametrize("samples, told", [(720, True), (730, False), (1500, False)])
def test_large_networks_with_many_samples_are_examined_without_their_curvature(samples, told):
    X = rng().normal(size=(samples, 20))
    net = mlp([20, 250, 1], "tanh", rng=rng())
    trainer = Trainer(net, (X, X[:, 0]), loss="mse", optimizer="sgd", learning_rate=100.0, rng=rng())
    assert net.parameters.size == 5501
    assert [each.name for each in examine(trainer, rng=rng())] == ["learning_rate"] * told


@given(value=st.floats(1e-12, 1e12))
@settings(max_examples=200, deadline=None, database=None)
def test_a_rate_is_rounded_down_to_one_digit(value):
    rounded = rounded_down(value)
    assert value / 2.01 < rounded <= value * (1 + 1e-9)
    assert len(f"{rounded:e}".split("e")[0].replace(".", "").rstrip("0")) == 1
    assert rounded_down(rounded) == rounded
    assert rounded_down(0.0) == 0


# --- bad input ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda net, X: dead_units(net, X[:0]), "no samples"),
        (lambda net, X: saturated_units(net, X[:, :1]), "takes"),
        (lambda net, X: saturated_units(net, X, slope=0), "slope must be above 0"),
        (lambda net, X: saturated_units(net, X, share=1.5), "share must be above 0"),
        (lambda net, X: gradient_norms(net, X, np.ones(7)), "50 rows, but y has 7"),
        (lambda net, X: gradient_norms(net, X, np.full(50, 0.5), "hinge"), "labels must be"),
        (lambda net, X: largest_curvature(net, X, np.ones(50), l2=-1, rng=rng()), "l2 must be"),
        (lambda net, X: largest_stable_rate(net, X, np.ones(50), "hing", rng=rng()), "hinge"),
        (lambda net, X: dead_units(mlp([2, 3, 1], runs=2, rng=rng()), X), "one network at a time"),
        (lambda net, X: signal_ratio([]), "no gradients"),
        (lambda net, X: plateau([1.0], window=1), "window must be"),
        (lambda net, X: growing([[1.0, 2.0]]), "in a row"),
        (lambda net, X: growing(["high"]), "must be numbers"),
        (lambda net, X: constant_loss("mse", []), "no targets"),
    ],
)
def test_bad_input_is_answered_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call(mlp([2, 3, 1], rng=rng()), points())


@pytest.mark.parametrize("measure", [dead_units, saturated_units])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_diverged_network_has_no_units_to_count(measure, bad):
    net = mlp([2, 3, 1], rng=rng())
    net.parameters[3] = bad
    with pytest.raises(ValueError, match="training diverged"):
        measure(net, points())


def test_the_doctor_says_what_it_needs():
    trainer, losses, start = run(epochs=0)
    with pytest.raises(TypeError, match="pass rng="):
        examine(trainer, losses, start=start, rng=None)
    with pytest.raises(TypeError, match="pass rng="):
        largest_curvature(trainer.network, trainer.data.X, trainer.data.y, rng=0)
    with pytest.raises(ValueError, match="start has shape"):
        examine(trainer, losses, start=start[1:], rng=rng())
    with pytest.raises(ValueError, match="not finite"):
        examine(trainer, losses, start=start * np.nan, rng=rng())
    trainer.network = mlp([2, 3, 1], runs=2, rng=rng())
    with pytest.raises(ValueError, match="one network at a time"):
        examine(trainer, rng=rng())
