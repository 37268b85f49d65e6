"""Labs that train nothing, in a bare page: the numbers of Python, every control, sizes, theme, keyboard."""

import json

import pytest

from nnlib.labs import LABS, plan_of
from tests.browser.bare_view import PAGE, ROOT, ViewOnPage
from tests.test_labs import extremes, move
from tests.test_scenes import SCENES


@pytest.fixture
def open_scene(page, static_server):
    """A function that opens the bare page and renders a scene in it."""

    def open_page(name, preset="start", width=1000, **settings):
        page.set_viewport_size({"width": width, "height": 900})
        page.route("**/view", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
        page.goto(f"{static_server(ROOT)}/view")
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
            view.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            assert shown(view) == same(lab), (field, control.value)
    assert "NaN" not in view.page.locator("#view").inner_text()
    assert not view.page.get_by_role("alert").is_visible()
    assert view.page.evaluate("sent") == []


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("width", [360, 640, 800, 1100])
def test_nothing_moves_and_nothing_overflows(open_scene, name, width):
    view = open_scene(name, width=width)
    parts = ".nnlib-toolbar, .nnlib-scene, .nnlib-still, .nnlib-square, canvas, svg, .nnlib-status"
    script = "all => all.map(e => Object.values(e.getBoundingClientRect().toJSON()).slice(0, 4).map(Math.round))"
    boxes = view.page.locator(f"#view :is({parts})").evaluate_all(script)
    for preset in plan_of(name).presets.values():
        view.set(**preset.to_json())
        view.page.wait_for_timeout(60)
        assert view.page.locator(f"#view :is({parts})").evaluate_all(script) == boxes, preset
        assert view.page.evaluate("document.scrollingElement.scrollWidth") <= width


@pytest.mark.parametrize("name", SCENES)
def test_each_button_sets_its_preset(open_scene, name):
    view = open_scene(name, list(plan_of(name).presets)[-1])
    buttons = view.page.locator(".nnlib-toolbar button")
    for i, preset in enumerate(plan_of(name).presets):
        buttons.nth(i).click()
        view.page.wait_for_timeout(60)
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
