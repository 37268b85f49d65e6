"""Looking at a lab and handling it as a reader does: for the tests in JupyterLab and on the built page."""

from __future__ import annotations

import hashlib

from tests.browser.bare_view import NEXT_FRAME

#: The three sliders that every first lesson moves.
SLIDERS = ("learning-rate", "l2", "width")


class LabOnPage:
    """One lab in a page, seen through what its root element says of itself."""

    def __init__(self, page):
        self.page = page
        self.root = page.locator("[data-nnlib-lab]").first
        self.root.wait_for(state="attached", timeout=30_000)

    def says(self, name):
        """Return a ``data-…`` attribute, as text."""
        return self.root.get_attribute(f"data-{name}")

    def wait_for(self, condition, timeout=30_000):
        """Wait until a JavaScript condition on ``lab``, the root element's dataset, holds (see ViewOnPage.wait_for)."""
        self.page.evaluate(NEXT_FRAME)
        self.page.wait_for_function(
            f"root => {{ const lab = root.dataset; return {condition}; }}",
            arg=self.root.element_handle(),
            timeout=timeout,
        )

    def handle_of(self, slider):
        """Return the handle of a slider, scrolled into view."""
        handle = self.page.locator(f".nnlib-control-{slider} .noUi-handle").first
        handle.scroll_into_view_if_needed()
        return handle

    def press(self, slider, key):
        """Move a slider by the keyboard."""
        self.handle_of(slider).focus()
        self.page.keyboard.press(key)

    def drag(self, slider, pixels):
        """Move a slider by the mouse."""
        box = self.handle_of(slider).bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + pixels, y, steps=4)
        self.page.mouse.up()

    def picture(self):
        """Return a digest of the painted pixels of the output surface."""
        canvas = self.page.locator(".nnlib-square canvas").first
        return hashlib.sha256(canvas.evaluate("canvas => canvas.toDataURL()").encode()).hexdigest()


def every_slider_retrains(lab, move):
    """Move each of the three sliders; each must raise the revision, repaint other pixels and train again."""
    for slider in SLIDERS:
        lab.wait_for("lab.status === 'finished'")
        before, revision = lab.picture(), int(lab.says("revision"))
        move(lab, slider)
        lab.wait_for(f"Number(lab.revision) > {revision} && Number(lab.epoch) > 0")
        lab.wait_for("lab.status === 'finished'")
        assert lab.picture() != before, f"{slider}: the same pixels as before"


def by_key(lab, slider):
    lab.press(slider, "ArrowRight")


def by_mouse(lab, slider):
    lab.drag(slider, 25)
