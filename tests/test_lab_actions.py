"""What a reader can do around a run, through the real callbacks: links with a history, teaching, undo, the doctor."""

import asyncio

import numpy as np
import pytest

from nnlib.labs import FIELDS, LABS, Lab, Settings, plan_of
from nnlib.labs.kernel import KernelEngine
from nnlib.labs.links import link_rules
from nnlib.labs.run import Run
from tests.live_labs import Line, move, tasks

HISTORY = Settings(
    dataset="moons", noise=0.2, width=6, epochs=30, seed=3, changes=((100, "l2", 0.01), (160, "learning_rate", 0.1))
)


def on_loop(lab, scenario):
    async def main():
        made = lab()
        await scenario(made, Line(made))

    asyncio.run(main())


def test_a_live_lab_from_a_link_replays_its_run_to_the_stop(live):
    link = f"#capacity?{HISTORY.with_(stop=333).to_query()}"

    async def scenario(lab, line):
        assert lab.link.partition("?")[2] == link.partition("?")[2]
        assert (lab.controls["l2"].value, lab.controls["learning_rate"].value) == (0.01, 0.1)
        line.say("hello")
        await line.paint(lambda frame: frame.status == "paused")
        last = line.frames[-1]
        assert last.step == 333 and last.pending == []
        expected = Run(HISTORY.with_(stop=333)).to_end()
        assert np.array_equal(last.parameters, expected.network.parameters.astype(np.float32))
        assert lab.link.partition("?")[2] == link.partition("?")[2]
        line.say("act", action="play")
        await line.paint(lambda frame: frame.status == "finished")
        assert line.frames[-1].epoch == 30
        # Started again it is a run of what the controls show.
        line.say("act", action="restart")
        await line.paint(lambda frame: frame.status == "finished" and frame.run == 2)
        assert line.frames[-1].changes == [] and line.frames[-1].settings["learning_rate"] == 0.1

    on_loop(lambda: Lab.from_link(link), scenario)


def test_a_move_in_the_middle_of_a_replay_takes_what_the_log_still_held(live):
    async def scenario(lab, line):
        line.say("hello")
        line.say("act", action="pause")
        for _ in range(5):
            line.say("act", action="step_epoch")
        assert line.frames[-1].pending == [[160, "learning_rate", 0.1]]
        move(lab.controls["l2"], 0)
        await line.paint(lambda frame: frame.epoch > 6)
        assert line.frames[-1].changes == [[100, "l2", 0.01], [125, "learning_rate", 0.1], [125, "l2", 0.0]]
        assert line.frames[-1].run == 1

    settings = HISTORY.with_(continue_run=True)
    on_loop(lambda: Lab.from_link(f"#capacity?{settings.to_query()}"), scenario)


def test_step_example_is_a_step_only_with_batches_of_one(live):
    async def scenario(lab, line):
        line.say("hello")
        line.say("act", action="pause")
        line.say("act", action="step_example")
        assert line.frames[-1].step == 0
        move(lab.controls["batch_size"], 0)
        line.say("act", action="pause")
        line.say("act", action="step_example")
        assert line.frames[-1].step == 1

    on_loop(lambda: LABS["capacity"](epochs=30), scenario)


def test_controls_moved_back_one_by_one_as_undo_does_end_in_the_old_run(live):
    async def scenario(lab, line):
        line.say("hello")
        before = {name: control.raw() for name, control in lab.controls.items()}
        for name, raw in [("dataset", 5), ("activation", 3), ("width", 3)]:
            move(lab.controls[name], raw)
        for name, raw in before.items():
            move(lab.controls[name], raw)
        await line.paint(lambda frame: frame.status == "finished")
        assert len(tasks(lab)) <= 1
        expected = Run(lab.settings).to_end().network.parameters
        assert lab.settings.epochs == 30 and np.array_equal(lab.engine.run.network.parameters, expected)

    on_loop(lambda: LABS["capacity"](epochs=30), scenario)


@pytest.mark.parametrize("name", [name for name in LABS if plan_of(name).specs is FIELDS])
def test_every_control_has_a_default_to_be_reset_to(live, name):
    lab = LABS[name](learning_rate=0.05)
    assert lab.view.defaults == {field: control.raw() for field, control in lab.controls.items()}
    opened = Lab.from_link(f"#{name}?v=1&seed=6&learning_rate=0.05")
    seed = plan_of(name).defaults.seed
    assert opened.controls["seed"].value == 6 and opened.view.defaults["seed"] == seed != 6
    assert None not in opened.view.defaults.values()


def test_hidden_and_locked_controls_are_in_the_link_and_come_out_of_it(live):
    lab = LABS["capacity"]()
    lab.teach(hide=["l2", "noise"], lock=["seed"])
    assert lab.link.endswith("&hide=l2,noise&lock=seed")
    again = Lab.from_link(lab.link)
    assert (again.view.hide, again.view.lock, again.problems) == (["l2", "noise"], ["seed"], [])
    assert Lab.from_link(again.link + ",colour").problems[0].startswith("lock names 'colour', but this lab’s controls")
    lab.teach()
    assert "hide" not in lab.link


@pytest.mark.parametrize(
    ("hide", "said"), [(["lambda"], "unknown control 'lambda'"), (["epochs"], "unknown control"), ("l2", "take lists")]
)
def test_what_has_no_control_cannot_be_hidden(live, hide, said):
    with pytest.raises(ValueError, match=said):
        LABS["capacity"]().teach(hide=hide)


@pytest.mark.parametrize("query", ["v=1&stop=1e12", "v=1&stop=99999999999999999999", "v=1&changes=1e12:l2:0.1"])
def test_a_step_that_no_run_reaches_is_refused(query):
    settings, problems = Settings.from_query(query)
    assert settings == Settings() and "must lie between 0 and 1000000000" in problems[0]


@pytest.mark.parametrize("text", ["1_000", " 3", "inf", "nan", "0x3", "٣", "", "+", "1e"])
def test_numbers_of_a_link_are_plain(text):
    _, problems = Settings.from_query(f"v=1&width={text}")
    assert problems == [f"width must be a number, not {text!r}"] or text in ("+", " 3")


def test_the_view_is_told_of_every_field():
    rules = link_rules(Settings())
    assert list(rules["fields"]) == list(FIELDS) and rules["defaults"] == Settings().to_json()
    assert all(rule["kind"] == FIELDS[name].kind for name, rule in rules["fields"].items())


def state_of(**settings):
    engine = KernelEngine("doctor", Settings(**{"dataset": "moons", "epochs": 45, **settings}), lambda *_: None)
    engine.to_end()
    return engine.state()


def test_the_doctor_in_the_kernel_advises_a_run_that_rests():
    state = state_of(activation="relu", learning_rate=3.0, dataset="bumps", width=4)
    assert state["advice"]["name"] == "dead" and state["advice"]["cure"]["activation"] == "leaky_relu"
    assert state["diagnosis"] is None
    assert state_of()["advice"] is None


def test_the_doctor_in_the_kernel_names_a_rate_for_a_run_that_diverged():
    state = state_of(activation="relu", learning_rate=10.0, dataset="plane", optimizer="sgd")
    assert state["status"] == "stopped-by-doctor" and state["advice"] is None
    assert "2/λmax" in state["diagnosis"]["text"]
    cured = state_of(activation="relu", dataset="plane", optimizer="sgd", **state["diagnosis"]["cure"])
    assert cured["status"] == "finished"


def test_a_scene_is_taught_and_linked_like_every_lab(live):
    lab = LABS["neuron"]()
    field = lab.plan.fields[0]
    lab.teach(lock=[field])
    again = Lab.from_link(lab.link)
    assert (again.settings, again.view.lock, again.problems) == (lab.settings, [field], [])


def test_own_points_and_lists_come_back_through_a_link(live):
    points = [(1.5, -2, 1), (-1, 0.25, -1), (3, 3, 1)]
    lab = LABS["capacity"](dataset="own", points=points, widths=[3, 2], features=["x1", "sin_x2"], show_test=False)
    again = Lab.from_link(lab.link)
    assert (again.settings, again.problems) == (lab.settings, [])
    assert again.view.points == lab.view.points


# --- a run with a history: numbers set by hand, looking back, the log without its last number ------------------------


def test_a_number_set_in_the_middle_of_a_replay_stands_at_the_step_that_is_asked_for(live):
    async def scenario(lab, line):
        line.say("hello")
        await line.paint(lambda frame: frame.status == "finished")
        line.say("act", action="rewind:317")
        line.say("change", field="p3", value=1.5)
        await line.paint(lambda frame: frame.changes != [])
        assert (line.frames[-1].step, line.frames[-1].changes) == (317, [[317, "p3", 1.5]])
        expected = Run(lab.settings).to_end().network.parameters
        assert lab.settings.stop == 317 and np.array_equal(lab.engine.run.network.parameters, expected)

    on_loop(lambda: LABS["capacity"](epochs=30, batch_size=10), scenario)


def test_a_number_set_while_a_link_is_replayed_brings_the_controls_into_force(live):
    async def scenario(lab, line):
        line.say("hello")
        line.say("act", action="pause")
        for _ in range(5):
            line.say("act", action="step_epoch")
        line.say("change", field="p3", value=1.5)
        assert line.frames[-1].pending == []
        changes = [[100, "l2", 0.01], [125, "p3", 1.5], [125, "learning_rate", 0.1]]
        assert line.frames[-1].changes == changes
        assert lab.controls["learning_rate"].value == lab.engine.run.trainer.learning_rate == 0.1
        line.say("act", action="play")
        await line.paint(lambda frame: frame.status == "finished")
        assert line.frames[-1].epoch == 30  # the link's stop is no longer in force
        assert np.array_equal(lab.engine.run.network.parameters, Run(lab.settings).to_end().network.parameters)

    on_loop(lambda: Lab.from_link(f"#capacity?{HISTORY.with_(stop=333).to_query()}"), scenario)


def test_the_run_of_a_link_with_a_number_set_by_hand_can_be_rewound(live):
    history = HISTORY.with_(changes=(*HISTORY.changes, (200, "p3", 1.5)), stop=333)

    async def scenario(lab, line):
        line.say("hello")
        await line.paint(lambda frame: frame.status == "paused")
        expected = Run(history).to_end().network.parameters
        assert np.array_equal(lab.engine.run.network.parameters, expected)
        line.say("rewound", step=180)
        assert lab.settings.changes == history.changes[:2] and lab.settings.stop == 180
        assert "p3" not in lab.link and "'p3'" not in lab.code("torch")
        # Which at that step has another rate than at its end: what the reader moves comes with what the controls show.
        line.say("rewound", step=120)
        move(lab.controls["l2"], 0)
        await line.paint(lambda frame: frame.status == "finished")
        assert line.frames[-1].changes == [[100, "l2", 0.01], [120, "learning_rate", 0.1], [120, "l2", 0.0]]
        assert lab.controls["learning_rate"].value == 0.1
        assert np.array_equal(lab.engine.run.network.parameters, Run(lab.settings).to_end().network.parameters)

    on_loop(lambda: Lab.from_link(f"#capacity?{history.with_(continue_run=True).to_query()}"), scenario)


def test_undo_loads_the_run_without_its_last_number_and_goes_on(live):
    async def scenario(lab, line):
        line.say("hello")
        await line.paint(lambda frame: frame.epoch >= 3)
        line.say("change", field="p3", value=40.0)
        await line.paint(lambda frame: frame.changes != [] and frame.epoch >= 6)
        frame = line.frames[-1]
        settings = {**frame.settings, "changes": [], "stop": frame.step}
        line.say("load", settings=settings)
        line.say("act", action="play")
        await line.paint(lambda frame: frame.status == "finished")
        last = line.frames[-1]
        assert (last.changes, last.epoch, last.run) == ([], 30, 1)
        assert [point[0] for point in lab.engine._curve] == list(range(31))
        assert np.array_equal(lab.engine.run.network.parameters, Run(lab.settings).to_end().network.parameters)

    on_loop(lambda: LABS["capacity"](epochs=30), scenario)


def test_a_run_that_has_ended_early_answers_that_no_number_can_be_set(live):
    async def scenario(lab, line):
        line.say("hello")
        await line.paint(lambda frame: frame.status == "finished")
        assert line.frames[-1].stopped_early
        before = line.frames[-1].revision
        line.say("change", field="p3", value=1.0)
        await line.paint(lambda frame: frame.revision > before)
        assert line.frames[-1].changes == []

    on_loop(lambda: LABS["capacity"](epochs=300, early_stopping=2), scenario)


def test_a_scene_answers_a_view_that_asks_for_a_kernel(live):
    lab, sent = LABS["perceptron"](), []
    lab.view.send = sent.append
    lab._on_message(lab.view, {"kind": "hello"}, [])
    assert sent == [{"kind": "welcome"}]
