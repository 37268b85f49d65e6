"""The picture of the neuron lab, for print and for readers without scripts."""

from __future__ import annotations

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from nnlib.activations import ACTIVATIONS
from nnlib.labs.look_at_neuron import CORNERS, EXTENT, LIMITS, TABLES, neuron_numbers
from nnlib.plots import marks, style


def draw(settings):
    """Return a Figure: the output over the plane, and the sum for the point, term by term."""
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    surface, terms = figure.subplots(1, 2, width_ratios=(1, 1.15))
    _draw_surface(settings, surface)
    _draw_terms(settings, terms)
    return figure


def _draw_surface(settings, ax):
    low, high = LIMITS.get(settings.activation, (-4.0, 4.0))
    axis = np.linspace(-EXTENT, EXTENT, 201)
    u, v = np.meshgrid(axis, axis)
    z = settings.w1 * u + settings.w2 * v + settings.b
    marks.plane(ax, ("x₁", "x₂"), EXTENT)
    image = ax.imshow(
        ACTIVATIONS[settings.activation].f(z), extent=(-EXTENT, EXTENT, -EXTENT, EXTENT), origin="lower",
        cmap=style.DIVERGING, vmin=low, vmax=high, zorder=0,
    )  # fmt: skip
    ax.figure.colorbar(image, ax=ax, label="output", shrink=0.8)
    if z.min() < 0 < z.max():
        ax.contour(axis, axis, z, levels=[0], colors=style.INK, linewidths=1.6)
    for (x1, x2), answer in zip(CORNERS, TABLES[settings.points]):
        ax.plot(x1, x2, style.MARKERS[answer], color=style.POINTS[answer], mec="white", ms=9, zorder=3)
    ax.plot(settings.x1, settings.x2, "P", color=style.INK, mec="white", ms=11, zorder=4)


def _draw_terms(settings, ax):
    numbers = neuron_numbers(settings)
    parts = [("w₁·x₁", numbers["term_1"]), ("w₂·x₂", numbers["term_2"]), ("b", settings.b), ("z", numbers["z"])]
    starts = [0.0, parts[0][1], parts[0][1] + parts[1][1], 0.0]
    for row, ((_, value), start) in enumerate(zip(parts, starts)):
        ax.barh(row, value, left=start, height=0.55, color=style.POSITIVE if value >= 0 else style.NEGATIVE)
    ax.set_yticks(range(4), [f"{name} = {style.number(value)}" for name, value in parts])
    ax.axvline(0, color=style.ink(ax), linewidth=0.8)
    ax.invert_yaxis()
    ax.set(xlabel="each bar begins where the one above ends")
    ax.set_title(f"f(z) = {style.number(numbers['output'])}", size="medium")
    style.quiet(ax)
