"""A view of a lab in a bare page: a model that only holds traits, no widget library, no kernel."""

import hashlib
import time
from pathlib import Path

import numpy as np
import pytest

from nnlib.labs import LABS, Lab, plan_of

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


#: Resolves when the animation frame after the next begins. A lab takes up what was done in its next frame; until then
#: it says what was true before, and a test that asks at once may take that for the answer.
NEXT_FRAME = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


class ViewOnPage:
    """One view, driven by the traits of its model."""

    def __init__(self, page, lab, *, saved=False, **traits):
        self.page, self.controls = page, lab.controls
        names = ["lab", "lab_id", "hint", "messages", "schema", "fixed", "points", "points_task", "alt", "presets"]
        names += ["preset_order", "sensitive", "parts", "plot"]
        names += ["saved", "replay", "defaults", "stand_ins", "hide", "lock", "link_rules"]
        state = {name: getattr(lab.view, name) for name in [*names, *(f"value_{field}" for field in lab.controls)]}
        if saved is not True:
            state["saved"] = saved or {}
        floats = np.frombuffer(lab.engine.parameters(), np.float32).tolist() if lab.engine.run else []
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

    def next_frame(self):
        """Wait until the view has taken up and painted what was just done."""
        self.page.evaluate(NEXT_FRAME)

    def wait_for(self, condition):
        """Wait until a JavaScript condition on ``lab``, the root element's dataset, holds."""
        self.next_frame()
        self.page.wait_for_function(
            f"() => {{ const lab = document.querySelector('#view').dataset; return {condition}; }}", timeout=15_000
        )

    def until(self, holds):
        """Wait until ``holds()`` is true, for what no attribute of the view tells; a failure after 15 seconds."""
        end = time.monotonic() + 15
        while not holds():
            assert time.monotonic() < end, "waited 15 seconds in vain"
            self.page.wait_for_timeout(50)

    def pixels(self, part):
        canvas = self.page.locator(f".nnlib-{part} canvas").first
        return hashlib.sha256(canvas.evaluate("canvas => canvas.toDataURL()").encode()).hexdigest()

    def boxes(self):
        """Place and size of every part that must not move."""
        parts = ".nnlib-toolbar > *, .nnlib-square, .nnlib-legend, .nnlib-number, .nnlib-curves, .nnlib-diagram"
        parts += ", .nnlib-switch label, .nnlib-panel, p:not(.nnlib-panel p)"
        script = "all => all.map(e => Object.values(e.getBoundingClientRect().toJSON()).slice(0, 4).map(Math.round))"
        return self.page.locator(f".nnlib-lab :is({parts})").evaluate_all(script)


@pytest.fixture(scope="module")
def lab():
    """A capacity lab whose run is short."""
    plan = plan_of("capacity")
    settings = {"dataset": "moons", "noise": 0.2, "width": 6, "epochs": 30, "seed": 3, "optimizer": "sgd"}
    return Lab(plan, plan.defaults.with_(learning_rate=0.1, batch_size=10, pace=4, **settings))


@pytest.fixture(scope="session")
def go_bare(static_server):
    """A function that leads a page to the bare page, where modules of labs can be imported and a view be rendered."""

    def go(page, fragment=""):
        page.route("**/view", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
        # An address of its own each time: a browser does not load a page again for another fragment alone.
        page.goto(f"{static_server(ROOT)}/view{fragment}")
        return page

    return go


@pytest.fixture
def open_view(page, go_bare, lab):
    """A function that opens the bare page and renders a view of the lab in it."""

    def open_page(width=1000, **options):
        page.set_viewport_size({"width": width, "height": 900})
        return ViewOnPage(go_bare(page), lab, **options)

    return open_page


@pytest.fixture
def open_lab(page, go_bare, live):
    """A function that opens any lab in the bare page; nothing is trained before."""

    def open_page(name, preset="start", width=1000, **settings):
        page.set_viewport_size({"width": width, "height": 900})
        return ViewOnPage(go_bare(page), LABS[name](preset, **settings))

    return open_page
