"""Looking back along a run in a bare page: slider, curves, fingers, going on from there; page and kernel."""

import pytest

from nnlib.labs.run import Run
from tests.browser.exploring import click, slider


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
