"""Toy data sets in the plane: small enough to see whole, hard enough to need a network.

Circle, xor, gauss, spiral, plane and bumps are those of the reference playground; moons, blobs,
rings and checkerboard add other shapes. All lie in or near the square [−6, 6]².

``noise`` runs from 0 to 1 and is meant for 0 … 0.5. Random numbers do not depend on it: the same generator
gives the same points at every noise, moved or relabelled more or less.

A page draws the same data (labs/web/datasets.js), so the order of the draws is part of each data set:
whole arrays, in the order of the code, and at the end one permutation that shuffles the samples.
"""

from __future__ import annotations

import numpy as np

from nnlib.datasets.dataset import Dataset
from nnlib.random import check_rng


def circle(n=500, noise=0.0, *, rng=None):
    """Return a disc (+1) inside a ring (−1).

    Half of the points have radius U(0, 2.5), half U(3.5, 5). The label says whether the point,
    moved by U(−5, 5)·noise in each coordinate, lies within 2.5: noise flips labels, points stay.
    """
    _check(n, noise, rng)
    inside = _half(n)
    r = np.concatenate([rng.uniform(0, 2.5, inside), rng.uniform(3.5, 5, n - inside)])
    angle = rng.uniform(0, 2 * np.pi, n)
    x, y = r * np.sin(angle), r * np.cos(angle)
    moved_x, moved_y = _moved(x, y, 5 * noise, rng)
    return _dataset(x, y, _signs(moved_x**2 + moved_y**2 < 2.5**2), rng)


def xor(n=500, noise=0.0, *, rng=None):
    """Return four quadrants, +1 where x and y have the same sign.

    x, y ~ U(−5, 5), then pushed 0.3 away from both axes. The label is that of the point moved by
    U(−5, 5)·noise in each coordinate: noise flips labels, points stay.
    """
    _check(n, noise, rng)
    x, y = rng.uniform(-5, 5, n), rng.uniform(-5, 5, n)
    x, y = x + np.where(x > 0, 0.3, -0.3), y + np.where(y > 0, 0.3, -0.3)
    moved_x, moved_y = _moved(x, y, 5 * noise, rng)
    return _dataset(x, y, _signs(moved_x * moved_y >= 0), rng)


def corners():
    """Return the truth table of XOR: the points (±3, ±3), +1 where exactly one coordinate is positive.

    All four are for training, and the same four are the test part: who learns a table has nothing to hold back.
    """
    X = [[-3, -3], [-3, 3], [3, -3], [3, 3]]
    y = [-1, 1, 1, -1]
    return Dataset(X, y, "binary", X_test=X, y_test=y, features=("x₁", "x₂"))


def gauss(n=500, noise=0.0, *, rng=None):
    """Return two normal clouds around (2, 2), +1, and (−2, −2), −1, of variance 0.5 + 7·noise."""
    _check(n, noise, rng)
    label = _first_half_positive(n)
    std = np.sqrt(0.5 + 7 * noise)
    x, y = rng.normal(0, std, n), rng.normal(0, std, n)
    return _dataset(2 * label + x, 2 * label + y, label, rng)


def spiral(n=500, noise=0.0, *, rng=None):
    """Return two arms wound around each other.

    Point i of an arm of m points has r = 5i/m and t = 1.75·2π·i/m, plus π in the second arm (−1); it lies at
    (r sin t, r cos t), moved by U(−1, 1)·noise in each coordinate.
    """
    _check(n, noise, rng)
    label = _first_half_positive(n)
    m = _half(n)
    along = np.concatenate([np.arange(m) / m, np.arange(n - m) / (n - m)])
    r, t = 5 * along, 1.75 * 2 * np.pi * along + np.where(label > 0, 0, np.pi)
    x, y = _moved(r * np.sin(t), r * np.cos(t), noise, rng)
    return _dataset(x, y, label, rng)


def moons(n=500, noise=0.0, *, rng=None):
    """Return two half circles of radius 3 that reach into each other.

    With an angle a ~ U(0, π): (3 cos a − 1.5, 3 sin a − 0.75) for +1 and its mirror image in the
    origin for −1; both coordinates plus N(0, (1.5·noise)²).
    """
    _check(n, noise, rng)
    label = _first_half_positive(n)
    angle = rng.uniform(0, np.pi, n)
    dx, dy = rng.normal(0, 1.5 * noise, n), rng.normal(0, 1.5 * noise, n)
    x, y = label * (3 * np.cos(angle) - 1.5) + dx, label * (3 * np.sin(angle) - 0.75) + dy
    return _dataset(x, y, label, rng)


def blobs(n=500, noise=0.0, classes=4, *, rng=None):
    """Return 2, 3 or 4 normal clouds, one for each class, as equal in size as n allows.

    Cloud c has its centre 4 from the origin in the direction 2πc/classes + π/4, and variance
    0.5 + 7·noise as ``gauss`` has. Two classes are −1 and +1, more are 0 … classes − 1.

    Raises
    ------
    ValueError
        For another number of classes, and what all toy sets refuse: n below 2, noise outside 0 … 1.
    """
    _check(n, noise, rng)
    if isinstance(classes, bool) or classes not in (2, 3, 4):
        raise ValueError(f"blobs has 2, 3 or 4 classes, not {classes!r}")
    label = _equal_groups(n, classes)
    direction = 2 * np.pi * label / classes + np.pi / 4
    std = np.sqrt(0.5 + 7 * noise)
    x, y = rng.normal(0, std, n), rng.normal(0, std, n)
    x, y = 4 * np.cos(direction) + x, 4 * np.sin(direction) + y
    if classes == 2:
        return _dataset(x, y, _signs(label == 1), rng)
    return _dataset(x, y, label, rng, "multiclass", tuple(str(c) for c in range(classes)))


def rings(n=500, noise=0.0, *, rng=None):
    """Return four rings around each other, +1 −1 +1 −1 from the inside, a quarter of the points each.

    Ring k = 0 … 3 has radius 1 + 1.2k + U(−0.3, 0.3); points are moved by U(−1, 1)·noise in each coordinate.
    """
    _check(n, noise, rng)
    ring = _equal_groups(n, 4)
    r = 1 + 1.2 * ring + rng.uniform(-0.3, 0.3, n)
    angle = rng.uniform(0, 2 * np.pi, n)
    x, y = _moved(r * np.sin(angle), r * np.cos(angle), noise, rng)
    return _dataset(x, y, _signs(ring % 2 == 0), rng)


def checkerboard(n=500, noise=0.0, *, rng=None):
    """Return a board of 4 × 4 squares of side 2.5, +1 where row and column number are both even or both odd.

    x, y ~ U(−5, 5), then a tenth of the way towards the middle of their square, which leaves gaps of
    0.25. The label is that of the point moved by U(−2.5, 2.5)·noise in each coordinate: noise
    flips labels, points stay.
    """
    _check(n, noise, rng)
    x, y = rng.uniform(-5, 5, n), rng.uniform(-5, 5, n)
    x, y = (0.9 * v + 0.1 * 2.5 * (np.floor(v / 2.5) + 0.5) for v in (x, y))
    moved_x, moved_y = _moved(x, y, 2.5 * noise, rng)
    return _dataset(x, y, _signs((np.floor(moved_x / 2.5) + np.floor(moved_y / 2.5)) % 2 == 0), rng)


def plane(n=1200, noise=0.0, *, rng=None):
    """Return a regression on a tilted plane: x, y ~ U(−6, 6), value (x + y)/10.

    The value is taken at the point moved by U(−6, 6)·noise in each coordinate; the points stay.
    """
    _check(n, noise, rng)
    x, y = rng.uniform(-6, 6, n), rng.uniform(-6, 6, n)
    moved_x, moved_y = _moved(x, y, 6 * noise, rng)
    return _dataset(x, y, (moved_x + moved_y) / 10, rng, "regression", ("value",))


def bumps(n=1200, noise=0.0, *, rng=None):
    """Return a regression on six cones of radius 2, three up and three down: x, y ~ U(−6, 6).

    Centres (−4, 2.5), (0, 2.5), (4, 2.5) with signs + − +, and the same at y = −2.5 with − + −. At distance d
    a cone is worth sign · max(0, 1 − d/2); the one largest in size counts. The value is taken at the
    point moved by U(−6, 6)·noise in each coordinate; the points stay.
    """
    _check(n, noise, rng)
    x, y = rng.uniform(-6, 6, n), rng.uniform(-6, 6, n)
    moved_x, moved_y = _moved(x, y, 6 * noise, rng)
    value = np.zeros(n)
    for centre_x, centre_y, sign in _BUMPS:
        cone = sign * np.maximum(0, 1 - np.sqrt((moved_x - centre_x) ** 2 + (moved_y - centre_y) ** 2) / 2)
        value = np.where(np.abs(cone) > np.abs(value), cone, value)
    return _dataset(x, y, value, rng, "regression", ("value",))


_BUMPS = ((-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1))

#: name → function(n=…, noise=…, *, rng) → Dataset.
TOY = {
    make.__name__: make
    for make in (circle, xor, gauss, spiral, moons, blobs, rings, checkerboard, plane, bumps)
}  # fmt: skip


def _check(n, noise, rng):
    check_rng(rng)
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 2:
        raise ValueError(f"n must be a whole number of samples, at least 2, not {n!r}")
    if isinstance(noise, bool) or not isinstance(noise, int | float | np.number) or not 0 <= noise <= 1:
        raise ValueError(f"noise must be a number from 0 to 1 (0.25 for 25 %), not {noise!r}")


def _half(n):
    """Return the size of the first half: of an odd number it is the larger."""
    return (n + 1) // 2


def _first_half_positive(n):
    return _signs(np.arange(n) < _half(n))


def _equal_groups(n, groups):
    """Return n group numbers in order, the first groups one larger where n cannot be divided."""
    sizes = [n // groups + (group < n % groups) for group in range(groups)]
    return np.repeat(np.arange(groups), sizes)


def _signs(condition):
    return np.where(condition, 1.0, -1.0)


def _moved(x, y, reach, rng):
    """Return x and y, each plus U(−1, 1)·reach: first all of x is drawn, then all of y."""
    dx, dy = rng.uniform(-1, 1, len(x)), rng.uniform(-1, 1, len(y))
    return x + reach * dx, y + reach * dy


def _dataset(x, y, target, rng, task="binary", names=("−1", "+1")):
    order = rng.permutation(len(x))
    X = np.stack([x, y], axis=1)
    return Dataset(X[order], target[order], task, names, features=("x₁", "x₂"))
