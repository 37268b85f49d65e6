"""The line under a lab that says when its run is sensitive: in page and kernel, from a link, at every width."""

import pytest

from nnlib.labs import LABS
from nnlib.labs.messages import MESSAGES


def says_sensitive(view):
    """Whether the line under the lab says it."""
    view.next_frame()
    line = view.page.locator(".nnlib-sensitive[role=status]")
    assert line.inner_text() in ("", MESSAGES["sensitive"])
    return line.inner_text() != ""


def test_the_page_says_that_a_run_is_sensitive_while_it_is(open_lab):
    view = open_lab("playground", "butterfly")
    view.wait_for("lab.engine === 'page'")
    assert says_sensitive(view)
    press = lambda name: view.page.get_by_role("button", name=name, exact=True).click()  # noqa: E731
    for leave, back in [
        (lambda: view.set(seed=5), lambda: view.set(seed=19)),
        (lambda: press("spiral"), lambda: press("butterfly")),
        (lambda: press("own points"), lambda: press("butterfly")),
        (lambda: view.set(continue_run=True, l2=0.1), lambda: view.set(l2=0.0)),
    ]:
        leave()
        assert not says_sensitive(view)
        back()
        assert says_sensitive(view)
    view.set(show_test=True, discretise=True)
    assert says_sensitive(view)
    press("batch")
    view.page.get_by_role("slider", name="Look back along the run").focus()
    view.page.keyboard.press("Home")
    view.wait_for("lab.rewound === '0'")
    assert says_sensitive(view)


def test_a_link_and_a_kernel_show_a_sensitive_run_as_one(open_lab, open_with_kernel, page):
    view = open_lab("playground")
    view.wait_for("lab.engine === 'page'")
    assert not says_sensitive(view)
    link = LABS["playground"]("butterfly").settings.with_(stop=30).to_query()
    page.evaluate("hash => { location.hash = hash; }", f"{view.says('lab-id')}?{link}")
    view.wait_for("lab.step === '30'")
    assert says_sensitive(view)
    with open_with_kernel("playground", "butterfly", until="lab.engine === 'kernel'") as (view, kernel):
        assert says_sensitive(view)
        page.get_by_role("button", name="regression").click()
        kernel.pump("lab.engine === 'kernel' && lab.run !== '1'")
        assert not says_sensitive(view)


def test_labs_without_sensitive_presets_have_no_room_for_the_line(open_lab):
    view = open_lab("capacity", epochs=2)
    view.wait_for("lab.status === 'finished'")
    assert view.page.locator(".nnlib-sensitive").count() == 0


@pytest.mark.parametrize("width", [400, 800, 1100])
def test_the_line_stands_between_the_sentence_and_the_buttons_and_moves_nothing(open_lab, width):
    view = open_lab("playground", "butterfly", width=width)
    view.wait_for("lab.engine === 'page'")
    view.page.get_by_role("button", name="Pause").click()
    places = ".nnlib-status, .nnlib-sensitive, .nnlib-row, .nnlib-diagram, .nnlib-square"
    script = "all => all.map(e => Object.values(e.getBoundingClientRect().toJSON()).slice(0, 4).map(Math.round))"
    boxes = lambda: view.page.locator(f".nnlib-lab :is({places})").evaluate_all(script)  # noqa: E731
    assert says_sensitive(view)
    said = boxes()
    view.set(seed=5)
    assert not says_sensitive(view)
    assert boxes() == said
    boxes = {
        e: view.page.locator(f".nnlib-lab .nnlib-{e}").first.bounding_box() for e in ("status", "sensitive", "extras")
    }
    line, foot = boxes["sensitive"], boxes["status"]["y"] + boxes["status"]["height"]
    row = view.page.locator(".nnlib-extras .nnlib-row").first.bounding_box()
    assert foot <= line["y"] and line["y"] + line["height"] <= row["y"]
    assert view.page.evaluate("document.scrollingElement.scrollWidth") <= width
