"""How values are spread in each layer: weights, activations or gradients, row under row on one scale."""

from __future__ import annotations

import numpy as np

from nnlib.plots import style
from nnlib.plots.checks import array

_BINS = 60
_PEAK = 0.82  # of the distance of two rows
_ROW = 0.62  # inches, in a figure of its own


def layer_histograms(arrays, ax=None, *, names=None, label="value", log=False):
    """Draw a histogram for each layer, the first on top, all on one axis, and return the axes.

    Each row is as high as its own fullest bin, so that layers of different size can be compared. Beside it
    stand the standard deviation of its finite values and what the bars do not show: values that are
    exactly 0 (ReLUs that are off) are left out of the bars and written as a share; NaN, infinities and outliers
    beyond the picture are counted. The picture reaches, for each layer, at most one width of its
    central 99 % beyond these.

    Parameters
    ----------
    arrays : sequence of arrays
        One for each layer, of any shape.
    ax : matplotlib axes, optional
        Left out: those of a new figure, as high as the layers need.
    names : sequence of str, optional
        Left out: layer 1, layer 2, …
    label : str
        What the values are, with their unit if they have one.
    log : bool
        Bars grow with the logarithm of 1 + count, which shows the tails.

    Raises
    ------
    ValueError
        If there is no layer, one is empty or no array of numbers, or there is not one name for each.
    """
    arrays = [_flat(k, values) for k, values in enumerate(arrays)]
    if not arrays:
        raise ValueError("there are no layers to draw")
    names = [f"layer {k + 1}" for k in range(len(arrays))] if names is None else [str(name) for name in names]
    if len(names) != len(arrays):
        raise ValueError(f"{len(names)} names for {len(arrays)} layers; give one for each")
    ax = style.new_axes(5.0, _ROW * len(arrays) + 0.7) if ax is None else ax
    low, high = _limits([values[np.isfinite(values)] for values in arrays])
    edges = np.linspace(low, high, _BINS + 1)
    ink, labels = style.ink(ax), []
    for row, (name, values) in enumerate(zip(names, arrays)):
        base = len(arrays) - 1 - row
        finite = values[np.isfinite(values)]
        counts, _ = np.histogram(finite[finite != 0], edges)
        heights = np.log1p(counts) if log else counts.astype(float)
        heights *= _PEAK / (heights.max() or 1.0)
        ax.stairs(base + heights, edges, baseline=base, fill=True, facecolor=style.ACCENT, alpha=0.55, zorder=2)
        ax.stairs(base + heights, edges, baseline=None, color=style.ACCENT, linewidth=1.0, zorder=3)
        ax.axhline(base, color=ink, linewidth=0.7, zorder=3)
        labels.append("\n".join([name, *_in_words(values, finite, low, high)]))
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.grid(True, axis="x", color="0.5", alpha=0.25, linewidth=0.6)
    ax.set_axisbelow(True)
    margin = 0.02 * (high - low)
    ax.set(
        xlim=(low - margin, high + margin),
        ylim=(-0.02, len(arrays)),
        xlabel=label,
        ylabel=_counted(arrays, log),
    )
    room = 0.95 * style.size(ax, (0, 0.5))[1] / len(arrays)
    size = max(min(style.fitting(label, np.inf, room, 8.5) for label in labels), 4)
    ax.set_yticks(np.arange(len(arrays))[::-1] + 0.4, labels, size=size)
    ax.tick_params(axis="y", length=0)
    return ax


def _flat(k, values):
    values = array(f"values of layer {k + 1}", values, range(1, 33), "(…)")
    return values.astype(float).ravel()


def _limits(layers):
    ends = []
    for values in layers:
        if values.size:
            near, far = np.quantile(values, [0.005, 0.995])
            reach = far - near or np.inf  # mostly one value: then the others are no outliers
            ends.append((max(values.min(), near - reach), min(values.max(), far + reach)))
    low = min((end[0] for end in ends), default=0.0)
    high = max((end[1] for end in ends), default=0.0)
    if low == high:
        return low - (abs(low) or 1.0), high + (abs(high) or 1.0)
    return low, high


def _counted(arrays, log):
    return ("log count" if log else "count") + (", own scales" if len(arrays) > 1 else "")


def _in_words(values, finite, low, high):
    """Return the lines under a row's name."""
    with np.errstate(over="ignore"):
        spread = finite.std() if finite.size else np.nan
    first = f"std {style.number(spread, 2)}" if finite.size else "no finite value"
    zeros = int((finite == 0).sum())
    notes = []
    if zeros:
        share = zeros / values.size
        notes.append("all are 0" if share == 1 else f"{_percent(share)} are 0")
    for count, what in (
        (int(np.isnan(values).sum()), "NaN"),
        (int(np.isinf(values).sum()), "infinite"),
        (int(((finite < low) | (finite > high)).sum()), "outside"),
    ):
        if count:
            notes.append(f"{count} {what}")
    return [first, *([", ".join(notes)] if notes else [])]


def _percent(share):
    """Return a share in percent; never 0 % or 100 % for what is not."""
    return "<1 %" if share < 0.01 else ">99 %" if share > 0.99 else f"{100 * share:.0f} %"
