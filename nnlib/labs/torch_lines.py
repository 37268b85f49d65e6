"""How PyTorch writes what nnlib has by name: pieces of the scripts that labs show."""

from __future__ import annotations

from nnlib.activations import activation

_ACTIVATIONS = {
    "identity": "{z}",
    "step": "({z} >= 0).to({z}.dtype)",
    "sign": "2.0 * ({z} >= 0) - 1",
    "sigmoid": "torch.sigmoid({z})",
    "tanh": "torch.tanh({z})",
    "relu": "F.relu({z})",
    "leaky_relu": "F.leaky_relu({z}, {slope})",
    "prelu": "F.prelu({z}, torch.tensor({slope}, dtype={z}.dtype))",
    "elu": "F.elu({z}, {alpha})",
    "gelu": "F.gelu({z})",
    "silu": "F.silu({z})",
    "swish": "{z} * torch.sigmoid({beta} * {z})",
    "softplus": "F.softplus({z}, threshold=1e9)",
}


def torch_activation(entry, z):
    """Return the expression for an activation of the tensor named ``z``; torch and F must be imported."""
    entry = activation(entry)
    return _ACTIVATIONS[entry.name].format(z=z, **entry.parameters)
