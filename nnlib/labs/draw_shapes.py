"""The picture of the shapes lab, for print and for readers without scripts."""

from __future__ import annotations

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from nnlib.labs.look_at_shapes import widths
from nnlib.plots import style

_THIN = 0.012  # of the largest: thinner ones would not be seen


def draw(settings):
    """Return a Figure: a row for each layer, Z = X W + b, each matrix to scale."""
    sizes, n = widths(settings), settings.samples
    layers = list(zip(sizes, sizes[1:]))
    figure = Figure(figsize=(9, 0.6 + 2.0 * len(layers)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(layers), 4, squeeze=False)
    largest = max(*sizes, n)
    for k, (d_in, d_out) in enumerate(layers):
        left = "X" if k == 0 else f"A{k}"
        shapes = {left: (n, d_in), f"W{k + 1}": (d_in, d_out), f"b{k + 1}": (1, d_out), f"Z{k + 1}": (n, d_out)}
        for ax, (name, (rows, columns)), sign in zip(axes[k], shapes.items(), ("·", "+", "=", "")):
            high, wide = max(rows / largest, _THIN), max(columns / largest, _THIN)
            colour = style.ACCENT if name[0] in "Wb" else style.MISSING
            ax.add_patch(Rectangle(((1 - wide) / 2, (1 - high) / 2), wide, high, facecolor=colour, alpha=0.75))
            ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xticks=[], yticks=[])
            ax.set_frame_on(False)
            ax.set_title(f"{name}: {rows:,} × {columns:,}", size="small")
            ax.text(1.12, 0.5, sign, ha="center", va="center", size="x-large", transform=ax.transAxes)
    return figure
