"""The perceptron learning rule: look at one sample, and move only when it is on the wrong side.

The unit says sign(w·x + b), with +1 at 0. McCulloch and Pitts made such a unit in 1943; the rule that
finds its weights is Rosenblatt's. :func:`learn` runs it one sample at a time and shows every step, so
that a reader can watch w turn. :func:`margin` and :func:`mistake_bound` measure how hard the points
are, and :func:`truth_table` gives AND, OR, NOT, NAND and XOR as points to learn.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from numbers import Real

import numpy as np

from nnlib.datasets.dataset import Dataset
from nnlib.random import check_rng
from nnlib.registry import lookup


@dataclass(frozen=True, eq=False)
class PerceptronStep:
    """One look at one sample.

    Attributes
    ----------
    step : int
        How many samples have been looked at, this one included.
    epoch : int
        The pass over the data that this look belongs to, counted from 1.
    sample : int
        The row of X, counted from 0.
    score : float
        w·x + b before the step.
    label : float
        −1.0 or +1.0, what the unit should say.
    mistake : bool
        Whether sign(score), +1 at 0, differs from the label.
    w_before, w : array (d,)
        The weights before and after; equal unless ``mistake``. Copies, the reader's to keep.
    b_before, b : float
        The bias before and after.
    mistakes : int
        Mistakes so far, this one included.
    converged : bool or None
        None until the last record; there True after a pass without a mistake, else False.
    ending : str
        In the last record a sentence that says how it ended; empty before.
    """

    step: int
    epoch: int
    sample: int
    score: float
    label: float
    mistake: bool
    w_before: np.ndarray
    b_before: float
    w: np.ndarray
    b: float
    mistakes: int
    converged: bool | None = None
    ending: str = ""


def learn(X, y, *, learning_rate=1.0, passes=100, w=None, b=0.0, every="sample", rng=None):
    """Yield a :class:`PerceptronStep` for every sample looked at, until a whole pass has no mistake.

    At a mistake w ← w + η·y·x and b ← b + η·y; otherwise nothing moves. If a line (a hyperplane)
    separates the classes, the mistakes come to an end: see :func:`mistake_bound`. If none does, they never do.

    It is a subgradient step of batch size 1 on the loss ``"perceptron"``, max(0, −y·score), which is linear in
    the violation. That loss has a kink at score 0, where any slope between −y and 0 is a subgradient: nnlib's
    loss takes −y, the rule takes −y for y = −1 (a mistake) and 0 for y = +1 (right already).

    Parameters
    ----------
    X : array (n, d)
    y : array (n,)
        Labels −1 and +1, both of them present.
    learning_rate : float
        η, positive. From w = 0 and b = 0 it scales w and b and changes no decision, rounding apart.
    passes : int
        The largest number of passes over the data.
    w, b : array (d,) and float
        Where to start; zeros without.
    every : {"sample", "mistake"}
        With ``"mistake"`` only mistakes are shown, and the last look of all.
    rng : numpy.random.Generator or nnlib.random.CounterGenerator, optional
        Reshuffles the samples before each pass; without it they come in the given order.

    Raises
    ------
    ValueError
        If X and y are not a binary data set, or w, b, learning_rate, passes or every do not fit.

    References
    ----------
    Rosenblatt, "The perceptron: a probabilistic model for information storage and organization in
    the brain", Psychological Review 65, 1958.
    """
    X, y = _points(X, y)
    w, b = _weights(np.zeros(X.shape[1]) if w is None else w, b, X)
    if isinstance(learning_rate, bool) or not isinstance(learning_rate, Real) or not 0 < learning_rate < np.inf:
        raise ValueError(f"learning_rate must be a positive number, not {learning_rate!r}")
    if isinstance(passes, bool) or not isinstance(passes, int | np.integer) or passes < 1:
        raise ValueError(f"passes must be a whole number of 1 or more, not {passes!r}")
    if every not in ("sample", "mistake"):
        raise ValueError(f"every must be 'sample' or 'mistake', not {every!r}")
    if rng is not None:
        check_rng(rng)
    return _steps(X, y, float(learning_rate), int(passes), w, b, every, rng)


def _steps(X, y, learning_rate, passes, w, b, every, rng):
    n, mistakes, order = len(X), 0, range(len(X))
    starts, circle = {}, None  # where each pass began, and the first two passes that began alike
    for epoch in range(1, passes + 1):
        if rng is not None:
            order = rng.permutation(n)
        elif circle is None:
            first = starts.setdefault((*w, b), epoch)
            circle = (first, epoch) if first < epoch else None
        mistakes_before = mistakes
        for looked_at, i in enumerate(order, start=1):
            score, label = float(X[i] @ w + b), float(y[i])
            mistake = (score >= 0) != (label > 0)
            w_before, b_before = w, b
            if mistake:
                w, b, mistakes = w + learning_rate * label * X[i], b + learning_rate * label, mistakes + 1
            converged, ending = None, ""
            if looked_at == n and (mistakes == mistakes_before or epoch == passes):
                converged = mistakes == mistakes_before
                ending = _ending(epoch, mistakes - mistakes_before, mistakes, circle)
            if every == "sample" or mistake or ending:
                yield PerceptronStep(
                    (epoch - 1) * n + looked_at, epoch, int(i), score, label, mistake,
                    w_before.copy(), b_before, w.copy(), b, mistakes, converged, ending,
                )  # fmt: skip
        if converged:
            return


def _ending(epoch, in_this_pass, mistakes, circle):
    if not in_this_pass:
        return f"Converged: pass {epoch} had no mistake; {mistakes} in all before it."
    text = f"Not converged: pass {epoch}, the last, still had mistakes: {in_this_pass} of {mistakes} in all."
    if circle is None:
        return f"{text} More passes may or may not help: the rule itself cannot tell."
    # The order is fixed, so the state at the start of a pass decides all that follows.
    return (
        f"{text} More passes cannot help: w and b at the start of pass {circle[1]} were those of pass {circle[0]}, "
        "so the rule goes round in a circle."
    )


def margin(X, y, w, b):
    """Return the geometric margin min y·(w·x + b)/‖w‖: the distance of the nearest point from the boundary.

    Positive if w and b separate the classes, negative (the distance of the worst point) if not. In the units of X.

    Raises
    ------
    ValueError
        If shapes or labels do not fit, or w is 0, which draws no boundary.
    """
    X, y = _points(X, y)
    w, b = _weights(w, b, X)
    if not w.any():
        raise ValueError("w is 0: it draws no boundary, so there is no distance to it")
    return float((y * (X @ w + b)).min() / np.linalg.norm(w))


def mistake_bound(X, y, w, b):
    """Return (R/γ)², which the number of mistakes of :func:`learn` from zero weights cannot exceed.

    The bias is a weight whose input is always 1, so R = max ‖(x, 1)‖ and γ = min y·(w·x + b)/‖(w, b)‖ for the
    given separating w and b. Each mistake takes the learned vector v = (w, b) at least η·γ further along the
    separating direction, while ‖v‖² grows by at most η²·R²: after k mistakes k·η·γ ≤ ‖v‖ ≤ √k·η·R, so that
    k ≤ (R/γ)², for any η and any order of the samples. The best separating w and b give the smallest bound.

    Raises
    ------
    ValueError
        If shapes or labels do not fit, or w and b do not separate the classes (names a row).

    References
    ----------
    Block, "The perceptron: a model for brain functioning", Reviews of Modern Physics 34, 1962.
    Novikoff, "On convergence proofs on perceptrons", Symposium on the Mathematical Theory of Automata, 1962.
    """
    X, y = _points(X, y)
    w, b = _weights(w, b, X)
    scores = y * (X @ w + b)
    if scores.min() <= 0:
        row = int(scores.argmin())
        raise ValueError(
            f"w and b do not separate the classes: row {row} has y·(w·x + b) = {scores[row]:g}, "
            "but the bound needs it positive for every row"
        )
    gamma = scores.min() / np.hypot(np.linalg.norm(w), b)
    return float((np.square(X).sum(axis=1) + 1).max() / gamma**2)


def best_separator(X, y):
    """Return the (w, b) whose γ = min y·(w·x + b)/‖(w, b)‖ is largest, with ‖(w, b)‖ = 1; None if no line separates.

    It gives the smallest :func:`mistake_bound`. The shortest v = (w, b) with y·v·(x, 1) ≥ 1 for all rows is held by
    at most d + 1 of them (Carathéodory), so all sets of so many rows are tried: exact, and meant for a few dozen rows
    of two or three columns.

    Raises
    ------
    ValueError
        If shapes or labels do not fit.
    """
    X, y = _points(X, y)
    Z = y[:, None] * np.column_stack([X, np.ones(len(X))])
    for size in range(1, Z.shape[1] + 1):
        for rows in combinations(range(len(Z)), size):
            held = Z[list(rows)]
            gram = held @ held.T
            if np.linalg.matrix_rank(gram) < size:
                continue
            shares = np.linalg.solve(gram, np.ones(size))
            v = shares @ held
            if (shares >= -1e-12).all() and (Z @ v >= 1 - 1e-9).all():
                v = v / np.linalg.norm(v)
                return v[:-1], float(v[-1])
    return None


#: name → what the unit should say for each row of inputs, counted up in binary: 00, 01, 10, 11.
TRUTH_TABLES = {"and": (0, 0, 0, 1), "or": (0, 1, 1, 1), "not": (1, 0), "nand": (1, 1, 1, 0), "xor": (0, 1, 1, 0)}


def truth_table(name):
    """Return a logic gate as a :class:`~nnlib.datasets.Dataset`: inputs 0 and 1, labels −1 (false) and +1 (true).

    ``"and"``, ``"or"``, ``"nand"`` and ``"xor"`` have two inputs and four rows, ``"not"`` one and two. A line
    separates every one of them but XOR.

    Raises
    ------
    ValueError
        For an unknown name.
    """
    says = lookup(TRUTH_TABLES, name, "truth table")
    inputs = len(says).bit_length() - 1
    X = np.array([[row >> (inputs - 1 - j) & 1 for j in range(inputs)] for row in range(len(says))], float)
    return Dataset(X, np.where(says, 1.0, -1.0), "binary", ("false", "true"))


def _points(X, y):
    data = Dataset(X, y, "binary")
    return data.X.astype(np.float64), data.y


def _weights(w, b, X):
    try:
        w = np.array(w, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"w must hold {X.shape[1]} numbers, one for each column of X, not {w!r}") from None
    if w.shape != X.shape[1:] or not np.isfinite(w).all():
        raise ValueError(f"w must hold {X.shape[1]} finite numbers, one for each column of X, not {w.tolist()}")
    if isinstance(b, bool) or not isinstance(b, Real) or not np.isfinite(b):
        raise ValueError(f"b must be a finite number, not {b!r}")
    return w, float(b)
