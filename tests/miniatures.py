"""MNIST and CIFAR-10 in miniature: a few random pictures in the true formats, and checks that they were read well."""

import gzip
import hashlib
import io
import tarfile

import numpy as np


def checksums(files):
    return {name: f"sha256:{hashlib.sha256(content).hexdigest()}" for name, content in files.items()}


def idx_bytes(array):
    """Return a uint8 array as an IDX file."""
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


def small_mnist(n=60, n_test=10):
    """Return (files, arrays) of a MNIST with so many pictures; of a file and its array the names are equal."""
    rng = np.random.default_rng(0)
    arrays = {}
    for part, count in (("train", n), ("t10k", n_test)):
        arrays[f"{part}-images-idx3-ubyte.gz"] = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        arrays[f"{part}-labels-idx1-ubyte.gz"] = rng.permutation(np.arange(count) % 10).astype(np.uint8)
    return {name: gzip.compress(idx_bytes(array), mtime=0) for name, array in arrays.items()}, arrays


def tar_bytes(members):
    """Return an archive .tar.gz of files, name → bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def small_cifar(n=12, n_test=6):
    """Return (members, arrays) of a CIFAR-10 with n pictures in each of its five batches, n_test in the test batch."""
    rng = np.random.default_rng(0)
    members, arrays = {"cifar-10-batches-bin/batches.meta.txt": b"airplane\nautomobile\n"}, {}
    for name, count in [*((f"data_batch_{i}", n) for i in range(1, 6)), ("test_batch", n_test)]:
        records = rng.integers(0, 256, (count, 3073), dtype=np.uint8)
        records[:, 0] = rng.permutation(np.arange(count) % 10)
        arrays[name] = records
        members[f"cifar-10-batches-bin/{name}.bin"] = records.tobytes()
    return members, arrays


MNIST_FILES, MNIST_ARRAYS = small_mnist()
CIFAR_MEMBERS, CIFAR_ARRAYS = small_cifar()
CIFAR_FILES = {"cifar-10-binary.tar.gz": tar_bytes(CIFAR_MEMBERS)}
IMAGES = "train-images-idx3-ubyte.gz"


def check_mnist(data, n=60, n_test=10):
    pixels = [MNIST_ARRAYS[f"{part}-images-idx3-ubyte.gz"] for part in ("train", "t10k")]
    digits = [MNIST_ARRAYS[f"{part}-labels-idx1-ubyte.gz"] for part in ("train", "t10k")]
    assert data.X.dtype == data.X_test.dtype == np.float32
    assert data.shape == (1, 28, 28)
    assert data.names == tuple("0123456789")
    np.testing.assert_allclose(data.images, pixels[0][:n] / 255, rtol=1e-7)
    np.testing.assert_allclose(data.images_test, pixels[1][:n_test] / 255, rtol=1e-7)
    assert data.y.tolist() == digits[0][:n].tolist()
    assert data.y_test.tolist() == digits[1][:n_test].tolist()


def check_cifar(data, n=60, n_test=6):
    train = np.concatenate([CIFAR_ARRAYS[f"data_batch_{i}"] for i in range(1, 6)])[:n]
    test = CIFAR_ARRAYS["test_batch"][:n_test]
    assert data.X.dtype == data.X_test.dtype == np.float32
    assert data.shape == (3, 32, 32)
    assert (data.names[0], data.names[9], data.classes) == ("airplane", "truck", 10)
    for images, y, records in ((data.images, data.y, train), (data.images_test, data.y_test, test)):
        assert y.tolist() == records[:, 0].tolist()
        for channel in range(3):  # the format: 1 label, 1 024 red, 1 024 green, 1 024 blue
            plane = records[:, 1 + 1024 * channel : 1025 + 1024 * channel].reshape(-1, 32, 32)
            np.testing.assert_allclose(images[..., channel], plane / 255, rtol=1e-7)
