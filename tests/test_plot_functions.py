"""Pictures of functions: activations, losses over one and over two parameters, with the steps of a descent."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_rgba
from matplotlib.contour import ContourSet

import nnlib
from nnlib import plots
from nnlib.plots import style
from tests.figures import check_texts_have_room

# --- one number -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", nnlib.ACTIVATIONS)
def test_an_activation_is_drawn_with_its_slope(name):
    entry = nnlib.ACTIVATIONS[name]
    ax = plots.activation_curve(name, extent=3)
    f, slope = (next(line for line in ax.get_lines() if line.get_label() == label) for label in ("f(z)", "f′(z)"))
    for line, expected in ((f, entry.f), (slope, entry.derivative)):
        z, values = line.get_data()
        there = np.isfinite(values)
        assert there.sum() >= 800
        np.testing.assert_array_equal(values[there], expected(z[there]))
    assert slope.is_dashed()
    assert f.get_linewidth() > 1.5 * slope.get_linewidth()
    assert entry.range in ax.get_title()
    check_texts_have_room(ax.figure)


ENDS = {
    "sigmoid": [0, 1], "tanh": [-1, 1], "relu": [0], "leaky_relu": [], "elu": [-1], "gelu": [-0.16997], "identity": [],
    "silu": [-0.27846], "softplus": [0], "step": [0, 1], "sign": [-1, 1], "prelu": [], "swish": [-0.27846],
}  # fmt: skip


@pytest.mark.parametrize("name", nnlib.ACTIVATIONS)
def test_the_ends_of_the_range_are_marked(name):
    dotted = [
        line
        for line in plots.activation_curve(name).get_lines()
        if line.get_linestyle() == "--" and line.get_color() == "0.5"
    ]
    np.testing.assert_allclose([line.get_ydata()[0] for line in dotted], ENDS[name], atol=1e-4)


def test_a_jump_is_no_line_and_its_value_a_filled_dot():
    ax = plots.activation_curve("step")
    f = next(line for line in ax.get_lines() if line.get_label() == "f(z)")
    assert np.isnan(f.get_ydata()).sum() == 1
    dots = {line.get_ydata()[0]: line.get_markerfacecolor() for line in ax.get_lines() if line.get_marker() == "o"}
    assert dots == {0: (1, 1, 1, 1), 1: style.ACCENT}


def test_steps_stand_on_the_loss():
    x = np.linspace(-3, 3, 601)
    path = [-2.5, 2.0, -1.6, 1.28, -1.0]
    ax = plots.loss_line(x, x**2, path=path)
    steps = ax.get_lines()[1]
    np.testing.assert_array_equal(steps.get_xdata(), path)
    np.testing.assert_allclose(steps.get_ydata(), np.square(path), atol=1e-3)
    assert [text.get_text() for text in ax.texts] == ["0", "1", "2", "3", "4"]
    assert all(text.get_ha() == ("right" if k % 2 == 0 else "left") for k, text in enumerate(ax.texts[:-1]))


@pytest.mark.parametrize(
    ("path", "seen", "said"),
    [
        ([1, 2, 5, 1], 2, "step 2 leaves the picture"),
        ([1, np.nan], 1, "step 1 is no longer a number"),
        ([9], 0, "step 0 leaves the picture"),
    ],
)
def test_a_descent_that_leaves_is_said_to(path, seen, said):
    ax = plots.loss_line([-3, 0, 3], [9, 0, 9], path=path)
    assert len(ax.get_lines()[1].get_xdata()) == seen
    assert ax.get_title(loc="right") == said


# --- surfaces of a loss -----------------------------------------------------------------------------------------


def contours(ax):
    return next(drawn for drawn in ax.collections if isinstance(drawn, ContourSet) and not drawn.filled)


def bowl(a, b):
    return a**2 + 9 * b**2


def test_a_grid_holds_the_function():
    a, b, values = plots.loss_grid(lambda a, b: a + 10 * b, (0, 1), (2, 4), side=3)
    np.testing.assert_array_equal(values, a + 10 * b[:, None])
    np.testing.assert_array_equal(a, [0, 0.5, 1])
    np.testing.assert_array_equal(b, [2, 3, 4])


def test_lines_stand_at_the_levels_that_the_bar_names():
    ax = plots.loss_surface(plots.loss_grid(bowl, (-3, 3), (-2, 2)))
    drawn = contours(ax)
    (bar,) = ax.child_axes
    assert [text.get_text() for text in bar.get_yticklabels()] == [style.number(level) for level in drawn.levels]
    for level, path in zip(drawn.levels, drawn.get_paths()):
        np.testing.assert_allclose(bowl(*path.vertices.T), level, rtol=0.05, atol=0.02)
    assert 0 < drawn.levels[0] < 0.05 * 45
    assert len(drawn.levels) >= 7


def test_a_steep_valley_has_levels_by_factors():
    ax = plots.loss_surface(plots.loss_grid(lambda a, b: (1 - a) ** 2 + 100 * (b - a * a) ** 2, (-2, 2), (-1, 3)))
    levels = contours(ax).levels
    assert levels[-1] / levels[0] > 500
    assert {f"{level:.0e}"[0] for level in levels} <= set("125")


@settings(max_examples=60, deadline=None, database=None)
@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.sampled_from([0.3, 1, 2, 6, 30]))
def test_levels_rise_inside_the_values(low, span, power):
    values = low + span * np.linspace(0, 1, 200) ** power
    levels = plots.descent._levels(values)
    assert 1 <= len(levels) <= 15
    assert (np.diff(levels) > 0).all()
    assert values.min() < levels[0]
    assert levels[-1] < values.max()


def test_a_path_has_a_start_an_end_and_arrows():
    way = np.linspace([-2, 1], [1, 0.5], 9)
    ax = plots.loss_surface(plots.loss_grid(bowl, (-3, 3), (-2, 2), side=21), path=way)
    line, _, start, end = ax.get_lines()
    np.testing.assert_array_equal(line.get_xydata(), way)
    assert (start.get_marker(), end.get_marker()) == ("o", "*")
    np.testing.assert_array_equal([start.get_xydata()[0], end.get_xydata()[0]], way[[0, -1]])
    heads = [text for text in ax.texts if text.arrow_patch is not None]
    assert len(heads) == 2
    for head in heads:
        assert np.dot(np.subtract(head.xy, head.xyann), way[-1] - way[0]) > 0
    assert ax.get_title(loc="left") == ""


def test_several_paths_differ_in_more_than_colour():
    paths = {name: np.linspace([-2, 1], [k, 0.0], 60) for k, name in enumerate("abcd")}
    ax = plots.loss_surface(plots.loss_grid(bowl, (-3, 3), (-2, 2), side=21), path=paths)
    named = [line for line in ax.get_lines() if line.get_label() in paths]
    assert len({str(line._dash_pattern) for line in named}) == len({line.get_color() for line in named}) == 4
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list("abcd")


def test_what_cannot_be_drawn_is_said():
    grid = plots.loss_grid(lambda a, b: np.log(a) ** 2 + b, (-1, 3), (0, 2), side=21)
    away, broken = [[1, 1], [1, 9]], [[1, 1], [2, 1], [np.inf, 1]]
    ax = plots.loss_surface(grid, path={"A": away, "B": broken})
    said = "grey: the loss is not finite\nA: ends outside the picture\nB: not finite from step 2"
    assert ax.get_title(loc="left") == said
    assert ax.get_facecolor() == to_rgba(style.MISSING)
    check_texts_have_room(ax.figure)


def test_a_flat_loss_is_drawn():
    check_texts_have_room(plots.loss_surface(plots.loss_grid(lambda a, b: 0 * a + 2, (0, 1), (0, 1), side=5)).figure)


# --- bad input --------------------------------------------------------------------------------------------------

GRID = ([0, 1], [0, 1, 2], np.ones((3, 2)))
BAD = [
    (lambda: plots.activation_curve("tahn"), "Did you mean 'tanh'"),
    (lambda: plots.activation_curve("tanh", extent=0), "extent must be a positive number, not 0"),
    (lambda: plots.loss_line([0, 1], [1]), "2 places, but 1 losses"),
    (lambda: plots.loss_line([1, 0], [1, 1]), "must rise"),
    (lambda: plots.loss_line([0, np.nan], [1, 1]), "places hold not a number"),
    (lambda: plots.loss_line([0, 1], [np.nan, np.inf]), "no loss is finite"),
    (lambda: plots.loss_grid(bowl, (1, 0), (0, 1)), "a must be a pair of rising numbers"),
    (lambda: plots.loss_grid(bowl, (0, 1), (0, 1), side=1), "at least 2, not 1"),
    (lambda: plots.loss_grid(lambda a, b: 1.0, (0, 1), (0, 1)), r"\(121, 121\), not \(\)"),
    (lambda: plots.loss_surface(np.ones((3, 2))), r"a tuple \(a, b, values\)"),
    (lambda: plots.loss_surface(([0, 1], [0, 1, 2], np.ones((2, 3)))), r"\(2, 3\), but b and a need \(3, 2\)"),
    (lambda: plots.loss_surface(([1, 0], [0, 1, 2], np.ones((3, 2)))), "places a must rise"),
    (lambda: plots.loss_surface(([0, 1], [0, 1, 2], np.full((3, 2), np.nan))), "no loss is finite"),
    (lambda: plots.loss_surface(GRID, path=np.zeros((4, 3))), r"\(steps \+ 1, 2\), not \(4, 3\)"),
    (lambda: plots.loss_surface(GRID, path=[[np.nan, 0]]), "must start at finite values"),
    (lambda: plots.loss_surface(GRID, path={str(k): np.zeros((2, 2)) for k in range(5)}), "up to 4 paths .* are 5"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), BAD, ids=[message for _, message in BAD])
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
