"""The picture of a finished run, for print, PDF and readers without scripts, and its words."""

from __future__ import annotations

import base64
import io

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from nnlib import plots
from nnlib.labs.features import PLAIN


def picture(engine):
    """Return a Figure: the output surface with the points, and both loss curves beside it."""
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    surface, curves = figure.subplots(1, 2, width_ratios=(1, 1.15))
    plots.decision_surface(engine.run.evaluate, engine.run.data, surface)
    plots.learning_curves(engine.curve(), curves)
    return figure


def png(figure):
    """Return the figure as base64 text, as a notebook stores it."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def describe(engine):
    """Return one or two sentences that say what the picture shows."""
    run, state = engine.run, engine.state()
    settings = run.settings
    own = f"{len(settings.points)} points of the reader's own"
    data = own if settings.dataset == "own" else f"the {settings.dataset} data"
    sentence = f"A network with {_hidden(settings)} on {data}, after {state['epoch']} epochs"
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
    if len(set(layers)) == 1:
        return f"{count} of {layers[0]} units"
    return f"{count} of {', '.join(layers[:-1])} and {layers[-1]} units"
