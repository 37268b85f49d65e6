"""Exploring the network in a bare page: pointer, taps and keys; numbers set by hand; what stands under the output."""

import json

import numpy as np
import pytest

from nnlib.labs import Lab, Settings, plan_of
from nnlib.labs.messages import MESSAGES
from nnlib.labs.run import Run
from tests.browser.bare_view import ViewOnPage
from tests.browser.test_view import frame


@pytest.fixture
def view(open_view):
    view = open_view()
    view.wait_for("lab.status === 'finished'")
    return view


def unit(view, name):
    return view.page.get_by_role("button", name=name, exact=True)


def panel(view):
    return view.page.get_by_role("group", name="Unit or weight in detail")


def heading(view):
    return view.page.locator(".nnlib-panel-name").inner_text()


def spoken(view):
    return view.page.locator(".nnlib-panel .nnlib-unseen").text_content()


def written(weight):
    """A weight as the panel writes it: two decimals, below 0.1 two significant digits."""
    digits = 2 if abs(weight) >= 0.1 else 3 if abs(weight) >= 0.01 else 4
    return f"{weight:.{digits}f}".replace("-", "−")


def replayed(view, lab):
    """The run that the view's own log of changes describes, trained by the library."""
    settings = lab.engine.settings.with_(changes=json.loads(view.says("changes")), stop=int(view.says("step")))
    return Run(settings).to_end()


def assert_replays(view, lab):
    metrics = replayed(view, lab).metrics()
    assert float(view.says("train-loss")) == pytest.approx(metrics["train_loss"], abs=1e-9)
    assert float(view.says("test-loss")) == pytest.approx(metrics["test_loss"], abs=1e-9)


# --- looking --------------------------------------------------------------------------------------------------


def test_hovering_a_unit_enlarges_it_and_tells_its_formula(view, lab):
    assert panel(view).get_by_text("Point at a unit or a line").is_visible()
    box = panel(view).bounding_box()
    unit(view, "Hidden layer 1, unit 2").hover()
    parameters = lab.engine.run.network.parameters
    assert heading(view) == f"Hidden layer 1, unit 2: bias {written(parameters[13])}"
    a, b, bias = (written(abs(parameters[i])) for i in (1, 7, 13))
    formula = spoken(view)
    assert formula.startswith("h₂⁽¹⁾ = tanh(") and formula.endswith(")")
    for text in (f"{a}·x₁", f"{b}·x₂", f"{bias})"):
        assert text in formula, formula
    map_of = view.pixels("panel-map")
    unit(view, "Hidden layer 2, unit 5").hover()
    assert view.pixels("panel-map") != map_of
    assert spoken(view).count("·h") == 6, "a screen reader gets every term"
    assert "…" in view.page.locator(".nnlib-formula").inner_text()
    unit(view, "Input x₁").hover()
    assert heading(view) == "Input x₁" and not panel(view).get_by_role("spinbutton").is_visible()
    assert panel(view).bounding_box() == box


@pytest.mark.parametrize("saved", [False, True], ids=["trained in the page", "trained by the library"])
def test_with_batch_norm_the_formula_gives_the_number_of_the_unit(open_view, saved):
    settings = {"width": 2, "depth": 1, "batch_norm": True, "dropout": 0.1, "epochs": 30, "dataset": "moons"}
    lab = Lab(plan_of("capacity"), plan_of("capacity").defaults.with_(**settings))
    page = open_view().page
    page.evaluate("close()")
    view = ViewOnPage(page, lab, saved=saved)
    view.wait_for("lab.status === 'finished'")
    unit(view, "Hidden layer 1, unit 2").click()
    formula = spoken(view).translate(str.maketrans("·−\u00a0₁₂", "*- 12")).replace("10⁻⁵", "1e-5").replace("√", "sqrt")
    unit_is, normed, total = (line.partition(" = ")[2] for line in formula.split(",\n"))
    names = {"x1": 1.5, "x2": -2.0, "tanh": np.tanh, "sqrt": np.sqrt}
    names["z"] = eval(total, names)
    names["ẑ"] = eval(normed, names)
    [[_, wanted]] = lab.engine.run.network.hidden(np.array([[1.5, -2.0]]))[0]
    assert eval(unit_is, names) == pytest.approx(wanted, abs=0.02)
    for message in ("panel_norm", "panel_dropout"):
        assert panel(view).get_by_text(MESSAGES[message]).is_visible()
    panel(view).get_by_role("combobox").select_option("β of batch norm")
    beta = lab.engine.run.network.parameters[9]
    assert heading(view) == f"Hidden layer 1, unit 2: β {written(beta)}"


def test_pointing_at_a_line_tells_its_weight(view, lab):
    boxes = [unit(view, name).bounding_box() for name in ("Hidden layer 2, unit 1", "Output 1")]
    weights = lab.engine.run.network.parameters[60:66]
    strongest = max(range(6), key=lambda i: abs(weights[i]))
    start = unit(view, f"Hidden layer 2, unit {strongest + 1}").bounding_box()
    # A little behind its unit a line still runs almost level.
    view.page.mouse.move(start["x"] + start["width"] + 6, start["y"] + start["height"] / 2)
    assert heading(view).startswith(f"Weight from h{'₁₂₃₄₅₆'[strongest]}⁽²⁾ to ŷ: ")
    assert heading(view).endswith(written(weights[strongest]))
    assert boxes[0]["x"] < boxes[1]["x"]


def test_a_click_holds_what_it_hits_and_a_click_beside_lets_go(view):
    unit(view, "Hidden layer 1, unit 1").click()
    unit(view, "Hidden layer 1, unit 3").hover()
    assert heading(view).startswith("Hidden layer 1, unit 1")
    assert unit(view, "Hidden layer 1, unit 1").get_attribute("aria-pressed") == "true"
    box = view.page.locator(".nnlib-diagram").bounding_box()
    view.page.mouse.click(box["x"] + 3, box["y"] + box["height"] - 3)
    assert panel(view).get_by_text("Point at a unit or a line").is_visible()
    unit(view, "Hidden layer 1, unit 3").hover()
    assert heading(view).startswith("Hidden layer 1, unit 3")


def test_a_tap_opens_the_panel_and_a_small_step_changes_the_number(new_page, go_bare, lab):
    page = new_page(viewport={"width": 360, "height": 800}, has_touch=True)
    go_bare(page)
    view = ViewOnPage(page, lab)
    view.wait_for("lab.status === 'finished'")
    unit(view, "Output 1").tap()
    assert heading(view).startswith("Output 1: bias")
    field = panel(view).get_by_role("spinbutton")
    before = float(field.input_value())
    panel(view).get_by_role("button", name="Raise by 0.1").tap()
    view.wait_for("lab.revision === '1'")
    assert float(field.input_value()) == pytest.approx(before + 0.1, abs=1e-4)
    outside = "e => e.scrollWidth > e.clientWidth || e.getBoundingClientRect().right > 360"
    assert not any(
        page.locator(".nnlib-panel, .nnlib-set, .nnlib-panel-text").evaluate_all(f"all => all.map({outside})")
    )


def test_by_keyboard_through_units_into_the_panel_and_back(view, lab):
    page = view.page
    stops = ".nnlib-lab .nnlib-unit[tabindex='0']"
    assert page.locator(stops).count() == 1
    page.locator(stops).focus()
    assert page.locator(stops).get_attribute("aria-label") == "Hidden layer 1, unit 1"
    walk = [
        ("ArrowDown", "Hidden layer 1, unit 2"),
        ("ArrowRight", "Hidden layer 2, unit 2"),
        ("ArrowLeft", "Hidden layer 1, unit 2"),
        ("Home", "Input x₁"),
        ("ArrowDown", "Input x₂"),
        ("ArrowDown", "Input x₂"),
        ("End", "Output 1"),
        ("ArrowLeft", "Hidden layer 2, unit 3"),
    ]
    for key, name in walk:
        page.keyboard.press(key)
        focused = page.evaluate("document.activeElement.ariaLabel")
        assert focused == name, key
        assert heading(view).startswith(name), "focus shows the unit"
        assert page.locator(stops).count() == 1
    described = page.evaluate(
        "document.getElementById(document.activeElement.getAttribute('aria-describedby')).textContent"
    )
    assert described.startswith("h₃⁽²⁾ = tanh(")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.className") == "nnlib-which"
    for _ in range(6):
        page.keyboard.press("ArrowUp")
    assert heading(view).startswith("Weight from h₁⁽¹⁾ to h₃⁽²⁾: ")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.ariaLabel") == "Set by hand: weight from h₁⁽¹⁾"
    page.keyboard.type("1.25")
    page.keyboard.press("Enter")
    view.wait_for("lab.revision === '1'")
    index = 18 + 0 * 6 + 2
    assert json.loads(view.says("changes")) == [[750, f"p{index}", 1.25]]
    assert "Epoch 30: weight from h₁⁽¹⁾ set to 1.25." in panel(view).get_by_role("status").inner_text()
    assert_replays(view, lab)
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.ariaLabel") == "Hidden layer 2, unit 3"
    assert panel(view).get_by_text("Point at a unit or a line").is_visible()
    page.keyboard.press("Enter")
    assert heading(view).startswith("Hidden layer 2, unit 3: bias")


def test_focus_stays_with_the_unit_when_the_box_changes_its_size(view):
    unit(view, "Hidden layer 1, unit 4").focus()
    view.page.set_viewport_size({"width": 760, "height": 900})
    view.page.wait_for_timeout(150)
    assert view.page.evaluate("document.activeElement.ariaLabel") == "Hidden layer 1, unit 4"
    view.set(width=3)
    view.wait_for("lab.run === '2'")
    assert view.page.evaluate("document.activeElement.ariaLabel") == "Hidden layer 1, unit 3"
    assert view.page.locator(".nnlib-lab .nnlib-unit[tabindex='0']").count() == 1
    assert view.page.get_by_text("NaN").count() == 0
    # Looking back, the network that is seen is another one than the one that comes.
    view.page.get_by_role("slider", name="Look back along the run").focus()
    view.page.keyboard.press("Home")
    view.wait_for("lab.rewound === '0'")
    unit(view, "Hidden layer 2, unit 3").focus()
    view.set(width=2)
    view.wait_for("lab.run === '3'")
    assert view.page.evaluate("document.activeElement.ariaLabel") == "Hidden layer 2, unit 2"


# --- setting a number by hand: the page trains ----------------------------------------------------------------


def test_what_is_set_while_resting_stays_and_play_goes_on_from_it(view, lab):
    before = view.pixels("square"), view.pixels("diagram"), view.says("test-loss")
    unit(view, "Output 1").click()
    panel(view).get_by_role("combobox").select_option("weight from h₂⁽²⁾")
    field = panel(view).get_by_role("spinbutton")
    field.fill("-2.5")
    field.press("Tab")
    view.wait_for("lab.revision === '1'")
    assert view.says("status") == "finished" and view.says("step") == "750"
    after = view.pixels("square"), view.pixels("diagram"), view.says("test-loss")
    assert all(new != old for new, old in zip(after, before, strict=True))
    assert_replays(view, lab)
    view.page.get_by_role("button", name="Play").click()
    view.wait_for("lab.epoch === '60' && lab.status === 'finished'")
    assert view.says("changes") == '[[750,"p61",-2.5]]'
    assert_replays(view, lab)


def test_what_is_set_while_training_joins_the_run(open_view, lab):
    fixed = lab.view.fixed | {"epochs": 4000}
    view = open_view(fixed=fixed)
    view.wait_for("lab.status === 'training' && Number(lab.epoch) > 20")
    unit(view, "Output 1").focus()
    for _ in range(3):
        view.page.keyboard.press("+")
    view.wait_for("lab.revision === '3' && lab.status === 'training'")
    view.page.get_by_role("button", name="Pause").click()
    view.wait_for("lab.status === 'paused'")
    changes = json.loads(view.says("changes"))
    assert [field for _, field, _ in changes] == ["p66"] * 3
    assert view.says("run") == "1"
    assert_replays(view, lab)


def test_quick_presses_add_up(view):
    unit(view, "Output 1").click()
    field = panel(view).get_by_role("spinbutton")
    before = float(field.input_value())
    view.page.locator(".nnlib-nudge").last.evaluate("more => { for (let i = 0; i < 5; i++) more.click(); }")
    view.wait_for("lab.revision === '5'")
    assert json.loads(view.says("changes"))[-1][2] == pytest.approx(before + 0.5, abs=1e-4)
    field.focus()
    view.page.keyboard.press("ArrowDown")
    view.wait_for("lab.revision === '6'")
    assert float(field.input_value()) == pytest.approx(before + 0.4, abs=1e-4)


def test_no_number_is_answered_in_words_and_changes_nothing(view):
    unit(view, "Output 1").click()
    field = panel(view).get_by_role("spinbutton")
    before = field.input_value()
    for text in ("", "-", "1e9"):
        field.focus()
        field.press("ControlOrMeta+a")
        field.press("Delete")
        view.page.keyboard.type(text)
        view.page.keyboard.press("Enter")
        view.page.keyboard.press("Tab")
        assert "is a number between" in panel(view).get_by_role("status").inner_text(), text
        assert field.input_value() == before
    assert view.says("revision") == "0" and view.says("changes") == "[]"


def test_a_diverged_run_takes_no_number(open_view):
    view = open_view()
    view.set(dataset="plane", activation="relu", learning_rate=10.0)
    view.wait_for("lab.status === 'stopped-by-doctor'")
    unit(view, "Output 1").click()
    assert panel(view).get_by_role("spinbutton").is_disabled()
    assert panel(view).get_by_text("nothing can be set").is_visible()
    assert "NaN" not in panel(view).inner_text()


# --- setting a number by hand: the kernel trains --------------------------------------------------------------


def show(view, content, numbers):
    view.page.evaluate("([frame, numbers]) => say(frame, numbers)", [content, numbers])


def test_with_a_kernel_the_number_goes_there_and_its_frame_answers(open_view, lab):
    view = open_view()
    view.page.evaluate("say({kind: 'welcome'})")
    parameters = lab.engine.run.network.parameters.tolist()
    show(view, frame(lab, 1), parameters)
    view.wait_for("lab.engine === 'kernel'")
    unit(view, "Output 1").click()
    field = panel(view).get_by_role("spinbutton")
    field.fill("0.5")
    field.press("Enter")
    view.page.wait_for_function("sent.some(message => message.kind === 'change')")
    assert {"kind": "change", "field": "p66", "value": 0.5} in view.page.evaluate("sent")
    parameters[66] = 0.5
    show(view, frame(lab, 2, revision=1, changes=[[750, "p66", 0.5]]), parameters)
    view.wait_for("lab.revision === '1'")
    assert heading(view) == "Output 1: bias 0.50"


def test_a_number_that_no_kernel_answers_is_set_in_the_page(open_view, lab):
    view = open_view()
    view.page.evaluate("say({kind: 'welcome'})")
    show(view, frame(lab, 1), lab.engine.run.network.parameters.tolist())
    view.wait_for("lab.engine === 'kernel'")
    unit(view, "Output 1").focus()
    view.page.keyboard.press("+")
    view.wait_for("lab.engine === 'page' && lab.revision === '1'")
    assert len(json.loads(view.says("changes"))) == 1
    assert_replays(view, lab)


def test_a_saved_run_with_numbers_set_by_hand_goes_on_as_the_library_does(open_view, lab):
    changed = Lab(plan_of("capacity"), lab.settings.with_(changes=((40, "p3", 2.0), (700, "p66", -0.5)), epochs=30))
    page = open_view().page
    page.evaluate("close()")
    view = ViewOnPage(page, changed, saved=True)
    view.wait_for("lab.status === 'finished'")
    assert float(view.says("test-loss")) == changed.view.saved["test_loss"]
    view.page.get_by_role("button", name="batch").click()
    view.wait_for("lab.step === '751'")
    changed.engine.run.advance(1)
    assert float(view.says("test-loss")) == pytest.approx(changed.engine.run.metrics()["test_loss"], abs=1e-9)


BY_HAND = {
    "slopes": (Settings(activation="prelu", depth=1, width=3, dataset="xor", optimizer="sgd"), (9, 12, 3)),
    "four classes": (Settings(dataset="blobs", width=4, optimizer="momentum", learning_rate=0.01), (0, 31, 51)),
    "regression": (Settings(dataset="bumps", optimizer="adam", depth=3, width=3, learning_rate=0.01), (5, 17, 36)),
    "no hidden layer": (Settings(dataset="gauss", depth=0, optimizer="adamw", learning_rate=0.01), (0, 1, 2)),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_a_log_of_numbers_set_by_hand_replays_alike_in_both_languages(open_view, name):
    settings, (a, b, c) = BY_HAND[name]
    changes = [(0, f"p{a}", 0.75), (30, f"p{b}", -1.5), (30, "l2", 0.01), (55, f"p{a}", 0.1), (80, f"p{c}", 2.0)]
    script = """async ([settings, changes]) => {
      const {Run} = await import("/nnlib/labs/web/training.js");
      const run = Run.replay(settings, changes, 80);
      return [[...run.net.parameters], run.trainLoss(), run.testLoss(), [...(run.confusion() ?? [])]];
    }"""
    parameters, train, test, confusion = open_view().page.evaluate(script, [settings.to_json(), changes])
    run = Run(settings.with_(changes=changes, stop=80)).to_end()
    assert parameters == pytest.approx(run.network.parameters, abs=1e-9)
    assert run.network.parameters[c] == 2.0
    assert [train, test] == pytest.approx([run.metrics()["train_loss"], run.metrics()["test_loss"]], abs=1e-9)
    true, predicted = run.data.y_test, run.network.predict(run.data.X_test)
    classes = {"binary": (-1, 1), "multiclass": (0, 1, 2, 3), "regression": ()}[run.data.task]
    assert confusion == [((true == t) & (predicted == p)).sum() for t in classes for p in classes]


def test_a_parameter_that_is_not_there_is_refused_in_words(open_view):
    script = """async (change) => {
      const {Run} = await import("/nnlib/labs/web/training.js");
      try { new Run({width: 2, depth: 1}, [change]); } catch (error) { return error.message; }
    }"""
    page = open_view().page
    assert page.evaluate(script, [3, "p9", 1]) == "p9 is no parameter of this network, which has 9: p0 to p8."
    assert "must be a number between −1000000 and 1000000, not 2000000" in page.evaluate(script, [3, "p8", 2e6])
    assert "cannot change in mid-run" in page.evaluate(script, [3, "p08", 1])
    assert page.evaluate(script, [3, "p8", 1]) is None


# --- what stands under the output -----------------------------------------------------------------------------


def choose(view, name):
    view.page.get_by_role("radio", name=name, exact=True).check(force=True)


def test_loss_accuracy_weights_and_confusion_share_one_box(view, lab):
    boxes, loss = view.boxes(), view.pixels("curves")
    choose(view, "Accuracy")
    assert view.pixels("curves") != loss
    assert "accuracy by epoch" in view.page.locator(".nnlib-curves canvas").get_attribute("aria-label")
    choose(view, "Weights")
    image = view.page.locator(".nnlib-histogram canvas")
    assert image.get_attribute("aria-label").startswith("Histogram of 54 weights from −")
    bars = view.pixels("histogram")
    view.page.get_by_role("combobox", name="Layer").select_option("to the output")
    assert image.get_attribute("aria-label").startswith("Histogram of 6 weights")
    assert view.pixels("histogram") != bars
    choose(view, "Confusion")
    cells = [int(text) for text in view.page.locator(".nnlib-confusion tbody td").all_inner_texts()]
    run = lab.engine.run
    true, predicted = run.data.y_test, run.network.predict(run.data.X_test)
    assert cells == [int(((true == t) & (predicted == p)).sum()) for t in (-1, 1) for p in (-1, 1)]
    assert view.page.get_by_role("rowheader", name="class −1").is_visible()
    choose(view, "Loss")
    assert (view.boxes(), view.pixels("curves")) == (boxes, loss)


def test_accuracies_along_the_run_are_those_of_the_library(view, lab):
    expected = lab.engine.curve()
    assert len(expected["train_accuracy"]) == 31
    assert expected["test_accuracy"][-1] == lab.engine.run.metrics()["test_accuracy"]
    script = """async (settings) => {
      const {PageRunner} = await import("/nnlib/labs/web/page_runner.js");
      const runner = new PageRunner(settings);
      while (!runner.finished) runner.advance(0);
      return runner.curve;
    }"""
    curve = view.page.evaluate(script, lab.engine.settings.to_json())
    for name, values in expected.items():
        assert curve[name] == pytest.approx(values, abs=1e-9), name


@pytest.mark.parametrize("width", [360, 1100])
def test_four_classes_fit_and_a_regression_has_only_losses_and_weights(open_view, width):
    view = open_view(width)
    view.wait_for("lab.status === 'finished'")
    choose(view, "Confusion")
    boxes = view.boxes()
    view.set(dataset="blobs")
    view.wait_for("lab.run === '2' && lab.status === 'finished'")
    assert view.page.locator(".nnlib-confusion tbody td").count() == 16
    assert view.page.locator(".nnlib-confusion").evaluate(
        "e => e.scrollHeight <= e.clientHeight && e.scrollWidth <= e.clientWidth"
    )
    unit(view, "Output 3").focus()
    assert spoken(view).startswith("o₃ = ") and "tanh" not in spoken(view)
    view.set(dataset="bumps")
    view.wait_for("lab.run === '3' && lab.status === 'finished'")
    assert view.page.get_by_role("radio", name="Confusion").is_disabled()
    assert view.page.get_by_role("radio", name="Accuracy").is_disabled()
    assert view.page.locator(".nnlib-curves").is_visible()
    view.set(dataset="moons")
    view.wait_for("lab.run === '4' && lab.status === 'finished'")
    assert view.page.locator(".nnlib-confusion").is_visible(), "the choice is remembered"
    view.page.evaluate("scrollTo(0, 0)")
    assert view.boxes() == boxes
