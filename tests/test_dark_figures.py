"""The colours of figures on the site's dark theme: as legible as by day, and as easy to tell apart."""

import itertools

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from PIL import Image

from nnlib.plots import style
from tests.figures import contrast
from tests.site import BOOK, load
from tests.test_plot_style import SIGHT, lab, linear

night = load(BOOK / "_ext" / "textbook" / "night.py")


def by_night(*colours):
    return night.colours([to_rgb(colour) for colour in colours])


def test_text_and_lines_stay_legible():
    ground, ink = by_night("white", "black")
    for colour in (style.NEGATIVE, style.POSITIVE, style.OTHER, "C0", "C1", "C2", "C3"):
        at_least = 4.5 if colour in ("C1", "C2") else 3  # lines and crosses are thin
        assert contrast(by_night(colour)[0], ground) > at_least, colour
    for grey in np.linspace(0.1, 0.95, 18):  # frames and grids are as quiet as by day, notes as clear
        ratio = contrast(by_night(str(grey))[0], ground) / contrast((grey,) * 3, "white")
        assert 0.8 < ratio < 1.4, grey
    for scale in (style.SEQUENTIAL, style.DIVERGING):
        cells = scale(np.linspace(0, 1, 101))[:, :3]
        for cell, dark in zip(cells, night.colours(cells)):
            assert contrast(dark, ink if style.text_on(cell) == "black" else ground) > 4


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("colours", [style.FIELDS, style.POINTS], ids=["fields", "points"])
def test_classes_can_be_told_apart(colours, sight):
    seen = [lab(np.clip(SIGHT[sight] @ linear(colour), 0, 1)) for colour in by_night(*colours)]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 15


def test_a_picture_gets_these_colours_and_stays_as_clear(tmp_path):
    colours = ["white", "black", style.MIDDLE, style.INK, *style.FIELDS, *style.POINTS]
    rgb = np.round(255 * np.array([[to_rgb(colour) for colour in colours]])).astype(np.uint8)  # one row
    alpha = np.full((1, len(colours), 1), 255, dtype=np.uint8)
    alpha[0, -1] = 0
    Image.fromarray(np.concatenate([rgb, alpha], axis=2)).save(tmp_path / "day.png")
    night.paint(tmp_path / "day.png", tmp_path / "images" / "night.png")
    painted = np.asarray(Image.open(tmp_path / "images" / "night.png"))
    np.testing.assert_array_equal(painted[..., 3:], alpha)
    np.testing.assert_allclose(painted[0, :, :3], 255 * night.colours(rgb[0] / 255), atol=12)
    assert to_hex(painted[0, 0, :3] / 255) == night.GROUND


def test_a_palette_gets_these_colours_and_stays_one(tmp_path):
    day = Image.new("RGB", (4, 4), "white")
    day.paste(style.FIELDS[0], (0, 0, 2, 2))
    day.quantize(8).save(tmp_path / "day.png")
    night.paint(tmp_path / "day.png", tmp_path / "night.png")
    with Image.open(tmp_path / "night.png") as painted:
        assert painted.mode == "P"
        corners = [painted.convert("RGB").getpixel(place) for place in ((0, 0), (3, 3))]
    assert [to_hex(np.array(colour) / 255) for colour in corners] == [night.FIELDS[0], night.GROUND]
