"""The kernel's engine on a real event loop, its frames and messages; only the far end of the line is played."""

import asyncio
import itertools
import re
from dataclasses import replace

import numpy as np
import pytest

from nnlib.labs import LABS, Lab
from nnlib.labs.kernel import IN_FLIGHT
from nnlib.labs.run import Run
from nnlib.labs.vary_capacity import CAPACITY
from tests.live_labs import Line, move, on_loop, tasks


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
LOST = {
    "dataset": "plane", "batch_size": 10, "activation": "identity",
    "optimizer": "sgd", "learning_rate": 100.0, "l2": 0.0,
}  # fmt: skip


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
