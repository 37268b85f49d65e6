"""The picture of the activation lab, for print and for readers without scripts."""

from __future__ import annotations

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from nnlib import plots
from nnlib.labs.look_at_activation import EXTENT, chosen
from nnlib.plots import style


def draw(settings):
    """Return a Figure: f and f′ with the tangent at z, and beside it the second activation, if any."""
    figure = Figure(figsize=(9, 3.8), layout="constrained")
    FigureCanvasAgg(figure)
    entries = [chosen(settings)] + ([settings.compare] if settings.compare != "none" else [])
    axes = figure.subplots(1, 2, sharey=True)
    axes[1].set_visible(len(entries) > 1)
    for ax, entry in zip(axes, entries):
        plots.activation_curve(entry, ax, extent=EXTENT)
    z = np.array([settings.z])
    f, slope = entries[0].f(z)[0], entries[0].derivative(z)[0]
    ends = np.array([-2.0, 2.0])
    axes[0].plot(settings.z + ends, f + slope * ends, color=style.NEGATIVE, linewidth=1.4)
    axes[0].plot(settings.z, f, "o", color=style.NEGATIVE, ms=7, zorder=6)
    return figure
