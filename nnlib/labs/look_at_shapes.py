"""The shapes lab: from layer widths to matrices, parameters, memory and work."""

from __future__ import annotations

from nnlib.labs.lab import make
from nnlib.labs.messages import MESSAGES
from nnlib.labs.scene import ScenePlan
from nnlib.labs.settings import Field

_WIDTHS = (1, 2, 3, 4, 5, 6, 8, 10, 16, 20, 32, 50, 64, 100, 128, 256, 512, 784, 1000, 1024, 2048, 3072, 4096)
_LARGEST = 1_000_000
_UNITS = Field("scale", _WIDTHS, minimum=1, maximum=_LARGEST, whole=True)
_MAYBE = Field("scale", (0, *_WIDTHS), minimum=0, maximum=_LARGEST, whole=True)
_BUILT = 1_000_000  # networks with no more parameters than this are also built by the script

#: The fields that are layers, in order; 0 leaves a hidden layer out.
LAYERS = ("inputs", "hidden_1", "hidden_2", "hidden_3", "outputs")


def widths(settings):
    """Return the widths of the layers that are there."""
    return [width for width in (getattr(settings, name) for name in LAYERS) if width]


def _numbers(settings):
    sizes = widths(settings)
    weights = sum(d_in * d_out for d_in, d_out in zip(sizes, sizes[1:]))
    biases = sum(sizes[1:])
    numbers = {
        "layers": len(sizes) - 1,
        "weights": weights,
        "biases": biases,
        "parameters": weights + biases,
        "bytes_float32": 4 * (weights + biases),
        "bytes_float64": 8 * (weights + biases),
        "multiply_adds": weights,
        "multiply_adds_batch": settings.samples * weights,
    }
    each = [d_in * d_out + d_out for d_in, d_out in zip(sizes, sizes[1:])]
    return numbers | {f"parameters_{k + 1}": each[k] if k < len(each) else None for k in range(len(LAYERS) - 1)}


def _describe(settings):
    sizes = " → ".join(str(width) for width in widths(settings))
    return MESSAGES["alt_shapes"].format(widths=sizes, **_numbers(settings))


def _draw(settings):
    from nnlib.labs.draw_shapes import draw

    return draw(settings)


def _nnlib(settings):
    built = _numbers(settings)["parameters"] <= _BUILT
    imports = "import numpy as np\n\nimport nnlib\n\n" if built else ""
    check = """
net = nnlib.mlp(widths, rng=np.random.default_rng(0))
assert net.parameters.size == weights + biases
"""
    return f"""\
{imports}widths, samples = {widths(settings)}, {settings.samples}
layers = list(zip(widths, widths[1:]))  # (d_in, d_out) is the shape of each W
weights = sum(d_in * d_out for d_in, d_out in layers)
biases = sum(d_out for d_in, d_out in layers)  # one for each unit
print("layers", len(layers))
print("weights", weights)
print("biases", biases)
print("parameters", weights + biases)
print("bytes_float32", 4 * (weights + biases))
print("bytes_float64", 8 * (weights + biases))
print("multiply_adds", weights)
print("multiply_adds_batch", samples * weights)
for k, (d_in, d_out) in enumerate(layers, 1):
    print(f"parameters_{{k}}", d_in * d_out + d_out)
{check if built else ""}"""


def _torch(settings):
    return f"""\
import torch

widths, samples = {widths(settings)}, {settings.samples}
with torch.device("meta"):  # shapes only, no memory
    layers = [torch.nn.Linear(d_in, d_out) for d_in, d_out in zip(widths, widths[1:])]
weights = sum(layer.weight.numel() for layer in layers)  # PyTorch stores W as (d_out, d_in)
biases = sum(layer.bias.numel() for layer in layers)
print("layers", len(layers))
print("weights", weights)
print("biases", biases)
print("parameters", weights + biases)
print("bytes_float32", torch.float32.itemsize * (weights + biases))
print("bytes_float64", torch.float64.itemsize * (weights + biases))
print("multiply_adds", weights)
print("multiply_adds_batch", samples * weights)
for k, layer in enumerate(layers, 1):
    print(f"parameters_{{k}}", sum(p.numel() for p in layer.parameters()))
"""


SHAPES = ScenePlan(
    name="shapes",
    specs={
        "inputs": Field("scale", (*_WIDTHS, 12_288, 50_176, 150_528), minimum=1, maximum=_LARGEST, whole=True),
        "hidden_1": _MAYBE,
        "hidden_2": _MAYBE,
        "hidden_3": _MAYBE,
        "outputs": _UNITS,
        "samples": Field("scale", (1, 2, 3, 4, 5, 8, 10, 16, 32, 64, 100, 128, 256, 512, 1024, 4096), minimum=1,
                         maximum=_LARGEST, whole=True),
    },
    groups={"group_widths": LAYERS, "group_batch": ("samples",)},
    values={
        "start": {"inputs": 3, "hidden_1": 0, "hidden_2": 0, "hidden_3": 0, "outputs": 4, "samples": 5},
        "playground": {"inputs": 2, "hidden_1": 8, "hidden_2": 8, "outputs": 1, "samples": 10},
        "mnist": {"inputs": 784, "hidden_1": 128, "outputs": 10, "samples": 64},
        "image": {"inputs": 150_528, "outputs": 4096, "samples": 32},
    },
    numbers=_numbers,
    describe=_describe,
    draw=_draw,
    scripts={"nnlib": _nnlib, "torch": _torch},
)  # fmt: skip


def shapes(preset="start", **settings):
    """Show the shapes lab: layer widths against matrices drawn to scale, parameters, memory and multiply–adds.

    Parameters
    ----------
    preset : str
        Where to begin: ``"start"`` (3 → 4), ``"playground"`` (2 → 8 → 8 → 1), ``"mnist"`` (784 → 128 → 10) or
        ``"image"`` (150 528 → 4096).
    **settings
        ``inputs``, ``hidden_1``, ``hidden_2``, ``hidden_3`` (0 leaves a layer out), ``outputs``, ``samples``.

    Returns
    -------
    SceneLab

    Raises
    ------
    ValueError
        For a preset or setting that does not exist, or a value it does not allow.
    """
    return make(SHAPES, preset, **settings)
