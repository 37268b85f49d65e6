"""The activation lab: f and f′ with their parameters, at one movable z and against a second activation."""

from __future__ import annotations

import numpy as np

from nnlib.activations import ACTIVATIONS
from nnlib.labs.lab import make
from nnlib.labs.messages import MESSAGES
from nnlib.labs.scene import ScenePlan
from nnlib.labs.settings import Field
from nnlib.labs.torch_lines import torch_activation

#: Where the slope is smaller, hardly any gradient passes: the unit is saturated.
SATURATED = 0.05
#: z is shown from −EXTENT to EXTENT.
EXTENT = 6.0

# Least values of z·σ(z) and z·Φ(z).
_SILU_LEAST, _GELU_LEAST = -0.2784645427610738, -0.16997120747990369


def chosen(settings):
    """Return the Activation with the reader's parameter; the others keep theirs."""
    entry = ACTIVATIONS[settings.activation]
    return entry.with_parameters(**{name: getattr(settings, name) for name in entry.parameters})


def bounds(entry):
    """Return the ends of an Activation's range, None for no end."""
    p = dict(entry.parameters)
    if entry.name in ("leaky_relu", "prelu"):
        return (None if p["slope"] else 0.0), None
    if entry.name == "elu":
        return 0.0 - p["alpha"], None
    if entry.name == "swish":
        return (_SILU_LEAST / p["beta"] if p["beta"] else None), None
    return {
        "identity": (None, None),
        "step": (0.0, 1.0),
        "sign": (-1.0, 1.0),
        "sigmoid": (0.0, 1.0),
        "tanh": (-1.0, 1.0),
        "relu": (0.0, None),
        "gelu": (_GELU_LEAST, None),
        "silu": (_SILU_LEAST, None),
        "softplus": (0.0, None),
    }[entry.name]


def _numbers(settings):
    entry, z = chosen(settings), np.array([settings.z])
    low, high = bounds(entry)
    f, derivative = float(entry.f(z)[0]), float(entry.derivative(z)[0])
    numbers = {
        "f": f,
        "derivative": derivative,
        "low": low,
        "high": high,
        "saturated": int(abs(derivative) < SATURATED),
    }
    other = ACTIVATIONS.get(settings.compare)
    numbers["other_f"] = float(other.f(z)[0]) if other else None
    numbers["other_derivative"] = float(other.derivative(z)[0]) if other else None
    return numbers


def _describe(settings):
    values = {**settings.to_json(), **_numbers(settings)}
    entry = chosen(settings)
    values["constants"] = ", ".join(f"{name} = {value:g}" for name, value in entry.parameters.items())
    parts = ["alt_activation_constants" if values["constants"] else "alt_activation"]
    parts += ["alt_activation_saturated"] if values["saturated"] else []
    parts += [] if settings.compare == "none" else ["alt_activation_compare"]
    return " ".join(MESSAGES[part].format(**values) for part in parts)


def _draw(settings):
    from nnlib.labs.draw_activation import draw

    return draw(settings)


def _nnlib(settings):
    entry = chosen(settings)
    constants = ", ".join(f"{name}={value}" for name, value in entry.parameters.items())
    choice = f'nnlib.ACTIVATIONS["{entry.name}"]' + (f".with_parameters({constants})" if constants else "")
    lines = [
        "import nnlib",
        "",
        f"z = {settings.z}",
        f"activation = {choice}",
        'print("f", activation.f(z))',
        'print("derivative", activation.derivative(z))',
        f'print("saturated", int(abs(activation.derivative(z)) < {SATURATED}))',
    ]
    lines += [f'print("{name}", {end!r})' for name, end in zip(("low", "high"), bounds(entry)) if end is not None]
    if settings.compare != "none":
        lines += [
            f'other = nnlib.ACTIVATIONS["{settings.compare}"]',
            'print("other_f", other.f(z))',
            'print("other_derivative", other.derivative(z))',
        ]
    return "\n".join(lines) + "\n"


def _torch(settings):
    entry = chosen(settings)
    lines = [
        "import torch",
        "import torch.nn.functional as F",
        "",
        "",
        "def value_and_slope(f, z):",
        "    z = torch.tensor(z, dtype=torch.float64, requires_grad=True)",
        "    a = f(z)",
        "    slope = torch.autograd.grad(a, z)[0].item() if a.requires_grad else 0.0  # a jump has no gradient",
        "    return a.item(), slope",
        "",
        "",
        f"f, derivative = value_and_slope(lambda z: {torch_activation(entry, 'z')}, {settings.z})",
        'print("f", f)',
        'print("derivative", derivative)',
        f'print("saturated", int(abs(derivative) < {SATURATED}))',
    ]
    lines += [f'print("{name}", {end!r})' for name, end in zip(("low", "high"), bounds(entry)) if end is not None]
    if settings.compare != "none":
        lines += [
            f"f, derivative = value_and_slope(lambda z: {torch_activation(settings.compare, 'z')}, {settings.z})",
            'print("other_f", f)',
            'print("other_derivative", derivative)',
        ]
    return "\n".join(lines) + "\n"


ACTIVATION = ScenePlan(
    name="activation",
    specs={
        "activation": Field("name", tuple(ACTIVATIONS)),
        "slope": Field("real", minimum=0, maximum=1, step=0.01),
        "alpha": Field("real", minimum=0, maximum=2, step=0.05),
        "beta": Field("real", minimum=0, maximum=5, step=0.1),
        "z": Field("real", minimum=-EXTENT, maximum=EXTENT, step=0.1),
        "compare": Field("name", ("none", *ACTIVATIONS)),
    },
    groups={"group_function": ("activation", "slope", "alpha", "beta"), "group_place": ("z", "compare")},
    values={
        "start": {"activation": "sigmoid", "slope": 0.01, "alpha": 1.0, "beta": 1.0, "z": 1.0, "compare": "tanh"},
        "saturated": {"activation": "tanh", "z": 3.0, "compare": "none"},
        "dead": {"activation": "relu", "z": -2.0, "compare": "leaky_relu"},
        "elu": {"activation": "elu", "z": -2.0, "compare": "relu"},
        "gelu": {"activation": "gelu", "z": -1.0, "compare": "relu"},
        "swish": {"activation": "swish", "beta": 3.0, "z": -0.5, "compare": "relu"},
    },
    numbers=_numbers,
    describe=_describe,
    draw=_draw,
    scripts={"nnlib": _nnlib, "torch": _torch},
)


def activation(preset="start", **settings):
    """Show the activation lab: an activation and its derivative, with parameters, a tangent and a second one behind.

    Parameters
    ----------
    preset : str
        Where to begin: ``"start"`` (sigmoid and tanh), ``"saturated"``, ``"dead"``, ``"elu"``, ``"gelu"``, ``"swish"``.
    **settings
        ``activation`` and ``compare`` (a name of ``nnlib.ACTIVATIONS``, or ``"none"`` for the second), ``z``, and the
        parameters ``slope``, ``alpha`` and ``beta``, each for the activations that have it.

    Returns
    -------
    SceneLab

    Raises
    ------
    ValueError
        For a preset or setting that does not exist, or a value it does not allow.
    """
    return make(ACTIVATION, preset, **settings)
