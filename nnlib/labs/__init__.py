"""The labs: models that a reader retrains by moving a slider.

``nnlib.labs.capacity()`` makes a lab and shows it. A lab is a widget tree that works with a kernel
and without one, a link that reproduces the run, and scripts that reproduce its numbers.
"""

from nnlib.labs.compare_regularization import REGULARIZATION, regularization
from nnlib.labs.lab import Lab
from nnlib.labs.look_at_activation import ACTIVATION, activation
from nnlib.labs.look_at_neuron import NEURON, neuron
from nnlib.labs.look_at_shapes import SHAPES, shapes
from nnlib.labs.scene import SceneLab
from nnlib.labs.settings import FIELDS, Settings
from nnlib.labs.solve_xor import XOR, xor
from nnlib.labs.step_descent import DESCENT, descent
from nnlib.labs.step_graph import GRAPH, graph
from nnlib.labs.step_perceptron import PERCEPTRON, perceptron
from nnlib.labs.step_update import UPDATE, update
from nnlib.labs.sweeping import sweep
from nnlib.labs.vary_capacity import CAPACITY, capacity
from nnlib.labs.watch_folding import FOLDING, folding
from nnlib.registry import lookup as _lookup

#: name → function, every lab.
LABS = {
    "neuron": neuron,
    "shapes": shapes,
    "perceptron": perceptron,
    "activation": activation,
    "graph": graph,
    "update": update,
    "descent": descent,
    "xor": xor,
    "folding": folding,
    "capacity": capacity,
    "regularization": regularization,
}

_PLANS = {
    plan.name: plan
    for plan in (
        NEURON, SHAPES, PERCEPTRON, ACTIVATION, GRAPH, UPDATE, DESCENT, XOR, FOLDING, CAPACITY, REGULARIZATION,
    )
}  # fmt: skip

__all__ = [
    "FIELDS",
    "LABS",
    "Lab",
    "SceneLab",
    "Settings",
    "activation",
    "capacity",
    "descent",
    "folding",
    "graph",
    "neuron",
    "perceptron",
    "plan_of",
    "regularization",
    "shapes",
    "sweep",
    "update",
    "xor",
]


def plan_of(lab_id):
    """Return the Plan of a lab's id: ``capacity-2`` is the second capacity lab of a page."""
    name, _, number = lab_id.rpartition("-")
    return _lookup(_PLANS, name if number.isdigit() else lab_id, "lab")
