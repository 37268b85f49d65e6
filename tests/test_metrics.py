"""Metrics against scikit-learn, against hand counts, and at the edges where a share has no meaning."""

import warnings

import numpy as np
import pytest
import sklearn.calibration
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib.metrics import accuracy, calibration_curve, confusion_matrix, expected_calibration_error, precision_recall

Y = np.array([0, 0, 0, 1, 1, 2])
PREDICTED = np.array([0, 1, 0, 1, 2, 2])


@st.composite
def predictions(draw):
    n = draw(st.integers(1, 40))
    label = st.sampled_from(draw(st.sampled_from([[-1.0, 1.0], [0, 1, 2, 3], [2, 5, 9]])))
    return tuple(np.array(draw(st.lists(label, min_size=n, max_size=n))) for _ in range(2))


@st.composite
def probabilities(draw):
    n, negative = draw(st.integers(1, 60)), draw(st.sampled_from([-1, 0]))
    # Multiples of 1/10 lie on the edges of bins.
    p = draw(st.lists(st.one_of(st.floats(0, 1), st.integers(0, 10).map(lambda k: k / 10)), min_size=n, max_size=n))
    y = draw(st.lists(st.sampled_from([negative, 1]), min_size=n, max_size=n))
    return np.array(y), np.array(p)


# --- labels -----------------------------------------------------------------------------------------------------


def test_a_small_case_by_hand():
    assert accuracy(Y, PREDICTED) == pytest.approx(4 / 6)
    assert confusion_matrix(Y, PREDICTED).tolist() == [[2, 1, 0], [0, 1, 1], [0, 0, 1]]
    precision, recall = precision_recall(Y, PREDICTED)
    np.testing.assert_allclose(precision, [1, 1 / 2, 1 / 2])
    np.testing.assert_allclose(recall, [2 / 3, 1 / 2, 1])


@settings(database=None, deadline=None, max_examples=80)
@given(predictions())
def test_labels_agree_with_scikit_learn(pair):
    y, predicted = pair
    counts = confusion_matrix(y, predicted)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn warns where a share has no meaning
        np.testing.assert_array_equal(counts, sklearn.metrics.confusion_matrix(y, predicted))
        theirs = sklearn.metrics.precision_recall_fscore_support(y, predicted, zero_division=np.nan)
    np.testing.assert_allclose(precision_recall(y, predicted), theirs[:2])
    assert accuracy(y, predicted) == pytest.approx(sklearn.metrics.accuracy_score(y, predicted))
    assert accuracy(y, predicted) == pytest.approx(counts.trace() / counts.sum())


def test_labels_keep_their_order_and_rows_for_what_does_not_occur():
    counts = confusion_matrix(Y, PREDICTED, labels=[2, 3, 0, 1])
    assert counts.tolist() == [[1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 2, 1], [1, 0, 0, 1]]
    precision, recall = precision_recall(Y, PREDICTED, labels=[2, 3, 0, 1])
    np.testing.assert_allclose(precision, [1 / 2, np.nan, 1, 1 / 2])
    np.testing.assert_allclose(recall, [1, np.nan, 2 / 3, 1 / 2])


def test_names_and_booleans_are_labels_too():
    assert confusion_matrix(["cat", "dog", "cat"], ["cat", "cat", "cat"]).tolist() == [[2, 0], [1, 0]]
    assert confusion_matrix([True, False], [True, True]).tolist() == [[0, 1], [0, 1]]
    assert accuracy(["cat", "dog"], ["cat", "cat"]) == 0.5


def test_of_rare_events_accuracy_says_little_and_recall_all():
    y = np.where(np.arange(1000) < 10, 1, -1)
    never = np.full(1000, -1)
    assert accuracy(y, never) == 0.99
    precision, recall = precision_recall(y, never, labels=[-1, 1])
    assert np.isnan(precision[1])  # nothing was predicted to be +1
    assert recall.tolist() == [1, 0]
    assert recall.mean() == 0.5


# --- probabilities ----------------------------------------------------------------------------------------------


def test_calibration_by_hand():
    predicted, observed, count = calibration_curve([0, 1, 1, 1, 0], [0.0, 0.1, 0.3, 0.5, 1.0], bins=4)
    np.testing.assert_allclose(predicted, [0.05, 0.4, np.nan, 1])
    np.testing.assert_allclose(observed, [0.5, 1, np.nan, 0])
    assert count.tolist() == [2, 2, 0, 1]
    error = expected_calibration_error([0, 1, 1, 1, 0], [0.0, 0.1, 0.3, 0.5, 1.0], bins=4)
    assert error == pytest.approx((2 * 0.45 + 2 * 0.6 + 1) / 5)


@settings(database=None, deadline=None, max_examples=80)
@given(probabilities(), st.integers(1, 12))
def test_calibration_agrees_with_scikit_learn(pair, bins):
    y, p = pair
    predicted, observed, count = calibration_curve(y, p, bins)
    assert predicted.shape == observed.shape == count.shape == (bins,)
    assert count.sum() == len(y)
    held = count > 0
    assert (np.isnan(predicted) == ~held).all()
    assert (np.isnan(observed) == ~held).all()
    if len(np.unique(y)) == 2:
        theirs = sklearn.calibration.calibration_curve(y, p, n_bins=bins)
        np.testing.assert_allclose((observed[held], predicted[held]), theirs)
    expected = sum(count[held] * np.abs(observed - predicted)[held]) / len(y)
    error = expected_calibration_error(y, p, bins)
    assert error == pytest.approx(expected)
    assert 0 <= error <= 1


@pytest.mark.parametrize("labels", [(0, 1), (-1, 1), (-1.0, 1.0), (False, True)])
def test_all_binary_labels_mean_the_same(labels):
    p = np.random.default_rng(0).random(50)
    positive = np.random.default_rng(1).random(50) < p
    ours = calibration_curve(np.where(positive, labels[1], labels[0]), p)
    np.testing.assert_array_equal(ours, calibration_curve(positive, p))


def test_honest_probabilities_have_a_small_error_and_bold_ones_a_large_one():
    rng = np.random.default_rng(0)
    p = rng.random(40_000)
    y = rng.random(40_000) < p
    assert expected_calibration_error(y, p) < 0.01
    bold = p**3 / (p**3 + (1 - p) ** 3)  # the logits times three
    assert expected_calibration_error(y, bold) > 0.1
    assert expected_calibration_error(y, np.full(40_000, y.mean())) < 1e-9  # honest, and knows nothing


def test_probabilities_on_an_edge_belong_to_the_lower_bin():
    _, _, count = calibration_curve([1, 0, 1], [0.0, 0.5, 1.0], bins=2)
    assert count.tolist() == [2, 1]


# --- slips ------------------------------------------------------------------------------------------------------

SLIPS = {
    "lengths": (lambda: accuracy([1, 2], [1]), "(2,)", "(1,)"),
    "columns": (lambda: confusion_matrix(np.ones((2, 1)), np.ones((2, 1))), "(2, 1)"),
    "scores for labels": (lambda: accuracy([0, 1], [[0.2, 0.8], [0.1, 0.9]]), "(2,)", "(2, 2)"),
    "nothing": (lambda: accuracy([], []), "no samples"),
    "truth that is no label": (lambda: confusion_matrix([0, 3], [0, 0], [0, 1]), "y holds 3 in row 1", "[0, 1]"),
    "a prediction that is none": (lambda: precision_recall([0, 1], [2, 0], [0, 1]), "predicted holds 2 in row 0"),
    "NaN as a label": (lambda: confusion_matrix([0, np.nan], [0, 1]), "y holds nan in row 1"),
    "a label twice": (lambda: confusion_matrix([0, 1], [0, 1], [0, 1, 1]), "once", "[0, 1, 1]"),
    "a number of labels": (lambda: confusion_matrix([0, 1], [0, 1], 2), "labels", "2"),
    "logits": (lambda: calibration_curve([0, 1], [0.5, 2.5]), "row 1", "2.5", "logits"),
    "NaN as a probability": (lambda: calibration_curve([0, 1], [np.nan, 0.5]), "row 0", "nan"),
    "words": (lambda: calibration_curve([0, 1], ["a", "b"]), "numbers"),
    "three classes": (lambda: calibration_curve([0, 1, 2], [0.1, 0.5, 0.5]), "0/1", "[0, 1, 2]"),
    "mixed labels": (lambda: calibration_curve([0, 1, -1], [0.1, 0.5, 0.5]), "−1/+1", "[-1, 0, 1]"),
    "no bins": (lambda: calibration_curve([0, 1], [0.1, 0.5], bins=0), "bins", "0"),
    "half a bin": (lambda: expected_calibration_error([0, 1], [0.1, 0.5], bins=2.5), "bins", "2.5"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_slips_are_answered_in_words(slip):
    use, *words = SLIPS[slip]
    with pytest.raises(ValueError) as caught:
        use()
    assert all(word in str(caught.value) for word in words), str(caught.value)
