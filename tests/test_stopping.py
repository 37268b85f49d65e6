"""Early stopping and gradient clipping, as parts of training."""

import numpy as np
import pytest
import torch

from nnlib import EarlyStopping, Trainer, mlp, sequential, train
from nnlib.datasets import moons
from nnlib.layers import BatchNorm, Dense
from nnlib.random import CounterGenerator

DATA = moons(n=120, noise=0.4, rng=np.random.default_rng(1)).split(0.3, rng=np.random.default_rng(1))


def steps(net, early_stopping, epochs=300, **options):
    options = {"optimizer": "adam", "learning_rate": 0.02} | options
    run = train(net, DATA, loss="half_mse", epochs=epochs, early_stopping=early_stopping,
                rng=CounterGenerator(0, "order"), **options)  # fmt: skip
    return [step for step in run if step.test_loss]


def make_net():
    return mlp([2, 24, 1], "tanh", "tanh", rng=np.random.default_rng(0))


def test_it_stops_after_patience_and_goes_back_to_the_best_epoch():
    net, stopping = make_net(), EarlyStopping(patience=7)
    seen = steps(net, stopping)
    everything = steps(make_net(), None)
    losses = [step.test_loss for step in everything[: len(seen)]]
    assert stopping.stopped and len(seen) == stopping.best_epoch + 7 < 300
    assert stopping.best_epoch == 1 + int(np.argmin(losses)) and stopping.best_loss == min(losses)
    assert seen[-1].test_loss == stopping.best_loss < losses[-1]
    again = make_net()
    last = steps(again, None, epochs=stopping.best_epoch)[-1]
    assert np.array_equal(again.parameters, net.parameters) and last.test_loss == stopping.best_loss


def test_a_run_that_ends_before_patience_goes_back_too():
    net, stopping = make_net(), EarlyStopping(patience=250)
    seen = steps(net, stopping, epochs=200)
    assert not stopping.stopped and len(seen) == 200 and stopping.best_epoch < 200
    assert seen[-1].test_loss == stopping.best_loss


def test_a_number_is_the_patience_and_batches_do_not_count_as_epochs():
    by_epoch, by_batch = make_net(), make_net()
    assert len(steps(by_epoch, 7)) < len(steps(by_batch, 7, every="batch"))
    assert np.array_equal(by_epoch.parameters, by_batch.parameters)


def test_an_improvement_smaller_than_least_is_none():
    stopping, net = EarlyStopping(patience=3, least=0.1), make_net()
    for epoch, loss in enumerate([1.0, 0.95, 0.91, 0.85, 0.8, 0.76, 0.751], 1):
        stopping.watch(net, epoch, loss)
        assert stopping.stopped == (epoch == 7)
    assert (stopping.best_epoch, stopping.best_loss) == (4, 0.85)


def test_running_statistics_go_back_with_the_parameters():
    net = sequential(2, [Dense(8), BatchNorm(), "tanh", Dense(1), "tanh"], rng=np.random.default_rng(0))
    stopping = EarlyStopping(patience=2)
    stopping.watch(net, 1, 0.5)
    parameters, statistics = net.parameters.copy(), net.statistics.copy()
    net.parameters += 1
    net.statistics += 1
    stopping.watch(net, 2, 0.6)
    stopping.restore(net)
    assert np.array_equal(net.parameters, parameters) and np.array_equal(net.statistics, statistics)


def test_without_a_test_part_it_says_what_to_do():
    with pytest.raises(ValueError, match=r"early stopping watches the test loss: split the data first"):
        train(make_net(), (DATA.X, DATA.y), early_stopping=3, rng=np.random.default_rng(0))


@pytest.mark.parametrize("patience", [0, -1, 2.5, True])
def test_patience_is_a_whole_number(patience):
    with pytest.raises(ValueError, match="patience must be a whole number of 1 or more"):
        EarlyStopping(patience)


# --- clipping ----------------------------------------------------------------------------------------------


def gradient_taken(clip_norm, **options):
    """The gradient that reaches the optimiser in the first step, from what SGD with rate 1 does with it."""
    net = make_net()
    before = net.parameters.copy()
    trainer = Trainer(net, DATA, loss="half_mse", optimizer="sgd", learning_rate=1.0, batch_size=None,
                      clip_norm=clip_norm, rng=CounterGenerator(0, "order"), **options)  # fmt: skip
    trainer.advance()
    return before - net.parameters


def test_a_long_gradient_is_shortened_and_keeps_its_direction():
    whole = gradient_taken(None, l2=0.3)
    norm = np.linalg.norm(whole)
    np.testing.assert_allclose(gradient_taken(norm / 5, l2=0.3), whole / 5, rtol=1e-9)
    np.testing.assert_allclose(gradient_taken(norm * 2, l2=0.3), whole, rtol=1e-12)


def test_clipping_is_pytorchs():
    whole = gradient_taken(None)
    theirs = torch.nn.Parameter(torch.zeros(len(whole), dtype=torch.float64))
    theirs.grad = torch.tensor(whole)
    torch.nn.utils.clip_grad_norm_([theirs], 0.01)
    np.testing.assert_allclose(gradient_taken(0.01), theirs.grad, rtol=1e-4)  # PyTorch adds 1e-6 to the norm


def test_a_gradient_of_zero_stays_zero():
    net = mlp([2, 3, 1], init="zeros", rng=np.random.default_rng(0))
    for _ in train(net, (np.ones((4, 2)), np.zeros(4)), clip_norm=1.0, epochs=2, rng=np.random.default_rng(0)):
        pass
    assert not net.parameters.any()


@pytest.mark.parametrize("value", [0, -1, "x", True, float("nan")])
def test_a_clip_norm_is_positive(value):
    with pytest.raises(ValueError, match="clip_norm must be a positive number, or None"):
        train(make_net(), DATA, clip_norm=value, rng=np.random.default_rng(0))
