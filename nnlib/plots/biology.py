"""A nerve cell, schematic: what an artificial neuron is named after, with the names of its parts."""

from __future__ import annotations

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, Polygon, Rectangle

from nnlib.plots import style

_CELL, _MEMBRANE, _NEXT = "#c9d6e2", "#5b6b7c", "#dcd6ea"
_MYELIN, _NUCLEUS = "#f3e7c3", "#8fa6bb"

# Root, bend, tip, and the widths of its two ends, in the units of the drawing.
_DENDRITES = (
    ((3.4, 4.1), (2.6, 5.0), (1.7, 5.2), 0.55, 0.26),
    ((1.8, 5.2), (1.0, 5.1), (0.2, 5.5), 0.24, 0.10),
    ((1.9, 5.2), (1.5, 5.6), (1.3, 6.4), 0.22, 0.08),
    ((3.3, 3.7), (2.4, 3.5), (1.6, 3.7), 0.50, 0.22),
    ((1.7, 3.7), (1.0, 3.8), (0.2, 4.2), 0.20, 0.08),
    ((1.7, 3.7), (1.0, 3.5), (0.4, 3.1), 0.20, 0.08),
    ((3.4, 3.1), (2.7, 2.4), (1.8, 2.2), 0.50, 0.24),
    ((1.9, 2.2), (1.1, 2.1), (0.3, 1.7), 0.22, 0.10),
    ((1.9, 2.2), (1.6, 1.7), (1.6, 1.0), 0.20, 0.08),
    ((3.9, 4.2), (4.0, 5.0), (4.3, 5.5), 0.45, 0.20),
    ((4.3, 5.4), (4.3, 6.0), (3.8, 6.5), 0.18, 0.07),
    ((4.3, 5.4), (4.7, 5.9), (5.3, 6.2), 0.18, 0.07),
)
_AXON = (
    ((4.2, 3.55), (5.0, 3.55), (5.6, 3.5), 0.80, 0.17),
    ((5.5, 3.5), (8.0, 3.5), (10.2, 3.5), 0.17, 0.17),
    ((10.1, 3.5), (10.8, 3.6), (11.1, 4.8), 0.15, 0.11),
    ((10.1, 3.5), (10.8, 3.5), (11.6, 3.5), 0.15, 0.11),
    ((10.1, 3.5), (10.8, 3.4), (11.1, 2.2), 0.15, 0.11),
)
_TERMINALS = ((11.12, 4.85), (11.62, 3.5), (11.12, 2.15))
_NEXT_DENDRITE = (((12.3, 6.0), (11.9, 3.6), (12.4, 1.0), 0.30, 0.22),)
_SYNAPSE = (11.82, 3.5)


def nerve_cell(ax=None):
    """Draw a nerve cell and, enlarged, a synapse, with the names of their parts; return the axes.

    Under the name of a part stands, in brackets, what an artificial neuron has in its place. An excitatory
    synapse is blue and has a +, an inhibitory one is orange and has a −. Schematic: nothing is to scale.

    Parameters
    ----------
    ax : matplotlib axes, optional
        Left out: those of a new figure. In axes much wider than high the synapse stands beside the cell, else under it.
    """
    ax = style.new_axes(9.4, 3.9) if ax is None else ax
    ax.set_axis_off()
    width, height = style.size(ax)
    wide = width > 1.6 * height
    limits = ((-1.0, 19.0), (-0.1, 7.6)) if wide else ((-1.0, 13.2), (-6.6, 7.6))
    corner = np.array((13.9, 0.5) if wide else (4.6, -6.3))
    ax.set(xlim=limits[0], ylim=limits[1], aspect="equal")
    inch = min(width / (limits[0][1] - limits[0][0]), height / (limits[1][1] - limits[1][0]))
    size = float(np.clip(17.5 * inch, 3.5, 9))
    _cell(ax, size)
    _enlarge(ax, corner, wide)
    _synapse(ax, corner, size)
    return ax


def _cell(ax, size):
    next_cell = [_branch(*each) for each in _NEXT_DENDRITE]
    _tissue(ax, next_cell, _NEXT)
    soma = _blob((3.65, 3.6), 0.95)
    bulbs = [_blob(place, 0.17) for place in _TERMINALS]
    _tissue(ax, [soma, *(_branch(*each) for each in (*_DENDRITES, *_AXON)), *bulbs], _CELL)
    ax.add_patch(Circle((3.6, 3.6), 0.36, facecolor=_NUCLEUS, edgecolor=_MEMBRANE, linewidth=0.8, zorder=4))
    for left in (5.9, 7.2, 8.5):
        ax.add_patch(
            FancyBboxPatch(
                (left, 3.32), 1.05, 0.36, boxstyle="round,pad=0,rounding_size=0.18",
                facecolor=_MYELIN, edgecolor=_MEMBRANE, linewidth=0.8, zorder=4,
            )
        )  # fmt: skip
    for colour, sign, start, end, dash in (
        (style.POSITIVE, "+", (-0.8, 6.5), (0.3, 5.86), "solid"),
        (style.NEGATIVE, "−", (-0.8, 0.9), (0.32, 1.34), (0, (3, 1.5))),
    ):
        ax.add_line(_line((start, end), color=colour, linewidth=2.0, linestyle=dash))
        ax.add_patch(Circle(end, 0.2, facecolor=colour, edgecolor="none", zorder=5))
        ax.text(start[0], start[1], sign, size=1.5 * size, color=style.ink(ax), ha="right", va="center", weight="bold")
    ax.add_patch(
        FancyArrowPatch((6.0, 2.75), (9.4, 2.75), arrowstyle="-|>", mutation_scale=1.2 * size, color=style.ink(ax))
    )
    _say(ax, "a spike travels this way", (7.7, 2.6), size, va="top")
    _say(ax, "excitatory synapse\n(weight > 0)", (-0.75, 6.75), size, ha="left", va="bottom")
    _say(ax, "inhibitory synapse\n(weight < 0)", (-0.75, 0.7), size, ha="left", va="top")
    _say(ax, "dendrites\n(inputs)", (5.4, 6.4), size, ha="left", va="bottom")
    _say(ax, "cell body, soma\n(sum, threshold)", (4.4, 1.75), size, va="top", to=(3.9, 2.75))
    _say(ax, "axon\n(output)", (6.9, 4.6), size, va="bottom", to=(7.08, 3.65))
    _say(ax, "axon\nterminals", (9.6, 5.1), size, va="bottom", to=(10.9, 4.9))
    _say(ax, "next cell", (12.1, 6.2), size, va="bottom")


def _enlarge(ax, corner, wide):
    ax.add_patch(Circle(_SYNAPSE, 0.42, facecolor="none", edgecolor=style.ACCENT, linewidth=1.3, zorder=6))
    frame = FancyBboxPatch(
        corner, 2.7, 6.2, boxstyle="round,pad=0,rounding_size=0.25", facecolor=style.MIDDLE,
        edgecolor=style.ACCENT, linewidth=1.3, zorder=1,
    )  # fmt: skip
    ax.add_patch(frame)
    ends = ((0, 6.0), (0, 0.2)) if wide else ((0.1, 6.2), (2.6, 6.2))
    starts = ((0.1, 0.41), (0.1, -0.41)) if wide else ((-0.4, -0.1), (0.4, -0.1))
    for start, end in zip(starts, ends):
        ends_at = np.array([np.add(_SYNAPSE, start), corner + end])
        ax.add_line(_line(ends_at, color=style.ACCENT, linewidth=0.8, linestyle=(0, (2, 2))))


def _synapse(ax, corner, size):
    terminal = [(0.95, 6.2), (0.95, 5.4), (0.5, 4.9), (0.3, 4.2), (0.35, 3.3), (0.6, 3.05)]
    terminal += [(2.7 - x, y) for x, y in reversed(terminal)]
    receiver = [(0, 2.0), (0.5, 2.15), (2.2, 2.15), (2.7, 2.0), (2.7, 0.6), (0, 0.6)]
    for corners, colour in ((terminal, _CELL), (receiver, _NEXT)):
        ax.add_patch(Polygon(corner + corners, facecolor=colour, edgecolor=_MEMBRANE, linewidth=1.0, zorder=2))
    dots = np.array([(-0.07, 0.05), (0.08, 0.06), (0.0, -0.09)])
    vesicles = np.array([(0.85, 4.5), (1.75, 4.6), (1.3, 4.1), (0.75, 3.7), (1.95, 3.8), (1.35, 3.27)])
    for place in vesicles:
        ax.add_patch(Circle(corner + place, 0.22, facecolor="white", edgecolor=_MEMBRANE, linewidth=0.8, zorder=3))
        _dots(ax, corner + place + dots)
    released = np.array([(0.8, 2.85), (1.1, 2.7), (1.35, 2.9), (1.6, 2.65), (1.9, 2.85), (1.35, 2.6)])
    _dots(ax, corner + released)
    for x in (0.8, 1.35, 1.9):
        for left in (x - 0.13, x + 0.05):  # a channel between two walls
            ax.add_patch(Rectangle(np.add(corner, (left, 2.0)), 0.08, 0.3, facecolor=style.INK, zorder=4))
    for text, y, to in (
        ("axon terminal", 5.6, (1.75, 5.6)),
        ("vesicles", 4.6, (1.97, 4.6)),
        ("neurotransmitter\nin the cleft", 3.1, (1.97, 2.86)),
        ("receptors", 2.1, (2.04, 2.15)),
        ("dendrite of\nthe next cell", 1.05, (2.3, 1.05)),
    ):
        _say(ax, text, np.add(corner, (2.95, y)), size, ha="left", to=corner + to)


def _say(ax, text, place, size, *, ha="center", va="center", to=None):
    ax.text(*place, text, size=size, ha=ha, va=va, color=style.ink(ax), linespacing=1.15, zorder=8)
    if to is not None:
        gap = np.array([0.1 if ha == "left" else 0, 0.1 if va == "top" else -0.1 if va == "bottom" else 0])
        start = np.add(place, (-gap[0], gap[1]))
        ax.add_line(_line((start, to), color=_MEMBRANE, linewidth=0.8))


def _line(ends, **look):
    return Line2D(*np.transpose(ends), zorder=7, solid_capstyle="round", **look)


def _dots(ax, places):
    for place in places:
        ax.add_patch(Circle(place, 0.055, facecolor=style.POINTS[0], edgecolor="none", zorder=5))


def _tissue(ax, shapes, colour):
    """Fill overlapping shapes as one, with one outline around all of them."""
    for shape in shapes:
        ax.add_patch(Polygon(shape, facecolor=_MEMBRANE, edgecolor=_MEMBRANE, linewidth=1.8, zorder=2))
    for shape in shapes:
        ax.add_patch(Polygon(shape, facecolor=colour, edgecolor="none", zorder=3))


def _branch(root, bend, tip, thick, thin):
    """Return the outline of a bent, tapering branch."""
    t = np.linspace(0, 1, 24)[:, None]
    root, bend, tip = map(np.asarray, (root, bend, tip))
    middle = (1 - t) ** 2 * root + 2 * t * (1 - t) * bend + t**2 * tip
    along = 2 * (1 - t) * (bend - root) + 2 * t * (tip - bend)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.linalg.norm(along, axis=1, keepdims=True)
    half = (thick + (thin - thick) * np.sqrt(t)) / 2  # thick at the root only
    return np.concatenate([middle + half * across, (middle - half * across)[::-1]])


def _blob(centre, radius):
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    return np.asarray(centre) + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
