"""Data sets: toy sets drawn from a generator, and a reader's own points.

``TOY`` maps the name of each toy set to its function. Every data set is a :class:`Dataset`.
"""

from nnlib.datasets.csv import from_csv
from nnlib.datasets.dataset import Dataset
from nnlib.datasets.toy import (
    TOY,
    blobs,
    bumps,
    checkerboard,
    circle,
    gauss,
    moons,
    plane,
    rings,
    spiral,
    xor,
)

__all__ = [
    "TOY",
    "Dataset",
    "blobs",
    "bumps",
    "checkerboard",
    "circle",
    "from_csv",
    "gauss",
    "moons",
    "plane",
    "rings",
    "spiral",
    "xor",
]
