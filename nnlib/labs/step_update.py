"""The update lab: the part-lifetime network, one step of gradient descent at a time, all nine parameters in a table."""

from __future__ import annotations

import numpy as np

from nnlib.building import mlp
from nnlib.labs.lab import make
from nnlib.labs.scene import ScenePlan
from nnlib.labs.settings import Field
from nnlib.plots import style
from nnlib.wording import counted

#: Length and width of the part, and the parameters in nnlib's layout: W₁ row by row, b₁, W₂, b₂.
INPUT = (0.1, 0.2)
START = (1.0, 2.0, 2.0, -1.0, 0.3, -0.2, 1.5, -0.8, 1.2)
NAMES = ("w11", "w12", "w21", "w22", "b1", "b2", "v1", "v2", "c")
_X = np.array([INPUT])


def _network():
    net = mlp([2, 2, 1], activation="sigmoid", output="sigmoid", rng=np.random.default_rng(0))
    net.parameters[:] = START
    return net


def _loss_and_gradient(net, target):
    return net.loss_and_gradient(_X, np.array([[target]]), loss="mse")


def buggy_gradient(net, target, rate):
    """Return the gradient with the common bug: W₂ is updated first, and the hidden gradients then use the new one.

    ŷ, h and the output's part are those of the forward pass with the old W₂; only what flows back through W₂ is wrong.
    """
    right = _loss_and_gradient(net, target)[1].copy()
    new = net.parameters[6:8] - rate * right[6:8]
    h = 1 / (1 + np.exp(-(_X[0] @ net.parameters[:4].reshape(2, 2) + net.parameters[4:6])))
    delta = right[8] * new * h * (1 - h)
    return np.concatenate([_X[0, 0] * delta, _X[0, 1] * delta, delta, right[6:]])


def walk(settings):
    """Return (network, losses): where so many updates end, and all losses on the way, the first included."""
    net = _network()
    losses = []
    for _ in range(settings.updates):
        loss, gradient = _loss_and_gradient(net, settings.target)
        losses.append(loss)
        if settings.new_w2:
            gradient = buggy_gradient(net, settings.target, settings.learning_rate)
        net.parameters -= settings.learning_rate * gradient
    losses.append(_loss_and_gradient(net, settings.target)[0])
    return net, losses


def numbers(settings):
    """Return what the lab shows as numbers."""
    net, losses = walk(settings)
    loss, gradient = losses[-1], _loss_and_gradient(net, settings.target)[1].copy()
    wrong = buggy_gradient(net, settings.target, settings.learning_rate)
    used = wrong if settings.new_w2 else gradient
    shown = {"updates": settings.updates, "output": float(net(_X)[0, 0]), "loss": float(loss)}
    for k, name in enumerate(NAMES):
        shown[name] = float(net.parameters[k])
        shown[f"gradient_{name}"] = float(used[k])
    before = net.parameters.copy()
    for name, step in (("right", gradient), ("wrong", wrong)):
        net.parameters[:] = before - settings.learning_rate * step
        shown[f"next_output_{name}"] = float(net(_X)[0, 0])
        shown[f"next_loss_{name}"] = float(_loss_and_gradient(net, settings.target)[0])
    return shown


def describe(settings):
    """Return what the lab shows, in words."""
    shown = numbers(settings)
    bug = ", hidden gradients taken with the new W₂" if settings.new_w2 else ""
    return (
        f"The part-lifetime network after {counted(settings.updates, 'update')} "
        f"at η = {settings.learning_rate:g}{bug}: "
        f"ŷ = {shown['output']:.6f} for the target {settings.target:g}, loss {shown['loss']:.6g}."
    )


def draw(settings):
    """Return a figure: the loss over the updates, and the table of the next update."""
    net, losses = walk(settings)
    _, gradient = _loss_and_gradient(net, settings.target)
    used = buggy_gradient(net, settings.target, settings.learning_rate) if settings.new_w2 else gradient
    ax = style.new_axes(7, 3.6)
    ax.plot(losses, color=style.ACCENT, marker="o" if len(losses) < 30 else "", markersize=4)
    style.quiet(ax)
    ax.set(xlabel="updates", ylabel="loss (ŷ − y)²", ylim=(0, None))
    output = style.number(float(net(_X)[0, 0]), 5)
    ax.set_title(f"after {counted(settings.updates, 'update')}: ŷ = {output}", size="medium")
    cells = [
        [style.number(value, 6) for value in (p, g, p - settings.learning_rate * g)]
        for p, g in zip(net.parameters, used)
    ]
    table = ax.table(
        cells, rowLabels=NAMES, colLabels=("old", "gradient", "new"), bbox=(1.22, 0, 0.75, 1), cellLoc="right"
    )
    table.auto_set_font_size(False)
    table.set_fontsize(8)
    return ax.figure


def _script(settings):
    used = "wrong" if settings.new_w2 else "right"
    return f"""\
import numpy as np

import nnlib

X, y, rate = np.array([{list(INPUT)}]), np.array([[{settings.target}]]), {settings.learning_rate}
net = nnlib.mlp([2, 2, 1], activation="sigmoid", output="sigmoid", rng=np.random.default_rng(0))
net.parameters[:] = {list(START)}


def gradients():
    loss, right = net.loss_and_gradient(X, y, loss="mse")
    # The common bug: W2 is updated first, and the hidden gradients then use the new one.
    h = 1 / (1 + np.exp(-(X[0] @ net.parameters[:4].reshape(2, 2) + net.parameters[4:6])))
    delta = right[8] * (net.parameters[6:8] - rate * right[6:8]) * h * (1 - h)
    wrong = np.concatenate([X[0, 0] * delta, X[0, 1] * delta, delta, right[6:]])
    return loss, {{"right": right.copy(), "wrong": wrong}}


for update in range({settings.updates}):
    net.parameters -= rate * gradients()[1]["{used}"]
loss, gradient = gradients()
print("updates", {settings.updates})
print("output", net(X)[0, 0])
print("loss", loss)
for name, value, slope in zip({list(NAMES)}, net.parameters, gradient["{used}"]):
    print(name, value)
    print(f"gradient_{{name}}", slope)
here = net.parameters.copy()
for name in ("right", "wrong"):
    net.parameters[:] = here - rate * gradient[name]
    print(f"next_output_{{name}}", net(X)[0, 0])
    print(f"next_loss_{{name}}", gradients()[0])
"""


def _torch(settings):
    return f"""\
import torch

torch.set_default_dtype(torch.float64)
x, y, rate = torch.tensor([{list(INPUT)}]), torch.tensor([[{settings.target}]]), {settings.learning_rate}
hidden, last = torch.nn.Linear(2, 2), torch.nn.Linear(2, 1)
with torch.no_grad():  # PyTorch stores weights (out, in)
    hidden.weight.copy_(torch.tensor([[1.0, 2.0], [2.0, -1.0]]))
    hidden.bias.copy_(torch.tensor([0.3, -0.2]))
    last.weight.copy_(torch.tensor([[1.5, -0.8]]))
    last.bias.copy_(torch.tensor([1.2]))
model = torch.nn.Sequential(hidden, torch.nn.Sigmoid(), last, torch.nn.Sigmoid())
parameters = list(model.parameters())


def gradients():
    loss = ((model(x) - y) ** 2).mean()
    right = torch.autograd.grad(loss, parameters)
    # The common bug, by hand, for backward itself always uses the old W2: the last layer is updated first.
    h = torch.sigmoid(hidden(x))[0].detach()
    delta = right[3] * (last.weight[0].detach() - rate * right[2][0]) * h * (1 - h)
    return loss.item(), {{"right": right, "wrong": (delta[:, None] * x, delta, *right[2:])}}


def step(gradient):
    with torch.no_grad():
        for p, g in zip(parameters, gradient):
            p -= rate * g


for update in range({settings.updates}):
    step(gradients()[1]["{"wrong" if settings.new_w2 else "right"}"])
loss, gradient = gradients()
print("updates", {settings.updates})
print("output", model(x).item())
print("loss", loss)
flat = lambda parts: torch.cat([parts[0].T.flatten(), parts[1], parts[2].flatten(), parts[3]]).tolist()
used = gradient["{"wrong" if settings.new_w2 else "right"}"]
for name, value, slope in zip({list(NAMES)}, flat(parameters), flat(used)):
    print(name, value)
    print(f"gradient_{{name}}", slope)
here = [p.detach().clone() for p in parameters]
for name in ("right", "wrong"):
    step(gradient[name])
    print(f"next_output_{{name}}", model(x).item())
    print(f"next_loss_{{name}}", gradients()[0])
    with torch.no_grad():
        for p, value in zip(parameters, here):
            p.copy_(value)
"""


UPDATE = ScenePlan(
    name="update",
    specs={
        "learning_rate": Field("scale", (0.01, 0.05, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 50.0), maximum=100.0),
        "target": Field("real", maximum=1.5, step=0.05),
        "new_w2": Field("switch"),
        "updates": Field("integer", maximum=5_000, typed=True),
    },
    groups={"group_update": ("learning_rate", "target", "new_w2", "updates")},
    values={
        "start": {"learning_rate": 0.5, "target": 1.0, "new_w2": False, "updates": 0},
        "bug": {"learning_rate": 0.5, "target": 1.0, "new_w2": True, "updates": 0},
        "more_than_a_year": {"learning_rate": 0.5, "target": 1.2, "new_w2": False, "updates": 1000},
    },
    numbers=numbers,
    describe=describe,
    draw=draw,
    scripts={"nnlib": _script, "torch": _torch},
)


def update(preset="start", **settings):
    """Show the update lab: old value, gradient, η·gradient and new value of all nine parameters, update by update.

    Parameters
    ----------
    preset : str
        Where to begin: ``"start"``, ``"bug"`` (hidden gradients with the new W₂) or ``"more_than_a_year"`` (a
        target that a sigmoid cannot reach).
    **settings
        ``learning_rate``, ``target``, ``new_w2`` and ``updates``, the number of updates done.

    Returns
    -------
    SceneLab

    Raises
    ------
    ValueError
        For a preset or setting that does not exist, or a value it does not allow.
    """
    return make(UPDATE, preset, **settings)
