"""How good predictions are: shares of right answers, which classes are taken for which, and whether a
probability means what it says.

Everything here compares arrays of true and predicted values, wherever they come from. Labels may be
any numbers or names; nothing is averaged over classes unless the name says so.
"""

from __future__ import annotations

import numpy as np


def accuracy(y, predicted):
    """Return the share of predictions equal to the truth, from 0 to 1.

    Compare it with a baseline: always saying the most frequent class is right as often as that class
    comes up, which for rare events is nearly always.
    """
    y, predicted = _labels(y, predicted)
    return float(np.mean(y == predicted))


def confusion_matrix(y, predicted, labels=None):
    """Return counts (C, C): row = true class, column = predicted class. The diagonal holds what is right.

    Parameters
    ----------
    y, predicted : arrays (n,)
    labels : sequence, optional
        The classes in the order wanted; without it, all that occur, sorted. Pass ``data.labels`` to keep a row
        for a class that does not occur.

    Raises
    ------
    ValueError
        If the shapes differ, there is nothing to count, or a label is not among ``labels`` (names the row).
    """
    y, predicted = _labels(y, predicted)
    if labels is None:
        labels = np.union1d(y, predicted)
    labels = np.asarray(labels)
    if labels.ndim != 1 or len(np.unique(labels)) < len(labels):
        raise ValueError(f"labels must list each class once, not {labels.tolist()}")
    counts = np.zeros((len(labels), len(labels)), int)
    np.add.at(counts, (_places(y, labels, "y"), _places(predicted, labels, "predicted")), 1)
    return counts


def precision_recall(y, predicted, labels=None):
    """Return precision (C,) and recall (C,) of each class, in the order of :func:`confusion_matrix`.

    precision = right ÷ all that were predicted to be of the class (its column),
    recall = right ÷ all that are of the class (its row). A class that was never predicted has no precision, and
    one that does not occur has no recall: 0/0 is nan here, because 0 would say "always wrong".

    Raises
    ------
    ValueError
        As :func:`confusion_matrix`.
    """
    counts = confusion_matrix(y, predicted, labels)
    right = counts.diagonal()
    return _share(right, counts.sum(axis=0)), _share(right, counts.sum(axis=1))


def calibration_curve(y, probability, bins=10):
    """Return three arrays (bins,): of all samples given about 0.8, are eight in ten positive?

    They are the mean predicted probability, the share of positive samples, and the number of samples of each
    bin. Bin k of K holds k/K < p ≤ (k + 1)/K, the first one also p = 0. Where a bin is empty the first two
    are nan and the number is 0, so that all three can be drawn against the same bins.

    Parameters
    ----------
    y : array (n,)
        0/1, −1/+1 or bool. For several classes pass ``predicted == truth`` here and the probability of the
        predicted class, the confidence, as ``probability``.
    probability : array (n,)
        Of y being positive, from 0 to 1.
    bins : int
        Equal bins from 0 to 1.

    Raises
    ------
    ValueError
        If shapes do not fit, a label is not one of the three kinds, a probability lies outside
        [0, 1] (names the row), or bins is not a positive integer.

    References
    ----------
    Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks", ICML 2017.
    """
    y, p = _labels(y, probability, "probability")
    positive = _positive(y)
    if not (np.issubdtype(p.dtype, np.number) or p.dtype == bool):
        raise ValueError(f"probabilities must be numbers, not {p.dtype}")
    wrong = ~((p >= 0) & (p <= 1))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"row {row} holds the probability {p[row]}; it must be from 0 to 1 (pass no logits)")
    if isinstance(bins, bool) or not isinstance(bins, int | np.integer) or bins < 1:
        raise ValueError(f"bins must be a whole number of 1 or more, not {bins!r}")
    place = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], p)
    count = np.bincount(place, minlength=bins)
    predicted, observed = (_share(np.bincount(place, weights, minlength=bins), count) for weights in (p, positive))
    return predicted, observed, count


def expected_calibration_error(y, probability, bins=10):
    """Return Σ count/n · ``|observed − predicted|`` over the bins of :func:`calibration_curve`, from 0 to 1.

    It depends on the number of bins, and a model that always predicts the base rate has none of it: it
    measures honesty, not knowledge.

    Raises
    ------
    ValueError
        As :func:`calibration_curve`.
    """
    predicted, observed, count = calibration_curve(y, probability, bins)
    held = count > 0
    return float(count[held] @ np.abs(observed - predicted)[held] / count.sum())


def _labels(y, predicted, name="predicted"):
    y, predicted = np.asarray(y), np.asarray(predicted)
    if y.ndim != 1 or y.shape != predicted.shape:
        raise ValueError(f"y has shape {y.shape} and {name} {predicted.shape}; expected (n,) twice, with the same n")
    if not len(y):
        raise ValueError("there are no samples to judge")
    return y, predicted


def _places(values, labels, name):
    found = values[:, None] == labels
    known = found.any(axis=1)
    if not known.all():
        row = int(np.argmin(known))
        raise ValueError(f"{name} holds {values[row]} in row {row}, which is not among labels {labels.tolist()}")
    return found.argmax(axis=1)


def _positive(y):
    values = set(np.unique(y).tolist())
    if not (values <= {0, 1} or values <= {-1, 1}):
        raise ValueError(f"y must hold 0/1, −1/+1 or bool, but holds {sorted(values)}")
    return (y > 0).astype(np.float64)


def _share(part, whole):
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
