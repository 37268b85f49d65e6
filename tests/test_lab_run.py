"""A lab's run: a pure function of its settings."""

import numpy as np
import pytest

from nnlib.labs import Settings
from nnlib.labs.run import Run

SHORT = Settings(epochs=6, noise=0.1)


def test_the_same_settings_give_the_same_run_bit_for_bit():
    one, other = Run(SHORT).to_end(), Run(SHORT).to_end()
    assert np.array_equal(one.network.parameters, other.network.parameters)
    assert not np.array_equal(one.network.parameters, Run(SHORT.with_(seed=1)).to_end().network.parameters)


def test_data_weights_and_order_come_from_separate_streams():
    few, many = Run(SHORT), Run(SHORT.with_(train_share=0.8))
    assert np.array_equal(few.network.parameters, many.network.parameters)
    assert np.array_equal(Run(SHORT.with_(width=3)).data.X, few.data.X)


def test_a_logged_change_replays_what_was_changed_by_hand():
    by_hand = Run(SHORT)
    by_hand.advance(30)
    by_hand.change("l2", 0.3)
    by_hand.advance(50)
    replayed = Run(SHORT.with_(changes=tuple(by_hand.changes), stop=80)).to_end()
    assert np.array_equal(by_hand.network.parameters, replayed.network.parameters)
    assert by_hand.changes == [(30, "l2", 0.3)]


def test_a_parameter_set_by_hand_is_logged_and_replayed():
    by_hand = Run(SHORT)
    by_hand.advance(30)
    by_hand.change("p17", 2)
    assert by_hand.network.parameters[17] == 2.0
    by_hand.advance(50)
    by_hand.change("p0", -1.0)
    replayed = Run(SHORT.with_(changes=tuple(by_hand.changes), stop=80)).to_end()
    assert np.array_equal(by_hand.network.parameters, replayed.network.parameters)
    assert by_hand.changes == [(30, "p17", 2.0), (80, "p0", -1.0)]
    assert not np.array_equal(replayed.network.parameters, Run(SHORT.with_(stop=80)).to_end().network.parameters)


def test_a_parameter_that_is_not_there_or_no_number_is_refused_in_words():
    run = Run(SHORT)
    with pytest.raises(ValueError, match="p105 is no parameter of this network, which has 105: p0 to p104"):
        run.change("p105", 1.0)
    with pytest.raises(ValueError, match="p105 is no parameter"):
        Run(SHORT.with_(changes=((3, "p105", 1.0),)))
    for value in (float("nan"), float("inf"), 1e7, "1", True, None):
        with pytest.raises(ValueError, match="the parameter p3 must"):
            run.change("p3", value)
    assert run.changes == []


def test_in_pieces_or_at_once():
    whole, pieces = Run(SHORT), Run(SHORT)
    whole.advance(100)
    for batches in (1, 2, 30, 60, 7):
        pieces.advance(batches)
    assert np.array_equal(whole.network.parameters, pieces.network.parameters)
    assert pieces.step == 100 and pieces.epoch == 4


def test_width_cannot_change_during_a_run():
    with pytest.raises(ValueError, match="width cannot change during a run"):
        Run(SHORT).change("width", 3)


def test_a_loss_that_does_not_fit_the_task_is_refused():
    with pytest.raises(ValueError, match=r"the loss cross_entropy does not fit a binary task; fitting: mse, half_mse"):
        Run(SHORT.with_(loss="cross_entropy"))


def test_a_diverging_run_stops_with_a_diagnosis_and_no_number_that_is_none():
    run = Run(SHORT.with_(dataset="plane", activation="relu", optimizer="sgd", learning_rate=10.0)).to_end()
    assert run.diagnosis.name == "diverged"
    assert run.epoch == 1
    assert run.metrics()["train_loss"] is None or run.metrics()["train_loss"] > 1


# --- early stopping ---------------------------------------------------------------------------------------------

STOPPING = SHORT.with_(early_stopping=4, epochs=200, learning_rate=0.1, batch_norm=True, dropout=0.1)


def test_early_stopping_ends_a_run_and_brings_the_best_weights_back():
    run, twin = Run(STOPPING), Run(STOPPING.with_(early_stopping=0))
    points, states = [run.curve_point()], [twin.network.parameters.copy()]
    while not run.ended:
        run.advance_epoch()
        twin.advance_epoch()
        points.append(run.curve_point())
        states.append(twin.network.parameters.copy())
    test = [point[2] for point in points]
    best = int(np.argmin(test))
    assert run.stopped_early and run.diagnosis is None
    assert (run.best_epoch, run.epoch) == (best, best + 4) == (best, len(points) - 1)
    assert np.array_equal(run.network.parameters, states[best])
    assert run.metrics()["test_loss"] == test[best] < test[-1] == twin.curve_point()[2]
    assert not np.array_equal(run.network.statistics, twin.network.statistics)
    step = run.step
    run.advance(10)
    assert run.step == step


def test_a_run_that_was_stopped_early_is_replayed_in_any_pieces():
    whole, pieces = Run(STOPPING).to_end(), Run(STOPPING)
    while not pieces.ended:
        pieces.advance(7)
    assert pieces.step == whole.step and whole.stopped_early
    assert np.array_equal(pieces.network.parameters, whole.network.parameters)
    before = Run(STOPPING.with_(stop=whole.step - 1)).to_end()
    assert not before.stopped_early and before.step == whole.step - 1


def test_without_early_stopping_nothing_is_watched():
    assert Run(SHORT).best_epoch is None
    assert Run(SHORT.with_(early_stopping=1000)).to_end().stopped_early is False


# --- what the network is given, and what it is built of ---------------------------------------------------------


def test_the_data_keep_their_points_and_the_network_gets_features():
    run = Run(SHORT.with_(features=("sin_x1", "x2")))
    assert np.array_equal(run.data.X, Run(SHORT).data.X)
    assert np.array_equal(run.inputs.X, np.column_stack([np.sin(run.data.X[:, 0]), run.data.X[:, 1]]))
    assert np.array_equal(run.evaluate(run.data.X), run.network(run.inputs.X))
    plain = Run(SHORT)
    assert plain.inputs is plain.data


def test_the_order_within_a_hidden_layer():
    run = Run(SHORT.with_(widths=(4, 3), activations=("relu",), dropout=0.25, batch_norm=True, bias=0.1))
    kinds = "Dense(4) BatchNorm() Activate('relu') Dropout(0.25) Dense(3) BatchNorm() Activate('tanh') Dropout(0.25)"
    assert " ".join(map(repr, run.network.layers)) == f"{kinds} Dense(1) Activate('tanh')"
    assert run.network.layers[0].b.tolist() == [0.1] * 4
