"""Figures: what is drawn is what the network computes, readable without colours, and nothing overlaps."""

import warnings

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure

import nnlib
from nnlib import plots
from nnlib.datasets import TOY, Dataset
from nnlib.plots import style
from nnlib.random import CounterGenerator
from tests.figures import check_texts_have_room, written

CURVE = {"epoch": [0, 1, 2, 3], "train": [0.5, 0.3, 0.2, 0.1], "test": [0.55, 0.4, 0.3, 0.25]}


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def toy(name, split=True, **options):
    data = TOY[name](rng=CounterGenerator(0), **options)
    return data.split(0.5, rng=CounterGenerator(0, "split")) if split else data


def axes(count=1, width=4.2):
    figure = Figure(figsize=(width * count, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    return figure.subplots(1, count)


def colour_at(ax, x, y):
    """Return the colour painted at a place of the plane, as a reader sees it."""
    canvas = ax.figure.canvas
    canvas.draw()
    column, row = (round(v) for v in ax.transData.transform((x, y)))
    image = np.asarray(canvas.buffer_rgba())
    return image[image.shape[0] - 1 - row, column, :3] / 255


# --- points -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["spiral", "blobs"])
def test_points_have_a_mark_for_each_class_and_hollow_test_points(name):
    data = toy(name)
    ax = plots.points(data)
    hollow, filled = ax.collections[: data.classes], ax.collections[data.classes :]
    for k, label in enumerate(data.labels):
        for drawn, X, y in ((filled[k], data.X, data.y), (hollow[k], data.X_test, data.y_test)):
            np.testing.assert_array_equal(drawn.get_offsets(), X[y == label])
        assert tuple(filled[k].get_facecolor()[0]) == to_rgba(style.POINTS[k])
        assert tuple(hollow[k].get_facecolor()[0]) == to_rgba("white")
        assert tuple(hollow[k].get_edgecolor()[0]) == to_rgba(style.POINTS[k])
    outlines = {drawn.get_paths()[0].vertices.tobytes() for drawn in filled}
    assert len(outlines) == data.classes
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [*data.names, "training", "test"]


def test_values_have_their_colour():
    data = toy("plane")
    ax = plots.points(data)
    hollow, filled = ax.collections
    assert plots.marks.value_limit(data) == 1.2
    np.testing.assert_allclose(filled.get_facecolor(), style.DIVERGING((data.y / 1.2 + 1) / 2))
    np.testing.assert_allclose(hollow.get_edgecolor(), style.DIVERGING((data.y_test / 1.2 + 1) / 2))
    assert len(hollow.get_facecolor()) == 0


@pytest.mark.parametrize(("largest", "limit"), [(0.945, 1), (1, 1), (1.0001, 1.2), (37, 40), (0.0021, 0.0025), (0, 1)])
def test_the_end_of_a_value_scale_is_round(largest, limit):
    data = Dataset([[0, 0], [1, 1]], [0.0, -largest], "regression")
    assert plots.marks.value_limit(data) == pytest.approx(limit, rel=1e-12)


def test_the_plane_is_square_and_named():
    data = Dataset([[0, 0], [1, 1]], [-1, 1], "binary", features=("length", "width"))
    ax = plots.points(data, extent=2)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("length", "width")
    assert ax.get_xlim() == ax.get_ylim() == (-2, 2)
    assert ax.get_aspect() == 1
    assert ax.get_xticklabels()[0].get_text() == "−2"


# --- surfaces ---------------------------------------------------------------------------------------------------

FAR = Dataset([[50, 50], [-50, -50]], [-1, 1], "binary")  # points outside the picture, so that only the surface is seen


def test_the_surface_has_the_colour_of_the_output():
    given = axes()
    ax = plots.decision_surface(lambda X: X[:, :1] / 6, FAR, given)
    assert ax is given
    for x, y in ((-5.9, 4), (-5.9, -4), (5.9, 4), (-3, 5), (2, -5)):
        np.testing.assert_allclose(colour_at(ax, x, y), style.DIVERGING((x / 6 + 1) / 2)[:3], atol=0.03)


def test_up_is_up():
    ax = plots.decision_surface(lambda X: np.sign(X[:, 1]), FAR)
    np.testing.assert_allclose(colour_at(ax, 0, 5), to_rgb(style.FIELDS[1]), atol=0.01)
    np.testing.assert_allclose(colour_at(ax, 0, -5), to_rgb(style.FIELDS[0]), atol=0.01)


def line_ends(ax):
    """Return all corners of the contour lines in these axes, (n, 2)."""
    sets = [drawn for drawn in ax.collections if isinstance(drawn, ContourSet)]
    return np.concatenate([np.empty((0, 2)), *(path.vertices for each in sets for path in each.get_paths())])


def test_the_line_stands_where_the_output_is_zero():
    corners = line_ends(plots.decision_surface(lambda X: X @ [[1.0], [2.0]] - 1, FAR))
    assert len(corners) > 50
    np.testing.assert_allclose(corners @ [1, 2], 1, atol=1e-9)


def test_a_sigmoid_is_undecided_at_one_half():
    net = nnlib.mlp([2, 1], output="sigmoid", rng=np.random.default_rng(0))
    net.parameters[:] = [1, 0, -2]  # σ(x − 2)
    ax = plots.decision_surface(net, FAR)
    np.testing.assert_allclose(line_ends(ax)[:, 0], 2, atol=1e-3)
    assert [text.get_text() for text in bar(ax).get_yticklabels()] == ["0 ▲ −1", "0.5", "1 ● +1"]


def bar(ax):
    (inset,) = ax.child_axes
    return inset


@pytest.mark.parametrize(("scale", "extended"), [(0.1, "neither"), (1.0, "both")])
def test_the_bar_names_both_ends_and_says_what_exceeds_it(scale, extended):
    ax = plots.decision_surface(lambda X: scale * X[:, 0], FAR)
    assert [text.get_text() for text in bar(ax).get_yticklabels()] == ["−1 ▲", "0", "+1 ●"]
    assert bar(ax).texts[0].get_text() == "network output"
    assert ax.images[0].colorbar.extend == extended


def test_the_bar_of_a_regression_has_the_name_of_the_value():
    data = Dataset([[50, 50], [-50, -50]], [0.0, -3.1], "regression", ("price",))
    ax = plots.decision_surface(lambda X: X[:, 0], data)
    assert bar(ax).texts[0].get_text() == "predicted price"
    assert [text.get_text() for text in bar(ax).get_yticklabels()] == ["−4", "0", "+4"]
    np.testing.assert_allclose(sorted(set(line_ends(ax)[:, 0].round(6))), [-2, 0, 2])


def test_several_classes_show_the_likeliest_and_how_sure_it_is():
    data = Dataset([[50, 50], [-50, -50], [50, 0]], [0, 1, 2], "multiclass", ("a", "b", "c"))
    ax = plots.decision_surface(lambda X: np.stack([X[:, 0], -X[:, 0], 0 * X[:, 0] - 100], axis=1) * 3, data)
    np.testing.assert_allclose(colour_at(ax, 5, 1), to_rgb(style.FIELDS[0]), atol=0.02)
    np.testing.assert_allclose(colour_at(ax, -5, 1), to_rgb(style.FIELDS[1]), atol=0.02)
    np.testing.assert_allclose(line_ends(ax)[:, 0], 0, atol=1e-9)
    unsure = plots.decision_surface(lambda X: np.zeros((len(X), 3)), data)
    np.testing.assert_allclose(colour_at(unsure, 1, 1), to_rgb(style.MIDDLE), atol=0.01)


@pytest.mark.parametrize("classes", [2, 4])
def test_a_diverged_network_is_said_to_be_one(classes):
    data = toy("blobs", classes=classes)
    net = nnlib.mlp([2, 4, 1 if classes == 2 else classes], rng=np.random.default_rng(0))
    net.parameters[:] = np.nan
    ax = plots.decision_surface(net, data)
    np.testing.assert_allclose(colour_at(ax, -5.5, 5.5), to_rgb(style.MISSING), atol=0.02)
    assert [text.get_text() for text in ax.texts] == ["grey: the output\nis not a number"]
    assert not plots.decision_surface(lambda X: np.zeros((len(X), net.widths[-1])), data).texts


def test_hidden_units_stand_in_rows_from_the_first_layer():
    net = nnlib.mlp([2, 3, 2, 1], rng=np.random.default_rng(0))
    net.layers[0].W[...] = [[1, 0, 0], [0, 1, 0]]  # x, y, nothing
    net.layers[2].W[...] = 0
    ax = plots.hidden_units(net)
    assert len(ax.images) == 5
    assert [text.get_text() for text in ax.get_yticklabels()] == ["layer 2", "layer 1"]
    orange, blue = to_rgb(style.FIELDS[0]), to_rgb(style.FIELDS[1])
    np.testing.assert_allclose(colour_at(ax, 0.1, 1.5), orange, atol=0.02)
    np.testing.assert_allclose(colour_at(ax, 0.9, 1.5), blue, atol=0.02)
    np.testing.assert_allclose(colour_at(ax, 1.5, 1.1), orange, atol=0.02)
    np.testing.assert_allclose(colour_at(ax, 1.5, 1.9), blue, atol=0.02)
    np.testing.assert_allclose(colour_at(ax, 2.5, 1.5), to_rgb(style.MIDDLE), atol=0.02)


# --- curves -----------------------------------------------------------------------------------------------------


def test_curves_hold_their_numbers_and_differ_in_more_than_colour():
    test, train = plots.learning_curves(CURVE).get_lines()
    np.testing.assert_array_equal(train.get_xydata(), np.stack([CURVE["epoch"], CURVE["train"]], axis=1))
    np.testing.assert_array_equal(test.get_ydata(), CURVE["test"])
    assert train.is_dashed()
    assert not test.is_dashed()
    assert test.get_linewidth() > 1.5 * train.get_linewidth()
    assert train.get_zorder() > test.get_zorder()


def test_curves_name_their_axes_and_last_values():
    ax = plots.learning_curves(CURVE, label="half squared error")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "half squared error")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["test  0.25", "training  0.1"]
    assert ax.get_ylim()[0] == 0
    assert plots.learning_curves(CURVE, log=True).get_yscale() == "log"


@pytest.mark.parametrize("test", [None, [None] * 4, "missing"])
def test_without_a_test_part_there_is_one_curve(test):
    curve = {name: values for name, values in (CURVE | {"test": test}).items() if values != "missing"}
    assert len(plots.learning_curves(curve).get_lines()) == 1


def test_a_loss_that_is_no_number_leaves_a_gap():
    _, train = plots.learning_curves(CURVE | {"train": [0.5, None, float("inf"), 0.1]}).get_lines()
    np.testing.assert_array_equal(np.isnan(train.get_ydata()), [False, True, True, False])


def test_a_single_epoch_is_a_dot():
    lines = plots.learning_curves({"epoch": [0], "train": [0.5], "test": [0.6]}).get_lines()
    assert [line.get_marker() for line in lines] == ["o", "o"]


# --- legible, and clear about bad input -------------------------------------------------------------------------


def chapter():
    """The figure of a chapter: three surfaces with titles, side by side."""
    for ax, name in zip(axes(3, 4.0), ("spiral", "blobs", "plane")):
        data = toy(name)
        outputs = data.classes if data.task == "multiclass" else 1
        plots.decision_surface(nnlib.mlp([2, 8, outputs], rng=np.random.default_rng(0)), data, ax)
        ax.set_title("20 units: train 0.123, test 0.234")
    return ax.figure


def printed_lab():
    surface, curves = axes(2, 4.5)
    plots.decision_surface(nnlib.mlp([2, 8, 1], output="sigmoid", rng=np.random.default_rng(0)), toy("spiral"), surface)
    plots.learning_curves(CURVE, curves)
    return surface.figure


@pytest.mark.parametrize("draw", [chapter, printed_lab], ids=lambda draw: draw.__name__)
def test_no_text_overlaps_or_is_cut_off(draw):
    figure = draw()
    assert len(written(figure)) > 15
    check_texts_have_room(figure)


BAD = [
    (lambda: plots.points(Dataset([[1], [2]], [-1, 1], "binary")), r"2 features.*\(2, 1\)"),
    (lambda: plots.points(Dataset(np.zeros((5, 2)), range(5), "multiclass")), "up to 4 classes .* have 5"),
    (lambda: plots.decision_surface(lambda X: X, FAR), r"need 1 output\(s\) to draw, but the network gives 2"),
    (lambda: plots.decision_surface(lambda X: X, toy("blobs")), r"need 4 output\(s\) to draw, but the network gives 2"),
    (lambda: plots.hidden_units(nnlib.mlp([3, 2, 1], rng=np.random.default_rng(0))), "2 inputs .* has 3"),
    (lambda: plots.hidden_units(nnlib.mlp([2, 1], rng=np.random.default_rng(0))), "no hidden units"),
    (lambda: plots.learning_curves({"epoch": [1]}), "'train' is missing"),
    (lambda: plots.learning_curves({"epoch": [1, 2], "train": [1]}), "2 epochs, but 1 train losses"),
    (lambda: plots.learning_curves(CURVE | {"test": [1]}), "4 epochs, but 1 test losses"),
    (lambda: plots.learning_curves({"epoch": [], "train": []}), "no epochs yet"),
]


@pytest.mark.parametrize(("call", "message"), BAD, ids=[message for _, message in BAD])
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
