"""What the library learns from the bundled digits: three models, five seeds each, on pictures kept apart.

Every seed draws its own split (four fifths for training, stratified), weights and order. Rates, penalties and
epochs were chosen on a fifth of the *training* part, by the same five seeds; the test part was looked at
once, with the choice made. (The writers of training and test pictures are the same people: see ``digits``.)
"""

import numpy as np
import pytest

from nnlib import mlp, sequential, train
from nnlib.datasets import digits
from nnlib.layers import Conv2D, Dense, Flatten, MaxPool2D

SEEDS = range(5)


def softmax_regression(rng):
    return mlp([64, 10], rng=rng)


def two_layers(rng):
    return mlp([64, 64, 10], "relu", init="he_normal", rng=rng)


def small_cnn(rng):
    layers = [Conv2D(16, 3, padding=1), "relu", MaxPool2D(2), Conv2D(32, 3, padding=1), "relu", MaxPool2D(2)]
    return sequential((1, 8, 8), [*layers, Flatten(), Dense(10)], init="he_normal", rng=rng, dtype=np.float32)


#: name → (model, how it is trained, the least mean accuracy)
MODELS = {
    "softmax regression": (softmax_regression, {"learning_rate": 0.5, "l2": 1e-4, "epochs": 30}, 0.94),
    "64-64-10": (two_layers, {"optimizer": "adam", "learning_rate": 0.01, "l2": 1e-3, "epochs": 40}, 0.97),
    "a small CNN": (small_cnn, {"optimizer": "adam", "learning_rate": 0.01, "l2": 1e-4, "epochs": 20}, 0.98),
}


def accuracy(make, options, seed, shuffle_labels=False):
    """Train on four fifths of the digits and return the share of the others that is recognised."""
    rng = np.random.default_rng(seed)
    data = digits().split(0.8, rng=rng, stratify=True)
    if shuffle_labels:
        data.y[:] = rng.permutation(data.y)
    run = train(
        make(rng), data, loss="cross_entropy", schedule="cosine", batch_size=32, rng=rng,
        **{"optimizer": "sgd"} | options,
    )  # fmt: skip
    *_, last = run
    return last.test_accuracy


@pytest.mark.parametrize("name", MODELS)
def test_mean_accuracy_over_five_seeds(name):
    make, options, least = MODELS[name]
    reached = [accuracy(make, options, seed) for seed in SEEDS]
    print(f"{name}: mean {np.mean(reached):.2%} of {np.round(reached, 4).tolist()}")
    assert np.mean(reached) >= least


def test_labels_that_mean_nothing_teach_nothing():
    """The split keeps the test pictures apart: a model that has learned noise by heart knows none of them."""
    make, options, _ = MODELS["64-64-10"]
    assert accuracy(make, options, 0, shuffle_labels=True) < 0.2
