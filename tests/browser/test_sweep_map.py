"""The sweep map in a bare page: the numbers of Python, its keys, its runs; page and kernel."""

import re

import pytest

from nnlib.labs import Settings, sweep
from nnlib.labs.sweeping import AXES
from tests.browser.exploring import click, run_to_end, slider

TAME = {"dataset": "moons", "noise": 0.2, "width": 4, "depth": 1, "optimizer": "sgd", "learning_rate": 0.1, "seed": 3}


PAGE_SWEEP = """async ([settings, plan]) => {
  const {PageSweep} = await import("/nnlib/labs/web/sweep.js");
  const page = new PageSweep(settings, plan);
  while (!page.finished) page.advance(20);
  return [...page.cells.entries()].sort(([a], [b]) => a - b).map(([, cell]) => cell);
}"""


OWN = {
    "dataset": "own",
    "points": [[x / 2, y / 2, 1 if x > y else -1] for x in range(-4, 5, 2) for y in range(-5, 5, 2)],
}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"dataset": "bumps"},
        {"dataset": "blobs", "optimizer": "adam"},
        {"dropout": 0.3, "features": ["x1", "x1_x2"]},
        {"batch_norm": True, "widths": [5, 2]},
        {"early_stopping": 1, "learning_rate": 0.5},
        OWN,
    ],
)
def test_page_and_kernel_find_the_same_numbers(open_view, more):
    view = open_view()
    settings = Settings(**{**TAME, **more, "epochs": 5})
    for x, xs, y, ys in [("learning_rate", [0.01, 0.1], "l2", [0, 0.01]), ("width", [2, 6], "noise", [0, 0.3])]:
        plan = {"x": x, "y": y, "xs": xs, "ys": ys, "seeds": 2}
        cells = view.page.evaluate(PAGE_SWEEP, [settings.to_json(), plan])
        found = sweep(settings, x, y, xs, ys, seeds=2)
        for name in ("train_loss", "test_loss"):
            assert [cell[name] for cell in cells] == pytest.approx(getattr(found, name).ravel().tolist(), abs=1e-9)
        if found.test_accuracy is None:
            assert {cell["test_accuracy"] for cell in cells} == {None}
        else:
            assert [cell["test_accuracy"] for cell in cells] == pytest.approx(
                found.test_accuracy.ravel().tolist(), abs=1e-9
            )


def test_a_diverged_cell_is_one_in_the_page_too(open_view):
    view = open_view()
    settings = Settings(**{**TAME, "dataset": "plane", "activation": "relu", "depth": 2, "epochs": 8})
    plan = {"x": "learning_rate", "y": "l2", "xs": [0.01, 100], "ys": [0, 0.001], "seeds": 1}
    cells = view.page.evaluate(PAGE_SWEEP, [settings.to_json(), plan])
    assert [cell["diverged"] for cell in cells] == [False, True] * 2
    assert sweep(settings, xs=(0.01, 100.0), ys=(0.0, 0.001)).diverged.ravel().tolist() == [False, True] * 2


def test_axes_and_messages_are_the_same_in_both_languages(open_view, lab):
    view = open_view()
    page = view.page.evaluate("async () => (await import('/nnlib/labs/web/sweep.js')).AXES")
    assert {name: tuple(values) for name, values in page.items()} == AXES
    for name in ("sweep_ready", "ab_differ", "says_rewound"):
        assert name in lab.view.messages


def open_map(view):
    click(view, "Sweep map")
    assert view.page.get_by_role("button", name="Sweep map").get_attribute("aria-expanded") == "true"
    click(view, "Train the map")


def cells(view):
    return view.page.get_by_role("grid").get_by_role("gridcell").and_(view.page.locator("[tabindex]"))


def test_a_cell_is_found_by_keys_and_its_run_is_loaded(open_view, lab):
    view = open_view()
    view.wait_for("lab.status === 'finished'")
    open_map(view)
    view.page.get_by_text(re.compile("Every cell after 30 epochs")).wait_for()
    grid = view.page.get_by_role("grid", name="Learning rate η × λ (L2)")
    assert (
        cells(view).count() == 36
        and grid.get_by_role("columnheader").count() == grid.get_by_role("rowheader").count() == 6
    )
    assert grid.locator("[tabindex='0']").count() == 1
    grid.locator("[tabindex='0']").focus()
    for key in ["ArrowUp", "ArrowUp", "ArrowUp", "End", "ArrowLeft", "ArrowRight", "ArrowRight", "ArrowLeft"]:
        view.page.keyboard.press(key)
    focused = view.page.evaluate("document.activeElement.ariaLabel")
    assert focused.startswith("Learning rate η 0.3, λ (L2) 0.01: train loss 0.")
    assert view.page.locator(".nnlib-sweep-detail").inner_text() == focused
    assert grid.locator("[tabindex='0']").count() == 1
    before = int(view.says("run"))
    view.page.keyboard.press("Enter")
    view.wait_for(f"Number(lab.run) > {before} && lab.status === 'finished'")
    assert view.page.evaluate("model.get('value_learning_rate')") == view.raw("learning_rate", 0.3)
    loss = run_to_end(lab, learning_rate=0.3, l2=0.01).metrics()["test_loss"]
    assert float(view.says("test-loss")) == pytest.approx(loss, abs=1e-9)
    shown = view.page.evaluate("document.activeElement.textContent")
    assert float(shown) == pytest.approx(loss, rel=0.05)
    assert view.page.evaluate("document.activeElement.ariaLabel").endswith("These are the settings in use.")
    view.set(width=9)
    view.page.get_by_text("belongs to other settings").wait_for()


def test_a_cell_starts_anew_also_where_changes_join_the_run(open_view, lab):
    view = open_view()
    view.set(continue_run=True)
    view.wait_for("lab.status === 'finished'")
    open_map(view)
    view.page.get_by_text(re.compile("Every cell after 30 epochs")).wait_for()
    cells(view).nth(0).click()
    view.wait_for("lab.run === '2' && lab.status === 'finished'")
    assert view.says("changes") == "[]" and view.says("epoch") == "30"


def test_a_map_can_be_cancelled_and_shows_other_measures(open_view):
    view = open_view()
    view.wait_for("lab.status === 'finished'")
    click(view, "Sweep map")
    view.page.get_by_label("Map of").select_option(label="Width × Noise")
    view.page.get_by_label("Seeds").select_option(label="mean of 3")
    click(view, "Train the map")
    view.page.wait_for_function("Number(document.querySelector('[role=progressbar]').ariaValueNow) >= 3")
    click(view, "Cancel")
    view.page.get_by_text(re.compile(r"Cancelled: \d+ of 36 cells are trained")).wait_for()
    trained = [text for text in cells(view).all_inner_texts() if text]
    assert 0 < len(trained) < 36
    view.page.get_by_label(re.compile("^Show")).select_option(label="test accuracy")
    assert all(text.endswith("%") for text in cells(view).all_inner_texts() if text)
    # Nothing goes on in the background.
    view.page.wait_for_timeout(150)
    assert len([text for text in cells(view).all_inner_texts() if text]) == len(trained)


def test_the_kernel_trains_the_map_and_its_cells_are_loaded(with_kernel, lab):
    view, kernel = with_kernel()
    open_map(view)
    kernel.pump("document.querySelector('.nnlib-sweep-state').textContent.startsWith('Every cell')")
    expected = run_to_end(lab, learning_rate=0.3, l2=0.01).metrics()["test_loss"]
    target = view.page.get_by_role("gridcell", name="Learning rate η 0.3, λ (L2) 0.01")
    assert float(target.inner_text()) == pytest.approx(expected, rel=0.05)
    target.click()
    kernel.pump(f"Math.abs(Number(lab.testLoss) - {expected}) < 1e-9 && lab.engine === 'kernel'")
    assert kernel.lab.settings.learning_rate == 0.3
    kernel.pump("lab.status === 'finished'")
    assert kernel.tasks() == []


def test_a_map_that_the_kernel_leaves_is_trained_in_the_page(with_kernel):
    view, _ = with_kernel()
    open_map(view)
    view.page.get_by_text("The kernel trains 36 runs").wait_for()
    # From here on nobody answers; the reader's next move shows it.
    click(view, "Restart")
    view.wait_for("lab.engine === 'page'")
    view.page.get_by_text(re.compile("Every cell after 30 epochs")).wait_for()
    assert "" not in cells(view).all_inner_texts()


@pytest.mark.parametrize("width", [360, 640, 1100])
def test_nothing_jumps_or_overflows_while_a_reader_explores(open_view, width):
    view = open_view(width)
    view.wait_for("lab.status === 'finished'")
    click(view, "Freeze as A")
    click(view, "Sweep map")
    parts = ".nnlib-track, .nnlib-rewound, .nnlib-status, .nnlib-ab, .nnlib-sweep, .nnlib-map td, .nnlib-sweep-detail"
    place = "all => all.map(e => [e.offsetLeft, e.offsetTop, e.offsetWidth, e.offsetHeight])"
    view.set(learning_rate=0.01)
    view.wait_for("lab.run === '2' && lab.status === 'finished'")
    before = view.page.locator(parts).evaluate_all(place)
    click(view, "Train the map")
    view.page.get_by_text(re.compile("Every cell after 30 epochs")).wait_for()
    slider(view).focus()
    for key in ["PageDown", "Home"]:
        view.page.keyboard.press(key)
        view.next_frame()
        assert view.page.locator(parts).evaluate_all(place) == before
    assert view.page.evaluate("document.scrollingElement.scrollWidth") <= width
    cut = "all => all.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)"
    assert view.page.locator(".nnlib-map td, .nnlib-rewound, .nnlib-then, .nnlib-ab-table td").evaluate_all(cut) == []
