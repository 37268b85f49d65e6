"""What tests ask of a figure: what is written in it and where, and whether it can be read there."""

import itertools

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

#: Inches: a phone of 400 pixels, and a column of a book.
PHONE, COLUMN = (3.6, 3.2), (4.8, 4.2)


def new_axes(size=COLUMN, columns=1):
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    return figure.subplots(1, columns)


def written(figure):
    """Return the Text objects that are written when the figure is drawn."""
    drawn, draw = {}, Text.draw

    def record(text, renderer):
        drawn[id(text)] = text
        draw(text, renderer)

    Text.draw = record
    try:
        figure.canvas.draw()
    finally:
        Text.draw = draw
    return [text for text in drawn.values() if text.get_visible() and text.get_text().strip()]


def words(ax):
    """Return everything written in the figure of these axes."""
    return [text.get_text() for text in written(ax.figure)]


def check_texts_have_room(figure):
    """No text leaves the figure, no two overlap."""
    boxes = [(text.get_text(), text.get_window_extent()) for text in written(figure)]
    edge = figure.bbox
    for text, box in boxes:
        inside = edge.x0 <= box.x0 and box.x1 <= edge.x1 and edge.y0 <= box.y0 and box.y1 <= edge.y1
        assert inside, f"{text!r} is cut off"
    for (one, box), (other, other_box) in itertools.combinations(boxes, 2):
        assert not box.overlaps(other_box), f"{one!r} and {other!r} overlap"


def luminance(colour):
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    """Return the contrast of two colours after WCAG, from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def check_texts_are_legible(figure, least=4.5):
    """Every text stands out from what is painted behind it."""
    texts = written(figure)
    figure.set_layout_engine("none")  # nothing moves while the texts are away
    for text in texts:
        text.set_alpha(0)
    figure.canvas.draw()
    image = np.asarray(figure.canvas.buffer_rgba())[::-1, :, :3] / 255
    for text in texts:
        box = text.get_window_extent()
        behind = image[int(box.y0) : int(box.y1) + 1, int(box.x0) : int(box.x1) + 1].reshape(-1, 3)
        seen = contrast(text.get_color(), np.median(behind, axis=0))
        assert seen >= least, f"{text.get_text()!r} has a contrast of {seen:.1f}"
