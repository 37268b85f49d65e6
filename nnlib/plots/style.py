"""How nnlib's figures look: colours that colour-blind readers can tell apart, marks, new axes.

Colours are never the only sign: each class has a mark of its own, test points are hollow, and
training and test curves differ in width and dash. The colours are those of a lab on a light page (labs/web/lab.css).

Text, ticks and frames keep the colours that matplotlib gave the axes, so that figures follow
``plt.style.use("dark_background")``; what is drawn is chosen to be legible on white and on dark ground.
"""

from __future__ import annotations

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

#: Class k's colour on a surface: orange, blue, yellow, violet.
FIELDS = ("#ee8f4e", "#4296cf", "#e6d34f", "#8a4fd8")
#: Class k's colour as a point: the same hues, dark enough to stand out on their own field.
POINTS = ("#a63f06", "#084a80", "#3d3a0c", "#6a22b8")
#: Class k's mark: triangle, circle, square, diamond; as a character, and its size relative to the circle's.
MARKERS = ("^", "o", "s", "D")
MARKER_CHARACTERS = ("▲", "●", "■", "◆")
MARKER_SIZES = (1.2, 1.0, 0.85, 0.75)
#: Between the classes, where a network is of two minds.
MIDDLE = "#f6f6f4"
#: Where there is no number to show.
MISSING = "#9aa0a6"
#: Lines and outlines on a surface.
INK = "#1d2733"
#: The one accent; legible on white and on black.
ACCENT = "#2f7fbd"

#: Orange for negative, blue for positive.
DIVERGING = LinearSegmentedColormap.from_list("nnlib_diverging", [FIELDS[0], MIDDLE, FIELDS[1]]).with_extremes(
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
