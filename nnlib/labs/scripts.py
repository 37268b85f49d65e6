"""Show me the Python: scripts that reproduce what a lab shows.

Each is complete: run on its own it prints the losses that the lab shows, from the same data, the
same initial weights and the same batches. The PyTorch one takes data and first weights from nnlib;
model, loss and loop are plain PyTorch.
"""

from __future__ import annotations

from nnlib.labs.features import PLAIN
from nnlib.labs.own_points import script_lines
from nnlib.labs.run import make_data, output_and_loss, widths
from nnlib.labs.settings import parameter_index
from nnlib.labs.torch_lines import torch_module
from nnlib.registry import lookup


def script(settings, kind="nnlib"):
    """Return a Python script for ``"nnlib"`` or ``"torch"``; another kind raises ValueError."""
    return lookup({"nnlib": _nnlib, "torch": _torch}, kind, "kind of script")(settings)


def _facts(settings):
    data = make_data(settings)
    output, loss = output_and_loss(settings, data.task)
    steps_per_epoch = -(-len(data.X) // settings.batch_size)
    stop = settings.epochs * steps_per_epoch if settings.stop is None else settings.stop
    return data, widths(settings, data), output, loss, stop


def _head(settings, imports):
    """Return the first part of both scripts: imports, seed, data."""
    data = f"""\
data = nnlib.datasets.{settings.dataset}(noise={settings.noise}, rng=CounterGenerator(seed, "data"))
data = data.split({settings.train_share}, rng=CounterGenerator(seed, "split"))
"""
    if settings.dataset == "own":
        data = script_lines(settings)
    elif settings.dataset == "corners":
        data = "data = nnlib.datasets.corners()\n"
    return f"""\
{imports}

seed = {settings.seed}
{data}""" + ("" if settings.features == PLAIN else _features(settings.features))


def _numpy(settings):
    return "import numpy as np\n" if settings.features != PLAIN else ""


_FEATURES = {
    "x1": "x1",
    "x2": "x2",
    "x1_squared": "x1 * x1",
    "x2_squared": "x2 * x2",
    "x1_x2": "x1 * x2",
    "sin_x1": "np.sin(x1)",
    "sin_x2": "np.sin(x2)",
}


def _features(names):
    return f"""

def features(points):  # what the network is given of each point
    x1, x2 = points.T
    return np.column_stack([{", ".join(_FEATURES[name] for name in names)}])


data = nnlib.datasets.Dataset(
    features(data.X), data.y, X_test=features(data.X_test), y_test=data.y_test, task=data.task, names=data.names
)
"""


def _mlp(settings, sizes, output):
    functions = settings.hidden_activations
    same = set(functions) == {settings.activation} or not functions
    return f"""\
net = nnlib.mlp(
    {sizes}, activation={_quoted(settings.activation) if same else _quoted(functions)}, output="{output}",
    init="{settings.init}", bias={settings.bias}, rng=CounterGenerator(seed, "weights"),
)
"""


def _quoted(names):
    if isinstance(names, str):
        return f'"{names}"'
    return f"[{', '.join(map(_quoted, names))}]"


def _network(settings, sizes, output):
    """Return the lines that make nnlib's network: an mlp, or a row of layers for what an mlp does not have."""
    if not (settings.batch_norm or settings.dropout):
        return _mlp(settings, sizes, output)
    lines = []
    for units, activation in zip(settings.hidden_widths, settings.hidden_activations):
        norm = "BatchNorm(), " if settings.batch_norm else ""
        drop = f", Dropout({settings.dropout})" if settings.dropout else ""
        lines.append(f'    Dense({units}), {norm}"{activation}"{drop},\n')
    squash = f', "{output}"' if output != "identity" else ""
    return f"""\
layers = [
{"".join(lines)}    Dense({sizes[-1]}){squash},
]
net = nnlib.sequential(
    {sizes[0]}, layers, init="{settings.init}", bias={settings.bias}, rng=CounterGenerator(seed, "weights")
)
"""


def _by_step(changes):
    """Return {step: {field: value}}; of several changes of a field at one step the last one holds."""
    steps = {step: {} for step, _, _ in changes}
    for step, name, value in changes:
        steps[step][name] = value
    return steps


def _by_hand(changes):
    """Return whether one of the changes sets a weight or a bias."""
    return any(parameter_index(name) is not None for _, name, _ in changes)


def _at_end(changes, stop):
    """Return {field: value} of the parameters set by hand after the last step."""
    values = _by_step(changes).get(stop, {})
    return {name: value for name, value in values.items() if parameter_index(name) is not None}


_SET = """
    setattr(trainer, name, value)"""

_SET_BY_HAND = """
    if name[0] == "p":  # one weight or bias, by its place among all parameters
        net.parameters[int(name[1:])] = value
    else:
        setattr(trainer, name, value)"""

_PRINT = 'print(f"epoch {epoch}, train loss {train:.12g}, test loss {test:.12g}")\n'


def _nnlib(settings):
    _, sizes, output, loss, stop = _facts(settings)
    layers = [name for name in ("BatchNorm", "Dense", "Dropout") if f"{name}(" in _network(settings, sizes, output)]
    numpy = f"{_numpy(settings)}\n" if _numpy(settings) else ""
    imports = f"{numpy}import nnlib\n" + (f"from nnlib.layers import {', '.join(layers)}\n" if layers else "")
    masks = '\n    dropout_rng=CounterGenerator(seed, "dropout"),' if settings.dropout else ""
    return (
        _head(settings, imports + "from nnlib.random import CounterGenerator")
        + _network(settings, sizes, output)
        + f"""\
trainer = nnlib.Trainer(
    net, data, loss="{loss}", optimizer="{settings.optimizer}", learning_rate={settings.learning_rate},
    l1={settings.l1}, l2={settings.l2}, batch_size={settings.batch_size}, rng=CounterGenerator(seed, "order"),{masks}
)
"""
        + (_nnlib_stopping(settings, stop) if settings.early_stopping else _nnlib_straight(settings, stop))
        + "epoch, train, test = trainer.epoch, trainer.train_loss(), trainer.test_loss()\n"
        + _PRINT
    )


def _nnlib_straight(settings, stop):
    changes = [tuple(change) for change in settings.changes if change[0] <= stop]
    follow = f"""\
for step, name, value in {changes}:  # what was changed during the run
    trainer.advance(step - trainer.step){_SET_BY_HAND if _by_hand(changes) else _SET}
"""
    return (follow if changes else "") + f"trainer.advance({stop} - trainer.step)\n"


def _nnlib_stopping(settings, stop):
    set_one = (_SET_BY_HAND if _by_hand(settings.changes) else _SET).replace("\n", "\n    ")
    changes = _by_step(settings.changes)
    follow = f"""
    for name, value in {changes}.get(step, {{}}).items():  # what was changed during the run{set_one}"""
    at_end = _at_end(settings.changes, stop)
    finish = f"""\
else:
    for name, value in {at_end}.items():  # what was changed after the last step
        net.parameters[int(name[1:])] = value
"""
    return f"""\
stopping = nnlib.EarlyStopping(patience={settings.early_stopping})
stopping.watch(net, 0, trainer.test_loss())
for step in range({stop}):{follow if settings.changes else ""}
    trainer.advance()
    if trainer.at_epoch_end:
        stopping.watch(net, trainer.epoch, trainer.test_loss())
    if stopping.stopped:
        stopping.restore(net)
        break
{finish if at_end else ""}"""


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

_TORCH_DROPOUT = """

class Dropout(nn.Module):  # nn.Dropout draws masks of its own; this one draws those of the lab
    masks = CounterGenerator(seed, "dropout")

    def forward(self, x):
        if not self.training:
            return x
        return x * torch.tensor(self.masks.random(tuple(x.shape)) >= {rate}) / (1 - {rate})


"""

_TORCH_BEST = """
# Early stopping: the lowest test loss so far, its epoch, and the model then.
best, best_epoch, best_model = losses()[1], 0, copy.deepcopy(model.state_dict())
"""

_TORCH_STOPPING = """
    if position == 0:
        test = losses()[1]
        if test < best:
            best, best_epoch, best_model = test, epoch, copy.deepcopy(model.state_dict())
        if epoch - best_epoch >= {patience}:
            model.load_state_dict(best_model)
            break"""

_TORCH_CHANGES = """
    for name, value in {changes}.get(step, {{}}).items():  # what was changed during the run
        if name == "learning_rate":
            rate = value
            for group in optimizer.param_groups:
                group["lr"] = rate
        elif name == "l1":
            l1 = value{set_one}
        else:
            l2 = value"""

_TORCH_SET_ONE = """
        elif name[0] == "p":
            set_parameter(int(name[1:]), value)"""

_TORCH_SET_PARAMETER = """

def set_parameter(index, value):  # one number by hand; counted as nnlib does: weights (in, out), then biases, by layer
    for p in model.parameters():
        if index < p.numel():
            place = divmod(index, len(p))[::-1] if p.ndim == 2 else index  # PyTorch's weights are (out, in)
            with torch.no_grad():
                p[place] = value
            return
        index -= p.numel()

"""

_TORCH_L1 = """
    with torch.no_grad():  # the L1 part: towards 0 by rate * l1, and no further
        for w in weights:
            w.copy_(w.sign() * (w.abs() - rate * l1).clamp(min=0))"""


def _torch(settings):
    data, sizes, output, loss, stop = _facts(settings)
    modules = _torch_modules(settings, sizes, output)
    # Dropout and batch normalisation do one thing in training and another in use.
    both = any("BatchNorm" in module or "Dropout" in module for module in modules)
    count, batch = len(data.X), min(settings.batch_size, len(data.X))
    if settings.batch_norm and settings.hidden_widths and 1 in (batch, count % batch):
        raise ValueError(
            f"{count} samples in batches of {batch} make a batch of one sample, which PyTorch's batch normalisation "
            "refuses; choose another batch size"
        )
    dropout = _TORCH_DROPOUT.format(rate=settings.dropout) if "Dropout()" in modules else ""
    targets = "torch.tensor(y)" if data.task == "multiclass" else "torch.tensor(y)[:, None]"
    uses_l1 = settings.l1 or any(name == "l1" for _, name, _ in settings.changes)
    by_hand, at_end = _by_hand(settings.changes), _at_end(settings.changes, stop)
    set_one = _TORCH_SET_ONE if by_hand else ""
    changes = _TORCH_CHANGES.format(changes=_by_step(settings.changes), set_one=set_one) if settings.changes else ""
    best = stopping = ""
    if settings.early_stopping:
        best, stopping = _TORCH_BEST, _TORCH_STOPPING.format(patience=settings.early_stopping)
    set_last = f"""
for name, value in {at_end}.items():  # what was changed after the last step
    set_parameter(int(name[1:]), value)
"""
    if best:  # only where the run has not ended before
        set_last = "\nelse:" + set_last.replace("\n", "\n    ").rstrip(" ")
    imports = f"""\
{"import copy" + 2 * chr(10) if best else ""}{_numpy(settings)}import torch
import torch.nn.functional as F
from torch import nn

import nnlib
from nnlib.random import CounterGenerator

torch.set_default_dtype(torch.float64)"""
    newline = "\n    "
    return (
        _head(settings, imports)
        + _mlp(settings, sizes, output)
        + dropout
        + f"""\
model = nn.Sequential(
    {f",{newline}".join(modules)},
)
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


def losses():{newline + "model.eval()" if both else ""}
    with torch.no_grad():
        return loss(data.X, data.y).item(), loss(data.X_test, data.y_test).item()
{_TORCH_SET_PARAMETER if by_hand else ""}
{best}
order, batch, position, epoch = CounterGenerator(seed, "order"), {batch}, 0, 0
for step in range({stop}):{changes}
    if position == 0:
        permutation = order.permutation(len(data.X))
    rows = permutation[position : position + batch]
    position = position + batch if position + batch < len(data.X) else 0
    epoch += position == 0
    optimizer.zero_grad(){newline + "model.train()" if both else ""}
    objective = loss(data.X[rows], data.y[rows]) + 0.5 * l2 * sum((w**2).sum() for w in weights)
    objective.backward()
    optimizer.step(){_TORCH_L1 if uses_l1 else ""}{stopping}{set_last if at_end else ""}

train, test = losses()
"""
        + _PRINT
    )


def _torch_modules(settings, sizes, output):
    modules = []
    hidden = settings.hidden_activations
    for layer, activation in enumerate((*hidden, output)):
        module = torch_module(activation)
        norm = settings.batch_norm and layer < len(hidden)
        modules += [f"nn.Linear({sizes[layer]}, {sizes[layer + 1]})"]
        modules += [f"nn.BatchNorm1d({sizes[layer + 1]})"] if norm else []
        modules += [module] if layer < len(hidden) or output != "identity" else []
        modules += ["Dropout()"] if settings.dropout and layer < len(hidden) else []
    return modules
