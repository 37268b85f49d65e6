"""MNIST, 70 000 handwritten digits: downloaded on request, or read from the four files a reader has."""

from __future__ import annotations

import math
import warnings
from pathlib import Path

import numpy as np

from nnlib.datasets.bundled import digits
from nnlib.datasets.dataset import Dataset
from nnlib.datasets.downloads import DownloadError, fetch, find, part_sizes, scaled
from nnlib.random import check_rng

MIRROR = "https://ossci-datasets.s3.amazonaws.com/mnist/"

CHECKSUMS = {
    "train-images-idx3-ubyte.gz": "sha256:440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "sha256:3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "sha256:8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "sha256:f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}

_SIDE = 28


def mnist(folder=None, *, samples=None, mirror=None, cache=None, progress=True):
    """Return 60 000 pictures of handwritten digits for training and 10 000 for testing, 28 × 28 pixels each.

    X holds pixel/255 in [0, 1] as float32, y the digit; task multiclass, ``shape`` (1, 28, 28). The test part
    is the official one, written by other people than the training part.

    The four files (12 MB) are downloaded once and kept. In memory X and X_test take 220 MB together, and
    making them 100 MB more; on a small machine ask for fewer ``samples``.

    Source: LeCun, Cortes and Burges, "The MNIST database of handwritten digits", 1998; made from
    NIST's Special Databases 1 and 3.

    Parameters
    ----------
    folder : path, optional
        Read the four files from here, without a network. They may be compressed with gzip or not, and
        called ``train-images-idx3-ubyte`` or ``train-images.idx3-ubyte``, and so on.
    samples : int, optional
        Take only so many training samples, the first ones, and of the test part the same share, rounded up.
    mirror : str, optional
        The address of a folder that holds the files. Left out: ``NNLIB_MIRROR`` of the environment, or
        a public one.
    cache : path, optional
        The folder that keeps the downloads. Left out: ``NNLIB_CACHE`` of the environment, or the
        user's folder for caches.
    progress : bool
        Whether a download shows a bar.

    Raises
    ------
    DownloadError
        If the files cannot be fetched: says why and what to do. Half a file is never kept.
    FileNotFoundError
        If the folder lacks a file.
    ValueError
        If a file is not what it should be: names it, what was expected and what was found.
    """
    if folder is None:
        paths = fetch(CHECKSUMS, MIRROR, mirror=mirror, cache=cache, progress=progress)
        train = (paths["train-images-idx3-ubyte.gz"], paths["train-labels-idx1-ubyte.gz"])
        test = (paths["t10k-images-idx3-ubyte.gz"], paths["t10k-labels-idx1-ubyte.gz"])
    else:
        train, test = ([find(folder, names) for names in _spellings(part)] for part in ("train", "t10k"))
    (images, labels), (images_test, labels_test) = _part(*train), _part(*test)
    n, n_test = part_sizes(samples, len(labels), len(labels_test))
    return Dataset(
        scaled(images[:n]),
        labels[:n],
        "multiclass",
        tuple("0123456789"),
        scaled(images_test[:n_test]),
        labels_test[:n_test],
        shape=(1, _SIDE, _SIDE),
    )


def mnist_or_digits(samples=None, *, rng=None, mirror=None, cache=None, progress=True):
    """Return MNIST if it can be had, else the bundled digits with one fifth of them for testing.

    So that a chapter runs without a network. It must then ask the data for the pictures' ``shape``, which is
    (1, 28, 28) or (1, 8, 8); digits and names are the same. The fallback is said in a warning.

    Parameters
    ----------
    samples : int, optional
        How many training samples of MNIST to take, as in :func:`mnist`.
    rng : numpy.random.Generator or nnlib.random.CounterGenerator
        Required: it splits the bundled digits, stratified. MNIST comes split.
    mirror, cache, progress
        As in :func:`mnist`.

    Raises
    ------
    TypeError
        Without an rng.
    """
    check_rng(rng)
    try:
        return mnist(samples=samples, mirror=mirror, cache=cache, progress=progress)
    except DownloadError as error:
        warnings.warn(f"the bundled 8 × 8 digits stand in for MNIST: {error}", stacklevel=2)
        return digits().split(0.8, rng=rng, stratify=True)


def _spellings(part):
    """Return the names that the file of images and that of labels may have, of "train" or "t10k"."""
    return [
        [f"{part}-{kind}{mark}{form}-ubyte{end}" for mark in "-." for end in (".gz", "")]
        for kind, form in (("images", "idx3"), ("labels", "idx1"))
    ]


def _part(images_path, labels_path):
    images, labels = read_idx(images_path, 3), read_idx(labels_path, 1)
    if images.shape[1:] != (_SIDE, _SIDE):
        raise ValueError(
            f"{images_path} holds pictures of {images.shape[1]} × {images.shape[2]} pixels; MNIST's have "
            f"{_SIDE} × {_SIDE}: it belongs to another data set"
        )
    if len(images) != len(labels):
        raise ValueError(
            f"{images_path} holds {len(images)} pictures, but {labels_path} {len(labels)} labels: take both files "
            "from one source"
        )
    if not len(images):
        raise ValueError(f"{images_path} holds no pictures: it is not MNIST's; fetch it again")
    if (labels > 9).any():
        place = int(np.argmax(labels > 9))
        raise ValueError(
            f"{labels_path} holds label {labels[place]} at place {place} (counted from 0); digits are 0 … 9: it "
            "belongs to another data set or is damaged"
        )
    return images, labels


def read_idx(path, dimensions):
    """Return the bytes in an IDX file, compressed with gzip or not, as a uint8 array of so many dimensions.

    IDX is the format of MNIST's files. All numbers are big-endian: two zero bytes, one byte for the type (8: one
    byte a value), one for the number of dimensions, four bytes for each of their sizes, then the values.

    Raises
    ------
    ValueError
        If the file is cut off or damaged, of another type or number of dimensions, or of a length that
        does not fit its sizes.
    """
    content = _content(Path(path))
    head = 4 + 4 * dimensions
    magic = int.from_bytes(content[:4], "big")
    if magic != 0x800 + dimensions:
        raise ValueError(
            f"{path} should begin with the number {0x800 + dimensions}, the mark of IDX files with {dimensions} "
            f"dimension(s) of bytes, but begins with {magic}: it is another file, or unpacked wrongly; fetch it again"
        )
    shape = tuple(int.from_bytes(content[place : place + 4], "big") for place in range(4, head, 4))
    if len(content) < head:
        raise ValueError(f"{path} ends within its head, after {len(content)} bytes of {head}: fetch it again")
    length = head + math.prod(shape)
    if len(content) != length:
        raise ValueError(
            f"{path} has {len(content)} bytes, but {' × '.join(map(str, shape))} values and the head before them take "
            f"{length}: it is damaged; fetch it again"
        )
    return np.frombuffer(content, np.uint8, offset=head).reshape(shape)


def _content(path):
    content = path.read_bytes()
    if content[:2] != b"\x1f\x8b":  # the mark of gzip
        return content
    import gzip
    import zlib

    try:
        return gzip.decompress(content)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path} cannot be unpacked ({error}): it is cut off or damaged; fetch it again") from None
