"""Figures for the dark theme: the same pictures in the colours of the night.

A figure is drawn once, on white, and its colours are chosen there (nnlib/plots/style.py): which marks stand out on
which field, whether text on a cell is black or white. Drawing it anew on black would have to make all those choices
again, also those in a chapter's own code. So the finished picture is recoloured instead, by one function of a colour.
Luminance is turned round: white becomes the ground of the page, hues stay, and the contrast of any two colours stays
what it is. The style's own colours become those of a lab on a dark page, and what is similar to them follows.

A picture whose shades mean something by themselves, a photograph for instance, says so in its cell's metadata
(``mystnb: image: classes: as-it-is``) and stays as it is.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from matplotlib.colors import to_rgb
from PIL import Image, ImageFilter

from nnlib.plots import style

#: The dark theme's ground, from which a figure is not set off.
GROUND = "#121212"
#: Colours of the style by night: for orange and blue those of labs/web/lab.css.
FIELDS = ("#c4601d", "#1268a3", "#bfb02a", "#8a4fd8")
POINTS = ("#ffbe91", "#97d4ff", "#fff27a", "#b585ff")
MIDDLE, NEGATIVE, OTHER = "#1c1c1c", "#e8793a", "#a06be6"
#: Lines in matplotlib's own second and third colour; by themselves orange and green would come out brown and dim.
LINES = {"C1": "#ff9542", "C2": "#4fbf4f"}
#: How far from one of these, in sRGB from 0 to 1, other colours still follow it.
_SIMILAR = 0.2
#: Of linear red, green and blue; contrast is (a + 0.05) / (b + 0.05) for luminances a and b (WCAG 2.2).
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
#: Colours in each of three directions; those between are interpolated.
_STEPS = 33


def paint(source, target):
    """Write the picture in file `source` to `target`, in the colours of the night."""
    with Image.open(source) as picture:
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        if picture.mode == "P":
            palette = np.array(picture.getpalette()).reshape(-1, 3) / 255
            picture.putpalette(np.round(255 * colours(palette)).astype(np.uint8).tobytes())
        else:
            picture = picture.convert("RGBA").filter(_table())
        picture.save(target, optimize=True)


def colours(rgb):
    """Return what becomes of colours, an array (..., 3) from 0 to 1, by night."""
    rgb = np.asarray(rgb, float)
    day = _known(style.FIELDS, style.MIDDLE, "white", "black", *style.POINTS, style.NEGATIVE, style.OTHER, *LINES)
    night = _known(FIELDS, MIDDLE, GROUND, "white", *POINTS, NEGATIVE, OTHER, *LINES.values())

    def similar(rgb):
        return np.exp(-((rgb[..., None, :] - day) ** 2).sum(axis=-1) / (2 * _SIMILAR**2))

    amounts = np.linalg.solve(similar(day), night - _turned(day))
    return np.clip(_turned(rgb) + similar(rgb) @ amounts, 0, 1)


def _known(fields, middle, *others):
    """Return the colours, and those half way from the middle to each field, through which surfaces pass."""
    fields, others = (np.array([to_rgb(colour) for colour in colours]) for colours in (fields, (middle, *others)))
    return np.concatenate([fields, (fields + others[0]) / 2, others])


def _turned(rgb):
    """Return each colour with the luminance that has the contrast to the ground that the colour has to white."""
    day = _linear(rgb)
    luminance = (day @ _LUMINANCE)[..., None]
    ground = _linear(np.array(to_rgb(GROUND))) @ _LUMINANCE
    night = np.minimum(1.05 * (ground + 0.05) / (luminance + 0.05) - 0.05, 1)
    hue = night * (day - luminance) / np.maximum(luminance, 1e-9)  # has no luminance of its own
    room = np.where(hue > 0, 1 - night, night) / np.maximum(np.abs(hue), 1e-9)
    linear = np.clip(night + hue * np.minimum(room.min(axis=-1, keepdims=True), 1), 0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def _linear(rgb):
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


@cache
def _table():
    axis = np.linspace(0, 1, _STEPS)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    return ImageFilter.Color3DLUT(_STEPS, colours(np.stack([red, green, blue], axis=-1)).ravel().tolist())
