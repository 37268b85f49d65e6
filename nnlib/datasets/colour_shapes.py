"""Coloured shapes: pictures whose class is a form, at any place, size, angle and colour.

A form that may stand anywhere is what a convolutional network is made for and what templates cannot
hold. Colour says nothing about the class, unless ``colour_bias`` makes it do so: then a network
may learn the colour instead of the form, and a test part without the bias finds it out.
"""

from __future__ import annotations

import numpy as np

from nnlib.datasets.dataset import Dataset
from nnlib.datasets.drawing import check_drawing, equal_groups

NAMES = ("circle", "square", "triangle", "cross")

# Half-sizes that give every form the area π·r², so that its mere amount of colour tells nothing.
_SQUARE = np.sqrt(np.pi) / 2  # half a side
_TRIANGLE = np.sqrt(np.pi / (3 * np.sqrt(3)))  # radius of the inner circle; the corners are twice as far
_CROSS = np.sqrt(9 * np.pi / 20)  # half the length of an arm, which is a third as wide
_REACH = 2 * _TRIANGLE  # the farthest corner of any form
_CHUNK = 256  # pictures drawn at a time: what is worked on stays in the cache


def shapes(n=1000, size=32, noise=0.1, colour_bias=0.0, *, rng=None):
    """Return n pictures of one filled circle, square, triangle or cross each, as equal in number as n allows.

    Each form has the area π·r² with r ~ U(0.18, 0.28)·size, lies wholly inside the picture, the centre
    uniform where that is possible, and is turned by any angle. Hue, saturation and brightness are random, and the
    background is a dark grey. A pixel at the edge is mixed by the share of it that the form covers. Task
    multiclass, ``shape`` (3, size, size): X holds red, green and blue, float32 in [0, 1].

    Parameters
    ----------
    n : int
        Pictures, at least 2.
    size : int
        Width and height in pixels, at least 12: below that the forms cannot be told apart.
    noise : float
        0 … 1: each value is moved by U(−1, 1)·noise and clipped to [0, 1]. The random numbers do not depend on it.
    colour_bias : float
        0 … 1, the share of pictures whose hue is that of their class: circles red, squares yellowish green, triangles
        cyan, crosses violet. The others' hues are uniform. At 1 the hue alone gives the class away.
    rng : numpy.random.Generator or nnlib.random.CounterGenerator
        Required.

    Raises
    ------
    ValueError
        If n, size, noise or colour_bias is out of range.
    TypeError
        Without an rng.
    """
    check_drawing(n, noise, rng)
    if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 12:
        raise ValueError(f"size must be a whole number of pixels, at least 12, not {size!r}")
    if (
        isinstance(colour_bias, bool)
        or not isinstance(colour_bias, int | float | np.number)
        or not 0 <= colour_bias <= 1
    ):
        raise ValueError(f"colour_bias must be a number from 0 to 1 (0.25 for 25 %), not {colour_bias!r}")
    label = equal_groups(n, len(NAMES))[rng.permutation(n)]
    r = size * rng.uniform(0.18, 0.28, n)
    free = size / 2 - _REACH * r - 0.5  # half a pixel for the soft edge
    centre_x, centre_y = free * rng.uniform(-1, 1, n), free * rng.uniform(-1, 1, n)
    angle = rng.uniform(0, 2 * np.pi, n)
    colour = _colours(label, colour_bias, rng, n)
    background = rng.uniform(0, 0.25, n)

    pixel = np.arange(size) - (size - 1) / 2  # centres of pixels, from the middle of the picture
    X = np.empty((n, 3, size, size), np.float32)
    for start in range(0, n, _CHUNK):
        part = slice(start, start + _CHUNK)
        dx = (pixel - centre_x[part, None])[:, None, :]
        dy = (pixel - centre_y[part, None])[:, :, None]
        cos, sin = np.cos(angle[part, None, None]), np.sin(angle[part, None, None])
        x, y = cos * dx + sin * dy, cos * dy - sin * dx
        covered = np.clip(0.5 - _distance(x, y, r[part], label[part]), 0, 1)[:, None]
        ground = background[part, None, None, None]
        X[part] = ground + covered * (colour[part, :, None, None] - ground)
        X[part] += noise * rng.uniform(-1, 1, X[part].shape)
    np.clip(X, 0, 1, out=X)
    return Dataset(X.reshape(n, -1), label, "multiclass", NAMES, shape=(3, size, size))


def _distance(x, y, r, label):
    """Return how far pixels (m, size, size) lie outside the edge of their picture's form, in pixels; inside < 0."""
    out = np.empty_like(x)
    for form, distance in enumerate((_circle, _square, _triangle, _cross)):
        chosen = label == form
        out[chosen] = distance(x[chosen], y[chosen], r[chosen, None, None])
    return out


def _circle(x, y, r):
    return np.hypot(x, y) - r


def _square(x, y, r):
    return np.maximum(np.abs(x), np.abs(y)) - _SQUARE * r


def _triangle(x, y, r):
    slanted = np.sqrt(0.75) * np.abs(x) - y / 2  # the two sides that meet below, mirror images of each other
    return np.maximum(slanted, y) - _TRIANGLE * r


def _cross(x, y, r):
    x, y = np.abs(x), np.abs(y)
    return np.maximum(np.maximum(x, y) - _CROSS * r, np.minimum(x, y) - _CROSS / 3 * r)


def _colours(label, bias, rng, n):
    """Return red, green, blue (n, 3) of colours given by hue, saturation and brightness."""
    any_hue, near = rng.uniform(0, 1, n), rng.uniform(-0.06, 0.06, n)
    hue = np.where(rng.uniform(0, 1, n) < bias, label / len(NAMES) + near, any_hue)
    saturation, brightness = rng.uniform(0.6, 1, n), rng.uniform(0.6, 1, n)
    k = (np.array([5, 3, 1]) + 6 * hue[:, None]) % 6
    return brightness[:, None] * (1 - saturation[:, None] * np.clip(np.minimum(k, 4 - k), 0, 1))
