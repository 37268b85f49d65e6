"""The picture of a finished run, for print, PDF and readers without scripts, and its words."""

from __future__ import annotations

import base64
import io

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from nnlib import plots
from nnlib.labs.features import PLAIN
from nnlib.labs.parts import FIGURES
from nnlib.wording import counted

#: Pixels to the inch of the picture on a page: sharp on screens of high density, too.
DPI = 160


def picture(engine, parts=()):
    """Return a Figure: the output surface with the points, what the lab's parts show, and both loss curves."""
    shown = [FIGURES[name] for name in parts if name in FIGURES]
    figure = Figure(figsize=(9 + 3.6 * len(shown), 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    surface, *middle, curves = figure.subplots(1, 2 + len(shown), width_ratios=(1, *[1] * len(shown), 1.15))
    plots.decision_surface(engine.run.evaluate, engine.run.data, surface)
    for part, ax in zip(shown, middle):
        part.draw(engine.run, ax)
    plots.learning_curves(engine.curve(), curves)
    best = engine.run.best_epoch
    if best is not None:
        curves.axvline(best, color=plots.style.ACCENT, linestyle=":", linewidth=1.4)
    return figure


def png(figure):
    """Return the figure as base64 text, as a notebook stores it."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI)
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def describe(engine, parts=()):
    """Return a few sentences that say what the picture shows."""
    sentences = [_describe_run(engine)]
    if not engine.run.diagnosis:
        sentences += [FIGURES[name].say(engine.run) for name in parts if name in FIGURES]
    return " ".join(sentences)


def _describe_run(engine):
    run, state = engine.run, engine.state()
    settings = run.settings
    own = f"{counted(len(settings.points), 'point')} of the reader's own"
    named = {"own": own, "corners": "the four corners of XOR"}
    data = named.get(settings.dataset, f"the {settings.dataset} data")
    sentence = f"A network with {_hidden(settings)} on {data}, after {counted(state['epoch'], 'epoch')}"
    if state["stopped_early"]:
        sentence += f", stopped early and taken back to epoch {state['best_epoch']}"
    inputs = "" if settings.features == PLAIN else f" Its inputs are {', '.join(settings.features)}."
    if state["train_loss"] is None:
        return f"{sentence}: training has diverged.{inputs}"
    losses = f"train loss {state['train_loss']:.3g}, test loss {state['test_loss']:.3g}"
    if state["test_accuracy"] is None:
        return f"{sentence}: {losses}.{inputs}"
    return f"{sentence}: {losses}, test accuracy {state['test_accuracy']:.0%}.{inputs}"


def _hidden(settings):
    """Return the hidden layers in words: "2 hidden layers of 8 tanh units"."""
    layers = [f"{units} {name}" for units, name in zip(settings.hidden_widths, settings.hidden_activations)]
    if not layers:
        return "no hidden layer"
    count = "one hidden layer" if len(layers) == 1 else f"{len(layers)} hidden layers"
    units = "unit" if settings.hidden_widths[-1] == 1 else "units"
    if len(set(layers)) == 1:
        return f"{count} of {layers[0]} {units}"
    return f"{count} of {', '.join(layers[:-1])} and {layers[-1]} {units}"
