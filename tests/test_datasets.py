"""The Dataset: what it accepts, what it says about bad data, and how it splits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib.datasets import TOY, Dataset
from nnlib.random import CounterGenerator

X = np.arange(12.0).reshape(6, 2)
SIGNS = np.array([-1, 1, 1, -1, 1, -1])


def test_binary():
    data = Dataset(X.tolist(), SIGNS.tolist(), "binary")
    assert data.X.dtype == data.y.dtype == np.float64
    assert data.names == ("−1", "+1")
    assert data.classes == 2
    assert data.labels.tolist() == [-1, 1]
    assert data.features == ("x1", "x2")
    assert (data.X_test, data.y_test) == (None, None)
    assert repr(data) == "<Dataset binary: 6 samples, 2 features of 2 classes>"


def test_multiclass():
    data = Dataset(X, [0, 2, 1, 1, 0, 2], "multiclass", ("cat", "dog", "owl"))
    assert np.issubdtype(data.y.dtype, np.integer)
    assert data.classes == 3
    assert data.labels.tolist() == [0, 1, 2]
    assert Dataset(X, [0, 4, 1, 1, 0, 2], "multiclass").names == ("0", "1", "2", "3", "4")


def test_regression():
    data = Dataset(X, [0, 1, 2, 3, 4, 5], "regression")
    assert data.y.dtype == np.float64
    assert data.names == ("value",)
    assert data.classes == 0
    assert data.labels.size == 0


@pytest.mark.parametrize(
    ("y", "task"),
    [([1, -1, 1], "binary"), ([1.0, -1.0, 1.0], "binary"), ([0, 1, 2], "multiclass"), ([0.0, 1.0, 2.0], "regression")],
)
def test_the_task_follows_from_the_labels(y, task):
    assert Dataset(X[:3], y).task == task


def test_a_dataset_cannot_be_changed():
    with pytest.raises(AttributeError):
        Dataset(X, SIGNS, "binary").task = "regression"


def replaced(array, place, value):
    array = np.array(array, dtype=float)
    array[place] = value
    return array


BAD = [
    ((X, SIGNS, "clasification"), {}, "task must be one of binary, multiclass, regression, not 'clasification'"),
    ((X, SIGNS[:5], "binary"), {}, r"X has shape \(6, 2\) and y \(5,\)"),
    ((X, SIGNS[:, None], "binary"), {}, r"X has shape \(6, 2\) and y \(6, 1\)"),
    ((X[:, 0], SIGNS, "binary"), {}, r"X has shape \(6,\) and y \(6,\)"),
    ((X[:0], SIGNS[:0], "binary"), {}, r"X has shape \(0, 2\): there is no data"),
    ((X[:, :0], SIGNS, "binary"), {}, r"X has shape \(6, 0\): there is no data"),
    (([[1, 2], [3]], [1, -1], "binary"), {}, "X must hold numbers in rows of equal length"),
    (([["a", "b"]], [1], "binary"), {}, "X must hold numbers"),
    ((replaced(X, (4, 1), np.nan), SIGNS, "binary"), {}, "X holds nan in row 4, column 1"),
    ((replaced(X, (2, 0), -np.inf), SIGNS, "binary"), {}, "X holds -inf in row 2, column 0"),
    ((X, replaced(SIGNS, 3, np.nan), "regression"), {}, "y holds nan in row 3"),
    ((X, (SIGNS + 1) // 2, "binary"), {}, "binary labels must be −1 or .1, but y holds 0 in row 0"),
    ((X, replaced(SIGNS, 5, 2), "binary"), {}, "but y holds 2 in row 5"),
    ((X, SIGNS, "multiclass"), {}, "class labels must be 0, 1, 2, …, but y holds -1 in row 0"),
    ((X, [0, 1, 1.5, 0, 1, 0], "multiclass"), {}, r"but y holds 1\.5 in row 2"),
    ((X, np.ones(6), "binary"), {}, r"all 6 samples are of one class \(1\)"),
    ((X, np.full(6, 3), "multiclass"), {}, r"all 6 samples are of one class \(3\)"),
    ((X, SIGNS, "binary", ("a",)), {}, "names has 1"),
    ((X, [0, 1, 2, 0, 1, 2], "multiclass", ("a", "b")), {}, "y holds class 2, but only 2 classes are named"),
    ((X, np.arange(6), "regression", ("a", "b")), {}, "names has 2"),
    ((X, SIGNS, "binary"), {"features": ("x",)}, "1 features are named, but X has 2 columns"),
    ((X, SIGNS, "binary"), {"shape": (3,)}, r"a sample of shape \(3,\) has 3 numbers, but X has 2 columns"),
    ((X, SIGNS, "binary"), {"shape": (1, 2, 2)}, r"a sample of shape \(1, 2, 2\) has 4 numbers, but X has 2"),
    ((X, SIGNS, "binary"), {"shape": (-1, -2)}, r"shape must hold whole numbers from 1 on, .* not \(-1, -2\)"),
    ((X, SIGNS, "binary"), {"shape": (1, 2.0)}, r"shape must hold whole numbers from 1 on, .* not \(1, 2\.0\)"),
    ((X, SIGNS, "binary"), {"shape": (1, True, 2)}, "shape must hold whole numbers from 1 on"),
    ((X, SIGNS, "binary"), {"shape": "2"}, "shape must hold whole numbers from 1 on, .* not '2'"),
    ((X, SIGNS, "binary"), {"X_test": X}, "must be given together"),
    ((X, SIGNS, "binary"), {"X_test": X[:, :1], "y_test": SIGNS}, r"X has shape \(6, 2\), but X_test has \(6, 1\)"),
    ((X, SIGNS, "binary"), {"X_test": X, "y_test": SIGNS[:4]}, r"X_test has shape \(6, 2\) and y_test \(4,\)"),
    ((X, SIGNS, "binary"), {"X_test": replaced(X, (1, 1), np.nan), "y_test": SIGNS}, "X_test holds nan in row 1"),
    ((X, SIGNS, "binary"), {"X_test": X, "y_test": SIGNS * 2}, "y_test holds -2 in row 0"),
]


@pytest.mark.parametrize(("arguments", "keywords", "message"), BAD, ids=[message for *_, message in BAD])
def test_bad_data_are_named(arguments, keywords, message):
    with pytest.raises(ValueError, match=message):
        Dataset(*arguments, **keywords)


# --- pictures ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("shape", "kept"), [((), (6,)), (6, (6,)), ([2, 3], (2, 3)), ((1, 2, np.int64(3)), (1, 2, 3))])
def test_the_shape_of_a_sample(shape, kept):
    data = Dataset(np.arange(24).reshape(4, 6), [0, 1, 0, 1], "multiclass", shape=shape)
    assert data.shape == kept
    assert data.split(0.5, rng=CounterGenerator(0)).shape == kept


@settings(deadline=None, database=None, max_examples=40)
@given(st.sampled_from([1, 3]), st.integers(1, 5), st.integers(1, 4), st.sampled_from([np.float32, np.float64]))
def test_images_are_what_imshow_takes(channels, height, width, dtype):
    shape = (channels, height, width)
    samples = np.arange(4 * channels * height * width, dtype=dtype).reshape(4, *shape)
    data = Dataset(samples.reshape(4, -1), [0, 1, 2, 3], "multiclass", shape=shape)
    assert data.images_test is None
    parts = data.split(0.5, rng=CounterGenerator(1))
    for images, y in ((data.images, data.y), (parts.images, parts.y), (parts.images_test, parts.y_test)):
        assert images.shape == (len(y), height, width) + (3,) * (channels == 3)
        for image, i in zip(images, y):
            planes = [image] if channels == 1 else [image[:, :, c] for c in range(3)]
            np.testing.assert_array_equal(np.array(planes), samples[i])
    assert np.shares_memory(data.images, data.X)
    assert f"{channels}×{height}×{width} features" in repr(data)


@pytest.mark.parametrize("shape", [(), (2, 6), (2, 2, 3), (12, 1, 1), (1, 1, 4, 3)])
def test_samples_that_are_not_pictures_say_so(shape):
    data = Dataset(np.zeros((4, 12)), [0, 1, 0, 1], "multiclass", shape=shape)
    with pytest.raises(ValueError, match=r"are not pictures; those have shape \(1, height, width\)"):
        data.images  # noqa: B018


def test_single_precision_is_kept_and_nothing_copied():
    data = Dataset(X.astype(np.float32), SIGNS, "binary", (), X, SIGNS)
    assert data.X.dtype == data.X_test.dtype == np.float32
    assert data.y.dtype == data.y_test.dtype == np.float64
    assert np.shares_memory(data.X, data.training_part.X)
    assert data.training_part.split(0.5, rng=CounterGenerator(0)).X_test.dtype == np.float32
    for numbers in (X.astype(np.float16), X.astype(np.int8), X.tolist()):
        assert Dataset(numbers, SIGNS, "binary").X.dtype == np.float64
    assert Dataset(X, SIGNS, "binary", (), X.astype(np.float32), SIGNS).X_test.dtype == np.float64


# --- split ------------------------------------------------------------------------------------------------------


def rows(*parts):
    """Return the samples of (X, y) parts as a sorted list, to compare sets of them."""
    return sorted((*x, y) for X, y in parts for x, y in zip(X.tolist(), y.tolist()))


def numbered(n, y=None, task="regression"):
    return Dataset(np.arange(2.0 * n).reshape(n, 2), np.arange(n) if y is None else y, task)


@settings(deadline=None)
@given(st.integers(2, 60), st.floats(0.001, 0.999), st.integers(0, 9))
def test_split_keeps_every_sample_once_and_rounds_down(n, share, seed):
    data = numbered(n)
    parts = data.split(share, rng=CounterGenerator(seed, "split"))
    assert len(parts.y) == min(max(int(n * share), 1), n - 1)
    assert rows((parts.X, parts.y), (parts.X_test, parts.y_test)) == rows((data.X, data.y))
    assert (parts.task, parts.names, parts.features) == (data.task, data.names, data.features)
    assert data.X_test is None


@pytest.mark.parametrize("n", [500, 1200])
@pytest.mark.parametrize("percent", range(10, 100, 10))
def test_split_in_tens_of_percent_is_exact(n, percent):
    assert len(numbered(n).split(percent / 100, rng=CounterGenerator(0)).y) == n * percent // 100


def test_split_takes_the_first_part_of_one_permutation():
    order = CounterGenerator(3, "split").permutation(10)
    parts = numbered(10).split(0.35, rng=CounterGenerator(3, "split"))
    assert parts.y.tolist() == order[:3].tolist()
    assert parts.y_test.tolist() == order[3:].tolist()


def test_split_shuffles_and_follows_its_generator():
    first, again, other = (numbered(50).split(0.5, rng=np.random.default_rng(seed)).y.tolist() for seed in (0, 0, 1))
    assert first == again != other
    assert first != sorted(first)


@settings(deadline=None)
@given(st.lists(st.integers(2, 30), min_size=2, max_size=4), st.floats(0.01, 0.99), st.integers(0, 9))
def test_a_stratified_split_rounds_down_in_each_class(counts, share, seed):
    y = CounterGenerator(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    data = numbered(len(y), y, "multiclass")
    parts = data.split(share, rng=CounterGenerator(seed), stratify=True)
    assert rows((parts.X, parts.y), (parts.X_test, parts.y_test)) == rows((data.X, data.y))
    for c, count in enumerate(counts):
        assert (parts.y == c).sum() == min(max(int(count * share), 1), count - 1)


def test_a_stratified_split_stays_shuffled():
    parts = TOY["circle"](rng=CounterGenerator(0)).split(0.5, rng=CounterGenerator(0), stratify=True)
    assert (parts.y == 1).sum() == 125
    assert (np.diff(parts.y) != 0).sum() > 10


def test_a_validation_part_holds_nothing_of_the_test_part():
    whole = numbered(40).split(0.75, rng=CounterGenerator(0, "split"))
    part = whole.training_part
    assert (part.X_test, part.y_test) == (None, None)
    assert rows((part.X, part.y)) == rows((whole.X, whole.y))
    chosen = part.split(0.8, rng=CounterGenerator(1, "split"))
    assert rows((chosen.X, chosen.y), (chosen.X_test, chosen.y_test)) == rows((whole.X, whole.y))
    assert not {*chosen.y, *chosen.y_test} & {*whole.y_test}
    assert part.training_part.y.tolist() == part.y.tolist()


def test_a_part_may_hold_one_class_only():
    parts = Dataset(X[:2], [1, -1], "binary").split(0.5, rng=CounterGenerator(0))
    assert parts.classes == 2
    assert parts.names == ("−1", "+1")
    classes = numbered(3, [0, 1, 2], "multiclass").split(0.5, rng=CounterGenerator(0))
    assert classes.classes == 3


@pytest.mark.parametrize("share", [0, 1, -0.5, 1.5, 50, float("nan"), "half", None, True])
def test_a_bad_share_is_named(share):
    with pytest.raises(ValueError, match=f"train_share must be a number between 0 and 1 .*, not {share!r}"):
        numbered(6).split(share, rng=CounterGenerator(0))


@pytest.mark.parametrize("rng", [None, 0, np.random])
def test_split_asks_for_a_generator(rng):
    with pytest.raises(TypeError, match=r"pass rng=np\.random\.default_rng\(0\)"):
        numbered(6).split(0.5, rng=rng)


def test_splits_that_make_no_sense_are_refused():
    rng = CounterGenerator(0)
    with pytest.raises(ValueError, match="already split"):
        numbered(6).split(0.5, rng=rng).split(0.5, rng=rng)
    with pytest.raises(ValueError, match=r"the data set has 1 sample\(s\)"):
        numbered(1).split(0.5, rng=rng)
    with pytest.raises(ValueError, match="stratify needs classes"):
        numbered(6).split(0.5, rng=rng, stratify=True)
    with pytest.raises(ValueError, match=r"class \+1 has 1 sample\(s\)"):
        numbered(3, [-1, 1, -1], "binary").split(0.5, rng=rng, stratify=True)


# --- what every toy set refuses ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TOY)
@pytest.mark.parametrize("rng", [None, 0, np.random, "seed"])
def test_a_generator_is_asked_for(name, rng):
    with pytest.raises(TypeError, match=r"pass rng=np\.random\.default_rng\(0\)"):
        TOY[name](rng=rng)


@pytest.mark.parametrize("name", TOY)
@pytest.mark.parametrize("noise", [-0.1, 1.01, 25, float("nan"), "0.1", None, True])
def test_bad_noise_is_named(name, noise):
    with pytest.raises(ValueError, match=f"noise must be a number from 0 to 1 .* not {noise!r}"):
        TOY[name](noise=noise, rng=CounterGenerator(0))


@pytest.mark.parametrize("name", TOY)
@pytest.mark.parametrize("n", [1, 0, -5, 2.5, "10", True])
def test_a_bad_number_of_samples_is_named(name, n):
    with pytest.raises(ValueError, match=f"n must be a whole number of samples, at least 2, not {n!r}"):
        TOY[name](n, rng=CounterGenerator(0))


@pytest.mark.parametrize("name", TOY)
def test_no_global_state_is_read_or_changed(name):
    results = []
    for seed in (1, 2):
        np.random.seed(seed)
        before = np.random.get_state()[1].copy()
        data = TOY[name](40, 0.2, rng=np.random.default_rng(0)).split(0.5, rng=np.random.default_rng(0))
        results.append([*data.X.ravel(), *data.y_test])
        assert (np.random.get_state()[1] == before).all()
    assert results[0] == results[1]
