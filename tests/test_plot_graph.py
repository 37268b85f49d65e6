"""The drawn computation graph: every node with its numbers, and nothing on top of anything."""

import itertools
import subprocess
import sys

import matplotlib.style
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch
from matplotlib.transforms import Bbox

import nnlib
from nnlib.autodiff import Tensor, ancestors
from nnlib.expressions import log, network_loss, sigmoid, softmax
from nnlib.plots import style
from nnlib.plots.graph import computation_graph

pytestmark = pytest.mark.filterwarnings("error")


def named(tensor, name):
    tensor.name = name
    return tensor


def neuron():
    w1, w2, x1, x2, b = (Tensor(v, n) for v, n in zip((1, 2, 0.1, 0.2, 0.3), ("w₁", "w₂", "x₁", "x₂", "b")))
    return sigmoid(named(w1 * x1 + w2 * x2 + b, "z"))


def part_lifetime():
    x = Tensor(0.1, "length"), Tensor(0.2, "width")
    hidden = []
    for unit, (w, v, b) in {"₁": (1.0, 2.0, 0.3), "₂": (2.0, -1.0, -0.2)}.items():
        z = x[0] * Tensor(w, f"w{unit}") + x[1] * Tensor(v, f"v{unit}") + Tensor(b, f"b{unit}")
        hidden.append(named(sigmoid(named(z, f"z{unit}")), f"h{unit}"))
    out = sigmoid(hidden[0] * Tensor(1.5, "u₁") + hidden[1] * Tensor(-0.8, "u₂") + Tensor(1.2, "c"))
    return named((named(out, "ŷ") - Tensor(1.0, "y")) ** 2, "L")


def penalised():
    w, b = Tensor(1.5, "w"), Tensor(-0.5, "b")
    return named(named((w * 2 + b - 1) ** 2, "loss") + named(0.05 * w**2, "penalty"), "L")


def arrays():
    rng = np.random.default_rng(0)
    network = nnlib.mlp([2, 3, 1], rng=rng)
    return network_loss(network, rng.normal(size=(5, 2)), [1, -1, 1, 1, -1], l2=0.01)[0]


def shared():
    x = Tensor([1.0, -0.5, 3.0], "logits")
    return -log(softmax(x))[2] + (x * x).sum()


def alone():
    return Tensor(2.0, "x")


GRAPHS = [neuron, part_lifetime, penalised, arrays, shared, alone]


def drawn(tensor, **options):
    ax = computation_graph(tensor, **options)
    ax.figure.draw_without_rendering()
    return ax


def frames(ax):
    return [patch for patch in ax.patches if not isinstance(patch, FancyArrowPatch)]


def arrows(ax):
    return [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]


def boxes(ax):
    """Return what may not be covered, as the renderer sees it, and the text that is inside a frame of its own."""
    renderer = ax.figure.canvas.get_renderer()
    texts = [(text, text.get_window_extent(renderer)) for text in ax.texts if text.get_text()]
    outlines = [(frame, frame.get_window_extent(renderer)) for frame in frames(ax)]
    return texts, outlines


def curve(arrow):
    """Return points along an edge, in data units, without its head."""
    t = np.linspace(0, 1, 30)
    return np.concatenate(
        [bezier(t) for bezier, _ in arrow._path_original.iter_bezier() if len(bezier.control_points) > 1]
    )


def smaller(box, by=1.0):
    return Bbox.from_extents(box.x0 + by, box.y0 + by, box.x1 - by, box.y1 - by)


def check_layout(ax):
    texts, outlines = boxes(ax)
    for (one, a), (other, b) in itertools.combinations(texts, 2):
        assert not smaller(a).overlaps(smaller(b)), f"{one.get_text()!r} covers {other.get_text()!r}"
    for (_, a), (_, b) in itertools.combinations(outlines, 2):
        assert not smaller(a).overlaps(smaller(b))
    for text, a in texts:
        inside = [b for _, b in outlines if smaller(a).overlaps(smaller(b))]
        assert all(b.x0 <= a.x0 and a.x1 <= b.x1 and b.y0 <= a.y0 and a.y1 <= b.y1 for b in inside), text.get_text()
        assert len(inside) <= 1
        page = ax.figure.bbox
        assert page.x0 <= a.x0 and a.x1 <= page.x1 and page.y0 <= a.y0 and a.y1 <= page.y1, text.get_text()
    for arrow in arrows(ax):
        course = ax.transData.transform(curve(arrow))
        for text, box in texts:
            small = smaller(box)
            assert not ((course > small.min) & (course < small.max)).all(axis=1).any(), text.get_text()
        # An edge starts and ends on an outline.
        free = course[(np.abs(course - course[0]).max(1) > 2) & (np.abs(course - course[-1]).max(1) > 2)]
        for frame, _ in outlines:
            assert not frame.get_path().transformed(frame.get_transform()).contains_points(free).any()


def texts_of(ax):
    return [text.get_text() for text in ax.texts]


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize("look", ["default", "dark_background"])
def test_nothing_covers_anything(graph, look):
    result = graph()
    result.backward()
    with matplotlib.style.context(look):
        check_layout(drawn(result))


@settings(database=None, deadline=None, max_examples=15)
@given(st.data())
def test_nothing_covers_anything_in_random_graphs(data):
    tensors = [Tensor(float(k) - 1.2345, f"x{k}") for k in range(3)]
    for _ in range(data.draw(st.integers(1, 12))):
        a, b = (tensors[data.draw(st.integers(0, len(tensors) - 1))] for _ in range(2))
        tensors.append(data.draw(st.sampled_from([a + b, sigmoid(a), -1000.5 - b, named(a - b, "difference")])))
    tensors[-1].backward()
    check_layout(drawn(tensors[-1]))


@pytest.mark.parametrize("graph", GRAPHS)
def test_every_node_and_every_edge_is_drawn(graph):
    result = graph()
    result.backward()
    ax, tensors = drawn(result), ancestors(result)
    assert len(frames(ax)) == len(tensors)
    assert len(arrows(ax)) == sum(len(tensor.parents) for tensor in tensors)
    written = texts_of(ax)
    for tensor in tensors:
        assert (tensor.operation or tensor.name) in written
        if tensor.data.size == 1:
            value, gradient = (style.number(array.item(), 4) for array in (tensor.data, tensor.grad))
            assert f"∂ {gradient}" in written
            assert (f"{tensor.name} = {value}" if tensor.name and tensor.parents else value) in written


def test_edges_run_from_left_to_right():
    result = part_lifetime()
    for arrow in arrows(drawn(result)):
        x = curve(arrow)[:, 0]
        assert (np.diff(x) > -1e-9).all() and x[-1] > x[0]


def test_the_result_stands_out_and_gradients_have_a_sign_of_their_own():
    result = neuron()
    plain = drawn(result)
    assert not any("∂" in text for text in texts_of(plain))
    result.backward()
    ax = drawn(result)
    widths = [frame.get_linewidth() for frame in frames(ax)]
    assert sorted(widths)[-1] > 2 * sorted(widths)[-2] and "above: value    ∂: gradient" in texts_of(ax)
    colours = {text.get_color() for text in ax.texts if text.get_text().startswith("∂")}
    assert colours == {style.ACCENT}


def test_text_follows_the_ground():
    with matplotlib.style.context("dark_background"):
        ax = drawn(neuron())
    assert {to_rgba(text.get_color()) for text in ax.texts} == {to_rgba("white")}
    assert {frame.get_edgecolor() for frame in frames(ax)} == {to_rgba("white")}


def test_arrays_are_written_out_or_summed_up():
    x = Tensor([[1.0, 2.0], [3.0, -4.5]], "x")
    big = Tensor(np.linspace(-1, 0.123456, 12).reshape(4, 3), "big")
    product = named(big @ np.ones((3, 2)), "product")
    total = (product * x.sum()).sum()
    total.backward()
    written = texts_of(drawn(total, digits=3))
    assert {"[1  2]\n[3  −4.5]", "∂ " + "\n".join(["[−11  −11]"] * 2)} <= set(written)
    assert {"(4, 3)\n−1 … 0.12", "∂ 3 … 3", "@ [3×2]"} <= set(written)
    assert f"product (4, 2)\n−2.7 … {product.data.max():.2g}" in written


def test_axes_that_are_given_are_used_and_the_drawing_made_to_fit():
    result = part_lifetime()
    result.backward()
    figure = Figure(figsize=(7, 6), layout="constrained")
    FigureCanvasAgg(figure)
    upper, lower = figure.subplots(2)
    assert result.graph(upper) is upper and neuron().graph(ax=lower) is lower
    figure.draw_without_rendering()
    check_layout(upper)
    check_layout(lower)
    sizes = [max(text.get_fontsize() for text in ax.texts) for ax in (upper, lower)]
    assert sizes[0] < sizes[1] <= 9


def test_graphs_that_are_too_large_are_refused():
    x = Tensor(1.0)
    y = x
    for _ in range(59):
        y = y * 2
    assert len(frames(drawn(y))) == 60
    with pytest.raises(ValueError, match="61 nodes; up to 60 can be drawn"):
        (y * 2).graph()


def test_values_that_are_no_numbers_are_drawn():
    x = Tensor([np.inf, np.nan], "x")
    written = texts_of(drawn(x[0] + Tensor(-0.0)))
    assert "[∞  not a number]" in written and "input" in written and "0" in written


def test_names_may_be_mathematics():
    name = r"$w^{(1)}_{1,2}$"
    ax = drawn(Tensor(1.0, name) * 2)
    check_layout(ax)
    texts, outlines = boxes(ax)
    (written,) = [box for text, box in texts if text.get_text() == name]
    frame = min((box for _, box in outlines), key=lambda box: box.x0)
    assert frame.width < 2 * written.width


def test_pyplot_stays_out_of_it():
    code = (
        "import sys; from nnlib.autodiff import Tensor; assert 'matplotlib' not in sys.modules;"
        "(Tensor(1.0) * 2).graph(); assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
