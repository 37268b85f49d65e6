"""nnlib: the library of *From Neuron to Network*, a textbook that runs.

Networks over one flat parameter vector, everything that trains them, and the labs in which a
reader does it. The mathematics needs numpy only; figures, labs and PyTorch are loaded when first
used, and the package that downloads data sets when something is downloaded.
"""

from importlib import import_module as _import_module

from nnlib import autodiff, datasets, diagnosis, expressions, layers, linear, metrics, perceptron
from nnlib.activations import ACTIVATIONS, softmax
from nnlib.building import mlp, sequential
from nnlib.checking import gradcheck
from nnlib.initializers import INITIALIZERS
from nnlib.losses import LOSSES
from nnlib.network import Network
from nnlib.optimizers import OPTIMIZERS
from nnlib.runs import Networks
from nnlib.schedules import SCHEDULES
from nnlib.stopping import EarlyStopping
from nnlib.trainer import Trainer
from nnlib.training import track, train
from nnlib.twin import from_torch, torch_twin

__version__ = "0.1.0"

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "LOSSES",
    "OPTIMIZERS",
    "SCHEDULES",
    "EarlyStopping",
    "Network",
    "Networks",
    "Trainer",
    "autodiff",
    "datasets",
    "diagnosis",
    "exercises",
    "expressions",
    "from_torch",
    "gradcheck",
    "labs",
    "layers",
    "linear",
    "metrics",
    "mlp",
    "perceptron",
    "plots",
    "sequential",
    "softmax",
    "torch_twin",
    "track",
    "train",
]

_ON_FIRST_USE = ("exercises", "labs", "plots")  # the last two import ipywidgets and matplotlib


def __getattr__(name):
    if name in _ON_FIRST_USE:
        return _import_module(f"nnlib.{name}")
    raise AttributeError(f"module 'nnlib' has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *_ON_FIRST_USE])
