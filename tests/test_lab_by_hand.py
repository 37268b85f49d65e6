"""A weight or bias set by hand while the kernel trains: through a lab's real callbacks, on a real event loop."""

import numpy as np
import pytest

import nnlib
from nnlib.labs import Lab, Settings
from nnlib.labs.run import Run
from tests.live_labs import move, on_loop

pytestmark = pytest.mark.usefixtures("live")


def curve_of(line):
    """The curve that a view has put together from the frames."""
    curve = []
    for frame in line.frames:
        curve = [*([] if frame.fresh else curve), *frame.curve]
    return curve


def replay(lab):
    """The run of the lab's link, trained anew."""
    settings, problems = Settings.from_query(lab.link.partition("?")[2])
    assert problems == []
    return Run(settings).to_end()


def test_a_resting_run_takes_the_number_and_keeps_resting():
    async def scenario(lab, line):
        line.say("hello")
        await line.paint(lambda frame: frame.status == "finished")
        before = line.frames[-1]
        line.say("change", field="p17", value=2)
        after = line.frames[-1]
        assert (after.status, after.step, after.run, after.revision) == (
            "finished",
            before.step,
            1,
            before.revision + 1,
        )
        assert after.changes == [[1000, "p17", 2.0]]
        assert after.parameters[17] == 2.0 and after.train_loss != before.train_loss
        assert curve_of(line)[-1][:2] == [40, after.train_loss] and len(curve_of(line)) == 41
        again = replay(lab)
        assert np.array_equal(again.network.parameters, lab.engine.run.network.parameters)
        assert again.metrics()["train_loss"] == after.train_loss
        line.say("act", action="play")
        await line.paint(lambda frame: frame.status == "finished" and frame.epoch == 80)
        assert np.array_equal(replay(lab).network.parameters, lab.engine.run.network.parameters)

    on_loop(scenario)


def test_a_training_run_goes_on_from_the_number():
    async def scenario(lab, line):
        line.say("hello")
        await line.paint(lambda frame: frame.epoch >= 3)
        for value in (0.1, 0.2, -0.3):
            line.say("change", field="p0", value=value)
        assert lab.engine.status == "training"
        await line.paint(lambda frame: frame.status == "finished")
        assert [change[2] for change in line.frames[-1].changes] == [0.1, 0.2, -0.3]
        assert (line.frames[-1].run, line.frames[-1].revision) == (1, 3)
        again = replay(lab)
        assert np.array_equal(again.network.parameters, lab.engine.run.network.parameters)
        points = {epoch: point for epoch, *point in curve_of(line)}
        assert points[40] == again.curve_point()[1:] and sorted(points) == list(range(41))
        move(lab.controls["width"], 3)
        await line.paint(lambda frame: frame.status == "finished" and frame.run == 2)
        assert line.frames[-1].changes == []

    on_loop(scenario, epochs=40)


@pytest.mark.parametrize("field", ["p105", "p-1", "width", "l2", None, "p1.5", "__class__"])
@pytest.mark.parametrize("value", [1.0])
def test_nonsense_is_said_in_words_and_the_lab_goes_on(field, value):
    async def scenario(lab, line):
        line.say("hello")
        line.say("change", field=field, value=value)
        assert line.messages[-1] == "error"
        await line.paint(lambda frame: frame.status == "finished")
        assert line.frames[-1].changes == [] and line.frames[-1].revision == 0

    on_loop(scenario, epochs=3)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e9, "2", None, True, [1]])
def test_a_value_that_is_no_number_is_said_in_words(value):
    async def scenario(lab, line):
        line.say("hello")
        line.say("change", field="p3", value=value)
        assert line.messages[-1] == "error"
        await line.paint(lambda frame: frame.status == "finished")
        assert line.frames[-1].changes == []

    on_loop(scenario, epochs=3)


def test_a_run_that_is_not_shown_or_has_diverged_takes_no_number():
    async def scenario(lab, line):
        line.say("change", field="p0", value=1.0)
        assert line.messages == [] and lab.engine.run is None
        line.say("hello")
        await line.paint(lambda frame: frame.status == "stopped-by-doctor")
        line.say("change", field="p0", value=1.0)
        assert line.frames[-1].changes == [] and "error" not in line.messages

    on_loop(scenario, dataset="plane", activation="relu", optimizer="sgd", learning_rate=10.0)


def test_frames_and_saved_pages_carry_accuracies_and_a_regression_has_none(monkeypatch):
    monkeypatch.setenv("NNLIB_HEADLESS", "1")
    lab = nnlib.labs.capacity(epochs=4, dataset="blobs")
    assert set(lab.view.saved["curve"]) == {"epoch", "train", "test", "train_accuracy", "test_accuracy"}
    assert lab.view.saved["curve"]["train_accuracy"][-1] == lab.view.saved["train_accuracy"] > 0.5
    assert nnlib.labs.capacity(epochs=2, dataset="bumps").view.saved["curve"]["test_accuracy"] == [None] * 3


def test_a_headless_lab_follows_a_link_with_numbers_set_by_hand(monkeypatch):
    monkeypatch.setenv("NNLIB_HEADLESS", "1")
    lab = Lab.from_link("#capacity?v=1&width=2&depth=1&changes=3:p2:0.5,25:p8:-1.0&stop=25")
    assert lab.problems == [] and lab.engine.run.step == 25
    assert lab.view.saved["changes"] == [[3, "p2", 0.5], [25, "p8", -1.0]]
    assert np.frombuffer(lab.view.saved_parameters, np.float32)[8] == -1.0
