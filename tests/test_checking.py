"""The gradient checker itself: it must catch wrong gradients, and pass right ones."""

import numpy as np
import pytest

from nnlib import gradcheck, mlp

pytestmark = pytest.mark.filterwarnings("error")

X = np.array([[0.3, -1.2, 0.8], [1.5, 0.4, -0.6]])


def right(x):
    return np.sum(np.sin(x) * x), np.cos(x) * x + np.sin(x)


@pytest.mark.parametrize("x", [X, X[0], X[:, :1], np.array(0.7), np.zeros((2, 0)), X.T, [1, 2]])
def test_right_gradients_pass(x):
    assert gradcheck(right, x) < 1e-9


PLANTED = {
    "a wrong sign": lambda g: -g,
    "a factor 2": lambda g: 2 * g,
    "one entry off by a thousandth": lambda g: g + 1e-3 * (np.arange(g.size) == 4).reshape(g.shape),
    "the first row's gradient everywhere": lambda g: np.broadcast_to(g[:1], g.shape),
    "rows exchanged": lambda g: g[::-1],
    "all zero": np.zeros_like,
    "not a number": lambda g: np.where(np.arange(g.size).reshape(g.shape) == 2, np.nan, g),
    "infinite": lambda g: np.where(g > 0, np.inf, g),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_planted_faults_are_caught(fault):
    def f(x):
        value, gradient = right(x)
        return value, PLANTED[fault](gradient)

    with np.errstate(invalid="ignore"):
        assert not gradcheck(f, X) < 1e-4


@pytest.mark.parametrize("part", ["weight", "bias", "slope", "penalty"])
def test_faults_planted_in_a_network_are_caught(part):
    net, rng = mlp([3, 4, 1], "prelu", rng=np.random.default_rng(0)), np.random.default_rng(1)
    x, y = rng.normal(size=(5, 3)), rng.normal(size=(5, 1))
    place = {"weight": 5, "bias": 13, "slope": 16}

    def f(parameters, planted=True):
        net.parameters[:] = parameters
        value, gradient = net.loss_and_gradient(x, y, l2=0.1)
        if planted and part == "penalty":
            gradient = gradient + 0.1 * net.parameters * net.is_weight  # λ·w counted twice
        elif planted:
            gradient[place[part]] *= 1.01
        return value, gradient

    start = net.parameters.copy()
    assert gradcheck(lambda p: f(p, planted=False), start) < 1e-9
    assert gradcheck(f, start) > 1e-4


def test_the_error_is_relative_for_large_gradients_and_absolute_for_small():
    assert gradcheck(lambda x: (1e6 * x.sum(), np.full_like(x, 1e6 + 10)), X) == pytest.approx(1e-5, rel=1e-3)
    assert gradcheck(lambda x: (1e-6 * x.sum(), np.full_like(x, 3e-6)), X) == pytest.approx(2e-6, rel=1e-3)


def test_x_is_left_alone_and_f_may_hand_out_one_buffer_again_and_again():
    buffer, x = np.empty_like(X), X.copy()

    def f(v):
        buffer[:] = 2 * v
        value = (v**2).sum()
        v[:] = 0  # f owns what it is given
        return value, buffer

    assert gradcheck(f, x) < 1e-9 and np.array_equal(x, X)


def test_a_kink_shows_and_a_larger_step_finds_a_coarser_difference():
    at_kink = gradcheck(lambda x: (np.abs(x).sum(), np.ones_like(x)), np.zeros(1))
    assert at_kink == 1
    cubic = [gradcheck(lambda x: ((x**3).sum(), 3 * x**2), np.ones(1), step=step) for step in (1e-1, 1e-3)]
    assert cubic[0] == pytest.approx(0.01 / 3.01, rel=1e-6) and cubic[1] < 1e-6
