"""The full matrix: every pair of choices, stepped by the library and by the page engine from a shared state.

All combinations would be millions. A covering table has every pair of values in some row (most errors need no more
than two choices to meet); it is made anew for whatever the registries hold, so a new entry is tested by being there.
In each row both engines go a few steps. Before each step the page's network is given the library's parameters and
statistics, while its optimiser, its masks and its order of samples come from its own steps before: so each step is
compared for itself, and rounding is not amplified.
"""

import itertools
import random

import numpy as np
import pytest

import nnlib
from nnlib.datasets import TOY
from nnlib.labs.features import FEATURES, PLAIN
from nnlib.labs.run import Run
from nnlib.labs.settings import Settings
from nnlib.random import CounterGenerator
from tests.browser.test_engine import probe  # noqa: F401 - a fixture

STEPS = 4
CHUNKS = 4
TOLERANCE = 1e-12
#: A gradient that is 0 but for rounding: of a bias in front of batch normalisation, which takes the bias away, or where
#: the samples of a batch pull equally both ways. Adam and its kin divide it by its own size plus 1e-8 or 1e-10.
NO_GRADIENT, TOLERANCE_OF_NOISE = 1e-13, 1e-7
REGULARISERS = {
    "none": {"l2": 0.0},
    "l1": {"l1": 0.01, "l2": 0.0},
    "l2": {"l2": 0.01},
    "both": {"l1": 0.01, "l2": 0.01},
    "dropout": {"dropout": 0.3, "l2": 0.0},
    "batch_norm": {"batch_norm": True, "l2": 0.0},
}
TASKS = {name: make(rng=CounterGenerator(0)).task for name, make in TOY.items()}
KINDS = {"multiclass": ("classes",), "binary": ("numbers", "signs"), "regression": ("numbers",)}
FACTORS = {
    "dataset": tuple(TOY),
    "activation": tuple(nnlib.ACTIVATIONS),
    "loss": tuple(nnlib.LOSSES),
    "optimizer": tuple(nnlib.OPTIMIZERS),
    "regulariser": tuple(REGULARISERS),
    "depth": tuple(range(7)),
    "features": (PLAIN, tuple(FEATURES)),
}


def allowed(one, other):
    """Whether two choices can stand in one row: a loss must suit the task of the data."""
    chosen = dict((one, other))
    if set(chosen) != {"dataset", "loss"}:
        return True
    return nnlib.LOSSES[chosen["loss"]].kind in KINDS[TASKS[chosen["dataset"]]]


def all_pairs():
    """Every pair of (factor, value) that can stand in one row."""
    columns = [[(factor, value) for value in values] for factor, values in FACTORS.items()]
    pairs = (pair for two in itertools.combinations(columns, 2) for pair in itertools.product(*two))
    return {frozenset(pair) for pair in pairs if allowed(*pair)}


def covering_table(seed=0):
    """Rows {factor: value} in which every pair occurs: each row begins with a missing pair and takes in many more."""
    chance, missing, rows = random.Random(seed), sorted(all_pairs(), key=lambda pair: sorted(map(str, pair))), []
    chance.shuffle(missing)
    missing = dict.fromkeys(missing)
    while missing:
        row = list(next(iter(missing)))
        for factor in chance.sample(list(FACTORS), len(FACTORS)):
            if factor in dict(row):
                continue
            fitting = [(factor, value) for value in FACTORS[factor] if all(allowed((factor, value), c) for c in row)]
            chance.shuffle(fitting)
            row.append(max(fitting, key=lambda choice: sum(frozenset((choice, c)) in missing for c in row)))
        for pair in itertools.combinations(row, 2):
            missing.pop(frozenset(pair), None)
        rows.append(dict(row))
    return rows


TABLE = covering_table()


def settings_of(number, row):
    choices = {name: value for name, value in row.items() if name != "regulariser"}
    return Settings(
        **choices,
        **REGULARISERS[row["regulariser"]],
        width=4,
        noise=0.2,
        learning_rate=0.003,
        batch_size=12,
        seed=number,
    )


def test_the_table_has_every_pair():
    seen = {frozenset(pair) for row in TABLE for pair in itertools.combinations(row.items(), 2)}
    assert seen == all_pairs()
    assert len(TABLE) < 1.5 * max(len(a) * len(b) for a, b in itertools.combinations(FACTORS.values(), 2))


def library_steps(settings):
    """Parameters with statistics before the first and after each step, and the tolerance of each after each step."""
    run = Run(settings)
    states, tolerances = [_state(run.network)], []
    for _ in range(STEPS):
        run.advance()
        states.append(_state(run.network))
        noise = np.abs(run.network.gradient) < NO_GRADIENT
        of_parameters = np.where(noise, TOLERANCE_OF_NOISE, TOLERANCE)
        tolerances.append([*of_parameters, *np.full(run.network.statistics.size, TOLERANCE)])
    return np.array(states), np.array(tolerances)


def _state(network):
    return np.concatenate([network.parameters, network.statistics])


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_pair_of_choices_steps_alike_in_both_engines(probe, chunk):  # noqa: F811
    rows = [(row, settings_of(number, row)) for number, row in enumerate(TABLE)][chunk::CHUNKS]
    steps = [library_steps(settings) for _, settings in rows]
    cases = [
        {"settings": settings.to_json(), "states": states[:-1].tolist()}
        for (_, settings), (states, _) in zip(rows, steps, strict=True)
    ]
    pages = probe("stepsOfAll", cases)
    for (row, _), (states, tolerances), page in zip(rows, steps, pages, strict=True):
        difference = np.abs(np.array(page) - states[1:]) / np.maximum(1, np.abs(states[1:]))
        assert (difference <= tolerances).all(), (row, difference.max(axis=1))
        assert not np.array_equal(states[0], states[-1]), row
