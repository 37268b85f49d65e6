"""The perceptron rule: steps by hand, the convergence theorem on counted mistakes, XOR, and the loss behind it."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nnlib.linear import MODELS
from nnlib.perceptron import TRUTH_TABLES, PerceptronStep, learn, margin, mistake_bound, truth_table
from nnlib.random import CounterGenerator

SEPARABLE = [name for name in TRUTH_TABLES if name != "xor"]
X = np.array([[2.0, 1.0], [-1.0, 1.0], [0.5, -2.0]])
Y = np.array([1.0, -1.0, 1.0])


def same(a, b):
    """Whether two steps are equal in every field."""
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in PerceptronStep.__dataclass_fields__)


@st.composite
def separated(draw):
    """Points with labels, and the w and b that separate them: every score is at least 0.05 from 0."""
    d = draw(st.integers(1, 4))
    w = draw(arrays(float, d, elements=st.floats(-3, 3)).filter(lambda w: np.linalg.norm(w) > 0.1))
    b = draw(st.floats(-2, 2))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    X = rng.normal(0, draw(st.sampled_from([0.3, 1, 5])), (400, d))
    X = X[np.abs(X @ w + b) > 0.05][: draw(st.integers(4, 60))]
    y = np.where(X @ w + b > 0, 1.0, -1.0)
    if len(np.unique(y)) < 2:
        middle = -b * w / (w @ w)
        X, y = np.vstack([X, middle + w, middle - w]), np.append(y, [1.0, -1.0])
    return X, y, w, b


# --- the rule ---------------------------------------------------------------------------------------------------


def test_the_first_steps_by_hand():
    steps = list(learn(X, Y, learning_rate=0.5))
    seen = [(s.step, s.epoch, s.sample, s.score, s.label, s.mistake, s.w.tolist(), s.b, s.mistakes) for s in steps]
    assert seen == [
        (1, 1, 0, 0.0, 1.0, False, [0.0, 0.0], 0.0, 0),  # 0 counts as +1, which is right
        (2, 1, 1, 0.0, -1.0, True, [0.5, -0.5], -0.5, 1),  # 0 counts as +1, which is wrong
        (3, 1, 2, 0.75, 1.0, False, [0.5, -0.5], -0.5, 1),
        (4, 2, 0, 0.0, 1.0, False, [0.5, -0.5], -0.5, 1),
        (5, 2, 1, -1.5, -1.0, False, [0.5, -0.5], -0.5, 1),
        (6, 2, 2, 0.75, 1.0, False, [0.5, -0.5], -0.5, 1),
    ]
    assert [s.converged for s in steps] == [None] * 5 + [True]
    assert [s.ending for s in steps] == [""] * 5 + ["Converged: pass 2 had no mistake; 1 in all before it."]


@pytest.mark.parametrize("name", TRUTH_TABLES)
def test_each_record_goes_on_where_the_last_one_stopped(name):
    data = truth_table(name)
    steps = list(learn(data.X, data.y, passes=9, learning_rate=0.3))
    assert not steps[0].w_before.any()
    for before, after in pairwise(steps):
        assert (before.w == after.w_before).all()
        assert before.b == after.b_before
        assert after.step == before.step + 1
        assert after.mistakes == before.mistakes + after.mistake
    for s in steps:
        x, y = data.X[s.sample], data.y[s.sample]
        assert s.label == y
        assert s.score == x @ s.w_before + s.b_before
        assert s.mistake == (np.where(s.score >= 0, 1, -1) != y)
        assert (s.w == s.w_before + s.mistake * 0.3 * y * x).all()
        assert s.b == s.b_before + s.mistake * 0.3 * y
        assert s.epoch == (s.step - 1) // len(data.y) + 1


def test_records_are_the_readers_to_keep_and_to_change():
    data = truth_table("and")
    untouched = list(learn(data.X, data.y))
    for s, expected in zip(learn(data.X, data.y), untouched, strict=True):
        assert same(s, expected)
        s.w[...] = s.w_before[...] = 99


@pytest.mark.parametrize("name", TRUTH_TABLES)
@pytest.mark.parametrize("make_rng", [lambda: None, lambda: CounterGenerator(3)])
def test_mistakes_only_are_the_same_run_and_end_alike(name, make_rng):
    data = truth_table(name)
    whole = list(learn(data.X, data.y, passes=7, rng=make_rng()))
    mistakes = list(learn(data.X, data.y, passes=7, rng=make_rng(), every="mistake"))
    expected = [s for s in whole if s.mistake or s is whole[-1]]
    assert all(same(*pair) for pair in zip(mistakes, expected, strict=True))
    assert mistakes[-1].ending


def test_learning_goes_on_from_given_weights():
    data = truth_table("nand")
    whole = list(learn(data.X, data.y))
    third = next(s for s in whole if s.epoch == 3)
    rest = list(learn(data.X, data.y, w=third.w_before, b=third.b_before))
    assert [s.w.tolist() for s in rest] == [s.w.tolist() for s in whole[third.step - 1 :]]
    w = np.array([1.0, 1.0])
    steps = learn(data.X, data.y, w=w)
    w[...] = 99  # the start is copied when it is given
    assert next(steps).w_before.tolist() == [1, 1]


@pytest.mark.parametrize("make_rng", [np.random.default_rng, CounterGenerator])
def test_an_rng_reshuffles_every_pass_and_a_seed_repeats_it(make_rng):
    data = truth_table("xor")
    steps, again = (list(learn(data.X, data.y, passes=8, rng=make_rng(0))) for _ in range(2))
    assert [s.sample for s in steps] == [s.sample for s in again]
    orders = {tuple(s.sample for s in steps[4 * k : 4 * k + 4]) for k in range(8)}
    assert len(orders) > 3
    assert all(sorted(order) == [0, 1, 2, 3] for order in orders)
    assert {type(s.sample) for s in steps} == {int}


# --- convergence ------------------------------------------------------------------------------------------------


@settings(database=None, deadline=None, max_examples=60)
@given(separated(), st.sampled_from([0.25, 1.0, 8.0]), st.booleans())
def test_mistakes_stay_below_the_bound_for_any_rate_and_order(problem, learning_rate, shuffled):
    X, y, w, b = problem
    bound = mistake_bound(X, y, w, b)
    rng = CounterGenerator(0) if shuffled else None
    last = None
    for last in learn(X, y, learning_rate=learning_rate, passes=10**6, rng=rng, every="mistake"):
        assert last.mistakes <= bound * (1 + 1e-9)
    assert last.converged
    assert last.mistakes > 0
    assert (np.where(X @ last.w + last.b >= 0, 1, -1) == y).all()


@settings(database=None, deadline=None, max_examples=20)
@given(separated(), st.integers(-6, 6))
def test_the_rate_scales_the_weights_and_nothing_else(problem, power):
    X, y, *_ = problem
    one = learn(X, y, passes=20)
    for a, b in zip(one, learn(X, y, passes=20, learning_rate=2.0**power), strict=True):  # powers of 2: no rounding
        assert (a.sample, a.mistake) == (b.sample, b.mistake)
        assert (a.w * 2.0**power == b.w).all()


def test_the_bound_by_hand():
    # (x, 1) = (1, 1) and (−1, 1) with w = 1, b = 0: R² = 2, γ = 1.
    X, y = np.array([[1.0], [-1.0]]), np.array([1.0, -1.0])
    assert mistake_bound(X, y, [1.0], 0.0) == pytest.approx(2)
    assert mistake_bound(X, y, [10.0], 0.0) == pytest.approx(2)
    # A bias costs: γ = min(1 + ½, 1 − ½)/√1.25.
    assert mistake_bound(X, y, [1.0], 0.5) == pytest.approx(2 * 1.25 / 0.25)


def test_the_bound_without_the_bias_in_it_would_be_broken():
    # Two points near 0 beside a boundary that is not through 0: max ‖x‖ and the margin alone promise 16 mistakes.
    X, y = np.array([[0.02], [0.01]]), np.array([1.0, -1.0])
    mistakes = list(learn(X, y, passes=10**5, every="mistake"))[-1].mistakes
    naive = (np.abs(X).max() / margin(X, y, [1.0], -0.015)) ** 2
    assert naive == pytest.approx(16)
    assert 10 * naive < mistakes <= mistake_bound(X, y, [1.0], -0.015)


def test_margin_is_the_distance_of_the_nearest_point():
    w, b = np.array([3.0, -4.0]), 2.0
    distance = np.abs(X @ w + b) / 5
    y = np.where(X @ w + b > 0, 1.0, -1.0)
    assert margin(X, y, w, b) == pytest.approx(distance.min())
    assert margin(X, y, 7 * w, 7 * b) == pytest.approx(distance.min())
    assert margin(X, -y, w, b) == pytest.approx(-distance.max())
    assert margin([[1.0], [-3.0]], [1, -1], [2.0], 0.0) == 1.0


# --- gates ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TRUTH_TABLES)
def test_truth_tables_say_what_python_says(name):
    rule = {
        "and": lambda a, b: a and b,
        "or": lambda a, b: a or b,
        "nand": lambda a, b: not (a and b),
        "xor": lambda a, b: a != b,
        "not": lambda a: not a,
    }[name]
    data = truth_table(name)
    inputs = data.X.shape[1]
    assert data.task == "binary"
    assert data.names == ("false", "true")
    assert data.X.tolist() == [[float(bit) for bit in f"{row:0{inputs}b}"] for row in range(2**inputs)]
    assert data.y.tolist() == [1.0 if rule(*map(bool, row)) else -1.0 for row in data.X]


@pytest.mark.parametrize("name", SEPARABLE)
@pytest.mark.parametrize("seed", [None, 0, 1, 2])
def test_separable_gates_are_learned(name, seed):
    data = truth_table(name)
    rng = None if seed is None else np.random.default_rng(seed)
    last = list(learn(data.X, data.y, rng=rng))[-1]
    assert last.converged is True
    assert (np.where(data.X @ last.w + last.b >= 0, 1, -1) == data.y).all()


def test_xor_is_never_learned_and_says_so():
    data = truth_table("xor")
    steps = list(learn(data.X, data.y, passes=50))
    assert len(steps) == 200
    assert [s.converged for s in steps] == [None] * 199 + [False]
    assert steps[-1].ending == (
        f"Not converged: pass 50, the last, still had mistakes: 4 of {steps[-1].mistakes} in all. More passes cannot "
        "help: w and b at the start of pass 4 were those of pass 3, so the rule goes round in a circle."
    )
    # and so it is: what it says of passes 3 and 4 holds
    assert [[*s.w_before, s.b_before] for s in steps if s.step in (9, 13)] == [[-1, 0, 0]] * 2


def test_a_run_cut_short_does_not_claim_a_circle():
    data = truth_table("and")
    last = list(learn(data.X, data.y, passes=3))[-1]
    assert last.converged is False
    assert last.ending.endswith("More passes may or may not help: the rule itself cannot tell.")
    xor = truth_table("xor")
    shuffled = list(learn(xor.X, xor.y, passes=300, rng=np.random.default_rng(0)))[-1]
    assert "circle" not in shuffled.ending  # with new orders the same w and b need not repeat what follows


# --- the library's loss -----------------------------------------------------------------------------------------


@settings(database=None, deadline=None, max_examples=25)
@given(st.integers(0, 999), st.sampled_from([0.1, 1.0]))
def test_the_rule_is_a_subgradient_step_of_one_sample(seed, learning_rate):
    rng = np.random.default_rng(seed)
    X = rng.normal(0, 1, (30, 3))
    y = np.where(X @ [1, -2, 0.5] + 0.3 + rng.normal(0, 0.5, 30) > 0, 1.0, -1.0)
    y[0] = -1  # at w = 0 the first step is then a mistake for both
    network = MODELS["perceptron"].make(3)
    for s in learn(X, y, learning_rate=learning_rate, passes=3):
        row = slice(s.sample, s.sample + 1)
        _, gradient = network.loss_and_gradient(X[row], y[row], loss=MODELS["perceptron"].loss)
        assert gradient.any() == s.mistake
        network.parameters -= learning_rate * gradient
        np.testing.assert_allclose(network.parameters, [*s.w, s.b], rtol=0, atol=1e-12)
        assert network.predict(X[row])[0] == np.where(X[s.sample] @ s.w + s.b >= 0, 1, -1)


def test_at_score_0_the_rule_leaves_what_is_right_and_the_loss_moves_it():
    network = MODELS["perceptron"].make(1)
    for label, moves in ((1.0, False), (-1.0, True)):
        first = next(learn([[2.0], [3.0]], [label, -label]))
        assert first.score == 0
        assert first.mistake == moves
        assert network.loss_and_gradient([[2.0]], [label], loss=MODELS["perceptron"].loss)[1].tolist() == [
            -2 * label,
            -label,
        ]


# --- slips ------------------------------------------------------------------------------------------------------

SLIPS = {
    "rate 0": (lambda: learn(X, Y, learning_rate=0), ValueError, "learning_rate", "positive", "0"),
    "rate -1": (lambda: learn(X, Y, learning_rate=-1), ValueError, "learning_rate", "-1"),
    "rate nan": (lambda: learn(X, Y, learning_rate=np.nan), ValueError, "learning_rate", "nan"),
    "rate inf": (lambda: learn(X, Y, learning_rate=np.inf), ValueError, "learning_rate", "inf"),
    "rate '1'": (lambda: learn(X, Y, learning_rate="1"), ValueError, "learning_rate", "'1'"),
    "no passes": (lambda: learn(X, Y, passes=0), ValueError, "passes", "1 or more", "0"),
    "half a pass": (lambda: learn(X, Y, passes=0.5), ValueError, "passes", "0.5"),
    "every epoch": (lambda: learn(X, Y, every="epoch"), ValueError, "'sample' or 'mistake'", "'epoch'"),
    "a seed": (lambda: learn(X, Y, rng=0), TypeError, "rng=np.random.default_rng(0)"),
    "labels 0 and 1": (lambda: learn(X, [0, 1, 1]), ValueError, "−1 or +1", "0 in row 0"),
    "one class": (lambda: learn(X, [1, 1, 1]), ValueError, "one class"),
    "too few labels": (lambda: learn(X, [1, -1]), ValueError, "(3, 2)", "(2,)"),
    "NaN": (lambda: learn([[1.0], [np.nan]], [1, -1]), ValueError, "nan", "row 1"),
    "w too long": (lambda: learn(X, Y, w=[1, 2, 3]), ValueError, "w", "2 finite numbers", "[1.0, 2.0, 3.0]"),
    "w of words": (lambda: learn(X, Y, w=["a", "b"]), ValueError, "w must hold 2 numbers"),
    "w with NaN": (lambda: margin(X, Y, [np.nan, 1], 0), ValueError, "finite", "nan"),
    "b None": (lambda: margin(X, Y, [1, 1], None), ValueError, "b must be a finite number", "None"),
    "w 0": (lambda: margin(X, Y, [0, 0], 1), ValueError, "no boundary"),
    "no separation": (lambda: mistake_bound(X, Y, [0, 1], 0), ValueError, "row 2", "-2", "positive"),
    "a point on the boundary": (lambda: mistake_bound([[0.0], [-1]], [1, -1], [1], 0), ValueError, "row 0", "= 0"),
    "xnor": (lambda: truth_table("nnd"), ValueError, "unknown truth table 'nnd'", "Did you mean 'nand'?", "xor"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_slips_are_answered_before_the_first_step(slip):
    use, error, *words = SLIPS[slip]
    with pytest.raises(error) as caught:
        use()
    assert all(word in str(caught.value) for word in words), str(caught.value)
