"""The labs that are stepped through: their numbers against the book's, the library's and other ways to find them."""

import numpy as np
import pytest

from nnlib.labs import plan_of, step_graph, step_perceptron, step_update
from nnlib.landscapes import LANDSCAPES, descend
from nnlib.optimizers import SGD, Momentum
from nnlib.perceptron import best_separator, margin, mistake_bound, truth_table

# --- the book's table of the part-lifetime network --------------------------------------------------------------

VALUES = {
    "z1": 0.8, "z2": -0.2, "h1": 0.689974, "h2": 0.450166, "z": 1.874829, "y_hat": 0.867016, "L": 0.017685,
}  # fmt: skip
GRADIENTS = {
    "y_hat": -0.265968, "z": -0.030666, "c": -0.030666, "v1": -0.021159, "v2": -0.013805,
    "z1": -0.009840, "z2": 0.006072,
    "w11": -0.000984, "w12": 0.000607, "w21": -0.001968, "w22": 0.001214, "b1": -0.009840, "b2": 0.006072,
}  # fmt: skip
UPDATED = {
    "v1": 1.510579, "v2": -0.793098, "c": 1.215333, "w11": 1.000492, "w12": 1.999696, "w21": 2.000984, "w22": -1.000607,
    "b1": 0.304920, "b2": -0.203036, "output": 0.870215, "loss": 0.016844,
}  # fmt: skip


def test_the_graph_shows_the_numbers_of_the_book():
    shown = step_graph.numbers(plan_of("graph").defaults.with_(step=28))
    for name, value in VALUES.items():
        assert round(shown[f"value_{name}"], 6) == value, name
    for name, value in GRADIENTS.items():
        assert round(shown[f"gradient_{name}"], 6) == value, name


@pytest.mark.parametrize("graph", step_graph.LEAVES)
def test_gradients_summed_edge_by_edge_are_those_of_the_whole_graph(graph):
    settings = plan_of("graph").defaults.with_(graph=graph, step=28)
    values, gradients, _ = step_graph.walk(settings)
    nodes = step_graph.build(graph, step_graph.leaves_of(settings))
    list(nodes.values())[-1].backward()
    assert set(gradients) == set(values) == set(nodes)
    for name, node in nodes.items():
        assert gradients[name] == pytest.approx(node.grad.item(), rel=1e-14)


def test_the_car_price_has_a_derivative_that_is_a_ratio_until_a_fee_is_added():
    plan = plan_of("graph")
    car = step_graph.numbers(plan.presets["car"].with_(step=10))
    fee = step_graph.numbers(plan.presets["car_with_fee"])
    assert car["value_T"] == pytest.approx(33) and car["gradient_p"] == pytest.approx(2.2)
    assert fee["value_T"] == pytest.approx(36) and fee["gradient_p"] == pytest.approx(2.2)


@pytest.mark.parametrize("step", [0, 3, 7, 8, 9, 19, 23, 28])
def test_a_graph_script_stops_where_the_lab_stands(step):
    from tests.test_scenes import printed

    settings = plan_of("graph").defaults.with_(step=step)
    shown = {name: value for name, value in step_graph.numbers(settings).items() if value is not None}
    assert printed(step_graph.GRAPH.scripts["nnlib"](settings)) == pytest.approx(shown, rel=1e-12)


def test_updates_lead_where_the_book_says():
    plan = plan_of("update")
    shown = step_update.numbers(plan.defaults.with_(updates=1))
    for name, value in UPDATED.items():
        assert round(shown[name], 6) == value, name
    for updates, output in ((10, 0.8919), (100, 0.9486), (1000, 0.9835)):
        assert round(step_update.numbers(plan.defaults.with_(updates=updates))["output"], 4) == output
    first = step_update.numbers(plan.defaults)
    assert (round(first["next_loss_wrong"], 7), round(first["next_loss_right"], 7)) == (0.0168439, 0.0168441)


def test_the_bug_touches_the_hidden_gradients_only():
    right = step_update.numbers(plan_of("update").defaults)
    wrong = step_update.numbers(plan_of("update").presets["bug"])
    differ = {name for name in step_update.NAMES if right[f"gradient_{name}"] != wrong[f"gradient_{name}"]}
    assert differ == {"w11", "w12", "w21", "w22", "b1", "b2"}


# --- the perceptron -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("point_set", ["clouds", "narrow", "and", "or"])
@pytest.mark.parametrize("shuffle", [False, True])
def test_mistakes_stay_below_the_bound_and_end(point_set, shuffle):
    for seed in range(12):
        settings = plan_of("perceptron").defaults.with_(point_set=point_set, seed=seed, shuffle=shuffle, step=4000)
        shown, looks = step_perceptron.numbers(settings), step_perceptron.looks(settings)
        assert looks[-1].converged and shown["wrong"] == 0
        assert 0 < shown["mistakes"] <= shown["bound"]


def test_xor_goes_round_in_a_circle():
    settings = plan_of("perceptron").presets["xor"].with_(step=4000)
    shown = step_perceptron.numbers(settings)
    assert (shown["step"], shown["bound"], shown["gamma"]) == (400, None, None)
    assert "goes round in a circle" in step_perceptron.looks(settings)[-1].ending


def test_the_best_separator_of_and_is_known_and_no_other_line_does_better():
    data = truth_table("and")
    w, b = best_separator(data.X, data.y)
    assert [*w, b] == pytest.approx(np.array([2, 2, -3]) / np.sqrt(17))
    assert mistake_bound(data.X, data.y, w, b) == pytest.approx(51)
    assert best_separator(*(lambda xor: (xor.X, xor.y))(truth_table("xor"))) is None
    rng = np.random.default_rng(0)
    for seed in range(5):
        X, y = step_perceptron.points_of(plan_of("perceptron").defaults.with_(point_set="narrow", seed=seed))
        w, b = best_separator(X, y)
        assert margin(X, y, w, b) > 0 and np.hypot(np.linalg.norm(w), b) == pytest.approx(1)
        best = (y * (X @ w + b)).min()
        others = rng.normal(np.array([*w, b]), 0.1, (2000, 3))
        others /= np.linalg.norm(others, axis=1, keepdims=True)
        assert ((others[:, :2] @ X.T + others[:, 2:]) * y).min(axis=1).max() <= best + 1e-12


@pytest.mark.parametrize("text", ["1 2", "1 2 3", "a b 1", "1 nan 1", "; ".join(["1 1 1"] * 41)])
def test_own_points_that_cannot_be_read_are_named(text):
    with pytest.raises(ValueError, match=r"own: (point 1|up to 40)"):
        plan_of("perceptron").defaults.with_(own=text)


def test_own_points_lie_on_the_grid_and_survive_a_link():
    settings = plan_of("perceptron").defaults.with_(point_set="own", own="0.51 -9 1;0 0 -1")
    assert settings.own == "0.5 -3 1; 0 0 -1"
    assert type(settings).from_query(settings.to_query(), settings) == (settings, [])


# --- the descent --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LANDSCAPES)
def test_gradients_of_landscapes_are_slopes(name):
    f, gradient = LANDSCAPES[name].f, LANDSCAPES[name].gradient
    rng = np.random.default_rng(1)
    for a, b in rng.uniform(-2, 2, (20, 2)):
        h = 1e-6
        slopes = (f(a + h, b, 7.0) - f(a - h, b, 7.0)) / (2 * h), (f(a, b + h, 7.0) - f(a, b - h, 7.0)) / (2 * h)
        assert gradient(a, b, 7.0) == pytest.approx(slopes, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(("rate", "grows"), [(0.199, False), (0.201, True)])
def test_the_bound_parts_rest_from_divergence(rate, grows):
    path = descend("bowl", (1, 1), SGD(), rate, 400, condition=10.0)
    assert (abs(path[-1, 1]) > 1) == grows


def test_a_diverging_path_ends_and_noise_needs_a_generator():
    path = descend("ravine", (2, 2), Momentum(), 1.0, 500)
    assert 2 < len(path) < 500 and not (np.abs(path[-1]) <= 1e6).all() and np.isfinite(path[:-1]).all()
    with pytest.raises(ValueError, match="noise needs a generator"):
        descend("bowl", (1, 1), SGD(), 0.1, 5, noise=1.0)
    with pytest.raises(ValueError, match="unknown landscape 'hill'"):
        descend("hill", (1, 1), SGD(), 0.1, 5)
