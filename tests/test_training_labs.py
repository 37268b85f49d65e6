"""The labs xor, folding and regularization: each preset shows what its name says, and a button can reach it."""

import numpy as np
import pytest
from matplotlib.contour import QuadContourSet

from nnlib import mlp, sequential
from nnlib.datasets import corners, moons
from nnlib.labs import LABS, Lab, Settings, plan_of
from nnlib.labs.lab import Plan
from nnlib.labs.messages import MESSAGES
from nnlib.labs.parts import FIGURES, PARTS, centres, dropped_units, truth_table, weight_numbers
from nnlib.labs.run import Run
from nnlib.layers import BatchNorm, Dense, Dropout, Residual
from nnlib.plots import hidden_space
from nnlib.random import CounterGenerator

NEW = ("xor", "folding", "regularization")
PLANS = [plan for plan in map(plan_of, LABS) if isinstance(plan, Plan)]


def ends(name, preset, **changes):
    return Run(plan_of(name).presets[preset].with_(**changes)).to_end()


# --- plans ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plan", [plan for plan in PLANS if "presets" in plan.parts], ids=lambda plan: plan.name)
def test_a_button_can_reach_every_preset(plan):
    """The view moves controls: what no control shows, or not with that value, it could not change."""
    lab = Lab(plan, plan.defaults)
    for name, preset in plan.presets.items():
        start, wanted = plan.defaults.to_json(), preset.to_json()
        for field in (field for field in wanted if wanted[field] != start[field] and not field.startswith("points")):
            control = lab.controls[field]
            if control.choices:
                assert wanted[field] in control.choices, (name, field)
        assert set(lab.view.presets[name]) <= {*lab.controls, "points", "points_task"}
        assert f"preset_{plan.name}_{name}" in lab.view.messages


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)
def test_parts_and_plots_exist(plan):
    assert set(plan.parts) <= set(PARTS) and set(FIGURES) <= set(PARTS)
    assert plan.plot in ("loss", "accuracy", "weights", "confusion")


SENSITIVE = [(plan.name, name) for plan in PLANS for name in plan.sensitive]
#: what is changed → whether the run is still that of the preset
MOVED = {
    "nothing": ({}, True),
    "what steers the lab": ({"show_test": True, "discretise": True, "continue_run": True, "pace": 7}, True),
    "points of another data set": ({"points": [(0, 0, 1), (1, 1, -1)]}, True),
    "units that other fields replace": ({"width": 3, "depth": 4}, True),
    "a weight, by hand": ({"changes": ((0, "p0", 0.1),)}, True),
    "λ in mid-run": ({"changes": ((7, "l2", 0.1),)}, False),
    "the seed": ({"seed": 5}, False),
    "the loss": ({"loss": "mse"}, False),
    "the layers": ({"widths": (8, 7)}, False),
}


@pytest.mark.parametrize("change", MOVED)
@pytest.mark.parametrize("name, preset", SENSITIVE)
def test_words_say_of_a_sensitive_run_that_it_is_one(name, preset, change):
    values, said = MOVED[change]
    lab = LABS[name](preset, **values)
    lab.engine.run = Run(lab.settings.with_(stop=10)).to_end()
    assert lab.alt.endswith(MESSAGES["sensitive"]) == said


def test_of_the_other_presets_nothing_is_said():
    for plan in PLANS:
        for name in set(plan.presets) - set(plan.sensitive):
            lab = LABS[plan.name](name)
            lab.engine.run = Run(lab.settings)
            assert MESSAGES["sensitive"] not in lab.alt, (plan.name, name)


def test_a_script_makes_the_four_corners():
    lab = LABS["xor"](epochs=2)
    assert "data = nnlib.datasets.corners()" in lab.code("nnlib")
    assert "(-3, -3, -1), (-3, 3, 1), (3, -3, 1), (3, 3, -1),\n]\ntest = train\n" in lab.code("torch")


# --- XOR --------------------------------------------------------------------------------------------------------


def test_the_corners_train_and_test_alike():
    data = corners()
    assert data.X.tolist() == data.X_test.tolist() and data.y.tolist() == data.y_test.tolist() == [-1, 1, 1, -1]
    assert Run(Settings(dataset="corners", noise=0.4, train_share=0.2)).data.X.tolist() == data.X.tolist()


def test_two_hidden_units_solve_xor_and_one_neuron_cannot():
    assert [row["right"] for row in truth_table(ends("xor", "start"))] == [True] * 4
    alone = ends("xor", "one_neuron")
    assert alone.metrics()["train_loss"] > 0.49 and sum(row["right"] for row in truth_table(alone)) == 3
    assert truth_table(alone)[0]["hidden"] == []


def test_stuck_seeds_take_two_corners_for_one():
    for seed in (4, 5, 9, 16):
        run = ends("xor", "stuck", seed=seed)
        assert 0.24 < run.metrics()["train_loss"] < 0.26
        rows = truth_table(run)
        undecided = [row for row in rows if abs(row["output"]) < 0.1]
        assert len(undecided) == 2 and sum(row["wanted"] for row in undecided) == 0
        np.testing.assert_allclose(undecided[0]["hidden"], undecided[1]["hidden"], atol=0.05)


def test_four_units_learn_the_quadrants():
    metrics = ends("xor", "quadrants").metrics()
    assert metrics["test_loss"] < 0.02 and metrics["test_accuracy"] > 0.98


# --- folding ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", plan_of("folding").presets)
def test_behind_the_last_layer_a_line_separates_the_classes(preset):
    run = ends("folding", preset)
    assert run.metrics()["test_loss"] < 0.03 and run.metrics()["test_accuracy"] > 0.98
    low, high = centres(run)
    assert (low[0], high[0]) == (-1, 1) and np.hypot(low[1] - high[1], low[2] - high[2]) > 0.5


def test_centres_of_a_layer_of_one_unit_and_of_values():
    run = Run(Settings(dataset="bumps", widths=(3, 1), epochs=1))
    ((label, first, second),) = centres(run)
    assert label is None and second == 0
    assert first == pytest.approx(run.network.hidden(run.data.X)[-1].mean())


# --- regularisation ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cures():
    return {name: ends("regularization", name) for name in plan_of("regularization").presets}


def test_each_cure_narrows_the_gap_and_lowers_the_test_loss(cures):
    metrics = {name: run.metrics() for name, run in cures.items()}
    gap = {name: each["test_loss"] - each["train_loss"] for name, each in metrics.items()}
    assert metrics["start"]["train_loss"] < 0.02 and gap["start"] > 0.2
    for name in set(cures) - {"start"}:
        assert gap[name] < 0.9 * gap["start"], name
        assert metrics[name]["test_loss"] < 0.9 * metrics["start"]["test_loss"], name


def test_each_cure_leaves_its_own_mark(cures):
    numbers = {name: weight_numbers(run) for name, run in cures.items()}
    assert numbers["l1"]["zeros"] > 0.95 * numbers["l1"]["weights"] and numbers["l2"]["zeros"] == 0
    assert max(numbers["l1"]["size"], numbers["l2"]["size"]) < 0.1 * numbers["start"]["size"]
    assert numbers["dropout"]["size"] > 0.9 * numbers["start"]["size"]  # its gap shrinks by other means
    assert numbers["batch_norm"]["dead"] == 0 < numbers["start"]["dead"]
    early = cures["early_stopping"]
    assert early.stopped_early and early.best_epoch < early.epoch < 100


def test_the_numbers_of_a_diverged_network_are_still_numbers():
    run = Run(Settings(dataset="plane", activation="relu", learning_rate=10.0, optimizer="sgd", epochs=5)).to_end()
    assert run.diagnosis
    assert weight_numbers(run)["units"] == 16


MASKED = {
    "rings": Settings(dataset="rings", dropout=0.2, seed=6),
    "short last batch": Settings(dataset="checkerboard", widths=(5, 4), dropout=0.5, batch_norm=True, batch_size=30),
    "single examples": Settings(dataset="circle", train_share=0.1, width=3, depth=1, dropout=0.9, batch_size=1),
}


@pytest.mark.parametrize("name", MASKED)
def test_what_is_told_of_dropout_is_what_the_layers_drew(name, monkeypatch):
    drawn, forward = [], Dropout.forward

    def recording(layer, x, space):
        outputs = forward(layer, x, space)
        drawn.append(space.mask == 0)
        return outputs

    monkeypatch.setattr(Dropout, "forward", recording)
    run = Run(MASKED[name])
    assert dropped_units(run) is None
    for _ in range(60):
        drawn.clear()
        run.advance()
        told = dropped_units(run)
        assert told["first"] == [mask[0].tolist() for mask in drawn]
        assert told["examples"] == len(drawn[0])
        assert told["share"] == np.mean(np.concatenate(drawn, axis=1))


def test_no_mask_is_told_where_none_was_drawn_or_other_weights_have_come_back():
    for settings in (Settings(), Settings(dropout=0.5, depth=0)):
        run = Run(settings)
        run.advance()
        assert dropped_units(run) is None
    run = ends("regularization", "early_stopping", dropout=0.5, early_stopping=2)
    assert run.stopped_early and dropped_units(run) is None


# --- figures ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NEW)
def test_the_figure_shows_the_parts_and_the_words_tell_them(name):
    lab = LABS[name](epochs=3)
    assert len(lab.figure().axes) >= 3
    sentence = {
        "xor": "Truth table: ",
        "folding": "Hidden layer 1 sends class −1",
        "regularization": "weights are exactly",
    }
    assert sentence[name] in lab.alt


@pytest.mark.parametrize("dataset", ["blobs", "bumps", "corners"])
@pytest.mark.parametrize("widths", [(1,), (2,), (3, 4)])
def test_figures_of_every_task_and_width(dataset, widths):
    lab = LABS["folding"](dataset=dataset, widths=widths, epochs=1)
    assert lab.figure() and lab.alt
    lab = LABS["xor"](dataset="own", points=[(1, 1, 0), (2, 2, 1), (0, 3, 2)], epochs=1, depth=0)
    assert lab.figure() and lab.alt


def test_a_hidden_space_that_is_not_there_is_refused_in_words():
    data = moons(rng=CounterGenerator(0))
    start = {"activation": "tanh", "output": "tanh", "init": "xavier_uniform"}
    deep, flat, wide = (mlp(sizes, rng=CounterGenerator(0), **start) for sizes in ([2, 3, 1], [2, 1], [4, 3, 1]))
    assert hidden_space(deep, data, units=(0, 2)).get_xlabel() == "hidden unit 1"
    with pytest.raises(ValueError, match="0 hidden layers"):
        hidden_space(flat, data)
    with pytest.raises(ValueError, match="two of the 3 units"):
        hidden_space(deep, data, units=(0, 3))
    with pytest.raises(ValueError, match="takes 4 inputs"):
        hidden_space(wide, data)


def test_a_hidden_space_is_that_of_the_layer_it_is_asked_for():
    data = moons(n=60, rng=CounterGenerator(0))
    net = sequential(
        2, [Dense(4), Dense(2), "tanh", Residual([Dense(3), "relu", Dense(2)]), Dense(1)], rng=CounterGenerator(0)
    )
    for layer, hidden in enumerate(net.hidden(data.X)):
        low, high = hidden_space(net, data, layer=layer).get_xlim()
        assert low <= hidden[:, 0].min() and hidden[:, 0].max() <= high < low + 1.3 * np.ptp(hidden[:, 0]), layer
    with pytest.raises(ValueError, match="2 hidden layers"):
        hidden_space(net, data, layer=2)


@pytest.mark.parametrize(
    "layers, drawn",
    [
        ([Dense(2), "tanh", Dense(1)], True),
        ([Dense(2), BatchNorm(), "tanh", Dropout(0.5), Dense(1), "prelu"], True),
        ([Dense(2), "tanh", Residual([Dense(2)]), Dense(1)], False),
    ],
)
def test_the_line_where_the_output_turns_is_drawn_where_the_output_reads_the_units(layers, drawn):
    data = moons(n=60, rng=CounterGenerator(0))
    net = sequential(2, layers, rng=CounterGenerator(0))
    dense = [layer for layer in net.layers if isinstance(layer, Dense)][-1]
    hidden = net.hidden(data.X)[-1]
    dense.W[...], dense.b[0] = [[1.0], [-1.0]], 0.5 * (hidden[:, 1] - hidden[:, 0]).mean() - 0.01
    lines = [each for each in hidden_space(net, data).collections if isinstance(each, QuadContourSet)]
    assert len(lines) == drawn
    for line in lines:
        np.testing.assert_allclose(line.get_paths()[0].vertices @ [1, -1] + dense.b[0], 0, atol=1e-9)
