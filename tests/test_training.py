"""The training loop: reproducible, reshuffled, honest about short batches, lazy in its reports."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib import LOSSES, OPTIMIZERS, Trainer, mlp, sequential, track, train
from nnlib.datasets import TOY, Dataset
from nnlib.layers import Dense, Dropout, Residual
from nnlib.random import CounterGenerator

pytestmark = pytest.mark.filterwarnings("error")


def make_data(n=23, task="binary", seed=0):
    """A small data set with a test part; n is no multiple of the batch sizes used here."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    y = {
        "binary": np.where(X[:, 0] * X[:, 1] > 0, 1.0, -1.0),
        "multiclass": (X[:, 0] > 0).astype(int) + (X[:, 1] > 0),
        "regression": X[:, 0] - 0.5 * X[:, 1],
    }[task]
    return Dataset(X, y, task).split(0.7, rng=rng)


def make_net(k=1, output="tanh", activation="tanh", seed=0, **options):
    return mlp([2, 4, k], activation, output, rng=np.random.default_rng(seed), **options)


def run(net, data, seed=0, **options):
    """Train to the end; return the last step."""
    return list(train(net, data, rng=np.random.default_rng(seed), **options))[-1]


class Recorder:
    """An optimiser that only writes down what it is given."""

    def __init__(self):
        self.gradients, self.parameters = [], []

    def step(self, parameters, gradient, learning_rate, weights=None):
        self.gradients.append(gradient.copy())
        self.parameters.append(parameters.copy())


class Orders(CounterGenerator):
    """A generator that remembers the orders it gave."""

    def __init__(self, seed=0):
        super().__init__(seed, "order")
        self.orders = []

    def permutation(self, x):
        self.orders.append(super().permutation(x))
        return self.orders[-1]


def record(net, data, epochs=2, **options):
    """Train with a Recorder in place of the optimiser; return it and the orders."""
    recorder, orders = Recorder(), Orders()
    trainer = Trainer(net, data, loss="half_mse", optimizer="sgd", learning_rate=0.1, rng=orders, **options)
    trainer.optimizer = recorder
    for _ in range(epochs):
        trainer.advance_epoch()
    return recorder, orders.orders, trainer


# --- batches -----------------------------------------------------------------------------------------------


def test_data_larger_than_a_cache_come_into_the_same_order():
    """3.2 MB of samples: batches then come block by block. Every one must hold the samples of its order."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(2017, 200)), rng.normal(size=2017)
    net, orders = mlp([200, 1], init="zeros", rng=rng), Orders()
    trainer = Trainer(net, (X, y), loss="half_mse", optimizer="sgd", learning_rate=0.1, batch_size=100, rng=orders)
    recorder = trainer.optimizer = Recorder()
    trainer.advance(42)
    assert trainer.epoch == 2 and trainer._block < len(X)
    batches = [batch for order in orders.orders for batch in np.split(order, range(100, 2017, 100))]
    for batch, gradient in zip(batches, recorder.gradients, strict=True):
        np.testing.assert_allclose(gradient[:-1], -(X[batch].T @ y[batch]) / len(batch), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("batch_size, sizes", [(5, [5, 5, 5, 1]), (16, [16]), (99, [16]), (None, [16]), (1, [1] * 16)])
def test_every_gradient_is_the_mean_over_its_own_batch(batch_size, sizes):
    data, net = make_data(), make_net()
    assert len(data.X) == 16
    recorder, orders, trainer = record(net, data, batch_size=batch_size)
    assert trainer.step == 2 * len(sizes) and trainer.epoch == 2
    if sizes == [16]:
        assert orders == []  # a batch of all samples has none
        orders = [np.arange(16)] * 2
    batches = [batch for order in orders for batch in np.split(order, np.cumsum(sizes)[:-1])]
    assert [len(batch) for batch in batches] == sizes * 2
    for batch, gradient in zip(batches, recorder.gradients, strict=True):
        expected = net.loss_and_gradient(data.X[batch], data.y[batch], loss="half_mse")[1]
        np.testing.assert_allclose(gradient, expected, rtol=1e-12, atol=1e-15)


def test_samples_are_reshuffled_each_epoch_and_each_is_seen_once():
    _, orders, _ = record(make_net(), make_data(), epochs=3, batch_size=5)
    assert len(orders) == 3
    assert all(sorted(order) == list(range(16)) for order in orders)
    assert len({tuple(order) for order in orders}) == 3


@pytest.mark.parametrize("batch_size, rate, drawn", [(15, None, 3), (16, None, 0), (16, 0.5, 3), (None, 0.5, 3)])
def test_an_order_is_drawn_only_where_it_makes_a_difference(batch_size, rate, drawn):
    dropout = [] if rate is None else [Residual([Dropout(rate)])]
    net = sequential(2, [Dense(4), "tanh", *dropout, Dense(1)], rng=np.random.default_rng(0))
    _, orders, _ = record(net, make_data(), epochs=3, batch_size=batch_size)
    assert len(orders) == drawn


def test_l2_is_part_of_the_gradient_and_l1_a_step_of_its_own():
    data = make_data()
    plain, _, _ = record(make_net(), data, epochs=1, batch_size=5)
    net = make_net()
    start = net.parameters.copy()
    recorder, _, _ = record(net, data, epochs=1, batch_size=5, l1=0.2, l2=0.3)
    w = net.is_weight
    np.testing.assert_allclose((recorder.gradients[0] - plain.gradients[0])[w], 0.3 * start[w], rtol=1e-12)
    assert np.array_equal(recorder.gradients[0][~w], plain.gradients[0][~w])
    # The recorder does not move anything, so what moved is the L1 step of η·l1 = 0.02 towards zero.
    np.testing.assert_allclose(recorder.parameters[1][w], np.sign(start[w]) * np.maximum(abs(start[w]) - 0.02, 0))
    assert np.array_equal(recorder.parameters[1][~w], start[~w])


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_l1_stops_at_zero_for_every_optimizer(optimizer):
    net = make_net(bias=0.5, activation="prelu")
    step = run(net, make_data(), optimizer=optimizer, learning_rate=0.05, l1=20.0, epochs=10)
    assert np.array_equal(net.parameters[net.is_weight], np.zeros(12))
    assert net.parameters[~net.is_weight].all() and step.penalty == 0


def test_l1_thins_out_where_l2_only_shrinks():
    data = TOY["gauss"](n=100, rng=np.random.default_rng(0))
    counts = {}
    for name in ("l1", "l2"):
        net = mlp([2, 8, 1], output="tanh", rng=np.random.default_rng(0))
        run(net, data, learning_rate=0.1, epochs=100, **{name: 0.02})
        counts[name] = np.count_nonzero(net.parameters[net.is_weight])
    assert counts["l2"] == 24 and counts["l1"] < 16


# --- reproducible ------------------------------------------------------------------------------------------


def history(seed, data_seed=0, **options):
    net = make_net(seed=seed)
    options = {"optimizer": "adam", "epochs": 5, "batch_size": 5} | options
    losses = [s.train_loss for s in train(net, make_data(seed=data_seed), rng=np.random.default_rng(seed), **options)]
    return losses, net.parameters


def test_same_seed_same_run_bit_for_bit_and_seed_0_is_a_seed():
    (first, p), (second, q), (other, r) = history(0), history(0), history(1)
    assert first == second and np.array_equal(p, q)
    assert first != other and not np.array_equal(p, r)
    zero, one = (CounterGenerator(seed, "order").permutation(20).tolist() for seed in (0, 1))
    assert zero != one and zero == CounterGenerator(0, "order").permutation(20).tolist()


def test_no_global_random_state_is_read_or_changed():
    state = np.random.get_state()
    try:
        np.random.seed(1)
        before = np.random.get_state()
        losses, parameters = history(0)
        after = np.random.get_state()
        assert before[0] == after[0] and np.array_equal(before[1], after[1]) and before[2:] == after[2:]
        np.random.seed(2)
        again, same = history(0)
        assert losses == again and np.array_equal(parameters, same)
    finally:
        np.random.set_state(state)


def test_how_a_run_is_cut_into_calls_and_read_does_not_change_it():
    whole = history(3)[1]
    net = make_net(seed=3)
    trainer = Trainer(net, make_data(), loss="mse", optimizer="adam", learning_rate=0.03, batch_size=5,
                      rng=np.random.default_rng(3))  # fmt: skip
    for batches in (1, 2, 5, 7):
        trainer.advance(batches)
        trainer.test_loss()
    assert (trainer.step, trainer.epoch) == (15, 3)
    trainer.advance()
    assert (trainer.step, trainer.epoch) == (16, 4)
    trainer.advance()
    trainer.advance_epoch()  # to the end of the epoch that has begun
    assert (trainer.step, trainer.epoch) == (20, 5)
    assert np.array_equal(net.parameters, whole)


@given(every=st.sampled_from(["epoch", "batch"]), batch_size=st.integers(1, 20), epochs=st.integers(0, 3))
@settings(max_examples=20, deadline=None)
def test_one_step_per_epoch_or_per_batch(every, batch_size, epochs):
    options = {"batch_size": batch_size, "epochs": epochs, "every": every}
    steps = list(train(make_net(), make_data(), rng=np.random.default_rng(0), **options))
    batches = -(-16 // min(batch_size, 16))
    if every == "epoch":
        assert [(s.step, s.epoch) for s in steps] == [(batches * (i + 1), i + 1) for i in range(epochs)]
    else:
        assert [(s.step, s.epoch) for s in steps] == [(i + 1, (i + 1) // batches) for i in range(epochs * batches)]


# --- reports -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task, k, output, loss", [
    ("binary", 1, "tanh", "half_mse"), ("binary", 1, "identity", "binary_cross_entropy"),
    ("binary", 1, "tanh", "hinge"), ("multiclass", 3, "identity", "cross_entropy"),
    ("regression", 1, "identity", "huber"),
])  # fmt: skip
def test_reports_are_what_the_network_and_the_loss_say(task, k, output, loss):
    data, net = make_data(40, task), make_net(k, output)
    step = run(net, data, loss=loss, learning_rate=0.1, l1=0.001, l2=0.002, epochs=3)
    assert net.task == task and step.diagnosis is None
    for part, X, y in (("train", data.X, data.y), ("test", data.X_test, data.y_test)):
        assert getattr(step, f"{part}_loss") == pytest.approx(LOSSES[loss].value(net(X), y), rel=1e-12)
        accuracy = None if task == "regression" else np.mean(net.predict(X) == y)
        assert getattr(step, f"{part}_accuracy") == accuracy
    assert step.penalty == pytest.approx(net.penalty(0.001, 0.002), rel=1e-12) and step.penalty > 0


@pytest.mark.parametrize("name", ["train_loss", "test_loss", "train_accuracy", "test_accuracy", "penalty"])
def test_a_report_is_made_when_first_read_and_not_after_training_has_moved_on(name):
    steps = train(make_net(), make_data(), epochs=3, l2=0.1, rng=np.random.default_rng(0))
    first = next(steps)
    value = getattr(first, name)
    second = next(steps)
    assert getattr(first, name) == value
    if "accuracy" not in name:  # accuracies may well stay the same
        assert getattr(second, name) != value
    assert getattr(second, name) is not None
    third = next(steps)
    assert getattr(second, name) is not None  # read in time, so kept
    with pytest.raises(StopIteration):
        next(steps)
    assert getattr(third, name) is not None  # the last one stays readable
    unread = next(steps := train(make_net(), make_data(), epochs=2, rng=np.random.default_rng(0)))
    next(steps)
    with pytest.raises(RuntimeError, match=f"{name} must be first read before training goes on"):
        getattr(unread, name)
    with pytest.raises(AttributeError, match="no attribute 'los'"):
        _ = first.los


def test_a_loop_that_only_trains_does_not_pay_for_reports(monkeypatch):
    def never(self):
        raise AssertionError("a metric was computed that nobody read")

    for name in ("train_loss", "test_loss", "train_accuracy", "test_accuracy", "penalty"):
        monkeypatch.setattr(Trainer, name, never)
    assert run(make_net(), make_data(), epochs=2).epoch == 2


def test_without_a_test_part_there_is_no_test_loss():
    data = make_data()
    step = run(make_net(), Dataset(data.X, data.y), epochs=1)
    assert step.test_loss is None and step.test_accuracy is None and step.train_loss > 0
    pair = run(make_net(), (data.X, data.y), epochs=1)
    assert pair.test_loss is None and pair.train_loss == step.train_loss


@pytest.mark.parametrize("loss", [name for name in LOSSES if LOSSES[name].kind == "signs"])
def test_labels_0_and_1_train_like_minus_1_and_1(loss):
    data, runs = make_data(), []
    for y in (data.y, (data.y + 1) / 2, data.y > 0, (data.y > 0).astype(int)):
        net = make_net(output="identity")
        step = run(net, (data.X, y), loss=loss, learning_rate=0.1, epochs=4)
        labels = net.predict(data.X).tolist()
        runs.append((net.task, step.train_accuracy, step.train_loss, net.parameters.tolist(), labels))
    assert all(other == runs[0] for other in runs)
    assert runs[0][0] == "binary" and runs[0][1] > 0.5


def test_rates_and_penalties_may_change_between_steps():
    data, net = make_data(), make_net()
    trainer = Trainer(net, data, loss="mse", optimizer="sgd", learning_rate=0.1, rng=np.random.default_rng(0))
    trainer.advance()
    trainer.learning_rate = 0
    before = net.parameters.copy()
    trainer.advance(3)
    assert np.array_equal(net.parameters, before) and trainer.penalty() == 0
    trainer.learning_rate, trainer.l2 = 0.1, 0.5
    trainer.advance()
    assert not np.array_equal(net.parameters, before) and trainer.penalty() == net.penalty(l2=0.5)


# --- divergence --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("penalties", [{}, {"l2": 0.1}, {"l1": 0.1}, {"l1": 0.1, "l2": 0.1}])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("activation, dtype", [("relu", np.float64), ("identity", np.float32)])
def test_a_diverging_run_ends_with_a_diagnosis_and_without_nan(activation, dtype, optimizer, penalties):
    net, data = make_net(output="identity", activation=activation, dtype=dtype), make_data(task="regression")
    rate = 1e30 if dtype == np.float32 else 1e200
    options = {"optimizer": optimizer, "learning_rate": rate, "epochs": 50, **penalties}
    steps = list(train(net, data, rng=np.random.default_rng(0), **options))
    assert len(steps) < 50 and [bool(step.diagnosis) for step in steps] == [False] * (len(steps) - 1) + [True]
    last = steps[-1]
    assert last.diagnosis.name == "diverged"
    assert ("after 1 epoch:" if last.epoch == 1 else f"after {last.epoch} epochs:") in last.diagnosis.text
    assert f"{rate:g}" in last.diagnosis.text and "Lower it" in last.diagnosis.text
    for value in (last.train_loss, last.test_loss, last.penalty):
        assert not np.isnan(value) and value >= 0


@pytest.mark.parametrize("task, k, loss", [("binary", 1, "binary_cross_entropy"), ("multiclass", 3, "cross_entropy")])
def test_reports_of_a_diverged_classifier(task, k, loss):
    net = make_net(k, "identity", activation="relu")
    last = run(net, make_data(40, task), loss=loss, learning_rate=1e200, epochs=50)
    assert last.diagnosis and not np.isnan(last.train_loss)
    assert 0 <= last.train_accuracy <= 1 and 0 <= last.test_accuracy <= 1


# --- long loops --------------------------------------------------------------------------------------------


def stop_at(place, results):
    """Work through five keys as a chapter does; the reader presses stop while one of them is worked on."""
    worked = []
    for key in track(range(5), done=results):
        worked.append(key)
        if key == place:
            raise KeyboardInterrupt
        results[key] = key**2
    return worked


@pytest.mark.parametrize("headless", ["", "1"])
def test_a_stopped_loop_keeps_what_is_done_and_goes_on_from_there(headless, monkeypatch, capsys):
    monkeypatch.setenv("NNLIB_HEADLESS", headless)
    results = {}
    with pytest.raises(KeyboardInterrupt):
        stop_at(2, results)
    assert results == {0: 0, 1: 1}
    capsys.readouterr()
    assert stop_at(None, results) == [2, 3, 4] and results == {key: key**2 for key in range(5)}
    assert stop_at(None, results) == []
    out, shown = capsys.readouterr()
    assert out == "" and ("2/5" in shown) == (not headless)
    assert not shown.rsplit("\r", 1)[-1].strip()  # the last bar is wiped away
    if headless:
        assert shown == ""


def test_steps_of_training_pass_through_a_bar_unchanged(monkeypatch, capsys):
    monkeypatch.setenv("NNLIB_HEADLESS", "")
    steps = train(make_net(), make_data(), epochs=3, rng=np.random.default_rng(0))
    assert [step.epoch for step in track(steps, total=3, desc="three epochs")] == [1, 2, 3]
    assert "three epochs" in capsys.readouterr().err


def test_without_tqdm_a_loop_runs_without_a_bar(monkeypatch, capsys):
    monkeypatch.setenv("NNLIB_HEADLESS", "")
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    assert list(track(range(3), done=[1])) == [0, 2] and capsys.readouterr().err == ""
