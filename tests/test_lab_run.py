"""A lab's run: a pure function of its settings, and the scripts that reproduce it."""

import json
import subprocess
import sys

import numpy as np
import pytest

import nnlib
from nnlib.labs import Settings
from nnlib.labs.features import FEATURES
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
    "features, own widths and activations": SHORT.with_(
        features=("x1", "x2_squared", "x1_x2", "sin_x2"), widths=(5, 3), activations=("common", "prelu"), bias=0.1
    ),
    "dropout": SHORT.with_(dropout=0.3, learning_rate=0.01),
    "batch norm": SHORT.with_(batch_norm=True, optimizer="adamw", activations=("gelu",), loss="huber"),
    "dropout, batch norm, all features, stopped": SHORT.with_(
        dropout=0.2, batch_norm=True, features=tuple(FEATURES), dataset="blobs", batch_size=30, l1=0.001, stop=31
    ),
    "stopped early": SHORT.with_(early_stopping=2, epochs=60, learning_rate=0.1, dropout=0.1, optimizer="rmsprop"),
    "stopped early, changed on the way": SHORT.with_(
        early_stopping=3,
        epochs=60,
        batch_norm=True,
        changes=((40, "learning_rate", 0.1), (60, "l1", 0.01)),
        dataset="bumps",
    ),
    "no hidden layer to drop from": SHORT.with_(
        depth=0, dropout=0.5, batch_norm=True, features=("x1_x2",), dataset="xor"
    ),
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


# One process runs them all: importing torch takes longer than any of them.
RUN_ALL = """import contextlib, io, json, runpy, sys, traceback
said = {}
for path in sys.argv[1:]:
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        try:
            runpy.run_path(path, run_name="__main__")
        except Exception:
            traceback.print_exc(file=sys.stdout)
    said[path] = printed.getvalue()
print(json.dumps(said))"""


@pytest.fixture(scope="module")
def scripts(tmp_path_factory):
    """The file of each script, by case and kind."""
    folder = tmp_path_factory.mktemp("scripts")
    files = {}
    for number, (name, settings) in enumerate(CASES.items()):
        for kind in ("nnlib", "torch"):
            files[name, kind] = folder / f"{kind}_{number}.py"
            files[name, kind].write_text(script(settings, kind), encoding="utf-8")
    return files


@pytest.fixture(scope="module")
def printed(scripts):
    """What each script prints."""
    command = [sys.executable, "-c", RUN_ALL, *map(str, scripts.values())]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return {key: said[str(path)] for key, path in scripts.items()}


@pytest.mark.parametrize("kind", ["nnlib", "torch"])
@pytest.mark.parametrize("name", CASES)
def test_the_script_prints_the_losses_that_the_lab_shows(name, kind, printed):
    settings = CASES[name]
    run = Run(settings).to_end()
    assert run.stopped_early == (settings.early_stopping > 0)  # a case that never stops would show nothing
    words = printed[name, kind].replace(",", "").split()
    assert words[:2] == ["epoch", str(run.epoch)], printed[name, kind]
    assert float(words[4]) == pytest.approx(run.metrics()["train_loss"], rel=1e-9)
    assert float(words[7]) == pytest.approx(run.metrics()["test_loss"], rel=1e-9)


@pytest.mark.parametrize("kind", ["nnlib", "torch"])
def test_a_script_says_the_same_when_it_is_started_by_itself(kind, scripts, printed):
    done = subprocess.run([sys.executable, scripts["plain", kind]], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == (printed["plain", kind], "")


def test_an_unknown_kind_of_script_is_refused():
    with pytest.raises(ValueError, match="unknown kind of script 'tensorflow'"):
        nnlib.labs.capacity(epochs=1).code("tensorflow")


def test_a_script_for_pytorch_says_what_pytorch_cannot_do():
    with pytest.raises(ValueError, match=r"250 samples in batches of 3 make a batch of one sample, which PyTorch's"):
        script(SHORT.with_(batch_norm=True, batch_size=3), "torch")
    with pytest.raises(ValueError, match="activation 'sign' has no gradient"):
        script(SHORT.with_(activations=("tanh", "sign")), "torch")


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
