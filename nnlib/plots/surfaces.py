"""What a network computes, as a picture of the plane: its output, and each of its hidden units."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import Normalize, to_rgb

from nnlib.activations import softmax
from nnlib.plots import marks, style

_SIDE = 201  # grid points along each axis; odd, so that 0 is one of them
_UNIT_SIDE = 61


def decision_surface(network, data, ax=None, *, extent=6.0, legend=True):
    """Draw a network's output over [−extent, extent]², with the points, and return the axes.

    Two classes: the output from orange (−) to blue (+), with a line where the network is undecided; a
    sigmoid output is shown from 0 to 1, others from −1 to 1, and what exceeds that has the end's colour.
    More classes: the likeliest one, the paler the less likely. Regression: the predicted value.

    Parameters
    ----------
    network : nnlib Network or function
        ``network(X)`` gives outputs (n, k) or (n,) for points (n, 2). For more than two classes they
        are logits, (n, C).
    data : nnlib.datasets.Dataset
        With two features.
    ax : matplotlib axes, optional
        Left out: those of a new figure (:func:`nnlib.plots.style.new_axes`).
    legend : bool
        Say under the axes which points are training and which are test points, and name more than two classes.

    Raises
    ------
    ValueError
        If the data do not have two features, or the outputs do not fit the data.
    """
    ax = marks.points(data, ax, extent=extent, legend=False)
    outputs = _over_grid(network, extent, _SIDE)
    expected = data.classes if data.task == "multiclass" else 1
    if outputs.shape[2] != expected:
        raise ValueError(f"the data need {expected} output(s) to draw, but the network gives {outputs.shape[2]}")
    if data.task == "multiclass":
        _draw_classes(ax, outputs, data, extent)
    else:
        _draw_values(ax, outputs[..., 0], network, data, extent)
    if not np.isfinite(outputs).all():
        ax.text(
            0.5, 0.03, "grey: the output\nis not a number", transform=ax.transAxes, ha="center", va="bottom", zorder=6,
            size="small", color=style.INK, bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 3},
        )  # fmt: skip
    if legend:
        classes = marks.class_handles(data) if data.task == "multiclass" else []  # two stand at the colour bar
        marks.under(ax, [*classes, *marks.part_handles(ax, data)])
    return ax


def hidden_units(network, ax=None, *, extent=6.0):
    """Draw what each hidden unit of a network with two inputs computes, a row for each layer; return the axes.

    Orange is negative, blue positive, each unit on a scale of its own, so that weak units are seen too.
    Each map shows the square [−extent, extent]².

    Raises
    ------
    ValueError
        If the network has no hidden layer, or not two inputs.
    """
    if network.widths[0] != 2:
        raise ValueError(f"only units over 2 inputs can be drawn; this network has {network.widths[0]}")
    layers = network.hidden(_grid(extent, _UNIT_SIDE))
    if not layers:
        raise ValueError("this network has no hidden units")
    widest = max(layer.shape[1] for layer in layers)
    ax = style.new_axes(0.6 * widest + 1, 0.6 * len(layers) + 0.4) if ax is None else ax
    for row, layer in enumerate(layers):
        start = (widest - layer.shape[1]) / 2
        for unit, values in enumerate(layer.T.reshape(-1, _UNIT_SIDE, _UNIT_SIDE)):
            limit = np.abs(values).max(where=np.isfinite(values), initial=0) or 1
            left, bottom = start + unit + 0.05, len(layers) - row - 0.95  # the first layer on top
            ax.imshow(
                np.ma.masked_invalid(values), cmap=style.DIVERGING, vmin=-limit, vmax=limit, origin="lower",
                extent=(left, left + 0.9, bottom, bottom + 0.9), interpolation="bilinear",
            )  # fmt: skip
    # Every imshow has narrowed the limits to its own picture.
    ax.set(xlim=(0, widest), ylim=(0, len(layers)), xticks=[], aspect="equal")
    ax.set_yticks(np.arange(len(layers)) + 0.5, [f"layer {row}" for row in range(len(layers), 0, -1)])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def _grid(extent, side):
    """Return the points of a square grid, (side², 2), row by row from below."""
    x, y = np.meshgrid(*[np.linspace(-extent, extent, side)] * 2)
    return np.stack([x.ravel(), y.ravel()], axis=1)


def _over_grid(function, extent, side):
    # A diverged network overflows here; the picture says so in words.
    with np.errstate(all="ignore"):
        outputs = np.asarray(function(_grid(extent, side)), dtype=float)
    return outputs.reshape(side, side, -1)


def _draw_values(ax, values, network, data, extent):
    low, middle, high = -1.0, 0.0, 1.0
    label = "network output"
    if data.task == "regression":
        high = marks.value_limit(data)
        low, label = -high, f"predicted {data.names[0]}"
    elif _output_activation(network) in ("sigmoid", "step"):
        low, middle = 0.0, 0.5
    finite = np.ma.masked_invalid(values)
    least, most = finite.compressed().min(initial=middle), finite.compressed().max(initial=middle)
    image = _image(ax, finite, extent, cmap=style.DIVERGING, norm=Normalize(low, high))
    levels = [middle] if data.task == "binary" else [low / 2, 0, high / 2]
    _lines(ax, finite, [level for level in levels if least < level < most], extent)
    beyond = ("neither", "min", "max", "both")[(least < low) + 2 * (most > high)]
    # A narrow bar in axes of its own, which follow these axes where aspect and layout move them.
    bar = ax.figure.colorbar(image, cax=ax.inset_axes([1.03, 0, 0.04, 1]), extend=beyond, extendfrac=0.04)
    bar.outline.set_visible(False)
    bar.set_ticks([low, middle, high], labels=_tick_labels((low, middle, high), data))
    # Between two ticks, not beyond them: it saves the width of a line.
    bar.ax.text(
        1.9, 0.75, label, transform=bar.ax.transAxes, rotation=90, va="center", size="small", color=style.ink(ax)
    )


def _tick_labels(ticks, data):
    """Return the numbers; for two classes with the mark and the name of the class at each end."""
    labels = [f"{tick:{'+' if ticks[0] < 0 < tick else ''}.3g}".replace("-", "−") for tick in ticks]
    if data.task == "binary":
        for k, end in enumerate((0, 2)):
            name = data.names[k]
            labels[end] += f" {style.MARKER_CHARACTERS[k]}" + (f" {name}" if name != labels[end] else "")
    return labels


def _output_activation(network):
    """Return the name of a network's output activation, None where there is none to ask."""
    last = getattr(network, "layers", (None,))[-1]
    return getattr(getattr(last, "activation", None), "name", None)


def _draw_classes(ax, logits, data, extent):
    probabilities = softmax(np.nan_to_num(logits, nan=0.0))
    likeliest, best = probabilities.argmax(axis=2), probabilities.max(axis=2)
    # From 1/C, no idea, to 1, sure: the colour grows out of the middle's.
    sure = np.sqrt((best - 1 / data.classes) / (1 - 1 / data.classes))[..., None]
    fields = np.array([to_rgb(colour) for colour in style.FIELDS])
    colours = (1 - sure) * np.array(to_rgb(style.MIDDLE)) + sure * fields[likeliest]
    colours[~np.isfinite(logits).all(axis=2)] = to_rgb(style.MISSING)
    _image(ax, colours, extent)
    for k in range(data.classes):
        others = np.delete(probabilities, k, axis=2).max(axis=2)
        lead = probabilities[..., k] - others
        if lead.min() < 0 < lead.max():
            _lines(ax, lead, [0], extent)


def _image(ax, values, extent, **options):
    limits = ax.get_xlim(), ax.get_ylim()
    image = ax.imshow(
        values, extent=(-extent, extent, -extent, extent), origin="lower", interpolation="bilinear", zorder=0, **options
    )
    ax.set(xlim=limits[0], ylim=limits[1])
    return image


def _lines(ax, values, levels, extent):
    if levels:
        axis = np.linspace(-extent, extent, values.shape[0])
        ax.contour(axis, axis, values, levels=levels, colors=style.INK, linewidths=1.1, linestyles="solid", zorder=1)
