"""Show me the Python: scripts that reproduce what a lab shows.

Each is complete: run on its own it prints the losses that the lab shows, from the same data, the
same initial weights and the same batches. The PyTorch one takes data and first weights from nnlib;
model, loss and loop are plain PyTorch.
"""

from __future__ import annotations

from nnlib.labs.run import make_data, output_and_loss, widths
from nnlib.labs.settings import parameter_index
from nnlib.registry import lookup


def script(settings, kind="nnlib"):
    """Return a Python script for ``"nnlib"`` or ``"torch"``; another kind raises ValueError."""
    return lookup({"nnlib": _nnlib, "torch": _torch}, kind, "kind of script")(settings)


def _facts(settings):
    data = make_data(settings)
    output, loss = output_and_loss(settings, data.task)
    steps_per_epoch = -(-len(data.X) // settings.batch_size)
    stop = settings.epochs * steps_per_epoch if settings.stop is None else settings.stop
    return data, widths(settings, data), output, loss, stop, stop // steps_per_epoch


def _head(settings, sizes, output, imports):
    return f"""\
{imports}

seed = {settings.seed}
data = nnlib.datasets.{settings.dataset}(noise={settings.noise}, rng=CounterGenerator(seed, "data"))
data = data.split({settings.train_share}, rng=CounterGenerator(seed, "split"))
net = nnlib.mlp(
    {sizes}, activation="{settings.activation}", output="{output}",
    init="{settings.init}", rng=CounterGenerator(seed, "weights"),
)
"""


def _nnlib(settings):
    _, sizes, output, loss, stop, _ = _facts(settings)
    changes = [tuple(change) for change in settings.changes if change[0] <= stop]
    by_hand = any(parameter_index(name) is not None for _, name, _ in changes)
    set_one = """\
    if name[0] == "p":  # one weight or bias, by its place among all parameters
        net.parameters[int(name[1:])] = value
    else:
        setattr(trainer, name, value)
"""
    return (
        _head(settings, sizes, output, "import nnlib\nfrom nnlib.random import CounterGenerator")
        + f"""\
trainer = nnlib.Trainer(
    net, data, loss="{loss}", optimizer="{settings.optimizer}", learning_rate={settings.learning_rate},
    l1={settings.l1}, l2={settings.l2}, batch_size={settings.batch_size}, rng=CounterGenerator(seed, "order"),
)
"""
        + (
            f"""\
for step, name, value in {changes}:  # what was changed during the run
    trainer.advance(step - trainer.step)
"""
            + (set_one if by_hand else "    setattr(trainer, name, value)\n")
            if changes
            else ""
        )
        + f"""\
trainer.advance({stop} - trainer.step)
print(f"epoch {{trainer.epoch}}, train loss {{trainer.train_loss():.12g}}, test loss {{trainer.test_loss():.12g}}")
"""
    )


_TORCH_OPTIMIZERS = {
    "sgd": "torch.optim.SGD(model.parameters(), lr=rate)",
    "momentum": "torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9)",
    "nesterov": "torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9, nesterov=True)",
    "adagrad": "torch.optim.Adagrad(model.parameters(), lr=rate)",
    "rmsprop": "torch.optim.RMSprop(model.parameters(), lr=rate)",
    "adam": "torch.optim.Adam(model.parameters(), lr=rate)",
    "adamw": (
        "torch.optim.AdamW(\n"
        '    [{"params": weights, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}], lr=rate\n)'
    ),
}

_TORCH_LOSSES = {
    "mse": "F.mse_loss(o, t)",
    "half_mse": "0.5 * F.mse_loss(o, t)",
    "binary_cross_entropy": "F.binary_cross_entropy_with_logits(o, (t + 1) / 2)",
    "cross_entropy": "F.cross_entropy(o, t)",
    "hinge": "F.relu(1 - t * o).mean()",
    "huber": "F.huber_loss(o, t)",
    "perceptron": "F.relu(-t * o).mean()",
}

_TORCH_ACTIVATIONS = {
    "identity": "nn.Identity()",
    "sigmoid": "nn.Sigmoid()",
    "tanh": "nn.Tanh()",
    "relu": "nn.ReLU()",
    "leaky_relu": "nn.LeakyReLU(0.01)",
    "prelu": "nn.PReLU()",
    "elu": "nn.ELU()",
    "gelu": "nn.GELU()",
    "silu": "nn.SiLU()",
    "swish": "nn.SiLU()",
    "softplus": "nn.Softplus(threshold=1e9)",
}


_TORCH_SET_PARAMETER = """
def set_parameter(index, value):  # one number by hand; counted as nnlib does: weights (in, out), then biases, by layer
    for p in model.parameters():
        if index < p.numel():
            with torch.no_grad():
                p.T[divmod(index, len(p)) if p.ndim == 2 else index] = value
            return
        index -= p.numel()

"""


def _torch(settings):
    data, sizes, output, loss, stop, epoch = _facts(settings)
    function = _TORCH_ACTIVATIONS.get(settings.activation)
    if function is None:
        raise ValueError(
            f"activation {settings.activation!r} has no gradient, so PyTorch cannot train it; choose another"
        )
    modules = []
    for d_in, d_out in zip(sizes, sizes[1:]):
        modules += [f"nn.Linear({d_in}, {d_out})", function]
    modules[-1:] = [] if output == "identity" else [_TORCH_ACTIVATIONS[output]]
    changes = {step: {} for step, _, _ in settings.changes}
    for step, name, value in settings.changes:
        changes[step][name] = value
    by_hand = any(parameter_index(name) is not None for _, name, _ in settings.changes)
    at_end = {name: value for name, value in changes.get(stop, {}).items() if parameter_index(name) is not None}
    targets = "torch.tensor(y)" if data.task == "multiclass" else "torch.tensor(y)[:, None]"
    l1_step = """
    with torch.no_grad():  # the L1 part: towards 0 by rate * l1, and no further
        for w in weights:
            w.copy_(w.sign() * (w.abs() - rate * l1).clamp(min=0))"""
    uses_l1 = settings.l1 or any(name == "l1" for _, name, _ in settings.changes)
    set_one = """
        elif name[0] == "p":
            set_parameter(int(name[1:]), value)"""
    change_lines = f"""
    for name, value in {changes}.get(step, {{}}).items():  # what was changed during the run
        if name == "learning_rate":
            rate = value
            for group in optimizer.param_groups:
                group["lr"] = rate
        elif name == "l1":
            l1 = value{set_one if by_hand else ""}
        else:
            l2 = value"""
    set_last = f"""
for name, value in {at_end}.items():  # what was changed after the last step
    set_parameter(int(name[1:]), value)
"""
    imports = """\
import torch
import torch.nn.functional as F
from torch import nn

import nnlib
from nnlib.random import CounterGenerator

torch.set_default_dtype(torch.float64)"""
    return (
        _head(settings, sizes, output, imports)
        + f"""\
model = nn.Sequential({", ".join(modules)})
linear = [module for module in model if isinstance(module, nn.Linear)]
with torch.no_grad():  # the same first weights; PyTorch stores them (out, in)
    for module, layer in zip(linear, [layer for layer in net.layers if hasattr(layer, "W")]):
        module.weight.copy_(torch.tensor(layer.W.T.copy()))
        module.bias.copy_(torch.tensor(layer.b))
weights = [module.weight for module in linear]
others = [p for p in model.parameters() if all(p is not w for w in weights)]
rate, l1, l2 = {settings.learning_rate}, {settings.l1}, {settings.l2}
optimizer = {_TORCH_OPTIMIZERS[settings.optimizer]}


def loss(X, y):
    o, t = model(torch.tensor(X)), {targets}
    return {_TORCH_LOSSES[loss]}

{_TORCH_SET_PARAMETER if by_hand else ""}
order, batch, position = CounterGenerator(seed, "order"), {min(settings.batch_size, len(data.X))}, 0
for step in range({stop}):{change_lines if changes else ""}
    if position == 0:
        permutation = order.permutation(len(data.X))
    rows = permutation[position : position + batch]
    position = position + batch if position + batch < len(data.X) else 0
    optimizer.zero_grad()
    objective = loss(data.X[rows], data.y[rows]) + 0.5 * l2 * sum((w**2).sum() for w in weights)
    objective.backward()
    optimizer.step(){l1_step if uses_l1 else ""}
{set_last if at_end else ""}
with torch.no_grad():
    train, test = loss(data.X, data.y).item(), loss(data.X_test, data.y_test).item()
print(f"epoch {epoch}, train loss {{train:.12g}}, test loss {{test:.12g}}")
"""
    )
