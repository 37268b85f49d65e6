"""Data in the plane: training points filled, test points hollow, a mark for each class."""

from __future__ import annotations

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.transforms import ScaledTranslation

from nnlib.plots import style

_LEGEND_DISTANCE = 0.44
_ROUND = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)


def points(data, ax=None, *, extent=6.0, legend=True):
    """Draw a Dataset with two features into the axes and return them.

    Parameters
    ----------
    data : nnlib.datasets.Dataset
        Classes have a colour and a mark each; a regression's points have the colour of their value, from
        −v to v where v is the size of the largest training value, rounded up.
    ax : matplotlib axes, optional
        Left out: those of a new figure (:func:`nnlib.plots.style.new_axes`).
    extent : float
        The picture shows [−extent, extent]²; points outside it are not seen.
    legend : bool
        Name the classes and the two kinds of points under the axes.

    Raises
    ------
    ValueError
        If the data do not have two features, or more than four classes.
    """
    if data.X.shape[1] != 2:
        raise ValueError(f"only data with 2 features can be drawn in the plane; X has shape {data.X.shape}")
    if data.classes > len(style.MARKERS):
        raise ValueError(f"up to {len(style.MARKERS)} classes can be drawn; these data have {data.classes}")
    ax = style.new_axes() if ax is None else ax
    parts = [(data.X_test, data.y_test, True)] if data.X_test is not None else []
    for X, y, hollow in [*parts, (data.X, data.y, False)]:
        if data.task == "regression":
            _draw_values(ax, X, y, value_limit(data), hollow)
        else:
            _draw_classes(ax, X, y, data.labels, hollow)
    plane(ax, data.features, extent)
    if legend:
        under(ax, [*class_handles(data), *part_handles(ax, data)])
    return ax


def value_limit(data):
    """Return the end of a regression's colour scale: the size of the largest training value, rounded up."""
    largest = float(np.abs(data.y).max()) or 1.0
    power = 10.0 ** np.floor(np.log10(largest))
    return float(power * next(step for step in _ROUND if step * power >= largest))


def plane(ax, features, extent):
    """Give axes the square [−extent, extent]², equal scales, the features' names and a light ground for the marks."""
    ax.set_facecolor(style.MIDDLE)
    ax.set(xlim=(-extent, extent), ylim=(-extent, extent), xlabel=features[0], aspect="equal")
    ax.set_ylabel(features[1], rotation=0, ha="right", va="center")
    ticks = np.linspace(-extent, extent, 5)
    ax.set_xticks(ticks, [_minus(tick) for tick in ticks])
    ax.set_yticks(ticks, [_minus(tick) for tick in ticks])


def _minus(number):
    return f"{number:g}".replace("-", "−")


def _draw_classes(ax, X, y, labels, hollow):
    size = _size(len(X))
    for k, label in enumerate(labels):
        chosen = X[y == label]
        ax.scatter(
            *chosen.T, s=size * style.MARKER_SIZES[k], marker=style.MARKERS[k], zorder=3 if hollow else 4,
            facecolor="white" if hollow else style.POINTS[k], edgecolor=style.POINTS[k] if hollow else "white",
            linewidth=1.0 if hollow else 0.5,
        )  # fmt: skip


def _draw_values(ax, X, y, limit, hollow):
    colours = style.DIVERGING((y / limit + 1) / 2)
    size = 0.8 * _size(len(X))  # a regression has many points
    if not hollow:
        ax.scatter(*X.T, s=size, c=colours, edgecolor=style.INK, linewidth=0.4, zorder=4)
        return
    # A ring in the colour of the value, itself outlined: the surface has the same colour where the prediction is good.
    outline = [withStroke(linewidth=1.9, foreground=style.INK)]
    ax.scatter(*X.T, s=size, facecolor="none", edgecolor=colours, linewidth=1.1, zorder=3, path_effects=outline)


def _size(count):
    return float(np.clip(4500 / count, 11, 30))


def class_handles(data):
    """Return legend entries for the classes, none for a regression."""
    return [
        Line2D(
            [], [], linestyle="", marker=style.MARKERS[k], color=style.POINTS[k], mec="white", ms=7, mew=0.5, label=name
        )
        for k, name in enumerate(data.names[: data.classes])
    ]


def part_handles(ax, data):
    """Return legend entries for training and test points, none if the data are not split."""
    if data.X_test is None:
        return []
    ink = style.ink(ax)
    return [
        Line2D([], [], linestyle="", marker="o", color=ink, ms=6, label="training"),
        Line2D([], [], linestyle="", marker="o", color=ink, ms=6, mfc="none", label="test"),
    ]


def under(ax, handles):
    """Put a legend of these entries in one row under the axes; nothing without entries."""
    if handles:
        # A distance in inches: room for ticks and the axis' name, whatever the size of the axes.
        below = ax.transAxes + ScaledTranslation(0, -_LEGEND_DISTANCE, ax.figure.dpi_scale_trans)
        ax.legend(
            handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0), bbox_transform=below, ncol=len(handles),
            frameon=False, fontsize="small", handletextpad=0.2, columnspacing=1.2, borderaxespad=0,
        )  # fmt: skip
