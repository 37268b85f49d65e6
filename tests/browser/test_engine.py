"""The page engine against the library: the same names, the same numbers, in a real browser.

``engine_probe.js`` calls the engine's modules in the page. The tests here compare single pieces and
single steps; whole runs are compared in test_golden.py.
"""

import itertools
import math
from pathlib import Path

import numpy as np
import pytest

import nnlib
from nnlib.labs.features import FEATURES, compute_features
from nnlib.labs.run import Run
from nnlib.labs.settings import Settings
from nnlib.random import STREAMS, CounterGenerator

ROOT = Path(__file__).parents[2]
Z = [-1e308, -1e4, -700.0, -40.0, -20.0, -19.07, -6.0, -4.5, -1.0, -0.7, -0.3, -1 / 32, -1e-3, -1e-9, -1e-308]
Z = [*Z, 0.0, *(-z for z in Z), *np.random.default_rng(0).normal(scale=3, size=200).tolist()]
CONSTANTS = {"slope": (0.5, 0.0, -1.0), "alpha": (0.5, 0.0, -1.0, 1e3), "beta": (0.5, 0.0, -5.0, 5.0, 1e-3, 1e3)}
SIGNS = [-1.0, 1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0]
KINDS = {
    "numbers": (1, [-3.0, 0.4, 2.0, 1.0, 0.0, -0.5, 0.25, 9.0]),
    "signs": (1, SIGNS),
    "classes": (3, [0, 2, 1, 1, 2, 0, 2, 1]),
}


@pytest.fixture(scope="module")
def probe(chromium, go_bare):
    """A function that calls a function of engine_probe.js in a page of its own."""
    page = chromium.new_page()
    go_bare(page)
    call = "async ([name, argument]) => (await import('/tests/browser/engine_probe.js'))[name](argument)"
    yield lambda name, argument=None: page.evaluate(call, [name, argument])
    page.close()


def assert_close(actual, expected, tolerance):
    """Differences are at most `tolerance`, relative to values above 1."""
    np.testing.assert_allclose(np.asarray(actual, float), expected, rtol=tolerance, atol=tolerance)


# --- the pieces ---------------------------------------------------------------------------------------------


def test_both_languages_have_the_same_names_and_defaults(probe):
    names = probe("names")
    elsewhere = {"TOY": nnlib.datasets.TOY, "FEATURES": FEATURES}
    assert set(names) >= {"ACTIVATIONS", "LOSSES", "INITIALIZERS", "OPTIMIZERS", *elsewhere}
    for registry, entries in names.items():
        assert entries == list(elsewhere.get(registry) or getattr(nnlib, registry)), registry
    assert probe("streams") == STREAMS
    defaults, settings = probe("defaults"), Settings().to_json()
    assert defaults == {name: settings[name] for name in defaults}
    assert set(settings) - set(defaults) == {"pace", "continue_run", "show_test", "discretise", "changes", "stop"}


def test_activations_equal_the_librarys(probe):
    d = np.random.default_rng(1).normal(size=len(Z)).tolist()
    for name, entry in nnlib.ACTIVATIONS.items():
        others = [({key: p}, {"p": p}) for key in entry.parameters for p in CONSTANTS[key]]
        for constants, told in (({}, {}), *others):
            ours = entry.with_parameters(**constants)
            page = probe("activation", {"name": name, "z": Z, "d": d, **told})
            assert page["parameters"] == dict(entry.parameters)
            assert page["learnable"] == entry.learnable
            f, derivative = ours.f(Z), ours.derivative(Z)
            for key, expected in {"f": f, "a": f, "derivative": derivative, "d": d * derivative}.items():
                assert_close(page[key], expected, 1e-13)


def test_erf_and_erfc_equal_pythons(probe):
    x = [*np.linspace(-6.5, 6.5, 1301).tolist(), 0.46875, -0.46875, 4.0, -4.0, 26.0, 30.0, -1e4, 1e4]
    page = probe("errorFunctions", x)
    assert_close(page["erf"], [math.erf(each) for each in x], 2e-15)
    expected = np.array([math.erfc(each) for each in x])
    relative = np.abs(np.array(page["erfc"]) - expected) / np.maximum(expected, 1e-300)
    assert relative.max() <= 2e-15


def test_tanh_is_good_to_the_last_digits(probe):
    rng = np.random.default_rng(2)
    z = np.concatenate([rng.uniform(-22, 22, 3000), rng.uniform(-0.2, 0.2, 3000), 10.0 ** -np.arange(17)]).tolist()
    page = np.array(probe("activation", {"name": "tanh", "z": z, "d": z})["f"])
    expected = np.tanh(z)
    assert (np.abs(page - expected) <= 4 * np.spacing(np.abs(expected))).all()
    finite = probe("activation", {"name": "tanh", "z": [math.nan, math.inf, -math.inf], "d": [1.0, 1.0, 1.0]})
    assert math.isnan(finite["f"][0])
    assert finite["f"][1:] == [1, -1]


def test_losses_equal_the_librarys(probe):
    rng = np.random.default_rng(3)
    for name, loss in nnlib.LOSSES.items():
        k, y = KINDS[loss.kind]
        targets = [y, [max(t, 0.0) for t in y]] if loss.kind == "signs" else [y]
        for scale, t in itertools.product((1.0, 30.0, 1e4), targets):
            outputs = rng.normal(size=(len(y), k)) * scale
            if loss.kind != "classes":
                outputs[:3, 0] = [0.0, t[1], t[2]]  # the kinks
            case = {"outputs": outputs.ravel().tolist(), "targets": t, "n": len(y), "k": k}
            page = probe("loss", {"name": name, **case})
            assert_close(page["value"], loss.value(outputs, t), 1e-13)
            assert_close(page["gradient"], loss.gradient(outputs, t).ravel(), 1e-13)


def test_losses_of_the_largest_outputs_equal_the_librarys(probe):
    for name, loss in nnlib.LOSSES.items():
        k, y = KINDS[loss.kind]
        outputs = np.resize([1e308, 0.5, -1e308, -1e200, 1e200, 0.0, 1.7e308], (len(y), k))
        page = probe("loss", {"name": name, "outputs": outputs.ravel().tolist(), "targets": y, "n": len(y), "k": k})
        with np.errstate(all="ignore"):
            assert_close(page["value"], loss.value(outputs, y), 1e-13)
            assert_close(page["gradient"], loss.gradient(outputs, y).ravel(), 1e-13)


@pytest.mark.parametrize("weights", [[0.0, -2.0], [1e200, 1.0], [math.inf, 1.0], [math.nan, 1.0]])
def test_the_penalty_of_any_weights_equals_the_librarys(probe, weights):
    for l1, l2 in itertools.product((0.0, 0.5), (0.0, 0.1)):
        page = probe("price", {"weights": weights, "l1": l1, "l2": l2})
        assert page == pytest.approx(nnlib.regularizers.penalty(np.array(weights), l1, l2))


@pytest.mark.parametrize("dataset", ["blobs", "spiral", "plane"])
def test_a_network_that_is_no_number_in_parts_has_the_numbers_of_the_library(probe, dataset):
    settings = Settings(dataset=dataset, depth=0, l2=0.1)
    for seed in range(8):
        chance, run = np.random.default_rng(seed), Run(settings)
        parameters = chance.choice([1.0, -1.0, 1e200, math.inf, -math.inf, math.nan], run.network.parameters.size)
        run.network.parameters[...] = parameters
        trainer = run.trainer
        ours = [
            trainer.train_loss(),
            trainer.train_accuracy(),
            trainer.test_loss(),
            trainer.test_accuracy(),
            trainer.penalty(),
        ]
        assert probe("numbersWith", {"settings": settings.to_json(), "parameters": parameters.tolist()}) == ours, (
            parameters
        )


def test_elementwise_losses_take_several_outputs(probe):
    outputs, targets = np.random.default_rng(4).normal(size=(2, 5, 3))
    case = {"outputs": outputs.ravel().tolist(), "targets": targets.ravel().tolist(), "n": 5, "k": 3}
    for name in ("mse", "half_mse", "huber"):
        page = probe("loss", {"name": name, **case})
        assert_close(page["value"], nnlib.LOSSES[name].value(outputs, targets), 1e-14)
        assert_close(page["gradient"], nnlib.LOSSES[name].gradient(outputs, targets).ravel(), 1e-14)


def test_initializers_equal_the_librarys(probe):
    for name, initializer in nnlib.INITIALIZERS.items():
        page = probe("initializer", {"name": name, "fanIn": 5, "fanOut": 3, "seed": 7})
        assert_close(page, initializer((5, 3), CounterGenerator(7, "weights")).ravel(), 1e-15)


def test_optimizers_equal_the_librarys_for_fifty_steps(probe):
    rng = np.random.default_rng(5)
    start, gradients = rng.normal(size=9), rng.normal(size=(50, 9)) * np.tile([[1e-6], [1.0]], (25, 1))
    gradients[:, 0], gradients[:, 1] = 0.0, 1e155  # whose square overflows
    weights = np.array([1, 1, 1, 1, 1, 1, 0, 0, 0])
    case = {"start": start.tolist(), "weightMask": weights.tolist(), "gradients": gradients.tolist(), "rate": 0.05}
    for name, optimizer in nnlib.OPTIMIZERS.items():
        ours, parameters, expected = optimizer(), start.copy(), []
        for gradient in gradients:
            with np.errstate(over="ignore"):
                ours.step(parameters, gradient, 0.05, weights)
            expected.append(parameters.copy())
        assert_close(probe("optimize", {"name": name, **case}), expected, 1e-13)


# --- gradients against central differences ------------------------------------------------------------------


@pytest.mark.parametrize("activation", [name for name in nnlib.ACTIVATIONS if name not in ("step", "sign")])
def test_gradients_equal_central_differences(probe, activation):
    for name, loss in nnlib.LOSSES.items():
        k = 3 if loss.kind == "classes" else 2
        case = {"loss": name, "activation": activation, "output": "identity", "l2": 0.1, "classes": 3 * (k == 3)}
        error = probe("gradientError", {"widths": [2, 5, 4, k], **case})
        assert error < 1e-8, f"{activation} with {name}: relative error {error:.1e}"
    # Squashed and learned outputs, every remainder of the loops over four, no hidden layer at all.
    for widths in ([3, 1], [1, 1, 1], [2, 6, 7, 3, 1], [5, 8, 2]):
        case = {"widths": widths, "activation": activation, "output": activation, "loss": "half_mse", "l2": 0.0}
        assert probe("gradientError", {**case, "classes": 0}) < 1e-8, f"{activation} in {widths}"


def test_painting_disturbs_nothing(probe):
    result = probe("paint", {"widths": [2, 5, 3, 2], "activation": ["tanh", "prelu"], "n": 7})
    assert result["kept"] == result["again"]
    assert result["evaluated"][0] == result["forward"]
    assert [len(values) for values in result["evaluated"]] == [14, 35, 21]
    assert result["reused"]


LAYERED = Settings(
    dataset="blobs", features=tuple(FEATURES), widths=(5, 3), activations=("relu", "prelu"), bias=0.1, dropout=0.3,
    batch_norm=True, batch_size=25, optimizer="sgd", seed=5,
)  # fmt: skip


def test_points_are_shown_as_the_network_is_used(probe):
    run = Run(LAYERED)
    run.advance(4)
    points = np.random.default_rng(6).uniform(-6, 6, (7, 2))
    page = probe("show", {"settings": LAYERED.to_json(), "steps": 4, "points": points.ravel().tolist()})
    inputs = compute_features(LAYERED.features, points)
    assert_close(page["inputs"], inputs.ravel(), 1e-14)
    assert_close(page["outputs"], run.evaluate(points).ravel(), 1e-12)
    assert_close(page["forward"], page["outputs"], 1e-14)
    assert_close(page["statistics"], run.network.statistics, 1e-12)
    for ours, theirs in zip(run.network.hidden(inputs), page["hidden"], strict=True):
        assert_close(theirs, ours.ravel(), 1e-12)


# --- single steps from a shared state -----------------------------------------------------------------------

STEPS = 6
TASK_LOSSES = {
    "spiral": ("mse", "binary_cross_entropy", "hinge", "huber", "perceptron", "auto"),
    "bumps": ("mse", "half_mse", "huber"),
    "blobs": ("cross_entropy",),
}
BY_LOSS = [{"dataset": dataset, "loss": loss} for dataset, losses in TASK_LOSSES.items() for loss in losses]
MATRIX = [
    *({"activation": name} for name in nnlib.ACTIVATIONS),
    *({"optimizer": name, "learning_rate": 0.01, "l1": 0.001} for name in nnlib.OPTIMIZERS),
    *({"init": name, "activation": "prelu"} for name in nnlib.INITIALIZERS),
    *({"depth": depth, "width": width} for depth, width in enumerate((8, 1, 2, 3, 5, 7, 32))),
    *({"dataset": name, "noise": 0.2, "train_share": 0.3} for name in nnlib.datasets.TOY),
    *({"batch_size": size, "l1": 0.01, "l2": 0.0} for size in (1, 13, 100, 1000)),
    {"learning_rate": 0.03, "l1": 3.0},  # many weights reach zero
    *BY_LOSS,
]


def test_every_step_equals_the_librarys_from_the_same_state(probe):
    for changed in MATRIX:
        settings = Settings(**{"activation": "silu", "optimizer": "adam", "learning_rate": 0.003, "seed": 3} | changed)
        run = Run(settings)
        states = [run.network.parameters.tolist()]
        for _ in range(STEPS):
            run.advance()
            states.append(run.network.parameters.tolist())
        page = probe("stepsFrom", {"settings": settings.to_json(), "states": states[:-1]})
        worst = {
            "points": np.abs(np.subtract(page["X"], run.data.X.ravel())).max(),
            "targets": np.abs(np.subtract(page["y"], run.data.y)).max(),
            "initial weights": np.abs(np.subtract(page["initial"], states[0])).max(),
            "steps": np.abs(np.subtract(page["after"], states[1:])).max(),
        }
        assert all(error <= 1e-10 for error in worst.values()), (changed, worst)


# --- what a run does ----------------------------------------------------------------------------------------


def library_state(run):
    """The part of a Python run that the page's run reports too."""
    arrays = {name: getattr(run.network, name).copy() for name in ("parameters", "statistics")}
    return {"step": run.step, "epoch": run.epoch, **arrays, **run.metrics()}


def assert_same_state(page, run):
    ours = library_state(run)
    assert (page["step"], page["epoch"]) == (ours["step"], ours["epoch"])
    assert [tuple(change) for change in page["changes"]] == run.changes
    for name in ("parameters", "statistics"):
        assert_close(page[name], ours[name], 1e-10)
    assert (page["stoppedEarly"], page["bestEpoch"]) == (run.stopped_early, run.best_epoch)
    assert page["point"] == pytest.approx(run.curve_point(), abs=1e-10)
    for name in ("train_loss", "test_loss", "penalty", "train_accuracy", "test_accuracy"):
        first, second = name.split("_") if "_" in name else (name, "")
        assert page[first + second.capitalize()] == pytest.approx(ours[name], abs=1e-10), name


@pytest.mark.parametrize("dataset", ["circle", "plane", "rings"])
def test_changes_in_mid_run_are_logged_and_replayed(probe, dataset):
    settings = Settings(dataset=dataset, optimizer="momentum", learning_rate=0.01, batch_size=30, l2=0.01)
    script = [("change", "l2", 0.0), ("advance", 4), ("change", "learning_rate", 0.003), ("advance", 9)]
    script += [("change", "l1", 0.02), ("change", "l1", 0.01), ("advance", 7)]
    run = Run(settings)
    page = probe("drive", {"settings": settings.to_json(), "script": script})
    for (method, *arguments), state in zip(script, page, strict=True):
        getattr(run, method)(*arguments)
        assert_same_state(state, run)
    replayed = probe("replay", {"settings": settings.to_json(), "changes": run.changes, "step": run.step})
    assert replayed == page[-1]
    assert page[-1]["l1"] == 0.01


def test_a_new_change_drops_the_logged_future(probe):
    settings, changes = Settings(), [(2, "l2", 0.1), (5, "l2", 0.5), (9, "l1", 0.1)]
    script = [("advance", 3), ("change", "learning_rate", 0.03), ("advance", 10)]
    page = probe("drive", {"settings": settings.to_json(), "changes": changes, "script": script})
    run = Run(settings.with_(changes=changes))
    for (method, *arguments), state in zip(script, page, strict=True):
        getattr(run, method)(*arguments)
        assert_same_state(state, run)
    assert page[-1]["changes"] == [[2, "l2", 0.1], [3, "learning_rate", 0.03]]


@pytest.mark.parametrize("more", [{}, {"dropout": 0.1, "batch_norm": True, "features": ("x1", "x2", "sin_x1")}])
def test_early_stopping_ends_a_run_in_both_engines_at_the_same_step(probe, more):
    settings = Settings(early_stopping=3, learning_rate=0.1, optimizer="sgd", noise=0.2, seed=2, **more)
    run = Run(settings)
    script = [("advanceEpochs", 2), ("change", "l2", 0.01), ("advance", 7), ("advanceEpochs", 400), ("advance", 5)]
    page = probe("drive", {"settings": settings.to_json(), "script": script})
    for (method, *arguments), state in zip(script, page, strict=True):
        if method == "advanceEpochs":
            run.advance((run.epoch + arguments[0]) * run.steps_per_epoch - run.step)
        else:
            getattr(run, method)(*arguments)
        assert_same_state(state, run)
    assert run.stopped_early and page[-1]["ended"] and page[-1]["step"] == page[-2]["step"]
    assert run.best_epoch == run.epoch - 3 and page[-1]["point"][2] > page[-1]["testLoss"]
    replayed = probe("replay", {"settings": settings.to_json(), "changes": run.changes, "step": 10**6})
    assert replayed == page[-1]


def test_epochs_end_at_epochs(probe):
    settings = Settings(batch_size=100, train_share=0.5)  # 250 samples: three batches an epoch
    script = [["advance", 4], ["advanceEpochs", 1], ["advanceEpochs", 2]]
    states = probe("drive", {"settings": settings.to_json(), "script": script})
    assert [(state["step"], state["epoch"]) for state in states] == [(4, 1), (6, 2), (12, 4)]


@pytest.mark.parametrize(("learning_rate", "batch_size"), [(100.0, 10), (10.0, 1000)])
def test_divergence_ends_a_run(probe, learning_rate, batch_size):
    # Small batches reach infinity within the first epoch; a full batch passes the limit while still finite.
    settings = Settings(
        dataset="plane",
        activation="identity",
        optimizer="sgd",
        learning_rate=learning_rate,
        l2=0.0,
        batch_size=batch_size,
    )
    page = probe("drive", {"settings": settings.to_json(), "script": [["advanceEpochs", 100], ["advance", 1]]})
    run = Run(settings)
    run.advance(100 * run.steps_per_epoch)
    assert run.diagnosis.name == "diverged"
    assert np.isfinite(run.network.parameters).all() == (batch_size == 1000)
    assert [state["diagnosis"] for state in page] == [{"name": "diverged"}] * 2
    assert [(state["step"], state["epoch"]) for state in page] == [(run.step, run.epoch)] * 2
    assert page[0]["trainLoss"] > 1e6


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ({"settings": {"activation": "rulo"}}, ["activation", "rulo", "relu, leaky_relu"]),
        ({"settings": {"loss": "l3"}}, ["loss", "l3", "mse, half_mse"]),
        ({"settings": {"init": "best"}}, ["initializer", "best", "zeros, constant"]),
        ({"settings": {"optimizer": "magic"}}, ["optimizer", "magic", "sgd, momentum"]),
        ({"settings": {"dataset": "constructor"}}, ["data set", "constructor", "circle"]),
        ({"settings": {"width": 0}}, ["width", "whole number", "0"]),
        ({"settings": {"learning_rate": math.nan}}, ["learning_rate", "number of 0 or more"]),
        ({"settings": {"train_share": 1}}, ["train_share", "between 0 and 1"]),
        ({"settings": {"dataset": "blobs", "loss": "hinge"}}, ["hinge", "multiclass", "cross_entropy"]),
        ({"settings": {"dataset": "spiral", "loss": "cross_entropy"}}, ["cross_entropy", "binary", "half_mse"]),
        ({"settings": {"dataset": "plane", "loss": "hinge"}}, ["hinge", "regression", "huber"]),
        ({"settings": {"loss": "binary_cross_entropy", "output": "tanh"}}, ["logits", "identity", "tanh"]),
        ({"settings": {"features": ["x1", "x3"]}}, ["features", "x1_squared"]),
        ({"settings": {"features": []}}, ["widths", "0, 8, 8, 1"]),
        ({"settings": {"widths": [4, 0]}}, ["widths", "whole numbers from 1 up"]),
        ({"settings": {"activations": "relu"}}, ["activations", "a list of names out of common, identity, step"]),
        ({"settings": {"dropout": 1}}, ["dropout", "from 0 to just below 1"]),
        ({"settings": {"batch_norm": 1}}, ["batch_norm", "true or false"]),
        ({"settings": {"early_stopping": -1}}, ["early_stopping", "whole number from 0 up"]),
        ({"changes": [[3, "width", 4]]}, ["width", "learning_rate, l1, l2"]),
        ({"change": ["seed", 4]}, ["seed", "learning_rate, l1, l2"]),
        ({"change": ["l2", -1]}, ["l2", "number of 0 or more", "-1"]),
    ],
)
def test_what_cannot_be_is_answered_with_a_sentence(probe, case, words):
    message = probe("complaint", case)
    assert message is not None
    assert all(word in message for word in words), message


def test_good_settings_bring_no_complaint(probe):
    assert probe("complaint", {"change": ["l2", 0.5]}) is None
