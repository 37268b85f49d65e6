"""The playground has every row of the well-known one: its controls, values, defaults, data, model, and what ours adds.

The tables below state what TensorFlow Playground offers (its last commit); the lab is asked, row by row, through its
real controls. A row that a later change takes away fails here by its name.
"""

import re
from pathlib import Path

import numpy as np
import pytest

import nnlib
from nnlib.datasets import TOY
from nnlib.labs import LABS, Lab, Settings
from nnlib.labs.build_playground import PLAYGROUND, START
from nnlib.labs.features import FEATURES
from nnlib.labs.messages import MESSAGES
from nnlib.labs.run import Run, make_data
from nnlib.labs.scripts import script
from nnlib.random import CounterGenerator

WEB = Path(nnlib.labs.__file__).parent / "web"
RATES = (0.00001, 0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10)
PENALTIES = (0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10)
CLASSIFICATION = ("circle", "xor", "gauss", "spiral")
REGRESSION = ("plane", "bumps")

#: row of the table → (the fields that cover it, the values it lists, its default)
CONTROLS = {
    "learning rate": ("learning_rate", RATES, 0.03),
    "activation": ("activation", ("relu", "tanh", "sigmoid", "identity"), "tanh"),
    "regularisation L1, and its rate": ("l1", PENALTIES, 0),
    "regularisation L2, and its rate": ("l2", PENALTIES, 0),
    "problem: classification": ("dataset", CLASSIFICATION, "circle"),
    "problem: regression": ("dataset", REGRESSION, "circle"),
    "train share": ("train_share", tuple(tens / 10 for tens in range(1, 10)), 0.5),
    "noise": ("noise", tuple(fives / 20 for fives in range(11)), 0),
    "batch size": ("batch_size", tuple(range(1, 31)), 10),
    "show test data": ("show_test", (True, False), False),
    "discretise output": ("discretise", (True, False), False),
    "seed": ("seed", (0, 1, 9_999), 0),
    "zero initialisation": ("init", ("zeros", "uniform"), "uniform"),
}

#: row → (field, values a reader reaches by the buttons above the network, default)
LISTS = {
    "hidden layers: 0 to 6": ("widths", [[4] * depth for depth in range(7)], (4, 2)),
    "units per layer: 1 to 8": ("widths", [[units] for units in range(1, 9)], (4, 2)),
    "input features": ("features", [[name] for name in FEATURES] + [list(FEATURES)], ("x1", "x2")),
}


@pytest.fixture
def lab(live):
    """The playground as a reader meets it."""
    return LABS["playground"]()


# --- controls -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", CONTROLS)
def test_a_control_takes_every_value_of_its_row_and_begins_at_its_default(lab, row):
    field, values, default = CONTROLS[row]
    control = lab.controls[field]
    assert getattr(lab.settings, field) == control.value == default
    for value in values:
        if control.choices:
            assert value in control.choices, f"{row}: {value} is not offered"
            control.widget.index = control.choices.index(value)
        else:
            step = getattr(control.widget, "step", 1)
            assert isinstance(value, bool) or (value / step) == pytest.approx(round(value / step)), value
            control.widget.value = value
        assert getattr(lab.engine.settings, field) == pytest.approx(value) if not isinstance(value, str) else value
        assert control.value == getattr(lab.engine.settings, field)


@pytest.mark.parametrize("row", LISTS)
def test_a_list_takes_every_value_of_its_row_and_begins_at_its_default(lab, row):
    field, values, default = LISTS[row]
    assert getattr(lab.settings, field) == default
    entry = next(entry for entry in lab.view.schema if entry["field"] == field)
    assert entry["kind"] == "list"
    for value in values:
        setattr(lab.view, f"value_{field}", value)
        assert list(getattr(lab.engine.settings, field)) == value
        assert Run(lab.engine.settings).network.widths[0] == len(lab.engine.settings.features)
    if field == "widths":
        assert entry["most"] == 6 and entry["min"] == 1 and entry["max"] >= 8
        lab.view.value_widths = []
        assert Run(lab.engine.settings).network.widths == [2, 1]


def test_no_penalty_and_both_penalties_at_once(lab):
    assert lab.settings.l1 == lab.settings.l2 == 0
    lab.controls["l1"].widget.value, lab.controls["l2"].widget.value = 0.003, 0.03
    assert (lab.engine.settings.l1, lab.engine.settings.l2) == (0.003, 0.03)


def test_the_name_of_a_data_set_tells_the_problem(lab):
    labels = dict(zip(lab.controls["dataset"].choices, (text for text, _ in lab.controls["dataset"].widget.options)))
    assert set(labels) == {*TOY, "own"}
    for name, label in labels.items():
        regression = name != "own" and TOY[name](rng=CounterGenerator(0)).task == "regression"
        assert ("regression" in label) == regression, label


def test_what_stands_in_no_table_but_makes_the_first_run(lab):
    first = lab.settings
    assert first == START == PLAYGROUND.defaults
    assert (first.loss, first.optimizer, first.bias, first.init) == ("auto", "sgd", 0.1, "uniform")
    assert first.epochs >= 1000 and first.activations == () and first.hidden_activations == ("tanh", "tanh")
    assert first.dropout == first.early_stopping == 0 and not first.batch_norm


def test_without_layers_of_their_own_width_and_depth_make_the_layers(lab):
    assert LABS["playground"](widths=(), width=5, depth=3).settings.widths == (5, 5, 5)
    link = Lab.from_link("#playground?v=1&widths=&width=7&depth=2")
    assert (link.settings.widths, link.settings.depth) == ((7, 7), 0)
    link.view.value_widths = []
    assert link.engine.settings.hidden_widths == ()


def test_a_layer_may_follow_the_common_activation(lab):
    lab.view.value_widths, lab.view.value_activations = [3, 3, 3], ["common", "relu"]
    assert lab.engine.settings.hidden_activations == ("tanh", "relu", "tanh")
    lab.controls["activation"].widget.value = "sigmoid"
    assert lab.engine.settings.hidden_activations == ("sigmoid", "relu", "sigmoid")
    assert Lab.from_link(lab.link).settings == lab.settings
    assert "['sigmoid', 'relu', 'sigmoid']" in lab.code("nnlib").replace('"', "'")


# --- data: as stated, on the data that the lab makes ------------------------------------------------------------


def data_of(name, noise=0.0, seed=0):
    data = make_data(START.with_(dataset=name, noise=noise, seed=seed))
    return np.vstack([data.X, data.X_test]), np.concatenate([data.y, data.y_test])


@pytest.mark.parametrize("name", [*CLASSIFICATION, *REGRESSION])
def test_sizes_the_split_and_the_task(name):
    count = 1200 if name in REGRESSION else 500
    for share in (0.1, 0.3, 0.5, 0.9):
        data = make_data(START.with_(dataset=name, train_share=share))
        assert len(data.X) == np.floor(count * share + 1e-9) and len(data.X) + len(data.X_test) == count
    assert data.task == ("regression" if name in REGRESSION else "binary")


def test_circle():
    X, y = data_of("circle")
    r = np.linalg.norm(X, axis=1)
    assert (r[y == 1] <= 2.5).all() and (r[y == -1] >= 3.5).all() and r.max() <= 5 and (y == 1).sum() == 250
    moved, labels = data_of("circle", noise=0.2)
    assert np.array_equal(moved, X)
    flipped = labels != y
    assert flipped.any() and (np.abs(r[flipped] - 2.5) <= 5 * 0.2 * np.sqrt(2)).all()


def test_xor():
    X, y = data_of("xor")
    assert (y == np.where(X[:, 0] * X[:, 1] >= 0, 1, -1)).all()
    assert np.abs(X).min() >= 0.3 and 5 < np.abs(X).max() <= 5.3
    moved, labels = data_of("xor", noise=0.2)
    assert np.array_equal(moved, X) and (labels != y).any()
    assert (np.abs(X)[labels != y].min(axis=1) <= 5 * 0.2).all()


@pytest.mark.parametrize("noise", [0, 0.5])
def test_gauss(noise):
    clouds = [data_of("gauss", noise, seed) for seed in range(8)]
    X, y = (np.concatenate(parts) for parts in zip(*clouds))
    for label in (1, -1):
        cloud = X[y == label]
        assert len(cloud) == 2000
        np.testing.assert_allclose(cloud.mean(axis=0), 2 * label, atol=5 * np.sqrt((0.5 + 7 * noise) / 2000))
        np.testing.assert_allclose(cloud.var(axis=0), 0.5 + 7 * noise, rtol=0.15)


def test_spiral():
    X, y = data_of("spiral")
    for label, turned in ((1, 0), (-1, np.pi)):
        arm = X[y == label]
        arm = arm[np.argsort(np.linalg.norm(arm, axis=1))]
        i = np.arange(250)
        t = 1.75 * 2 * np.pi * i / 250 + turned
        np.testing.assert_allclose(arm, 5 * i[:, None] / 250 * np.stack([np.sin(t), np.cos(t)], axis=1), atol=1e-12)
    moved, labels = data_of("spiral", noise=0.3)
    assert np.array_equal(labels, y) and 0.29 < np.abs(moved - X).max() <= 0.3 + 1e-12


def test_plane():
    X, y = data_of("plane")
    assert 5.9 < np.abs(X).max() <= 6
    np.testing.assert_allclose(y, X.sum(axis=1) / 10, atol=1e-14)
    moved, values = data_of("plane", noise=0.5)
    assert np.array_equal(moved, X) and 0.4 < np.abs(values - y).max() <= 2 * 6 * 0.5 / 10


def test_bumps():
    X, y = data_of("bumps")
    centres = {(-4, 2.5): 1, (0, 2.5): -1, (4, 2.5): 1, (-4, -2.5): -1, (0, -2.5): 1, (4, -2.5): -1}
    distance = np.linalg.norm(X[:, None] - np.array(list(centres)), axis=2)
    heights = np.clip(1 - distance / 2, 0, 1) * np.array(list(centres.values()))
    largest = heights[np.arange(len(X)), np.abs(heights).argmax(axis=1)]
    np.testing.assert_allclose(y, largest, atol=1e-14)
    moved, values = data_of("bumps", noise=0.5)
    assert np.array_equal(moved, X) and (values != y).mean() > 0.3 and np.abs(values).max() <= 1


# --- the model ------------------------------------------------------------------------------------------------


def weights_and_biases(network):
    return network.parameters[network.is_weight], network.parameters[~network.is_weight]


def test_initial_weights_and_biases():
    weights, biases = weights_and_biases(Run(START.with_(widths=(8,) * 6)).network)
    assert (biases == 0.1).all()
    assert 0.48 < np.abs(weights).max() <= 0.5 and abs(weights.var() - 1 / 12) < 0.015


def test_outputs_and_loss():
    for name, output in (("circle", np.tanh), ("plane", lambda z: z)):
        run = Run(START.with_(dataset=name, l1=1.0, l2=1.0))
        # The last layer's own sum, by a network without the last activation.
        bare = nnlib.mlp([2, 4, 2, 1], activation="tanh", output="identity", rng=CounterGenerator(0))
        bare.parameters[:] = run.network.parameters
        np.testing.assert_allclose(run.evaluate(run.data.X), output(bare(run.data.X)), atol=1e-12)
        half_squares = 0.5 * np.mean((run.evaluate(run.data.X)[:, 0] - run.data.y) ** 2)
        assert run.metrics()["train_loss"] == pytest.approx(half_squares, abs=1e-12)  # the penalty is not in it
        assert run.metrics()["penalty"] > 0


def one_step(**penalties):
    """Parameters before and after one step over all training points, with the gradient of the loss alone."""
    plain, run = (Run(START.with_(batch_size=250, **more)) for more in ({}, penalties))
    before = run.network.parameters.copy()
    plain.advance(), run.advance()
    gradient = (before - plain.network.parameters) / START.learning_rate
    return before, run.network.parameters.copy(), gradient, run.network


def test_a_step_takes_the_mean_gradient_and_the_penalty_of_the_weights_alone():
    before, after, gradient, network = one_step(l2=0.3)
    fresh = Run(START)
    _, expected = fresh.network.loss_and_gradient(fresh.data.X, fresh.data.y, loss="half_mse")
    np.testing.assert_allclose(gradient, expected, atol=1e-9)
    decay = np.where(network.is_weight, 0.3 * before, 0)
    np.testing.assert_allclose(after, before - 0.03 * (gradient + decay), atol=1e-12)


def test_an_l1_step_that_crosses_zero_stops_there():
    before, after, gradient, network = one_step(l1=1.0)
    free = before - 0.03 * gradient
    shrunk = np.sign(free) * np.maximum(np.abs(free) - 0.03 * 1.0, 0)
    np.testing.assert_allclose(after, np.where(network.is_weight, shrunk, free), atol=1e-12)
    _, dead, _, _ = one_step(l1=100.0)
    assert (dead[network.is_weight] == 0).all() and (dead[~network.is_weight] != 0).all()


def test_the_surface_reaches_from_minus_6_to_6_orange_is_minus_1_and_blue_plus_1():
    assert re.search(r"export const EXTENT = 6;", (WEB / "picture.js").read_text())
    css = (WEB / "lab.css").read_text()
    for colour, blue in (("field-0", False), ("class-0", False), ("field-1", True), ("class-1", True)):
        for found in re.findall(rf"--nnlib-{colour}: #(\w\w)\w\w(\w\w);", css):
            red, more_blue = (int(part, 16) for part in found)
            assert (more_blue > red) == blue, colour


# --- its defects, which ours does not have ----------------------------------------------------------------------


def test_the_order_is_shuffled_anew_in_each_epoch():
    trainer = Run(START).trainer
    orders = []
    for _ in range(2):
        trainer.advance(1)
        orders.append(trainer._order.copy())
        trainer.advance(24)
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(250)) and not np.array_equal(*orders)


def test_a_restart_begins_with_the_same_weights_and_lambda_may_change_in_mid_run(lab):
    assert np.array_equal(Run(lab.settings).network.parameters, Run(lab.settings).network.parameters)
    assert "continue_run" in lab.controls
    run = Run(START)
    run.advance(10)
    run.change("l2", 0.1)
    run.advance(10)
    assert run.step == 20 and run.changes == [(10, "l2", 0.1)]


def test_a_run_that_explodes_ends_with_a_sentence():
    run = Run(START.with_(dataset="plane", activation="relu", learning_rate=10.0)).to_end()
    assert run.diagnosis.name == "diverged" and "Lower it" in run.diagnosis.text


# --- what ours adds -----------------------------------------------------------------------------------------------

#: what is added → the field that offers it, and what must be among its choices
ADDED = {
    "cross-entropy, hinge and Huber": ("loss", {"auto", *nnlib.LOSSES}),
    "all optimisers": ("optimizer", set(nnlib.OPTIMIZERS)),
    "all initialisers": ("init", set(nnlib.INITIALIZERS)),
    "all activations with a slope": ("activation", set(nnlib.ACTIVATIONS) - {"step", "sign"}),
    "four classes, more data sets, own points": ("dataset", {*TOY, "own"}),
    "larger batches": ("batch_size", {50, 100, 250}),
    "a stop condition": ("early_stopping", {0, 10, 100}),
    "longer runs": ("epochs", {1000, 10_000}),
}


@pytest.mark.parametrize("added", ADDED)
def test_what_ours_adds_can_be_chosen(lab, added):
    field, names = ADDED[added]
    assert names <= set(lab.controls[field].choices)


def test_each_layer_has_an_activation_of_its_own_dropout_and_batch_norm(lab):
    entry = next(entry for entry in lab.view.schema if entry["field"] == "activations")
    assert entry["kind"] == "list" and entry["most"] == 6 and set(nnlib.ACTIVATIONS) < set(entry["choices"])
    lab.controls["dropout"].widget.value, lab.controls["batch_norm"].widget.value = 0.5, True
    kinds = [type(layer).__name__ for layer in Run(lab.engine.settings).network.layers]
    assert kinds.count("Dropout") == kinds.count("BatchNorm") == 2


def test_four_classes_have_four_outputs():
    run = Run(PLAYGROUND.presets["four_classes"])
    assert run.network.widths[-1] == 4 and run.trainer.loss.name == "cross_entropy"


def test_the_link_restores_everything_and_the_scripts_reproduce_it(lab):
    changed = START.with_(
        dataset="bumps",
        noise=0.35,
        train_share=0.9,
        features=("x2", "x1_x2", "sin_x1"),
        widths=(7, 1, 5),
        activations=("relu", "common", "gelu"),
        activation="elu",
        loss="huber",
        init="he_normal",
        bias=-0.3,
        optimizer="nesterov",
        learning_rate=0.003,
        l1=0.01,
        l2=0.003,
        batch_size=29,
        dropout=0.2,
        batch_norm=True,
        early_stopping=50,
        epochs=100,
        seed=77,
        show_test=True,
        discretise=True,
    )
    differing = [name for name in PLAYGROUND.fields if getattr(changed, name) == getattr(START, name)]
    assert differing == ["continue_run"]  # the table above leaves nothing out
    opened = Lab.from_link("#playground?" + changed.to_query())
    assert opened.settings == changed and opened.problems == []
    for kind in ("nnlib", "torch"):
        compile(script(changed, kind), kind, "exec")


#: what is added → keys of the words that stand on what offers it; tests/browser/test_playground.py presses them
OFFERED = {
    "step by batch and epoch": ("step_batch", "step_epoch"),
    "A/B": ("freeze", "swap"),
    "rewind": ("rewind", "go_on"),
    "sweep map": ("sweep",),
    "confusion matrix and accuracy": ("plot_confusion", "plot_accuracy", "test_accuracy"),
    "live weights": ("plot_weights", "panel_value"),
    "own points": ("edit", "csv_loaded", "edit_keys"),
    "the doctor": ("doctor_diverged", "gentler", "cure_part"),
    "the link": ("link", "link_page"),
    "show me the Python": ("python", "tab_torch"),
    "a text summary": ("says_training", "surface_label", "curves_label", "network_label"),
}


@pytest.mark.parametrize("added", OFFERED)
def test_what_the_view_offers_is_there_in_words(added):
    source = "".join(path.read_text() for path in WEB.glob("*.js"))
    for key in OFFERED[added]:
        assert MESSAGES[key]
        stem = key if key in source else key.rpartition("_")[0]
        assert stem in source, f"{added}: no module says {key}"


# --- presets: each shows what it is there for ---------------------------------------------------------------------


@pytest.mark.parametrize("name", PLAYGROUND.presets)
def test_a_preset_has_a_button_and_differs_only_in_what_the_controls_can_set(lab, name):
    preset = PLAYGROUND.presets[name]
    assert MESSAGES[f"preset_playground_{name}"]
    values = lab.view.presets[name]
    assert START.with_(**values, show_test=preset.show_test) == preset
    lab.engine.set(preset)
    lab._move_controls(preset)
    assert lab._read_controls() == preset
    assert LABS["playground"](name).settings == preset


def end_of(name, **settings):
    return Run(PLAYGROUND.presets[name].with_(**settings)).to_end().metrics()


def test_presets_reach_what_they_promise():
    assert end_of("start", epochs=200)["test_loss"] < 0.05
    assert end_of("product", epochs=30)["test_accuracy"] == 1
    assert end_of("spiral", epochs=400)["test_loss"] < 0.04
    assert end_of("four_classes", epochs=50)["test_accuracy"] > 0.97
    assert end_of("values", epochs=50)["test_loss"] < 0.02
    assert end_of("own", epochs=60)["test_accuracy"] == 1
    assert end_of("deep")["test_loss"] < 0.02
    assert end_of("deep", batch_norm=False)["test_loss"] > 0.45


def test_dropout_cures_what_the_preset_before_it_shows():
    overfit, dropped = end_of("overfit"), end_of("dropout")
    assert overfit["train_loss"] < 0.05 and overfit["test_loss"] > 0.25
    assert dropped["train_loss"] > overfit["train_loss"] and dropped["test_loss"] < 0.75 * overfit["test_loss"]


def test_the_picture_and_its_words_tell_of_inputs_and_layers():
    lab = LABS["playground"]("product", epochs=5)
    assert "no hidden layer" in lab.alt and "x1_x2" in lab.alt
    assert len(lab.figure().axes) >= 2
    assert "Its inputs" not in LABS["playground"](epochs=1).alt
    assert isinstance(lab.settings, Settings)
