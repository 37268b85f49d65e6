"""Losses over two parameters, as a map with contour lines, and the ways that optimisers take on it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap
from matplotlib.patheffects import withStroke

from nnlib.plots import style
from nnlib.plots.checks import all_finite, array

_LEVELS = 10
_STEEP = 0.2  # of the range of losses: where the median lies lower, levels follow the logarithm
#: From the valley, pale, to the heights, blue; dark lines stay legible on all of it.
_HEIGHTS = LinearSegmentedColormap.from_list("nnlib_heights", [style.MIDDLE, style.FIELDS[1]])
_PATHS = (style.INK, "#a63f06", "#6a22b8", "#11603a")


def loss_grid(f, a, b, *, side=121):
    """Return (a, b, values): a function of two parameters over a rectangle, for :func:`loss_surface`.

    Parameters
    ----------
    f : callable
        ``f(a, b)`` for arrays of equal shape returns their losses in that shape.
    a, b : pair of float
        From where to where each parameter goes.
    side : int
        Grid points in each direction; odd, so that the middle is one of them.

    Raises
    ------
    ValueError
        If a range does not rise, or f returns another shape.
    """
    for name, ends in (("a", a), ("b", b)):
        if np.shape(ends) != (2,) or not np.isfinite(ends).all() or not ends[0] < ends[1]:
            raise ValueError(f"{name} must be a pair of rising numbers, not {ends!r}")
    if isinstance(side, bool) or not isinstance(side, int) or side < 2:
        raise ValueError(f"side must be a whole number of at least 2, not {side!r}")
    a, b = np.linspace(*a, side), np.linspace(*b, side)
    # Far from the minimum a loss may overflow; the picture says so.
    with np.errstate(all="ignore"):
        values = np.asarray(f(*np.meshgrid(a, b)), dtype=float)
    if values.shape != (side, side):
        raise ValueError(f"f must return an array of the shape it is given, {(side, side)}, not {values.shape}")
    return a, b, values


def loss_surface(grid, ax=None, *, path=None, names=("w₁", "w₂"), label="loss"):
    """Draw a loss over two parameters, with the paths of descents, and return the axes.

    Contour lines stand at the numbers that the bar names: half of them below the median, so that valleys have
    lines too, or by factors of about 2 where the surface is steep. Where the loss is not finite the ground
    is grey. A path starts at a hollow circle and ends at a star; arrows show its direction, dots its steps
    while they are few.

    Parameters
    ----------
    grid : tuple (a, b, values)
        Places (k,) and (m,), losses (m, k), as :func:`loss_grid` returns them.
    ax : matplotlib axes, optional
        Left out: those of a new figure (:func:`nnlib.plots.style.new_axes`).
    path : array (steps + 1, 2), or mapping of names to such arrays, optional
        Up to four; each has a colour, a dash and a name in the legend. What ends outside the
        picture, or in values that are not finite, is said to.
    names : pair of str
        The two parameters.
    label : str
        What the values are.

    Raises
    ------
    ValueError
        If shapes do not fit, places do not rise, or no loss is finite.
    """
    a, b, values = _checked(grid)
    paths = path if isinstance(path, Mapping) else {} if path is None else {"": path}
    paths = {name: _path(name, way) for name, way in paths.items()}
    ax = style.new_axes(5.0, 4.0) if ax is None else ax
    looks = style.series(ax, len(paths), "paths")
    shown = np.ma.masked_invalid(values)
    levels = _levels(shown.compressed())
    ax.set_facecolor(style.MISSING)
    norm = BoundaryNorm(levels, _HEIGHTS.N, extend="both")
    fields = ax.contourf(a, b, shown, levels=levels, cmap=_HEIGHTS, norm=norm, extend="both", zorder=0)
    ax.contour(a, b, shown, levels=levels, colors=style.INK, linewidths=0.6, alpha=0.55, zorder=1)
    bar = ax.figure.colorbar(fields, cax=ax.inset_axes([1.03, 0, 0.04, 1]), extendfrac=0.05)
    bar.set_ticks(levels, labels=[style.number(level) for level in levels])
    bar.ax.tick_params(labelsize="small", length=0)
    bar.ax.set_title(label, size="small", loc="left")
    notes = [] if np.isfinite(values).all() else ["grey: the loss is not finite"]
    for (name, way), (_, dash, _), colour in zip(paths.items(), looks, _PATHS):
        notes += _draw_path(ax, name, way, colour, dash, (a[0], a[-1]), (b[0], b[-1]))
    ax.set(xlim=(a[0], a[-1]), ylim=(b[0], b[-1]), xlabel=names[0])
    ax.set_ylabel(names[1], rotation=0, ha="right", va="center")
    if any(paths):
        legend = ax.legend(loc="best", fontsize="small", framealpha=0.9, facecolor="white", edgecolor="none")
        for text in legend.get_texts():
            text.set_color(style.INK)
    if notes:
        ax.set_title("\n".join(notes), size="small", loc="left")
    return ax


def _checked(grid):
    if not isinstance(grid, tuple | list) or len(grid) != 3:
        raise ValueError("a grid is a tuple (a, b, values), as nnlib.plots.loss_grid returns it")
    a, b = (array(f"places {name}", axis, (1,), "(k,)").astype(float) for name, axis in zip("ab", grid))
    values = array("losses", grid[2], (2,), "(len(b), len(a))").astype(float)
    for name, axis in (("a", a), ("b", b)):
        all_finite(f"places {name}", axis)
        if len(axis) < 2 or (np.diff(axis) <= 0).any():
            raise ValueError(f"places {name} must rise, and be at least 2")
    if values.shape != (len(b), len(a)):
        raise ValueError(f"losses have shape {values.shape}, but b and a need ({len(b)}, {len(a)})")
    if not np.isfinite(values).any():
        raise ValueError("no loss is finite: there is nothing to draw")
    return a, b, values


def _path(name, way):
    way = array("steps" + (f" of {name}" if name else ""), way, (2,), "(steps + 1, 2)").astype(float)
    if way.shape[1] != 2:
        raise ValueError(f"a path has shape (steps + 1, 2), not {way.shape}")
    if not np.isfinite(way[0]).all():
        raise ValueError("a path must start at finite values")
    return way


def _levels(values):
    """Return rising round levels between the smallest and the largest loss."""
    low, high = float(values.min()), float(values.max())
    if low == high:
        return [low - 0.5, low + 0.5]
    if low >= 0 and np.median(values) - low < _STEEP * (high - low):
        # From where a hundredth of the picture is lower: below that lines would crowd around the minimum.
        start = max(float(np.quantile(values, 0.005)), high * 1e-6)
        steps = [step * 10.0**power for power in range(-320, 309) for step in (1, 2, 5) if 10.0**power < np.inf]
        levels = [level for level in steps if start <= level < high]
        if len(levels) > 1.5 * _LEVELS:
            levels = [level for level in levels if f"{level:.0e}"[0] == "1"]
        if len(levels) > 1.5 * _LEVELS:
            levels = levels[:: -(-len(levels) // _LEVELS)]
        if len(levels) >= 3:
            return levels
    # Half of the levels below the median: in a bowl, rings at about equal distances.
    middle = np.clip((np.median(values) - low) / (high - low), 0.05, 0.5)
    shares = np.linspace(0, 1, _LEVELS + 1)[1:-1] ** (np.log(middle) / np.log(0.5))
    decimals = int(1 - np.floor(np.log10((high - low) / _LEVELS)))
    levels = sorted({float(np.round(low + share * (high - low), decimals)) for share in shares})
    return [level for level in levels if low < level < high]


def _draw_path(ax, name, way, colour, dash, xlim, ylim):
    """Draw one path; return in words what cannot be drawn of it."""
    finite = np.isfinite(way).all(axis=1)
    seen = way if finite.all() else way[: int(np.argmin(finite))]
    halo = [withStroke(linewidth=3.0, foreground="white")]
    ax.plot(*seen.T, color=colour, linewidth=1.6, linestyle=dash, zorder=3, label=name or None, path_effects=halo)
    if len(seen) <= 40:
        ax.plot(*seen.T, color=colour, linestyle="", marker="o", markersize=3, zorder=4)
    options = {"linestyle": "", "markeredgecolor": colour, "zorder": 5}
    ax.plot(*seen[0], marker="o", markerfacecolor="white", markersize=7, **options)
    ax.plot(*seen[-1], marker="*", markerfacecolor=colour, markersize=11, **options)
    _arrows(ax, seen, colour, np.array([xlim[1] - xlim[0], ylim[1] - ylim[0]]))
    whose = f"{name}: " if name else ""
    if len(seen) < len(way):
        return [f"{whose}not finite from step {len(seen)}"]
    inside = all(low <= at <= high for at, (low, high) in zip(seen[-1], (xlim, ylim)))
    return [] if inside else [f"{whose}ends outside the picture"]


def _arrows(ax, way, colour, span):
    """Draw arrow heads a quarter and six tenths of the way along."""
    lengths = np.hypot(*(np.diff(way, axis=0) / span).T)
    travelled = np.r_[0, np.cumsum(lengths)]
    if travelled[-1] < 0.08:
        return
    for share in (0.25, 0.6):
        k = int(np.clip(np.searchsorted(travelled, share * travelled[-1]) - 1, 0, len(lengths) - 1))
        middle = (way[k] + way[k + 1]) / 2
        ax.annotate(
            "", middle + 0.01 * (way[k + 1] - way[k]), middle, annotation_clip=True, zorder=4,
            arrowprops={"arrowstyle": "-|>", "color": colour, "mutation_scale": 13, "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip
