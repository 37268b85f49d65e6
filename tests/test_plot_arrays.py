"""Pictures of arrays: images, tables, probabilities, bands of several runs. What is drawn is what was given."""

import numpy as np
import pytest
from matplotlib.collections import FillBetweenPolyCollection, LineCollection
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle

from nnlib import metrics, plots
from nnlib.plots import style
from tests.figures import PHONE, check_texts_are_legible, check_texts_have_room, new_axes, words


def normal(*shape):
    return np.random.default_rng(0).normal(size=shape)


# --- pictures ---------------------------------------------------------------------------------------------------


def frames(ax):
    return [patch for patch in ax.patches if isinstance(patch, Rectangle)]


def test_pictures_stand_in_rows_apart_and_on_one_grey_scale():
    images = normal(7, 5, 3)
    ax = plots.image_grid(images, columns=3)
    boxes = np.array([image.get_extent() for image in ax.images])  # left, right, bottom, top
    for image, pixels in zip(ax.images, images):
        np.testing.assert_array_equal(image.get_array(), pixels)
        assert image.get_clim() == (images.min(), images.max())
        assert image.cmap.name == "gray_r"
    np.testing.assert_allclose(boxes[:, 1] - boxes[:, 0], 1)
    np.testing.assert_allclose(boxes[:, 3] - boxes[:, 2], 5 / 3)  # pixels are square
    np.testing.assert_allclose(boxes[3, :2], boxes[0, :2])
    assert boxes[1, 0] > boxes[0, 1] + 0.1
    assert boxes[3, 3] < boxes[0, 2] - 0.1
    assert ax.get_aspect() == 1


def test_photographs_are_light_where_values_are_large():
    image = plots.image_grid([[[0.0, 1.0]]], ink=False).images[0]
    assert image.cmap(image.norm(1.0))[:3] == (1, 1, 1)


@pytest.mark.parametrize(
    "images", [np.array([[[[255, 0, 51]]]], np.uint8), np.array([[[[1.0, 0, 0.2]]]]), np.array([[[[255, 0, 51]]]])]
)
def test_colours_come_as_shares_or_as_bytes(images):
    pixels = plots.image_grid(images).images[0].get_array()
    np.testing.assert_allclose(pixels[0, 0] / (255 if pixels.dtype == np.uint8 else 1), [1, 0, 0.2])


def test_signed_pictures_share_symmetric_limits_with_a_bar():
    images = normal(4, 3, 3) - 1
    ax = plots.image_grid(images, signed=True)
    limit = np.abs(images).max()
    assert {image.get_clim() for image in ax.images} == {(-limit, limit)}
    assert {image.cmap.name for image in ax.images} == {style.DIVERGING.name}
    (bar,) = ax.child_axes
    assert [text.get_text() for text in bar.get_yticklabels()] == [style.number(v, 2) for v in (-limit, 0, limit)]
    (bar,) = plots.image_grid(np.abs(images), signed=True).child_axes
    assert [text.get_text() for text in bar.get_yticklabels()] == ["0", style.number(limit, 2)]


def test_mistakes_have_a_cross_a_frame_and_the_truth():
    ax = plots.image_grid(normal(3, 4, 4), predicted=np.array([1, -1, 3]), true=np.array([1.0, 5, 3]))
    assert [text.get_text() for text in ax.texts] == ["1", "✗ −1\nis 5", "3"]
    widths = [frame.get_linewidth() for frame in frames(ax)]
    assert widths[1] > 3 * widths[0] == 3 * widths[2]
    assert frames(ax)[1].get_edgecolor() == to_rgba(style.NEGATIVE)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 8, 10, 12, 20, 64])
def test_without_columns_rows_are_even(count):
    lefts = {round(image.get_extent()[0], 6) for image in plots.image_grid(np.zeros((count, 1, 1))).images}
    columns = len(lefts)
    assert columns <= 10
    assert (columns * -(-count // columns) - count) <= 1  # places left empty
    if count > 2:
        assert columns >= count // columns


@pytest.mark.parametrize("size", [None, PHONE], ids=["own", "phone"])
@pytest.mark.parametrize("label", [str, lambda k: "automobile"], ids=["digits", "words"])
def test_captions_have_room(size, label):
    images = normal(12, 8, 8)
    labels = [label(k) for k in range(12)]
    ax = plots.image_grid(images, size and new_axes(size), predicted=labels, true=["airplane"] * 6 + labels[6:])
    check_texts_have_room(ax.figure)
    check_texts_are_legible(ax.figure)
    tops = [image.get_extent()[3] for image in ax.images]
    figure_tops = ax.transData.transform([(0, top) for top in tops])[:, 1]
    for text, top in zip(ax.texts, figure_tops):  # above its own picture
        assert top <= text.get_window_extent().y0 + 1


# --- tables -----------------------------------------------------------------------------------------------------


def cells(ax):
    """Return {(row, column): text} of what stands in the cells."""
    return {tuple(map(round, text.get_position()))[::-1]: text.get_text() for text in ax.texts}


def test_a_confusion_matrix_has_its_counts_and_shares():
    matrix = np.array([[90, 10, 0], [1, 3, 0], [0, 0, 0]])
    ax = plots.confusion(matrix, names=["a", "b", "c"])
    assert cells(ax) == {(i, j): str(matrix[i, j]) for i in range(3) for j in range(3)}
    colours = ax.images[0].get_array()
    hit = style.FIELDS[1]
    strength = np.sqrt(0.9)
    np.testing.assert_allclose(
        colours[0, 0, :3],
        (1 - strength) * np.array(to_rgba(style.MIDDLE)[:3]) + strength * np.array(to_rgba(hit)[:3]),
        atol=0.01,
    )
    assert colours[0, 1, 2] < colours[0, 1, 0]  # orange: less blue than red
    np.testing.assert_allclose(colours[2, :2], [to_rgba(style.MIDDLE)] * 2, atol=0.01)
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first class on top
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted class", "true class")
    assert [text.get_text() for text in ax.get_yticklabels()] == ["a", "b", "c"]
    assert [tuple(np.round(np.add(frame.get_xy(), 0.48))) for frame in frames(ax)] == [(0, 0), (1, 1), (2, 2)]


def test_a_heat_map_says_what_diverged_and_which_is_best():
    values = np.array([[0.5, 0.25, np.nan], [0.125, np.inf, 2.0]])
    ax = plots.heat_map(
        values, x=[0.01, 0.1, 1], y=["none", "much"], xlabel="rate", ylabel="λ", label="loss", best="min"
    )
    assert cells(ax) == {(0, 0): "0.500", (0, 1): "0.250", (0, 2): "✗", (1, 0): "0.125", (1, 1): "✗", (1, 2): "2.000"}
    assert ax.get_ylim()[0] < ax.get_ylim()[1]  # the first row below, as on an axis
    assert ax.get_xlabel() == "rate\nframed: smallest, ✗: diverged"
    assert [text.get_text() for text in ax.get_xticklabels()] == ["0.01", "0.1", "1"]
    best = [frame for frame in frames(ax) if frame.get_linewidth() > 2]
    assert [tuple(np.round(np.add(frame.get_xy(), 0.48))) for frame in best] == [(0, 1)]
    colours = ax.images[0].get_array()
    np.testing.assert_allclose(colours[0, 2], to_rgba(style.MISSING), atol=0.01)
    np.testing.assert_allclose(colours[1, 0], to_rgba(style.MIDDLE), atol=0.01)
    np.testing.assert_allclose(colours[1, 2], to_rgba(style.POINTS[1]), atol=0.01)


def test_colours_of_values_far_apart_follow_the_logarithm():
    draw = {"x": range(3), "y": [0], "xlabel": "x", "ylabel": "y", "label": "v"}
    far = plots.heat_map([[0.01, 1, 100]], **draw).images[0].get_array()
    np.testing.assert_allclose(far[0, 1], style.SEQUENTIAL(0.5), atol=0.01)
    near = plots.heat_map([[1, 2, 5]], **draw).images[0].get_array()
    np.testing.assert_allclose(near[0, 1], style.SEQUENTIAL(0.25), atol=0.01)


@pytest.mark.parametrize("values", [[[np.nan]], [[3.0, 3.0]], [[0.0, 0.0]], [[-1.0, 1.0]], [[1e-9, 1e9]]])
def test_odd_tables_are_drawn(values):
    labels = range(len(values[0]))
    ax = plots.heat_map(values, x=labels, y=[0], xlabel="x", ylabel="y", label="v", best="max")
    check_texts_have_room(ax.figure)


# --- calibration ------------------------------------------------------------------------------------------------


def test_calibration_draws_what_the_metric_found():
    p = np.random.default_rng(0).random(400)
    y = (np.random.default_rng(1).random(400) < p**2).astype(float)
    said, share, count = metrics.calibration_curve(y, np.where(p > 0.9, 0.85, p))
    assert count[-1] == 0
    ax = plots.calibration(said, share, count)
    diagonal, observed = ax.get_lines()
    np.testing.assert_array_equal(diagonal.get_xydata(), [[0, 0], [1, 1]])
    np.testing.assert_array_equal(observed.get_xydata(), np.stack([said, share], axis=1)[:-1])
    assert [text.get_text() for text in ax.texts] == [str(n) for n in count[:-1]]
    check_texts_have_room(ax.figure)


def test_the_counts_of_many_bins_have_room():
    bins = np.linspace(0.025, 0.975, 20)
    check_texts_have_room(plots.calibration(bins, bins, 100 * np.arange(10, 30), new_axes(PHONE)).figure)


def test_the_interval_is_wilsons():
    ax = plots.calibration([0.5, 0.9], [0.0, 0.5], [10, 20])
    (intervals,) = [each for each in ax.collections if isinstance(each, LineCollection)]
    # Brown, Cai, DasGupta, Statistical Science 16, 2001: for 0 of n the upper end is z²/(n + z²).
    z2 = 1.959964**2
    np.testing.assert_allclose(intervals.get_segments()[0][:, 1], [0, z2 / (10 + z2)], atol=1e-12)
    low, high = intervals.get_segments()[1][:, 1]
    for end in (low, high):  # where the observed share is z standard errors away
        assert (end - 0.5) ** 2 == pytest.approx(z2 * end * (1 - end) / 20)


# --- bands ------------------------------------------------------------------------------------------------------


def test_bands_hold_median_and_range():
    values = np.exp(normal(7, 5))
    ax = plots.curve_bands([1, 2, 4, 8, 16], values, xlabel="units", ylabel="error")
    (line,) = ax.get_lines()
    np.testing.assert_allclose(line.get_ydata(), np.median(values, axis=0))
    (band,) = [each for each in ax.collections if isinstance(each, FillBetweenPolyCollection)]
    corners = band.get_paths()[0].vertices
    for k, x in enumerate([1, 2, 4, 8, 16]):
        here = corners[corners[:, 0] == x, 1]
        assert (here.min(), here.max()) == pytest.approx((values[:, k].min(), values[:, k].max()))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("units", "error")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["7 runs"]


def test_diverged_runs_are_counted_and_left_out():
    values = np.array([[1.0, 2.0], [3.0, np.nan], [2.0, np.inf], [2.0, 6.0]])
    ax = plots.curve_bands([0, 1], {"Adam": values, "one": [[1, 1]]}, log=True)
    adam, one = ax.get_lines()
    np.testing.assert_array_equal(adam.get_ydata(), [2, 4])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["Adam (4 runs, 2 diverged)", "one (1 run)"]
    assert adam.get_marker() != one.get_marker()
    assert adam.is_dashed() != one.is_dashed()
    assert ax.get_yscale() == "log"


# --- bad input --------------------------------------------------------------------------------------------------

TABLE = {"x": [1, 2], "y": [1], "xlabel": "", "ylabel": "", "label": ""}
BAD = [
    (lambda: plots.image_grid(np.zeros((4, 4))), r"\(n, H, W\) or \(n, H, W, 3\), not \(4, 4\)"),
    (lambda: plots.image_grid(np.zeros((2, 3, 8, 8))), r"transpose\(0, 2, 3, 1\)"),
    (lambda: plots.image_grid(np.zeros((0, 8, 8))), "images are empty"),
    (lambda: plots.image_grid([[["a"]]]), "images must be an array of numbers"),
    (lambda: plots.image_grid(np.full((1, 2, 2), np.nan)), r"images hold not a number at \[0, 0, 0\]"),
    (lambda: plots.image_grid(np.full((1, 2, 2, 3), -0.5)), "from −0.5 to −0.5: undo the standardisation"),
    (lambda: plots.image_grid(np.full((1, 2, 2, 3), 1.5)), "0 to 1 or integers"),
    (lambda: plots.image_grid(np.zeros((1, 2, 2, 3)), signed=True), "one channel"),
    (lambda: plots.image_grid(np.zeros((2, 2, 2)), titles=["a"]), "1 titles for 2 images"),
    (lambda: plots.image_grid(np.zeros((2, 2, 2)), predicted=[1, 2]), "belong together"),
    (lambda: plots.image_grid(np.zeros((1, 2, 2)), predicted=[1], true=[1], titles=[1]), "not both"),
    (lambda: plots.image_grid(np.zeros((1, 2, 2)), predicted=[1], true=[1, 2]), "2 true labels for 1 images"),
    (lambda: plots.image_grid(np.zeros((1, 2, 2)), columns=0), "columns must be a positive integer, not 0"),
    (lambda: plots.confusion(np.zeros((2, 3))), r"\(C, C\), not \(2, 3\)"),
    (lambda: plots.confusion([[0.5]]), "whole numbers"),
    (lambda: plots.confusion([[-1]]), "none negative"),
    (lambda: plots.confusion([[np.nan]]), "not a number"),
    (lambda: plots.confusion([[1]], names=["a", "b"]), "2 names for 1 classes"),
    (lambda: plots.heat_map([[1], [2]], **TABLE), r"\(2, 1\), but y and x need \(1, 2\)"),
    (lambda: plots.heat_map([[1, 2]], **TABLE, best="least"), "'min' or 'max', not 'least'"),
    (lambda: plots.calibration([0.5], [0.5], [1, 2]), "lengths 1, 1, 2"),
    (lambda: plots.calibration([0.5], [0.5], [0]), "nor all 0"),
    (lambda: plots.calibration([0.5], [1.5], [3]), "observed shares must lie from 0 to 1; these hold 1.5"),
    (lambda: plots.calibration([np.nan], [0.5], [3]), "predicted shares .* hold not a number"),
    (lambda: plots.curve_bands([0, 1], np.zeros((3, 3))), r"shape \(3, 3\), but there are 2 places"),
    (lambda: plots.curve_bands([0, 0], np.zeros((3, 2))), "must rise"),
    (lambda: plots.curve_bands([0, 1], np.zeros(2)), r"shape \(runs, 2\), not \(2,\)"),
    (lambda: plots.curve_bands([0, 1], {"A": np.full((2, 2), np.nan)}), "no value of A is finite"),
    (lambda: plots.curve_bands([0, 1], {k: np.zeros((1, 2)) for k in range(5)}), "up to 4 series"),
    (lambda: plots.curve_bands([0, 1], {}), "no series"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), BAD, ids=[message for _, message in BAD])
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_figure_leaves_its_arrays_alone():
    arrays = [normal(3, 4, 4), np.arange(9.0).reshape(3, 3)]
    kept = [each.copy() for each in arrays]
    words(plots.image_grid(arrays[0], signed=True))
    plots.confusion(arrays[1])
    plots.layer_histograms(arrays)
    for given_, before in zip(arrays, kept):
        np.testing.assert_array_equal(given_, before)
