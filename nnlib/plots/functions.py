"""Functions of one number: an activation with its slope, a loss along a line with the steps of a descent."""

from __future__ import annotations

import numpy as np

from nnlib.activations import activation as resolve_activation
from nnlib.plots import style
from nnlib.plots.checks import all_finite, array

_FAR = 1e9
_BESIDE = 1e-9
#: Constants whose name is a Greek letter.
_LETTERS = {"alpha": "α", "beta": "β"}


def activation_curve(activation, ax=None, *, extent=5.0):
    """Draw an activation f, broad, and its derivative f′, dashed, over [−extent, extent]; return the axes.

    Dotted lines are the ends of its range, which stands in the title. Where a function jumps, a filled
    dot is its value and a hollow one the end that is not.

    Parameters
    ----------
    activation : str or Activation
        A name of ``nnlib.ACTIVATIONS``, or an entry with other constants.
    ax : matplotlib axes, optional
        Left out: those of a new figure (:func:`nnlib.plots.style.new_axes`).
    extent : float
        How far the picture goes to both sides of 0.

    Raises
    ------
    ValueError
        For an unknown name, or an extent that is not positive.
    """
    entry = resolve_activation(activation)
    if not 0 < extent < _FAR:
        raise ValueError(f"extent must be a positive number, not {extent!r}")
    ax = style.new_axes(4.4, 3.4) if ax is None else ax
    left, right = np.linspace(-extent, -_BESIDE, 400), np.linspace(_BESIDE, extent, 400)
    z = np.r_[left, 0, right]
    style.quiet(ax)
    ax.axhline(0, color=style.ink(ax), linewidth=0.6, zorder=1)
    ax.axvline(0, color=style.ink(ax), linewidth=0.6, zorder=1)
    for end in _ends(entry.f):
        ax.axhline(end, color="0.5", linewidth=1.3, linestyle=(0, (1, 1.6)), zorder=1)
    _curve(ax, z, entry.f(z), "f(z)", color=style.ACCENT, linewidth=2.8)
    _curve(ax, z, entry.derivative(z), "f′(z)", color=style.ink(ax), linewidth=1.4, linestyle=(0, (3.5, 1.8)))
    constants = ", ".join(
        f"{_LETTERS.get(name, name)} = {style.number(value)}" for name, value in entry.parameters.items()
    )
    name = entry.name.replace("_", " ") + (f", {constants}" if constants else "")
    ax.set_title(f"{name}; range {entry.range}", size="medium")
    ax.set(xlabel="z", xlim=(-extent, extent))
    ax.margins(y=0.08)
    ax.legend(loc="best", fontsize="small", framealpha=0.85, edgecolor="none")
    return ax


def _ends(f):
    """Return the finite ends of a function's range: a side that still grows far out has none."""
    far = np.array([-_FAR, _FAR])
    with np.errstate(over="ignore"):
        near, farther = f(far), f(2 * far)
    values = np.r_[f(np.linspace(-30, 30, 60001)), near]
    growing = farther - near
    return [
        end
        for end, sign in ((values.min(), -1), (values.max(), 1))
        if not (np.sign(growing) * (np.abs(growing) > 1) == sign).any()
    ]


def _curve(ax, z, values, label, **options):
    middle = len(z) // 2
    before, at, after = values[middle - 1 : middle + 2]
    if abs(after - before) < 0.01:
        ax.plot(z, values, label=label, **options)
        return
    ends = np.where(np.arange(len(z)) == middle, np.nan, values)
    (line,) = ax.plot(z, ends, label=label, **options)
    for end in (before, after):
        filled = abs(end - at) < 0.005
        ax.plot(
            0, end, "o", ms=4.5, mec=line.get_color(), mfc=line.get_color() if filled else ax.get_facecolor(), zorder=5
        )


def loss_line(x, losses, ax=None, *, path=None, xlabel="w", ylabel="loss"):
    """Draw a loss over one parameter, with the steps of a descent on it, and return the axes.

    Parameters
    ----------
    x, losses : array (k,)
        Places in rising order, and the loss at each; one that is not finite leaves a gap.
    ax : matplotlib axes, optional
        Left out: those of a new figure (:func:`nnlib.plots.style.new_axes`).
    path : array (steps + 1,), optional
        Where the descent was before its first and after each step. The first six are numbered. Steps beyond
        the picture are counted in words, and so are those after a value that is not finite.

    Raises
    ------
    ValueError
        If shapes differ, places do not rise, or no loss is finite.
    """
    x, losses = array("places", x, (1,), "(k,)").astype(float), array("losses", losses, (1,), "(k,)").astype(float)
    if x.shape != losses.shape:
        raise ValueError(f"{len(x)} places, but {len(losses)} losses")
    all_finite("places", x)
    if (np.diff(x) <= 0).any():
        raise ValueError("places must rise from left to right")
    if not np.isfinite(losses).any():
        raise ValueError("no loss is finite: there is nothing to draw")
    path = None if path is None else array("steps", path, (1,), "(steps + 1,)").astype(float)
    ax = style.new_axes(4.4, 3.4) if ax is None else ax
    style.quiet(ax)
    ax.plot(x, np.where(np.isfinite(losses), losses, np.nan), color=style.ACCENT, linewidth=2.4, zorder=2)
    ax.set(xlabel=xlabel, ylabel=ylabel, xlim=(x[0], x[-1]))
    if path is not None:
        _steps(ax, x, losses, path)
    return ax


def _steps(ax, x, losses, path):
    inside = np.isfinite(path) & (path >= x[0]) & (path <= x[-1])
    seen = len(path) if inside.all() else int(np.argmin(inside))
    places = path[:seen]
    heights = np.interp(places, x, losses)
    ink = style.ink(ax)
    ax.plot(places, heights, color=ink, linewidth=1.1, marker="o", ms=4.5, zorder=3, clip_on=False)
    for k, place in enumerate(zip(places[:6], heights[:6])):
        # A number where its step is not hidden under the one before.
        gaps = np.hypot(*((np.stack([places[:k], heights[:k]], axis=1) - place) / _spans(x, losses)).T)
        if k == 0 or gaps.min() > 0.06:
            # On the side that the next step does not take.
            left = k + 1 < seen and places[k + 1] > place[0]
            ax.annotate(
                str(k), place, (-6 if left else 6, 0), textcoords="offset points", size="small", color=ink, zorder=4,
                ha="right" if left else "left", va="center",
            )  # fmt: skip
    if seen < len(path):
        what = "leaves the picture" if np.isfinite(path[seen]) else "is no longer a number"
        ax.set_title(f"step {seen} {what}", size="small", loc="right")


def _spans(x, losses):
    finite = losses[np.isfinite(losses)]
    return np.array([np.ptp(x) or 1.0, np.ptp(finite) or 1.0])
