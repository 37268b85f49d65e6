"""The view of a lab in a bare page: a model that only holds traits, no widget library, no kernel.

What a kernel would say is said by the test, so every turn of a session can be provoked: silence, a late
welcome, frames that stop in the middle of a run, nonsense.
"""

import copy
import hashlib
from pathlib import Path

import pytest

from nnlib.labs import Lab, plan_of

ROOT = Path(__file__).parents[2]

PAGE = """<!doctype html><html data-theme="light"><head><meta charset="utf-8"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/nnlib/labs/bundle/lab.css"></head><body style="margin: 0">
<div class="nnlib-lab"><div class="nnlib-grid"><div id="view"></div>
<div class="nnlib-controls"><div class="nnlib-group">controls</div></div></div></div></body></html>"""

# The model of a widget as far as a view may use it. `floats` stands for a buffer of float32.
MODEL = """
async ({state, floats}) => {
  state.saved_parameters = new DataView(Float32Array.from(floats).buffer);
  const handlers = new Map();
  const emit = (name, ...what) => [...(handlers.get(name) ?? [])].forEach((handler) => handler(...what));
  window.sent = [];
  window.model = {
    get: (name) => state[name],
    set(name, value) { state[name] = value; emit(`change:${name}`); },
    on: (name, handler) => handlers.set(name, [...(handlers.get(name) ?? []), handler]),
    off: (name, handler) => handlers.set(name, (handlers.get(name) ?? []).filter((one) => one !== handler)),
    save_changes() {},
    send: (message) => void sent.push(message),
  };
  window.say = (message, numbers) =>
    emit("msg:custom", message, numbers ? [new DataView(Float32Array.from(numbers).buffer)] : []);
  const {default: factory} = await import("/nnlib/labs/bundle/lab.js");
  const widget = factory();
  const closeSession = await widget.initialize({model});
  const closeView = await widget.render({model, el: document.querySelector("#view")});
  window.close = () => (closeView(), closeSession());
}"""


class ViewOnPage:
    """One view, driven by the traits of its model."""

    def __init__(self, page, lab, *, saved=False, **traits):
        self.page, self.controls = page, lab.controls
        names = ["lab", "lab_id", "hint", "messages", "schema", "fixed", "alt", "saved"]
        state = {name: getattr(lab.view, name) for name in [*names, *(f"value_{field}" for field in lab.controls)]}
        if not saved:
            state["saved"] = {}
        floats = lab.engine.run.network.parameters.tolist()
        page.evaluate(MODEL, {"state": state | traits, "floats": floats})
        self.root = page.locator("[data-nnlib-lab]")

    def set(self, **values):
        """Move controls, all before the next animation frame."""
        raw = {f"value_{name}": self.raw(name, value) for name, value in values.items()}
        self.page.evaluate("values => Object.entries(values).forEach(([name, value]) => model.set(name, value))", raw)

    def raw(self, field, value):
        choices = self.controls[field].choices
        return choices.index(value) if choices else value

    def says(self, name):
        return self.root.get_attribute(f"data-{name}")

    def wait_for(self, condition):
        self.page.wait_for_function(
            f"() => {{ const lab = document.querySelector('#view').dataset; return {condition}; }}", timeout=15_000
        )

    def pixels(self, part):
        canvas = self.page.locator(f".nnlib-{part} canvas").first
        return hashlib.sha256(canvas.evaluate("canvas => canvas.toDataURL()").encode()).hexdigest()

    def boxes(self):
        """Place and size of every part that must not move."""
        parts = ".nnlib-toolbar > *, .nnlib-square, .nnlib-legend, .nnlib-number, .nnlib-curves, .nnlib-diagram, p"
        script = "all => all.map(e => Object.values(e.getBoundingClientRect().toJSON()).slice(0, 4).map(Math.round))"
        return self.page.locator(f"#view :is({parts})").evaluate_all(script)


@pytest.fixture(scope="module")
def lab():
    plan = plan_of("capacity")
    settings = {"dataset": "moons", "noise": 0.2, "width": 6, "epochs": 30, "seed": 3, "optimizer": "sgd"}
    return Lab(plan, plan.defaults.with_(learning_rate=0.1, **settings))


@pytest.fixture
def open_view(page, static_server, lab):
    def open_page(width=1000, **options):
        page.set_viewport_size({"width": width, "height": 900})
        page.route("**/view", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
        page.goto(f"{static_server(ROOT)}/view")
        return ViewOnPage(page, lab, **options)

    return open_page


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
    assert "NaN" not in view.page.locator("#view").inner_text()
    view.page.get_by_role("button", name="Set the learning rate to 1").click()
    view.wait_for("lab.revision === '2'")
    assert view.page.evaluate("model.get('value_learning_rate')") == view.raw("learning_rate", 1.0)


def test_nonsense_is_answered_in_words_and_the_lab_lives_on(open_view, lab):
    circle = lab.controls["dataset"].choices.index("circle")
    schema = copy.deepcopy(lab.view.schema)
    next(field for field in schema if field["field"] == "dataset")["choices"][circle] = "nowhere"
    view = open_view(schema=schema)
    view.wait_for("lab.engine === 'page'")
    view.set(dataset="circle")
    view.page.get_by_role("alert").get_by_text("nowhere").wait_for()
    view.set(dataset="xor")
    view.wait_for("lab.status === 'finished'")
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


# --- how it looks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [360, 640, 800, 1100])
def test_parts_stay_where_they_are_and_nothing_overflows(open_view, width):
    view = open_view(width)
    view.wait_for("lab.status === 'finished'")
    boxes = None
    for units, layers, dataset in [(1, 0, "spiral"), (32, 6, "spiral"), (8, 2, "blobs"), (8, 2, "bumps")]:
        run = int(view.says("run"))
        view.set(width=units, depth=layers, dataset=dataset, learning_rate=0.01)
        view.wait_for(f"Number(lab.run) > {run} && Number(lab.epoch) > 0")
        boxes = boxes or view.boxes()
        assert view.boxes() == boxes, (units, layers, dataset)
        assert view.page.evaluate("document.scrollingElement.scrollWidth") <= width
        outside = "all.filter(e => e.offsetLeft < 0 || e.offsetLeft + e.offsetWidth > e.parentElement.offsetWidth)"
        assert view.page.locator(".nnlib-units > *").evaluate_all(f"all => {outside}.length") == 0


def test_every_part_has_a_name_and_the_sentence_speaks_at_most_once_a_second(open_view):
    view = open_view()
    view.wait_for("lab.engine === 'page'")
    view.page.evaluate(
        """() => { window.spoken = [];
          new MutationObserver(() => spoken.push(performance.now()))
            .observe(document.querySelector(".nnlib-status"), {childList: true}); }"""
    )
    view.page.get_by_role("button", name="Restart").click()
    view.page.get_by_text("Finished at epoch 30").wait_for()
    times = view.page.evaluate("spoken")
    assert all(later - earlier > 950 for earlier, later in zip(times, times[1:], strict=False))
    for name in ["Hidden layer 2, unit 6", "Input x₁", "Output 1"]:
        assert view.page.get_by_role("img", name=name, exact=True).count() == 1
    assert view.page.get_by_role("img", name="Decision surface").count() == 1
    assert view.page.locator("#view [role=img]:not([aria-label])").count() == 0


def test_the_theme_of_the_page_is_followed_at_once(open_view):
    view = open_view()
    view.wait_for("lab.status === 'finished'")
    before = [view.pixels(part) for part in ("square", "diagram", "curves")]
    view.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    view.wait_for("lab.nnlibTheme === 'dark'")
    view.page.wait_for_timeout(100)
    assert all(old != view.pixels(part) for old, part in zip(before, ("square", "diagram", "curves"), strict=True))


def test_a_view_that_is_closed_leaves_nothing_behind(open_view):
    view = open_view()
    view.wait_for("lab.status === 'training' || lab.status === 'finished'")
    view.page.evaluate("() => { close(); model.set('value_width', 9); say({kind: 'welcome'}); }")
    view.page.wait_for_timeout(800)
    assert view.page.locator("#view > *").count() == 0
