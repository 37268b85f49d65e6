"""Optimisers, sorted by complexity: each turns a gradient into a step, in place.

``step(parameters, gradient, learning_rate)`` works on flat arrays of any one shape. State (velocity,
running means) is made at the first step. With the same constants each equals its namesake in
``torch.optim``, update for update. AdamW decays only what ``weights`` marks, because biases pay no
penalty in this library.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from nnlib.registry import lookup


@dataclass
class SGD:
    """w ← w − η g. Robbins & Monro 1951."""

    def step(self, parameters, gradient, learning_rate, weights=None):
        """Change the parameters in place by one step; ``weights`` marks what AdamW decays."""
        state = self._state(parameters, 1)
        np.multiply(gradient, learning_rate, out=state[0])
        np.subtract(parameters, state[0], out=parameters)

    def _state(self, parameters, count):
        """Return ``count`` arrays like parameters, zero at first and kept from step to step."""
        if not hasattr(self, "_arrays"):
            self._arrays = [np.zeros_like(parameters) for _ in range(count)]
        return self._arrays


@dataclass
class Momentum(SGD):
    """v ← μv + g, w ← w − ηv: a heavy ball. Polyak 1964."""

    momentum: float = 0.9

    def step(self, parameters, gradient, learning_rate, weights=None):
        velocity, scratch = self._state(parameters, 2)
        velocity *= self.momentum
        velocity += gradient
        np.multiply(velocity, learning_rate, out=scratch)
        parameters -= scratch


@dataclass
class Nesterov(SGD):
    """v ← μv + g, w ← w − η(g + μv): the ball looks ahead. Nesterov 1983, in the form of Sutskever et al. 2013."""

    momentum: float = 0.9

    def step(self, parameters, gradient, learning_rate, weights=None):
        velocity, scratch = self._state(parameters, 2)
        velocity *= self.momentum
        velocity += gradient
        np.multiply(velocity, self.momentum, out=scratch)
        scratch += gradient
        scratch *= learning_rate
        parameters -= scratch


@dataclass
class AdaGrad(SGD):
    """s ← s + g², w ← w − η g/(√s + ε): every parameter its own, ever smaller rate. Duchi, Hazan, Singer 2011."""

    epsilon: float = 1e-10

    def step(self, parameters, gradient, learning_rate, weights=None):
        squares, scratch, move = self._state(parameters, 3)
        np.multiply(gradient, gradient, out=scratch)
        squares += scratch
        _scaled(gradient, squares, self.epsilon, learning_rate, scratch, move)
        parameters -= move


@dataclass
class RMSProp(SGD):
    """s ← αs + (1 − α)g², w ← w − η g/(√s + ε): AdaGrad that forgets. Tieleman & Hinton 2012."""

    decay: float = 0.99
    epsilon: float = 1e-8

    def step(self, parameters, gradient, learning_rate, weights=None):
        squares, scratch, move = self._state(parameters, 3)
        _mean_square(squares, gradient, self.decay, scratch)
        _scaled(gradient, squares, self.epsilon, learning_rate, scratch, move)
        parameters -= move


@dataclass
class Adam(SGD):
    """Running means of g and g², corrected for their start at 0; w ← w − η m̂/(√ŝ + ε). Kingma & Ba 2015.

    m ← β₁m + (1 − β₁)g, s ← β₂s + (1 − β₂)g², m̂ = m/(1 − β₁ᵗ), ŝ = s/(1 − β₂ᵗ).
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def step(self, parameters, gradient, learning_rate, weights=None):
        mean, squares, scratch, move = self._state(parameters, 4)
        self._count = getattr(self, "_count", 0) + 1
        np.multiply(gradient, 1 - self.beta1, out=scratch)
        mean *= self.beta1
        mean += scratch
        _mean_square(squares, gradient, self.beta2, scratch)
        np.sqrt(squares, out=scratch)
        scratch *= 1 / np.sqrt(1 - self.beta2**self._count)
        scratch += self.epsilon
        np.divide(mean, scratch, out=move)
        move *= learning_rate / (1 - self.beta1**self._count)
        parameters -= move


@dataclass
class AdamW(Adam):
    """Adam after w ← (1 − η·weight_decay)·w: the decay does not pass through the running means.

    ``weights`` (booleans, or 0 and 1) marks what decays; without it everything does, as in PyTorch.
    Loshchilov & Hutter 2019.
    """

    weight_decay: float = 0.01

    def step(self, parameters, gradient, learning_rate, weights=None):
        shrink = learning_rate * self.weight_decay
        parameters *= 1 - shrink if weights is None else 1 - shrink * np.asarray(weights)
        super().step(parameters, gradient, learning_rate)


def _mean_square(squares, gradient, keep, scratch):
    """squares ← keep·squares + (1 − keep)·g², in place."""
    np.multiply(gradient, gradient, out=scratch)
    scratch *= 1 - keep
    squares *= keep
    squares += scratch


def _scaled(gradient, squares, epsilon, learning_rate, scratch, move):
    """move ← η g/(√squares + ε)."""
    np.sqrt(squares, out=scratch)
    scratch += epsilon
    np.divide(gradient, scratch, out=move)
    move *= learning_rate


#: name → class of optimiser, from the simplest to the most complex.
OPTIMIZERS = {
    "sgd": SGD,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "adagrad": AdaGrad,
    "rmsprop": RMSProp,
    "adam": Adam,
    "adamw": AdamW,
}


def optimizer(name_or_optimizer):
    """Return a fresh optimiser, without state, from a name or from an optimiser with other constants."""
    if isinstance(name_or_optimizer, SGD):
        return replace(name_or_optimizer)
    return lookup(OPTIMIZERS, name_or_optimizer, "optimizer")()
