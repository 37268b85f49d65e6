"""The same network in PyTorch, and a PyTorch network in nnlib: equal layers, equal weights.

PyTorch is this book's second witness and the reader's next tool. This is the only module that
imports torch, and it does so when it is first used, so that labs start without it.
"""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace

import numpy as np

from nnlib.activations import activation as resolve_activation
from nnlib.building import sequential
from nnlib.layers import (
    Activate,
    AveragePool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPool2D,
    Residual,
)


def torch_twin(network):
    """Return a ``torch.nn.Sequential`` that computes what the network computes.

    It takes inputs of shape (n, ``*network.input_shape``). Weights and running statistics are copied,
    at the network's precision: PyTorch stores a dense layer's weights as (d_out, d_in), the
    transpose of ours, and a convolution's as (C_out, C_in, k, k). A learned slope becomes
    ``nn.PReLU``'s parameter. The twin is in evaluation mode, so that ``twin(x)`` equals ``network(X)``;
    call ``twin.train()`` before training it, as for any PyTorch network with dropout or batch
    normalisation.

    Raises
    ------
    ImportError
        If torch is not installed: says how to install it.
    ValueError
        For a layer or an activation of the reader's own, which has no twin.
    """
    torch = _torch()
    with torch.random.fork_rng(devices=[]):  # new modules draw weights nobody keeps; the reader's seed is spared
        twin = _twins(network.layers).to(torch.from_numpy(network.parameters).dtype)
    with torch.no_grad():
        for layer, module in zip(network.layers, twin):
            for array, tensor in _shared(layer, module):
                tensor.copy_(torch.from_numpy(array.copy()))
    return twin.eval()


def from_torch(module, input_shape, task=None):
    """Return the network that computes what a ``torch.nn.Sequential`` computes, in evaluation mode.

    Weights, running statistics and constants are copied, at the module's precision. Sequentials inside it
    are taken apart; a layer without bias gets biases of 0, which training may change.

    Parameters
    ----------
    module : torch.nn.Sequential
        Of ``Linear``, ``Conv2d``, ``MaxPool2d``, ``AvgPool2d``, ``BatchNorm1d``, ``BatchNorm2d``, ``Dropout``,
        ``Flatten``, the activations that nnlib has, and the residual blocks of :func:`torch_twin`.
    input_shape : tuple of int, or int
        The shape of one sample, as for :func:`nnlib.sequential`.
    task : str, optional
        How outputs are read, as for :func:`nnlib.sequential`.

    Raises
    ------
    ValueError
        For a module that nnlib has no layer for (names it and those it knows), an option that
        nnlib's layer does not have, and weights that do not fit ``input_shape``.
    """
    torch = _torch()
    if not isinstance(module, torch.nn.Sequential):
        raise ValueError(f"from_torch takes a torch.nn.Sequential, not {type(module).__name__}; write it as one")
    modules = _in_a_row(module)
    layers = [_layer(each) for each in modules]
    network = sequential(
        input_shape, layers, init="zeros", rng=np.random.default_rng(0), task=task, dtype=_dtype(module)
    )  # nothing is drawn: zeros wait for the weights
    for layer, each in zip(layers, modules):
        _copy_back(layer, each)
    return network


def torch_activation(activation, constants=None):
    """Return the torch module of an :class:`~nnlib.activations.Activation`, with the same constants, in float64.

    Raises
    ------
    ValueError
        For an activation whose twin this module does not know.
    """
    torch = _torch()
    nn = torch.nn
    p = dict(activation.parameters if constants is None else constants)

    def own(function):
        return _own_modules().Elementwise(function, activation)

    modules = {
        "identity": nn.Identity,
        "step": lambda: own(lambda z: (z >= 0).to(z.dtype)),
        "sign": lambda: own(lambda z: 2 * (z >= 0).to(z.dtype) - 1),
        "sigmoid": nn.Sigmoid,
        "tanh": nn.Tanh,
        "relu": nn.ReLU,
        "leaky_relu": lambda: nn.LeakyReLU(p["slope"]),
        "prelu": lambda: nn.PReLU(init=p["slope"], dtype=torch.float64),
        "elu": lambda: nn.ELU(p["alpha"]),
        "gelu": nn.GELU,
        "silu": nn.SiLU,
        "swish": lambda: own(lambda z: z * torch.sigmoid(p["beta"] * z)),
        # Above the threshold torch returns z: 20, its default, is off by 2e-9; far above 40 its exp overflows.
        "softplus": lambda: nn.Softplus(threshold=40),
    }
    if activation.name not in modules:
        raise ValueError(f"activation {activation.name!r} has no twin in PyTorch yet; add it to nnlib/twin.py")
    return modules[activation.name]()


# --- from layers to modules ---------------------------------------------------------------------------------


def _twins(layers):
    return _torch().nn.Sequential(*(_twin(layer) for layer in layers))


def _twin(layer):
    nn = _torch().nn
    modules = {
        Dense: lambda: nn.Linear(layer.d_in, layer.units),
        Activate: lambda: torch_activation(layer.activation, layer.constants),
        Flatten: nn.Flatten,
        Conv2D: lambda: nn.Conv2d(layer.input_shape[0], layer.channels, layer.kernel, layer.stride, layer.padding),
        MaxPool2D: lambda: nn.MaxPool2d(layer.window, layer.stride),
        AveragePool2D: lambda: nn.AvgPool2d(layer.window, layer.stride),
        Dropout: lambda: nn.Dropout(layer.rate),
        BatchNorm: lambda: _batch_norm(layer),
        Residual: lambda: _own_modules().Residual(_twins(layer.layers), _twins(layer.shortcut)),
    }
    if type(layer) not in modules:
        raise ValueError(f"layer {layer!r} has no twin in PyTorch; known: {', '.join(t.__name__ for t in modules)}")
    return modules[type(layer)]()


def _batch_norm(layer):
    nn = _torch().nn
    kind = nn.BatchNorm2d if len(layer.input_shape) == 3 else nn.BatchNorm1d
    return kind(layer.features, layer.epsilon, layer.momentum)


def _shared(layer, module):
    """Yield what layer and module both hold, as pairs of an array and a tensor (None where the module has none).

    The arrays are live views in PyTorch's layout, so that the pairs serve for copying both ways.
    """
    if isinstance(layer, Residual):
        for path in ("layers", "shortcut"):
            for inner, its_module in zip(getattr(layer, path), _in_a_row(getattr(module, path))):
                yield from _shared(inner, its_module)
    elif isinstance(layer, Dense):
        yield from ((layer.W.T, module.weight), (layer.b, module.bias))
    elif isinstance(layer, Conv2D):
        yield from ((layer.kernels, module.weight), (layer.b, module.bias))
    elif isinstance(layer, BatchNorm):
        yield from ((layer.gamma, module.weight), (layer.beta, module.bias))
        yield from ((layer.running_mean, module.running_mean), (layer.running_variance, module.running_var))
    elif layer.size:
        yield layer.learned, module.weight


# --- from modules to layers ---------------------------------------------------------------------------------


def _layer(module):
    """Return the layer of a module, with its constants, still without its weights."""
    nn, own = _torch().nn, _own_modules()
    layers = {
        nn.Linear: lambda: Dense(module.out_features),
        nn.Conv2d: lambda: Conv2D(module.out_channels, module.kernel_size, module.stride, _padding(module)),
        nn.MaxPool2d: lambda: MaxPool2D(module.kernel_size, module.stride),
        nn.AvgPool2d: lambda: AveragePool2D(module.kernel_size, module.stride),
        nn.BatchNorm1d: lambda: BatchNorm(module.momentum, module.eps),
        nn.BatchNorm2d: lambda: BatchNorm(module.momentum, module.eps),
        nn.Dropout: lambda: Dropout(module.p),
        nn.Flatten: Flatten,
        nn.Identity: lambda: Activate("identity"),
        nn.Sigmoid: lambda: Activate("sigmoid"),
        nn.Tanh: lambda: Activate("tanh"),
        nn.ReLU: lambda: Activate("relu"),
        nn.LeakyReLU: lambda: _activate("leaky_relu", slope=module.negative_slope),
        nn.PReLU: lambda: Activate("prelu"),
        nn.ELU: lambda: _activate("elu", alpha=module.alpha),
        nn.GELU: lambda: Activate("gelu"),
        nn.SiLU: lambda: Activate("silu"),
        nn.Softplus: lambda: Activate("softplus"),
        own.Elementwise: lambda: Activate(module.activation),
        own.Residual: lambda: Residual(*([_layer(m) for m in _in_a_row(path)] for path in module.children())),
    }
    if type(module) not in layers:
        known = ", ".join(kind.__name__ for kind in layers if kind is not own.Elementwise)
        raise ValueError(f"nnlib has no layer for {type(module).__name__}. Known: {known}.")
    for option, only in _ONLY.get(type(module).__name__, {}).items():
        value = getattr(module, option)
        if value not in (only, (only, only)):
            raise ValueError(f"{module!r} has {option}={value!r}; nnlib's layer knows {option}={only!r} only")
    return layers[type(module)]()


#: Options of modules that nnlib's layers do not have, with the value that stands for doing without.
_ONLY = {
    "Conv2d": {"dilation": 1, "groups": 1, "padding_mode": "zeros"},
    "MaxPool2d": {"padding": 0, "dilation": 1, "ceil_mode": False, "return_indices": False},
    "AvgPool2d": {"padding": 0, "ceil_mode": False, "divisor_override": None},
    "BatchNorm1d": {"track_running_stats": True},
    "BatchNorm2d": {"track_running_stats": True},
    "Flatten": {"start_dim": 1, "end_dim": -1},
    "PReLU": {"num_parameters": 1},
    "GELU": {"approximate": "none"},
    "Softplus": {"beta": 1},
}


def _activate(name, **constants):
    return Activate(resolve_activation(name).with_parameters(**constants))


def _padding(convolution):
    return 0 if convolution.padding == "valid" else convolution.padding


def _in_a_row(module):
    """Return the modules of a Sequential in order, with the Sequentials inside it taken apart."""
    nn, modules = _torch().nn, []
    for each in module:
        modules += _in_a_row(each) if isinstance(each, nn.Sequential) else [each]
    return modules


def _dtype(module):
    kinds = {str(tensor.dtype).removeprefix("torch.") for tensor in module.parameters()}
    if not kinds <= {"float32", "float64"} or len(kinds) > 1:
        raise ValueError(f"the parameters are {' and '.join(sorted(kinds))}; make all float32 or float64 first")
    return np.dtype(kinds.pop() if kinds else "float64")


def _copy_back(layer, module):
    for array, tensor in _shared(layer, module):
        if tensor is None:
            continue  # the layer was made with what doing without means: biases 0, γ = 1
        if array.shape != tuple(tensor.shape):
            raise ValueError(
                f"{module!r} holds weights of shape {tuple(tensor.shape)}, but in this place, with inputs of the "
                f"shape {layer.input_shape}, they would have {array.shape}; check input_shape"
            )
        array[...] = tensor.detach().cpu().numpy()


# --- torch, when it is needed -------------------------------------------------------------------------------


@cache
def _own_modules():
    """Return the classes of modules for what torch.nn has none for."""
    nn = _torch().nn

    class Elementwise(nn.Module):
        """A function of tensors as a module; it remembers which activation it is the twin of."""

        def __init__(self, function, activation):
            super().__init__()
            self.function, self.activation = function, activation

        def forward(self, z):
            return self.function(z)

    class Residual(nn.Module):
        """y = layers(x) + shortcut(x); without modules, the shortcut is x itself."""

        def __init__(self, layers, shortcut):
            super().__init__()
            self.layers, self.shortcut = layers, shortcut

        def forward(self, x):
            return self.layers(x) + self.shortcut(x)

    return SimpleNamespace(Elementwise=Elementwise, Residual=Residual)


def _torch():
    try:
        import torch
    except ImportError as error:
        raise ImportError(
            "torch_twin needs PyTorch: install requirements.txt, or `pip install torch==2.13.0`"
        ) from error
    return torch
