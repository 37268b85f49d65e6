"""The PyTorch script of a training lab. It needs PyTorch and nothing else, so that it runs in anyone's notebook.

Data and first weights stand in it (:mod:`nnlib.labs.torch_start`); batch order and dropout masks are drawn on the way,
by the generator of :mod:`nnlib.random` in PyTorch. ``web/torch_script.js`` is the twin.
"""

from __future__ import annotations

from nnlib.labs.features import PLAIN
from nnlib.labs.script_pieces import PRINT, at_end, by_hand, by_step, facts, feature_columns
from nnlib.labs.torch_lines import PHILOX, torch_module
from nnlib.labs.torch_start import NUMBERS, data_block, weight_blocks
from nnlib.random import STREAMS

_INDENT = "\n    "

_OPTIMIZERS = {
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

_LOSSES = {
    "mse": "F.mse_loss(o, t)",
    "half_mse": "0.5 * F.mse_loss(o, t)",
    "binary_cross_entropy": "F.binary_cross_entropy_with_logits(o, (t + 1) / 2)",
    "cross_entropy": "F.cross_entropy(o, t)",
    "hinge": "F.relu(1 - t * o).mean()",
    "huber": "F.huber_loss(o, t)",
    "perceptron": "(-t * o * (t * o <= 0)).mean()",  # at o = 0 its slope is -t, that of F.relu 0
}


def torch_script(settings):
    """Return the script; what PyTorch cannot do raises ValueError."""
    data, sizes, output, loss, stop = facts(settings)
    modules = _modules(settings, sizes, output)
    # Dropout and batch normalisation do one thing in training and another in use.
    both = any("BatchNorm" in module or "Dropout" in module for module in modules)
    count, batch = len(data.X), min(settings.batch_size, len(data.X))
    if settings.batch_norm and settings.hidden_widths and 1 in (batch, count % batch):
        raise ValueError(
            f"{count} samples in batches of {batch} make a batch of one sample, which PyTorch's batch normalisation "
            "refuses; choose another batch size"
        )
    changes, stops = settings.changes, settings.early_stopping
    uses_l1 = settings.l1 or any(name == "l1" for _, name, _ in changes)
    hand, last = by_hand(changes), at_end(changes, stop)
    follow = _CHANGES.format(changes=by_step(changes), set_one=_SET_ONE if hand else "") if changes else ""
    set_last = _SET_LAST.format(values=last) if last else ""
    if set_last and stops:  # only where the run has not ended before
        set_last = "\nelse:" + set_last.replace("\n", "\n    ").rstrip(" ")
    blocks = [
        data_block(settings, data),
        *(_features(settings.features) if settings.features != PLAIN else []),
        PHILOX,
        *([_DROPOUT.format(rate=settings.dropout, stream=STREAMS["dropout"])] if "Dropout()" in modules else []),
        f"""\
model = nn.Sequential(
    {f",{_INDENT}".join(modules)},
)
linear = [module for module in model if isinstance(module, nn.Linear)]""",
        *weight_blocks(settings, data),
        f"""\
weights = [module.weight for module in linear]
others = [p for p in model.parameters() if all(p is not w for w in weights)]
rate, l1, l2 = {settings.learning_rate}, {settings.l1}, {settings.l2}
optimizer = {_OPTIMIZERS[settings.optimizer]}""",
        f"""\
def loss(X, y):
    o, t = model(X), {"y" if data.task == "multiclass" else "y[:, None]"}
    return {_LOSSES[loss]}""",
        f"""\
def losses():{_INDENT + "model.eval()" if both else ""}
    with torch.no_grad():
        return loss(X, y).item(), loss(X_test, y_test).item()""",
        *([_SET_PARAMETER] if hand else []),
        *([_BEST] if stops else []),
        f"""\
order, batch, position, epoch = Philox(seed, {STREAMS["order"]}), {batch}, 0, 0
for step in range({stop}):{follow}
    if position == 0:
        permutation = torch.argsort(order.random(len(X)), stable=True)
    rows = permutation[position : position + batch]
    position = position + batch if position + batch < len(X) else 0
    epoch += position == 0
    optimizer.zero_grad(){_INDENT + "model.train()" if both else ""}
    objective = loss(X[rows], y[rows]) + 0.5 * l2 * sum((w**2).sum() for w in weights)
    objective.backward()
    optimizer.step(){_L1 if uses_l1 else ""}{_STOPPING.format(patience=stops) if stops else ""}{set_last}

train, test = losses()
{PRINT}""",
    ]
    numbers = [NUMBERS] if any("numbers(" in block for block in blocks) else []
    return _joined([_head(settings, [*numbers, *blocks]), *numbers, *blocks])


def _joined(blocks):
    """Return the blocks with blank lines between them, two around functions and classes."""
    text, defines = "", False
    for block in blocks:
        after, defines = defines, block.startswith(("def ", "class "))
        text += ("\n\n\n" if after or defines else "\n\n" if text else "") + block
    return text


def _head(settings, blocks):
    text = "".join(blocks)
    imports = "".join(f"import {name}\n" for name in ("base64", "copy", "math") if f"{name}." in text)
    return f"""\
# This script needs PyTorch and nothing else, and ends at the losses that the lab shows.
{imports}{chr(10) if imports else ""}import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)
seed = {settings.seed}"""


def _features(names):
    function = f"""\
def features(points):  # what the network is given of each point
    x1, x2 = points.T
    return torch.stack({feature_columns(names, "torch")}, dim=1)"""
    return [function, "X, X_test = features(X), features(X_test)"]


def _modules(settings, sizes, output):
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


# --- what is in some scripts only -------------------------------------------------------------------------------

_DROPOUT = """\
class Dropout(nn.Module):  # nn.Dropout draws masks of its own; this one draws those of the lab
    masks = Philox(seed, {stream})

    def forward(self, x):
        if not self.training:
            return x
        return x * (self.masks.random(x.numel()).view(x.shape) >= {rate}) / (1 - {rate})"""

_BEST = """\
# Early stopping: the lowest test loss so far, its epoch, and the model then.
best, best_epoch, best_model = losses()[1], 0, copy.deepcopy(model.state_dict())"""

_STOPPING = """
    if position == 0:
        test = losses()[1]
        if test < best:
            best, best_epoch, best_model = test, epoch, copy.deepcopy(model.state_dict())
        if epoch - best_epoch >= {patience}:
            model.load_state_dict(best_model)
            break"""

_CHANGES = """
    for name, value in {changes}.get(step, {{}}).items():  # what was changed during the run
        if name == "learning_rate":
            rate = value
            for group in optimizer.param_groups:
                group["lr"] = rate
        elif name == "l1":
            l1 = value{set_one}
        else:
            l2 = value"""

_SET_ONE = """
        elif name[0] == "p":
            set_parameter(int(name[1:]), value)"""

_SET_PARAMETER = """\
def set_parameter(index, value):  # one number by hand; counted as nnlib does: weights (in, out), then biases, by layer
    for p in model.parameters():
        if index < p.numel():
            place = divmod(index, len(p))[::-1] if p.ndim == 2 else index  # PyTorch's weights are (out, in)
            with torch.no_grad():
                p[place] = value
            return
        index -= p.numel()"""

_SET_LAST = """
for name, value in {values}.items():  # what was changed after the last step
    set_parameter(int(name[1:]), value)
"""

_L1 = """
    with torch.no_grad():  # the L1 part: towards 0 by rate * l1, and no further
        for w in weights:
            w.copy_(w.sign() * (w.abs() - rate * l1).clamp(min=0))"""
