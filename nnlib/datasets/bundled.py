"""The bundled pictures of handwritten digits: small enough to train on in seconds, and there without a network."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nnlib.datasets.dataset import Dataset

_FILE = Path(__file__).resolve().parents[2] / "data" / "digits.csv"


def digits():
    """Return 1 797 pictures of 8 × 8 pixels of the handwritten digits 0 … 9, not split.

    A pixel counts the ink in a block of 4 × 4 pixels of the scan, 0 … 16; X holds pixel/16, in [0, 1].
    Task multiclass, y the digit, ``shape`` (1, 8, 8).

    The pictures are the work of 13 writers. A random split puts pictures by each of them into both parts, so
    that its test error says how a network reads these hands, not how it reads a stranger's, which is harder.

    Source: Alpaydin and Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
    Repository, 1998 (CC BY 4.0). These are its test part; the 30 other writers of its training part are
    not bundled.

    Raises
    ------
    FileNotFoundError
        If nnlib is installed without the book, whose folder data/ holds the pictures.
    """
    try:
        table = np.loadtxt(_FILE, dtype=np.uint8, delimiter=",")
    except FileNotFoundError:
        raise FileNotFoundError(
            f"the bundled digits are missing: there is no {_FILE}. They come with the book: install nnlib from its "
            "folder with `pip install -e .`"
        ) from None
    return Dataset(table[:, :-1] / 16, table[:, -1], "multiclass", tuple("0123456789"), shape=(1, 8, 8))
