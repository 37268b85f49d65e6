"""How PyTorch writes what nnlib has by name: pieces of the scripts that labs show."""

from __future__ import annotations

from nnlib.activations import activation

#: name → the expression for a tensor z, and the module; None where PyTorch cannot train it.
_ACTIVATIONS = {
    "identity": ("{z}", "nn.Identity()"),
    "step": ("({z} >= 0).to({z}.dtype)", None),
    "sign": ("2.0 * ({z} >= 0) - 1", None),
    "sigmoid": ("torch.sigmoid({z})", "nn.Sigmoid()"),
    "tanh": ("torch.tanh({z})", "nn.Tanh()"),
    "relu": ("F.relu({z})", "nn.ReLU()"),
    "leaky_relu": ("F.leaky_relu({z}, {slope})", "nn.LeakyReLU({slope})"),
    "prelu": ("F.prelu({z}, torch.tensor({slope}, dtype={z}.dtype))", "nn.PReLU()"),
    "elu": ("F.elu({z}, {alpha})", "nn.ELU()"),
    "gelu": ("F.gelu({z})", "nn.GELU()"),
    "silu": ("F.silu({z})", "nn.SiLU()"),
    "swish": ("{z} * torch.sigmoid({beta} * {z})", "nn.SiLU()"),
    "softplus": ("F.softplus({z}, threshold=1e9)", "nn.Softplus(threshold=1e9)"),
}


def torch_activation(entry, z):
    """Return the expression for an activation of the tensor named ``z``; torch and F must be imported."""
    entry = activation(entry)
    return _ACTIVATIONS[entry.name][0].format(z=z, **entry.parameters)


def torch_module(entry):
    """Return the module of an activation with its usual parameters; nn must be imported.

    Raises
    ------
    ValueError
        For an activation that has no gradient.
    """
    entry = activation(entry)
    module = _ACTIVATIONS[entry.name][1]
    if module is None:
        raise ValueError(f"activation {entry.name!r} has no gradient, so PyTorch cannot train it; choose another")
    return module.format(**entry.parameters)
