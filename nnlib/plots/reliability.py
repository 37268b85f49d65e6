"""Can a probability be trusted: what share of those said to be 80 % was right."""

from __future__ import annotations

import numpy as np

from nnlib.plots import marks, style
from nnlib.plots.checks import all_finite, array

_MARGINS = 0.7, 0.95  # inches for what stands beside and under the axes
_Z = 1.959964  # 95 % of a normal distribution


def calibration(predicted, observed, counts, ax=None):
    """Draw a reliability diagram and return the axes.

    Each point is a bin: the mean predicted probability, and the share that was really positive, with
    the number of samples beside it and their 95 % interval (Wilson, JASA 22, 1927), which unlike p ± 2√(p(1 − p)/n)
    stays in [0, 1] and is not 0 wide at p = 0. On the diagonal probabilities are right; below it they are
    too high. Empty bins are left out.

    Parameters
    ----------
    predicted, observed : array (bins,)
        Shares from 0 to 1; NaN in empty bins.
    counts : array (bins,)
        Samples in each bin.
    ax : matplotlib axes, optional
        Left out: those of a new figure (:func:`nnlib.plots.style.new_axes`).

    Raises
    ------
    ValueError
        If lengths differ, all bins are empty, or a share is not in [0, 1].
    """
    arrays = [
        array(name, values, (1,), "(bins,)").astype(float)
        for name, values in (("predicted shares", predicted), ("observed shares", observed), ("counts", counts))
    ]
    if len({len(values) for values in arrays}) > 1:
        raise ValueError(f"shares and counts have lengths {', '.join(str(len(values)) for values in arrays)}")
    all_finite("counts", arrays[2])
    if (arrays[2] < 0).any() or not arrays[2].any():
        raise ValueError("counts must not be negative, nor all 0")
    predicted, observed, counts = (values[arrays[2] > 0] for values in arrays)
    for name, shares in (("predicted", predicted), ("observed", observed)):
        if not ((shares >= 0) & (shares <= 1)).all():
            raise ValueError(f"{name} shares must lie from 0 to 1; these hold {_outside(shares)}")
    ax = style.new_axes(4.2, 4.2) if ax is None else ax
    style.quiet(ax)
    ink = style.ink(ax)
    ax.plot([0, 1], [0, 1], color="0.5", linewidth=1.3, linestyle=(0, (1, 1.6)), zorder=1, label="as often as said")
    low, high = _interval(observed, counts)
    ax.vlines(predicted, low, high, color=ink, linewidth=1.2, zorder=2, label="95 % interval")
    ax.plot(predicted, observed, "o-", color=style.ACCENT, linewidth=1.4, ms=5.5, zorder=3, label="observed")
    texts = [f"{count:.0f}" for count in counts]
    room = min(style.size(ax, _MARGINS)) * np.diff(np.sort(predicted)).min(initial=1.0) / 1.18
    size = max(style.fitting(max(texts, key=len), room, np.inf, 7.5), 3.5)
    for said, share, text, bottom, top in zip(predicted, observed, texts, low, high):
        above = share >= said  # beyond the end of the interval that is farther from the diagonal
        ax.annotate(
            text, (said, top if above else bottom), (0, 2 if above else -2), textcoords="offset points",
            size=size, ha="center", va="bottom" if above else "top", color=ink, zorder=4,
        )  # fmt: skip
    ax.set(
        xlim=(-0.04, 1.04), ylim=(-0.09, 1.09), aspect="equal",
        xlabel="predicted probability", ylabel="observed share",
        xticks=np.linspace(0, 1, 6), yticks=np.linspace(0, 1, 6),
    )  # fmt: skip
    marks.under(ax, ax.get_legend_handles_labels()[0])
    return ax


def _outside(shares):
    return style.number(shares[~((shares >= 0) & (shares <= 1))][0])


def _interval(share, count):
    centre = (share + _Z**2 / (2 * count)) / (1 + _Z**2 / count)
    half = _Z / (1 + _Z**2 / count) * np.sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    return centre - half, centre + half
