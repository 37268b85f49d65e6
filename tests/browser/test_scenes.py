"""Labs that train nothing, in a bare page: the numbers of Python, every control, sizes, theme, keyboard."""

import json
import random
from pathlib import Path

import pytest

from nnlib.labs import LABS, plan_of
from nnlib.labs.messages import MESSAGES
from tests.browser.bare_view import ViewOnPage
from tests.browser.labs import LabOnPage
from tests.live_labs import extremes, move
from tests.test_scenes import SCENES


@pytest.fixture
def open_scene(page, go_bare):
    """A function that opens the bare page and renders a scene in it."""

    def open_page(name, preset="start", width=1000, **settings):
        page.set_viewport_size({"width": width, "height": 900})
        go_bare(page)
        view = ViewOnPage(page, LABS[name](preset, **settings))
        view.wait_for("lab.numbers")
        return view

    return open_page


def shown(view):
    return json.loads(view.says("numbers"))


def same(lab):
    """The numbers of Python, to compare with those of the page."""
    near = lambda value: None if value is None else pytest.approx(value, rel=1e-12, abs=1e-14)  # noqa: E731
    return {key: near(value) for key, value in lab.run().items()}


@pytest.mark.parametrize("name", SCENES)
def test_every_control_shows_in_the_page_the_numbers_of_python(open_scene, name):
    view = open_scene(name)
    lab = LABS[name]()
    assert (view.says("engine"), view.says("status"), view.says("revision")) == ("page", "finished", "0")
    for field, control in lab.controls.items():
        before = control.raw()
        for raw in [*extremes(control), before]:
            move(control, raw)
            view.page.evaluate("([name, raw]) => model.set(name, raw)", [f"value_{field}", raw])
            view.next_frame()
            assert shown(view) == same(lab), (field, control.value)
    assert "NaN" not in view.page.locator("#view").inner_text()
    assert not view.page.get_by_role("alert").is_visible()
    assert view.page.evaluate("sent") == []


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("width", [360, 640, 800, 1100])
def test_nothing_moves_and_nothing_overflows(open_scene, name, width):
    view = open_scene(name, width=width)
    parts = ".nnlib-toolbar, .nnlib-scene, .nnlib-number, .nnlib-sum > *, .nnlib-square, canvas, svg, .nnlib-status"
    script = "all => all.map(e => Object.values(e.getBoundingClientRect().toJSON()).slice(0, 4).map(Math.round))"
    boxes = view.page.locator(f"#view :is({parts})").evaluate_all(script)
    ends = [{field: list(extremes(control))[k] for field, control in view.controls.items()} for k in (0, -1)]
    presets = [{f: view.raw(f, v) for f, v in s.to_json().items()} for s in plan_of(name).presets.values()]
    for raw in [*presets, *ends]:
        view.page.evaluate("raw => Object.entries(raw).forEach(([f, v]) => model.set(`value_${f}`, v))", raw)
        # The sentence changes when its second is over.
        view.page.wait_for_timeout(1100 if raw in ends else 60)
        assert view.page.locator(f"#view :is({parts})").evaluate_all(script) == boxes, raw
        assert view.page.evaluate("document.scrollingElement.scrollWidth") <= width


@pytest.mark.parametrize("name", SCENES)
def test_each_button_sets_its_preset(open_scene, name):
    view = open_scene(name, list(plan_of(name).presets)[-1])
    buttons = view.page.locator(".nnlib-toolbar button")
    for i, preset in enumerate(plan_of(name).presets):
        buttons.nth(i).click()
        view.next_frame()
        assert shown(view) == same(LABS[name](preset))


@pytest.mark.parametrize("name", SCENES)
def test_theme_paper_errors_and_closing(open_scene, name):
    view = open_scene(name)
    view.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    view.wait_for("lab.nnlibTheme === 'dark'")
    view.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert view.says("nnlib-theme") == "light"
    view.page.evaluate("dispatchEvent(new Event('afterprint'))")
    view.page.evaluate("say({kind: 'error', text: 'This did not work.'})")
    view.page.get_by_role("alert").get_by_text("This did not work.").wait_for()
    nameless = "#view :is([role=img], [role=slider], canvas):not([aria-label], [aria-hidden])"
    assert view.page.locator(nameless).count() == 0
    view.page.evaluate("close()")
    assert view.page.locator("#view > *").count() == 0


@pytest.mark.parametrize("width", [400, 1100])
@pytest.mark.parametrize("name", SCENES)
def test_no_heading_and_no_number_lies_on_a_picture(open_scene, name, width):
    view = open_scene(name, width=width)
    over = view.page.evaluate(
        """() => {
          const scene = document.querySelector(".nnlib-scene"), box = (part) => part.getBoundingClientRect();
          const pictures = [...scene.querySelectorAll("canvas, svg")].map(box).filter(({ width }) => width > 100);
          const texts = [...scene.querySelectorAll(".nnlib-title, .nnlib-number, .nnlib-lines p")];
          const apart = (a, b) => a.right < b.left + 1 || a.bottom < b.top + 1;
          const meet = (a, b) => !apart(a, b) && !apart(b, a);
          const covers = (text) => pictures.some((picture) => meet(box(text), picture));
          return texts.filter(covers).map((text) => text.innerText);
        }"""
    )
    assert not over


# --- points that a reader moves ---------------------------------------------------------------------------------


def values(view, *fields):
    return [view.page.evaluate("name => model.get(`value_${name}`)", field) for field in fields]


def test_the_neurons_point_is_moved_by_keys_and_by_the_mouse(open_scene):
    view = open_scene("neuron")
    handle = view.page.get_by_role("slider", name="Point")
    handle.focus()
    for key in ["ArrowRight", "ArrowUp", "Shift+ArrowLeft"]:
        view.page.keyboard.press(key)
        view.next_frame()
    assert values(view, "x1", "x2") == [0.55, -0.45]
    assert handle.get_attribute("aria-valuetext") == "x₁ = 0.55, x₂ = −0.45"
    box = view.page.locator(".nnlib-square").bounding_box()
    at = [(box["x"] + share * box["width"], box["y"] + 0.25 * box["height"]) for share in (0.5, 0.75, 3)]
    view.page.mouse.move(*at[0])
    view.page.mouse.down()
    view.page.mouse.move(*at[1])
    view.next_frame()
    assert values(view, "x1", "x2") == pytest.approx([1, 1], abs=0.051)
    view.page.mouse.move(*at[2])  # outside: the point stays at the edge
    view.page.mouse.up()
    assert values(view, "x1") == [2]
    view.page.mouse.move(*at[0])
    assert values(view, "x1") == [2]
    assert view.page.evaluate("document.activeElement.getAttribute('aria-label')") == "Point"


def test_the_activations_point_is_moved_in_both_pictures(open_scene):
    view = open_scene("activation")
    for part in ("activation_f", "activation_slope"):
        box = view.page.locator(f".nnlib-graph-{part}").bounding_box()
        for z in (3, -3):
            x = box["x"] + 26 + (box["width"] - 34) * (z + 6) / 12
            view.page.mouse.click(x, box["y"] + 20)
            assert values(view, "z") == [pytest.approx(z, abs=0.051)]
        assert view.page.evaluate("document.activeElement.getAttribute('role')") == "slider"
    view.next_frame()
    view.page.keyboard.press("ArrowLeft")
    view.next_frame()
    assert values(view, "z") == [pytest.approx(-3.1, abs=0.051)]
    assert view.page.locator(".nnlib-read-z").inner_text().endswith("saturated")


def test_controls_that_do_nothing_are_pale(open_scene):
    view = open_scene("activation")
    labels = "names => { for (const name of names) document.querySelector('.nnlib-group').insertAdjacentHTML("
    labels += "'beforeend', `<div class='nnlib-control-${name}'></div>`) }"
    view.page.evaluate(labels, ["slope", "alpha", "beta", "z"])
    for activation, alive in [("elu", "alpha"), ("prelu", "slope"), ("swish", "beta")]:
        view.set(activation=activation)
        view.next_frame()
        pale = view.page.locator(".nnlib-idle").evaluate_all("all => all.map(e => e.className.split(' ')[0].slice(14))")
        assert set(pale) == {"slope", "alpha", "beta"} - {alive}


@pytest.mark.parametrize("name", SCENES)
def test_the_sentence_speaks_at_most_once_a_second_and_ends_right(open_scene, name):
    view, lab = open_scene(name), LABS[name]()
    sentence = view.page.locator(".nnlib-status")
    for field, control in lab.controls.items():  # one that changes what is said
        low, *_, high = list(extremes(control))
        before = sentence.text_content()
        view.page.evaluate("([name, raw]) => model.set(name, raw)", [f"value_{field}", high])
        view.page.wait_for_timeout(1100)
        if sentence.text_content() != before:
            break
    view.page.wait_for_timeout(1000)
    steps = [low + (high - low) * k / 30 for k in range(31)]
    if control.choices:
        steps = [int(step) for step in steps]
    times = view.page.evaluate(
        """async ([name, steps]) => {
          const spoken = [], status = document.querySelector(".nnlib-status");
          new MutationObserver(() => spoken.push(performance.now())).observe(status, {childList: true});
          for (const step of steps) {
            model.set(name, step);
            await new Promise((done) => setTimeout(done, 50));
          }
          await new Promise((done) => setTimeout(done, 1100));
          return spoken;
        }""",
        [f"value_{control.field}", steps],
    )
    assert 2 <= len(times) <= 4
    assert all(later - earlier > 950 for earlier, later in zip(times, times[1:], strict=False))


# --- with a kernel ------------------------------------------------------------------------------------------------


def test_in_jupyterlab_sliders_and_drags_reach_the_kernel_and_outlive_it(jupyterlab, page):
    jupyterlab.write_notebook("scene.ipynb", ["import nnlib\nlab = nnlib.labs.neuron()", "pass"])
    jupyterlab.open(page, "scene.ipynb")
    jupyterlab.run_all(page)
    lab = LabOnPage(page)
    lab.wait_for("lab.numbers")
    lab.press("w1", "ArrowRight")
    lab.wait_for("Number(lab.revision) === 1")
    page.get_by_role("slider", name="Point").focus()
    page.keyboard.press("ArrowUp")
    lab.wait_for("Number(lab.revision) === 2")
    assert page.locator(".nnlib-control-x2 .widget-readout").text_content() == "−0.45"
    page.locator(".jp-CodeCell").last.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text("import json\nprint('numbers', json.dumps(lab.numbers))")
    page.keyboard.press("Shift+Enter")
    said = page.locator(".jp-OutputArea-output", has_text="numbers").last
    said.wait_for(timeout=20_000)
    assert json.loads(lab.says("numbers")) == pytest.approx(json.loads(said.text_content().split(maxsplit=1)[1]))
    jupyterlab.stop_kernels()
    lab.press("w1", "ArrowRight")
    lab.wait_for("Number(lab.revision) === 3")
    page.get_by_role("button", name="AND", exact=True).click()
    lab.wait_for("JSON.parse(lab.numbers).z === 0.5")


# --- the menu around a scene ------------------------------------------------------------------------------------


def choose(view, name):
    view.page.get_by_role("button", name="More", exact=True).click()
    view.page.get_by_role("menuitem", name=name).click()


def some_values(chance, plan):
    """A value for each field of a scene, anywhere in its range."""
    values = {}
    for name, field in plan.specs.items():
        if field.kind == "text":
            texts = {"values": ["", "1 2 3 4", "0.5 -1e-7 3 1e2"], "own": ["", "1 2 1; 0 0.5 -1", "1 1 1"]}
            values[name] = chance.choice(texts[name])
        elif field.kind == "switch":
            values[name] = chance.random() < 0.5
        elif field.choices:
            values[name] = chance.choice(plan.choices.get(name, field.choices))
        else:
            steps = int((min(field.maximum, 60) - field.minimum) / field.step)
            values[name] = field.minimum + field.step * chance.randint(0, steps)
    return plan.defaults.with_(**values)


@pytest.mark.parametrize("name", SCENES)
def test_the_page_writes_the_scripts_of_python(open_scene, name):
    plan, chance = plan_of(name), random.Random(name)
    cases = [*plan.presets.values(), *(some_values(chance, plan) for _ in range(40))]
    view = open_scene(name)
    texts = view.page.evaluate(
        """async ({lab, cases, messages}) => {
          const {kindsOf, sceneScript} = await import("/nnlib/labs/web/scenes/scripts.js");
          const {SCENES} = await import("/nnlib/labs/web/scenes/index.js");
          const {Words} = await import("/nnlib/labs/web/words.js");
          const write = (kind, settings) => {
            try {
              return sceneScript(lab, kind, settings, SCENES[lab].texts, new Words(messages));
            } catch (error) {
              return error.key ?? String(error);
            }
          };
          return cases.map((settings) => Object.fromEntries(kindsOf(lab).map((kind) => [kind, write(kind, settings)])));
        }""",
        {"lab": name, "cases": [settings.to_json() for settings in cases], "messages": MESSAGES},
    )
    for settings, page in zip(cases, texts, strict=True):
        assert list(page) == list(plan.scripts)
        for kind, text in page.items():
            if text == "python_one_class":
                with pytest.raises(ValueError, match="both classes"):
                    plan.scripts[kind](settings)
            else:
                assert text == plan.scripts[kind](settings), settings


@pytest.mark.parametrize("name", SCENES)
def test_the_menu_of_a_scene(open_scene, name):
    view, lab = open_scene(name), LABS[name]()
    page = view.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    field, control = next((field, control) for field, control in lab.controls.items() if control.kind != "text")
    raw = next(raw for raw in extremes(control) if raw != control.raw())
    page.evaluate("([field, raw]) => model.set(`value_${field}`, raw)", [field, raw])
    move(control, raw)
    value = f"model.get('value_{field}')"
    choose(view, "Link to this picture")
    text = page.locator("dialog[open] textarea").input_value()
    defaults = plan_of(name).defaults
    settings, problems = defaults.from_query(text.partition("?")[2].removesuffix('")'), defaults)
    assert (settings, problems) == (lab.settings, []) and "#" + text.partition("#")[2].partition("?")[0] in text
    page.keyboard.press("Escape")
    choose(view, "Show me the Python")
    assert page.locator("dialog[open] textarea").input_value() == lab.code("nnlib")
    page.keyboard.press("Escape")
    choose(view, "Undo")
    assert page.evaluate(value) != raw
    choose(view, "Redo")
    assert page.evaluate(value) == raw
    choose(view, "Reset the controls")
    assert page.evaluate(value) == view.controls[field].raw()
    for kind, start in [("PNG", b"\x89PNG"), ("SVG", b"<svg")]:
        with page.expect_download() as download:
            choose(view, f"Save the picture ({kind})")
        data = Path(download.value.path()).read_bytes()
        assert data[: len(start)] == start and len(data) > 5000
    choose(view, "Full screen")
    page.wait_for_function("document.querySelector('.nnlib-lab').classList.contains('nnlib-full')")
    assert page.evaluate("sent") == [{"kind": "hello"}]


def test_a_scene_is_opened_at_a_link_and_says_what_it_cannot_use(open_scene):
    view = open_scene("graph")
    query = "graph=car&step=99999&values=15 0.1 2 x&colour=red&changes=5:l2:1&hide=step"
    view.page.evaluate("hash => { location.hash = hash; }", f"{view.says('lab-id')}?v=1&{query}")
    view.page.wait_for_function("document.querySelector('.nnlib-problems').innerText !== ''")
    said = view.page.locator(".nnlib-problems").inner_text()
    for part in ("step must lie between", "'colour'", "'changes'", "x"):
        assert part in said
    assert view.page.evaluate("[model.get('value_values'), model.get('hide')]") == ["", ["step"]]
    assert not view.page.get_by_role("alert").is_visible()
    assert "price" in view.page.locator(".nnlib-status").inner_text() or shown(view)["value_p"] == 15


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("width", [360, 1100])
def test_the_menu_of_a_scene_stays_inside_and_gives_the_focus_back(open_scene, name, width):
    view = open_scene(name, width=width)
    more = view.page.get_by_role("button", name="More", exact=True)
    more.focus()
    view.page.keyboard.press("Enter")
    box = view.page.get_by_role("menu").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width
    view.page.keyboard.press("ArrowUp")
    assert view.page.evaluate("document.activeElement.textContent") == "Full screen"
    view.page.keyboard.press("Escape")
    assert not view.page.get_by_role("menu").is_visible() and more.evaluate("e => e === document.activeElement")
