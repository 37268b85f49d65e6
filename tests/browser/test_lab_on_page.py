"""The lab as a reader without a kernel meets it: the built page on a plain static server."""

import pytest

from tests.browser.conftest import PHONE
from tests.browser.gallery import SHORT
from tests.browser.labs import LabOnPage, by_key, by_mouse, every_slider_retrains


@pytest.fixture(scope="module")
def address(gallery, static_server):
    return f"{static_server(gallery)}/capacity.html"


@pytest.fixture
def open_lab(address, new_page):
    def open_page(**options):
        page = new_page(**options)
        page.goto(address)
        lab = LabOnPage(page)
        lab.root.locator("canvas").first.scroll_into_view_if_needed()
        lab.wait_for("Number(lab.frames) > 0")
        return lab

    return open_page


def test_the_page_opens_with_the_finished_picture_and_trains_nothing(open_lab):
    lab = open_lab()
    assert (lab.says("engine"), lab.says("status"), lab.says("epoch")) == ("page", "finished", str(SHORT))
    before, step = lab.says("frames"), lab.says("step")
    lab.page.wait_for_timeout(1500)
    assert lab.says("step") == step != "0"
    assert int(lab.says("frames")) - int(before) <= 2


@pytest.mark.parametrize("move", [by_key, by_mouse])
def test_every_slider_retrains_without_a_kernel(open_lab, move):
    lab = open_lab()
    every_slider_retrains(lab, move)
    assert lab.says("engine") == "page"


def test_on_a_phone(open_lab):
    lab = open_lab(viewport=PHONE)
    every_slider_retrains(lab, by_key)


def test_thirty_quick_moves_end_in_one_run_of_the_newest_settings(open_lab):
    lab = open_lab()
    handle = lab.handle_of("width")
    handle.focus()
    for i in range(30):
        lab.page.keyboard.press("ArrowLeft" if i % 7 else "ArrowRight")
    width = int(float(handle.get_attribute("aria-valuenow")))
    # The saved picture is a finished run, too, and so may be one of an earlier move: wait for the last one.
    lab.page.wait_for_timeout(200)
    lab.wait_for(f"Number(lab.revision) > 0 && lab.status === 'finished' && Number(lab.epoch) === {SHORT}")
    run = lab.says("run")
    # What a screen reader hears follows within a second.
    lab.page.locator(f"[aria-label*='hidden layers of {width}']").first.wait_for(state="attached", timeout=5000)
    lab.page.wait_for_timeout(500)
    assert lab.says("run") == run


def test_a_finished_run_shows_the_same_numbers_as_the_saved_one(open_lab):
    lab = open_lab()
    saved = [float(lab.says(name)) for name in ("train-loss", "test-loss")]
    lab.page.get_by_role("button", name="Restart").first.click()
    lab.wait_for("Number(lab.run) === 1 && lab.status === 'finished'")
    trained = [float(lab.says(name)) for name in ("train-loss", "test-loss")]
    # Steps of Adam amplify differences in the last bit; the run must be the same to the eye and well beyond.
    assert trained == pytest.approx(saved, rel=1e-3)


def linked(lab):
    """The address that the lab offers for its run."""
    lab.page.get_by_role("button", name="More").first.click()
    lab.page.get_by_role("menuitem", name="Link to this run").click()
    address = lab.page.locator("dialog[open] textarea").input_value()
    lab.page.keyboard.press("Escape")
    return address


def test_an_address_leads_to_the_run_it_was_copied_from(open_lab, address, new_page):
    lab = open_lab()
    for key in ("ArrowLeft", "ArrowLeft"):
        lab.press("width", key)
    lab.wait_for(f"lab.status === 'finished' && Number(lab.revision) > 0 && Number(lab.epoch) === {SHORT}")
    link = linked(lab)
    assert link.startswith(f"{address}#capacity?v=1&")
    lab.page.get_by_role("button", name="More").first.click()
    lab.page.get_by_role("menuitem", name="Undo").click()
    handle = lab.handle_of("width")
    assert float(handle.get_attribute("aria-valuenow")) != int(link.partition("width=")[2].partition("&")[0])

    page = new_page()
    page.goto(f"{link}&lock=seed,width&hide=noise")
    other = LabOnPage(page)
    other.wait_for("lab.status === 'finished' && Number(lab.run) === 1")
    for name in ("train-loss", "epoch", "step"):
        assert other.says(name) == lab_numbers(link, name, other)
    assert page.evaluate("scrollY") > 100
    width = page.locator(".nnlib-control-width .noUi-handle")
    before = width.get_attribute("aria-valuenow")
    other.press("width", "ArrowRight")
    other.drag("width", 25)
    assert width.get_attribute("aria-valuenow") == before
    assert not page.locator(".nnlib-control-noise").is_visible()
    assert page.locator(".nnlib-control-seed input").is_disabled()


def lab_numbers(link, name, lab):
    """What Python says of the run behind a link."""
    from nnlib.labs import Lab

    run = Lab.from_link(link).run()
    loss = float(lab.says("train-loss"))
    assert loss == pytest.approx(run.metrics()["train_loss"], rel=1e-3)
    return {"train-loss": lab.says("train-loss"), "epoch": str(run.epoch), "step": str(run.step)}[name]


def test_a_heading_is_still_reached_by_its_name(open_lab, address):
    page = open_lab().page  # without the lab the page would be too short to scroll
    anchor = page.locator("section[id]:has(> .cell)").last.get_attribute("id")
    page.goto(f"{address}#{anchor}")
    in_sight = "({top}) => scrollY > 100 && top > -50 && top < innerHeight"
    page.wait_for_function(f"id => ({in_sight})(document.getElementById(id).getBoundingClientRect())", arg=anchor)
