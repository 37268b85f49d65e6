"""Every lab at the widths that readers have: nothing is cut, nothing lies on its neighbour."""

import pytest

from nnlib.labs import LABS
from nnlib.labs.messages import MESSAGES

#: Of the window. On a page of the book a lab is 1075, 903, 768, 836, 668, 368 and 328 pixels wide there.
WIDTHS = [1250, 900, 700, 360]

# What is wider than its box, and what of one tile reaches into the next.
MISFITS = """() => {
  const wrong = [], lab = document.querySelector(".nnlib-lab");
  const texts = ".nnlib-number b, .nnlib-number span, .widget-label, .nnlib-button, .nnlib-view p";
  const box = (node) => node.getBoundingClientRect();
  const name = (node) => `${node.tagName}.${node.className}: ${node.textContent.trim().slice(0, 40)}`;
  for (const node of lab.querySelectorAll(texts)) {
    if (!probe.shown(node) || !node.textContent.trim()) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const room = box(node.closest(".nnlib-number") ?? node);
    if (box(range).right > room.right + 1) wrong.push(`too wide: ${name(node)}`);
  }
  for (const node of lab.querySelectorAll("table, canvas, svg, select, input")) {
    if (!probe.shown(node)) continue;
    const [inner, outer] = [node, node.parentElement].map(box);
    if (inner.right > outer.right + 1 || inner.left < outer.left - 1) wrong.push(`sticks out: ${name(node)}`);
  }
  if (document.scrollingElement.scrollWidth > innerWidth) wrong.push("the page scrolls sideways");
  return wrong;
}"""


@pytest.mark.parametrize("name", LABS)
def test_nothing_is_cut_and_nothing_overlaps(open_gallery, name):
    page = open_gallery(name)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(150)
        assert not page.evaluate(MISFITS), f"in a window of {width} pixels"


# What is in sight at the middle of the handle of a slider, and of the small output.
IN_SIGHT = """() => {
  const top = (node) => {
    const {left, top, width, height} = node.getBoundingClientRect();
    return document.elementFromPoint(left + width / 2, top + height / 2);
  };
  const [peek, handle] = [".nnlib-peek", ".nnlib-control-l2 .noUi-handle"].map((part) => document.querySelector(part));
  return [peek.contains(top(peek)), handle.contains(top(handle))];
}"""


@pytest.mark.parametrize("name", ["capacity", "folding"])
def test_on_a_phone_the_output_stays_in_sight_while_a_far_slider_moves(open_gallery, name):
    page = open_gallery(name, viewport={"width": 400, "height": 800}, has_touch=True, reduced_motion="reduce")
    # As Tab goes: in the order in which they are seen.
    sections = "toolbar", "output", "part", "controls", "network", "status", "extras"
    tops = page.locator(", ".join(f".nnlib-{name}" for name in sections)).evaluate_all(
        "all => all.map(section => section.getBoundingClientRect().top)"
    )
    assert len(tops) >= 6 and tops == sorted(tops)
    handle = page.locator(".nnlib-control-l2 .noUi-handle")
    for end in ("Home", "End"):
        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        handle.focus()
        handle.press(end)
        page.wait_for_timeout(300)
        assert page.evaluate(IN_SIGHT) == [True, True]
        assert not page.locator(".nnlib-square").first.evaluate("square => square.getBoundingClientRect().bottom > 60")
    pixels = page.locator(".nnlib-peek canvas").last
    before = pixels.evaluate("canvas => canvas.toDataURL()")
    handle.press("Home")
    page.wait_for_function(
        "old => [...document.querySelectorAll('.nnlib-peek canvas')].at(-1).toDataURL() !== old", arg=before
    )
    page.wait_for_function(
        """() => document.querySelector(".nnlib-peek b").textContent
          === document.querySelector(".nnlib-train-loss b").textContent"""
    )
    for size in ({"width": 800, "height": 400}, {"width": 400, "height": 500}, {"width": 1250, "height": 900}):
        page.set_viewport_size(size)
        assert not page.locator(".nnlib-peek").is_visible(), "no room to spare, or no need"


@pytest.mark.parametrize("name", ["playground", "perceptron", "graph"])
def test_each_control_has_a_name_that_is_seen_and_a_tooltip_that_says_something(open_gallery, name):
    page = open_gallery(name)
    assert page.locator(".nnlib-lab [title=null]").count() == 0
    for label in page.locator(".nnlib-controls .widget-label:visible").all():
        assert label.inner_text() and label.bounding_box()["width"] > 20
    # The values of the graph stand beside it: their text is for links only.
    fields = page.locator(".nnlib-controls :is(input:not([type=checkbox]), select):visible").all()
    named = [field.evaluate("field => Boolean(field.labels[0]?.checkVisibility())") for field in fields]
    assert all(named)
    if name == "playground":
        tip = page.get_by_text(MESSAGES["control_l2"], exact=True).get_attribute("title")
        assert tip == MESSAGES["tip_l2"]
