"""The space behind a hidden layer: where it sends the points, and the grid of the plane, bent by it."""

from __future__ import annotations

import numpy as np

from nnlib.layers import Activate, Dense, Dropout
from nnlib.plots import marks, style

_PIECES = 120
_SIDE = 121


def hidden_space(network, data, ax=None, *, layer=-1, units=(0, 1), inputs=None, extent=6.0):
    """Draw where a hidden layer sends the points of the plane and return the axes.

    Thin lines are the grid of the plane, one line for each whole number (dashed: the second input fixed), as the
    network bends it. Behind a last hidden layer of two units, and a single output, the straight line is where
    the output turns.

    Parameters
    ----------
    network : nnlib Network
        With one hidden layer at least.
    data : nnlib.datasets.Dataset
        Points of the plane with their labels or values.
    ax : matplotlib axes, optional
        Left out: those of a new figure (:func:`nnlib.plots.style.new_axes`).
    layer : int
        Which hidden layer, as an index; −1 is the last.
    units : (int, int)
        The two units that are the axes; of a layer of one unit the second axis is 0.
    inputs : Dataset, optional
        The data as the network takes them, where it takes features of the points; the grid is then not drawn.
    extent : float
        The grid covers [−extent, extent]².

    Raises
    ------
    ValueError
        If the network has no hidden layer, not such a layer or unit, or not two inputs and no ``inputs`` are given.
    """
    inputs = data if inputs is None else inputs
    if inputs.X.shape[1] != network.widths[0]:
        raise ValueError(f"the network takes {network.widths[0]} inputs, but the data have {inputs.X.shape[1]}")
    widths = [outputs.shape[1] for outputs in network.hidden(inputs.X[:1])]
    if not -len(widths) <= layer < len(widths):
        raise ValueError(f"the network has {len(widths)} hidden layers; layer {layer} is not one of them")
    width = widths[layer]
    if len(units) != 2 or any(not 0 <= unit < max(2, width) for unit in units):
        raise ValueError(f"units must be two of the {width} units of the layer, counted from 0, not {units}")

    def hidden(X):
        with np.errstate(all="ignore"):
            H = network.hidden(X)[layer]
        return np.column_stack([H[:, unit] if unit < width else np.zeros(len(H)) for unit in units])

    ax = style.new_axes() if ax is None else ax
    ax.set_facecolor(style.MIDDLE)
    parts = [(hidden(inputs.X), data.y, False)]
    if data.X_test is not None:
        parts.insert(0, (hidden(inputs.X_test), data.y_test, True))
    everything = np.concatenate([H for H, _, _ in parts])
    everything = everything[np.isfinite(everything).all(axis=1)]
    low, high = (everything.min(axis=0), everything.max(axis=0)) if len(everything) else (np.zeros(2), np.ones(2))
    margin = 0.08 * np.maximum(high - low, 1e-3)
    if inputs is data:
        _draw_grid(ax, hidden, extent)
    for H, y, hollow in parts:
        if data.task == "regression":
            marks._draw_values(ax, H, y, marks.value_limit(data), hollow)
        else:
            marks._draw_classes(ax, H, y, data.labels, hollow)
    ax.set(xlim=(low[0] - margin[0], high[0] + margin[0]), ylim=(low[1] - margin[1], high[1] + margin[1]))
    last = layer in (-1, len(widths) - 1)
    output = _output_layer(network)
    if last and width == 2 and output is not None and output.units == 1 and data.task == "binary":
        _draw_line(ax, output, units)
    ax.set_xlabel(f"hidden unit {units[0] + 1}")
    ax.set_ylabel(f"hidden unit {units[1] + 1}" if width > 1 else "")
    return ax


def _draw_grid(ax, hidden, extent):
    along = np.linspace(-extent, extent, _PIECES)
    for value in np.arange(-np.floor(extent), np.floor(extent) + 1):
        for fixed in (0, 1):
            line = np.stack([along, np.full_like(along, value)], axis=1)
            strong = value == 0
            ax.plot(
                *hidden(line if fixed else line[:, ::-1]).T, color=style.INK, zorder=1, alpha=0.6 if strong else 0.25,
                linewidth=1.2 if strong else 0.7, linestyle=(0, (4, 2)) if fixed else "solid",
            )  # fmt: skip


def _output_layer(network):
    """Return the Dense layer that makes the outputs from what the last hidden activation gives; None without one."""
    layers = [layer for layer in network.layers if not isinstance(layer, Dropout)]
    if isinstance(layers[-1], Activate):
        layers.pop()
    reads_activation = len(layers) > 1 and isinstance(layers[-2], Activate) and isinstance(layers[-1], Dense)
    return layers[-1] if reads_activation else None


def _draw_line(ax, output, units):
    """Draw where the output of a network with two last units turns: w·h + b at the output's boundary."""
    w, b = output.W[:, 0], output.b[0]
    a = np.array([w[units[0]], w[units[1]]])
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    x, y = np.meshgrid(np.linspace(left, right, _SIDE), np.linspace(low, high, _SIDE))
    values = a[0] * x + a[1] * y + b
    if np.isfinite(values).all() and values.min() < 0 < values.max():
        ax.contour(x, y, values, levels=[0], colors=style.INK, linewidths=1.8, linestyles="solid", zorder=2)
