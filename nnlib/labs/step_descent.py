"""The descent lab: a ball on a loss surface, step by step, under the rate, the momentum and the optimiser of choice."""

from __future__ import annotations

import math

import numpy as np

from nnlib.labs.lab import make
from nnlib.labs.scene import ScenePlan
from nnlib.labs.settings import Field
from nnlib.labs.torch_lines import NORMAL, PHILOX
from nnlib.landscapes import LANDSCAPES, LOST, descend
from nnlib.optimizers import OPTIMIZERS
from nnlib.plots.descent import loss_grid, loss_surface
from nnlib.random import STREAMS, CounterGenerator
from nnlib.wording import counted

#: The picture goes from −EDGE to EDGE for both parameters.
EDGE = 3
MOST_STEPS = 2000
_WITH_MOMENTUM = ("momentum", "nesterov")


def walk(settings):
    """Return the path, (steps + 1, 2)."""
    make_optimizer = OPTIMIZERS[settings.optimizer]
    optimizer = make_optimizer(momentum=settings.momentum) if settings.optimizer in _WITH_MOMENTUM else make_optimizer()
    return descend(
        settings.surface, (settings.start_a, settings.start_b), optimizer, settings.learning_rate, settings.step,
        condition=settings.condition, noise=settings.noise, rng=CounterGenerator(settings.seed, "order"),
    )  # fmt: skip


def numbers(settings):
    """Return what the lab shows as numbers."""
    path = walk(settings)
    a, b = path[-1]
    with np.errstate(all="ignore"):
        lost = not (np.abs(path[-1]) <= LOST).all()
        loss = float(LANDSCAPES[settings.surface].f(a, b, settings.condition))
        slope = LANDSCAPES[settings.surface].gradient(a, b, settings.condition)
        steepness = math.hypot(*map(float, slope))
    return {
        "step": len(path) - 1,
        "at_a": _finite(a, lost),
        "at_b": _finite(b, lost),
        "loss": _finite(loss, lost),
        "slope": _finite(steepness, lost),
        "diverged": int(lost),
        "bound": 2 / max(1.0, settings.condition) if settings.surface == "bowl" else None,
    }


def _finite(value, lost):
    return None if lost or not math.isfinite(value) else float(value)


def describe(settings):
    """Return what the lab shows, in words."""
    shown = numbers(settings)
    momentum = f", momentum {settings.momentum:g}" if settings.optimizer in _WITH_MOMENTUM else ""
    text = (
        f"{settings.optimizer} on the {settings.surface.replace('_', ' ')} surface at η = {settings.learning_rate:g}"
        f"{momentum}, from ({settings.start_a:g}, {settings.start_b:g})"
    )
    if shown["diverged"]:
        return f"{text}: diverged at step {shown['step']}."
    place = f"({shown['at_a']:.4g}, {shown['at_b']:.4g})"
    return f"{text}: after {counted(shown['step'], 'step')} at {place}, loss {shown['loss']:.4g}."


def draw(settings):
    """Return a figure: contour lines and the path."""
    surface = LANDSCAPES[settings.surface]
    grid = loss_grid(lambda a, b: surface.f(a, b, settings.condition), (-EDGE, EDGE), (-EDGE, EDGE))
    path = walk(settings)
    path = np.where(np.abs(path) <= LOST, path, np.nan)
    return loss_surface(grid, path={settings.optimizer: path}, names=("a", "b")).figure


def _optimizer(settings, torch=False):
    name = settings.optimizer
    mu = settings.momentum
    if not torch:
        argument = f"momentum={mu}" if name in _WITH_MOMENTUM else ""
        return f"{OPTIMIZERS[name].__name__}({argument})"
    return {
        "sgd": "SGD([w], lr=rate)",
        "momentum": f"SGD([w], lr=rate, momentum={mu})",
        "nesterov": f"SGD([w], lr=rate, momentum={mu}, nesterov={mu > 0})",
        "adagrad": "Adagrad([w], lr=rate)",
        "rmsprop": "RMSprop([w], lr=rate)",
        "adam": "Adam([w], lr=rate)",
    }[name]


_ENDING = """\
if lost:
    print("diverged 1")
else:
    print("at_a", a)
    print("at_b", b)
    print("loss", loss)
    print("slope", slope)
    print("diverged 0")
"""


def _bound(settings):
    return f'print("bound", 2 / max(1.0, {settings.condition}))  # 2 / λmax\n' if settings.surface == "bowl" else ""


def _script(settings):
    return f"""\
import numpy as np

from nnlib.landscapes import LANDSCAPES, LOST, descend
from nnlib.optimizers import {OPTIMIZERS[settings.optimizer].__name__}
from nnlib.random import CounterGenerator

np.seterr(all="ignore")
path = descend(
    "{settings.surface}", ({settings.start_a}, {settings.start_b}), {_optimizer(settings)},
    {settings.learning_rate}, {settings.step},
    condition={settings.condition}, noise={settings.noise}, rng=CounterGenerator({settings.seed}, "order"),
)
a, b = path[-1]
lost = not (np.abs(path[-1]) <= LOST).all()
loss = LANDSCAPES["{settings.surface}"].f(a, b, {settings.condition})
slope = np.hypot(*LANDSCAPES["{settings.surface}"].gradient(a, b, {settings.condition}))
print("step", len(path) - 1)
{_ENDING}{_bound(settings)}"""


_FORMULAS = {
    "bowl": "0.5 * (a * a + {k} * b * b)",
    "ravine": "(1 - a) ** 2 + 10 * (b - a * a) ** 2",
    "saddle": "0.5 * (a * a - b * b) + 0.125 * b**4",
    "two_minima": "0.25 * (a * a - 2) ** 2 + 0.3 * a + 0.5 * b * b",
}


def _torch(settings):
    noise = f"\n    w.grad += {settings.noise} * normal(rng, 2)" if settings.noise else ""
    generator = f"""

{PHILOX}


{NORMAL}


rng = Philox({settings.seed}, {STREAMS["order"]})
"""
    return f"""\
import torch

torch.set_default_dtype(torch.float64)
{generator if settings.noise else ""}\
w, rate, step = torch.tensor([{settings.start_a}, {settings.start_b}], requires_grad=True), {settings.learning_rate}, 0
optimizer = torch.optim.{_optimizer(settings, torch=True)}


def f(w):
    a, b = w
    return {_FORMULAS[settings.surface].format(k=settings.condition)}


while step < {settings.step} and (w.abs() <= {LOST:g}).all():
    optimizer.zero_grad()
    f(w).backward(){noise}
    optimizer.step()
    step += 1
a, b = w.tolist()
lost = not (w.abs() <= {LOST:g}).all()
optimizer.zero_grad()
loss = f(w)
loss.backward()
loss, slope = loss.item(), w.grad.norm().item()
print("step", step)
{_ENDING}{_bound(settings)}"""


#: With notches beside 0.2, the bound 2/λmax of the bowl that the lab opens with.
_RATES = (
    0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.15, 0.19, 0.2, 0.21, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 2.5,
)  # fmt: skip

DESCENT = ScenePlan(
    name="descent",
    specs={
        "surface": Field("name", tuple(LANDSCAPES)),
        "condition": Field("scale", (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0), minimum=1, maximum=1000),
        "start_a": Field("real", minimum=-EDGE, maximum=EDGE, step=0.05),
        "start_b": Field("real", minimum=-EDGE, maximum=EDGE, step=0.05),
        "optimizer": Field("name", tuple(name for name in OPTIMIZERS if name != "adamw")),
        "learning_rate": Field("scale", _RATES, maximum=100.0),
        "momentum": Field("real", maximum=0.99, step=0.01),
        "noise": Field("real", maximum=3, step=0.1),
        "seed": Field("integer", maximum=9_999),
        "step": Field("integer", maximum=MOST_STEPS, typed=True),
    },
    groups={
        "group_surface": ("surface", "condition", "start_a", "start_b"),
        "group_descent": ("optimizer", "learning_rate", "momentum", "step"),
        "group_noise": ("noise", "seed"),
    },
    values={
        "start": {
            "surface": "bowl", "condition": 10.0, "start_a": -2.5, "start_b": 1.5, "optimizer": "sgd",
            "learning_rate": 0.15, "momentum": 0.9, "noise": 0.0, "seed": 0, "step": 12,
        },
        "too_large": {"learning_rate": 0.21, "step": 30},
        "ravine": {"surface": "ravine", "start_a": -1.5, "start_b": 2.0, "optimizer": "momentum",
                   "learning_rate": 0.005, "step": 100},
        "saddle": {"surface": "saddle", "start_a": 2.0, "start_b": 0.0, "learning_rate": 0.1, "step": 40},
        "two_minima": {"surface": "two_minima", "start_a": 2.5, "start_b": 2.0, "learning_rate": 0.05, "step": 40},
        "noisy": {"noise": 1.0, "learning_rate": 0.1, "step": 100},
    },
    numbers=numbers,
    describe=describe,
    draw=draw,
    scripts={"nnlib": _script, "torch": _torch},
)  # fmt: skip


def descent(preset="start", **settings):
    """Show the descent lab: a ball on a loss surface.

    Parameters
    ----------
    preset : str
        Where to begin: ``"start"`` (a bowl), ``"too_large"`` (a rate above 2/λmax), ``"ravine"``, ``"saddle"``,
        ``"two_minima"`` or ``"noisy"``.
    **settings
        ``surface``, ``condition``, ``start_a``, ``start_b``, ``optimizer``, ``learning_rate``, ``momentum``, ``noise``,
        ``seed``, and ``step``, the number of steps done.

    Returns
    -------
    SceneLab

    Raises
    ------
    ValueError
        For a preset or setting that does not exist, or a value it does not allow.
    """
    return make(DESCENT, preset, **settings)
