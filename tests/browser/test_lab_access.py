# ruff: noqa: E501
"""Every lab for every reader: by keyboard alone, on a phone, and what axe-core finds, with all that can be opened open."""

from pathlib import Path

import pytest

from nnlib.labs import LABS

AXE = Path(__file__).parents[2] / "nnlib" / "labs" / "web" / "node_modules" / "axe-core" / "axe.min.js"
NARROW = {"width": 400, "height": 800}
NARROWEST = {"width": 360, "height": 800}

# What Tab must reach, an index for each, and what must not look the same with and without the focus.
PREPARE = """() => {
  const lab = document.querySelector(".nnlib-lab");
  for (const [place, position] of [["probe-before", "beforebegin"], ["probe-behind", "afterend"]]) {
    lab.insertAdjacentHTML(position, `<button id="${place}">${place}</button>`);
  }
  const stops = [...lab.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex], [contenteditable=true]")]
    .filter((node) => node.tabIndex >= 0 && probe.shown(node) && (node.type !== "radio" || node.checked));
  const marks = ["outlineStyle", "outlineWidth", "outlineColor", "boxShadow", "borderColor", "backgroundColor", "stroke",
    "strokeWidth", "fill"];
  // A ring may be drawn around the node, around what it stands in, or inside it.
  const look = (node) => JSON.stringify([node, node.parentElement, node.parentElement.parentElement, ...node.children]
    .map((each) => ["", "::before", "::after"].map((part) => marks.map((name) => getComputedStyle(each, part)[name]))));
  const plain = stops.map(look);
  window.stop = () => {
    const node = document.activeElement, index = stops.indexOf(node);
    return { index, html: node.outerHTML.slice(0, 120), id: node.id, seen: index < 0 || look(node) !== plain[index], inLab: lab.contains(node) };
  };
  document.querySelector("#probe-before").focus();
  return stops.map((node) => node.outerHTML.slice(0, 160));
}"""


@pytest.mark.parametrize("name", LABS)
def test_tab_goes_through_the_whole_lab_and_out_again(open_gallery, name):
    page = open_gallery(name, reduced_motion="reduce")
    stops = page.evaluate(PREPARE)
    assert len(stops) > 3
    reached, invisible = [], []
    for _ in range(2 * len(stops) + 5):
        page.keyboard.press("Tab")
        stop = page.evaluate("stop()")
        if not stop["inLab"]:
            break
        if not stop["seen"]:
            invisible.append(stops[stop["index"]])
        reached.append(stop["index"])
    assert stop["id"] == "probe-behind", f"Tab ends at {stop}"
    assert not invisible, f"no sign of the focus on {invisible}"
    missed = [stops[i] for i in range(len(stops)) if i not in reached]
    assert not missed, f"Tab passes by {missed}"
    for _ in range(len(reached) + 1):
        page.keyboard.press("Shift+Tab")
    assert page.evaluate("stop()")["id"] == "probe-before", "Shift+Tab goes back the same way"


#: Over the lab as long as it is open.
OVER = "dialog[open], .nnlib-lab [role=menu]:not([hidden])"
OPENERS = ".nnlib-lab :is([aria-expanded], [aria-haspopup]):not(:disabled)"


def open_all(page, look):
    """Press everything that opens something, one after the other, and look after each."""
    openers = page.locator(OPENERS)
    for i in range(openers.count()):
        opener = openers.nth(i)
        if not opener.is_visible() or opener.get_attribute("aria-expanded") == "true":
            continue
        opener.click()
        look(opener.inner_text())
        modal = page.locator("dialog:modal")
        if modal.count() or (opener.get_attribute("aria-haspopup") and opener.get_attribute("aria-expanded") == "true"):
            page.keyboard.press("Escape")
            assert not modal.count() and opener.get_attribute("aria-expanded") != "true", (
                "Escape closes what is over the lab"
            )


TOO_WIDE = """() => {
  const lab = document.querySelector(".nnlib-lab"), right = lab.getBoundingClientRect().right;
  const scrolls = (node) => node !== lab && (/auto|scroll|hidden|clip/.test(getComputedStyle(node).overflowX)
    || (node.parentElement && scrolls(node.parentElement)));
  const out = [...lab.querySelectorAll("*")].filter((node) => probe.shown(node) && !(node instanceof SVGElement)
    && !(node.parentElement && scrolls(node.parentElement)) && node.getBoundingClientRect().right > right + 1);
  const wide = document.scrollingElement.scrollWidth > innerWidth ? ["the page"] : [];
  return [...wide, ...out.map((node) => node.outerHTML.slice(0, 120))].slice(0, 5);
}"""


@pytest.mark.parametrize("name", LABS)
def test_on_a_phone_nothing_is_wider_than_the_screen(open_gallery, name):
    page = open_gallery(name, viewport=NARROW, has_touch=True)

    def look(what):
        for size in (NARROWEST, NARROW):
            page.set_viewport_size(size)
            # Diagrams follow the new width in the next frame.
            page.evaluate(
                "() => new Promise((done) => setTimeout(() => requestAnimationFrame(() => setTimeout(done)), 50))"
            )
            assert not page.evaluate(TOO_WIDE), f"{what}, {size['width']} pixels"

    look("as it opens")
    open_all(page, look)


@pytest.mark.parametrize("name", LABS)
def test_axe_finds_no_violation(open_gallery, name):
    assert AXE.is_file(), "axe-core is not installed: `make test` fetches it"
    page = open_gallery(name, reduced_motion="reduce")
    page.add_script_tag(path=AXE)

    def look(what, part=".nnlib-lab"):
        found = page.evaluate("async part => (await axe.run(part)).violations", part)
        said = [
            f"{each['id']}: {node['html'][:200]}\n  {node['failureSummary']}"
            for each in found
            for node in each["nodes"]
        ]
        assert not said, "\n".join([f"{what}:", *said])

    def look_over(what):
        """What lies over the lab is looked at while it is open; what opens inside stays open until the end."""
        if page.locator(OVER).count():
            look(what, OVER)

    look("as it opens")
    open_all(page, look_over)
    look("everything open")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("document.querySelector('.nnlib-lab').dataset.nnlibTheme === 'dark'", polling=50)
    look("everything open, dark")
