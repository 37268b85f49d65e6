"""A dense network as a drawing: units in columns, a line for each weight."""

from __future__ import annotations

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Circle

from nnlib.layers import Activate, BatchNorm, Dense, Dropout, Flatten
from nnlib.plots import style
from nnlib.plots.checks import all_finite

_RADIUS = 0.3  # of the distance between two units
_TOP, _BOTTOM = 0.58, 0.45  # inches for the names of layers, and for what the signs mean
_LEAST_GAP = 0.9  # between two columns
_MOST_UNITS = 12  # more are not drawn one by one,
_SHOWN = 4  # but so many at each end
_MOST_NUMBERS = 20  # weights that are written
_WIDEST = 3.6  # points
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def network_diagram(network, ax=None, *, inputs=None, outputs=None):
    """Draw a dense network and return the axes.

    A circle is a unit, a line a weight: as wide as ``|w|`` is large next to the network's largest, blue and
    solid if positive, orange and dashed if negative. The number in a circle is the unit's bias; where the
    circles are too small for numbers, a + or − is its sign. Up to 20 weights are written on their lines, if
    the axes have room for them. Of a layer with more than 12 units the first four and the last four are drawn,
    and the number of units is written.

    Parameters
    ----------
    network : nnlib Network
        Of Dense and Activate layers; Dropout and BatchNorm are named at their column, Flatten is left out.
    ax : matplotlib axes, optional
        Left out: those of a new figure, as large as the network needs.
    inputs, outputs : sequence of str, optional
        A name for each input and output. Without them: x₁, x₂, …, and nothing at the outputs.

    Raises
    ------
    ValueError
        If it is not one network, there are other layers, parameters that are not finite, or not one name for each unit.
    """
    columns, weights, biases = _structure(network)
    inputs = [f"x{k + 1}".translate(_SUBSCRIPTS) for k in range(len(biases[0]))] if inputs is None else list(inputs)
    outputs = [""] * len(biases[-1]) if outputs is None else list(outputs)
    for what, names, bias in (("inputs", inputs, biases[0]), ("outputs", outputs, biases[-1])):
        if len(names) != len(bias):
            raise ValueError(f"{len(names)} names for {len(bias)} {what}; give one for each")
    places = [_places(len(bias)) for bias in biases]
    tallest = max(rows.max() - rows.min() for _, rows in places) + 1
    few = sum(W.size for W in weights) <= _MOST_NUMBERS
    if ax is None:
        unit = min(0.85 if few else 0.6, 5.0 / tallest)
        ax = style.new_axes(np.clip(1.75 * (len(columns) - 1) + 1.4, 3.4, 9), tallest * unit + _TOP + _BOTTOM + 0.1)
    ends = [_longest(names, shown) for names, (shown, _) in ((inputs, places[0]), (outputs, places[-1]))]
    xs, inch = _lay_out(ax, len(columns), tallest, ends)
    largest = max(np.abs(W).max() for W in weights) or 1.0
    centres = [np.stack([np.full(len(rows), x), rows], axis=1) for x, (_, rows) in zip(xs, places)]
    numbers = []
    for k, W in enumerate(weights):
        drawn = W[np.ix_(places[k][0], places[k + 1][0])]
        lines = _draw_weights(ax, centres[k], centres[k + 1], drawn, largest)
        numbers += _number_places(lines, np.concatenate(centres), drawn.ravel(), inch) if few else []
    if all(fits for *_, fits in numbers):
        _write_weights(ax, numbers, inch)
    shown_biases = [bias[shown] for bias, (shown, _) in zip(biases[1:], places[1:])]
    _draw_units(ax, centres, shown_biases, inch)
    _name_columns(ax, columns, [len(bias) for bias in biases], xs, tallest / 2 + 0.05, inch)
    _name_units(ax, inputs, *places[0], xs[0] - _RADIUS - 0.12, inch, ha="right")
    _name_units(ax, outputs, *places[-1], xs[-1] + _RADIUS + 0.12, inch, ha="left")
    _explain(ax, largest, any(bias.any() for bias in biases))
    return ax


def _structure(network):
    """Return the columns' names, the weight matrices between them, the biases of each column (zeros for the inputs)."""
    if not hasattr(network, "layers"):
        raise ValueError(f"a diagram shows one network with layers, not {network!r}")
    columns, weights, biases = [], [], []
    for layer in network.layers:
        if isinstance(layer, Dense):
            weights.append(np.asarray(layer.W))
            biases.append(np.asarray(layer.b))
            columns.append(f"hidden {len(weights)}")
        elif isinstance(layer, Activate | BatchNorm | Dropout) and columns:
            columns[-1] += "\n" + _called(layer)
        elif not isinstance(layer, Flatten):
            raise ValueError(
                f"a diagram shows dense layers; this network has {layer!r} "
                + ("before the first of them" if not columns else "among them")
            )
    if not columns:
        raise ValueError("this network has no dense layer to draw")
    for k, (W, b) in enumerate(zip(weights, biases)):
        all_finite(f"the weights of layer {k + 1}", W)
        all_finite(f"the biases of layer {k + 1}", b)
    columns[-1] = columns[-1].replace(f"hidden {len(weights)}", "output")
    return ["inputs", *columns], weights, [np.zeros(len(weights[0])), *biases]


def _called(layer):
    if isinstance(layer, Activate):
        return layer.activation.name.replace("_", " ")
    return "batch norm" if isinstance(layer, BatchNorm) else "dropout"


def _places(count):
    """Return which units are drawn, and the height of each; 0 is the middle of the column."""
    if count <= _MOST_UNITS:
        return np.arange(count), (count - 1) / 2 - np.arange(count)
    ends = np.r_[:_SHOWN, count - _SHOWN : count]
    rows = np.arange(_SHOWN, 0, -1)
    return ends, np.r_[rows, -rows[::-1]].astype(float)


def _longest(names, shown):
    return max((len(str(names[unit])) for unit in shown), default=0)


def _lay_out(ax, count, tallest, ends):
    """Set the limits so that the drawing fills the axes and circles are round.

    Returns the places of the columns, and the inches of one distance between units.
    """
    ax.set_axis_off()
    width, height = style.size(ax)
    inch = max((height - _TOP - _BOTTOM) / tallest, 0.05)
    left, right = (0.2 + 0.085 * longest for longest in ends)  # inches for names
    # Circles of neighbouring columns stay apart: where columns are many, everything is smaller.
    inch = min(inch, (width - left - right) / (2 * _RADIUS + _LEAST_GAP * (count - 1)))
    gap = (width - left - right - 2 * _RADIUS * inch) / (count - 1) / inch
    xs = gap * np.arange(count)
    ax.set(
        xlim=(-_RADIUS - left / inch, xs[-1] + _RADIUS + right / inch),
        ylim=(-tallest / 2 - _BOTTOM / inch, tallest / 2 + _TOP / inch),
        aspect="equal",
    )
    return xs, inch


def _draw_weights(ax, sources, targets, W, largest):
    lines = np.stack([np.repeat(sources, len(targets), axis=0), np.tile(targets, (len(sources), 1))], axis=1)
    w = W.ravel()
    order = np.argsort(np.abs(w), kind="stable")  # strong ones on top
    widths = _WIDEST * np.abs(w) / largest
    ax.add_collection(
        LineCollection(
            lines[order],
            colors=[style.NEGATIVE if each < 0 else style.POSITIVE for each in w[order]],
            linewidths=widths[order],
            # Matplotlib makes dashes as long as a line is wide; these are 5 and 3 points in every width.
            linestyles=[
                (0, (5 / width, 3 / width)) if each < 0 and width > 0 else "solid"
                for each, width in zip(w[order], widths[order])
            ],
            zorder=1,
        )
    )
    return lines


def _number_places(lines, units, w, inch):
    """Return (place, weight, whether it fits) for each weight.

    It stands on its line, where it is farthest from circles, from what is placed already and from other lines.
    """
    size = _number_size(inch)
    half = np.array([0.62 * size / 72 * 5 / 2, 1.35 * size / 72 / 2]) / inch  # of "−0.68", in data units
    shares = np.linspace(0.12, 0.88, 39)
    points = (1 - shares)[:, None, None] * lines[:, 0] + shares[:, None, None] * lines[:, 1]  # (shares, lines, 2)
    taken, placed = np.empty((0, 2)), []
    for k, weight in enumerate(w):
        candidates = points[:, k]
        room = np.minimum(_room(candidates, taken, 2 * half), _room(candidates, units, half + _RADIUS))
        clear = _room(candidates, np.delete(points, k, axis=1).reshape(-1, 2), half)
        best = int(np.argmax(4 * np.minimum(room, 1.2) + np.minimum(clear, 1) - 0.2 * np.abs(shares - 0.3)))
        taken = np.vstack([taken, candidates[best]])
        placed.append((candidates[best], weight, room[best] >= 1))
    return placed


def _number_size(inch):
    return float(np.clip(12 * inch, 5.5, 8))


def _write_weights(ax, numbers, inch):
    for place, weight, _ in numbers:
        ax.text(
            *place, style.number(weight, 2), size=_number_size(inch), ha="center", va="center", zorder=4,
            color=style.ink(ax),
            bbox={"facecolor": ax.figure.get_facecolor(), "edgecolor": "none", "pad": 0.6, "alpha": 0.9},
        )  # fmt: skip


def _room(candidates, taken, box):
    """Return for each candidate how far the nearest of the taken places is, 1 where their boxes touch."""
    if not len(taken):
        return np.full(len(candidates), np.inf)
    return (np.abs(candidates[:, None] - taken[None]) / box).max(axis=2).min(axis=1)


def _draw_units(ax, centres, biases, inch):
    ground, ink = ax.figure.get_facecolor(), style.ink(ax)
    for column, places in enumerate(centres):
        for place in places:
            fill = ground if column else style.MISSING
            ax.add_patch(Circle(place, _RADIUS, facecolor=fill, edgecolor=ink, linewidth=1.0, zorder=3))
    bias = np.concatenate(biases)
    places = np.concatenate(centres[1:])[bias != 0]
    texts = [style.number(each, 2) for each in bias[bias != 0]]
    size = min((style.fitting(text, 1.8 * _RADIUS * inch, _RADIUS * inch, 8) for text in texts), default=0)
    if size < 4.5:  # too small to read: the signs alone
        texts, size = ["−" if text[0] == "−" else "+" for text in texts], max(70 * _RADIUS * inch, 3)
    for place, text in zip(places, texts):
        ax.text(*place, text, ha="center", va="center", size=size, color=ink, zorder=5)


def _name_columns(ax, columns, counts, xs, height, inch):
    titles = [name + (f"\n{count} units" if count > _MOST_UNITS else "") for name, count in zip(columns, counts)]
    size = min(style.fitting(title, 0.95 * (xs[1] - xs[0]) * inch, _TOP, 8.5) for title in titles)
    for x, title, count in zip(xs, titles, counts):
        ax.text(x, height, title, ha="center", va="bottom", size=size, color=style.ink(ax))
        if count > _MOST_UNITS:
            ax.text(x, 0, "⋮", ha="center", va="center", size=14, color=style.ink(ax))


def _name_units(ax, names, shown, rows, x, inch, ha):
    for unit, row in zip(shown, rows):
        ax.text(x, row, names[unit], ha=ha, va="center", size=min(9, 50 * inch), color=style.ink(ax))


def _explain(ax, largest, biased):
    handles = [
        Line2D([], [], color=style.POSITIVE, linewidth=2.2, label="weight > 0"),
        Line2D([], [], color=style.NEGATIVE, linewidth=2.2, linestyle=(0, (2.3, 1.4)), label="weight < 0"),
    ]
    title = f"width: |w|, up to {style.number(largest, 2)}" + ("; in the circles: biases" if biased else "")
    ax.legend(
        handles=handles, loc="lower center", ncol=2, frameon=False, fontsize=7.5, title=title, title_fontsize=7.5,
        columnspacing=1.5, handlelength=2.2, handletextpad=0.5, borderaxespad=0, borderpad=0,
    )  # fmt: skip
