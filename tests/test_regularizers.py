"""The penalty l1·Σ|w| + ½·l2·Σw², its gradient, and the step that stops at zero."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nnlib import gradcheck, mlp
from nnlib.regularizers import penalty, penalty_gradient, shrink

pytestmark = pytest.mark.filterwarnings("error")

weights = arrays(np.float64, st.integers(1, 6), elements=st.floats(-10, 10))
strength = st.floats(0, 10)


def test_worked_by_hand():
    w = np.array([3.0, -2.0, 0.0])
    assert penalty(w, l1=0.5, l2=0.1) == pytest.approx(0.5 * 5 + 0.05 * 13)
    assert penalty_gradient(w, l1=0.5, l2=0.1).tolist() == pytest.approx([0.8, -0.7, 0])
    shrink(w, 0.5)
    assert w.tolist() == [2.5, -1.5, 0]


def test_gradient_agrees_with_central_differences():
    w = np.array([3.0, -2.0, 0.5])
    for strengths in [(0.3, 0), (0, 0.7), (0.3, 0.7)]:
        assert gradcheck(lambda v, s=strengths: (penalty(v, *s), penalty_gradient(v, *s)), w) < 1e-9


@given(w=weights, l1=strength, l2=strength, factor=st.floats(0, 10))
def test_l1_scales_once_and_l2_twice_with_the_weights(w, l1, l2, factor):
    parts = factor * penalty(w, l1, 0) + factor**2 * penalty(w, 0, l2)
    assert penalty(factor * w, l1, l2) == pytest.approx(parts, rel=1e-9, abs=1e-250)
    assert penalty(w, l1, l2) == pytest.approx(penalty(-w, l1, l2), rel=1e-12) and penalty(w) == 0


@given(w=weights, threshold=st.floats(0, 5))
def test_shrink_never_crosses_zero(w, threshold):
    before = w.copy()
    shrink(w, threshold)
    assert np.all(w * before >= 0)
    np.testing.assert_allclose(w, np.sign(before) * np.maximum(np.abs(before) - threshold, 0), rtol=1e-15, atol=1e-15)
    assert np.all(w[np.abs(before) <= threshold] == 0)


def test_shrink_may_have_a_threshold_for_each_weight_and_works_in_place():
    w = np.array([1.0, -1.0, 0.3, 5.0])
    shrink(w[:], np.array([0.25, 0.5, 1.0, 0.0]))
    assert w.tolist() == [0.75, -0.5, 0.0, 5.0]


def test_penalty_of_weights_without_bound_is_infinite_and_never_nan():
    for w in ([np.inf, 1.0], [np.nan], [1e200]):
        assert penalty(np.array(w), l1=0.0, l2=0.1) == np.inf
        assert penalty(np.array(w)) == 0
    assert penalty(np.array([np.nan]), l1=0.1) == np.inf


def test_only_weights_pay():
    net = mlp([2, 3, 1], "prelu", bias=5.0, rng=np.random.default_rng(0))
    w = net.parameters[net.is_weight]
    assert w.size == 2 * 3 + 3 * 1
    assert net.penalty(l1=0.1, l2=0.2) == penalty(w, 0.1, 0.2)
    X, y = np.ones((1, 2)), np.zeros((1, 1))
    plain, with_penalty = (net.loss_and_gradient(X, y, l1=l1, l2=l2) for l1, l2 in ((0, 0), (0.1, 0.2)))
    assert with_penalty[0] == pytest.approx(plain[0] + penalty(w, 0.1, 0.2))
    difference = with_penalty[1] - plain[1]
    np.testing.assert_allclose(difference[net.is_weight], penalty_gradient(w, 0.1, 0.2), rtol=1e-12)
    assert not difference[~net.is_weight].any()
