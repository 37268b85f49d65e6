"""A lab's run: a pure function of its settings, and the scripts that reproduce it."""

import subprocess
import sys

import numpy as np
import pytest

import nnlib
from nnlib.labs import Settings
from nnlib.labs.run import Run
from nnlib.labs.scripts import script

SHORT = Settings(epochs=6, noise=0.1)
CASES = {
    "plain": SHORT,
    "no hidden layer, adam, L1": SHORT.with_(depth=0, optimizer="adam", learning_rate=0.01, l1=0.003, dataset="gauss"),
    "four classes, adamw": SHORT.with_(dataset="blobs", optimizer="adamw", activation="gelu", batch_size=30),
    "regression, nesterov, stopped": SHORT.with_(dataset="bumps", optimizer="nesterov", learning_rate=0.01, stop=77),
    "changed on the way": SHORT.with_(changes=((40, "l2", 0.1), (60, "learning_rate", 0.01), (60, "l1", 0.01))),
    "parameters set by hand": SHORT.with_(
        width=3,
        optimizer="momentum",
        learning_rate=0.01,
        stop=90,
        changes=(
            (0, "p1", -1.5),
            (40, "p1", 0.25),
            (40, "l2", 0.1),
            (41, "p8", 1.0),
            (41, "p20", -0.5),
            (90, "p12", 3),
        ),
    ),
    "a learned slope set by hand": SHORT.with_(
        activation="prelu", depth=1, width=2, optimizer="sgd", changes=((9, "p6", 0.5), (9, "p7", -2.0), (30, "p9", 1))
    ),
    "learned slope, rmsprop": SHORT.with_(activation="prelu", optimizer="rmsprop", learning_rate=0.003),
    "logits": SHORT.with_(loss="binary_cross_entropy", activation="swish", optimizer="momentum", learning_rate=0.03),
    "hinge": SHORT.with_(loss="hinge", activation="softplus", optimizer="adagrad"),
    "batch of everything": SHORT.with_(batch_size=10_000, epochs=30, loss="huber", dataset="plane", activation="elu"),
}


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


@pytest.mark.parametrize("kind", ["nnlib", "torch"])
@pytest.mark.parametrize("name", CASES)
def test_the_script_prints_the_losses_that_the_lab_shows(name, kind, tmp_path):
    settings = CASES[name]
    run = Run(settings).to_end()
    file = tmp_path / "script.py"
    file.write_text(script(settings, kind), encoding="utf-8")
    done = subprocess.run([sys.executable, file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    words = done.stdout.replace(",", "").split()
    assert words[:2] == ["epoch", str(run.epoch)]
    assert float(words[4]) == pytest.approx(run.metrics()["train_loss"], rel=1e-9)
    assert float(words[7]) == pytest.approx(run.metrics()["test_loss"], rel=1e-9)


def test_an_unknown_kind_of_script_is_refused():
    with pytest.raises(ValueError, match="unknown kind of script 'tensorflow'"):
        nnlib.labs.capacity(epochs=1).code("tensorflow")
