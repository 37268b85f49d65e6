"""What a lab shows beside the usual pictures, in numbers, words and figures.

``web/parts/`` holds the twins of the numbers. A part that has something to show in print has an entry in
``FIGURES``; presets, for example, have none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nnlib.diagnosis import dead_units
from nnlib.labs.messages import MESSAGES
from nnlib.random import CounterGenerator

CORNERS = np.array([(-3.0, -3.0), (-3.0, 3.0), (3.0, -3.0), (3.0, 3.0)])


def truth_table(run):
    """Return a dict for each corner: inputs, hidden (of the last hidden layer), output, wanted, right."""
    with np.errstate(all="ignore"):
        outputs = run.evaluate(CORNERS)
        hidden = _hidden(run, CORNERS)
    rows = []
    for row, corner in enumerate(CORNERS):
        wanted = float(run.data.y[np.square(run.data.X - corner).sum(axis=1).argmin()])
        output = float(outputs[row, 0] if outputs.shape[1] == 1 else outputs[row].argmax())
        said = output if outputs.shape[1] > 1 else 1.0 if output >= 0 else -1.0
        right = None if run.data.task == "regression" else said == wanted
        units = hidden[-1][row].tolist() if hidden else []
        rows.append({"inputs": corner.tolist(), "hidden": units, "output": output, "wanted": wanted, "right": right})
    return rows


def centres(run, layer=-1, units=(0, 1)):
    """Return [label, first unit, second unit] by class: where a hidden layer sends it on average.

    All points of a regression are one class, whose label is None.
    """
    H = _hidden(run, run.data.X)[layer]
    H = np.column_stack([H[:, unit] if unit < H.shape[1] else np.zeros(len(H)) for unit in units])
    if run.data.task == "regression":
        return [[None, *H.mean(axis=0).tolist()]]
    return [[float(label), *H[run.data.y == label].mean(axis=0).tolist()] for label in np.unique(run.data.y)]


def weight_numbers(run):
    """Return Σ|w|, how many weights there are and are exactly 0, and how many hidden units there are and are dead."""
    weights = run.network.parameters[run.network.is_weight]
    finite = np.isfinite(run.network.parameters).all()
    dead = dead_units(run.network, run.inputs.X) if finite else []
    return {
        "size": float(np.abs(weights).sum()),
        "zeros": int((weights == 0).sum()),
        "weights": int(weights.size),
        "dead": int(sum(layer.sum() for layer in dead)),
        "units": sum(run.network.widths[1:-1]),
    }


def dropped_units(run):
    """Return what dropout switched off in the last step: a dict of examples, first and share.

    ``examples`` is how many the step's batch had, ``first`` tells for the first of them, layer by layer, whether each
    unit was off, and ``share`` is the share that was off over all units and examples. None where no mask belongs to the
    weights: without dropout or hidden units, before the first step, and where early stopping has brought earlier ones
    back.

    No mask has to be kept. Number k of dropout's stream is a function of seed and k alone, and each example took as
    many numbers as there are hidden units.
    """
    settings, hidden = run.settings, run.network.widths[1:-1]
    if not (settings.dropout and hidden and run.step) or run.stopped_early:
        return None
    samples, size = len(run.inputs.X), run.trainer.batch_size
    epochs, batches = divmod(run.step - 1, run.steps_per_epoch)
    rng = CounterGenerator(settings.seed, "dropout")
    rng.position = (epochs * samples + batches * size) * sum(hidden)
    examples = min(size, samples - batches * size)
    off = [rng.random((examples, units)) < settings.dropout for units in hidden]
    share = float(np.mean(np.concatenate(off, axis=1)))
    return {"examples": examples, "first": [layer[0].tolist() for layer in off], "share": share}


def _hidden(run, points):
    from nnlib.labs.features import PLAIN, compute_features

    names = run.settings.features
    return run.network.hidden(points if names == PLAIN else compute_features(names, points))


# --- figures and words ------------------------------------------------------------------------------------------


def _draw_truth_table(run, ax):
    rows = truth_table(run)
    units = ["h₁", "h₂", "h₃", "h₄"][: len(rows[0]["hidden"])]
    cells = [
        [
            *(f"{value:g}" for value in row["inputs"]),
            *(_two(value) for value in row["hidden"][:4]),
            _two(row["output"]),
            f"{row['wanted']:g}",
        ]
        for row in rows
    ]
    cells = [[cell.replace("-", "−") for cell in row] for row in cells]
    ax.set_axis_off()
    names = ["x₁", "x₂", *units, MESSAGES["truth_output"], MESSAGES["truth_wanted"]]
    table = ax.table(cells, colLabels=names, loc="upper center", cellLoc="right", edges="horizontal")
    table.auto_set_font_size(False)
    table.set_fontsize(9)
    table.scale(1, 1.5)
    ax.set_title(MESSAGES["truth_caption"], size="small", loc="left")


def _say_truth_table(run):
    rows = truth_table(run)
    values = {"right": sum(bool(row["right"]) for row in rows), "all": len(rows)}
    outputs = ", ".join(_two(row["output"]) for row in rows)
    return MESSAGES["alt_truth"].format(**values, outputs=outputs)


def _two(value):
    """Return the number with two decimals, as in the view: a true minus, and never −0.00."""
    text = f"{value:.2f}"
    return "0.00" if text == "-0.00" else text.replace("-", "−")


def _draw_hidden_space(run, ax):
    from nnlib.plots import hidden_space

    if not run.network.widths[1:-1]:
        ax.set_axis_off()
        ax.text(0.5, 0.5, MESSAGES["hidden_none"], ha="center", va="center", wrap=True, transform=ax.transAxes)
        return
    hidden_space(run.network, run.data, ax, inputs=run.inputs)


def _say_hidden_space(run):
    if not run.network.widths[1:-1]:
        return MESSAGES["hidden_none"]
    written = [
        MESSAGES["hidden_centre_all" if label is None else "hidden_centre"].format(
            label="" if label is None else f"{label:g}".replace("-", "−"), a=_short(a), b=_short(b)
        )
        for label, a, b in centres(run)
    ]
    return MESSAGES["alt_hidden"].format(layer=len(run.network.widths) - 2, centres=", ".join(written))


def _short(value):
    return f"{value:.3g}".replace("-", "−")


def _draw_weights(run, ax):
    from nnlib.plots import layer_histograms

    weights = run.network.parameters[run.network.is_weight]
    layer_histograms([weights], ax, names=[MESSAGES["histogram_all"]], label=MESSAGES["histogram_axis"])


def _say_weights(run):
    return MESSAGES["alt_weights"].format(**{**weight_numbers(run), "size": f"{weight_numbers(run)['size']:.3g}"})


@dataclass(frozen=True)
class PartFigure:
    """How a part of a lab is printed.

    Attributes
    ----------
    draw : callable
        ``draw(run, ax)`` draws it into axes.
    say : callable
        ``say(run)`` returns it in a sentence, for readers who do not see it.
    """

    draw: Callable
    say: Callable


#: part → its figure and its words
FIGURES = {
    "truth_table": PartFigure(_draw_truth_table, _say_truth_table),
    "hidden_space": PartFigure(_draw_hidden_space, _say_hidden_space),
    "weight_numbers": PartFigure(_draw_weights, _say_weights),
}

#: every part that a Plan may name; ``web/parts/index.js`` has the same
PARTS = ("half_planes", "hidden_space", "presets", "truth_table", "weight_numbers")
