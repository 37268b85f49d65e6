"""What both scripts of a training lab are made of: facts of its run, and what was changed on the way."""

from __future__ import annotations

from nnlib.labs.run import make_data, output_and_loss, widths
from nnlib.labs.settings import parameter_index

FEATURES = {
    "x1": "x1",
    "x2": "x2",
    "x1_squared": "x1 * x1",
    "x2_squared": "x2 * x2",
    "x1_x2": "x1 * x2",
    "sin_x1": "{module}.sin(x1)",
    "sin_x2": "{module}.sin(x2)",
}

PRINT = 'print(f"epoch {epoch}, train loss {train:.12g}, test loss {test:.12g}")\n'


def facts(settings):
    """Return (data, sizes of the layers, output activation, loss, last step) of the run."""
    data = make_data(settings)
    output, loss = output_and_loss(settings, data.task)
    steps_per_epoch = -(-len(data.X) // settings.batch_size)
    stop = settings.epochs * steps_per_epoch if settings.stop is None else settings.stop
    return data, widths(settings, data), output, loss, stop


def feature_columns(names, module):
    """Return ``[x1, x1 * x1]``, the columns that the network is given, as ``module`` (np or torch) computes them."""
    return f"[{', '.join(FEATURES[name].format(module=module) for name in names)}]"


def by_step(changes):
    """Return {step: {field: value}}; of several changes of a field at one step the last one holds."""
    steps = {step: {} for step, _, _ in changes}
    for step, name, value in changes:
        steps[step][name] = value
    return steps


def by_hand(changes):
    """Return whether one of the changes sets a weight or a bias."""
    return any(parameter_index(name) is not None for _, name, _ in changes)


def at_end(changes, stop):
    """Return {field: value} of the parameters set by hand after the last step."""
    values = by_step(changes).get(stop, {})
    return {name: value for name, value in values.items() if parameter_index(name) is not None}
