"""A computation graph from left to right: what was computed from what, with values and gradients.

Every node stands in a column to the right of everything it was computed from. An edge that passes a
column gets a place of its own there, like a node, so that no edge runs through a box or a number. The
columns are ordered to cross few edges and then moved so that edges are nearly level.

Source: K. Sugiyama, S. Tagawa, M. Toda, "Methods for visual understanding of hierarchical system
structures", IEEE Transactions on Systems, Man, and Cybernetics 11, 1981.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from matplotlib.cbook import is_math_text
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path
from matplotlib.textpath import text_to_path

from nnlib.autodiff import ancestors
from nnlib.plots import style

_MOST_NODES = 60
_WRITTEN = 6  # entries of an array that are written out
# All lengths are points, 1/72 inch, at full size.
_FONT, _SMALL = 9.0, 8.0
_LINE = 10.5
_RADIUS = 10.0
_BETWEEN = 9.0  # two nodes of a column, and
_BEND = 3.0  # half the room of an edge that passes a column
_PORTS = 5.0  # how far from the middle edges arrive
_NARROWEST_GAP, _WIDEST_GAP = 16.0, 44.0
_ARROW = 7.0
_MARGIN = 6.0
_SWEEPS = 24
# How hard a place holds to its height, next to an operation: an input, and an edge that should be straight.
_INPUT, _STRAIGHT = 0.1, 3.0


@dataclass(eq=False)
class _Place:
    """A node of the graph, or a bend of an edge (then ``tensor`` is None), in one column."""

    column: int
    tensor: object = None
    left: list = field(default_factory=list)  # neighbours in the columns beside it
    right: list = field(default_factory=list)
    symbol: str = ""
    above: str = ""
    below: str = ""
    width: float = 0.0  # of the symbol's frame
    half: float = 0.0  # of the widest of frame and numbers
    up: float = _BEND
    down: float = _BEND
    x: float = 0.0
    y: float = 0.0

    @property
    def is_input(self):
        return self.tensor is not None and not self.tensor.parents


def computation_graph(tensor, ax=None, *, digits=4):
    """Draw the graph of a :class:`nnlib.autodiff.Tensor` and return the axes.

    Boxes are inputs and parameters, with their names; circles are operations, with constant operands beside
    the sign. Above each node stands its value, below it, after ∂, its gradient once ``backward`` has run. A
    named operation has its name before the value; the result has a thick outline. Arrays of up to 6
    entries are written row by row, of larger ones the shape and the range.

    Parameters
    ----------
    tensor : nnlib.autodiff.Tensor
        The result.
    ax : matplotlib axes, optional
        Left out: those of a new figure, as large as the graph needs. In axes that are too small for it the
        whole drawing, text included, is made smaller.
    digits : int
        Significant digits of single numbers; arrays have one less.

    Raises
    ------
    ValueError
        If the graph has more than 60 nodes.
    """
    tensors = ancestors(tensor)
    if len(tensors) > _MOST_NODES:
        raise ValueError(
            f"the graph has {len(tensors)} nodes; up to {_MOST_NODES} can be drawn: draw a part of it, "
            "or compute with arrays instead of single numbers"
        )
    columns, edges = _columns(tensors, digits)
    _order(columns)
    width, height = _lay_out(columns)
    explanation = "above: value    ∂: gradient" if tensor.grad is not None else "above: value"
    width = max(width, _width(explanation, _SMALL)) + 2 * _MARGIN
    height += 2 * _MARGIN + 2 * _LINE
    if ax is None:
        ax = style.new_axes(width / 72 + 0.1, height / 72 + 0.1)
    scale = min(1.0, *(72 * inches / needed for inches, needed in zip(style.size(ax), (width, height))))
    for place in (place for places in columns for place in places if place.tensor is not None):
        # Edges arrive one below the other, in the order in which they come.
        arriving = sorted((path for path in edges if path[-1] is place), key=lambda path: path[-2].y)
        ports = np.linspace(-_PORTS, _PORTS, len(arriving)) if len(arriving) > 1 else [0.0]
        for path, port in zip(arriving, ports):
            _draw_edge(ax, path, port, scale)
        _draw_node(ax, place, place.tensor is tensor, scale)
    ax.text(-_MARGIN, height - 3 * _MARGIN, explanation, size=_SMALL * scale, color=style.ink(ax), va="center")
    ax.set_axis_off()
    # y runs downwards, as the operands are read.
    ax.set(xlim=(-2 * _MARGIN, width - _MARGIN), ylim=(height - _MARGIN, -_MARGIN), aspect="equal")
    return ax


# --- places -----------------------------------------------------------------------------------------------------


def _columns(tensors, digits):
    """Return the places column by column, and each edge as the list of places it goes through."""
    column = {}
    for tensor in tensors:
        column[tensor] = 1 + max((column[parent] for parent in tensor.parents), default=-1)
    children = {tensor: [] for tensor in tensors}
    for tensor in tensors:
        for parent in tensor.parents:
            children[parent].append(tensor)
    for tensor in reversed(tensors):
        # Nearer to its users, where that makes more edges shorter than longer: above all the inputs.
        if len(set(children[tensor])) > len(set(tensor.parents)):
            column[tensor] = min(column[child] for child in children[tensor]) - 1
    places = {tensor: _node(tensor, column[tensor], digits) for tensor in tensors}
    columns = [[] for _ in range(1 + max(column.values()))]
    edges = []
    for tensor in tensors:
        end = places[tensor]
        for parent in tensor.parents:
            start = places[parent]
            bends = [_Place(k) for k in range(start.column + 1, end.column)]
            for bend in bends:
                columns[bend.column].append(bend)
            edges.append([start, *bends, end])
            for left, right in zip(edges[-1], edges[-1][1:]):
                left.right.append(right)
                right.left.append(left)
        columns[end.column].append(end)
    return columns, edges


def _node(tensor, column, digits):
    single = tensor.data.size == 1
    value = _written(tensor.data, digits if single else digits - 1)
    heading = [tensor.name] if tensor.name and tensor.parents else []
    if _is_large(tensor.data):
        heading.append(str(tensor.shape))
    if heading:
        value = " ".join(heading) + (" = " if single else "\n") + value
    gradient = "" if tensor.grad is None else "∂ " + _written(tensor.grad, digits if single else digits - 1)
    symbol = tensor.operation or tensor.name or "input"
    width = _width(symbol, _FONT) + 10
    if tensor.parents:
        width = 2 * _RADIUS if width <= 2 * _RADIUS else width + 4
    return _Place(
        column, tensor, symbol=symbol, above=value, below=gradient, width=width,
        half=max(width / 2 + _ARROW, _width(value, _SMALL) / 2, _width(gradient, _SMALL) / 2),
        up=_RADIUS + 2 + _LINE * len(value.splitlines()), down=_RADIUS + 2 + _LINE * len(gradient.splitlines()),
    )  # fmt: skip


def _written(array, digits):
    if array.size == 1:
        return style.number(array.item(), digits)
    if _is_large(array):
        return f"{style.number(array.min(), digits)} … {style.number(array.max(), digits)}"
    return "\n".join(f"[{'  '.join(style.number(entry, digits) for entry in row)}]" for row in np.atleast_2d(array))


def _is_large(array):
    return array.size > _WRITTEN or array.ndim > 2


def _width(text, size):
    font = FontProperties(size=size)
    return max(
        text_to_path.get_text_width_height_descent(line, font, is_math_text(line))[0] for line in text.split("\n")
    )


def _order(columns):
    """Sort every column so that few edges cross, by the mean place of neighbours; keep the best order met."""
    best, fewest = [list(places) for places in columns], _crossings(columns)
    for sweep in range(_SWEEPS):
        side = "left" if sweep % 2 == 0 else "right"
        for places in columns if side == "left" else reversed(columns):
            for rank, place in enumerate(places):
                place.y = rank
            places.sort(key=lambda place: _mean(getattr(place, side), place.y))
            for rank, place in enumerate(places):
                place.y = rank
        crossings = _crossings(columns)
        if crossings < fewest:
            best, fewest = [list(places) for places in columns], crossings
    columns[:] = best


def _mean(neighbours, otherwise):
    """Return the mean y of neighbours. Inputs count little: they can stand beside the line of operations."""
    if not neighbours:
        return otherwise
    weights = [_INPUT if place.is_input else 1.0 for place in neighbours]
    return float(np.average([place.y for place in neighbours], weights=weights))


def _crossings(columns):
    count = 0
    for left, right in zip(columns, columns[1:]):
        rank = {place: k for k, place in enumerate(right)}
        ends = [rank[end] for start in left for end in sorted(start.right, key=rank.get)]
        count += sum(above > below for k, above in enumerate(ends) for below in ends[k + 1 :])
    return count


def _lay_out(columns):
    """Give every place x and y, in points from the upper left corner; return width and height of it all."""
    for places in columns:
        _move(places, [0.0] * len(places))
    to_both = [[place.left + place.right for place in places] for places in columns]
    to_left = [[place.left for place in places] for places in columns]
    # The last time from the left only, so that operations in a row stand exactly level.
    for neighbours in [to_both] * _SWEEPS + [to_left]:
        for places, beside in zip(columns, neighbours):
            _move(places, [_mean(others, place.y) for place, others in zip(places, beside)])
    top = min(place.y - place.up for places in columns for place in places)
    x = 0.0
    for k, places in enumerate(columns):
        half = max(place.half for place in places)
        if k:
            steepest = max(abs(place.y - before.y) for place in places for before in place.left)
            x += float(np.clip(0.2 * steepest, _NARROWEST_GAP, _WIDEST_GAP))
        for place in places:
            place.x, place.half, place.y = x + half, half, place.y - top
        x += 2 * half
    return x, max(place.y + place.down for places in columns for place in places)


def _move(places, wanted):
    """Put the places of a column as near to the wanted heights as their order and their sizes allow.

    The sum of squared distances is least: with the room above each place subtracted this is isotonic
    regression, and pooling neighbours that are in each other's way solves it.
    """
    room = np.cumsum([0.0, *(a.down + b.up + _BETWEEN for a, b in zip(places, places[1:]))])
    pools = []  # (weight, mean, members)
    for place, height in zip(places, wanted - room):
        weight = _INPUT if place.is_input else 1.0 if place.tensor is not None else _STRAIGHT
        members = 1
        while pools and pools[-1][1] > height:
            other_weight, other_height, other_members = pools.pop()
            height = (weight * height + other_weight * other_height) / (weight + other_weight)
            weight, members = weight + other_weight, members + other_members
        pools.append((weight, height, members))
    heights = [height for _, height, members in pools for _ in range(members)]
    for place, height, above in zip(places, heights, room):
        place.y = height + above


# --- drawing ----------------------------------------------------------------------------------------------------


def _draw_edge(ax, path, port, scale):
    """Draw an edge, level within a column and bent between two; it ends ``port`` below the middle."""
    start, *bends, end = path
    reach = np.sqrt(_RADIUS**2 - port**2) if end.width == 2 * _RADIUS else end.width / 2
    points = [(start.x + start.width / 2, start.y), (start.x + start.half, start.y)]
    codes = [Path.MOVETO, Path.LINETO]
    for place in (*bends, end):
        x, y = points[-1]
        height = place.y + (port if place is end else 0)
        entry = place.x - place.half
        stop = place.x - reach if place is end else place.x + place.half
        points += [((x + entry) / 2, y), ((x + entry) / 2, height), (entry, height), (stop, height)]
        codes += [Path.CURVE4] * 3 + [Path.LINETO]
    ax.add_patch(
        FancyArrowPatch(
            path=Path(points, codes), arrowstyle="-|>", mutation_scale=_ARROW * scale, linewidth=max(0.9 * scale, 0.5),
            color=style.ink(ax), alpha=0.6, zorder=1,
        )
    )  # fmt: skip


def _draw_node(ax, place, is_result, scale):
    ink = style.ink(ax)
    look = {"facecolor": "none", "edgecolor": ink, "linewidth": (2.2 if is_result else 1.0) * scale, "zorder": 2}
    if place.width == 2 * _RADIUS and place.tensor.parents:
        frame = Circle((place.x, place.y), _RADIUS, **look)
    else:
        rounding = f"round,pad=0,rounding_size={_RADIUS if place.tensor.parents else 1.5}"
        corner = (place.x - place.width / 2, place.y - _RADIUS)
        frame = FancyBboxPatch(corner, place.width, 2 * _RADIUS, boxstyle=rounding, **look)
    ax.add_patch(frame)
    ax.text(place.x, place.y, place.symbol, ha="center", va="center_baseline", size=_FONT * scale, color=ink)
    text = {"ha": "center", "size": _SMALL * scale, "linespacing": 1.1}
    ax.text(place.x, place.y - _RADIUS - 2, place.above, va="bottom", color=ink, **text)
    if place.below:
        ax.text(place.x, place.y + _RADIUS + 2, place.below, va="top", color=style.ACCENT, **text)
