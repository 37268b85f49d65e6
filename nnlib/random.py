"""Random numbers that Python and a web page agree on.

A lab must show the same run in the kernel and in the page, so its data, initial weights and
batch order may depend on nothing but settings and seed. The generator here is *counter based*:
number k of a stream is a function of (seed, stream, k) alone, computed with 32-bit integer
arithmetic, which every language does alike. It offers the few methods of ``numpy.random.Generator``
that nnlib uses, so every function with an ``rng`` takes either.
"""

from __future__ import annotations

import numpy as np

#: One stream for each purpose: more data never changes the weights, a new batch order never the data.
STREAMS = {"data": 0, "split": 1, "weights": 2, "order": 3, "dropout": 4}

_MULTIPLIERS = np.array([0xD2511F53, 0xCD9E8D57], dtype=np.uint64)
_WEYL = (0x9E3779B9, 0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
_MAX_SEED = 2**32 - 1


def philox(counter, key):
    """Return Philox4x32-10 of counters (n, 4) under a key of two words: uint32 (n, 4).

    Ten rounds of two 32×32→64-bit products; the key grows by a Weyl constant in each round.
    Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
    """
    c0, c1, c2, c3 = np.asarray(counter, dtype=np.uint64).T
    k0, k1 = (int(word) for word in key)
    for _ in range(10):
        p0 = _MULTIPLIERS[0] * c0
        p1 = _MULTIPLIERS[1] * c2
        c0, c1, c2, c3 = (
            (p1 >> _SHIFT) ^ c1 ^ np.uint64(k0),
            p1 & _LOW,
            (p0 >> _SHIFT) ^ c3 ^ np.uint64(k1),
            p0 & _LOW,
        )
        k0 = (k0 + _WEYL[0]) & 0xFFFFFFFF
        k1 = (k1 + _WEYL[1]) & 0xFFFFFFFF
    return np.stack([c0, c1, c2, c3], axis=-1).astype(np.uint32)


class CounterGenerator:
    """A generator of uniform and normal numbers and permutations, equal in Python and JavaScript.

    Uniform number k (from 0) takes words 2(k mod 2) and 2(k mod 2) + 1 of block ⌊k/2⌋, as
    ``((a >> 5)·2²⁶ + (b >> 6)) / 2⁵³``: 53 random bits in [0, 1).

    Parameters
    ----------
    seed : int
        0 … 2³² − 1. Seed 0 is a seed like any other.
    stream : str or int
        A name of :data:`STREAMS` or its number.

    Raises
    ------
    ValueError
        For a seed out of range, or a stream that does not exist.

    Examples
    --------
    >>> CounterGenerator(0, "data").random(2).round(6).tolist()
    [0.399046, 0.735713]
    """

    def __init__(self, seed, stream="data"):
        if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= seed <= _MAX_SEED:
            raise ValueError(f"seed must be an integer from 0 to {_MAX_SEED}, not {seed!r}")
        if isinstance(stream, str):
            if stream not in STREAMS:
                raise ValueError(f"unknown stream {stream!r}; known: {', '.join(STREAMS)}")
            stream = STREAMS[stream]
        self.seed, self.stream = int(seed), int(stream)
        self.position = 0  # how many uniform numbers have been drawn

    def random(self, size=None):
        """Return uniform numbers in [0, 1): a float, or an array of the given size."""
        n = 1 if size is None else int(np.prod(size))
        first, last = self.position // 2, (self.position + n + 1) // 2
        blocks = np.zeros((last - first, 4), dtype=np.uint64)
        blocks[:, 0] = np.arange(first, last, dtype=np.uint64) & _LOW
        blocks[:, 1] = np.arange(first, last, dtype=np.uint64) >> _SHIFT
        words = philox(blocks, (self.seed, self.stream)).reshape(-1, 2).astype(np.float64)
        words = words[self.position - 2 * first :][:n]
        self.position += n
        uniforms = (np.floor(words[:, 0] / 32) * 67108864 + np.floor(words[:, 1] / 64)) / 9007199254740992
        return float(uniforms[0]) if size is None else uniforms.reshape(size)

    def uniform(self, low=0.0, high=1.0, size=None):
        """Return numbers uniform in [low, high): low + (high − low)·u."""
        return low + (high - low) * self.random(size)

    def normal(self, loc=0.0, scale=1.0, size=None):
        """Return normal numbers by Box–Muller: √(−2 ln(1 − u₁))·(cos 2πu₂, sin 2πu₂).

        Two uniforms make two numbers, taken in that order; of an odd count the last sine is dropped.
        """
        n = 1 if size is None else int(np.prod(size))
        u = self.random((n + 1) // 2 * 2).reshape(-1, 2)
        radius, angle = np.sqrt(-2 * np.log(1 - u[:, 0])), 2 * np.pi * u[:, 1]
        z = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1).ravel()[:n]
        return float(loc + scale * z[0]) if size is None else loc + scale * z.reshape(size)

    def standard_normal(self, size=None):
        """Return normal numbers of mean 0 and variance 1."""
        return self.normal(size=size)

    def permutation(self, x):
        """Return 0 … x−1 (or the rows of the array x) in random order: the stable argsort of uniforms."""
        if np.ndim(x):
            return np.asarray(x)[self.permutation(len(x))]
        return np.argsort(self.random(int(x)), kind="stable")

    def integers(self, low, high=None, size=None):
        """Return integers in [low, high), or [0, low) without high: low + ⌊(high − low)·u⌋."""
        if high is None:
            low, high = 0, low
        drawn = np.floor(low + (high - low) * np.asarray(self.random(size))).astype(np.int64)
        return int(drawn) if size is None else drawn


def check_rng(rng):
    """Return rng if it is a generator; otherwise say in a TypeError what to pass.

    numpy's global functions offer the same methods, but they would make a result depend on whatever
    ran before: so only a generator of one's own is taken.
    """
    if not isinstance(rng, np.random.Generator | CounterGenerator):
        given = "" if rng is None else f", not {rng!r}"
        raise TypeError(f"random numbers need a generator: pass rng=np.random.default_rng(0){given}")
    return rng
