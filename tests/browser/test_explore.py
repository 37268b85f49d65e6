"""What a reader explores below the lab and along its curves: A/B, looking back, the sweep map; page and kernel."""

import contextlib
import re

import pytest

import nnlib
from nnlib.labs import Settings, sweep
from nnlib.labs.run import Run
from nnlib.labs.sweeping import AXES
from tests.browser.kernel_behind import kernel_behind

TAME = {"dataset": "moons", "noise": 0.2, "width": 4, "depth": 1, "optimizer": "sgd", "learning_rate": 0.1, "seed": 3}


@pytest.fixture
def with_kernel(page, open_view, lab, monkeypatch):
    """A function that opens a view with a live kernel's engine behind it."""
    monkeypatch.delenv("NNLIB_HEADLESS", raising=False)
    make = lambda: nnlib.labs.capacity(**lab.settings.to_json() | {"changes": (), "stop": None})  # noqa: E731
    with contextlib.ExitStack() as kernels:
        yield lambda: kernels.enter_context(kernel_behind(page, make, open_view))


def run_to_end(lab, **settings):
    return Run(lab.settings.with_(changes=(), stop=None, **settings)).to_end()


def click(view, name):
    view.page.get_by_role("button", name=name, exact=True).click()


def slider(view):
    return view.page.get_by_role("slider", name="Look back along the run")


def row(view, name):
    return view.page.locator(f".nnlib-run-{name} td").all_inner_texts()


# --- A and B --------------------------------------------------------------------------------------------------


def test_a_frozen_run_stands_beside_the_one_that_trains(open_view, lab):
    view = open_view()
    view.wait_for("lab.status === 'finished'")
    assert not view.page.get_by_role("button", name="Swap").is_visible()
    click(view, "Freeze as A")
    view.page.get_by_text("A and B have the same settings").wait_for()
    alone, a = view.pixels("curves"), view.pixels("small")
    view.set(l2=0.1)
    view.wait_for("lab.run === '2' && lab.status === 'finished'")
    assert view.page.locator(".nnlib-difference").inner_text() == "From A to B: λ (L2): 0.001 → 0.1"
    losses = [run_to_end(lab, l2=l2).metrics()["test_loss"] for l2 in (0.001, 0.1)]
    for name, loss in zip("ab", losses, strict=True):
        assert row(view, name)[0] == "30" and float(row(view, name)[2]) == pytest.approx(loss, abs=6e-4)
    assert view.pixels("curves") != alone and view.pixels("small") == a
    both = view.pixels("curves")
    click(view, "Unfreeze")
    view.page.get_by_role("button", name="Swap").wait_for(state="hidden")
    assert view.pixels("curves") != both
    assert view.page.evaluate("document.activeElement.textContent") == "Freeze as A"
    assert view.page.get_by_role("img", name="A and B").count() == 0


# The mean difference of two pictures' colours, in shades of 255: from the one first kept to the one that is painted.
KEEP_PICTURE = """canvas => {
  const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const difference = window.kept ? data.reduce((sum, one, i) => sum + Math.abs(one - kept[i]), 0) / data.length : null;
  window.kept ??= data;
  return difference;
}"""


def test_swapping_puts_a_into_the_lab_and_it_goes_on_from_there(open_view, lab):
    view = open_view()
    view.wait_for("lab.status === 'finished'")
    view.set(continue_run=True)
    view.set(learning_rate=0.01)
    view.wait_for("lab.epoch === '60' && lab.status === 'finished'")
    first = view.says("test-loss")
    field = view.page.locator(".nnlib-square canvas").first
    view.wait_for("lab.fine === 'true'")
    field.evaluate(KEEP_PICTURE)
    click(view, "Freeze as A")
    view.set(width=2, dataset="xor")
    view.wait_for("lab.run === '2' && lab.status === 'finished'")
    second = view.says("test-loss")
    click(view, "Swap")
    view.wait_for(f"lab.testLoss === '{first}' && lab.epoch === '60'")
    assert view.says("changes") == '[[750,"learning_rate",0.01]]'
    view.until(lambda: field.evaluate(KEEP_PICTURE) < 0.2)
    values = view.page.evaluate("['width', 'dataset', 'learning_rate'].map(name => model.get(`value_${name}`))")
    assert values == [6, view.raw("dataset", "moons"), view.raw("learning_rate", 0.01)]
    assert (
        view.page.locator(".nnlib-difference")
        .inner_text()
        .startswith("From A to B: Data set: XOR → moons; Width: 2 → 6")
    )
    click(view, "batch")
    view.wait_for("Number(lab.step) === 1501")
    run = Run(lab.settings.with_(changes=((750, "learning_rate", 0.01),), stop=1501)).to_end()
    assert float(view.says("train-loss")) == pytest.approx(run.metrics()["train_loss"], abs=1e-9)
    click(view, "Swap")
    view.wait_for(f"lab.testLoss === '{second}' && lab.epoch === '30'")


def test_in_the_kernel_the_swapped_run_is_replayed_and_the_sliders_follow(with_kernel, lab):
    view, kernel = with_kernel()
    first = float(view.says("test-loss"))
    click(view, "Freeze as A")
    view.set(width=3, learning_rate=0.03)
    kernel.pump("lab.status === 'finished' && Number(lab.run) >= 2 && lab.revision === '2'")
    second = float(view.says("test-loss"))
    click(view, "Swap")
    kernel.pump(f"Math.abs(Number(lab.testLoss) - {first}) < 1e-12 && lab.status === 'finished'")
    assert (kernel.lab.controls["width"].value, kernel.lab.controls["learning_rate"].value) == (6, 0.1)
    assert view.page.evaluate("model.get('value_width')") == 6
    assert first != second and float(row(view, "a")[2]) == pytest.approx(second, abs=6e-4)
    kernel.pump("true")
    assert kernel.tasks() == []


# --- back along the run ---------------------------------------------------------------------------------------


def test_the_slider_shows_the_run_as_it_was_and_end_goes_back(open_view, lab):
    view = open_view()
    view.wait_for("lab.status === 'finished'")
    last, picture = view.says("test-loss"), view.pixels("square")
    slider(view).focus()
    view.page.keyboard.press("Home")
    view.wait_for("lab.rewound === '0' && lab.epoch === '0'")
    start = Run(lab.settings).metrics()
    assert float(view.says("test-loss")) == pytest.approx(start["test_loss"], abs=1e-9)
    assert view.pixels("square") != picture
    assert slider(view).get_attribute("aria-valuenow") == "0"
    assert slider(view).get_attribute("aria-valuetext").startswith("epoch 0: train loss ")
    epochs = []
    for key in ["ArrowRight", "ArrowRight", "PageUp", "ArrowLeft"]:
        view.page.keyboard.press(key)
        view.next_frame()
        epochs.append(int(view.says("epoch")))
    assert 0 < epochs[0] < epochs[1] and epochs[2] >= epochs[3] > epochs[1] - 1
    part = Run(lab.settings.with_(stop=int(view.says("step")))).to_end()
    assert float(view.says("train-loss")) == pytest.approx(part.metrics()["train_loss"], abs=1e-9)
    view.page.keyboard.press("End")
    view.wait_for(f"lab.rewound === '' && lab.testLoss === '{last}' && lab.status === 'finished'")


def test_the_slider_stands_at_the_runs_end_where_no_curves_are_painted(open_view):
    view = open_view(plot="weights")
    view.wait_for("lab.status === 'finished'")
    assert view.page.locator(".nnlib-track .nnlib-thumb").evaluate("thumb => thumb.style.left") == "100%"


@pytest.mark.parametrize("host", [".nnlib-curves", ".nnlib-track"])
def test_dragging_over_the_curves_or_the_slider_pauses_and_looks_back(open_view, host):
    view = open_view()
    view.page.locator(".nnlib-status").scroll_into_view_if_needed()
    view.wait_for("lab.status === 'finished'")
    box = view.page.locator(host).bounding_box()
    view.page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 10)
    view.page.mouse.down()
    view.wait_for("lab.rewound !== ''")
    late = int(view.says("epoch"))
    view.page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 10, steps=4)
    view.wait_for(f"Number(lab.epoch) < {late} - 5")
    view.page.mouse.up()
    early = view.says("epoch")
    view.page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 10)
    view.next_frame()
    assert view.says("epoch") == early
    click(view, "Back")
    view.wait_for("lab.rewound === '' && lab.epoch === '30'")


def test_a_finger_that_scrolls_over_the_curves_does_not_look_back(open_view):
    view = open_view(400)
    view.wait_for("lab.status === 'finished'")
    view.page.locator(".nnlib-curves").scroll_into_view_if_needed()
    devtools = view.page.context.new_cdp_session(view.page)
    devtools.send("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def touch(*path):
        box = view.page.locator(".nnlib-curves").bounding_box()  # a finger scrolls the page
        points = [{"x": box["x"] + x, "y": box["y"] + y} for x, y in path]
        for kind, point in zip(["touchStart", *["touchMove"] * (len(points) - 1)], points, strict=True):
            devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
        devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        view.next_frame()

    touch((150, 100), (151, 90), (151, 70), (151, 40))
    view.page.wait_for_timeout(200)
    assert view.says("rewound") == ""
    touch((250, 60), (240, 60), (150, 60))
    view.wait_for("Number(lab.rewound) > 0 && Number(lab.rewound) < 20")
    looked = view.says("rewound")
    touch((80, 60))
    view.wait_for(f"lab.rewound !== '' && Number(lab.rewound) < {looked}")


@pytest.mark.parametrize("button", ["Go on from here", "Play"])
def test_going_on_ends_where_the_run_had_ended(open_view, lab, button):
    view = open_view()
    view.wait_for("lab.status === 'finished'")
    last, count = view.says("test-loss"), view.says("run")
    slider(view).focus()
    for _ in range(3):
        view.page.keyboard.press("PageDown")
    view.wait_for("lab.rewound !== ''")
    click(view, button)
    view.wait_for("lab.rewound === '' && lab.status === 'finished' && lab.epoch === '30'")
    assert (view.says("test-loss"), view.says("run")) == (last, count)


def test_a_rate_that_is_changed_while_looking_back_holds_from_there(open_view, lab):
    view = open_view()
    view.wait_for("lab.status === 'finished'")
    view.set(continue_run=True)
    slider(view).focus()
    view.page.keyboard.press("PageDown")
    view.wait_for("lab.rewound !== ''")
    step = int(view.says("step"))
    view.set(learning_rate=0.003)
    view.wait_for("lab.rewound === '' && lab.status === 'finished'")
    assert view.says("changes") == f'[[{step},"learning_rate",0.003]]' and view.says("run") == "1"
    run = Run(lab.settings.with_(changes=((step, "learning_rate", 0.003),))).to_end()
    assert float(view.says("test-loss")) == pytest.approx(run.metrics()["test_loss"], abs=1e-9)


def test_going_on_from_a_run_that_a_control_has_just_replaced_does_nothing(open_view):
    view = open_view()
    view.wait_for("lab.status === 'finished'")
    slider(view).focus()
    view.page.keyboard.press("PageDown")
    view.wait_for("lab.rewound !== ''")
    depth = "model.set('value_depth', 0); const buttons = [...document.querySelectorAll('#view button')];"
    view.page.evaluate(f"() => {{ {depth} buttons.find((one) => one.textContent === 'Go on from here').click(); }}")
    view.wait_for("lab.run === '2' && lab.status !== 'training' && lab.rewound === ''")
    assert not view.page.get_by_role("alert").is_visible()


def test_a_run_that_diverged_can_be_looked_back_at(open_view):
    view = open_view()
    view.set(dataset="plane", activation="relu", learning_rate=10.0)
    view.wait_for("lab.status === 'stopped-by-doctor'")
    slider(view).focus()
    view.page.keyboard.press("Home")
    view.wait_for("lab.rewound === '0' && lab.status === 'paused'")
    assert not view.page.get_by_role("alert").is_visible()


def test_a_saved_page_is_replayed_at_the_first_look_back(open_view, lab):
    view = open_view(saved=True)
    view.wait_for("lab.status === 'finished' && lab.epoch === '30'")
    slider(view).focus()
    view.page.keyboard.press("Home")
    view.wait_for("lab.rewound === '0'")
    for epoch in range(1, 4):
        view.page.wait_for_timeout(150)
        view.page.keyboard.press("ArrowRight")
        view.wait_for(f"lab.rewound === '{epoch}'")
    part = Run(lab.settings.with_(changes=(), stop=75)).to_end()
    assert float(view.says("train-loss")) == pytest.approx(part.metrics()["train_loss"], abs=1e-9)


def test_in_the_kernel_looking_back_tells_the_link_and_going_on_replays(with_kernel, lab):
    view, kernel = with_kernel()
    last = view.says("test-loss")
    slider(view).focus()
    view.page.keyboard.press("Home")
    view.page.keyboard.press("ArrowRight")
    kernel.pump("Number(lab.rewound) > 0")
    step = int(view.says("step"))
    view.page.wait_for_timeout(250)
    kernel.pump("true")
    assert kernel.lab.settings.stop == step and f"stop={step}" in kernel.lab.link
    click(view, "Go on from here")
    kernel.pump("lab.rewound === '' && lab.status === 'finished' && lab.epoch === '30'")
    assert (view.says("engine"), view.says("test-loss"), view.says("run")) == ("kernel", last, "1")
    view.page.wait_for_timeout(250)
    kernel.pump("true")
    assert kernel.lab.settings.stop is None and kernel.tasks() == []


def test_snapshots_stay_within_their_memory(open_view):
    view = open_view()
    kept = view.page.evaluate(
        """async () => {
          const {Snapshots} = await import("/nnlib/labs/web/rewind.js");
          return [40, 7000, 400000].map((size) => {
            const all = new Snapshots();
            const take = () => new Float32Array(size);
            for (let epoch = 0; epoch <= 5000; epoch++) all.add({step: epoch, epoch}, epoch, take);
            const gaps = all.list.slice(1).map((one, i) => one.at - all.list[i].at);
            return [all.list.length, all.bytes, all.list[0].at, Math.min(...gaps), Math.max(...gaps)];
          });
        }"""
    )
    for (count, size, first, least, most), at_least in zip(kept, (100, 70, 2), strict=True):
        assert at_least <= count <= 200 and first == 0 and least == most
        assert size <= 4 * 2**20 or count == 3


# --- the sweep map --------------------------------------------------------------------------------------------


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


# --- how it looks ---------------------------------------------------------------------------------------------


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
