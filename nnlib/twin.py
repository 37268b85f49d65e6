"""The same network in PyTorch: equal layers, equal weights.

PyTorch is this book's second witness and the reader's next tool. This is the only module that
imports torch, and it does so when it is first used, so that labs start without it.
"""

from __future__ import annotations

from nnlib.layers import Dense


def torch_twin(network):
    """Return a ``torch.nn.Sequential`` that computes what the network computes.

    Weights are copied, at the network's precision: PyTorch stores them (d_out, d_in), the
    transpose of ours. A learned slope becomes ``nn.PReLU``'s parameter.

    Raises
    ------
    ImportError
        If torch is not installed: says how to install it.
    """
    torch = _torch()
    modules = []
    for layer in network.layers:
        if isinstance(layer, Dense):
            linear = torch.nn.Linear(layer.d_in, layer.d_out, dtype=torch.from_numpy(network.parameters).dtype)
            with torch.no_grad():
                linear.weight.copy_(torch.from_numpy(layer.W.T.copy()))
                linear.bias.copy_(torch.from_numpy(layer.b.copy()))
            modules.append(linear)
        else:
            modules.append(torch_activation(layer.activation, layer.constants).to(modules[-1].weight.dtype))
    return torch.nn.Sequential(*modules)


def torch_activation(activation, constants=None):
    """Return the torch module of an :class:`~nnlib.activations.Activation`, with the same constants, in float64."""
    torch = _torch()
    nn = torch.nn
    p = dict(activation.parameters if constants is None else constants)
    modules = {
        "identity": nn.Identity,
        "step": lambda: _elementwise(lambda z: (z >= 0).to(z.dtype)),
        "sign": lambda: _elementwise(lambda z: 2 * (z >= 0).to(z.dtype) - 1),
        "sigmoid": nn.Sigmoid,
        "tanh": nn.Tanh,
        "relu": nn.ReLU,
        "leaky_relu": lambda: nn.LeakyReLU(p["slope"]),
        "prelu": lambda: nn.PReLU(init=p["slope"], dtype=torch.float64),
        "elu": lambda: nn.ELU(p["alpha"]),
        "gelu": nn.GELU,
        "silu": nn.SiLU,
        "swish": lambda: _elementwise(lambda z: z * torch.sigmoid(p["beta"] * z)),
        # Above the threshold torch returns z: 20, its default, is off by 2e-9; far above 40 its exp overflows.
        "softplus": lambda: nn.Softplus(threshold=40),
    }
    if activation.name not in modules:
        raise ValueError(f"activation {activation.name!r} has no twin in PyTorch yet; add it to nnlib/twin.py")
    return modules[activation.name]()


def _elementwise(function):
    """Wrap a function of tensors as a module, for what torch.nn has no module for."""
    torch = _torch()

    class Elementwise(torch.nn.Module):
        def forward(self, z):
            return function(z)

    return Elementwise()


def _torch():
    try:
        import torch
    except ImportError as error:
        raise ImportError(
            "torch_twin needs PyTorch: install requirements.txt, or `pip install torch==2.13.0`"
        ) from error
    return torch
