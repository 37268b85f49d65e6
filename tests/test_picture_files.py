"""The formats of MNIST and CIFAR-10, read from a reader's folder: whole files, and every kind of bad one."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from nnlib.datasets import cifar10, mnist
from nnlib.datasets.idx import read_idx
from tests.miniatures import (
    CIFAR_ARRAYS,
    CIFAR_FILES,
    CIFAR_MEMBERS,
    IMAGES,
    MNIST_ARRAYS,
    MNIST_FILES,
    check_cifar,
    check_mnist,
    idx_bytes,
    tar_bytes,
)


def write(folder, files):
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def renamed(name, dotted, packed):
    name = name.replace("-idx", ".idx") if dotted else name
    return name if packed else name.removesuffix(".gz")


@pytest.mark.parametrize("dotted", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_mnist_is_read_from_a_folder(dotted, packed, tmp_path):
    contents = MNIST_FILES if packed else {name: idx_bytes(array) for name, array in MNIST_ARRAYS.items()}
    check_mnist(mnist(write(tmp_path, {renamed(name, dotted, packed): contents[name] for name in contents})))


def test_files_unpacked_under_their_old_names_are_read(tmp_path):
    check_mnist(mnist(write(tmp_path, {name: idx_bytes(array) for name, array in MNIST_ARRAYS.items()})))


def test_cifar_is_read_from_a_folder(tmp_path):
    packed = CIFAR_FILES["cifar-10-binary.tar.gz"]
    check_cifar(cifar10(write(tmp_path / "packed", {"cifar-10-binary.tar.gz": packed})))
    check_cifar(cifar10(write(tmp_path / "plain", {"cifar-10-binary.tar": gzip.decompress(packed)})))


def test_what_a_folder_lacks_is_named(tmp_path):
    names = r"t10k-labels-idx1-ubyte\.gz or t10k-labels-idx1-ubyte or t10k-labels\.idx1-ubyte\.gz or"
    with pytest.raises(FileNotFoundError, match=f"there is no file {names}.* in the folder {tmp_path}"):
        mnist(write(tmp_path, {name: content for name, content in MNIST_FILES.items() if "t10k-labels" not in name}))
    with pytest.raises(FileNotFoundError, match=r"cifar-10-binary\.tar\.gz .* because there is no folder .*nowhere"):
        cifar10(tmp_path / "nowhere")


def test_only_some_samples_can_be_asked_for(tmp_path):
    check_mnist(mnist(write(tmp_path, MNIST_FILES), samples=31), 31, 6)
    check_cifar(cifar10(write(tmp_path, CIFAR_FILES), samples=15), 15, 2)


@pytest.mark.parametrize("samples", [0, 1, 61, -3, 2.5, "10", True])
@pytest.mark.parametrize(("load", "files"), [(mnist, MNIST_FILES), (cifar10, CIFAR_FILES)])
def test_a_bad_number_of_samples_is_named(load, files, samples, tmp_path):
    with pytest.raises(
        ValueError, match=f"samples must be a whole number from 2 to 60, how many there are, not {samples!r}"
    ):
        load(write(tmp_path, files), samples=samples)


# --- the formats ------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None, database=None)
@given(arrays(np.uint8, array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5)), st.booleans(), st.data())
def test_idx_is_read_whole_or_refused(tmp_path_factory, array, packed, data):
    path = tmp_path_factory.getbasetemp() / "array.idx"
    content = gzip.compress(idx_bytes(array)) if packed else idx_bytes(array)
    path.write_bytes(content)
    np.testing.assert_array_equal(read_idx(path, array.ndim), array)
    path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    with pytest.raises(ValueError, match=r"array\.idx"):
        read_idx(path, array.ndim)


@settings(max_examples=60, deadline=None, database=None)
@given(st.sampled_from([b"", b"\x1f\x8b", b"\x1f\x8b\x08", bytes([0, 0, 8, 1])]), st.binary(max_size=60))
def test_any_bytes_are_an_array_or_a_sentence(tmp_path_factory, start, rest):
    path = tmp_path_factory.getbasetemp() / "any.idx"
    path.write_bytes(start + rest)
    try:
        assert read_idx(path, 1).ndim == 1
    except ValueError as error:
        assert str(path) in str(error)


IMAGE_ARRAY, LABEL_ARRAY = MNIST_ARRAYS[IMAGES], MNIST_ARRAYS["train-labels-idx1-ubyte.gz"]
BAD_MNIST = [
    (
        {"images": b"<html>"},
        r"train-images.* should begin with the number 2051, .* 3 dimension\(s\) .* but begins with 1013478509",
    ),
    ({"images": b""}, r"train-images.* should begin with the number 2051, .* but begins with 0"),
    ({"images": idx_bytes(LABEL_ARRAY)}, "train-images.* should begin with the number 2051, .* but begins with 2049"),
    ({"labels": idx_bytes(IMAGE_ARRAY)}, r"train-labels.* should begin with the number 2049, .* but begins with 2051"),
    ({"images": b"\0\0\r\3" + idx_bytes(IMAGE_ARRAY)[4:]}, "2051, .* of bytes, but begins with 3331"),  # float32
    (
        {"images": idx_bytes(IMAGE_ARRAY)[:9]},
        "train-images.* ends within its head, after 9 bytes of 16: fetch it again",
    ),
    ({"images": idx_bytes(IMAGE_ARRAY)[:-1]}, "has 47055 bytes, but 60 × 28 × 28 values .* take 47056: it is damaged"),
    ({"labels": idx_bytes(LABEL_ARRAY) + b"\0"}, "has 69 bytes, but 60 values and the head before them take 68"),
    ({"images": MNIST_FILES[IMAGES][:5000]}, "train-images.* cannot be unpacked .* cut off or damaged; fetch it again"),
    ({"images": MNIST_FILES[IMAGES][:-6] + b"\0" * 6}, "train-images.* cannot be unpacked .*CRC"),
    ({"images": MNIST_FILES[IMAGES][:10] + b"\xff" * 20}, "train-images.* cannot be unpacked .*invalid block type"),
    ({"images": idx_bytes(IMAGE_ARRAY[:, :14])}, "holds pictures of 14 × 28 pixels; MNIST's have 28 × 28"),
    ({"images": idx_bytes(IMAGE_ARRAY[:0]), "labels": idx_bytes(LABEL_ARRAY[:0])}, "train-images.* holds no pictures"),
    ({"images": idx_bytes(IMAGE_ARRAY[:59])}, "train-images.* holds 59 pictures, but .*train-labels.* 60 labels"),
    ({"labels": idx_bytes(np.append(LABEL_ARRAY[:-1], 10).astype(np.uint8))}, r"holds label 10 at place 59 .* 0 … 9"),
]


@pytest.mark.parametrize(("wrong", "message"), BAD_MNIST, ids=[message for _, message in BAD_MNIST])
def test_a_bad_mnist_file_is_named(wrong, message, tmp_path):
    files = {f"train-{kind}-idx{3 if kind == 'images' else 1}-ubyte.gz": content for kind, content in wrong.items()}
    with pytest.raises(ValueError, match=message):
        mnist(write(tmp_path, MNIST_FILES | files))


def test_cifar_is_read_whole_or_refused(tmp_path):
    content = CIFAR_FILES["cifar-10-binary.tar.gz"]
    for length in (*range(0, 600, 50), *range(600, len(content), 20_000), len(content) - 1):
        for spoilt in (content[:length], content[:length] + b"\xff" * 999):
            with pytest.raises(
                ValueError, match=r"cifar-10-binary\.tar\.gz (cannot be unpacked|does not hold|holds label)"
            ):
                cifar10(write(tmp_path, {"cifar-10-binary.tar.gz": spoilt}))


def test_a_changed_byte_in_the_cifar_archive_is_noticed(tmp_path):
    packed = bytearray(gzip.compress(gzip.decompress(CIFAR_FILES["cifar-10-binary.tar.gz"]), compresslevel=0))
    packed[len(packed) // 2] ^= 1  # a colour: nothing but the checksum can tell
    with pytest.raises(ValueError, match=r"cannot be unpacked \(CRC check failed"):
        cifar10(write(tmp_path, {"cifar-10-binary.tar.gz": bytes(packed)}))


def with_member(name, content):
    return CIFAR_MEMBERS | {f"cifar-10-batches-bin/{name}.bin": content}


def label_of(name, record, label):
    records = CIFAR_ARRAYS[name].copy()
    records[record, 0] = label
    return with_member(name, records.tobytes())


BAD_CIFAR = [
    ({"a.txt": b"hello"}, "does not hold .*data_batch_1.bin, .*test_batch.bin; .* binary version"),
    (
        {name: content for name, content in CIFAR_MEMBERS.items() if "batch_3" not in name},
        r"does not hold cifar-10-batches-bin/data_batch_3\.bin; ",
    ),
    (
        with_member("data_batch_2", bytes(3072)),
        r"data_batch_2\.bin in .*tar\.gz has 3072 bytes, .* no multiple of 3073",
    ),
    (with_member("test_batch", b""), r"test_batch\.bin in .*tar\.gz has 0 bytes"),
    (label_of("data_batch_5", 7, 10), r"data_batch_5\.bin in .*tar\.gz holds label 10 in record 7 .* 0 … 9"),
    (label_of("test_batch", 0, 255), r"test_batch\.bin in .*tar\.gz holds label 255 in record 0"),
]


@pytest.mark.parametrize(("members", "message"), BAD_CIFAR, ids=[message for _, message in BAD_CIFAR])
def test_a_bad_cifar_archive_is_named(members, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        cifar10(write(tmp_path, {"cifar-10-binary.tar.gz": tar_bytes(members)}))


def test_names_in_an_archive_cannot_leave_it(tmp_path):
    members = {"../escaped.bin": b"x", "/tmp/nnlib-escaped.bin": b"x"} | CIFAR_MEMBERS
    check_cifar(cifar10(write(tmp_path / "archive", {"cifar-10-binary.tar.gz": tar_bytes(members)})))
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["archive", "cifar-10-binary.tar.gz"]
    assert not Path("/tmp/nnlib-escaped.bin").exists()
