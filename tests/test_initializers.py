"""Every initialiser of the registry: its distribution, its draws, its constants."""

import numpy as np
import pytest

from nnlib import INITIALIZERS, mlp
from nnlib.initializers import initializer
from nnlib.random import CounterGenerator

pytestmark = pytest.mark.filterwarnings("error")

D_IN, D_OUT = 300, 100
#: name → standard deviation for (300, 100), and the bound of a uniform distribution.
SPREAD = {
    "zeros": (0, 0),
    "constant": (0, 0.1),
    "uniform": (0.5 / np.sqrt(3), 0.5),
    "normal": (0.1, None),
    "xavier_uniform": (np.sqrt(2 / 400), np.sqrt(6 / 400)),
    "xavier_normal": (np.sqrt(2 / 400), None),
    "he_uniform": (np.sqrt(2 / 300), np.sqrt(6 / 300)),
    "he_normal": (np.sqrt(2 / 300), None),
}
NAMES = list(INITIALIZERS)


def test_every_initializer_of_the_contract_is_there_and_tested():
    assert list(SPREAD) == NAMES
    assert {name: dict(entry.parameters) for name, entry in INITIALIZERS.items() if entry.parameters} == {
        "constant": {"value": 0.1}, "uniform": {"limit": 0.5}, "normal": {"std": 0.1},
    }  # fmt: skip
    for name, entry in INITIALIZERS.items():
        assert initializer(name) is entry is initializer(entry) and entry.name == name
        assert entry.formula and entry.remarks.endswith(".")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("make_rng", [np.random.default_rng, lambda seed: CounterGenerator(seed, "weights")])
def test_distribution(name, make_rng):
    std, limit = SPREAD[name]
    W = INITIALIZERS[name]((D_IN, D_OUT), make_rng(0))
    assert W.shape == (D_IN, D_OUT) and W.dtype == np.float64
    assert W.std() == pytest.approx(std, rel=0.02, abs=1e-12)
    assert W.mean() == pytest.approx(0.1 if name == "constant" else 0, abs=0.02 * std + 1e-12)
    fourth_moment = np.mean((W - W.mean()) ** 4) / W.var() ** 2 if std else None
    if std and limit:
        assert fourth_moment == pytest.approx(1.8, abs=0.05)  # uniform
        assert limit * 0.999 < np.abs(W).max() <= limit
    elif std:
        assert fourth_moment == pytest.approx(3, abs=0.15)  # normal


@pytest.mark.parametrize("name", NAMES)
def test_same_seed_same_weights_other_seed_others(name):
    draw = INITIALIZERS[name]
    first, second, other = (draw((4, 3), np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert np.array_equal(first, second)
    assert np.array_equal(first, other) == (name in ("zeros", "constant"))


def test_weights_are_drawn_a_whole_matrix_at_a_time_and_biases_are_not():
    net = mlp([3, 5, 2], init="uniform", bias=0.25, rng=CounterGenerator(7, "weights"))
    rng = CounterGenerator(7, "weights")
    first, second = rng.uniform(-0.5, 0.5, (3, 5)), rng.uniform(-0.5, 0.5, (5, 2))
    assert np.array_equal(net.parameters, np.concatenate([first.ravel(), [0.25] * 5, second.ravel(), [0.25] * 2]))


def test_with_parameters_makes_a_new_rule():
    wide = INITIALIZERS["uniform"].with_parameters(limit=3)
    assert 2.9 < np.abs(wide((D_IN, D_OUT), np.random.default_rng(0))).max() <= 3
    assert INITIALIZERS["uniform"].parameters == {"limit": 0.5}
    with pytest.raises(TypeError):
        wide.parameters["limit"] = 1
    net = mlp([2, 3, 1], init=INITIALIZERS["constant"].with_parameters(value=-2), rng=np.random.default_rng(0))
    assert set(net.parameters) == {-2, 0}
