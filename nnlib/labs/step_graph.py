"""The graph lab: forward and backward through a computation graph, number by number."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nnlib.autodiff import Tensor
from nnlib.expressions import sigmoid
from nnlib.labs.lab import make
from nnlib.labs.scene import ScenePlan
from nnlib.labs.settings import Field
from nnlib.plots.graph import computation_graph


@dataclass(frozen=True)
class Operation:
    """A node: its operands in the order of the backward pass, what it does, and both as a line of Python.

    ``slopes`` are the local derivatives, one for each operand.
    """

    operands: tuple
    f: object
    line: str
    slopes: tuple


def _weighted_sum(*pairs, bias):
    operands = tuple(name for pair in pairs for name in pair) + bias
    line = " + ".join([f"{a} * {b}" for a, b in pairs] + list(bias))
    slopes = tuple(other for a, b in pairs for other in (b, a)) + ("1.0",) * len(bias)

    def f(*values):
        total = values[0] * values[1]
        for k in range(2, 2 * len(pairs), 2):
            total = total + values[k] * values[k + 1]
        return total + values[-1] if bias else total

    return Operation(operands, f, line, slopes)


def _sigmoid(name, z):
    return Operation((z,), sigmoid, f"1 / (1 + math.exp(-{z}))", (f"{name} * (1 - {name})",))


_ERROR = Operation(
    ("y_hat", "y"), lambda a, b: (a - b) ** 2, "(y_hat - y) ** 2", ("2 * (y_hat - y)", "-2 * (y_hat - y)")
)

#: graph → its inputs and parameters with their first values.
LEAVES = {
    "part_lifetime": {
        "x1": 0.1, "x2": 0.2, "w11": 1.0, "w12": 2.0, "w21": 2.0, "w22": -1.0, "b1": 0.3, "b2": -0.2,
        "v1": 1.5, "v2": -0.8, "c": 1.2, "y": 1.0,
    },
    "neuron": {"x": 2.0, "w": 0.5, "b": -0.5, "y": 1.0, "lam": 0.1},
    "car": {"p": 15.0, "t": 0.1, "n": 2.0, "f": 0.0},
}  # fmt: skip

#: graph → its operations in the order of the forward pass. A weighted sum is one node, as in the picture.
OPERATIONS = {
    "part_lifetime": {
        "z1": _weighted_sum(("x1", "w11"), ("x2", "w21"), bias=("b1",)),
        "z2": _weighted_sum(("x1", "w12"), ("x2", "w22"), bias=("b2",)),
        "h1": _sigmoid("h1", "z1"),
        "h2": _sigmoid("h2", "z2"),
        "z": _weighted_sum(("h1", "v1"), ("h2", "v2"), bias=("c",)),
        "y_hat": _sigmoid("y_hat", "z"),
        "L": _ERROR,
    },
    "neuron": {
        "z": _weighted_sum(("x", "w"), bias=("b",)),
        "y_hat": _sigmoid("y_hat", "z"),
        "L": _ERROR,
        "R": Operation(
            ("lam", "w"), lambda lam, w: 0.5 * lam * w**2, "0.5 * lam * w ** 2", ("0.5 * w ** 2", "lam * w")
        ),
        "J": Operation(("L", "R"), lambda a, b: a + b, "L + R", ("1.0", "1.0")),
    },
    "car": {
        "g": Operation(("p", "t"), lambda p, t: p * (1 + t), "p * (1 + t)", ("1 + t", "p")),
        "m": _weighted_sum(("g", "n"), bias=()),
        "T": Operation(("m", "f"), lambda m, f: m + f, "m + f", ("1.0", "1.0")),
    },
}
LIMIT = 1000


def steps_of(graph):
    """Return (forward, backward): how many nodes are computed, and how many steps lead back, the first 1 included."""
    operations = OPERATIONS[graph]
    return len(operations), 1 + sum(len(operation.operands) for operation in operations.values())


def read_values(text):
    """Return the numbers of ``"0.1 0.2 …"``; ValueError for what is no number, or too large a one."""
    values = []
    for word in text.split():
        try:
            value = float(word)
        except ValueError:
            value = math.nan
        if not abs(value) <= LIMIT:
            raise ValueError(f"values must be numbers between −{LIMIT} and {LIMIT}, not {word!r}")
        values.append(value)
    longest = max(map(len, LEAVES.values()))
    if len(values) > longest:
        raise ValueError(f"values must be at most {longest} numbers, not {len(values)}")
    return values


def _check_values(text):
    return " ".join(f"{value:.12g}" for value in read_values(text))


def leaves_of(settings):
    """Return name → value: the graph's own values, or the reader's where there is one for each leaf."""
    leaves = LEAVES[settings.graph]
    given = read_values(settings.values)
    return dict(zip(leaves, given)) if len(given) == len(leaves) else dict(leaves)


def build(graph, leaves):
    """Return name → Tensor for all nodes of a graph, the result last."""
    nodes = {name: Tensor(value, name) for name, value in leaves.items()}
    for name, operation in OPERATIONS[graph].items():
        nodes[name] = operation.f(*(nodes[operand] for operand in operation.operands))
        nodes[name].name = name
    return nodes


def walk(settings):
    """Return (values, gradients, step): what is known after so many steps. Gradients are summed edge by edge."""
    operations = OPERATIONS[settings.graph]
    leaves = leaves_of(settings)
    everything = {name: node.data.item() for name, node in build(settings.graph, leaves).items()}
    forward, backward = steps_of(settings.graph)
    step = min(settings.step, forward + backward)
    values = {name: everything[name] for name in [*leaves, *list(operations)[:step]]}
    gradients, left = {}, step - forward
    for name in reversed(operations):
        if not gradients:
            if left < 1:
                break
            gradients[name], left = 1.0, left - 1
        operation = operations[name]
        inner = [Tensor(everything[operand]) for operand in operation.operands]
        operation.f(*inner).backward()
        for operand, tensor in zip(operation.operands, inner):
            if left < 1:
                return values, gradients, step
            gradients[operand] = gradients.get(operand, 0.0) + tensor.grad.item() * gradients[name]
            left -= 1
    return values, gradients, step


def _is_complete(graph, name, step):
    """Whether all paths to a node have been gone back after so many steps."""
    operations = OPERATIONS[graph]
    edges = [operand for operation in reversed(operations.values()) for operand in operation.operands]
    return name not in edges[max(0, step - len(operations) - 1) :]


def numbers(settings):
    """Return what the lab shows as numbers; what is not known yet is None."""
    values, gradients, step = walk(settings)
    shown = {"step": step}
    for name in [*LEAVES[settings.graph], *OPERATIONS[settings.graph]]:
        shown[f"value_{name}"] = values.get(name)
        shown[f"gradient_{name}"] = gradients.get(name)
    return shown


_GRAPHS = {"part_lifetime": "the part-lifetime network", "neuron": "one neuron with a penalty", "car": "the car price"}


def describe(settings):
    """Return what the lab shows, in words."""
    values, gradients, step = walk(settings)
    result = list(OPERATIONS[settings.graph])[-1]
    text = f"The computation graph of {_GRAPHS[settings.graph]} after {step} of {sum(steps_of(settings.graph))} steps"
    if result in values:
        text += f": the result {result} is {values[result]:.6g}"
    if len(gradients) > 1:
        found = ", ".join(f"{name} {gradients[name]:.6g}" for name in LEAVES[settings.graph] if name in gradients)
        text += f"; gradients so far: {found}" if found else ""
    return text + "."


def draw(settings):
    """Return a figure of the whole graph with all values and gradients, in single operations."""
    nodes = build(settings.graph, leaves_of(settings))
    result = list(nodes.values())[-1]
    result.backward()
    return computation_graph(result, digits=5).figure


def _script(settings):
    operations = OPERATIONS[settings.graph]
    values, _, step = walk(settings)
    names = [*LEAVES[settings.graph], *(name for name in operations if name in values)]
    lines = ["import math", ""]
    lines += [f"{name} = {value!r}" for name, value in leaves_of(settings).items()]
    lines += ["# forward"] + [f"{name} = {operations[name].line}" for name in operations if name in values]
    left, known = step - len(operations), []
    if left > 0:
        result = list(operations)[-1]
        lines += ["# backward: local derivative × what arrives, summed over all paths", f"gradient_{result} = 1.0"]
        known.append(result)
        edges = [
            (name, operand, slope)
            for name in reversed(operations)
            for operand, slope in zip(operations[name].operands, operations[name].slopes)
        ]
        for name, operand, slope in edges[: left - 1]:
            sign = "+=" if operand in known else "="
            lines.append(f"gradient_{operand} {sign} ({slope}) * gradient_{name}")
            if operand not in known:
                known.append(operand)
    lines += [f'print("step", {step})']
    lines += [f'print("value_{name}", {name})' for name in names]
    lines += [f'print("gradient_{name}", gradient_{name})' for name in known]
    return "\n".join(lines) + "\n"


def _torch(settings):
    operations, leaves = OPERATIONS[settings.graph], leaves_of(settings)
    result = list(operations)[-1]
    lines = ["import torch", "", "torch.set_default_dtype(torch.float64)"]
    lines += [f"{name} = torch.tensor({value!r}, requires_grad=True)" for name, value in leaves.items()]
    lines += [f"{name} = {operation.line.replace('math.exp', 'torch.exp')}" for name, operation in operations.items()]
    # PyTorch runs the whole way back at once; printed is what the lab has reached.
    values, gradients, step = walk(settings)
    complete = [name for name in gradients if _is_complete(settings.graph, name, step)]
    lines += [f"for node in ({', '.join(operations)}):", "    node.retain_grad()", f"{result}.backward()"]
    lines += [f'print("step", {step})']
    lines += [f'print("value_{name}", {name}.item())' for name in values]
    lines += [f'print("gradient_{name}", {name}.grad.item())' for name in complete]
    lines += [f"# the gradient of {name} is not summed up yet" for name in gradients if name not in complete]
    return "\n".join(lines) + "\n"


GRAPH = ScenePlan(
    name="graph",
    specs={
        "graph": Field("name", tuple(LEAVES)),
        "step": Field("integer", maximum=max(sum(steps_of(graph)) for graph in LEAVES), typed=True),
        "values": Field("text", check=_check_values),
    },
    groups={"group_graph": ("graph", "step", "values")},
    values={
        "start": {"graph": "part_lifetime", "step": 0, "values": ""},
        "neuron": {"graph": "neuron", "step": 0, "values": ""},
        "car": {"graph": "car", "step": 0, "values": ""},
        "car_with_fee": {"graph": "car", "step": 12, "values": "15 0.1 2 3"},
    },
    numbers=numbers,
    describe=describe,
    draw=draw,
    scripts={"nnlib": _script, "torch": _torch},
)


def graph(preset="start", **settings):
    """Show the graph lab: a computation graph forward node by node, then backward edge by edge.

    Parameters
    ----------
    preset : str
        Where to begin: ``"start"`` (the part-lifetime network), ``"neuron"`` (one neuron, a loss and a penalty:
        two paths to the weight), ``"car"`` (15, 10 % tax, two cars) or ``"car_with_fee"``.
    **settings
        ``graph``, ``step`` (steps done), and ``values``: one number for each input and parameter, in one text.

    Returns
    -------
    SceneLab

    Raises
    ------
    ValueError
        For a preset or setting that does not exist, or a value it does not allow.
    """
    return make(GRAPH, preset, **settings)
