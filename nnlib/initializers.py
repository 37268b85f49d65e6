"""Initial weights: f(shape, rng) → array.

Every rule draws one array per weight matrix (d_in, d_out), row by row, from the generator it is
given; biases are not drawn. d_in is the number of inputs of a unit ("fan in"), d_out the number of
units it feeds ("fan out").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from nnlib.registry import lookup, with_parameters


@dataclass(frozen=True)
class Initializer:
    """A rule for initial weights; calling it draws them.

    Attributes
    ----------
    name : str
        What :data:`INITIALIZERS` knows it by.
    formula, remarks : str
        The distribution in TeX, and what it is for.
    draw : callable
        ``draw(shape, rng, **parameters)``.
    parameters : mapping
        Constants with their defaults.
    """

    name: str
    formula: str
    remarks: str
    draw: Callable
    parameters: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self):
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))

    def __call__(self, shape, rng):
        """Return weights of shape (d_in, d_out), float64."""
        return self.draw(shape, rng, **self.parameters)

    def with_parameters(self, **values):
        """Return the same rule with other constants; unknown names and values that are not finite raise ValueError."""
        return with_parameters(self, values, "initializer")


def initializer(name_or_initializer):
    """Return the Initializer of a name; an Initializer is returned as it is. Unknown names raise ValueError."""
    if isinstance(name_or_initializer, Initializer):
        return name_or_initializer
    return lookup(INITIALIZERS, name_or_initializer, "initializer")


def _symmetric(limit, shape, rng):
    return rng.uniform(-limit, limit, shape)


_ENTRIES = (
    Initializer(
        "zeros", "0", "Every unit of a layer starts equal and stays equal: a trap worth seeing once.",
        lambda shape, rng: np.zeros(shape),
    ),
    Initializer(
        "constant", r"\text{value}", "The same trap with gradients that are not zero.",
        lambda shape, rng, value: np.full(shape, float(value)), {"value": 0.1},
    ),
    Initializer(
        "uniform", r"U(-\text{limit}, \text{limit})", "The reference playground's rule, blind to the layer's size.",
        lambda shape, rng, limit: _symmetric(limit, shape, rng), {"limit": 0.5},
    ),
    Initializer(
        "normal", r"N(0, \text{std}^2)", "std is the standard deviation, not the variance.",
        lambda shape, rng, std: rng.normal(0.0, std, shape), {"std": 0.1},
    ),
    Initializer(
        "xavier_uniform", r"U(-a, a),\ a = \sqrt{6/(d_{in} + d_{out})}",
        "Keeps the variance of signals and gradients where the slope at 0 is 1 (tanh). Glorot & Bengio 2010.",
        lambda shape, rng: _symmetric(np.sqrt(6 / sum(shape)), shape, rng),
    ),
    Initializer(
        "xavier_normal", r"N(0, 2/(d_{in} + d_{out}))", "The same variance, normal.",
        lambda shape, rng: rng.normal(0.0, np.sqrt(2 / sum(shape)), shape),
    ),
    Initializer(
        "he_uniform", r"U(-a, a),\ a = \sqrt{6/d_{in}}",
        "Twice the variance, because ReLU passes half of its inputs. He et al. 2015.",
        lambda shape, rng: _symmetric(np.sqrt(6 / shape[0]), shape, rng),
    ),
    Initializer(
        "he_normal", r"N(0, 2/d_{in})", "The same variance, normal: √(2/d_in) is the standard deviation.",
        lambda shape, rng: rng.normal(0.0, np.sqrt(2 / shape[0]), shape),
    ),
)  # fmt: skip

#: name → Initializer.
INITIALIZERS = {entry.name: entry for entry in _ENTRIES}
