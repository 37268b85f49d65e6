"""Change every real-valued random number by 1e-12 of itself: far below what any reader can see.

A claim that does not survive this is a claim about single bits: sums in BLAS and functions such as tanh differ by as
much between processors, and chaotic training amplifies it. Drawn integers and permutations stay as they are, since
what is chosen is not a matter of rounding. The library knows nothing of this: its generators are wrapped from outside.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import wraps

import numpy as np

from nnlib.random import CounterGenerator

RELATIVE = 1e-12

#: The real-valued draws that book and library make, in both kinds of generators.
REAL = ("random", "uniform", "normal", "standard_normal", "exponential", "laplace", "standard_t", "beta", "gamma")


@contextmanager
def perturbed(seed):
    """Change what ``default_rng`` and ``CounterGenerator`` draw, a little and differently for each seed.

    The change is a function of the number drawn: what draws the same twice does so here, too. Generators that are made
    in the context draw on as usual when it has ended. PyTorch's draws stay as they are.
    """
    inside = []  # a draw may be made of other draws; only the one that was asked for is changed

    def wrapped(draw, real):
        @wraps(draw)
        def method(self, *arguments, **options):
            inside.append(draw)
            try:
                values = draw(self, *arguments, **options)
            finally:
                inside.pop()
            if inside or not real:
                return values
            changed = values * (1 + RELATIVE * np.sin(1e9 * seed * values))
            return changed.astype(values.dtype) if isinstance(values, np.ndarray) else float(changed)

        return method

    real = {name: wrapped(getattr(np.random.Generator, name), True) for name in REAL}
    generator = type("Generator", (np.random.Generator,), real)
    was = np.random.default_rng, {name: vars(CounterGenerator)[name] for name in _draws(CounterGenerator)}
    np.random.default_rng = lambda seed=None: generator(was[0](seed).bit_generator)
    for name, draw in was[1].items():
        setattr(CounterGenerator, name, wrapped(draw, name in REAL))
    try:
        yield
    finally:
        inside.append(None)  # for numpy's generators that were made here
        np.random.default_rng = was[0]
        for name, draw in was[1].items():
            setattr(CounterGenerator, name, draw)


def _draws(kind):
    """Return the names of a class's public methods."""
    return [name for name, member in vars(kind).items() if callable(member) and not name.startswith("_")]
