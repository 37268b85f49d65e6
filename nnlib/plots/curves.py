"""Losses by epoch."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import FormatStrFormatter, LogLocator, MaxNLocator

from nnlib.plots import style

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
        ax.set_yscale("log", nonpositive="mask")
        ax.yaxis.set_minor_locator(LogLocator(subs=(2, 5)))
        ax.yaxis.set_major_formatter(FormatStrFormatter("%g"))
        ax.yaxis.set_minor_formatter(FormatStrFormatter("%g"))
    else:
        ax.set_ylim(bottom=0)
        ax.margins(y=0.08)
    ax.legend(loc="upper right", fontsize="small", framealpha=0.85, edgecolor="none")
    return ax


def _numbers(values):
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def _line(ax, epochs, losses, name, **options):
    finite = losses[np.isfinite(losses)]
    last = f"  {finite[-1]:.3g}" if finite.size else ""
    # One epoch alone makes no line: a dot shows it.
    marker = "o" if finite.size == 1 else None
    ax.plot(epochs, np.where(np.isfinite(losses), losses, np.nan), label=f"{name}{last}", marker=marker, **options)
