"""Tables as pictures, a number in every cell: a confusion matrix, a map over two settings."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.patches import Rectangle

from nnlib.plots import style
from nnlib.plots.checks import all_finite, array

_CELL = 0.5  # inches, in a figure of its own
_MARGINS = 0.75, 0.75  # inches for names beside and under the cells
_STEEP = 50  # colours follow the logarithm where values differ by more than this factor
#: Errors of a confusion matrix: from none, pale, to many, orange.
_ERRORS = LinearSegmentedColormap.from_list("nnlib_errors", [style.MIDDLE, style.FIELDS[0]])
_HITS = LinearSegmentedColormap.from_list("nnlib_hits", [style.MIDDLE, style.FIELDS[1]])


def confusion(matrix, ax=None, *, names=None):
    """Draw a confusion matrix and return the axes.

    A row is a true class, a column a predicted one. Each cell has its count, and its colour grows with the
    square root of its share of the row, so that rare mistakes are seen: blue on the diagonal, which has
    frames, orange beside it.

    Parameters
    ----------
    matrix : array (C, C)
        Counts; ``matrix[i, j]`` samples of class i were called j.
    ax : matplotlib axes, optional
        Left out: those of a new figure (:func:`nnlib.plots.style.new_axes`).
    names : sequence of str, optional
        The classes. Left out: 0 … C−1.

    Raises
    ------
    ValueError
        If the matrix is not square, holds anything but counts, or there is not one name for each class.
    """
    matrix = array("confusion counts", matrix, (2,), "(C, C)").astype(float)
    if matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"confusion counts must have shape (C, C), not {matrix.shape}")
    all_finite("confusion counts", matrix)
    if (matrix < 0).any() or (matrix % 1).any():
        raise ValueError("a confusion matrix holds counts: whole numbers, none negative")
    names = [str(k) for k in range(len(matrix))] if names is None else [style.label(name) for name in names]
    if len(names) != len(matrix):
        raise ValueError(f"{len(names)} names for {len(matrix)} classes; give one for each")
    totals = matrix.sum(axis=1, keepdims=True)
    strength = np.sqrt(matrix / np.where(totals, totals, 1))
    diagonal = np.eye(len(matrix), dtype=bool)
    colours = np.where(diagonal[..., None], _HITS(strength), _ERRORS(strength))
    texts = [[f"{count:.0f}" for count in row] for row in matrix]
    ax = _draw(ax, colours, texts, bold=diagonal)
    for k in range(len(matrix)):
        _frame(ax, k, k, 1.2)
    _label(ax, names, names)
    ax.set(xlabel="predicted class", ylabel="true class")
    return ax


def heat_map(values, ax=None, *, x, y, xlabel, ylabel, label, best=None):
    """Draw a number for each pair of two settings and return the axes.

    Colours run from the smallest value, pale, to the largest, dark, by the logarithm where values are
    positive and differ by more than a factor of 50. A cell that is not finite is grey, hatched and has
    a ✗, explained under the axes: its run diverged.

    Parameters
    ----------
    values : array (len(y), len(x))
        Such as test losses; row i belongs to y[i], and the first row is the lowest, as on an axis.
    ax : matplotlib axes, optional
        Left out: those of a new figure (:func:`nnlib.plots.style.new_axes`).
    x, y : sequence
        The settings: numbers, or words.
    xlabel, ylabel, label : str
        What x, y and the values are; the last stands above the axes.
    best : "min" or "max", optional
        Frame the cell with the smallest or the largest value.

    Raises
    ------
    ValueError
        If shapes do not fit, or ``best`` is another word.
    """
    values = array("values", values, (2,), "(len(y), len(x))").astype(float)
    if values.shape != (len(y), len(x)):
        raise ValueError(f"values have shape {values.shape}, but y and x need ({len(y)}, {len(x)})")
    if best not in (None, "min", "max"):
        raise ValueError(f"best must be 'min' or 'max', not {best!r}")
    finite = np.isfinite(values)
    shades = _shades(values, finite)
    write = _writer(values[finite])
    texts = [[write(value) if np.isfinite(value) else "✗" for value in row] for row in values]
    ax = _draw(ax, style.SEQUENTIAL(np.ma.masked_array(shades, ~finite)), texts, upward=True)
    for row, column in np.argwhere(~finite):
        ax.add_patch(
            Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, hatch="////", edgecolor="white", linewidth=0)
        )
    if best and finite.any():
        search = np.nanargmin if best == "min" else np.nanargmax
        row, column = np.unravel_index(search(np.where(finite, values, np.nan)), values.shape)
        _frame(ax, column, row, 2.6)
    _label(ax, [style.label(each) for each in x], [style.label(each) for each in y])
    notes = [f"framed: {'smallest' if best == 'min' else 'largest'}"] if best and finite.any() else []
    notes += [] if finite.all() else ["✗: diverged"]
    ax.set_xlabel(xlabel + (f"\n{', '.join(notes)}" if notes else ""))
    ax.set_ylabel(ylabel, rotation=0 if len(ylabel) < 3 else 90)
    ax.set_title(label, size="medium")
    return ax


def _writer(values):
    """Return how to write these values: with as many decimals each, so that columns can be compared."""
    size = np.abs(values[values != 0])
    if size.size and size.max() / size.min() < 1e4 and 1e-3 <= np.median(size) < 1e4:
        decimals = 0 if not (values % 1).any() else int(np.clip(2 - np.floor(np.log10(np.median(size))), 0, 5))
        return lambda value: f"{value + 0.0:.{decimals}f}".replace("-", "−")
    return style.number


def _shades(values, finite):
    """Return where each finite value stands between the smallest, 0, and the largest, 1."""
    shown = np.where(finite, values, np.nan)
    if not finite.any():
        return np.zeros_like(values)
    low, high = np.nanmin(shown), np.nanmax(shown)
    if low > 0 and high / low > _STEEP:
        shown, low, high = np.log(shown), np.log(low), np.log(high)
    return np.nan_to_num(Normalize(low, high)(shown).filled(0.0) if high > low else np.zeros_like(values))


def _draw(ax, colours, texts, *, bold=None, upward=False):
    rows, columns = colours.shape[:2]
    if ax is None:
        cell = max(_CELL, min(3 / max(rows, columns), 1.0))
        ax = style.new_axes(min(columns * cell + 1.1, 7), min(rows * cell + 1.1, 7))
    width, height = style.size(ax, _MARGINS)
    ax.imshow(colours, interpolation="nearest", aspect="auto", origin="lower" if upward else "upper")
    cell = 0.86 * width / columns, 0.6 * height / rows
    size = max(min(style.fitting(text, *cell) for row in texts for text in row), 4)
    for row in range(rows):
        for column in range(columns):
            strong = bold is not None and bold[row, column]
            crossed = texts[row][column] == "✗"
            ax.text(
                column, row, texts[row][column], ha="center", va="center", size=size, zorder=4,
                color=style.text_on(colours[row, column, :3]), weight="bold" if strong else "normal",
                bbox={"facecolor": style.MISSING, "edgecolor": "none", "pad": 1} if crossed else None,
            )  # fmt: skip
    ax.set_xticks(np.arange(1, columns) - 0.5, minor=True)
    ax.set_yticks(np.arange(1, rows) - 0.5, minor=True)
    ax.grid(which="minor", color=ax.figure.get_facecolor(), linewidth=1.0)
    ax.tick_params(which="both", length=0)
    ax.spines[:].set_visible(False)
    return ax


def _label(ax, columns, rows):
    """Name columns and rows; long names of columns stand upright."""
    width = style.size(ax, _MARGINS)[0] / len(columns)
    upright = max(len(name) for name in columns) * 0.075 > width
    ax.set_xticks(range(len(columns)), columns, size="small", rotation=90 if upright else 0)
    ax.set_yticks(range(len(rows)), rows, size="small")


def _frame(ax, column, row, linewidth):
    ax.add_patch(
        Rectangle((column - 0.48, row - 0.48), 0.96, 0.96, fill=False, edgecolor=style.INK, lw=linewidth, zorder=3)
    )
