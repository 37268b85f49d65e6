"""Pictures in rows: samples, mistakes, templates, and what the channels of a convolution see."""

from __future__ import annotations

import numpy as np
from matplotlib.patches import Rectangle

from nnlib.plots import style
from nnlib.plots.checks import all_finite, array

_GAP = 0.14  # of a picture's width
_MOST_COLUMNS = 10
_CELL = 0.72  # inches, in a figure of its own


def image_grid(images, ax=None, *, titles=None, predicted=None, true=None, columns=None, ink=True, signed=False):
    """Draw pictures in rows and return the axes.

    One channel is grey, on one scale for all pictures, from the smallest value to the largest. With
    ``predicted`` and ``true`` each picture has its prediction above it, and a wrong one has a cross before
    it, the truth beneath it and a broad frame.

    Parameters
    ----------
    images : array (n, H, W) or (n, H, W, 3)
        Colours are floats from 0 to 1 or integers from 0 to 255.
    ax : matplotlib axes, optional
        Left out: those of a new figure (:func:`nnlib.plots.style.new_axes`).
    titles : sequence, optional
        What to write above each picture.
    predicted, true : sequence, optional
        A label for each picture, both or none; they take the place of ``titles``.
    columns : int, optional
        Pictures in a row. Left out: about twice as many as rows, at most 10.
    ink : bool
        Large values are dark, as ink on paper; False: they are light, as in a photograph.
    signed : bool
        Values have a sign, as weights do: orange negative, blue positive, with a bar that shows the scale.

    Raises
    ------
    ValueError
        For other shapes, values that are not finite, colours out of range, or not one title for each picture.
    """
    images = array("images", images, (3, 4), "(n, H, W) or (n, H, W, 3)")
    colour = images.ndim == 4
    if colour and images.shape[3] != 3:
        hint = "; move the channels to the end: images.transpose(0, 2, 3, 1)" if images.shape[1] in (1, 3) else ""
        raise ValueError(f"images must have shape (n, H, W) or (n, H, W, 3), not {images.shape}{hint}")
    if colour and signed:
        raise ValueError("signed values are drawn for one channel; these images have 3")
    all_finite("images", images)
    count, height, width = images.shape[:3]
    captions, wrong = _captions(count, titles, predicted, true)
    columns = _columns(count, columns)
    ax, place, size = _cells(ax, count, columns, height / width, captions, bar=signed)
    if colour:
        images, options = _colours(images), {}
    elif signed:
        limit = np.abs(images).max() or 1.0
        options = {"cmap": style.DIVERGING, "vmin": -limit, "vmax": limit}
    else:
        images, options = images.astype(float), {"cmap": "gray_r" if ink else "gray"}
        options |= {"vmin": images.min(), "vmax": max(images.max(), images.min() + 1e-12)}
    for k, image in enumerate(images):
        left, bottom = place(k)
        drawn = ax.imshow(
            image, extent=(left, left + 1, bottom, bottom + height / width), interpolation="nearest", **options
        )
        _frame(ax, left, bottom, height / width, wrong[k])
        if captions[k]:
            ax.text(
                left + 0.5, bottom + height / width + 0.05, captions[k], ha="center", va="bottom", size=size,
                linespacing=1.0, color=style.ink(ax),
            )  # fmt: skip
    _close(ax, count, columns, place, height / width, captions)
    if signed:
        _bar(ax, drawn, limit, images.min())
    return ax


def feature_maps(maps, ax=None, *, columns=None):
    """Draw the channels of one sample, numbered from 0 as in the array, and return the axes.

    Orange is negative, blue positive, on one scale for all channels, so that a weak channel is pale;
    one that is 0 everywhere is said to be.

    Parameters
    ----------
    maps : array (C, H, W)
        A layer's outputs for one sample, or the kernels of one input channel.
    ax : matplotlib axes, optional
        Left out: those of a new figure (:func:`nnlib.plots.style.new_axes`).
    columns : int, optional
        Channels in a row; as in :func:`image_grid`.

    Raises
    ------
    ValueError
        For other shapes, or values that are not finite.
    """
    maps = array("feature maps", maps, (3,), "(channels, H, W), those of one sample")
    all_finite("feature maps", maps)
    titles = [str(k) if channel.any() else f"{k}: all 0" for k, channel in enumerate(maps)]
    return image_grid(maps, ax, titles=titles, columns=columns, signed=True)


def _captions(count, titles, predicted, true):
    """Return the text above each picture, and whether it was mistaken."""
    if (predicted is None) != (true is None):
        raise ValueError("predicted and true labels belong together: give both, or titles")
    if predicted is not None and titles is not None:
        raise ValueError("give titles, or predicted and true labels, not both")
    for name, labels in (("titles", titles), ("predicted labels", predicted), ("true labels", true)):
        if labels is not None and len(labels) != count:
            raise ValueError(f"{len(labels)} {name} for {count} images; give one for each")
    if predicted is None:
        return [style.label(title) for title in titles] if titles is not None else [""] * count, [False] * count
    wrong = [bool(said != is_) for said, is_ in zip(predicted, true)]
    said, truth = ([style.label(each) for each in labels] for labels in (predicted, true))
    return [f"✗ {a}\nis {b}" if bad else a for a, b, bad in zip(said, truth, wrong)], wrong


def _columns(count, columns):
    if columns is None:
        # Twice as many columns as rows look even; among those near it, the fewest empty places.
        wide = np.sqrt(2 * count)
        choices = range(max(int(np.ceil(0.7 * wide)), 1), min(max(int(1.6 * wide), 1), _MOST_COLUMNS, count) + 1)
        return min(choices or [_MOST_COLUMNS], key=lambda each: (-count % each, abs(each - wide)))
    if isinstance(columns, bool) or not isinstance(columns, int | np.integer) or columns < 1:
        raise ValueError(f"columns must be a positive integer, not {columns!r}")
    return min(int(columns), count)


def _cells(ax, count, columns, height, captions, bar):
    """Return the axes, the lower left corner of picture k as a function, and the size of the captions.

    A picture is 1 wide and ``height`` high; above it is room for its caption.
    """
    rows = -(-count // columns)
    lines = _lines(captions)
    if ax is None:
        cell = max(_CELL, 3.2 / (columns * (1 + _GAP)))
        cell = min(cell, 1.3)
        high = height * cell + _GAP * cell + 0.15 * lines
        ax = style.new_axes(columns * cell * (1 + _GAP) + (0.75 if bar else 0.1), rows * high + 0.1)
    wide_inches, high_inches = style.size(ax, (0.6 if bar else 0, 0))
    # Captions are as high as their font, whatever the size of a cell: solve for the cell, then for its text.
    cell = min(wide_inches / (columns * (1 + _GAP)), (high_inches / rows - 0.15 * lines) / (height + _GAP))
    cell = max(cell, 0.08)
    longest = max((line for text in captions for line in text.split("\n")), key=len, default="")
    size = max(style.fitting(longest or "0", cell * (1 + 0.6 * _GAP), 0.13, 8.5), 4)
    text = lines * 1.25 * size / 72 / cell
    step = height + _GAP + text

    def place(k):
        row, column = divmod(k, columns)
        return column * (1 + _GAP), -row * step

    return ax, place, size


def _lines(captions):
    return max((text.count("\n") + 1 for text in captions if text), default=0)


def _close(ax, count, columns, place, height, captions):
    """Set limits around all pictures and captions."""
    right, (_, bottom) = (columns - 1) * (1 + _GAP) + 1, place(count - 1)
    step = place(0)[1] - place(columns)[1]
    ax.set(
        xlim=(-_GAP / 2, right + _GAP / 2),
        ylim=(bottom - _GAP / 2, step - _GAP / 2 if _lines(captions) else height + _GAP / 2),
        aspect="equal",
    )
    ax.set_axis_off()


def _frame(ax, left, bottom, height, wrong):
    options = {"edgecolor": style.NEGATIVE, "linewidth": 2.4} if wrong else {"edgecolor": "0.5", "linewidth": 0.5}
    ax.add_patch(Rectangle((left, bottom), 1, height, facecolor="none", zorder=3, **options))


def _colours(images):
    if images.dtype == np.uint8:
        return images
    low, high = images.min(), images.max()
    if low < 0 or high > 255 or (high > 1 and (images % 1).any()):
        raise ValueError(
            f"colours must be floats from 0 to 1 or integers from 0 to 255; these go from "
            f"{style.number(low)} to {style.number(high)}: undo the standardisation first"
        )
    return images / 255 if high > 1 else images


def _bar(ax, image, limit, least):
    bar = ax.figure.colorbar(image, cax=ax.inset_axes([1.02, 0, 0.03, 1]))
    bar.outline.set_visible(False)
    ticks = [-limit, 0, limit] if least < 0 else [0, limit]
    bar.set_ticks(ticks, labels=[style.number(tick, 2) for tick in ticks])
    bar.ax.set_ylim(ticks[0], limit)
    bar.ax.tick_params(labelsize="small", length=2)
