"""What the PyTorch script of a training lab starts from: data and first weights, written into it.

They are exact, and as readable as their number allows. A reader's own points and the weights of a small network are
decimals, labels are signs or digits. Many numbers of 17 digits would fill pages: these are packed, float64 as base64,
which is half as long, and a comment says what they are and how they begin. Thousands of weights are drawn.

``web/torch_start.js`` is the twin. Each engine writes the numbers of its own run: where functions such as log and cos
differ in the last bit between languages and processors, so do these.
"""

from __future__ import annotations

import base64
import textwrap

import numpy as np

from nnlib.labs.own_points import point_table
from nnlib.labs.run import make_network
from nnlib.labs.torch_lines import torch_initializer

#: So many weights are written as decimals; more than so many are drawn.
MOST_DECIMALS, MOST_WEIGHTS = 50, 5000

#: The function that packed numbers need above them.
NUMBERS = """\
def numbers(text):  # float64 as base64: exact to the last bit, and half as long as decimals
    return torch.frombuffer(bytearray(base64.b64decode(text)), dtype=torch.float64)"""


def data_block(settings, data):
    """Return the lines that make X, y, X_test and y_test; X are the points."""
    if settings.dataset in ("own", "corners"):
        return _readable(data)
    n, count = len(data.X), len(data.X) + len(data.X_test)
    points, y = np.concatenate([data.X, data.X_test]), np.concatenate([data.y, data.y_test])
    begin = f'# Data: "{settings.dataset}", noise {settings.noise}; the first {n} of {count} points are for training.'
    first = f"# Point number one is ({points[0, 0]:g}, {points[0, 1]:g})"
    if data.task == "regression":
        return f"""\
{begin}
{first} with value {y[0]:g}.
rows = {_packed(np.column_stack([points, y]))}.view({count}, 3)
X, y, X_test, y_test = rows[:{n}, :2], rows[:{n}, 2], rows[{n}:, :2], rows[{n}:, 2]"""
    if data.task == "multiclass":
        labels, label = "".join(map(str, y.astype(int))), "int(digit) for digit in labels"
    else:
        labels, label = "".join(np.where(y > 0, "+", "-")), 'float(sign + "1") for sign in labels'
    return f"""\
{begin}
{first} of class {y[0]:g}.
points = {_packed(points)}.view({count}, 2)
labels = (
{_lines(labels, 100)})
labels = torch.tensor([{label}])
X, y, X_test, y_test = points[:{n}], labels[:{n}], points[{n}:], labels[{n}:]"""


def _readable(data):
    """Return the same for points of few digits."""
    train, test = (point_table(np.column_stack(part)) for part in ((data.X, data.y), (data.X_test, data.y_test)))
    test = "train" if test == train else f"[\n{test}]"
    classes = "\ny, y_test = y.long(), y_test.long()" if data.task == "multiclass" else ""
    return f"""\
train = [  # x1, x2, label
{train}]
test = {test}
train, test = torch.tensor(train, dtype=torch.float64), torch.tensor(test, dtype=torch.float64)
X, y, X_test, y_test = train[:, :2], train[:, 2], test[:, :2], test[:, 2]{classes}"""


def weight_blocks(settings, data):
    """Return the blocks that give each layer its first weights and biases."""
    drawn = [layer.W.ravel() for layer in make_network(settings, data).layers if hasattr(layer, "W")]
    values, counts = np.concatenate(drawn), [len(W) for W in drawn]
    functions = []
    if settings.init in ("zeros", "constant") or len(values) > MOST_WEIGHTS:
        functions = torch_initializer(settings.init)
        first = "[draw(module.in_features, module.out_features) for module in linear]"
    else:
        first = f"{_decimals(values) if len(values) <= MOST_DECIMALS else _packed(values)}.split({counts})"
    return [
        *functions,
        f"""\
# First weights of each layer, by the rule "{settings.init}": (in, out), row by row. PyTorch stores them (out, in).
first = {first}
with torch.no_grad():
    for module, W in zip(linear, first):
        module.weight.copy_(W.view(module.in_features, module.out_features).T)
        module.bias.fill_({settings.bias})""",
    ]


def _decimals(values):
    text = ", ".join(map(repr, values.tolist())) + ","
    return f"torch.tensor([\n{textwrap.fill(text, 112, initial_indent='    ', subsequent_indent='    ')}\n])"


def _packed(values):
    text = base64.b64encode(np.asarray(values, dtype="<f8").tobytes()).decode()
    return f"numbers(\n{_lines(text, 108)})"


def _lines(text, width):
    return "".join(f'    "{text[start : start + width]}"\n' for start in range(0, len(text), width))
