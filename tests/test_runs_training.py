"""Training many networks at once: each as if it were alone, whatever becomes of its neighbours."""

import numpy as np
import pytest

from nnlib import LOSSES, OPTIMIZERS, SCHEDULES, Trainer, train
from nnlib.datasets import Dataset
from nnlib.random import CounterGenerator
from tests.test_runs import R, make_nets, same

RATES = np.geomspace(0.01, 0.3, R)


def make_data(n=23, task="binary", seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    y = {
        "binary": np.where(X[:, 0] * X[:, 1] > 0, 1.0, -1.0),
        "multiclass": (X[:, 0] > 0).astype(int) + (X[:, 1] > 0),
        "regression": X[:, 0] - 0.5 * X[:, 1],
    }[task]
    return Dataset(X, y, task).split(0.7, rng=rng)


# --- as if alone ---------------------------------------------------------------------------------------------


def compare_training(nets, data, rates, own=(), epochs=5, atol=1e-12, rtol=1e-12, **options):
    """Train a stack, and copies of its members one by one; compare parameters and reports after each step."""
    alone, own = [member.copy() for member in nets], {"learning_rate": rates, **dict(own)}
    together = train(nets, data, epochs=epochs, rng=np.random.default_rng(4), **options, **own)
    singles = []
    for r, net in enumerate(alone):
        settings = {name: float(values[r]) for name, values in own.items()}
        its_data = data[r] if isinstance(data, list) else data
        singles.append(train(net, its_data, epochs=epochs, rng=np.random.default_rng(4), **options, **settings))
    for step, *steps in zip(together, *singles, strict=True):
        for r, (net, single) in enumerate(zip(alone, steps)):
            same(nets.parameters[r], net.parameters, atol, rtol)
            assert (step.step, step.epoch) == (single.step, single.epoch)
            assert step.diagnosis[r] is single.diagnosis is None
            same(step.learning_rate[r], single.learning_rate, rtol=1e-6)
            for name in ("train_loss", "test_loss", "train_accuracy", "test_accuracy", "penalty"):
                value, expected = getattr(step, name), getattr(single, name)
                assert (value is None) == (expected is None)
                if expected is not None:
                    assert value.shape == (len(nets),)
                    same(value[r], expected, atol, rtol)
    assert step.epoch == epochs


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_trains_each_member_as_if_alone(optimizer):
    nets = make_nets((2, 5, 4, 1), ["tanh", "prelu"])
    own = {"l1": np.linspace(0, 0.02, R), "l2": np.linspace(0.1, 0, R)}
    compare_training(nets, make_data(), RATES / 10, own, optimizer=optimizer, batch_size=5, loss="half_mse")


@pytest.mark.parametrize(
    "options",
    [{"clip_norm": 0.1}, {"l1": 0.01}, {"l2": 0.01}, {"batch_size": None}, {"every": "batch"},
     *({"schedule": name} for name in SCHEDULES if name != "constant")],
    ids=str,
)  # fmt: skip
def test_every_option_trains_each_member_as_if_alone(options):
    compare_training(make_nets((2, 4, 1)), make_data(), RATES, **{"batch_size": 5, **options})


@pytest.mark.parametrize("task, k, loss", [("multiclass", 3, "cross_entropy"), ("regression", 1, "huber"),
                                           ("binary", 1, "binary_cross_entropy")])  # fmt: skip
@pytest.mark.parametrize("own", [False, True])
def test_every_task_with_shared_data_and_with_own(task, k, loss, own):
    data = [make_data(40, task, seed) for seed in range(R)] if own else make_data(40, task)
    compare_training(make_nets((2, 4, k)), data, RATES, loss=loss, optimizer="momentum", epochs=3)


def test_float32_stays_float32():
    nets = make_nets((2, 4, 1), dtype=np.float32)
    own = {"l1": np.linspace(0, 0.02, R), "l2": np.linspace(0.1, 0, R)}
    compare_training(nets, make_data(), RATES, own, atol=1e-5, rtol=1e-4, optimizer="adam")
    X, y = np.ones((2, 2)), np.ones(2)
    arrays = [nets.parameters, nets.gradient, nets(X), *nets.samples(X, y, LOSSES["mse"]), nets.strength("l1", RATES)]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


def test_rates_may_change_between_steps():
    nets = make_nets((2, 4, 1))
    trainer = Trainer(nets, make_data(), loss="mse", optimizer="sgd", learning_rate=0.1, rng=CounterGenerator(0))
    assert trainer.learning_rate == trainer.rate == 0.1
    trainer.learning_rate = [0.1, 0, 0.1, 0, 0.1]
    trainer.learning_rate[1] = 5  # a copy: what is not checked cannot be set
    assert trainer.rate.tolist() == [0.1, 0, 0.1, 0, 0.1]
    before = nets.parameters.copy()
    trainer.advance(3)
    assert (nets.parameters != before).any(axis=1).tolist() == [True, False, True, False, True]
    trainer.l2 = np.arange(R)
    same(trainer.penalty(), [net.penalty(l2=r) for r, net in enumerate(nets)])


# --- divergence ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("every", ["epoch", "batch"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("rate", [30.0, 1e200])
def test_a_diverged_member_stands_still_and_the_others_do_not_notice(rate, optimizer, every):
    data, options = make_data(task="regression"), {"optimizer": optimizer, "epochs": 12, "every": every, "l2": 0.01}
    healthy = make_nets((2, 4, 1), "relu")
    nets = healthy.copy()
    rates = np.full(R, 0.01)
    wild = rates.copy()
    wild[[1, 3]] = rate if optimizer in ("sgd", "momentum", "nesterov") else 1e200
    calm = train(healthy, data, learning_rate=rates, rng=np.random.default_rng(0), **options)
    frozen = {}
    steps = train(nets, data, learning_rate=wild, rng=np.random.default_rng(0), **options)
    for step, other in zip(steps, calm, strict=True):
        for r in (0, 2, 4):
            assert np.array_equal(nets.parameters[r], healthy.parameters[r])
            assert step.diagnosis[r] is None and step.train_loss[r] == other.train_loss[r]
        for r in (1, 3):
            if r in frozen:
                assert nets.parameters[r].tobytes() == frozen[r]
            if step.diagnosis[r]:
                frozen.setdefault(r, nets.parameters[r].tobytes())
                assert step.train_loss[r] == step.test_loss[r] == np.inf and not np.isnan(step.penalty[r])
            else:
                assert not np.isnan(step.train_loss[r])
    assert sorted(frozen) == [1, 3]


@pytest.mark.parametrize("every", ["epoch", "batch"])
def test_the_diagnosis_is_that_of_the_member_trained_alone(every):
    data, options = make_data(task="regression"), {"epochs": 12, "every": every, "loss": "mse"}
    nets, rates = make_nets((2, 4, 1), "identity"), np.array([0.1, 3, 0.01, 50, 8])
    alone = [member.copy() for member in nets]
    *_, last = train(nets, data, learning_rate=rates, rng=np.random.default_rng(0), **options)
    assert [bool(diagnosis) for diagnosis in last.diagnosis] == [False, True, False, True, True]
    for r, net in enumerate(alone):
        *_, single = train(net, data, learning_rate=float(rates[r]), rng=np.random.default_rng(0), **options)
        if single.diagnosis:
            assert last.diagnosis[r].name == single.diagnosis.name
            assert last.diagnosis[r].text == single.diagnosis.text.replace("Training", f"Run {r}")
            assert f"{rates[r]:g}" in last.diagnosis[r].text
        np.testing.assert_allclose(nets.parameters[r], net.parameters, rtol=1e-9)


def test_training_ends_when_all_have_diverged():
    nets = make_nets((2, 4, 1), "relu")
    steps = list(train(nets, make_data(task="regression"), learning_rate=1e200, epochs=50, rng=CounterGenerator(0)))
    assert len(steps) < 50 and all(steps[-1].diagnosis) and not any(all(step.diagnosis) for step in steps[:-1])
    assert np.isinf(steps[-1].train_loss).all()


def test_a_member_with_finite_but_lost_parameters_is_frozen_at_the_end_of_an_epoch_without_asking():
    nets, data = make_nets((2, 4, 1)), make_data()
    trainer = Trainer(nets, data, loss="mse", optimizer="sgd", learning_rate=0.1, rng=CounterGenerator(0))
    nets.parameters[2, 0] = 2e6
    trainer.advance_epoch()
    kept = nets.parameters.copy()
    trainer.advance(5)
    assert (nets.parameters != kept).any(axis=1).tolist() == [True, True, False, True, True]
    assert trainer.train_loss()[2] == np.inf and np.isfinite(trainer.train_loss()[[0, 1, 3, 4]]).all()
    assert "Run 2 diverged after 1 epoch" in trainer.diagnosis()[2].text


# --- bad input -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data, options, words", [
    (make_data(), {"learning_rate": RATES[1:]}, "learning_rate has 4 values for 5 runs"),
    (make_data(), {"learning_rate": RATES[:, None]}, r"learning_rate\[0\] must be a number"),
    (make_data(), {"learning_rate": [0.1, 0.1, "fast", 0.1, 0.1]}, r"learning_rate\[2\].*'fast'"),
    (make_data(), {"l1": np.zeros(6)}, "l1 has 6 values"),
    ([make_data()] * 4, {}, "4 data sets for 5 runs"),
    ([], {}, "0 data sets for 5 runs"),
    ([make_data()] * 4 + [make_data(24)], {}, "one size and task, but number 4 is"),
    ([make_data()] * 3 + [make_data(task="regression")] + [make_data()], {}, "but number 3 is"),
    ([make_data()] * 4 + [Dataset(make_data().X, make_data().y)], {}, "but number 4 is"),
    (make_data(), {"early_stopping": 3}, "early stopping ends the training of one network"),
    (Dataset(np.eye(3), [1, -1, 1]), {}, r"X has shape \(3, 3\)"),
])  # fmt: skip
def test_bad_training(data, options, words):
    with pytest.raises(ValueError, match=words):
        train(make_nets((2, 4, 1)), data, rng=np.random.default_rng(0), **options)
