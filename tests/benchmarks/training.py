"""A training step of nnlib beside PyTorch eager and scikit-learn: same network, data, batches, one thread, float64.

The three take turns, many times, and each turn gives one ratio; the median of those ratios is
reported. So a neighbour who keeps the machine busy for a second spoils a turn and not the result.
"""

from __future__ import annotations

import time
import warnings

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor

from nnlib import Trainer, mlp, sequential
from nnlib.layers import Conv2D, Dense, Flatten, MaxPool2D
from tests.benchmarks.table import Row

ROUNDS = 15
TURN = 0.05  # seconds
LEARNING_RATE = 0.01
HIDDEN = (8, 8)


def measure():
    """Return the rows of this part."""
    torch.set_num_threads(1)
    rows = []
    for batch_size, budgets in ((10, (8, 3)), (250, (5, 2.5))):
        X, y = regression_data()
        competitors = {
            "nnlib": timed(nnlib_steps(X, y, batch_size)),
            "PyTorch": timed(torch_steps(X, y, batch_size)),
            "scikit-learn": scikit_learn(X, y, batch_size),
        }
        times = take_turns(competitors)
        name = "training step, [2,8,8,1] tanh, batch 10" if batch_size == 10 else "the same, full batch of 250"
        for rival, budget in zip(("PyTorch", "scikit-learn"), budgets):
            rows.append(compare(f"{name}, against {rival}", times, rival, budget))
    for dtype in (np.float32, np.float64):
        times = take_turns({"nnlib": timed(nnlib_digits(dtype)), "PyTorch": timed(torch_digits(dtype))})
        what = f"784-128-10 ReLU, batch 128, cross-entropy, {dtype.__name__}, against PyTorch"
        rows.append(compare(what, times, "PyTorch", 1))
    times = take_turns({"nnlib": timed(nnlib_pictures()), "PyTorch": timed(torch_pictures())})
    what = "a CNN on 8×8 pictures, 16 and 32 channels, batch 32, float32, against PyTorch"
    return [*rows, compare(what, times, "PyTorch", 1)]


def take_turns(competitors, rounds=ROUNDS):
    """Return name → seconds per step, one for each round; each competitor is called once a round."""
    times = {name: [] for name in competitors}
    for _ in range(rounds):
        for name, seconds_per_step in competitors.items():
            times[name].append(seconds_per_step())
    return {name: np.array(values) for name, values in times.items()}


def compare(what, times, rival, budget):
    """Return the row that says how many times faster than ``rival`` nnlib is."""
    ratio = float(np.median(times[rival] / times["nnlib"]))
    ours, theirs = (1e6 * np.median(times[name]) for name in ("nnlib", rival))
    return Row(what, f"≥ {budget}× faster", f"{ratio:.1f}× ({ours:.0f} µs, {theirs:.0f} µs)", ratio >= budget)


def timed(take_steps):
    """Return a function that takes as many steps as fill a turn, and returns the seconds of one."""
    take_steps(10)  # buffers are made and caches filled
    steps = 10
    while (seconds := _clock(take_steps, steps)) < TURN:
        steps = max(2 * steps, int(steps * TURN / max(seconds, 1e-6)))
    return lambda: _clock(take_steps, steps) / steps


def _clock(work, *arguments):
    begin = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - begin


# --- [2, 8, 8, 1] -------------------------------------------------------------------------------------------


def regression_data(n=250):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 2))
    return X, np.sin(X[:, 0] * X[:, 1])


def nnlib_steps(X, y, batch_size):
    rng = np.random.default_rng(0)
    net = mlp([2, *HIDDEN, 1], "tanh", "identity", rng=rng)
    options = {"loss": "half_mse", "optimizer": "sgd", "learning_rate": LEARNING_RATE}
    return Trainer(net, (X, y), batch_size=batch_size, rng=rng, **options).advance


def torch_steps(X, y, batch_size):
    """The loop of PyTorch's own tutorials, reshuffled each epoch like ours."""
    linear, tanh = torch.nn.Linear, torch.nn.Tanh
    net = torch.nn.Sequential(linear(2, 8), tanh(), linear(8, 8), tanh(), linear(8, 1)).double()
    return torch_loop(
        net, torch.tensor(X), torch.tensor(y)[:, None], batch_size, lambda o, t: 0.5 * ((o - t) ** 2).mean()
    )


def torch_loop(net, X, y, batch_size, loss):
    optimizer = torch.optim.SGD(net.parameters(), lr=LEARNING_RATE)
    batches = iter(())

    def epoch():
        order = torch.randperm(len(X))
        return iter(list(zip(X[order].split(batch_size), y[order].split(batch_size))))

    def take_steps(count):
        nonlocal batches
        for _ in range(count):
            batch = next(batches, None)
            if batch is None:
                batches = epoch()
                batch = next(batches)
            optimizer.zero_grad()
            loss(net(batch[0]), batch[1]).backward()
            optimizer.step()

    return take_steps


def scikit_learn(X, y, batch_size, short=20):
    """Return a function that measures a step of MLPRegressor.fit: a long run less a short one, without setting up."""
    steps_per_epoch = -(-len(X) // batch_size)
    long = short + max(1, int(TURN / 0.0003 / steps_per_epoch)) * 2

    def fit(epochs):
        regressor = MLPRegressor(
            hidden_layer_sizes=HIDDEN, activation="tanh", solver="sgd", alpha=0.0, batch_size=batch_size,
            learning_rate_init=LEARNING_RATE, momentum=0.0, nesterovs_momentum=False,
            max_iter=epochs, tol=0.0, n_iter_no_change=10**9, random_state=0,
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # it says that max_iter was reached
            regressor.fit(X, y)
        if regressor.n_iter_ != epochs:
            raise RuntimeError(f"scikit-learn stopped after {regressor.n_iter_} of {epochs} epochs")

    return lambda: (_clock(fit, long) - _clock(fit, short)) / ((long - short) * steps_per_epoch)


# --- 784-128-10 ---------------------------------------------------------------------------------------------


def digits_data(n=1280):
    """As many numbers as MNIST's pictures have; their values do not matter to the clock."""
    rng = np.random.default_rng(0)
    return rng.random((n, 784)), rng.integers(10, size=n)


def nnlib_digits(dtype):
    rng = np.random.default_rng(0)
    net = mlp([784, 128, 10], "relu", "identity", "he_normal", rng=rng, dtype=dtype)
    options = {"loss": "cross_entropy", "optimizer": "sgd", "learning_rate": LEARNING_RATE}
    return Trainer(net, digits_data(), batch_size=128, rng=rng, **options).advance


def torch_digits(dtype):
    X, y = digits_data()
    net = torch.nn.Sequential(torch.nn.Linear(784, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10))
    inputs = torch.tensor(X.astype(dtype))
    return torch_loop(net.to(inputs.dtype), inputs, torch.tensor(y), 128, torch.nn.functional.cross_entropy)


# --- a small CNN --------------------------------------------------------------------------------------------


def picture_data(n=640):
    """As many numbers as the bundled digits have."""
    rng = np.random.default_rng(0)
    return rng.random((n, 64), np.float32), rng.integers(10, size=n)


def nnlib_pictures():
    rng = np.random.default_rng(0)
    blocks = [layer for channels in (16, 32) for layer in (Conv2D(channels, 3, padding=1), "relu", MaxPool2D(2))]
    net = sequential((1, 8, 8), [*blocks, Flatten(), Dense(10)], init="he_normal", rng=rng, dtype=np.float32)
    options = {"loss": "cross_entropy", "optimizer": "sgd", "learning_rate": LEARNING_RATE}
    return Trainer(net, picture_data(), batch_size=32, rng=rng, **options).advance


def torch_pictures():
    X, y = picture_data()
    nn = torch.nn
    blocks = [
        module
        for d_in, d_out in ((1, 16), (16, 32))
        for module in (nn.Conv2d(d_in, d_out, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
    ]
    net = nn.Sequential(*blocks, nn.Flatten(), nn.Linear(128, 10))
    inputs = torch.tensor(X.reshape(-1, 1, 8, 8))
    return torch_loop(net, inputs, torch.tensor(y), 32, nn.functional.cross_entropy)
