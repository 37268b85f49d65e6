"""A reader's own points: checks, parts, links and scripts, and what they do to a live lab in the kernel."""

import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nnlib
from nnlib.datasets import TOY, from_csv
from nnlib.labs import Lab, Settings, own_points
from nnlib.labs.run import Run, make_data
from nnlib.labs.scripts import script
from tests.live_labs import move, on_loop, tasks

FOUR = ((-1, -1, -1), (1, 1, 1), (-1, 1, 1), (1, -1, -1))


def own(points, **values):
    return Settings(dataset="own", points=points, **{"epochs": 3, "batch_size": 2, **values})


# --- what points may be ---------------------------------------------------------------------------------------


def test_points_are_rounded_to_thousandths_and_get_a_place():
    checked = own_points.check_points([(0.12345, -0.00001, 1), np.array([6.0, -6.0, -1.0])])
    assert checked == ((0.123, 0.0, 1.0, 0), (6.0, -6.0, -1.0, 61))
    assert str(checked[0][1]) == "0.0"  # not −0
    assert own_points.check_points(checked) is checked


@pytest.mark.parametrize(
    ("points", "said"),
    [
        (7, r"points must be a list of \(x1, x2, label\), not 7"),
        ([(1, 2)], r"point 1 must be \(x1, x2, label\), not \(1, 2\)"),
        ([*FOUR, (1, "2", 1)], "x2 of point 5 must be a number, not '2'"),
        ([(1, float("nan"), 1)], "x2 of point 1 must be a number, not nan"),
        ([(1, True, 1)], "x2 of point 1 must be a number, not True"),
        ([(6.001, 0, 1)], "x1 of point 1 must lie between −6 and 6, not 6.001"),
        ([(0, 0, 7)], "label of point 1 must lie between −6 and 6, not 7"),
        ([(0, 0, 1, 100)], "place of point 1 must be a whole number from 0 to 99, not 100"),
        ([(0, 0, 1)] * 2001, "points holds 2001 points; a lab takes up to 2000"),
    ],
)
def test_points_that_are_none_are_named(points, said):
    with pytest.raises(ValueError, match=said):
        Settings(points=points)


@pytest.mark.parametrize(
    ("labels", "task", "expected"),
    [
        ([-1, 1], "auto", "binary"),
        ([0, 1], "auto", "multiclass"),
        ([3, 1, 3], "auto", "multiclass"),
        ([-1, 0, 1], "auto", "regression"),
        ([0.5, 1], "auto", "regression"),
        ([-1, 1], "regression", "regression"),
        ([0, 1], "multiclass", "multiclass"),
    ],
)
def test_the_labels_or_the_task_say_what_is_learned(labels, task, expected):
    run = Run(own([(i, 0, label) for i, label in enumerate(labels)], points_task=task)).to_end()
    assert run.data.task == expected
    assert run.network.widths[-1] == (max(labels) + 1 if expected == "multiclass" else 1)


def test_a_call_with_points_that_cannot_be_learned_from_says_why(live):
    with pytest.raises(ValueError, match=r"All 2 points are of class \+?1"):
        nnlib.labs.capacity(dataset="own", points=[(0, 0, 1), (1, 1, 1)])


# --- the two parts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TOY)
def test_a_copied_toy_set_has_the_parts_of_the_toy_set_at_every_share(name):
    toy = Settings(dataset=name, noise=0.1, seed=4)
    points, task = own_points.copy_points(make_data(toy))
    copied = toy.with_(dataset="own", points=points, points_task=task)
    for share in (0.1, 0.3, 0.5, 0.7, 0.9):
        data, again = (make_data(each.with_(train_share=share)) for each in (toy, copied))
        assert again.task == data.task and again.names == data.names
        for part in ("X", "X_test"):
            np.testing.assert_allclose(getattr(again, part), np.clip(getattr(data, part), -6, 6), rtol=0, atol=6e-4)
        np.testing.assert_allclose(again.y_test, data.y_test, rtol=0, atol=6e-4)


any_points = st.lists(
    st.tuples(*[st.floats(-6, 6)] * 2, st.sampled_from([-1, 1]), st.integers(0, 99)), min_size=2, max_size=40
)


@given(any_points, st.sampled_from([0.1, 0.29, 0.5, 0.9]), st.data())
def test_a_point_keeps_its_part_whatever_happens_to_the_others(points, share, data):
    train, test = own_points.parts_of(points, share)
    assert len(train) + len(test) == len(points) and train and test
    without = data.draw(st.integers(0, len(points) - 1))
    rest = points[:without] + points[without + 1 :]
    if len(train) > 1 and len(test) > 1:  # else a part that is left empty must take a point of the other
        left = points[without]
        kept = own_points.parts_of(rest, share)
        expected = [[*part] for part in (train, test)]
        next(part for part in expected if left in part).remove(left)
        if all(expected) and (0.5 + left[3] < 100 * share) == (left in train):
            assert sorted(kept[0]) == sorted(expected[0])


def test_a_place_at_the_share_itself_is_for_testing():
    points = [(0, 0, 1, place) for place in (54, 55, 56)]
    for share, trained in ((0.54, 0), (0.55, 1), (0.56, 2), (0.57, 3)):  # 100 * 0.55 is 55.00000000000001
        train, _ = own_points.parts_of(points, share)
        assert len(train) == min(2, max(1, trained))


# --- links and scripts ------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(*[st.floats(-6, 6)] * 3, st.integers(0, 99)), max_size=30))
def test_points_survive_json_and_links(points):
    described = Settings(points=points)
    assert Settings.from_json(json.loads(json.dumps(described.to_json()))) == (described, [])
    assert Settings.from_query(described.to_query()) == (described, [])


@given(st.text("kv0123459az:,", max_size=60))
def test_no_text_for_points_breaks_a_link(text):
    described, problems = Settings.from_query(f"v=1&dataset=own&width=3&points={text}")
    assert described.width == 3
    assert described.dataset == "own" or problems


def test_five_hundred_points_make_a_short_link():
    points, _ = own_points.copy_points(make_data(Settings()))
    assert len(points) == 500
    assert len(Settings(dataset="own", points=points).to_query()) < 8000


def test_a_link_with_unusable_points_opens_the_lab_and_keeps_them(live):
    lab = Lab.from_link("#capacity?" + own([(0, 0, 1), (1, 1, 1)]).to_query())
    assert "All 2 points are of class" in lab.problems[0]
    assert lab.settings.dataset == "spiral"
    assert len(lab.settings.points) == len(lab.view.points) == 2


@pytest.mark.parametrize(
    ("points", "task", "kind"),
    [
        (FOUR, "auto", "nnlib"),
        (FOUR, "regression", "nnlib"),
        ([(i / 2, -i / 3, i % 3) for i in range(9)], "auto", "torch"),
    ],
)
def test_the_script_holds_the_points_and_prints_the_losses(points, task, kind, tmp_path):
    described = own(points, points_task=task, learning_rate=0.01)
    path = tmp_path / "script.py"
    path.write_text(script(described, kind))
    said = subprocess.run([sys.executable, path], capture_output=True, text=True, check=True).stdout
    metrics = Run(described).to_end().metrics()
    expected = [metrics["train_loss"], metrics["test_loss"]]
    np.testing.assert_allclose([float(word) for word in said.replace(",", "").split()[4::3]], expected, rtol=1e-9)


# --- from a table -----------------------------------------------------------------------------------------------


def test_a_table_that_does_not_fit_the_square_is_shifted_and_scaled_and_says_so():
    text = "height,x2,price\n150,1,10\n190,2,30\n170,-1,17.5\n"
    points, task, remarks = own_points.from_data(from_csv(text))
    assert task == "regression"
    assert [point[:3] for point in points] == [(-5, 1, -1), (5, 2, 1), (0, -1, -0.25)]
    assert remarks == [
        "height ran from 150 to 190; it is shown from −5 to 5.",
        "price ran from 10 to 30; it is shown from −1 to 1.",
    ]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * 3), min_size=1, max_size=8))
def test_every_table_of_finite_numbers_becomes_points(table):
    data = from_csv("".join(f"{x!r},{y!r},{v!r}\n" for x, y, v in table), task="regression")
    points, _, _ = own_points.from_data(data)
    assert len(points) == len(table)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1,a\n2,b\n", "the CSV has 2 columns; a lab takes three"),
        ("".join(f"{i},0,{i % 5}\n" for i in range(10)), "the CSV holds 5 classes; a lab shows up to 4"),
        ("".join(f"{i},0,{i % 2}\n" for i in range(2001)), "the CSV holds 2001 points; a lab takes up to 2000"),
    ],
)
def test_a_table_that_no_lab_can_show_is_refused(text, said):
    with pytest.raises(ValueError, match=said):
        own_points.from_data(from_csv(text))


# --- the live lab -----------------------------------------------------------------------------------------------


def choose(lab, dataset):
    move(lab.controls["dataset"], lab.controls["dataset"].choices.index(dataset))


def draw(lab, points, task="binary"):
    """What the view does with an edit."""
    lab.view.set_state({"points": [[*point, i] for i, point in enumerate(points)], "points_task": task})


def test_choosing_own_points_begins_with_those_on_the_screen(live):
    lab = nnlib.labs.capacity(dataset="moons")
    choose(lab, "own")
    chosen = lab.engine.settings
    assert (chosen.dataset, chosen.points_task, len(chosen.points)) == ("own", "binary", 500)
    assert lab.view.points == chosen.to_json()["points"]
    choose(lab, "xor")
    choose(lab, "own")
    assert lab.engine.settings.points == chosen.points  # the reader's, not those of xor


def test_a_page_begins_by_itself_whichever_of_its_messages_comes_first(live):
    async def scenario(lab, line):
        line.say("hello")
        await line.paint(lambda frame: frame.status == "finished")
        dataset = lab.engine.settings.dataset
        choose(lab, "own")
        assert lab.view.points == [] and lab.engine.settings.dataset == dataset
        move(lab.controls["width"], 5)
        assert lab.engine.settings.width == 5
        draw(lab, FOUR)
        await line.paint(lambda frame: frame.run == 3 and frame.status == "finished")
        assert (lab.engine.settings.dataset, len(lab.engine.settings.points)) == ("own", len(FOUR))

    on_loop(scenario)


def test_an_edit_restarts_the_run_and_the_link_carries_it(live):
    async def scenario(lab, line):
        line.say("hello")
        draw(lab, FOUR)
        await line.paint(lambda frame: frame.status == "finished")
        assert line.frames[-1].run == 1  # points that are not learned from restart nothing
        choose(lab, "own")
        await line.paint(lambda frame: frame.run == 2 and frame.status == "finished")
        with_points = [frame for frame in line.frames if "points" in frame.settings and frame.run == 2]
        assert len(with_points) == 1 and len(with_points[0].settings["points"]) == 4
        assert lab.engine.run.data.X.shape[0] + lab.engine.run.data.X_test.shape[0] == 4
        draw(lab, [*FOUR, (2, 2, 1)])
        await line.paint(lambda frame: frame.run == 3 and frame.status == "finished")
        assert Lab.from_link(lab.link).settings == lab.settings
        assert len(lab.settings.points) == 5

    on_loop(scenario, pace=1)


def test_points_of_one_class_are_answered_in_words_and_the_next_one_goes_on(live):
    async def scenario(lab, line):
        texts = []
        send = lab.engine._send
        lab.engine._send = lambda content, buffers: (texts.append(content.get("text")), send(content, buffers))
        line.say("hello")
        draw(lab, FOUR)
        choose(lab, "own")
        await line.paint(lambda frame: frame.status == "finished")
        for points in ([], [(0, 0, 1)], [(0, 0, 1), (1, 1, 1)], [(0, 0, 1), (1, 1, 0.5)]):
            draw(lab, points)
            assert tasks(lab) == [] or lab.engine.status == "paused"
            line.say("act", action="play")
        said = ["There are no points", "One point is not", "All 2 points are of class 1", "Point 2 has the label 0.5"]
        assert [text[: len(start)] for text, start in zip(filter(None, texts[::1]), np.repeat(said, 2))] == [
            start for start in np.repeat(said, 2)
        ]
        draw(lab, [(0, 0, 1), "nonsense"])
        assert "point 2 must be" in list(filter(None, texts))[-1]
        assert len(lab.settings.points) == 2  # the last that were points
        draw(lab, FOUR)
        await line.paint(lambda frame: frame.status == "finished" and len(lab.engine.run.data.X) < 4)

    on_loop(scenario)


def test_the_display_switches_restart_nothing_and_stay_in_the_link(live):
    async def scenario(lab, line):
        line.say("hello")
        await line.paint(lambda frame: frame.status == "finished")
        lab.controls["show_test"].widget.value = False
        lab.controls["discretise"].widget.value = True
        assert lab.engine.run_count == 1 and lab.engine.revision == 0
        again = Lab.from_link(lab.link)
        assert (again.settings.show_test, again.settings.discretise) == (False, True)
        assert not again.controls["show_test"].value and again.controls["discretise"].value

    on_loop(scenario)


def test_a_saved_page_holds_the_points_once():
    lab = nnlib.labs.capacity(dataset="own", points=FOUR, epochs=2)
    assert lab.view.points == lab.settings.to_json()["points"]
    assert "points" not in lab.view.saved["settings"] and "points" not in lab.view.fixed
    assert "4 points of the reader's own" in lab.alt
