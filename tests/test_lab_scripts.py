"""The scripts of training labs end at the losses that the lab shows; those for PyTorch need PyTorch alone."""

import ast
import contextlib
import json
import math
import re
import subprocess
import sys

import numpy as np
import pytest
import torch

import nnlib
from nnlib.initializers import INITIALIZERS
from nnlib.labs import LABS, Settings, plan_of
from nnlib.labs.features import FEATURES
from nnlib.labs.lab import Plan
from nnlib.labs.run import Run
from nnlib.labs.scripts import script
from nnlib.labs.torch_lines import NORMAL, PHILOX, torch_initializer
from nnlib.random import STREAMS, CounterGenerator
from tests.scripts import parted

SHORT = Settings(epochs=6, noise=0.1)
OWN = [(i % 7 - 3, i % 11 / 2 - 2.5, i % 3) for i in range(40)]
HUGE = SHORT.with_(widths=(32,) * 6, activation="relu", optimizer="momentum", learning_rate=0.003, epochs=2)
CASES = {
    "plain": SHORT,
    "no hidden layer, adam, L1": SHORT.with_(depth=0, optimizer="adam", learning_rate=0.01, l1=0.003, dataset="gauss"),
    "four classes, adamw": SHORT.with_(dataset="blobs", optimizer="adamw", activation="gelu", batch_size=30),
    "regression, nesterov, stopped": SHORT.with_(dataset="bumps", optimizer="nesterov", learning_rate=0.01, stop=77),
    "changed on the way": SHORT.with_(changes=((40, "l2", 0.1), (60, "learning_rate", 0.01), (60, "l1", 0.01))),
    "parameters set by hand": SHORT.with_(
        width=3,
        optimizer="momentum",
        learning_rate=0.01,
        stop=90,
        changes=(
            (0, "p1", -1.5),
            (40, "p1", 0.25),
            (40, "l2", 0.1),
            (41, "p8", 1.0),
            (41, "p20", -0.5),
            (90, "p12", 3),
        ),
    ),
    "a learned slope set by hand": SHORT.with_(
        activation="prelu", depth=1, width=2, optimizer="sgd", changes=((9, "p6", 0.5), (9, "p7", -2.0), (30, "p9", 1))
    ),
    "learned slope, rmsprop": SHORT.with_(activation="prelu", optimizer="rmsprop", learning_rate=0.003),
    "logits": SHORT.with_(loss="binary_cross_entropy", activation="swish", optimizer="momentum", learning_rate=0.03),
    "hinge": SHORT.with_(loss="hinge", activation="softplus", optimizer="adagrad"),
    "features, own widths and activations": SHORT.with_(
        features=("x1", "x2_squared", "x1_x2", "sin_x2"), widths=(5, 3), activations=("common", "prelu"), bias=0.1
    ),
    "dropout": SHORT.with_(dropout=0.3, learning_rate=0.01),
    "batch norm": SHORT.with_(batch_norm=True, optimizer="adamw", activations=("gelu",), loss="huber"),
    "dropout, batch norm, all features, stopped": SHORT.with_(
        dropout=0.2, batch_norm=True, features=tuple(FEATURES), dataset="blobs", batch_size=30, l1=0.001, stop=31
    ),
    "stopped early": SHORT.with_(early_stopping=2, epochs=60, learning_rate=0.1, dropout=0.1, optimizer="rmsprop"),
    "stopped early, changed on the way": SHORT.with_(
        early_stopping=3,
        epochs=60,
        batch_norm=True,
        changes=((40, "learning_rate", 0.1), (60, "l1", 0.01)),
        dataset="bumps",
    ),
    "no hidden layer to drop from": SHORT.with_(
        depth=0, dropout=0.5, batch_norm=True, features=("x1_x2",), dataset="xor"
    ),
    "batch of everything": SHORT.with_(batch_size=10_000, epochs=30, loss="huber", dataset="plane", activation="elu"),
    "own classes": SHORT.with_(dataset="own", points=OWN, batch_size=7, train_share=0.3),
    "own values": SHORT.with_(dataset="own", points=[(x1, x2, label / 4) for x1, x2, label in OWN], optimizer="sgd"),
    "own signs": SHORT.with_(dataset="own", points=[(x1, x2, 2 * (x1 > x2) - 1) for x1, x2, _ in OWN], loss="hinge"),
    "four corners, equal weights": SHORT.with_(
        dataset="corners", init="constant", bias=0.1, features=("x1_squared", "x2")
    ),
    "from zero, where the perceptron's loss has two slopes": SHORT.with_(init="zeros", loss="perceptron", stop=1),
    "perceptron": SHORT.with_(loss="perceptron", optimizer="sgd", dataset="gauss", width=3),
    "thousands of weights, uniform": HUGE.with_(init="he_uniform"),
    "thousands of weights, normal": HUGE.with_(init="xavier_normal", dropout=0.1, dataset="blobs"),
}
PRESETS = {
    f"{plan.name}, {name}": settings
    for plan in map(plan_of, LABS)
    if isinstance(plan, Plan)
    for name, settings in plan.presets.items()
    if name not in plan.sensitive
}
#: Whole presets take PyTorch minutes: `make fuzz` runs them.
BEGUN = {name: settings.with_(stop=100) for name, settings in PRESETS.items()}

# One process runs them all: importing torch takes longer than most of them. Those for PyTorch get no nnlib there.
RUN_ALL = """import contextlib, io, json, runpy, sys, traceback
if sys.argv[1] == "torch":
    sys.modules["nnlib"] = None
said = {}
for path in sys.argv[2:]:
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        try:
            runpy.run_path(path, run_name="__main__")
        except Exception:
            traceback.print_exc(file=sys.stdout)
    said[path] = printed.getvalue()
print(json.dumps(said))"""


def written(cases, folder):
    """The file of each script, by case and kind."""
    files = {}
    for number, (name, settings) in enumerate(cases.items()):
        for kind in ("nnlib", "torch"):
            files[name, kind] = folder / f"{kind}_{number}.py"
            files[name, kind].write_text(script(settings, kind), encoding="utf-8")
    return files


def run_all(files):
    """What each script prints."""
    said = {}
    for wanted in ("nnlib", "torch"):
        paths = [str(path) for (_, kind), path in files.items() if kind == wanted]
        done = subprocess.run(
            [sys.executable, "-c", RUN_ALL, wanted, *paths], capture_output=True, text=True, check=True
        )
        said |= json.loads(done.stdout)
    return {key: said[str(path)] for key, path in files.items()}


@pytest.fixture(scope="module")
def scripts(tmp_path_factory):
    return written(CASES | BEGUN, tmp_path_factory.mktemp("scripts"))


@pytest.fixture(scope="module")
def printed(scripts):
    return run_all(scripts)


def assert_ends_like(run, text, tolerance):
    words = text.replace(",", "").split()
    assert words[:2] == ["epoch", str(run.epoch)], text
    assert float(words[4]) == pytest.approx(run.metrics()["train_loss"], rel=tolerance)
    assert float(words[7]) == pytest.approx(run.metrics()["test_loss"], rel=tolerance)


@pytest.mark.parametrize("kind", ["nnlib", "torch"])
@pytest.mark.parametrize("name", CASES)
def test_the_script_prints_the_losses_that_the_lab_shows(name, kind, printed):
    run = Run(CASES[name]).to_end()
    assert run.stopped_early == (CASES[name].early_stopping > 0)  # a case that never stops would show nothing
    assert_ends_like(run, printed[name, kind], 1e-9)


@pytest.mark.parametrize("kind", ["nnlib", "torch"])
@pytest.mark.parametrize("name", BEGUN)
def test_the_script_of_a_preset_follows_its_first_steps(name, kind, printed):
    assert_ends_like(Run(BEGUN[name]).to_end(), printed[name, kind], 1e-9)


@pytest.fixture(scope="module")
def printed_to_the_end(tmp_path_factory):
    return run_all(written(PRESETS, tmp_path_factory.mktemp("presets")))


@pytest.mark.long
@pytest.mark.parametrize("kind", ["nnlib", "torch"])
@pytest.mark.parametrize("name", PRESETS)
def test_the_script_of_a_tame_preset_ends_at_its_losses(name, kind, printed_to_the_end):
    assert_ends_like(Run(PRESETS[name]).to_end(), printed_to_the_end[name, kind], 1e-6)


@pytest.mark.parametrize("kind", ["nnlib", "torch"])
def test_a_script_says_the_same_when_it_is_started_by_itself(kind, scripts, printed):
    done = subprocess.run([sys.executable, scripts["plain", kind]], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == (printed["plain", kind], "")


# --- PyTorch alone ----------------------------------------------------------------------------------------------


def imported(code):
    """The packages that a script imports."""
    nodes = list(ast.walk(ast.parse(code)))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names}


TORCH_SCRIPTS = {
    **{name: (script, settings, "torch") for name, settings in (CASES | PRESETS).items()},
    **{
        f"{plan.name}, {name}": (plan.scripts["torch"], settings)
        for plan in map(plan_of, LABS)
        if "torch" in getattr(plan, "scripts", ())
        for name, settings in plan.presets.items()
    },
}


@pytest.mark.parametrize("name", TORCH_SCRIPTS)
def test_a_script_for_pytorch_imports_pytorch_and_the_standard_library(name):
    make, *arguments = TORCH_SCRIPTS[name]
    assert "torch" in (names := imported(make(*arguments))) and names <= {"torch", *sys.stdlib_module_names}


@pytest.mark.parametrize("name", ["plain", "four classes, adamw", "regression, nesterov, stopped"])
def test_the_numbers_in_a_script_are_those_of_the_run_to_the_last_bit(name):
    run = Run(CASES[name].with_(stop=0))
    points, y = (np.concatenate(parts) for parts in ((run.data.X, run.data.X_test), (run.data.y, run.data.y_test)))
    data = np.column_stack([points, y]) if run.data.task == "regression" else points
    weights = [layer.W for layer in run.network.layers if hasattr(layer, "W")]
    text, numbers = parted(script(CASES[name], "torch"))
    assert numbers == np.concatenate([each.ravel() for each in (data, *weights)]).tolist()
    if run.data.task != "regression":
        labels = re.findall(r' {4}"(.+)"', text.partition("labels = (")[2].partition(")")[0])
        signs = [str(int(label)) if run.data.task == "multiclass" else "-+"[int(label > 0)] for label in y]
        assert "".join(labels) == "".join(signs)


@contextlib.contextmanager
def made_of(*blocks):
    """The names that blocks of a script define."""
    names, dtype = {"torch": torch, "math": math, "seed": 5}, torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        exec("\n".join(blocks), names)
        yield names
    finally:
        torch.set_default_dtype(dtype)  # of no concern to the next test


@pytest.mark.parametrize("stream", STREAMS)
def test_philox_in_pytorch_draws_the_numbers_of_nnlib(stream):
    with made_of(PHILOX, NORMAL) as names:
        for seed in (0, 5, 2**32 - 1):
            ours, theirs = CounterGenerator(seed, stream), names["Philox"](seed, STREAMS[stream])
            for count in (1, 2, 7, 250, 3, 1000):  # odd ones stop within a block
                assert theirs.random(count).tolist() == ours.random(count).tolist()
            for count in (2, 5):
                np.testing.assert_allclose(names["normal"](theirs, count), ours.normal(size=count), rtol=1e-14)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_first_weights_are_drawn_in_pytorch_as_in_nnlib(name):
    with made_of(PHILOX, *torch_initializer(name)) as names:
        rng = CounterGenerator(5, "weights")
        for shape in ((2, 7), (7, 5), (5, 1)):
            np.testing.assert_allclose(names["draw"](*shape).reshape(shape), INITIALIZERS[name](shape, rng), rtol=1e-14)


# --- what cannot be ---------------------------------------------------------------------------------------------


def test_an_unknown_kind_of_script_is_refused():
    with pytest.raises(ValueError, match="unknown kind of script 'tensorflow'"):
        nnlib.labs.capacity(epochs=1).code("tensorflow")


def test_a_script_for_pytorch_says_what_pytorch_cannot_do():
    with pytest.raises(ValueError, match=r"250 samples in batches of 3 make a batch of one sample, which PyTorch's"):
        script(SHORT.with_(batch_norm=True, batch_size=3), "torch")
    with pytest.raises(ValueError, match="activation 'sign' has no gradient"):
        script(SHORT.with_(activations=("tanh", "sign")), "torch")
