"""Pictures of networks and of what goes on in their layers: the numbers drawn are the network's."""

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba

import nnlib
from nnlib import plots
from nnlib.layers import BatchNorm, Dense, Dropout, Flatten, Residual
from nnlib.plots import style
from tests.figures import PHONE, check_texts_are_legible, check_texts_have_room, new_axes, words, written


def rng():
    return np.random.default_rng(0)


def part_lifetime():
    """The network of the backpropagation chapter."""
    net = nnlib.mlp([2, 2, 1], "sigmoid", "sigmoid", rng=rng())
    net.parameters[:] = [1, 2, 2, -1, 0.3, -0.2, 1.5, -0.8, 1.2]
    return net


def lines(ax):
    """Return (segments, widths, colours, dashed) of each layer's weights."""
    found = []
    for each in ax.collections:
        if isinstance(each, LineCollection):
            dashed = [dash is not None for _, dash in each.get_linestyle()]
            found.append((np.array(each.get_segments()), each.get_linewidth(), each.get_color(), dashed))
    return found


# --- the diagram ------------------------------------------------------------------------------------------------


def test_every_weight_is_a_line_of_its_width_colour_and_dash():
    net = nnlib.mlp([3, 5, 2], rng=rng())
    ax = plots.network_diagram(net)
    dense = [layer for layer in net.layers if isinstance(layer, Dense)]
    largest = max(np.abs(layer.W).max() for layer in dense)
    for layer, (segments, widths, colours, dashed) in zip(dense, lines(ax)):
        assert len(segments) == layer.W.size
        sources = sorted({tuple(start) for start in segments[:, 0]}, key=lambda place: -place[1])
        targets = sorted({tuple(end) for end in segments[:, 1]}, key=lambda place: -place[1])
        for (start, end), width, colour, dash in zip(segments, widths, colours, dashed):
            w = layer.W[sources.index(tuple(start)), targets.index(tuple(end))]  # the first unit on top
            assert width == pytest.approx(3.6 * abs(w) / largest)
            assert tuple(colour) == to_rgba(style.NEGATIVE if w < 0 else style.POSITIVE)
            assert dash == (w < 0)


def test_strong_weights_are_drawn_last():
    for _, widths, _, _ in lines(plots.network_diagram(nnlib.mlp([3, 5, 2], rng=rng()))):
        assert (np.diff(widths) >= 0).all()


def test_dashes_are_as_long_on_narrow_lines_as_on_broad_ones():
    drawn = plots.network_diagram(nnlib.mlp([3, 5, 2], rng=rng())).collections[0]
    lengths = [dash for _, dash in drawn.get_linestyle() if dash is not None]
    assert len(lengths) > 3
    np.testing.assert_allclose(lengths, np.broadcast_to([5, 3], (len(lengths), 2)))
    assert np.ptp(drawn.get_linewidth()) > 1


def test_the_numbers_of_a_small_network_are_written():
    ax = plots.network_diagram(part_lifetime(), inputs=("length", "width"), outputs=["lifetime"])
    said = words(ax)
    for word in ("1", "2", "−1", "0.3", "−0.2", "1.5", "−0.8", "1.2", "length", "width", "lifetime", "inputs"):
        assert word in said
    assert said.count("2") == 2
    assert "hidden 1\nsigmoid" in said
    assert "output\nsigmoid" in said
    assert "width: |w|, up to 2; in the circles: biases" in said


def test_a_weight_is_written_on_its_own_line():
    net = part_lifetime()
    ax = plots.network_diagram(net)
    (segments, widths, _, _), _ = lines(ax)
    weights = {text.get_text(): np.array(text.get_position()) for text in ax.texts if text.get_text() in ("1", "−1")}
    for word, place in weights.items():
        signed = [end - start for start, end in segments]
        distances = [
            abs(np.cross(np.r_[along, 0], np.r_[place - start, 0])[2]) / np.hypot(*along)
            for (start, _), along in zip(segments, signed)
        ]
        nearest = int(np.argmin(distances))
        assert distances[nearest] < 1e-9
        assert widths[nearest] == pytest.approx(1.8), word  # |w| is half of the largest


def test_small_axes_show_no_weights_rather_than_overlapping_ones():
    net = nnlib.mlp([3, 4, 2], bias=0.3, rng=rng())
    small = plots.network_diagram(net, new_axes((2.2, 1.8)))
    written_weights = {style.number(w, 2) for w in net.layers[0].W.ravel()}
    assert written_weights <= set(words(plots.network_diagram(net)))
    assert not written_weights & set(words(small))
    assert words(small).count("+") == 6
    check_texts_have_room(small.figure)


def test_a_wide_layer_is_shortened_and_counted():
    net = nnlib.mlp([784, 13, 12, 10], "relu", rng=rng())
    ax = plots.network_diagram(net, outputs=range(10))
    said = words(ax)
    assert said.count("⋮") == 2
    assert "inputs\n784 units" in said
    assert "hidden 1\nrelu\n13 units" in said
    assert "hidden 2\nrelu" in said
    assert [name for name in said if name.startswith("x")] == ["x₁", "x₂", "x₃", "x₄", "x₇₈₁", "x₇₈₂", "x₇₈₃", "x₇₈₄"]
    assert [len(segments) for segments, *_ in lines(ax)] == [8 * 8, 8 * 12, 12 * 10]
    last = lines(ax)[0][1].max() * max(np.abs(layer.W).max() for layer in net.layers if isinstance(layer, Dense)) / 3.6
    assert last == pytest.approx(np.abs(net.layers[0].W[np.r_[:4, 780:784]][:, np.r_[:4, 9:13]]).max())


def test_a_unit_without_bias_is_an_empty_circle():
    ax = plots.network_diagram(nnlib.mlp([2, 8, 8, 1], rng=rng()))
    assert not {"0", "+"} & set(words(ax))
    assert not any("biases" in word for word in words(ax))


def test_other_layers_are_named_or_refused():
    net = nnlib.sequential((1, 2, 2), [Flatten(), Dense(3), BatchNorm(), "relu", Dropout(0.5), Dense(2)], rng=rng())
    assert "hidden 1\nbatch norm\nrelu\ndropout" in words(plots.network_diagram(net))
    residual = nnlib.sequential((3,), [Dense(3), Residual([Dense(3), "relu"]), Dense(2)], rng=rng())
    with pytest.raises(ValueError, match=r"shows dense layers; this network has .*Residual.* among them"):
        plots.network_diagram(residual)


SHAPES = [[1, 1], [2, 1], [2, 2, 1], [4, 5], [2, 3, 3, 1], [1, 20, 1], [12, 12, 2], [2, *[4] * 6, 1], [784, 128, 10]]


@pytest.mark.parametrize("size", [None, PHONE], ids=["own", "phone"])
@pytest.mark.parametrize("widths", SHAPES, ids=str)
def test_networks_of_all_shapes_have_room_for_their_texts(widths, size):
    net = nnlib.mlp(widths, "leaky_relu", "sigmoid", rng=rng())
    for layer in net.layers:
        if isinstance(layer, Dense):
            layer.b[...] = np.random.default_rng(1).normal(size=layer.b.shape)
    figure = plots.network_diagram(net, size and new_axes(size)).figure
    check_texts_have_room(figure)
    check_texts_are_legible(figure)


# --- hidden units, feature maps ---------------------------------------------------------------------------------


def test_the_units_of_a_deep_network_stand_in_their_rows():
    net = nnlib.mlp([2, 5, 4, 3, 2, 1], rng=rng())
    ax = plots.hidden_units(net)
    assert [text.get_text() for text in ax.get_yticklabels()] == ["layer 4", "layer 3", "layer 2", "layer 1"]
    rows = [round(image.get_extent()[2] + 0.95) for image in ax.images]
    assert rows == [4] * 5 + [3] * 4 + [2] * 3 + [1] * 2
    x, y = np.meshgrid(*[np.linspace(-6, 6, 61)] * 2)
    hidden = net.hidden(np.stack([x.ravel(), y.ravel()], axis=1))
    for image, values in zip(ax.images, np.concatenate([layer.T for layer in hidden])):
        np.testing.assert_array_equal(image.get_array(), values.reshape(61, 61))


def test_feature_maps_share_one_signed_scale_and_say_which_are_off():
    maps = rng().normal(size=(5, 4, 6))
    maps[2] = 0
    ax = plots.feature_maps(maps, columns=3)
    for image, channel in zip(ax.images, maps):
        np.testing.assert_array_equal(image.get_array(), channel)
        assert image.get_clim() == (-np.abs(maps).max(), np.abs(maps).max())
    assert [text.get_text() for text in ax.texts] == ["0", "1", "2: all 0", "3", "4"]
    left, top = np.array([(image.get_extent()[0], image.get_extent()[3]) for image in ax.images]).T
    assert left[3] == left[0] < left[1] < left[2]
    assert top[3] < top[0] == top[2]


# --- histograms -------------------------------------------------------------------------------------------------


def bars(ax):
    """Return (counts' heights, edges) of each row, from the top."""
    rows = [patch.get_data() for patch in ax.patches if patch.get_fill()]
    return [(values - base, edges) for values, edges, base in rows]


def labels(ax):
    return [text.get_text() for text in ax.get_yticklabels()]


def test_histograms_hold_their_counts_on_one_axis():
    layers = [rng().normal(size=(50, 20)), 0.3 * rng().normal(size=500)]
    rows = bars(plots.layer_histograms(layers))
    for values, (heights, edges) in zip(layers, rows):
        np.testing.assert_array_equal(edges, rows[0][1])
        counts = np.histogram(values, edges)[0]
        assert counts.sum() == values.size
        np.testing.assert_allclose(heights / heights.max(), counts / counts.max())
        assert heights.max() == pytest.approx(0.82)
    (heights, edges), _ = bars(ax := plots.layer_histograms(layers, log=True))
    floors = [patch.get_data().baseline for patch in ax.patches if patch.get_fill()]
    assert floors == [1, 0]  # the first layer on top, each beside its name
    assert [int(place) for place in ax.get_yticks()] == floors
    counts = np.histogram(layers[0], edges)[0]
    np.testing.assert_allclose(heights / heights.max(), np.log1p(counts) / np.log1p(counts.max()))


def test_zeros_are_written_not_drawn():
    relu = np.maximum(rng().normal(size=1000), 0)
    ax = plots.layer_histograms([relu, np.zeros(7), np.r_[np.zeros(1), np.ones(999)]])
    share = (relu == 0).mean()
    assert labels(ax)[0].endswith(f"{100 * share:.0f} % are 0")
    assert labels(ax)[1:] == ["layer 2\nstd 0\nall are 0", "layer 3\nstd 0.032\n<1 % are 0"]
    (heights, edges), (nothing, _), _ = bars(ax)
    np.testing.assert_allclose(heights / heights.max(), (c := np.histogram(relu[relu > 0], edges)[0]) / c.max())
    assert not nothing.any()


def test_what_the_bars_do_not_show_is_counted():
    values = np.r_[rng().normal(size=2000), np.nan, np.nan, np.inf, 1e6, -1e6, 1e6]
    ax = plots.layer_histograms([values, np.full(3, np.nan)], names=["a", "b"])
    assert labels(ax)[0].split("\n")[::2] == ["a", "2 NaN, 1 infinite, 3 outside"]
    assert labels(ax)[1] == "b\nno finite value\n3 NaN"
    assert ax.get_xlim()[1] < 20
    assert bars(ax)[0][0].sum() > 0


def test_values_that_are_mostly_one_have_no_outliers():
    ax = plots.layer_histograms([np.r_[np.ones(1000), 5.0]])
    assert "outside" not in labels(ax)[0]
    assert ax.get_xlim()[1] > 5


def test_many_layers_fit_on_a_phone():
    layers = [np.maximum(rng().normal(size=300), 0) for _ in range(10)]
    check_texts_have_room(plots.layer_histograms(layers, new_axes(PHONE)).figure)
    assert len(written(plots.layer_histograms(layers).figure)) > 10


# --- bad input --------------------------------------------------------------------------------------------------


def diverged():
    net = nnlib.mlp([2, 3, 1], rng=rng())
    net.layers[0].W[1, 2] = np.nan
    return net


BAD = [
    (lambda: plots.network_diagram(diverged()), r"weights of layer 1 hold not a number at \[1, 2\]"),
    (lambda: plots.network_diagram(nnlib.mlp([2, 1], runs=2, rng=rng())), "shows one network"),
    (lambda: plots.network_diagram(part_lifetime(), inputs=["a"]), "1 names for 2 inputs"),
    (lambda: plots.network_diagram(part_lifetime(), outputs=["a", "b"]), "2 names for 1 outputs"),
    (lambda: plots.feature_maps(np.zeros((1, 8, 4, 4))), r"those of one sample, not \(1, 8, 4, 4\)"),
    (lambda: plots.feature_maps(np.full((2, 3, 3), np.inf)), r"feature maps hold ∞ at \[0, 0, 0\]"),
    (lambda: plots.feature_maps(np.zeros((0, 3, 3))), "are empty"),
    (lambda: plots.layer_histograms([]), "no layers"),
    (lambda: plots.layer_histograms([[1.0], []]), "values of layer 2 are empty"),
    (lambda: plots.layer_histograms([["a"]]), "values of layer 1 must be an array of numbers"),
    (lambda: plots.layer_histograms([[1.0]], names=["a", "b"]), "2 names for 1 layers"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), BAD, ids=[message for _, message in BAD])
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
