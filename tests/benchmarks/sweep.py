"""A sweep of 64 networks: one stacked array beside the same networks one by one, in turns, one thread, float64."""

from __future__ import annotations

import numpy as np

from nnlib import Trainer, mlp
from tests.benchmarks.training import HIDDEN, compare, regression_data, take_turns, timed

RUNS = 64
BUDGET = 8
RATES = np.geomspace(1e-3, 3e-2, RUNS)
STRENGTHS = np.geomspace(1e-5, 1e-2, RUNS)
OPTIONS = {"loss": "half_mse", "optimizer": "sgd", "batch_size": 10}


def measure():
    """Return the row of this part."""
    times = take_turns({"nnlib": timed(stacked()), "one by one": timed(one_by_one())})
    what = f"a sweep of {RUNS} networks [2,8,8,1], batch 10, one stacked array with own rate and λ each"
    return [compare(f"{what}, against one by one", times, "one by one", BUDGET)]


def stacked():
    """Return a function that takes steps with all networks at once."""
    nets = mlp([2, *HIDDEN, 1], "tanh", "identity", runs=RUNS, rng=np.random.default_rng(0))
    return trainer(nets, RATES, STRENGTHS).advance


def one_by_one():
    """Return a function that takes as many steps with one network after the other."""
    rng = np.random.default_rng(0)
    trainers = [
        trainer(mlp([2, *HIDDEN, 1], "tanh", "identity", rng=rng), float(rate), float(l2))
        for rate, l2 in zip(RATES, STRENGTHS)
    ]

    def take_steps(count):
        for each in trainers:
            each.advance(count)

    return take_steps


def trainer(network, learning_rate, l2):
    rng = np.random.default_rng(1)
    return Trainer(network, regression_data(), learning_rate=learning_rate, l2=l2, rng=rng, **OPTIONS)
