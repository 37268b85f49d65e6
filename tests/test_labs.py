"""Labs without a browser: the real widgets, their real callbacks, and the kernel's engine on a real event loop."""

import asyncio
import itertools
import math
import random
import re
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import ipywidgets as widgets
import numpy as np
import pytest

import nnlib
from nnlib.labs import LABS, Lab, SceneLab
from nnlib.labs.kernel import IN_FLIGHT
from nnlib.labs.run import Run
from nnlib.labs.vary_capacity import CAPACITY


@pytest.fixture
def live(monkeypatch):
    """Labs as a reader meets them: nothing is trained before a view says hello."""
    monkeypatch.delenv("NNLIB_HEADLESS", raising=False)


def extremes(control):
    """Every value of a control's dropdown; least, middle and largest of a slider."""
    if control.choices:
        return range(len(control.choices))
    if isinstance(control.widget, widgets.Checkbox):
        return (True, False)
    if control.kind == "text":
        return ("", "1 2 1")
    if control.kind == "list":
        return extreme_lists(**control.schema())
    low, high = control.widget.min, control.widget.max
    return (low, (low + high) // 2 if isinstance(low, int) else (low + high) / 2, high)


def extreme_lists(least, most, choices=(), min=0, max=0, **_):
    """The shortest and the longest list, of the first and the last entries that may stand in it."""
    if not choices:
        return ([min] * least, [max], [min, max, min], [min] * most)
    return (choices[:1], choices[-most:], choices[-least:]) if least else ([], choices[:2], choices[-most:])


def move(control, value):
    """What a reader's hand does."""
    setattr(control.widget, control.linked, value)


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


def sliders():
    """Each slider of decimals with the numbers it computes, as floats, and those that it means."""
    for name, control in [(name, control) for name, make in LABS.items() for control in make().controls.values()]:
        widget = control.widget
        if isinstance(widget, widgets.FloatSlider):
            low, step = Decimal(str(widget.min)), Decimal(str(widget.step))
            count = int((Decimal(str(widget.max)) - low) / step)
            meant = [float(low + k * step) for k in range(count + 1)]
            yield name, control, [widget.min + k * widget.step for k in range(count + 1)], meant


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


# --- the kernel's engine on a real event loop; only the far end of the line is played here ----------------------


class Line:
    """The far end of a lab's line: what a view would receive, and what it would answer."""

    def __init__(self, lab):
        self.lab, self.frames, self.messages = lab, [], []
        lab.engine._send = self.receive

    def receive(self, content, buffers):
        self.messages.append(content["kind"])
        if content["kind"] == "frame":
            self.frames.append(SimpleNamespace(**content, parameters=np.frombuffer(buffers[0], np.float32)))

    def say(self, kind, **content):
        self.lab._on_message(self.lab.view, {"kind": kind, **content}, [])

    async def paint(self, until, limit=10.0):
        """Acknowledge frames until one of them satisfies a condition."""
        end = asyncio.get_running_loop().time() + limit
        while not (self.frames and until(self.frames[-1])):
            assert asyncio.get_running_loop().time() < end, f"gave up; last frame {self.frames[-1:]}"
            if self.frames:
                self.say("ack", frame=self.frames[-1].frame)
            await asyncio.sleep(0.002)


def tasks(lab):
    return [task for task in asyncio.all_tasks() if task.get_name() == f"nnlib-{lab.lab_id}"]


def on_loop(scenario, **settings):
    """Run a scenario with a live lab on an event loop of its own."""

    async def main():
        lab = nnlib.labs.capacity(**{"epochs": 40, "batch_size": 10, "pace": 0, **settings})
        await scenario(lab, Line(lab))

    asyncio.run(main())


def test_a_run_is_streamed_to_its_end_and_equals_the_run_without_a_view(live):
    async def scenario(lab, line):
        line.say("hello")
        assert line.messages[0] == "welcome"
        await line.paint(lambda frame: frame.status == "finished")
        last = line.frames[-1]
        alone = Run(lab.settings).to_end()
        assert last.epoch == 40 and last.train_loss == alone.metrics()["train_loss"]
        assert np.array_equal(last.parameters, alone.network.parameters.astype(np.float32))
        curve = list(itertools.chain.from_iterable(frame.curve for frame in line.frames))
        assert [point[0] for point in curve] == list(range(41))
        await asyncio.sleep(0.05)
        assert tasks(lab) == []

    on_loop(scenario)


def test_no_more_than_two_frames_are_in_flight_and_a_hidden_lab_rests(live):
    async def scenario(lab, line):
        line.say("hello")
        await asyncio.sleep(0.3)
        assert len(line.frames) == IN_FLIGHT
        line.say("visible", visible=False)
        line.say("ack", frame=line.frames[-1].frame)
        await asyncio.sleep(0.1)
        assert len(line.frames) == IN_FLIGHT
        line.say("visible", visible=True)
        await line.paint(lambda frame: frame.status == "finished")

    on_loop(scenario)


def test_thirty_quick_moves_leave_one_task_and_the_newest_settings(live):
    async def scenario(lab, line):
        line.say("hello")
        for move_number in range(30):
            move(lab.controls["width"], 2 + move_number % 9)
            await asyncio.sleep(0.001)
        assert len(tasks(lab)) == 1
        await line.paint(lambda frame: frame.status == "finished")
        assert line.frames[-1].revision == 30
        assert line.frames[-1].settings["width"] == lab.controls["width"].value
        assert len(line.frames[-1].parameters) == lab.engine.run.network.parameters.size

    on_loop(scenario)


def test_rate_and_penalty_can_join_the_run_and_are_logged(live):
    async def scenario(lab, line):
        line.say("hello")
        await line.paint(lambda frame: frame.status == "finished")
        move(lab.controls["l2"], lab.controls["l2"].choices.index(0.1))
        await line.paint(lambda frame: frame.status == "finished" and frame.epoch == 80)
        assert line.frames[-1].changes == [[1000, "l2", 0.1]]
        assert line.frames[-1].run == 1
        again = Run(lab.settings).to_end()
        assert np.array_equal(again.network.parameters, lab.engine.run.network.parameters)
        move(lab.controls["continue_run"], False)
        move(lab.controls["l2"], 0)
        await line.paint(lambda frame: frame.run == 2 and frame.status == "finished")
        assert line.frames[-1].epoch == 40 and line.frames[-1].changes == []

    on_loop(scenario, continue_run=True)


def test_pause_step_play_and_restart(live):
    async def scenario(lab, line):
        line.say("hello")
        await line.paint(lambda frame: frame.epoch >= 5)
        line.say("act", action="pause")
        await line.paint(lambda frame: frame.status == "paused")
        step = line.frames[-1].step
        line.say("act", action="step_batch")
        assert line.frames[-1].step == step + 1 and line.frames[-1].status == "paused"
        line.say("act", action="step_epoch")
        assert line.frames[-1].step % 25 == 0 and line.frames[-1].step > step
        line.say("act", action="play")
        await line.paint(lambda frame: frame.status == "finished")
        line.say("act", action="restart")
        assert line.frames[-1].step == 0 and line.frames[-1].run == 2

    on_loop(scenario)


def test_a_diverging_run_ends_with_words_and_the_lab_goes_on(live):
    async def scenario(lab, line):
        line.say("hello")
        await line.paint(lambda frame: frame.status == "stopped-by-doctor")
        assert "Restart with a rate" in line.frames[-1].diagnosis["text"]
        assert "NaN" not in str(vars(line.frames[-1])["diagnosis"])
        move(lab.controls["learning_rate"], lab.controls["learning_rate"].choices.index(0.01))
        await line.paint(lambda frame: frame.status == "finished")
        assert line.frames[-1].diagnosis is None

    on_loop(scenario, dataset="plane", activation="relu", optimizer="sgd", learning_rate=10.0)


#: The weights are beyond all bounds after a few of an epoch's sixty steps.
LOST = {"dataset": "plane", "batch_size": 10, "activation": "identity", "optimizer": "sgd", "learning_rate": 100.0}
LOST["l2"] = 0.0


def test_a_run_that_has_diverged_and_rests_within_an_epoch_is_stopped_with_words(live):
    async def scenario(lab, line):
        line.say("hello")
        line.say("act", action="pause")
        while line.frames[-1].status == "paused":
            assert line.frames[-1].step < 50
            line.say("act", action="step_batch")
        last = line.frames[-1]
        assert last.status == "stopped-by-doctor" and last.step > 0 and last.epoch == 0 and last.advice is None
        assert re.match(r"Training diverged in epoch 1: .* is above 2/λmax = 0\.0", last.diagnosis["text"])
        assert 0 < last.diagnosis["cure"]["learning_rate"] < 0.1
        line.say("act", action="step_batch")
        assert line.frames[-1].step == last.step

    on_loop(scenario, **LOST)


@pytest.mark.parametrize("stop, within", [(40, True), (60, False)])
def test_a_run_that_a_link_stops_after_it_has_diverged_says_so(stop, within):
    run = Run(CAPACITY.defaults.with_(**LOST, stop=stop)).to_end()
    assert run.step == stop and run.ended
    lab = LABS["capacity"](**LOST, stop=stop)
    assert lab.view.saved["status"] == "stopped-by-doctor"
    text = "Training diverged in epoch 1:" if within else "Training diverged after 1 epoch:"
    for said in (run.diagnosis.text, lab.view.saved["diagnosis"]["text"]):
        assert said.startswith(text)


STOPPING = {"early_stopping": 3, "batch_norm": True, "dropout": 0.1, "features": ("x1", "x2", "sin_x1"), "epochs": 400}


def test_a_run_that_stops_early_ends_with_its_best_weights(live):
    async def scenario(lab, line):
        line.say("hello")
        await line.paint(lambda frame: frame.status == "finished")
        last, alone = line.frames[-1], Run(lab.settings).to_end()
        assert alone.stopped_early and last.stopped_early and last.diagnosis is None
        assert (last.epoch, last.best_epoch, last.until) == (alone.epoch, alone.epoch - 3, 400)
        assert last.test_loss == alone.metrics()["test_loss"]
        state = np.concatenate([alone.network.parameters, alone.network.statistics])
        assert np.array_equal(last.parameters, state.astype(np.float32))
        curve = list(itertools.chain.from_iterable(frame.curve for frame in line.frames))
        assert [point[0] for point in curve] == list(range(alone.epoch + 1))
        assert curve[last.best_epoch][2] == last.test_loss < curve[-1][2]
        assert lab.settings.stop is None and "early_stopping=3" in lab.link and "taken back to epoch" in lab.alt
        for action in ("step_batch", "step_epoch", "pause"):
            line.say("act", action=action)
        await asyncio.sleep(0.05)
        assert (lab.engine.status, lab.engine.run.step) == ("finished", last.step) and tasks(lab) == []
        line.say("act", action="play")
        await line.paint(lambda frame: frame.run == 2 and frame.status == "finished")
        assert line.frames[-1].step == last.step and line.frames[-1].test_loss == last.test_loss

    on_loop(scenario, **STOPPING)


def test_a_run_that_stopped_early_starts_anew_when_a_setting_changes(live):
    async def scenario(lab, line):
        line.say("hello")
        await line.paint(lambda frame: frame.status == "finished")
        move(lab.controls["l2"], lab.controls["l2"].choices.index(0.1))
        await line.paint(lambda frame: frame.run == 2 and frame.status == "finished")
        assert line.frames[-1].changes == [] and line.frames[-1].settings["l2"] == 0.1

    on_loop(scenario, continue_run=True, **STOPPING)


def test_a_step_may_be_the_one_that_stops_early(live):
    async def scenario(lab, line):
        line.say("hello")
        line.say("act", action="pause")
        while not lab.engine.run.ended:
            line.say("act", action="step_epoch")
        assert line.frames[-1].status == "finished" and line.frames[-1].stopped_early

    on_loop(scenario, **STOPPING)


def test_headless_a_lab_of_layers_and_features_keeps_statistics_and_draws_its_plane():
    lab = LABS["capacity"](widths=(5, 3), activations=("relu",), **STOPPING | {"epochs": 4})
    network = lab.engine.run.network
    saved = np.frombuffer(lab.view.saved_parameters, np.float32)
    assert np.allclose(saved, np.concatenate([network.parameters, network.statistics]), atol=1e-6)
    assert lab.view.fixed["widths"] == [5, 3] and lab.view.fixed["features"] == ["x1", "x2", "sin_x1"]
    assert len(lab.figure().axes) >= 2
    assert lab.alt.startswith("A network with 2 hidden layers of 5 relu and 3 tanh units on the spiral data, after")


def test_lists_are_traits_of_the_view_and_restart_the_run(live):
    async def scenario(_, __):
        plan = replace(CAPACITY, lists=("features", "widths", "activations"))
        lab = Lab(plan, plan.defaults.with_(epochs=3))
        line = Line(lab)
        assert lab.view.value_features == ["x1", "x2"] and "features" not in lab.view.fixed
        line.say("hello")
        await line.paint(lambda frame: frame.status == "finished")
        lab.view.value_widths = [5, 3]
        lab.view.value_features = ["x2", "sin_x1", "x1_x2"]
        await line.paint(lambda frame: frame.run == 3 and frame.status == "finished")
        assert lab.engine.run.network.widths == [3, 5, 3, 1] and line.frames[-1].settings["widths"] == [5, 3]
        lab.view.value_features = []
        assert line.messages[-1] == "error" and lab.settings.features == ("x2", "sin_x1", "x1_x2")
        lab.view.value_features = ["x1"]
        await line.paint(lambda frame: frame.run == 4 and frame.status == "finished")

    on_loop(scenario)


def test_while_the_page_trains_the_kernel_only_follows(live):
    async def scenario(lab, line):
        line.say("hello")
        await line.paint(lambda frame: frame.epoch >= 1)
        line.say("page")
        await asyncio.sleep(0.05)
        count = len(line.frames)
        move(lab.controls["width"], 3)
        await asyncio.sleep(0.05)
        assert len(line.frames) == count and tasks(lab) == []
        line.say("take")
        await line.paint(lambda frame: frame.status == "finished")
        assert line.frames[-1].settings["width"] == 3

    on_loop(scenario)


def test_an_error_is_said_in_words_and_the_lab_stays_usable(live):
    async def scenario(lab, line):
        line.say("hello")
        line.say("ack", frame="not a number")
        assert line.messages[-1] == "error"
        await line.paint(lambda frame: frame.status == "finished")

    on_loop(scenario)


def test_messages_from_another_thread_reach_the_engine_on_its_own_loop(live):
    async def scenario(lab, line):
        await asyncio.to_thread(line.say, "hello")
        await asyncio.to_thread(move, lab.controls["width"], 4)
        await line.paint(lambda frame: frame.status == "finished" and frame.settings["width"] == 4)

    on_loop(scenario)


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
