"""CIFAR-10, 60 000 small photographs of ten kinds of things: downloaded on request, or read from its archive."""

from __future__ import annotations

import numpy as np

from nnlib.datasets.dataset import Dataset
from nnlib.datasets.downloads import fetch, find, part_sizes, scaled

MIRROR = "https://www.cs.toronto.edu/~kriz/"

#: The archive for C programs: plain bytes. The one for Python is pickled, and loading a pickle runs what it says.
CHECKSUMS = {"cifar-10-binary.tar.gz": "sha256:c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"}

_NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
_BATCHES = tuple(f"cifar-10-batches-bin/data_batch_{i}.bin" for i in range(1, 6))
_TEST_BATCH = "cifar-10-batches-bin/test_batch.bin"
_SHAPE = (3, 32, 32)
_RECORD = 1 + 3 * 32 * 32


def cifar10(folder=None, *, samples=None, mirror=None, cache=None, progress=True):
    """Return 50 000 colour pictures for training and 10 000 for testing, 32 × 32 pixels each, of ten classes.

    X holds colour/255 in [0, 1] as float32: first all of red, row by row, then green, then blue. y is 0 … 9, an
    index into ``names`` (airplane … truck); task multiclass, ``shape`` (3, 32, 32). The test part is the
    official one.

    The archive (170 MB) is downloaded once and kept. In memory X and X_test take 740 MB together, and making
    them 350 MB more; on a small machine, such as Binder's, ask for fewer ``samples``: 10 000 take 150 MB, and
    220 MB more while they are made.

    Source: Krizhevsky, "Learning multiple layers of features from tiny images", technical report, University of
    Toronto, 2009.

    Parameters
    ----------
    folder : path, optional
        Read ``cifar-10-binary.tar.gz`` (or ``.tar``) from here, without a network.
    samples : int, optional
        Take only so many training samples, the first ones, and of the test part the same share, rounded up.
    mirror : str, optional
        The address of a folder that holds the archive. Left out: ``NNLIB_MIRROR`` of the environment, or
        the author's.
    cache : path, optional
        The folder that keeps the download. Left out: ``NNLIB_CACHE`` of the environment, or the
        user's folder for caches.
    progress : bool
        Whether a download shows a bar.

    Raises
    ------
    DownloadError
        If the archive cannot be fetched: says why and what to do. Half a file is never kept.
    FileNotFoundError
        If the folder lacks the archive.
    ValueError
        If the archive is not what it should be: says what was expected and what was found.
    """
    if folder is None:
        (path,) = fetch(CHECKSUMS, MIRROR, mirror=mirror, cache=cache, progress=progress).values()
    else:
        path = find(folder, ["cifar-10-binary.tar.gz", "cifar-10-binary.tar"])
    batches = _records(path)
    test = batches.pop(_TEST_BATCH)
    train = np.concatenate([batches.pop(name) for name in _BATCHES])  # popped: not in memory twice from here on
    n, n_test = part_sizes(samples, len(train), len(test))
    return Dataset(
        scaled(train[:n, 1:]),
        train[:n, 0],
        "multiclass",
        _NAMES,
        scaled(test[:n_test, 1:]),
        test[:n_test, 0],
        shape=_SHAPE,
    )


def _records(path):
    """Return the batches in the archive: member → uint8 (n, 3073), a label and then the picture.

    The members are read where they are. Nothing is extracted, so no name in the archive can lead out of a folder.
    """
    import gzip
    import tarfile
    import zlib

    open_file = gzip.open if path.suffix == ".gz" else open
    batches = {}
    try:
        with open_file(path, "rb") as file, tarfile.open(fileobj=file, mode="r:") as archive:
            for member in archive:
                if member.isfile() and member.name in (*_BATCHES, _TEST_BATCH):
                    batches[member.name] = _checked(archive.extractfile(member).read(), f"{member.name} in {path}")
            file.read()  # on to the end, where gzip keeps the checksum of it all
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path} cannot be unpacked ({error}): it is cut off or damaged; fetch it again") from None
    missing = [name for name in (*_BATCHES, _TEST_BATCH) if name not in batches]
    if missing:
        raise ValueError(
            f"{path} does not hold {', '.join(missing)}; the archive needed is CIFAR-10's binary version "
            "(for C programs), cifar-10-binary.tar.gz"
        )
    return batches


def _checked(content, name):
    if not content or len(content) % _RECORD:
        raise ValueError(
            f"{name} has {len(content)} bytes, which is no multiple of {_RECORD} (a label and 3 × 32 × 32 colours): "
            "the archive is damaged; fetch it again"
        )
    records = np.frombuffer(content, np.uint8).reshape(-1, _RECORD)
    labels = records[:, 0]
    if (labels > 9).any():
        place = int(np.argmax(labels > 9))
        raise ValueError(
            f"{name} holds label {labels[place]} in record {place} (counted from 0); classes are 0 … 9: the archive is "
            "damaged or another one (CIFAR-100 has two labels a record); fetch CIFAR-10's again"
        )
    return records
