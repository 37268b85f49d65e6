"""Labs without a browser: the real widgets and their real callbacks (the kernel's engine: test_lab_engine)."""

import math
import random
import re

import ipywidgets as widgets
import numpy as np
import pytest

import nnlib
from nnlib.labs import LABS, SceneLab
from nnlib.labs.run import Run
from nnlib.labs.vary_capacity import CAPACITY
from tests.live_labs import extremes, move, sliders


def run_shortly(lab):
    """Train the run that the controls describe for an epoch: it must be finite or diagnosed."""
    if isinstance(lab, SceneLab):  # nothing to train: what it shows must be numbers
        assert all(value is None or math.isfinite(value) for value in lab.run().values()), lab.settings
        return
    try:
        run = Run(lab.engine.settings)
    except ValueError as error:  # a loss for another kind of task: the lab says so
        assert re.match(r"the loss \w+ does not fit a \w+ task; fitting: ", str(error)), lab.engine.settings
        return
    run.advance_epoch()
    assert run.diagnosis or run.metrics()["train_loss"] is not None, lab.engine.settings


@pytest.mark.parametrize("name", LABS)
def test_every_control_through_its_whole_range(live, name):
    lab = LABS[name]()
    for control in lab.controls.values():
        before = control.raw()
        for value in extremes(control):
            move(control, value)
            assert getattr(lab.engine.settings, control.field) == control.value
            run_shortly(lab)
        move(control, before)


@pytest.mark.parametrize("name", LABS)
@pytest.mark.parametrize("seed", range(4))
def test_random_combinations_of_controls(live, name, seed):
    fuzz(LABS[name](), random.Random(seed), moves=12)


@pytest.mark.fuzz
@pytest.mark.parametrize("name", LABS)
@pytest.mark.parametrize("seed", range(10))
def test_many_random_combinations_of_controls(live, name, seed):
    fuzz(LABS[name](), random.Random(1000 + seed), moves=50)


def fuzz(lab, chance, moves):
    for _ in range(moves):
        for control in chance.sample(list(lab.controls.values()), 3):
            move(control, chance.choice(list(extremes(control))))
        run_shortly(lab)


def test_the_view_is_linked_to_every_control(live):
    lab = LABS["capacity"]()
    links = [w for w in widgets.Widget.get_manager_state()["state"].values() if w["model_name"] == "LinkModel"]
    targets = {link["state"]["target"][1] for link in links if lab.view.model_id in link["state"]["target"][0]}
    assert targets == {f"value_{field}" for field in lab.controls}
    assert {entry["field"] for entry in lab.view.schema} == set(lab.controls)


def test_a_value_between_the_notches_gets_a_notch_of_its_own(live):
    lab = LABS["capacity"](learning_rate=0.05, l2=0.0042)
    assert lab.controls["learning_rate"].value == 0.05
    assert lab.controls["l2"].value == 0.0042
    assert lab.settings.learning_rate == 0.05


def test_a_slider_means_the_decimals_at_its_steps(live):
    dusty = set()
    for name, control, computed, meant in sliders():
        for value, decimal in zip(computed, meant):
            control.widget.value = value
            assert str(control.value) == str(decimal), (name, control.field)  # no −0.0 either
            dusty |= {(name, control.field)} if value != decimal else set()
    assert ("playground", "bias") in dusty
    lab = LABS["playground"]()
    lab.controls["bias"].widget.value = -1 + 11 * 0.1
    assert lab.settings.bias == 0.1 and "&bias=0.1&" in lab.link
    lab.controls["bias"].widget.value = 1 / 3
    assert lab.settings.bias == 1 / 3


def test_headless_a_lab_trains_to_its_end_and_keeps_the_finished_run():
    lab = LABS["capacity"](epochs=5)
    assert lab.view.saved["epoch"] == 5
    assert lab.view.saved["status"] == "finished"
    assert lab.view.saved["curve"]["epoch"] == [0, 1, 2, 3, 4, 5]
    parameters = np.frombuffer(lab.view.saved_parameters, np.float32)
    assert np.allclose(parameters, Run(lab.settings).to_end().network.parameters, atol=1e-6)
    data, metadata = lab._repr_mimebundle_()
    assert {"application/vnd.jupyter.widget-view+json", "image/png", "text/plain"} == set(data)
    assert "after 5 epochs: train loss" in metadata["image/png"]["alt"]


def test_run_figure_and_code_agree_with_the_settings():
    lab = LABS["capacity"](dataset="moons", width=3, epochs=3)
    run = lab.run()
    assert run.epoch == 3 and run.network.widths == [2, 3, 3, 1]
    assert len(lab.figure().axes) >= 2
    assert "[2, 3, 3, 1]" in lab.code("nnlib") and "nn.Linear(2, 3)" in lab.code("torch")


def test_headless_a_lab_of_layers_and_features_keeps_statistics_and_draws_its_plane():
    features = ("x1", "x2", "sin_x1")
    trained = {"batch_norm": True, "dropout": 0.1, "early_stopping": 3, "epochs": 4}
    lab = LABS["capacity"](widths=(5, 3), activations=("relu",), features=features, **trained)
    network = lab.engine.run.network
    saved = np.frombuffer(lab.view.saved_parameters, np.float32)
    assert np.allclose(saved, np.concatenate([network.parameters, network.statistics]), atol=1e-6)
    assert lab.view.fixed["widths"] == [5, 3] and lab.view.fixed["features"] == ["x1", "x2", "sin_x1"]
    assert len(lab.figure().axes) >= 2
    assert lab.alt.startswith("A network with 2 hidden layers of 5 relu and 3 tanh units on the spiral data, after")


@pytest.mark.parametrize("preset", CAPACITY.presets)
def test_every_preset_opens(live, preset):
    assert nnlib.labs.capacity(preset).settings == CAPACITY.presets[preset]


def test_start_and_spiral_learn_the_spiral_and_the_noisy_disc_overfits():
    start, spiral, overfit = (Run(CAPACITY.presets[name]).to_end().metrics() for name in CAPACITY.presets)
    assert spiral["test_loss"] < 0.02 < start["test_loss"] < 0.045
    assert overfit["train_loss"] < 0.01 < 0.2 < overfit["test_loss"]


def test_the_spiral_preset_is_learned_within_350_epochs():
    assert Run(CAPACITY.presets["spiral"].with_(epochs=350)).to_end().metrics()["test_loss"] < 0.05


def test_an_unknown_preset_names_the_known_ones(live):
    with pytest.raises(ValueError, match=r"unknown preset 'spirale'. Did you mean 'spiral'\? Known: start, spiral"):
        nnlib.labs.capacity("spirale")
