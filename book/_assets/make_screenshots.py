"""Photograph the built site for the README: ``page.png``, a chapter with a lab at work, and ``phone.png``, at night.

``make site``, then run this from anywhere; or give the folder of another built site.
"""

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from tests.browser.conftest import FLAGS, find_chromium  # noqa: E402
from tests.browser.servers import serve_folder  # noqa: E402

SITE = HERE.parent / "_build" / "html"
#: The cover's network, on its way to the spiral.
RUN = (
    "capacity?v=1&dataset=spiral&noise=0&width=8&depth=2&activation=tanh&optimizer=nesterov&learning_rate=0.03"
    "&batch_size=50&l2=0.0001&epochs=600&seed=11"
)
EPOCH = 250
MOST_BYTES = 250_000


def photograph(browser, address, path, width, height, scheme):
    """Open a link with settings and write what the window shows in mid-run."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=1.25, color_scheme=scheme
    )
    page = context.new_page()
    page.goto(address)
    lab = page.locator("[data-lab-id=capacity]")
    lab.wait_for(timeout=60_000)
    page.wait_for_function(
        "([lab, epoch]) => lab.dataset.status === 'training' && Number(lab.dataset.epoch) >= epoch",
        arg=[lab.element_handle(), EPOCH],
        timeout=120_000,
    )
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    context.close()
    # 256 colours: a quarter of the size, and nothing to be seen of it.
    picture.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    assert path.stat().st_size < MOST_BYTES, f"{path.name} has {path.stat().st_size} bytes"


def main(site=SITE):
    """Write both pictures beside this file."""
    with serve_folder(site) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        page = f"{url}/08_capacity.html#{RUN}"
        photograph(browser, page, HERE / "page.png", 1440, 1120, "light")
        photograph(browser, page, HERE / "phone.png", 400, 800, "dark")
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
