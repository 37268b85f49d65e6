"""The look of every figure: readers with any colour vision can tell things apart, and text can be read."""

import itertools
import subprocess
import sys

import matplotlib.style
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb, to_rgba

import nnlib
from nnlib import plots
from nnlib.autodiff import Tensor
from nnlib.datasets import TOY
from nnlib.plots import style
from nnlib.random import CounterGenerator
from tests.figures import PHONE, check_texts_are_legible, check_texts_have_room, contrast, new_axes, words


def linear(colour):
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


# What is left of linear RGB in full red, green and blue blindness: Machado, Oliveira, Fernandes, IEEE TVCG 15, 2009.
SIGHT = {
    "full": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def lab(rgb):
    """Return CIE L*a*b* of linear RGB, in which distances are those that the eye sees."""
    xyz = TO_XYZ @ rgb / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("colours", [style.FIELDS, style.POINTS], ids=["fields", "points"])
def test_classes_can_be_told_apart(colours, sight):
    seen = [lab(np.clip(SIGHT[sight] @ linear(colour), 0, 1)) for colour in colours]
    # 2.3 is just noticeable; marks in a scatter need several times that.
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 15


def test_contrast_is_sufficient():
    assert min(contrast(colour, "white") for colour in style.POINTS) > 4.5
    assert min(contrast(style.ACCENT, ground) for ground in ("white", "black")) > 3
    assert min(contrast(style.INK, ground) for ground in (*style.FIELDS[:3], style.MIDDLE)) > 4.5
    lines = (style.NEGATIVE, style.POSITIVE, style.OTHER)
    assert min(contrast(line, ground) for line in lines for ground in ("white", "black")) > 3


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("ground", ["white", "black"])
def test_series_can_be_told_apart(ground, sight):
    colours = [colour or ("black" if ground == "white" else "white") for colour, _, _ in style.SERIES]
    seen = [lab(np.clip(SIGHT[sight] @ linear(colour), 0, 1)) for colour in colours]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 12
    assert len({str(dash) for _, dash, _ in style.SERIES}) == len({mark for *_, mark in style.SERIES}) == 4


@given(st.tuples(*[st.floats(0, 1)] * 3))
@settings(max_examples=200, deadline=None, database=None)
def test_text_stands_out_on_any_colour(colour):
    assert contrast(style.text_on(colour), colour) >= 4.5


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (-0.0, "0"), (0.1234, "0.123"), (-0.5, "−0.5"), (12345, "12345"), (1.5e-7, "1.5e−7"),
        (2e9, "2e9"), (1.0, "1"), (np.nan, "not a number"), (np.inf, "∞"), (-np.inf, "−∞"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_readers_expect(value, text):
    assert style.number(value) == text


def test_the_scale_runs_from_orange_over_the_middle_to_blue():
    ends = [style.DIVERGING(0.0), style.DIVERGING(1.0)]
    np.testing.assert_allclose(ends, [to_rgba(style.FIELDS[0]), to_rgba(style.FIELDS[1])], atol=0.01)
    np.testing.assert_allclose(style.DIVERGING(0.5), to_rgba(style.MIDDLE), atol=0.01)


# --- every figure -----------------------------------------------------------------------------------------------


def network(widths, *activations):
    return nnlib.mlp(widths, *activations, bias=0.25, rng=np.random.default_rng(0))


def spiral():
    data = TOY["spiral"](rng=CounterGenerator(0))
    return data.split(0.5, rng=CounterGenerator(0, "split"))


def normal(*shape):
    return np.random.default_rng(0).normal(size=shape)


def product():
    return Tensor(2.0, name="x") * Tensor(3.0, name="w")


STEPS = np.linspace([-2.0, 1.5], [0.1, 0.2], 12)

#: Each public function on a typical input: the table is complete, so a new figure is tested when it is listed.
FIGURES = {
    "activation_curve": lambda ax: plots.activation_curve("leaky_relu", ax),
    "calibration": lambda ax: plots.calibration(
        np.linspace(0.05, 0.95, 10), np.linspace(0, 1, 10) ** 1.5, np.arange(90, 190, 10), ax
    ),
    "computation_graph": lambda ax: plots.computation_graph(product(), ax),
    "confusion": lambda ax: plots.confusion(np.diag(range(40, 50)) + np.arange(100).reshape(10, 10) // 30, ax),
    "curve_bands": lambda ax: plots.curve_bands(
        range(10), {name: np.exp(normal(5, 10)) for name in ("full batch", "one by one", "mini-batch", "Adam")}, ax
    ),
    "decision_surface": lambda ax: plots.decision_surface(network([2, 4, 1], "tanh", "tanh"), spiral(), ax),
    "feature_maps": lambda ax: plots.feature_maps(normal(8, 6, 6), ax),
    "heat_map": lambda ax: plots.heat_map(
        np.where(np.eye(4, 5), np.nan, np.exp(3 * normal(4, 5))), ax, x=[0.001, 0.01, 0.1, 1, 10],
        y=[0, 1e-4, 0.01, 1], xlabel="learning rate", ylabel="λ", label="test loss", best="min",
    ),
    "hidden_space": lambda ax: plots.hidden_space(network([2, 4, 2, 1], "tanh", "tanh"), spiral(), ax),
    "hidden_units": lambda ax: plots.hidden_units(network([2, 6, 4, 4, 3, 1]), ax),
    "image_grid": lambda ax: plots.image_grid(normal(12, 8, 8), ax, predicted=range(12), true=[*range(10), 0, 1]),
    "layer_histograms": lambda ax: plots.layer_histograms([np.maximum(normal(99, 8), 0) / k for k in range(1, 6)], ax),
    "learning_curves": lambda ax: plots.learning_curves({"epoch": [0, 1], "train": [0.5, 0.3], "test": [0.6, 0.4]}, ax),
    "loss_line": lambda ax: plots.loss_line(range(-3, 4), np.arange(-3, 4) ** 2, ax, path=[-2.5, 2, -1.6, 1.3]),
    "loss_surface": lambda ax: plots.loss_surface(
        plots.loss_grid(lambda a, b: a**2 + 9 * b**2, (-3, 3), (-2, 2), side=41), ax,
        path={"momentum": STEPS, "Adam": STEPS[:, ::-1]},
    ),
    "nerve_cell": lambda ax: plots.nerve_cell(ax),
    "network_diagram": lambda ax: plots.network_diagram(network([2, 4, 3, 1], "tanh", "tanh"), ax),
    "points": lambda ax: plots.points(spiral(), ax),
}  # fmt: skip
HELPERS = {"style", "loss_grid"}


def test_every_figure_is_in_the_table():
    assert set(FIGURES) == set(plots.__all__) - HELPERS


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_fits_into_the_axes_it_is_given(name):
    given = new_axes(PHONE)
    assert FIGURES[name](given) is given
    check_texts_have_room(given.figure)


@pytest.mark.parametrize("look", ["default", "dark_background"])
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_of_its_own_is_legible_on_light_and_on_dark(name, look):
    with matplotlib.style.context(look):
        ax = FIGURES[name](None)
        assert isinstance(ax, Axes)
        assert to_hex(ax.figure.get_facecolor()) == ("#ffffff" if look == "default" else "#000000")
        if look == "default":
            assert len(words(ax)) > 1
            check_texts_have_room(ax.figure)
        check_texts_are_legible(ax.figure)


def test_pyplot_stays_out_of_it():
    code = (
        "import sys, nnlib.plots as p; p.style.new_axes(); p.loss_line([0, 1], [0, 1]); "
        "p.image_grid([[[0, 1]]], signed=True); assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
