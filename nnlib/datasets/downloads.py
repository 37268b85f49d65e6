"""Files too large to bundle: fetched when asked for, checked, and kept in a cache that never holds half a file.

pooch does the fetching. It writes into a temporary file in the cache folder, compares the SHA-256 and only then
gives the file its name, in one step; whatever goes wrong before, the temporary file is removed. This
module adds where the files come from and go to, and says in a sentence what went wrong.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np


class DownloadError(OSError):
    """A data set could not be fetched: the message says why and what to do."""


def fetch(checksums, default_mirror, *, mirror=None, cache=None, progress=True):
    """Return the path of each file, downloading those that the cache does not hold.

    Parameters
    ----------
    checksums : dict
        File name → checksum, written "sha256:…".
    default_mirror : str
        The public address of the folder that holds the files.
    mirror : str, optional
        Another such address. Left out: ``NNLIB_MIRROR`` of the environment, or the public one.
    cache : path, optional
        The folder that keeps them. Left out: ``NNLIB_CACHE`` of the environment, or the folder for
        caches that the system has for each user.
    progress : bool
        Whether to show a bar.

    Returns
    -------
    dict
        File name → :class:`pathlib.Path`.

    Raises
    ------
    DownloadError
        If a file can neither be found in the cache nor fetched in two attempts.
    ValueError
        If the mirror is not an address that begins with http:// or https://.
    """
    try:
        import pooch

        if progress:
            import tqdm  # noqa: F401  pooch draws its bar with it
    except ImportError as error:
        raise DownloadError(
            f"downloads need the package {error.name}: install requirements.txt, or `pip install pooch tqdm`"
        ) from error
    mirror = str(mirror or os.environ.get("NNLIB_MIRROR") or default_mirror)
    if not mirror.startswith(("http://", "https://")):
        raise ValueError(f"a mirror is an address that begins with http:// or https://, not {mirror!r}")
    folder = Path(cache or os.environ.get("NNLIB_CACHE") or pooch.os_cache("nnlib")).expanduser()
    store = pooch.create(folder, mirror, registry=checksums, retry_if_failed=1)
    downloader = pooch.HTTPDownloader(progressbar=progress, chunk_size=2**16, timeout=_TIMEOUT)
    try:
        return {name: Path(store.fetch(name, downloader=downloader)) for name in checksums}
    except (OSError, ValueError) as error:
        raise DownloadError(
            f"the download from {mirror} failed: {_reason(error, folder)}. Try again later, name another mirror "
            f"(mirror= or NNLIB_MIRROR), or fetch {', '.join(checksums)} by other means and pass folder="
        ) from error


#: Seconds until a server must have answered, and between two pieces of a file.
_TIMEOUT = (10, 30)


def _reason(error, folder):
    from requests import exceptions

    if isinstance(error, exceptions.HTTPError):
        return f"the server answered {error.response.status_code} {error.response.reason}"
    if isinstance(error, exceptions.ChunkedEncodingError):
        return "the connection broke off before the end of a file"
    if isinstance(error, exceptions.RequestException):
        return "there is no connection to the server"
    if isinstance(error, OSError):
        return f"the file could not be kept in {folder} ({error.strerror or error})"
    return "a file is not the expected one (its checksum differs)"


def find(folder, names):
    """Return the path of the first of the names that the folder holds.

    Raises
    ------
    FileNotFoundError
        If it holds none of them: says what it should hold.
    """
    folder = Path(folder).expanduser()
    for name in names:
        if (folder / name).is_file():
            return folder / name
    where = f"in the folder {folder}" if folder.is_dir() else f"because there is no folder {folder}"
    raise FileNotFoundError(f"there is no file {' or '.join(names)} {where}")


def part_sizes(samples, n, n_test):
    """Return how many training and test samples to take: all, or ``samples`` and the same share of the test part.

    Raises
    ------
    ValueError
        If ``samples`` is not a whole number from 2 to n.
    """
    if samples is None:
        return n, n_test
    if isinstance(samples, bool) or not isinstance(samples, int | np.integer) or not 2 <= samples <= n:
        raise ValueError(f"samples must be a whole number from 2 to {n}, how many there are, not {samples!r}")
    return int(samples), -(-int(samples) * n_test // n)


def scaled(pixels):
    """Return bytes 0 … 255 of shape (n, …) as float32 (n, d) in [0, 1].

    Single precision, because double would fill twice the memory; the division works in place for the same reason.
    """
    X = pixels.reshape(len(pixels), -1).astype(np.float32)
    X /= 255
    return X
