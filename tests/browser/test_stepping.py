"""The labs that are stepped through, in a bare page: buttons, keys, pointer, calm, words at the limits."""

import json
import re

import pytest

from nnlib.labs import LABS
from nnlib.labs.step_graph import numbers as graph_numbers
from nnlib.labs.step_graph import steps_of
from nnlib.labs.step_perceptron import looks
from tests.browser.bare_view import ViewOnPage


@pytest.fixture
def open_lab(new_page, go_bare):
    """A function that renders a lab in a bare page."""

    def open_page(name, preset="start", *, calm=False, **settings):
        page = new_page(viewport={"width": 1000, "height": 900}, reduced_motion="reduce" if calm else "no-preference")
        go_bare(page)
        view = ViewOnPage(page, LABS[name](preset, **settings))
        view.wait_for("lab.numbers")
        return view

    return open_page


def shown(view):
    return json.loads(view.says("numbers"))


def press(view, title):
    # A button's name is what is written on it, and what it does.
    view.page.get_by_role("button", name=re.compile(f"(^|: ){re.escape(title)}$")).click()
    view.next_frame()


# --- perceptron -------------------------------------------------------------------------------------------------


def test_each_look_in_the_page_is_that_of_the_library(open_lab):
    view = open_lab("perceptron", "narrow")
    steps = looks(LABS["perceptron"]("narrow").settings)
    for look in steps[:60]:
        press(view, "Look at the next point")
        now = shown(view)
        assert (now["step"], now["sample"], now["score"], now["mistakes"]) == (
            look.step, look.sample, look.score, look.mistakes,
        )  # fmt: skip
        assert [now["w1"], now["w2"], now["b"]] == [*look.w, look.b]


def test_the_buttons_go_to_mistakes_passes_back_and_to_the_end(open_lab):
    view = open_lab("perceptron", "xor")
    press(view, "Go on to the next mistake")
    assert shown(view)["mistakes"] == 1
    assert "A mistake: w ← w + η·y·x" in view.page.locator(".nnlib-lines").inner_text()
    press(view, "Go on to the end of this pass over all points")
    assert shown(view)["step"] == 4
    press(view, "One step back")
    assert shown(view)["step"] == 3
    view.set(step=4000)
    view.wait_for("JSON.parse(lab.numbers).step === 400")
    lines = view.page.locator(".nnlib-lines").inner_text()
    assert "goes round in a circle" in lines and "No line separates" in lines
    before = view.says("revision")
    # Nowhere to go: the button stays, keeps the focus and says so.
    button = view.page.get_by_role("button", name="Look at the next point")
    assert button.get_attribute("aria-disabled") == "true"
    button.focus()
    view.page.keyboard.press("Enter")
    view.next_frame()
    assert view.says("revision") == before


def test_points_are_added_and_removed_by_click_and_by_keys(open_lab):
    view = open_lab("perceptron", "and")
    square = view.page.locator(".nnlib-square")
    box = square.bounding_box()
    view.page.get_by_role("button", name="Remove all").click()
    view.wait_for("!JSON.parse(lab.numbers).epoch")
    view.page.locator(".nnlib-lines").get_by_text("needs points of both classes").wait_for()
    square.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    view.page.wait_for_function("model.get('value_own') === '0 0 1'")
    handle = view.page.locator(".nnlib-cursor")
    view.page.get_by_role("button", name="▲ −1").click()
    handle.focus()
    for key in ("ArrowRight", "Shift+ArrowUp", "Enter"):
        view.page.keyboard.press(key)
    view.page.wait_for_function("model.get('value_own') === '0 0 1; 0.125 1.25 -1'")
    view.page.keyboard.press("Enter")  # at once: within the frame that paints the new point
    view.page.wait_for_function("model.get('value_own') === '0 0 1'")
    choices = LABS["perceptron"]().controls["point_set"].choices
    assert choices[view.page.evaluate("model.get('value_point_set')")] == "own"


def test_points_that_cannot_be_read_are_said_and_the_lab_goes_on(open_lab):
    view = open_lab("perceptron")
    view.set(point_set="own", own="1 2 3")
    view.page.get_by_role("alert").get_by_text("but one is “1 2 3”").wait_for()
    view.set(own="1 1 1; -1 -1 -1")
    view.page.get_by_role("alert").wait_for(state="hidden")
    assert json.loads(view.says("numbers"))["bound"] is not None


def test_a_run_ends_by_itself_and_readers_who_want_calm_get_its_end_at_once(open_lab):
    view = open_lab("perceptron", "or")
    view.page.get_by_role("button", name="Run", exact=True).click()
    view.page.get_by_role("button", name="Pause", exact=True).wait_for()
    last = len(looks(LABS["perceptron"]("or").settings))
    view.wait_for(f"JSON.parse(lab.numbers).step === {last}")
    view.page.get_by_role("button", name="Run", exact=True).wait_for()
    calm = open_lab("perceptron", "or", calm=True)
    calm.page.get_by_role("button", name="Run", exact=True).click()
    calm.wait_for(f"JSON.parse(lab.numbers).step === {last}")
    assert calm.says("revision") == "1"


# --- graph ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("graph", ["part_lifetime", "neuron", "car"])
def test_every_step_through_a_graph_is_that_of_the_library(open_lab, graph):
    view = open_lab("graph", graph=graph)
    settings = LABS["graph"](graph=graph).settings
    for step in range(1, 1 + sum(steps_of(graph))):
        press(view, "Compute the next node, or go back along the next edge")
        expected = graph_numbers(settings.with_(step=step))
        assert shown(view) == {
            name: None if value is None else pytest.approx(value, rel=1e-12) for name, value in expected.items()
        }
    assert view.page.get_by_role("button", name="Compute the next node").get_attribute("aria-disabled") == "true"


def test_the_graph_writes_the_numbers_of_the_book(open_lab):
    view = open_lab("graph")
    press(view, "Compute all nodes and all gradients")
    text = view.page.locator(".nnlib-computation").text_content()
    for number in ("0.689974", "1.874829", "0.867016", "0.017685", "−0.265968", "−0.030666", "−0.021159", "−0.013805",
                   "−0.00984", "0.006072", "−0.000984", "0.000607", "−0.001968", "0.001214"):  # fmt: skip
        assert number in text, number


def test_a_value_is_changed_by_typing_and_nonsense_is_put_back(open_lab):
    view = open_lab("graph", "car")
    press(view, "Compute all nodes and all gradients")
    fee = view.page.get_by_role("spinbutton", name="f, fee for delivery")
    fee.fill("3")
    fee.press("Enter")
    view.wait_for("JSON.parse(lab.numbers).value_T > 35")
    assert view.page.evaluate("model.get('value_values')") == "15 0.1 2 3"
    assert shown(view)["value_T"] == pytest.approx(36) and shown(view)["gradient_p"] == pytest.approx(2.2)
    fee.fill("1e9")
    fee.press("Enter")
    assert fee.input_value() == "3"


# --- update -----------------------------------------------------------------------------------------------------


def test_updates_add_up_to_the_numbers_of_the_book(open_lab):
    view = open_lab("update")
    tiles = view.page.locator(".nnlib-tiles")
    assert "0.870215" in tiles.inner_text() and "0.0168441" in tiles.inner_text()
    lines = view.page.locator(".nnlib-lines").inner_text()
    assert "0.0168441" in lines and "0.0168439" in lines
    table = view.page.locator(".nnlib-updates").inner_text()
    for number in ("1.510579", "−0.793098", "1.215333", "1.000492", "1.999696", "2.000984", "−1.000607", "0.304920"):
        assert number in table
    for button, output in (("10 updates", 0.8919), ("One update back", None), ("One update", 0.8919)):
        press(view, button)
        assert output is None or round(shown(view)["output"], 4) == output
    view.set(updates=0)
    for _ in range(9):
        press(view, "100 updates")
    for _ in range(10):
        press(view, "10 updates")
    assert (shown(view)["updates"], round(shown(view)["output"], 4)) == (1000, 0.9835)


# --- descent ----------------------------------------------------------------------------------------------------


def test_the_ball_that_leaves_the_picture_is_told_of(open_lab):
    view = open_lab("descent", "too_large")
    assert "has left the picture" in view.page.locator(".nnlib-lines").inner_text()
    view.set(learning_rate=2.5)
    view.wait_for("JSON.parse(lab.numbers).diverged === 1")
    assert "Diverged: at step" in view.page.locator(".nnlib-lines").inner_text()
    assert "NaN" not in view.page.locator("#view").inner_text()
    view.set(learning_rate=0.1)
    view.wait_for("JSON.parse(lab.numbers).diverged === 0")


def test_the_start_is_moved_by_arrow_keys_and_pointer(open_lab):
    view = open_lab("descent")
    view.page.locator(".nnlib-start").focus()
    view.page.keyboard.press("ArrowRight")
    view.page.wait_for_function("Math.abs(model.get('value_start_a') + 2.45) < 1e-9")
    box = view.page.locator(".nnlib-square").bounding_box()
    view.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 4)
    view.page.wait_for_function("model.get('value_start_a') === 0 && Math.abs(model.get('value_start_b') - 1.5) < 0.06")


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"])
@pytest.mark.parametrize("surface", ["bowl", "ravine", "saddle", "two_minima"])
def test_every_optimiser_takes_the_same_way_in_both_languages(open_lab, surface, optimizer):
    settings = {"surface": surface, "optimizer": optimizer, "learning_rate": 0.01, "noise": 0.4, "seed": 3, "step": 300}
    view = open_lab("descent", start_a=1.5, start_b=-1.1, **settings)
    expected = LABS["descent"](start_a=1.5, start_b=-1.1, **settings).numbers
    assert shown(view) == {
        name: None if value is None else pytest.approx(value, rel=1e-9, abs=1e-11) for name, value in expected.items()
    }
