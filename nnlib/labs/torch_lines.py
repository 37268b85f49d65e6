"""How PyTorch writes what nnlib has by name: pieces of the scripts that labs show."""

from __future__ import annotations

from nnlib.activations import activation
from nnlib.random import STREAMS

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


# --- random numbers: the generator of nnlib/random.py in PyTorch ------------------------------------------------

PHILOX = """\
class Philox:  # Philox4x32-10, where the lab's random numbers come from: the same in every language
    def __init__(self, seed, stream):
        self.key, self.drawn = (seed, stream), 0

    def random(self, n):  # n numbers in [0, 1); each block of four words makes two
        a = torch.arange(self.drawn // 2, (self.drawn + n + 1) // 2)
        b, c, d, low = 0 * a, 0 * a, 0 * a, 0xFFFFFFFF
        k, m = self.key
        for _ in range(10):
            p, q = 0xD2511F53 * a, 0xCD9E8D57 * c
            a, b, c, d = (q >> 32 & low) ^ b ^ k, q & low, (p >> 32 & low) ^ d ^ m, p & low
            k, m = k + 0x9E3779B9 & low, m + 0xBB67AE85 & low
        words = torch.stack([a, b, c, d], dim=1).view(-1, 2)[self.drawn % 2 :][:n]
        self.drawn += n
        return ((words[:, 0] >> 5) * 2**26 + (words[:, 1] >> 6)) / 2**53"""

NORMAL = """\
def normal(rng, n):  # n normal numbers by Box and Muller, two from each two uniform ones
    u = rng.random(n + n % 2).view(-1, 2)
    radius, angle = torch.sqrt(-2 * torch.log(1 - u[:, 0])), 2 * torch.pi * u[:, 1]
    return torch.stack([radius * torch.cos(angle), radius * torch.sin(angle)], dim=1).flatten()[:n]"""

_UNIFORM = "-a + 2 * a * rng.random(d_in * d_out)"
_NORMAL = "std * normal(rng, d_in * d_out)"

#: name → what is computed first, and the weights of a layer.
_INITIALIZERS = {
    "zeros": ("", "torch.zeros(d_in * d_out)"),
    "constant": ("", "torch.full((d_in * d_out,), 0.1)"),
    "uniform": ("a = 0.5", _UNIFORM),
    "normal": ("std = 0.1", _NORMAL),
    "xavier_uniform": ("a = math.sqrt(6 / (d_in + d_out))", _UNIFORM),
    "xavier_normal": ("std = math.sqrt(2 / (d_in + d_out))", _NORMAL),
    "he_uniform": ("a = math.sqrt(6 / d_in)", _UNIFORM),
    "he_normal": ("std = math.sqrt(2 / d_in)", _NORMAL),
}


def torch_initializer(name):
    """Return the functions that draw a layer's first weights by an initializer's rule; PHILOX must stand above them."""
    first, weights = _INITIALIZERS[name]
    first = f"    {first}\n" if first else ""
    draw = f"""\
def draw(d_in, d_out, rng=Philox(seed, {STREAMS["weights"]})):  # the rule "{name}"
{first}    return {weights}"""
    return [NORMAL, draw] if "normal" in weights else [draw]
