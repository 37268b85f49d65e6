"""What a data set is: points, their labels or values, and perhaps a held-out test part.

Conventions, kept everywhere in nnlib: rows are samples; binary labels are −1 and +1; several classes
are numbered 0 … C−1; a regression has real values. A data set is checked once, when it is made, so that
everything after it may rely on these.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace

import numpy as np

from nnlib.random import check_rng

TASKS = ("binary", "multiclass", "regression")


@dataclass(frozen=True, eq=False)
class Dataset:
    """Points with labels or values, checked.

    Attributes
    ----------
    X : array (n, d)
        One sample a row: float32 if it is given so (thousands of pictures fill half the memory), else float64.
    y : array (n,)
        Binary: −1.0 or +1.0. Multiclass: integers 0 … C−1. Regression: float64.
    task : {"binary", "multiclass", "regression"}
        Left out: binary if y holds nothing but −1 and +1, multiclass if it is of an integer type, else regression.
    names : tuple of str
        The classes' names in the order of :attr:`labels`, or the one name of a regression's value.
        Left out: the labels themselves, or "value".
    X_test, y_test : arrays or None
        The held-out part, of the same type of numbers; None until :meth:`split`.
    features : tuple of str
        The columns' names. Left out: x1 … xd.
    shape : tuple of int
        The shape of one sample, of which a row of X is the flat form: (channels, height, width) for
        pictures. Left out: (d,).

    Raises
    ------
    ValueError
        If shapes do not fit, a number is not finite (names the row), a label is not one of the
        task's, all samples are of one class, or there are none.
    """

    X: np.ndarray
    y: np.ndarray
    task: str | None = None
    names: tuple[str, ...] = ()
    X_test: np.ndarray | None = None
    y_test: np.ndarray | None = None
    features: tuple[str, ...] = ()
    shape: tuple[int, ...] = ()

    def __post_init__(self):
        task = _task_of(self.y) if self.task is None else self.task
        if task not in TASKS:
            raise ValueError(f"task must be one of {', '.join(TASKS)}, not {task!r}")
        if (self.X_test is None) != (self.y_test is None):
            raise ValueError("X_test and y_test must be given together")
        X, y = _part(self.X, self.y, "", task)
        values, X_test, y_test = y, None, None
        if self.X_test is not None:
            X_test, y_test = _part(self.X_test, self.y_test, "_test", task, X.dtype)
            if X_test.shape[1] != X.shape[1]:
                raise ValueError(f"X has shape {X.shape}, but X_test has {X_test.shape}: the columns do not fit")
            values = np.concatenate([y, y_test])
        names = tuple(str(name) for name in self.names) or _default_names(values, task)
        _check_names(names, values, task)
        features = tuple(str(name) for name in self.features) or tuple(f"x{j + 1}" for j in range(X.shape[1]))
        if len(features) != X.shape[1]:
            raise ValueError(f"{len(features)} features are named, but X has {X.shape[1]} columns")
        shape = _checked_shape(self.shape, X.shape[1])
        for field, value in zip(fields(self), (X, y, task, names, X_test, y_test, features, shape), strict=True):
            object.__setattr__(self, field.name, value)

    @property
    def classes(self):
        """The number of classes; 0 for a regression."""
        return 0 if self.task == "regression" else len(self.names)

    @property
    def labels(self):
        """The values that y may take, in the order of ``names``: [−1, +1] or 0 … C−1; empty for a regression."""
        return np.array([-1.0, 1.0]) if self.task == "binary" else np.arange(self.classes)

    @property
    def images(self):
        """The training samples as pictures: (n, height, width), or (n, height, width, 3) in colour.

        That is what ``imshow`` takes; a row of X keeps the three colours one after the other instead.
        A view of X: nothing is copied.

        Raises
        ------
        ValueError
            If the samples are not pictures: ``shape`` is (1, height, width) or (3, height, width) for those.
        """
        return self._pictures(self.X)

    @property
    def images_test(self):
        """The test samples as :attr:`images`; None until :meth:`split`."""
        return None if self.X_test is None else self._pictures(self.X_test)

    def _pictures(self, X):
        if len(self.shape) != 3 or self.shape[0] not in (1, 3):
            raise ValueError(
                f"samples of shape {self.shape} are not pictures; those have shape (1, height, width) or "
                "(3, height, width), so pass shape= when the data set is made"
            )
        pictures = X.reshape(-1, *self.shape)
        return pictures[:, 0] if self.shape[0] == 1 else pictures.transpose(0, 2, 3, 1)

    @property
    def training_part(self):
        """The data set without its test part.

        ``data.training_part.split(0.8, rng=rng)`` takes a *validation* part out of the training samples. On it
        a learning rate or a width may be chosen. Chosen on the test part, they would fit its accidents too,
        and its error would no longer say how the network does on data that nobody has looked at.
        """
        return replace(self, X_test=None, y_test=None)

    def split(self, train_share, *, rng=None, stratify=False):
        """Return a Dataset of which the share ``train_share`` is kept for training and the rest for testing.

        Samples are shuffled by one ``rng.permutation(n)``. The first ⌊n · train_share⌋, but at least
        one and at most n − 1, are for training. With ``stratify`` that rule holds within each class
        instead, so that both parts have the classes in the same proportion.

        Parameters
        ----------
        train_share : float
            Between 0 and 1, both excluded.
        rng : numpy.random.Generator or nnlib.random.CounterGenerator
            Required.

        Raises
        ------
        ValueError
            If the data set is already split or too small, the share is out of range, or ``stratify``
            is asked for a regression.
        TypeError
            Without an rng.
        """
        check_rng(rng)
        if self.X_test is not None:
            raise ValueError(
                "this data set is already split; split the whole one instead, or its .training_part for validation"
            )
        if not isinstance(train_share, int | float | np.number) or not 0 < train_share < 1:
            raise ValueError(f"train_share must be a number between 0 and 1 (0.5 for one half), not {train_share!r}")
        order = rng.permutation(len(self.y))
        if stratify:
            for_training = np.empty(len(order), bool)
            for label, name in zip(self._classes_to_stratify(), self.names):
                members = np.flatnonzero(self.y[order] == label)
                for_training[members] = np.arange(len(members)) < _train_count(
                    members.size, train_share, f"class {name}"
                )
        else:
            for_training = np.arange(len(order)) < _train_count(len(order), train_share, "the data set")
        train, test = order[for_training], order[~for_training]
        return replace(self, X=self.X[train], y=self.y[train], X_test=self.X[test], y_test=self.y[test])

    def _classes_to_stratify(self):
        if self.task == "regression":
            raise ValueError("stratify needs classes, and a regression has none")
        return self.labels

    def __repr__(self):
        test = "" if self.y_test is None else f" + {len(self.y_test)} for testing"
        of = f" of {self.classes} classes" if self.classes else ""
        return f"<Dataset {self.task}: {len(self.y)} samples{test}, {'×'.join(map(str, self.shape))} features{of}>"


def _train_count(count, share, what):
    if count < 2:
        raise ValueError(f"{what} has {count} sample(s); splitting takes at least 2")
    return min(max(int(np.floor(count * share)), 1), count - 1)


def _task_of(y):
    y = np.asarray(y)
    if np.isin(y, (-1, 1)).all():
        return "binary"
    return "multiclass" if np.issubdtype(y.dtype, np.integer) else "regression"


def _checked_shape(shape, d):
    """Return the shape of one sample as a tuple of int; () stands for (d,)."""
    sizes = shape if isinstance(shape, tuple | list) else (shape,)
    if not all(isinstance(size, int | np.integer) and not isinstance(size, bool) and size > 0 for size in sizes):
        raise ValueError(f"shape must hold whole numbers from 1 on, such as (1, 28, 28), not {shape!r}")
    sizes = tuple(int(size) for size in sizes) or (d,)
    if math.prod(sizes) != d:
        raise ValueError(f"a sample of shape {sizes} has {math.prod(sizes)} numbers, but X has {d} columns")
    return sizes


def _part(X, y, suffix, task, dtype=None):
    """Return X and y as checked arrays, X of the given type; ``suffix`` completes their names in errors."""
    if dtype is None:
        dtype = np.float32 if getattr(X, "dtype", None) == np.float32 else np.float64
    X, y = _numbers(X, f"X{suffix}", dtype), _numbers(y, f"y{suffix}", np.float64)
    if X.ndim != 2 or y.ndim != 1 or len(X) != len(y):
        raise ValueError(
            f"X{suffix} has shape {X.shape} and y{suffix} {y.shape}; expected (n, d) and (n,) with the same n"
        )
    if X.size == 0:
        raise ValueError(f"X{suffix} has shape {X.shape}: there is no data")
    for name, array in ((f"X{suffix}", X), (f"y{suffix}", y)):
        bad = ~np.isfinite(array)
        if bad.any():
            place = tuple(int(i) for i in np.argwhere(bad)[0])
            column = f", column {place[1]}" if len(place) == 2 else ""
            raise ValueError(f"{name} holds {array[place]} in row {place[0]}{column} (counted from 0)")
    if task == "binary":
        _check_labels(y, np.abs(y) == 1, f"y{suffix}", "binary labels must be −1 or +1")
    elif task == "multiclass":
        _check_labels(y, (y == np.floor(y)) & (y >= 0), f"y{suffix}", "class labels must be 0, 1, 2, …")
        y = y.astype(np.int64)
    return X, y


def _numbers(values, name, dtype):
    try:
        return np.ascontiguousarray(values, dtype)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must hold numbers in rows of equal length: {error}") from None


def _check_labels(y, allowed, name, rule):
    if not allowed.all():
        row = int(np.argmin(allowed))
        raise ValueError(f"{rule}, but {name} holds {y[row]:g} in row {row} (counted from 0)")


def _default_names(values, task):
    if task == "regression":
        return ("value",)
    return ("−1", "+1") if task == "binary" else tuple(str(c) for c in range(int(values.max()) + 1))


def _check_names(names, values, task):
    if task == "regression":
        if len(names) != 1:
            raise ValueError(f"a regression has one value to name, but names has {len(names)}: {names}")
        return
    if len(np.unique(values)) < 2:
        raise ValueError(f"all {len(values)} samples are of one class ({values[0]:g}); at least two classes are needed")
    if task == "binary" and len(names) != 2:
        raise ValueError(f"a binary data set has two classes, but names has {len(names)}: {names}")
    if task == "multiclass" and values.max() >= len(names):
        raise ValueError(f"y holds class {values.max()}, but only {len(names)} classes are named: {names}")
