"""Show me the Python: scripts that reproduce what a lab shows.

Each is complete: run on its own it prints the losses that the lab shows, from the same data, the
same initial weights and the same batches. The one for nnlib makes them by their names; the one for
PyTorch (:mod:`nnlib.labs.torch_script`) brings them along and needs PyTorch alone.
"""

from __future__ import annotations

from nnlib.labs.features import PLAIN
from nnlib.labs.own_points import script_lines
from nnlib.labs.script_pieces import PRINT, at_end, by_hand, by_step, facts, feature_columns
from nnlib.labs.torch_script import torch_script
from nnlib.registry import lookup


def script(settings, kind="nnlib"):
    """Return a Python script for ``"nnlib"`` or ``"torch"``; another kind raises ValueError."""
    return lookup({"nnlib": _nnlib, "torch": torch_script}, kind, "kind of script")(settings)


def _head(settings, imports):
    """Return the first part: imports, seed, data."""
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


def _features(names):
    return f"""

def features(points):  # what the network is given of each point
    x1, x2 = points.T
    return np.column_stack({feature_columns(names, "np")})


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


_SET = """
    setattr(trainer, name, value)"""

_SET_BY_HAND = """
    if name[0] == "p":  # one weight or bias, by its place among all parameters
        net.parameters[int(name[1:])] = value
    else:
        setattr(trainer, name, value)"""


def _nnlib(settings):
    _, sizes, output, loss, stop = facts(settings)
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
        + PRINT
    )


def _nnlib_straight(settings, stop):
    changes = [tuple(change) for change in settings.changes if change[0] <= stop]
    follow = f"""\
for step, name, value in {changes}:  # what was changed during the run
    trainer.advance(step - trainer.step){_SET_BY_HAND if by_hand(changes) else _SET}
"""
    return (follow if changes else "") + f"trainer.advance({stop} - trainer.step)\n"


def _nnlib_stopping(settings, stop):
    set_one = (_SET_BY_HAND if by_hand(settings.changes) else _SET).replace("\n", "\n    ")
    changes = by_step(settings.changes)
    follow = f"""
    for name, value in {changes}.get(step, {{}}).items():  # what was changed during the run{set_one}"""
    last = at_end(settings.changes, stop)
    finish = f"""\
else:
    for name, value in {last}.items():  # what was changed after the last step
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
{finish if last else ""}"""
