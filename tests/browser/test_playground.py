"""Building a network in the playground: inputs, layers, units, activations; mouse, keyboard, page and kernel."""

import numpy as np
import pytest

from nnlib.labs import Lab
from nnlib.labs.build_playground import PLAYGROUND
from nnlib.labs.run import Run

QUICK = {"epochs": 100, "pace": 100, "batch_size": 50}
PARTS = ".nnlib-layers-head, .nnlib-diagram, .nnlib-panel, .nnlib-output"
PLACES = """all => all.map((part) => {
  const {left, top, width, height} = part.getBoundingClientRect();
  return [left, top + scrollY, width, height].map(Math.round);
})"""


@pytest.fixture(scope="module")
def lab():
    return Lab(PLAYGROUND, PLAYGROUND.defaults.with_(**QUICK))


@pytest.fixture
def view(open_view):
    made = open_view()
    made.wait_for("lab.status === 'finished' && lab.revision === '0'")
    return made


def get(view, field):
    return view.page.evaluate(f"model.get('value_{field}')")


def button(view, name):
    return view.page.get_by_role("button", name=name, exact=True)


def spin(view, name):
    return view.page.get_by_role("spinbutton", name=name, exact=True)


def note(view):
    return view.page.locator(".nnlib-build [role=status]").inner_text()


def network_of(view):
    """Units of each column, as the diagram has them."""
    columns = view.page.locator(".nnlib-unit").evaluate_all("all => all.map((unit) => Number(unit.dataset.column))")
    return np.bincount(columns).tolist()


def after(view, revision):
    view.wait_for(f"lab.revision === '{revision}' && lab.status === 'finished'")


def test_inputs_are_given_and_taken_away_one_change_each(view, lab):
    button(view, "sin x₁").click()
    assert get(view, "features") == ["x1", "x2", "sin_x1"] and note(view) == "Inputs: x₁, x₂, sin x₁."
    after(view, 1)
    button(view, "x₁x₂").click()
    after(view, 2)
    assert get(view, "features") == ["x1", "x2", "x1_x2", "sin_x1"]  # in the order of the buttons
    assert network_of(view) == [4, 4, 2, 1]
    run = Run(lab.settings.with_(features=("x1", "x2", "x1_x2", "sin_x1"))).to_end()
    assert float(view.says("test-loss")) == pytest.approx(run.metrics()["test_loss"], abs=1e-9)
    for name in ("x₁", "x₂", "sin x₁"):
        button(view, name).click()
    last = button(view, "x₁x₂")
    assert (last.get_attribute("aria-pressed"), last.get_attribute("aria-disabled")) == ("true", "true")
    last.click(force=True)
    assert note(view) == last.get_attribute("title") == "A network needs at least one input."
    after(view, view.says("revision"))
    assert get(view, "features") == ["x1_x2"] and network_of(view) == [1, 4, 2, 1]


def test_layers_and_units_by_mouse_up_to_their_limits(view):
    button(view, "Add a layer").click()
    after(view, 1)
    assert get(view, "widths") == [4, 2, 2] and network_of(view) == [2, 4, 2, 2, 1]
    button(view, "One unit more in hidden layer 3").click()
    button(view, "One unit fewer in hidden layer 1").click()
    assert get(view, "widths") == [3, 2, 3] and note(view) == "Hidden layer 1: units 3."
    for _ in range(3):
        button(view, "Add a layer").click()
    more = button(view, "Add a layer")
    assert more.get_attribute("aria-disabled") == "true" and more.get_attribute("title").endswith("6 hidden layers.")
    more.click(force=True)
    assert len(get(view, "widths")) == 6 and note(view) == more.get_attribute("title")
    for _ in range(6):
        button(view, "Remove the last layer").click()
    view.wait_for("lab.status === 'finished'")
    view.page.wait_for_function("document.querySelectorAll('.nnlib-unit').length === 3")
    assert get(view, "widths") == [] and network_of(view) == [2, 1]
    button(view, "Remove the last layer").click(force=True)
    assert note(view) == "There is no hidden layer to remove."
    button(view, "Add a layer").click()
    assert get(view, "widths") == [4]


def test_quick_clicks_within_one_frame_all_count(view, lab):
    view.page.evaluate(
        """() => { const press = (name) => document.querySelector(`[aria-label="${name}"]`).click();
          for (let i = 0; i < 5; i++) press("One unit more in hidden layer 1");
          press("Add a layer"); press("One unit more in hidden layer 3");
          document.querySelector("[data-input=x1]").click(); }"""
    )
    assert get(view, "widths") == [9, 2, 3] and get(view, "features") == ["x2"]
    view.wait_for("lab.run === '2' && lab.status === 'finished'")
    run = Run(lab.settings.with_(widths=(9, 2, 3), features=("x2",))).to_end()
    assert float(view.says("train-loss")) == pytest.approx(run.metrics()["train_loss"], abs=1e-9)


def test_by_keyboard_alone(view):
    press = view.page.keyboard.press
    button(view, "x₁").focus()
    press("Space")
    assert get(view, "features") == ["x2"]
    for _ in range(7):
        press("Tab")  # past the other inputs
    focus = "document.activeElement.ariaLabel"
    assert view.page.evaluate(focus) == "Hidden layers"
    press("ArrowUp")
    assert get(view, "widths") == [4, 2, 2]
    press("Home")
    press("ArrowUp")
    assert get(view, "widths") == [4]
    press("Tab")
    assert view.page.evaluate(focus) == "Units of hidden layer 1"
    for _ in range(3):
        press("ArrowUp")
    press("ArrowDown")
    assert get(view, "widths") == [6]
    press("End")
    assert get(view, "widths") == [32]
    press("ArrowUp")
    assert get(view, "widths") == [32] and note(view) == "A layer has at most 32 units."
    press("Tab")
    assert view.page.evaluate(focus) == "Activation of hidden layer 1"
    press("r")  # a select goes to what is typed
    view.wait_for("lab.status === 'finished'")
    assert get(view, "activations") == ["relu"]
    ring = view.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert ring == "solid"


def test_an_activation_for_one_layer_or_as_all(view, lab):
    first, second = (view.page.get_by_label(f"Activation of hidden layer {layer}") for layer in (1, 2))
    second.select_option("relu")
    assert get(view, "activations") == ["common", "relu"] and note(view) == "Hidden layer 2: ReLU."
    view.wait_for("lab.run === '2'")  # changes of one animation frame are one restart, and frames may be slow
    view.set(activation="sigmoid")
    view.wait_for("lab.run === '3' && lab.status === 'finished'")
    shown = "select => select.selectedOptions[0].textContent"
    assert (first.evaluate(shown), second.evaluate(shown)) == ("sigmoid", "ReLU")
    run = Run(lab.settings.with_(activation="sigmoid", activations=("common", "relu"))).to_end()
    assert float(view.says("train-loss")) == pytest.approx(run.metrics()["train_loss"], abs=1e-9)
    second.select_option("common")
    assert get(view, "activations") == []
    count = "all => all.map((group) => [group.label, group.childElementCount])"
    groups = first.locator("optgroup").evaluate_all(count)
    assert groups == [["as all layers", 1], ["this layer alone", len(PLAYGROUND.choices["activation"])]]


@pytest.mark.parametrize("width", [360, 400, 700, 1100])
def test_nothing_reaches_over_the_edge_nor_moves(open_view, width):
    view = open_view(width=width)
    view.wait_for("lab.status === 'finished'")
    before = view.page.locator(PARTS).evaluate_all(PLACES)
    for _ in range(5):
        button(view, "Add a layer").click(force=True)
    for name in ("x₁²", "x₂²", "x₁x₂", "sin x₁", "sin x₂"):
        button(view, name).click()
    for layer in range(1, 7):
        spin(view, f"Units of hidden layer {layer}").press("End")
        view.page.get_by_label(f"Activation of hidden layer {layer}").select_option("leaky_relu")
    view.page.wait_for_function("document.querySelectorAll('.nnlib-unit').length === 7 + 6 * 32 + 1")
    assert network_of(view) == [7, 32, 32, 32, 32, 32, 32, 1]
    assert view.page.locator(PARTS).evaluate_all(PLACES) == before
    assert view.page.evaluate("document.documentElement.scrollWidth") <= width
    # Each control lies within its layer, and is large enough for a finger.
    for part in view.page.locator(".nnlib-layer").all():
        outer = part.bounding_box()
        for inner in part.locator("button, select, b").all():
            box = inner.bounding_box()
            assert box["x"] >= outer["x"] and box["x"] + box["width"] <= outer["x"] + outer["width"] + 0.5
            if inner.evaluate("e => e.tagName") == "BUTTON":
                assert min(box["width"], box["height"]) >= 22


def test_a_preset_sets_every_control_and_trains(view):
    button(view, "XOR by x₁x₂").click()
    view.wait_for("lab.revision === '1' && lab.epoch === '1000' && lab.status === 'finished'")
    assert network_of(view) == [1, 1] and get(view, "features") == ["x1_x2"]
    run = Run(PLAYGROUND.presets["product"]).to_end()
    assert float(view.says("test-loss")) == pytest.approx(run.metrics()["test_loss"], abs=1e-9)
    count = view.says("run")
    button(view, "XOR by x₁x₂").click()  # once more: the same run anew
    view.wait_for(f"Number(lab.run) === {count} + 1")
    button(view, "own points").click()
    view.wait_for("lab.status === 'training' || lab.epoch === '1000'")
    assert view.page.evaluate("model.get('points').length") == len(PLAYGROUND.presets["own"].points)


def test_a_list_that_the_lab_does_not_offer_is_not_shown(open_view, lab):
    schema = [entry for entry in lab.view.schema if entry["field"] not in ("widths", "activations")]
    fixed = lab.view.fixed | {"widths": [4, 2], "activations": []}
    view = open_view(schema=schema, fixed=fixed)
    view.wait_for("lab.status === 'finished'")
    assert button(view, "sin x₁").is_visible() and view.page.get_by_role("spinbutton").count() == 0
    button(view, "sin x₁").click()
    assert note(view) == "Inputs: x₁, x₂, sin x₁."


def test_a_lab_without_lists_has_no_such_controls(open_lab):
    view = open_lab("capacity", epochs=5)
    view.wait_for("lab.status === 'finished'")
    assert not view.page.locator(".nnlib-build:visible, .nnlib-presets:visible").count()


def test_the_playground_offers_every_action(view):
    for name in (
        "Play",
        "epoch",
        "batch",
        "Restart",
        "New seed",
        "Freeze as A",
        "Sweep map",
        "Edit points",
        "Load CSV",
    ):
        assert button(view, name).is_visible(), name
    for name in ("Loss", "Accuracy", "Weights", "Confusion"):
        assert view.page.get_by_text(name, exact=True).first.is_visible(), name
    assert view.page.get_by_role("slider", name="Look back along the run").is_visible()
    assert view.page.locator(".nnlib-status[aria-live=polite]").inner_text().startswith("Finished at epoch 100")
    button(view, "Sweep map").click()
    assert view.page.get_by_label("Map of").locator("option").count() >= 1


def test_a_and_b_tell_layers_apart(view):
    button(view, "Freeze as A").click()
    button(view, "Add a layer").click()
    view.page.get_by_label("Activation of hidden layer 1").select_option("relu")
    view.wait_for("lab.status === 'finished' && lab.revision === '2'")
    told = view.page.locator(".nnlib-difference").inner_text()
    assert told == "From A to B: Units of each layer: 4, 2 → 4, 2, 2; Activation of each layer: – → ReLU"
    button(view, "Swap").click()
    view.wait_for("lab.status === 'finished' && lab.epoch === '100'")
    view.page.wait_for_function("model.get('value_widths').length === 2")
    assert spin(view, "Hidden layers").inner_text() == "2" and get(view, "activations") == []


def test_what_a_teacher_locks_is_pale_but_reached_and_says_why_it_does_not_move(view):
    lists = ["features", "widths", "activations"]
    before = [get(view, field) for field in lists]
    view.page.evaluate("lists => model.set('lock', lists)", lists)
    depth, units = spin(view, "Hidden layers"), spin(view, "Units of hidden layer 1")
    depth.focus()
    view.page.keyboard.press("ArrowUp")
    assert note(view) == depth.get_attribute("title") == "Locked in this lab: Units of each layer."
    units.focus()
    view.page.keyboard.press("Home")
    button(view, "x₁x₂").click(force=True)
    assert note(view) == button(view, "x₁x₂").get_attribute("title") == "Locked in this lab: Inputs."
    assert view.page.get_by_role("group", name="Inputs (locked)").is_visible()
    assert view.page.get_by_text("Hidden layers (locked)").is_visible()
    assert view.page.get_by_label("Activation of hidden layer 1").is_disabled()
    opacity = "part => getComputedStyle(part.closest('.nnlib-locked')).opacity"
    assert [part.evaluate(opacity) for part in (depth, units, button(view, "x₁x₂"))] == ["0.65"] * 3
    assert [part.get_attribute("aria-disabled") for part in (depth, units, button(view, "x₁x₂"))] == ["true"] * 3
    assert [get(view, field) for field in lists] == before
    view.page.evaluate("model.set('lock', []), model.set('hide', ['features'])")
    assert not button(view, "x₁x₂").is_visible() and view.page.locator(".nnlib-build .nnlib-locked").count() == 0
    units.focus()
    view.page.keyboard.press("ArrowUp")
    assert get(view, "widths") == [before[1][0] + 1, *before[1][1:]]


def test_with_a_kernel_behind(with_kernel, lab):
    view, kernel = with_kernel()
    button(view, "One unit more in hidden layer 2").click()
    button(view, "Add a layer").click()
    button(view, "x₁x₂").click()
    view.page.get_by_label("Activation of hidden layer 3").select_option("relu")
    kernel.pump("lab.revision === '4' && lab.status === 'finished' && lab.engine === 'kernel'")
    chosen = {"widths": (4, 3, 3), "features": ("x1", "x2", "x1_x2"), "activations": ("common", "common", "relu")}
    settings = kernel.lab.settings
    assert {name: getattr(settings, name) for name in chosen} == chosen
    run = Run(lab.settings.with_(**chosen)).to_end()
    assert float(view.says("test-loss")) == run.metrics()["test_loss"]
    assert network_of(view) == [3, 4, 3, 3, 1]


def test_the_sweep_map_gives_all_layers_the_same_width(view):
    button(view, "Sweep map").click()
    names = view.page.get_by_label("Map of").locator("option").all_inner_texts()
    assert names == ["Learning rate η × λ (L2)", "Width × Noise", "Width × λ (L2)"]
    view.page.get_by_label("Map of").select_option(label="Width × λ (L2)")
    cells = view.page.locator(".nnlib-map td[tabindex]")
    assert cells.locator("xpath=self::*[contains(@class, 'nnlib-current')]").count() == 0, "4 and 2 units are no cell"
    button(view, "Train the map").click()
    view.page.wait_for_function(
        "document.querySelector('.nnlib-sweep-state').textContent.startsWith('Every cell')", timeout=60_000
    )
    cell = view.page.get_by_role("gridcell", name="Width 4, λ (L2) 0:")
    loss = cell.get_attribute("aria-label").partition("test loss ")[2].partition(",")[0]
    cell.click()
    view.wait_for("lab.status === 'finished' && lab.run !== '1'")
    assert get(view, "widths") == [4, 4]
    assert view.page.locator(".nnlib-test-loss b").inner_text() == loss
    assert "These are the settings in use." in cell.get_attribute("aria-label")
    assert "other settings" not in view.page.locator(".nnlib-sweep-state").inner_text()
    for _ in range(2):
        button(view, "Remove the last layer").click()
    button(view, "Train the map").click()
    assert "There is no hidden layer" in view.page.locator(".nnlib-sweep-state").inner_text()
