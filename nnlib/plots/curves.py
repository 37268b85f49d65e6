"""Losses by epoch, and what several runs have in common: their median and their range."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.ticker import FormatStrFormatter, LogLocator, MaxNLocator

from nnlib.plots import style
from nnlib.plots.checks import all_finite, array

_TEST_ZORDER, _TRAIN_ZORDER = 2, 3


def learning_curves(curve, ax=None, *, log=False, label="loss"):
    """Draw training and test loss by epoch and return the axes.

    The test loss is a broad solid line, the training loss a narrow dashed one on top of it, so that
    both are seen where they run together, in print and without colours too. The legend has the last values.

    Parameters
    ----------
    curve : mapping
        ``{"epoch": …, "train": …, "test": …}``, sequences of equal length. A loss that is None or
        not finite leaves a gap; ``"test"`` may be missing, or None, where there is no test part.
    ax : matplotlib axes, optional
        Left out: those of a new figure (:func:`nnlib.plots.style.new_axes`).
    log : bool
        A logarithmic loss axis; losses of 0 are then not shown.
    label : str
        What the loss axis shows, with its unit if it has one.

    Raises
    ------
    ValueError
        If epochs or training losses are missing, or lengths differ.
    """
    for name in ("epoch", "train"):
        if curve.get(name) is None:
            raise ValueError(f"a curve needs 'epoch' and 'train'; {name!r} is missing")
    epochs, train = _numbers(curve["epoch"]), _numbers(curve["train"])
    test = None if curve.get("test") is None else _numbers(curve["test"])
    for name, losses in (("train", train), ("test", test)):
        if losses is not None and len(losses) != len(epochs):
            raise ValueError(f"the curve has {len(epochs)} epochs, but {len(losses)} {name} losses")
    if not len(epochs):
        raise ValueError("the curve has no epochs yet")
    ax = style.new_axes(5.4, 3.6) if ax is None else ax
    if test is not None and np.isfinite(test).any():
        _line(ax, epochs, test, "test", color=style.ACCENT, linewidth=2.8, zorder=_TEST_ZORDER)
    _line(
        ax,
        epochs,
        train,
        "training",
        color=style.ink(ax),
        linewidth=1.3,
        linestyle=(0, (3.5, 1.8)),
        zorder=_TRAIN_ZORDER,
    )
    style.quiet(ax)
    ax.set(xlabel="epoch", ylabel=label)
    ax.set_xlim(epochs[0], max(epochs[-1], epochs[0] + 1))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if log:
        _logarithmic(ax)
    else:
        ax.set_ylim(bottom=0)
        ax.margins(y=0.08)
    ax.legend(loc="upper right", fontsize="small", framealpha=0.85, edgecolor="none")
    return ax


def curve_bands(x, values, ax=None, *, xlabel="epoch", ylabel="loss", log=False):
    """Draw the median of several runs as a line, their range as a band, and return the axes.

    Seeds differ: one run is an anecdote. Series differ in colour, dash and mark. The legend has the number of
    runs; runs that are not finite at the end are counted there as diverged, and median and range
    are those of the finite values.

    Parameters
    ----------
    x : array (k,)
        Epochs, widths, strengths of a penalty, in rising order.
    values : array (runs, k), or mapping of names to such arrays
        Up to four series.
    ax : matplotlib axes, optional
        Left out: those of a new figure (:func:`nnlib.plots.style.new_axes`).
    xlabel, ylabel : str
        What x and the values are.
    log : bool
        A logarithmic axis for the values; those of 0 or less are then not shown.

    Raises
    ------
    ValueError
        If shapes do not fit, x does not rise, a series has no finite value, or there are none or more than four.
    """
    x = array("places", x, (1,), "(k,)").astype(float)
    all_finite("places", x)
    if (np.diff(x) <= 0).any():
        raise ValueError("places must rise from left to right")
    series = values if isinstance(values, Mapping) else {"": values}
    series = {
        str(name): array("values", runs, (2,), f"(runs, {len(x)})").astype(float) for name, runs in series.items()
    }
    if not series:
        raise ValueError("there are no series to draw")
    for name, runs in series.items():
        if runs.shape[1] != len(x):
            raise ValueError(f"values have shape {runs.shape}, but there are {len(x)} places: (runs, {len(x)})")
        if not np.isfinite(runs).any():
            raise ValueError(f"no value{f' of {name}' if name else ''} is finite: there is nothing to draw")
    ax = style.new_axes(5.4, 3.6) if ax is None else ax
    marks = len(x) <= 20
    for (name, runs), (colour, dash, mark) in zip(series.items(), style.series(ax, len(series), "series")):
        low, median, high = _summary(runs)
        diverged = int((~np.isfinite(runs[:, -1])).sum())
        count = f"{len(runs)} run{'s' * (len(runs) > 1)}" + (f", {diverged} diverged" if diverged else "")
        ax.fill_between(x, low, high, color=colour, alpha=0.2, linewidth=0, zorder=2)
        ax.plot(
            x, median, color=colour, linestyle=dash, linewidth=1.8, marker=mark if marks else None, ms=4.5, zorder=3,
            label=f"{name} ({count})" if name else count,
        )  # fmt: skip
    style.quiet(ax)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if not (x % 1).any():
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    if log:
        _logarithmic(ax)
    ax.legend(
        loc="best", fontsize="small", framealpha=0.85, edgecolor="none", handlelength=2.8,
        title="median and range", title_fontsize="small",
    )  # fmt: skip
    return ax


def _summary(runs):
    """Return the smallest, the median and the largest finite value in each column; NaN where there is none."""
    known = np.isfinite(runs)
    columns = [column[there] if there.any() else np.array([np.nan]) for column, there in zip(runs.T, known.T)]
    return np.array([(column.min(), np.median(column), column.max()) for column in columns]).T


def _logarithmic(ax):
    ax.set_yscale("log", nonpositive="mask")
    ax.yaxis.set_minor_locator(LogLocator(subs=(2, 5)))
    ax.yaxis.set_major_formatter(FormatStrFormatter("%g"))
    ax.yaxis.set_minor_formatter(FormatStrFormatter("%g"))


def _numbers(values):
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def _line(ax, epochs, losses, name, **options):
    finite = losses[np.isfinite(losses)]
    last = f"  {finite[-1]:.3g}" if finite.size else ""
    # One epoch alone makes no line: a dot shows it.
    marker = "o" if finite.size == 1 else None
    ax.plot(epochs, np.where(np.isfinite(losses), losses, np.nan), label=f"{name}{last}", marker=marker, **options)
