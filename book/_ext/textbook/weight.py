"""Figures that are sharp and light: more pixels than a plain screen shows, and a palette.

``matplotlibrc`` beside this file says how many pixels cells draw. With a palette, figures are still lighter than they
were with fewer pixels and sixteen million colours, of which hardly any has more than some hundreds.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from docutils import nodes
from PIL import Image

#: Pixels of a page to a figure's inch, whatever the number of its own pixels.
PER_INCH = 100
#: Numbers of colours, the first that serves. More are not seen, and make a file an eighth larger.
PALETTES = 128, 256
#: A palette serves a picture if colours, of 255 levels, are off by less than this on average.
SLIGHT = 1.0


def prepare_files(app, doctree):
    """Lighten the pictures that cells have given, and show each as large as it was drawn (event doctree-read)."""
    given = Path(app.env.mystnb_config.output_folder).resolve()
    for image in doctree.findall(nodes.image):
        file = Path(app.env.srcdir, image["uri"]).resolve()
        # The files of the book itself are not ours to change.
        if file.suffix == ".png" and file.is_relative_to(given):
            width = lighten(file)
            if width and not {"width", "height", "scale"} & {*image.attributes}:
                image["width"] = f"{width}px"


def lighten(file):
    """Store a PNG with a palette, where that can hardly be seen; return its width in pixels of a page.

    The width is None where the file does not say how many of its own pixels are an inch. A file that has a palette
    stays as it is.
    """
    with Image.open(file) as picture:
        per_inch = picture.info.get("dpi", (None,))[0]
        if picture.mode in ("RGB", "RGBA") and (picture.mode == "RGB" or picture.getextrema()[3] == (255, 255)):
            true = picture.convert("RGB")
            fewer = (quantized(true, colours) for colours in PALETTES)
            lighter = next((few for few, off in fewer if off < SLIGHT), true)
            lighter.save(file, optimize=True, **({"dpi": picture.info["dpi"]} if per_inch else {}))
        return per_inch and round(picture.width * PER_INCH / per_inch)


def quantized(true, colours):
    """Return an RGB picture with a palette of so many colours, and by how much its pixels are off on average."""
    few = true.quantize(colours, method=Image.Quantize.MEDIANCUT, kmeans=1, dither=Image.Dither.NONE)
    return few, np.abs(np.asarray(few.convert("RGB"), np.int16) - np.asarray(true, np.int16)).max(2).mean()
