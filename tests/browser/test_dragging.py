"""Sliders dragged fast, by the real mouse: the last place counts, and what is seen belongs to it."""

import pytest

from nnlib.labs.messages import MESSAGES
from tests.browser.bare_view import NEXT_FRAME
from tests.browser.labs import LabOnPage

FAILED = MESSAGES["error"].partition("{")[0].strip()
TRAINING = ["capacity", "folding", "playground"]


@pytest.mark.parametrize("name", TRAINING)
def test_fast_drags_end_where_the_mouse_lets_go(open_gallery, name):
    page = open_gallery(name, viewport={"width": 1440, "height": 1000}, reduced_motion="reduce")
    for field in ("noise", "learning-rate", "l2"):
        slider = page.locator(f".nnlib-control-{field}")
        handle = slider.locator(".noUi-handle")
        handle.scroll_into_view_if_needed()
        track, start = slider.locator(".slider-container").bounding_box(), handle.bounding_box()
        y = start["y"] + start["height"] / 2
        page.mouse.move(start["x"] + start["width"] / 2, y)
        page.mouse.down()
        for share in (0.9, 0.1, 0.7, 0.0, 1.0, 0.3, 1.2, 0.45):
            page.mouse.move(track["x"] + share * track["width"], y, steps=3)
        value = handle.get_attribute("aria-valuetext")
        page.mouse.up()
        page.evaluate(NEXT_FRAME)
        if name not in ("xor", "folding") or field != "noise":  # the four corners have none
            assert value == handle.get_attribute("aria-valuetext") != "0"
        assert value == slider.locator(".widget-readout").inner_text()
        assert not page.evaluate("failed => probe.trouble(failed)", FAILED)
    # The run may end by itself just now: a button that is gone is not waited for.
    pause = page.get_by_role("button", name=MESSAGES["pause"], exact=True)
    pause.evaluate_all("all => all.forEach(button => button.click())")
    lab = LabOnPage(page)
    lab.wait_for("lab.fine === 'true'")
    seen = lab.picture()
    # Another theme and back: all is painted anew. A picture of settings gone by would be another one then.
    for theme in ("dark", "light"):
        page.evaluate("theme => (document.documentElement.dataset.theme = theme)", theme)
        lab.wait_for(f"lab.nnlibTheme === '{theme}' && lab.fine === 'true'")
    assert lab.picture() == seen
