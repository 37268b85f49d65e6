"""How nnlib's figures look: colours that colour-blind readers can tell apart, marks, new axes.

Colours are never the only sign: each class has a mark of its own, test points are hollow, and
training and test curves differ in width and dash. The colours are those of a lab on a light page (labs/web/lab.css).

Text, ticks and frames keep the colours that matplotlib gave the axes, so that figures follow
``plt.style.use("dark_background")``; what is drawn is chosen to be legible on white and on dark ground.
"""

from __future__ import annotations

from numbers import Real

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure

#: Class k's colour on a surface: orange, blue, yellow, violet.
FIELDS = ("#ee8f4e", "#4296cf", "#e6d34f", "#8a4fd8")
#: Class k's colour as a point: the same hues, dark enough to stand out on their own field.
POINTS = ("#a63f06", "#084a80", "#3d3a0c", "#6a22b8")
#: Class k's mark: triangle, circle, square, diamond.
MARKERS = ("^", "o", "s", "D")
#: The same marks as characters.
MARKER_CHARACTERS = ("▲", "●", "■", "◆")
#: The marks' sizes relative to the circle's.
MARKER_SIZES = (1.2, 1.0, 0.85, 0.75)
#: Between the classes, where a network is of two minds.
MIDDLE = "#f6f6f4"
#: Where there is no number to show.
MISSING = "#9aa0a6"
#: Lines and outlines on a surface.
INK = "#1d2733"
#: The one accent; legible on white and on black.
ACCENT = "#2f7fbd"

#: Lines on the figure's own ground, white or black: negative and positive, with the dash of each.
NEGATIVE, POSITIVE = "#c8641a", ACCENT
#: A fourth thing next to those, as a line.
OTHER = "#9a5fe0"
#: The first four series of a figure differ in dash and mark too (None: the colour of the text).
SERIES = (
    (ACCENT, "solid", "o"),
    (NEGATIVE, (0, (5, 2)), "^"),
    (None, (0, (1.2, 1.4)), "s"),
    (OTHER, (0, (7, 2, 1.5, 2)), "D"),
)

#: Orange for negative, blue for positive.
DIVERGING = LinearSegmentedColormap.from_list("nnlib_diverging", [FIELDS[0], MIDDLE, FIELDS[1]]).with_extremes(
    bad=MISSING
)
#: From none, pale, to much, dark blue.
SEQUENTIAL = LinearSegmentedColormap.from_list("nnlib_sequential", [MIDDLE, FIELDS[1], POINTS[1]]).with_extremes(
    bad=MISSING
)


def new_axes(width=4.8, height=4.2):
    """Return axes of a new figure of ``width`` × ``height`` inches that pyplot does not know.

    It is drawn on white whatever the notebook's theme. ``ax.figure`` as the last line of a cell shows it,
    ``ax.figure.savefig`` writes it, and it needs no closing.
    """
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure.subplots()


def ink(ax):
    """Return the colour of text in these axes: dark on light ground, light on dark."""
    return ax.xaxis.label.get_color()


def quiet(ax):
    """Take away what carries no information: the upper and right frame; make the grid faint."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(True, color="0.5", alpha=0.25, linewidth=0.6)
    ax.set_axisbelow(True)


def series(ax, count, what):
    """Return (colour, dash, mark) for each of ``count`` things drawn together.

    Raises
    ------
    ValueError
        For more than can be told apart.
    """
    if count > len(SERIES):
        raise ValueError(f"up to {len(SERIES)} {what} can be told apart in one picture; these are {count}")
    return [(colour or ink(ax), dash, mark) for colour, dash, mark in SERIES[:count]]


def text_on(colour):
    """Return the colour of text on this ground, black or white, whichever has more contrast: at least 4.5 to 1.

    By relative luminance as in WCAG 2.2 (W3C, 2023); the least is √21 = 4.58, at luminance 0.18.
    """
    light = _luminance(to_rgb(colour)) + 0.05
    return "black" if light / 0.05 >= 1.05 / light else "white"


def _luminance(rgb):
    rgb = np.asarray(rgb)
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]


def number(value, digits=3):
    """Return a number as a reader expects it: so many digits, a true minus, no needless zeros."""
    if not np.isfinite(value):
        return "not a number" if np.isnan(value) else "−∞" if value < 0 else "∞"
    text = f"{float(value) + 0.0:.{digits}g}"  # + 0.0: no "−0"
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = f"{float(value):.0f}" if 0 <= int(exponent) <= 5 else f"{mantissa}e{int(exponent)}"
    return text.replace("-", "−")


def label(value):
    """Return a class, a setting or a name as text; numbers, such as the labels −1.0 and 1.0, as in :func:`number`."""
    return number(value) if isinstance(value, Real) else str(value)


def size(ax, margins=(0.0, 0.0)):
    """Return width and height in inches that axes will have, without ``margins`` for what stands beside them.

    A layout engine moves axes only when the figure is drawn; until then their share of the figure tells more
    than where they are.
    """
    figure, spec = ax.figure, ax.get_subplotspec()
    if figure.get_layout_engine() is None or spec is None or spec.get_topmost_subplotspec() is not spec:
        box = ax.get_window_extent()
        return box.width / figure.dpi, box.height / figure.dpi
    grid = spec.get_gridspec()
    width, height = (
        inches * fractions[span.start : span.stop].sum() / fractions.sum() - margin - 0.1
        for inches, fractions, span, margin in (
            (figure.get_figwidth(), np.array(grid.get_width_ratios(), float), spec.colspan, margins[0]),
            (figure.get_figheight(), np.array(grid.get_height_ratios(), float), spec.rowspan, margins[1]),
        )
    )
    return max(width, 0.3), max(height, 0.3)


def fitting(text, width, height, largest=9.0):
    """Return the font size, at most ``largest``, at which the lines fit into so many inches of width and height."""
    lines = text.split("\n")
    longest = max(len(line) for line in lines)
    # A character of DejaVu Sans is on average 0.62 of the font size wide, a line 1.2 of it high.
    return float(min(largest, 72 * width / (0.62 * max(longest, 1)), 72 * height / (1.2 * len(lines))))
