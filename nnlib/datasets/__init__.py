"""Data sets: toy sets and pictures drawn from a generator, real pictures, and a reader's own points.

``TOY`` maps the name of each toy set to its function. The digits are bundled; MNIST and CIFAR-10 are
downloaded when asked for, or read from a folder. Every data set is a :class:`Dataset`.
"""

from nnlib.datasets.bundled import digits
from nnlib.datasets.captchas import Captchas, captcha
from nnlib.datasets.cifar import cifar10
from nnlib.datasets.colour_shapes import shapes
from nnlib.datasets.csv import from_csv
from nnlib.datasets.dataset import Dataset
from nnlib.datasets.downloads import DownloadError
from nnlib.datasets.idx import mnist, mnist_or_digits
from nnlib.datasets.toy import (
    TOY,
    blobs,
    bumps,
    checkerboard,
    circle,
    corners,
    gauss,
    moons,
    plane,
    rings,
    spiral,
    xor,
)

__all__ = [
    "TOY",
    "Captchas",
    "Dataset",
    "DownloadError",
    "blobs",
    "bumps",
    "captcha",
    "checkerboard",
    "cifar10",
    "circle",
    "corners",
    "digits",
    "from_csv",
    "gauss",
    "mnist",
    "mnist_or_digits",
    "moons",
    "plane",
    "rings",
    "shapes",
    "spiral",
    "xor",
]
