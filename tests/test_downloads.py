"""MNIST and CIFAR-10 fetched from a real server that also fails: what is kept, what is said, what stands in."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nnlib.datasets import DownloadError, cifar10, mnist, mnist_or_digits
from nnlib.datasets.cifar import CHECKSUMS as CIFAR_CHECKSUMS
from nnlib.datasets.idx import CHECKSUMS as MNIST_CHECKSUMS
from nnlib.random import CounterGenerator
from tests.miniatures import CIFAR_FILES, IMAGES, MNIST_FILES, check_cifar, check_mnist, checksums
from tests.serve_files import closed_mirror, serving

PUBLISHED = [*MNIST_CHECKSUMS.values(), *CIFAR_CHECKSUMS.values()]
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def small_sets(monkeypatch, tmp_path):
    """Expect the miniatures' checksums, and keep the tests out of the user's cache and proxy."""
    for expected, files in ((MNIST_CHECKSUMS, MNIST_FILES), (CIFAR_CHECKSUMS, CIFAR_FILES)):
        for name, checksum in checksums(files).items():
            monkeypatch.setitem(expected, name, checksum)
    monkeypatch.setenv("NNLIB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("NNLIB_MIRROR", raising=False)


@pytest.fixture
def server():
    with serving(MNIST_FILES | CIFAR_FILES) as running:
        yield running


def kept(cache):
    """Return the names in the cache; every file there must be a whole one."""
    whole = MNIST_FILES | CIFAR_FILES
    for path in cache.rglob("*"):
        assert path.read_bytes() == whole.get(path.name), f"{path.name} in the cache is not whole"
    return sorted(path.name for path in cache.rglob("*"))


@pytest.mark.parametrize(("load", "check"), [(mnist, check_mnist), (cifar10, check_cifar)])
def test_a_second_call_needs_no_network(load, check, tmp_path):
    with serving(MNIST_FILES | CIFAR_FILES) as server:
        check(load(mirror=server.mirror, progress=False))
        fetched = server.requests
    assert kept(tmp_path / "cache") == sorted(fetched)
    check(load(mirror=server.mirror, progress=False))  # the server is gone


def test_mirror_and_cache_come_from_the_argument_or_the_environment(server, tmp_path, monkeypatch):
    monkeypatch.setenv("NNLIB_MIRROR", server.mirror.rstrip("/"))
    check_mnist(mnist(cache=tmp_path / "mine", progress=False))
    assert len(kept(tmp_path / "mine")) == 4
    assert not (tmp_path / "cache").exists()
    monkeypatch.setenv("NNLIB_MIRROR", closed_mirror())
    check_mnist(mnist(mirror=server.mirror, progress=False))
    assert len(kept(tmp_path / "cache")) == 4


def test_a_bar_shows_progress_on_request(server, capsys):
    cifar10(mirror=server.mirror, progress=True)
    assert "100%" in capsys.readouterr().err
    mnist(mirror=server.mirror, progress=False)
    assert "%" not in capsys.readouterr().err


def wrong_checksum(server):
    server.files[IMAGES] = b"<html>Please log in to this hotel's network</html>"
    return server.mirror


def cut_off(server):
    server.cut = {"t10k-images-idx3-ubyte.gz"}
    return server.mirror


def not_there(server):
    del server.files["t10k-labels-idx1-ubyte.gz"]
    return server.mirror


FAULTS = [
    (lambda server: closed_mirror(), "there is no connection to the server", 0),
    (wrong_checksum, r"a file is not the expected one \(its checksum differs\)", 0),
    (cut_off, "the connection broke off before the end of a file", 2),
    (not_there, "the server answered 404 Not Found", 3),
]


@pytest.mark.parametrize(("spoil", "message", "whole_files"), FAULTS, ids=[message for _, message, _ in FAULTS])
def test_a_failed_download_says_what_to_do_and_leaves_nothing_half(spoil, message, whole_files, server, tmp_path):
    mirror = spoil(server)
    with pytest.raises(DownloadError, match=f"{mirror} failed: {message}.*mirror= or NNLIB_MIRROR.*folder="):
        mnist(mirror=mirror, progress=False)
    assert len(kept(tmp_path / "cache")) == whole_files
    assert len(server.requests) == whole_files + 2 * (mirror == server.mirror)  # the spoilt file was tried twice
    server.files, server.cut = MNIST_FILES, set()
    check_mnist(mnist(mirror=server.mirror, progress=False))


def test_cifar_fails_in_words_too(server, tmp_path):
    server.cut = set(CIFAR_FILES)
    with pytest.raises(DownloadError, match=r"broke off .* fetch cifar-10-binary\.tar\.gz by other means"):
        cifar10(mirror=server.mirror, progress=False)
    assert kept(tmp_path / "cache") == []


def test_a_damaged_file_in_the_cache_is_replaced(server, tmp_path):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / IMAGES).write_bytes(MNIST_FILES[IMAGES][:100])
    check_mnist(mnist(mirror=server.mirror, progress=False))
    assert len(kept(tmp_path / "cache")) == 4


DISK_FULL = """
import resource, sys
from nnlib.datasets import DownloadError, mnist
from nnlib.datasets.idx import CHECKSUMS
import pooch, requests
CHECKSUMS.update({checksums})
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, hard))
try:
    mnist(mirror={mirror!r}, progress=False)
except DownloadError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
print(mnist(mirror={mirror!r}, progress=False))
"""


@pytest.mark.parametrize("limit", [0, 20_000])
def test_a_disk_that_takes_no_more_leaves_nothing_half(limit, server, tmp_path):
    """The kernel refuses to write: a limit on the size of files acts where a full disk would, for root too."""
    pytest.importorskip("resource")
    code = DISK_FULL.format(checksums=checksums(MNIST_FILES), limit=limit, mirror=server.mirror)
    command = [sys.executable, "-W", "error", "-c", code]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=dict(os.environ), check=True)
    failed, again = answer.stdout.splitlines()
    assert "the file could not be kept in" in failed
    assert "File too large" in failed
    assert again.startswith("<Dataset multiclass: 60 samples + 10 for testing")
    assert server.requests[:2].count(IMAGES) == 2
    assert len(kept(tmp_path / "cache")) == 4
    assert "Warning" not in answer.stderr


def test_a_cache_that_cannot_be_a_folder_is_named(server, tmp_path):
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(DownloadError, match=f"could not be kept in {tmp_path / 'cache'}"):
        mnist(mirror=server.mirror, progress=False)


@pytest.mark.parametrize("mirror", ["ftp://example.org/", "example.org/mnist", "/home/me/mnist"])
def test_a_mirror_that_is_no_address_is_named(mirror):
    with pytest.raises(ValueError, match=f"begins with http:// or https://, not '{mirror}'"):
        mnist(mirror=mirror, progress=False)


@pytest.mark.parametrize("package", ["pooch", "tqdm"])
def test_a_missing_package_is_named(package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(DownloadError, match=f"downloads need the package {package}: .*pip install pooch tqdm"):
        mnist(mirror=closed_mirror(), progress=True)


def test_the_digits_stand_in_for_mnist(server):
    rng = CounterGenerator(0, "split")
    check_mnist(mnist_or_digits(30, rng=rng, mirror=server.mirror, progress=False), 30, 5)
    assert rng.position == 0


def test_the_digits_stand_in_with_a_warning(monkeypatch):
    monkeypatch.setenv("NNLIB_MIRROR", closed_mirror())
    with pytest.warns(UserWarning, match="8 × 8 digits stand in for MNIST: .*no connection") as warned:
        data = mnist_or_digits(rng=CounterGenerator(0, "split"), progress=False)
    assert warned[0].filename == __file__
    assert data.shape == (1, 8, 8)
    assert len(data.y) + len(data.y_test) == 1797
    with pytest.raises(TypeError, match="random numbers need a generator"):
        mnist_or_digits(progress=False)


def test_every_file_has_a_sha256():
    assert len(PUBLISHED) == 5
    assert all(re.fullmatch("sha256:[0-9a-f]{64}", checksum) for checksum in PUBLISHED)
