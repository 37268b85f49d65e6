"""The neuron lab: one neuron, its boundary and its output; what each input adds to the sum."""

from __future__ import annotations

import math

import numpy as np

from nnlib.activations import ACTIVATIONS
from nnlib.labs.lab import make
from nnlib.labs.messages import MESSAGES
from nnlib.labs.scene import ScenePlan
from nnlib.labs.settings import Field
from nnlib.labs.torch_lines import torch_activation

#: The truth tables that can lie under a neuron: name → outputs at (0, 0), (0, 1), (1, 0), (1, 1).
TABLES = {"none": (), "and": (0, 0, 0, 1), "or": (0, 1, 1, 1), "not": (1, 1, 0, 0), "xor": (0, 1, 1, 0)}

CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))
#: The plane is shown from −EXTENT to EXTENT on both axes.
EXTENT = 2.0
#: The ends of the colour scale, by activation; the others have −4 and 4.
LIMITS = {"step": (0.0, 1.0), "sigmoid": (0.0, 1.0), "sign": (-1.0, 1.0), "tanh": (-1.0, 1.0)}

_WEIGHT = Field("real", minimum=-4, maximum=4, step=0.1)
_INPUT = Field("real", minimum=-2, maximum=2, step=0.05)


def neuron_numbers(settings):
    """Return what the lab shows as numbers; without weights there is no line to be at a distance from."""
    terms = [settings.w1 * settings.x1, settings.w2 * settings.x2]
    z = terms[0] + terms[1] + settings.b
    norm = math.hypot(settings.w1, settings.w2)
    return {
        "term_1": terms[0],
        "term_2": terms[1],
        "z": z,
        "output": float(ACTIVATIONS[settings.activation].f(np.array([z]))[0]),
        "norm": norm,
        "distance": z / norm if norm else None,
        "right": _right(settings),
    }


def _right(settings):
    """Return how many rows of the truth table the neuron gets right: it says 1 where the sum is not negative."""
    answers = TABLES[settings.points]
    if not answers:
        return None
    sums = [settings.w1 * x1 + settings.w2 * x2 + settings.b for x1, x2 in CORNERS]
    return sum((z >= 0) == bool(answer) for z, answer in zip(sums, answers, strict=True))


def _describe(settings):
    numbers = neuron_numbers(settings)
    return MESSAGES["alt_neuron"].format(**settings.to_json(), **numbers)


def _draw(settings):
    from nnlib.labs.draw_neuron import draw  # matplotlib is loaded only where a picture is wanted

    return draw(settings)


def _nnlib(settings):
    s = settings
    return f"""\
import numpy as np

import nnlib

w, b = np.array([{s.w1}, {s.w2}]), {s.b}
x = np.array([{s.x1}, {s.x2}])

terms = w * x
z = terms.sum() + b
output = nnlib.ACTIVATIONS["{s.activation}"].f(z)
norm = np.linalg.norm(w)
print("term_1", terms[0])
print("term_2", terms[1])
print("z", z)
print("output", output)
print("norm", norm)
if norm > 0:
    print("distance", z / norm)  # from the line to the point, positive on the side where w points
""" + _table(settings)


def _table(s):
    if not TABLES[s.points]:
        return ""
    return f"""
corners, answers = {CORNERS}, {TABLES[s.points]}
sums = [{s.w1} * x1 + {s.w2} * x2 + {s.b} for x1, x2 in corners]
print("right", sum((z >= 0) == bool(answer) for z, answer in zip(sums, answers)))
"""


def _torch(settings):
    s = settings
    return f"""\
import torch
import torch.nn.functional as F

neuron = torch.nn.Linear(2, 1, dtype=torch.float64)
with torch.no_grad():
    neuron.weight.copy_(torch.tensor([[{s.w1}, {s.w2}]]))
    neuron.bias.copy_(torch.tensor([{s.b}]))
x = torch.tensor([{s.x1}, {s.x2}], dtype=torch.float64)

with torch.no_grad():
    terms = neuron.weight[0] * x
    z = neuron(x)[0]
    output = {torch_activation(s.activation, "z")}
    norm = neuron.weight.norm()
print("term_1", terms[0].item())
print("term_2", terms[1].item())
print("z", z.item())
print("output", output.item())
print("norm", norm.item())
if norm > 0:
    print("distance", (z / norm).item())  # from the line to the point, positive on the side where w points
""" + _table(settings)


NEURON = ScenePlan(
    name="neuron",
    specs={
        "w1": _WEIGHT,
        "w2": _WEIGHT,
        "b": _WEIGHT,
        "activation": Field("name", tuple(ACTIVATIONS)),
        "x1": _INPUT,
        "x2": _INPUT,
        "points": Field("name", tuple(TABLES)),
    },
    groups={"group_neuron": ("w1", "w2", "b", "activation", "points"), "group_point": ("x1", "x2")},
    values={
        "start": {"w1": 1.0, "w2": 2.0, "b": -0.5, "activation": "sigmoid", "x1": 1.0, "x2": -0.5, "points": "none"},
        "and": {"w1": 1.0, "w2": 1.0, "b": -1.5, "activation": "step", "x1": 1.0, "x2": 1.0, "points": "and"},
        "or": {"w1": 1.0, "w2": 1.0, "b": -0.5, "activation": "step", "x1": 1.0, "x2": 0.0, "points": "or"},
        "not": {"w1": -1.0, "w2": 0.0, "b": 0.5, "activation": "step", "x1": 0.0, "x2": 0.0, "points": "not"},
        "xor": {"w1": 1.0, "w2": 1.0, "b": -0.5, "activation": "step", "x1": 1.0, "x2": 1.0, "points": "xor"},
    },
    numbers=neuron_numbers,
    describe=_describe,
    draw=_draw,
    scripts={"nnlib": _nnlib, "torch": _torch},
)


def neuron(preset="start", **settings):
    """Show the neuron lab: w₁, w₂, b and the activation against the boundary line, the output and a point's sum.

    Parameters
    ----------
    preset : str
        Where to begin: ``"start"``, or ``"and"``, ``"or"``, ``"not"``, ``"xor"`` with their truth tables.
    **settings
        ``w1``, ``w2``, ``b``, ``activation``, the movable point ``x1`` and ``x2``, and ``points``, the name of a
        truth table.

    Returns
    -------
    SceneLab

    Raises
    ------
    ValueError
        For a preset or setting that does not exist, or a value it does not allow.
    """
    return make(NEURON, preset, **settings)
