"""Every page of the built site, as a reader gets it: wide and narrow, light and dark, printed, without scripts.

The pages watch themselves (see conftest): an error in the console, a missing file or a request to
any other machine fails the test that opened the page.
"""

import json
import re
from functools import cache
from html import unescape
from urllib.parse import unquote

import pytest

from nnlib.activations import ACTIVATIONS
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_lab_access import AXE
from tests.public_names import public

LAB = "[data-nnlib-lab]"
#: The theme's own: the bar's buttons lie outside of all landmarks, and its search field has a name that is not seen.
THEMES = ["region", "landmark-unique", "label-title-only"]
MOST_BYTES = 1_500_000
CHAPTERS = ["01_neurons.html", "08_capacity.html"]
SAVED_STATE = re.compile(r'<script type="application/vnd.jupyter.widget-state\+json">(.*?)</script>', re.DOTALL)
RUNTIME = re.compile(r"embed-amd|require\.js|anywidget")


@pytest.fixture(scope="module")
def pages(site):
    """Names of all pages, relative to the site."""
    return sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html") if "_static" not in path.parts)


@pytest.fixture(scope="module")
def pages_with_labs(site, pages):
    """Names of the pages that hold at least one widget."""
    return [name for name in pages if "vnd.jupyter.widget-view+json" in (site / name).read_text()]


@pytest.fixture(scope="module")
def chapters(pages_with_labs):
    """Two of them: what holds for labs on a page holds for the others by the same extension."""
    assert {*CHAPTERS} <= {*pages_with_labs}
    return CHAPTERS


@pytest.fixture(scope="module")
def opened(chapters, url, lasting_page):
    """Their pages, opened once, by name."""
    found = {name: lasting_page() for name in chapters}
    for name, page in found.items():
        show(page, f"{url}/{name}")
    return found


@cache
def anchors(page):
    """The names on a page that a link's fragment can lead to."""
    return set(re.findall(r'\bid="([^"]+)"', page.read_text()))


@pytest.fixture(scope="module")
def url(site, static_server):
    return static_server(site)


def show(page, address):
    """Open a page and wait until it rests: everything loaded, every lab drawn."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    for view in page.locator(".lab-live").all():
        view.locator(LAB).first.wait_for(state="visible", timeout=30_000)
    for view in page.locator(".question-live").all():
        view.locator("[data-nnlib-question]").wait_for(state="visible", timeout=30_000)


SIZES = {"desktop": (DESKTOP, "light"), "phone": (PHONE, "dark")}


@pytest.fixture(scope="module")
def looks(pages, url, lasting_page):
    """What each page is like, by name and size, and what axe finds: to open a page takes most of the time."""
    page = lasting_page()
    found = {}
    for number, name in enumerate(pages):
        page.set_viewport_size(DESKTOP)
        page.emulate_media(color_scheme="light")
        show(page, f"{url}/{name}")
        for size, (viewport, scheme) in SIZES.items():
            page.set_viewport_size(viewport)
            page.emulate_media(color_scheme=scheme)
            page.wait_for_function("scheme => document.documentElement.dataset.theme === scheme", arg=scheme)
            found[name, size] = page.evaluate(LOOK)
            # Both themes have the same pages; the labs are looked at in both by themselves (test_lab_access).
            if size == list(SIZES)[number % 2]:
                page.add_script_tag(path=AXE)
                found[name, "axe"] = page.evaluate(RUN_AXE, THEMES)
    return found


LOOK = """async () => {
  await window.MathJax?.startup?.promise;
  const all = (selector) => [...document.querySelectorAll(`article ${selector}`)];
  const scrolls = (node) => /auto|scroll/.test(getComputedStyle(node).overflowX) && node.scrollWidth > node.clientWidth;
  const shows = (node) => getComputedStyle(node).maskImage !== "none";
  const right = (node) => node.getBoundingClientRect().right;
  const cut = [
    ...all("pre").filter((pre) => pre.scrollWidth > pre.clientWidth),
    ...all("span.math").filter((math) => right(math.querySelector("mjx-math") ?? math) > right(math) + 1),
    ...all("*").filter((node) => scrolls(node) && !shows(node) && !node.closest(".lab-live, .question-live")),
  ].map((node) => node.textContent.slice(0, 80));
  return { width: document.scrollingElement.scrollWidth, cut, unnamed: all("img:not([alt])").length };
}"""
RUN_AXE = """async (theirs) => {
  const rules = Object.fromEntries(theirs.map((rule) => [rule, { enabled: false }]));
  const { violations } = await axe.run("article, .bd-search-container", { rules, resultTypes: ["violations"] });
  const serious = ({ id, impact }) => impact === "serious" || impact === "critical" || id === "heading-order";
  const where = (nodes) => nodes.slice(0, 3).map(({ html }) => html.slice(0, 160));
  return violations.filter(serious).map(({ id, nodes }) => [id, ...where(nodes)]);
}"""


# Each size and each theme on every page; what depends on both at once is looked at lab by lab (test_lab_layout).
@pytest.mark.parametrize("size", SIZES)
def test_every_page_is_quiet_and_fits(pages, looks, size):
    for name in pages:
        look = looks[name, size]
        assert look["width"] <= SIZES[size][0]["width"], f"{name} is {look['width']} pixels wide"
        assert look["unnamed"] == 0, f"{name} has pictures without alternative text"
        assert not look["cut"], f"{name} hides at the right, with no sign of it: {look['cut']}"


def test_axe_finds_nothing_serious_and_headings_are_in_order(pages, looks):
    found = [(name, *violation) for name in pages for violation in looks[name, "axe"]]
    assert not found, "\n".join(map(str, found))


def test_links_lead_somewhere(pages, site):
    for name in pages:
        page = site / name
        for address in map(unescape, re.findall(r'<a\b[^>]*\bhref="([^"]*)"', page.read_text())):
            if re.match(r"\w+:", address):
                continue  # another site's, or mail
            path, _, anchor = address.partition("#")
            target = (page.parent / unquote(path.split("?")[0])).resolve() if path.split("?")[0] else page
            if target.is_dir():
                target /= "index.html"
            if name == "404.html":  # it stands for any address, so its own begin at the root
                target = site / path.lstrip("/") if path.strip("/") else site / "index.html"
            assert target.is_file(), f"{name} links to {address}"
            if anchor and target.suffix == ".html" and "?" not in anchor:
                assert unquote(anchor) in anchors(target), f"{name} links to {address}, where nothing has that name"


def test_the_reference_holds_every_public_name(site):
    pages = "".join(page.read_text() for page in (site / "api").glob("*.html"))
    for module in public.modules():
        for name in public.members(module):
            assert f'id="{module}.{name}"' in pages, f"{module}.{name} is on no page of the reference"
    assert ">Type<" not in pages, "a sentence with a colon was taken for a type"


def test_the_contents_of_a_page_lead_to_a_name(url, page):
    show(page, f"{url}/api/functions.html")
    page.locator('.bd-sidebar-secondary a[href="#nnlib.activations.softmax"]').click()
    page.wait_for_function("scrollY > 500")
    place = page.locator('[id="nnlib.activations.softmax"]')
    assert "nnlib.softmax(" in place.inner_text(), "the name that a reader types"
    assert 0 < place.bounding_box()["y"] < DESKTOP["height"] / 2


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_registry_is_a_table_that_fits(url, new_page, viewport):
    page = new_page(viewport=viewport)
    show(page, f"{url}/api/functions.html")
    table = page.locator("table.registry").first
    assert table.locator("tr.entry code").all_inner_texts() == list(ACTIVATIONS)
    assert table.locator("tr.entry mjx-container").count() == 2 * len(ACTIVATIONS), "formula and derivative"
    assert table.locator("tr.below p:not(:has(.always))").count() == len(ACTIVATIONS), "remarks"
    assert table.locator(".label").first.is_visible() == (viewport == PHONE)
    for each in page.locator(".pst-scrollable-table-container").all():
        assert each.evaluate("table => table.scrollWidth <= table.clientWidth")


def test_the_book_has_a_lab(pages_with_labs):
    assert "08_capacity.html" in pages_with_labs


def test_only_pages_with_labs_load_the_widget_runtime(pages, pages_with_labs, site):
    for name in pages:
        loaded = [tag for tag in re.findall(r"<script[^>]*>", (site / name).read_text()) if RUNTIME.search(tag)]
        assert bool(loaded) == (name in pages_with_labs), f"{name} loads {loaded}"


def test_saved_states_hold_no_modules(pages_with_labs, site):
    for name in pages_with_labs:
        saved = json.loads(SAVED_STATE.search((site / name).read_text()).group(1))
        modules = [model["state"]["_esm"] for model in saved["state"].values() if "_esm" in model["state"]]
        assert modules
        assert all(len(module) < 1200 and "_static/widgets/" in module for module in modules)
        assert not any("messages" in model["state"] for model in saved["state"].values())
    files = sorted(path.suffix for path in (site / "_static" / "widgets").iterdir())
    assert files == [".css"] * 2 + [".js"] * 4, "module, words and style sheet serve all labs, and so for questions"


def test_a_slider_retrains_without_a_kernel(opened):
    tried = 0
    for page in opened.values():
        live = page.locator(f".lab-live:has({LAB}):has(.widget-slider)").first
        if not live.count():
            continue  # a page with questions, or with labs that are stepped through
        tried += 1
        lab = live.locator(LAB).first
        before = int(lab.get_attribute("data-revision"))
        live.locator(".widget-slider .noUi-handle").first.press("ArrowRight")
        page.wait_for_function(
            "([lab, before]) => Number(lab.dataset.revision) > before && lab.dataset.engine === 'page'",
            arg=[lab.element_handle(), before],
        )
    assert tried == len(opened)


def test_a_lab_is_wide_where_there_is_room(opened):
    for page in opened.values():
        article = page.locator("article.bd-article").bounding_box()
        lab = page.locator(".lab-live").first.bounding_box()
        assert lab["width"] > 1.2 * article["width"], "the lab takes the column of the contents too"
        assert lab["x"] + lab["width"] < DESKTOP["width"]


def test_a_wide_figure_has_room_and_every_figure_opens(opened):
    for page in opened.values():
        article = page.locator("article.bd-article").bounding_box()
        for figure in page.locator("article figure.full-width").all():
            box = figure.bounding_box()
            assert box["width"] > 1.2 * article["width"]
            assert box["x"] + box["width"] < DESKTOP["width"]
        for image in page.locator("article .cell_output img").all():
            assert image.evaluate("image => image.closest('a')?.href === image.src")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_figure_has_the_colours_of_the_theme_and_no_other_is_loaded(url, new_page, scheme):
    page, asked = new_page(color_scheme=scheme), []
    page.on("request", lambda request: asked.append(request.url))
    show(page, f"{url}/01_neurons.html")
    figures = page.locator("article figure")
    assert figures.count() >= 3
    for figure in figures.all():
        figure.scroll_into_view_if_needed()
        image = figure.locator("img:visible")
        image.evaluate("image => image.decode()")
        assert image.get_attribute("src").endswith("-dark.png") == (scheme == "dark")
    hidden = page.locator("article figure img:not(:visible)").evaluate_all("all => all.map(image => image.src)")
    assert len(hidden) == figures.count()
    assert not {*hidden} & {*asked}
    if scheme == "dark":
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == "rgb(18, 18, 18)", "figures have another ground (GROUND in book/_ext/textbook/night.py)"
        page.pdf()
        assert {*hidden} <= {*asked}, "paper shows the light ones"


def test_paper_is_light(pages, url, new_page):
    page = new_page(color_scheme="dark")
    page.goto(f"{url}/{pages[0]}")
    page.evaluate(
        """() => addEventListener("beforeprint", () => {
             window.printed = [document.documentElement.dataset.theme, getComputedStyle(document.body).color];
           })"""
    )
    page.pdf()
    theme, color = page.evaluate("window.printed")
    assert theme == "light"
    assert max(map(int, re.findall(r"\d+", color)[:3])) < 80, f"text is {color} on paper"
    assert page.evaluate("document.documentElement.dataset.theme") == "dark", "the screen is dark again"


def check_pictures_instead_of_labs(page):
    for live, picture in zip(page.locator(".lab-live").all(), page.locator(".lab-picture").all(), strict=True):
        assert not live.is_visible()
        image = picture.locator("img")
        assert image.is_visible()
        assert len(image.get_attribute("alt")) > 20
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100


def test_print_shows_pictures_of_the_labs(opened):
    for page in opened.values():
        assert not page.locator(".lab-picture").first.is_visible()
        page.emulate_media(media="print")
        check_pictures_instead_of_labs(page)
        page.emulate_media(media="screen")


def test_without_scripts_pages_show_pictures_of_the_labs(chapters, url, new_page):
    page = new_page(java_script_enabled=False)
    for name in chapters:
        page.goto(f"{url}/{name}")
        check_pictures_instead_of_labs(page)
        assert page.locator(".lab-picture noscript").first.is_visible()
        # The theme has no colours at all, not even a ground under its bars, for anything but "light" and "dark".
        assert page.locator("html").get_attribute("data-theme") == "light"


def test_external_links_are_listed(site):
    listed = (site.parent / "external-links.txt").read_text()
    assert "https://doi.org/" in listed and "references" in listed


def test_a_page_with_labs_is_light(pages_with_labs, site):
    for name in pages_with_labs:
        page = site / name
        text = page.read_text()
        # A figure's picture for the dark theme is loaded in place of the other one.
        shown = [source for source in re.findall(r'<img[^>]* src="([^"]+)"', text) if not source.endswith("-dark.png")]
        pictures = {page.parent / source for source in shown}
        size = len(text.encode()) + sum(path.stat().st_size for path in pictures if path.is_file())
        assert size < MOST_BYTES, f"{name} and its pictures have {size / 1e6:.2f} MB"


def test_a_chapter_can_be_walked_by_keyboard(url, page):
    show(page, f"{url}/08_capacity.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Skip to main content"
    page.keyboard.press("Enter")
    page.evaluate(
        """() => {
             window.reached = new Set();
             const places = ["nnlib-lab", "nnlib-question", "prev-next-area"];
             const at = (node) => places.find((name) => node.closest(`.${name}`));
             addEventListener("focusin", ({ target }) => reached.add(at(target)));
           }"""
    )
    wanted = {"nnlib-lab", "nnlib-question", "prev-next-area"}
    for _ in range(25):
        for _ in range(20):
            page.keyboard.press("Tab")
        reached = {*page.evaluate("[...reached]")}
        if reached >= wanted:
            break
    assert reached >= wanted, "from the first link through questions and lab to the next chapter"


def test_a_lab_can_be_embedded_with_its_settings(url, new_page):
    page = new_page(viewport=PHONE | {"width": 700})
    source = f"{url}/08_capacity.html?embed#capacity?v=1&l2=0.01&width=4"
    page.route("**/host.html", lambda route: route.fulfill(
        content_type="text/html", body=f"<!doctype html><title>host</title><link rel=icon href='data:,'>"
        f"<iframe src='{source}' title='lab' style='width: 690px; height: 780px'></iframe>",
    ))  # fmt: skip
    page.goto(f"{url}/host.html")
    frame = page.frame_locator("iframe")
    lab = frame.locator(".embedded .nnlib-lab:has([data-lab-id=capacity])")
    lab.wait_for(timeout=30_000)
    assert frame.locator("h1").first.evaluate("node => getComputedStyle(node).visibility") == "hidden"
    box = lab.bounding_box()
    assert box["width"] > 600 and box["y"] < 60, "the lab takes the frame"
    inside = "document.querySelector('iframe').contentDocument"
    # The saved run comes first, then the link's settings.
    page.wait_for_function(
        f"""() => {inside}.querySelector('.embedded [data-lab-id]').dataset.engine === 'page' &&
          Number({inside}.querySelector('.embedded .nnlib-control-width .noUi-handle').ariaValueNow) === 4"""
    )
