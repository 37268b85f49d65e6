"""The session of a lab in a bare page: who trains, and what a reader's moves do to the run.

What a kernel would say is said by the test, so every turn of a session can be provoked: silence, a late
welcome, frames that stop in the middle of a run, nonsense.
"""

import copy
import re

import pytest


def frame(lab, number, step_of=None, **more):
    """A kernel's frame of a finished run, or of the run as it would stand elsewhere."""
    engine = lab.engine
    curve = [list(point) for point in zip(*engine.curve().values(), strict=True)]
    settings = {**engine.run.settings.to_json(), "changes": []}
    state = {**engine.state(), "until": engine.until, "settings": settings, "curve": curve, "fresh": True}
    return {"kind": "frame", "frame": number, "run": 1, "revision": 0, **state, **more}


# --- the page trains ------------------------------------------------------------------------------------------


def test_without_a_kernel_the_page_trains_to_the_same_losses(open_view, lab):
    view = open_view()
    view.wait_for("lab.status === 'finished'")
    assert view.says("engine") == "page"
    assert int(view.says("epoch")) == 30
    assert float(view.says("train-loss")) == pytest.approx(lab.engine.run.metrics()["train_loss"], abs=1e-9)
    assert view.page.evaluate("sent.map(message => message.kind)")[:1] == ["hello"]


def test_a_saved_run_is_shown_at_once_and_goes_on_at_the_first_touch(open_view, lab):
    view = open_view(saved=True)
    view.wait_for("lab.status === 'finished'")
    assert float(view.says("test-loss")) == lab.view.saved["test_loss"]
    view.page.get_by_role("button", name="batch").click()
    view.wait_for(f"Number(lab.step) === {lab.engine.run.step + 1} && lab.status === 'paused'")
    lab.engine.run.advance(1)
    assert float(view.says("train-loss")) == pytest.approx(lab.engine.run.metrics()["train_loss"], abs=1e-9)
    lab.run()


def test_a_slider_is_answered_within_two_animation_frames(open_view):
    view = open_view()
    view.wait_for("lab.engine === 'page'")
    waits = view.page.evaluate(
        """async () => {
          const {dataset} = document.querySelector("#view"), waits = [];
          for (let width = 1; width <= 30; width++) {
            const before = dataset.revision;
            let frames = 0;
            model.set("value_width", width === 6 ? 31 : width);
            while (dataset.revision === before) await new Promise(requestAnimationFrame).then(() => frames++);
            waits.push(frames);
          }
          return waits;
        }"""
    )
    assert max(waits) <= 2
    assert int(view.says("revision")) == 30


def test_a_rate_that_joins_the_run_is_logged_and_does_not_restart_it(open_view):
    view = open_view()
    view.wait_for("lab.status === 'finished'")
    run, step = view.says("run"), int(view.says("step"))
    view.set(continue_run=True)
    view.set(learning_rate=0.003)
    view.wait_for("lab.status === 'finished' && lab.revision === '1'")
    assert (view.says("run"), int(view.says("step"))) == (run, 2 * step)
    assert view.says("changes") == f'[[{step},"learning_rate",0.003]]'


def test_a_diverging_run_is_stopped_and_its_button_cures_it(open_view):
    view = open_view()
    view.set(dataset="plane", activation="relu", learning_rate=10.0)
    view.wait_for("lab.status === 'stopped-by-doctor'")
    assert "NaN" not in view.page.locator(".nnlib-lab").inner_text()
    cure = view.page.get_by_role("button", name=re.compile(r"Set the learning rate to [\d.]+$"))
    advised = float(cure.inner_text().rpartition(" ")[2])
    cure.click()
    view.wait_for("lab.revision === '2'")
    assert advised < 10
    assert view.page.evaluate("model.get('value_learning_rate')") == view.raw("learning_rate", advised)
    view.wait_for("lab.status === 'finished'")


def test_nonsense_is_answered_in_words_and_the_lab_lives_on(open_view, lab):
    circle = lab.controls["dataset"].choices.index("circle")
    schema = copy.deepcopy(lab.view.schema)
    next(field for field in schema if field["field"] == "dataset")["choices"][circle] = "nowhere"
    view = open_view(schema=schema)
    view.wait_for("lab.engine === 'page'")
    view.set(dataset="circle")
    view.page.get_by_role("alert").get_by_text("nowhere").wait_for()
    revision = int(view.says("revision"))
    view.set(dataset="xor")
    view.wait_for(f"Number(lab.revision) > {revision} && lab.status === 'finished'")
    assert not view.page.get_by_role("alert").is_visible()


# --- the kernel trains ----------------------------------------------------------------------------------------


def test_frames_are_painted_and_acknowledged(open_view, lab):
    view = open_view()
    view.page.evaluate("say({kind: 'welcome'})")
    parameters = lab.engine.run.network.parameters.tolist()
    view.page.evaluate("([frame, numbers]) => say(frame, numbers)", [frame(lab, 7), parameters])
    view.wait_for("lab.engine === 'kernel' && lab.status === 'finished'")
    assert {"kind": "ack", "frame": 7} in view.page.evaluate("sent")
    before = view.pixels("square")
    view.page.evaluate("([frame, numbers]) => say(frame, numbers)", [frame(lab, 8), [0.0] * len(parameters)])
    view.page.wait_for_function("sent.some(message => message.frame === 8)")
    assert view.pixels("square") != before


def test_a_kernel_that_falls_silent_is_replaced_without_a_break(open_view, lab):
    view = open_view()
    view.page.evaluate("say({kind: 'welcome'})")
    half = frame(lab, 1, status="training", step=lab.engine.run.step // 2, epoch=15)
    half["curve"] = half["curve"][:16]
    numbers = lab.engine.run.network.parameters.tolist()
    view.page.evaluate("([frame, numbers]) => say(frame, numbers)", [half, numbers])
    view.wait_for("lab.engine === 'kernel'")
    view.wait_for("lab.engine === 'page' && lab.status === 'finished'")
    assert {"kind": "page"} in view.page.evaluate("sent")
    assert float(view.says("test-loss")) == pytest.approx(lab.engine.run.metrics()["test_loss"], abs=1e-9)


def test_a_late_kernel_is_offered_and_taken_by_a_button_or_by_the_next_restart(open_view):
    view = open_view()
    view.wait_for("lab.engine === 'page'")
    assert not view.page.get_by_role("button", name="Use the kernel").is_visible()
    view.page.evaluate("say({kind: 'welcome'})")
    view.page.get_by_role("button", name="Use the kernel").click()
    view.page.wait_for_function("sent.some(message => message.kind === 'take')")


def test_a_number_set_by_hand_is_let_go_where_another_network_comes_before_the_next_frame(open_view):
    view = open_view()
    view.wait_for("lab.status === 'finished'")
    unit = view.page.get_by_role("button", name="Hidden layer 2, unit 4", exact=True)
    unit.evaluate(
        """unit => {
          unit.dispatchEvent(new KeyboardEvent("keydown", {key: "+", bubbles: true}));
          model.set("value_depth", 0);
        }"""
    )
    view.wait_for("lab.revision === '1' && lab.status === 'finished'")
    assert not view.page.get_by_role("alert").is_visible()
    assert view.says("changes") == "[]"
