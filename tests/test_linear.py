"""Linear models: the table, the closed form, standardised inputs, log-sum-exp and the softmax Jacobian."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.linear_model import Ridge

from nnlib import gradcheck, softmax, train
from nnlib.datasets import Dataset, blobs, gauss, plane, spiral
from nnlib.linear import (
    LINEAR_MODELS,
    MODELS,
    least_squares,
    linear_regression,
    logistic_regression,
    logsumexp,
    softmax_jacobian,
    softmax_regression,
    standardise,
)
from nnlib.perceptron import truth_table
from nnlib.random import CounterGenerator


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def made(name, d, classes=3):
    """Return a fresh network of one entry of the table."""
    options = {"classes": classes} if MODELS[name].task == "multiclass" else {}
    if name == "multilayer_perceptron":
        options = {"rng": CounterGenerator(0)}
    return MODELS[name].make(d, **options)


# --- the table --------------------------------------------------------------------------------------------------

DATA = {
    "binary": gauss(80, 0.2, rng=CounterGenerator(0)),
    "multiclass": blobs(90, classes=3, rng=CounterGenerator(0)),
    "regression": plane(80, rng=CounterGenerator(0)),
}


def test_the_five_models():
    assert {name: (model.task, model.loss) for name, model in MODELS.items()} == {
        "linear_regression": ("regression", "mse"),
        "logistic_regression": ("binary", "binary_cross_entropy"),
        "softmax_regression": ("multiclass", "cross_entropy"),
        "perceptron": ("binary", "perceptron"),
        "multilayer_perceptron": ("binary", "binary_cross_entropy"),
    }
    assert list(LINEAR_MODELS) == list(MODELS)[:4]
    for name, model in MODELS.items():
        assert model.name == name
        assert all([model.formula, model.objective, model.output, model.geometry, model.remarks])


@pytest.mark.parametrize("name", MODELS)
def test_every_model_trains_with_its_loss_to_better_than_nothing(name):
    model, data = MODELS[name], DATA[MODELS[name].task]
    network = made(name, 2)
    assert network.task == model.task
    before = network.loss_and_gradient(data.X, data.y, loss=model.loss)[0]
    *_, last = train(network, data, loss=model.loss, learning_rate=0.05, epochs=20, rng=CounterGenerator(0))
    assert network.task == model.task
    if name == "perceptron":
        assert last.train_accuracy > 0.9
    else:
        assert last.train_loss < 0.3 * before


@pytest.mark.parametrize("name", LINEAR_MODELS)
def test_linear_models_are_one_layer_of_zeros(name):
    network = made(name, 4)
    outputs = 3 if name == "softmax_regression" else 1
    assert network.parameters.shape == (4 * outputs + outputs,)
    assert not network.parameters.any()
    network.parameters[...] = np.random.default_rng(0).normal(size=network.parameters.size)
    X = np.random.default_rng(1).normal(size=(3, 5, 4))
    np.testing.assert_allclose(network(X[0] + X[1]) + network(0 * X[0]), network(X[0]) + network(X[1]), atol=1e-12)


@pytest.mark.parametrize("name", LINEAR_MODELS)
def test_no_linear_model_learns_xor(name):
    data = truth_table("xor")
    if name == "softmax_regression":
        data = Dataset(data.X, (data.y > 0).astype(int), "multiclass")
    network = made(name, 2, classes=2)
    for _ in train(network, data, loss=MODELS[name].loss, learning_rate=0.1, epochs=100, rng=CounterGenerator(0)):
        wrong = np.where(network(data.X) >= 0, 1, -1)[:, 0] != data.y
        if name == "softmax_regression":
            wrong = network.predict(data.X) != data.y
        assert wrong.any()


def test_two_classes_by_softmax_are_logistic_regression(rng):
    two, one = softmax_regression(3, 2), logistic_regression(3)
    two.parameters[...] = rng.normal(size=8)
    W, b = two.parameters[:6].reshape(3, 2), two.parameters[6:]
    one.parameters[...] = [*(W[:, 1] - W[:, 0]), b[1] - b[0]]
    X = rng.normal(size=(9, 3))
    np.testing.assert_allclose(two.predict_proba(X)[:, 1], one.predict_proba(X), rtol=1e-12)


def test_a_probability_is_the_sigmoid_of_distance_times_length(rng):
    network = logistic_regression(2)
    network.parameters[...] = [3.0, -4.0, 0.5]
    X = rng.normal(size=(6, 2))
    foot = X - (X @ [3, -4] + 0.5)[:, None] * np.array([3, -4]) / 25  # where the perpendicular meets the boundary
    distance = np.linalg.norm(X - foot, axis=1) * np.sign(X @ [3, -4] + 0.5)
    np.testing.assert_allclose(network.predict_proba(X), 1 / (1 + np.exp(-5 * distance)), rtol=1e-12)


# --- least squares ----------------------------------------------------------------------------------------------


@st.composite
def regressions(draw):
    n, d = draw(st.integers(2, 30)), draw(st.integers(1, 6))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    scale, offset = draw(st.sampled_from([1e-3, 1, 1e3])), draw(st.sampled_from([0, -7, 100]))
    return scale * rng.normal(size=(n, d)) + offset, rng.normal(3, 2, n)


@settings(database=None, deadline=None, max_examples=50)
@given(regressions(), st.sampled_from([0.0, 1e-3, 0.3, 20.0]))
def test_the_closed_form_is_where_the_objective_is_flat_and_no_neighbour_is_lower(problem, l2):
    X, y = problem
    w, b = least_squares(X, y, l2)

    def objective(w, b):
        return np.mean((X @ w + b - y) ** 2) + 0.5 * l2 * w @ w

    least = objective(w, b)
    network = linear_regression(X.shape[1])
    network.parameters[...] = [*w, b]
    value, gradient = network.loss_and_gradient(X, y[:, None], loss="mse", l2=l2)
    assert value == pytest.approx(least, rel=1e-9, abs=1e-12)
    assert np.abs(gradient).max() <= 1e-7 * max(1, np.abs(X).max())
    for step in np.random.default_rng(0).normal(size=(20, len(w) + 1)) * 0.01:
        assert objective(w + step[:-1], b + step[-1]) >= least - 1e-9 * max(1, least)


@pytest.mark.parametrize("l2", [0.0, 0.1, 3.0])
def test_training_arrives_at_the_closed_form(rng, l2):
    X = rng.normal(size=(60, 3)) + 1
    y = X @ [2.0, -1.0, 0.5] + 3 + rng.normal(0, 0.3, 60)
    network = linear_regression(3)
    options = {"loss": "mse", "l2": l2, "learning_rate": 0.1, "batch_size": None, "epochs": 1500}
    for _ in train(network, (X, y), rng=rng, **options):
        pass
    w, b = least_squares(X, y, l2)
    np.testing.assert_allclose(network.parameters, [*w, b], rtol=0, atol=1e-10)


@pytest.mark.parametrize("l2", [0.0, 0.01, 5.0])
def test_least_squares_agrees_with_numpy_and_scikit_learn(rng, l2):
    X, y = rng.normal(size=(40, 5)) * [1, 10, 0.1, 3, 1] + 20, rng.normal(size=40)
    w, b = least_squares(X, y, l2)
    assert isinstance(b, float)
    theirs = Ridge(alpha=len(X) * l2 / 2, solver="svd").fit(X, y)  # it minimises Σ(…)² + α·Σw²
    np.testing.assert_allclose([*w, b], [*theirs.coef_, theirs.intercept_], rtol=1e-8)
    if not l2:
        augmented = np.linalg.lstsq(np.column_stack([X, np.ones(40)]), y, rcond=None)[0]
        np.testing.assert_allclose([*w, b], augmented, rtol=1e-7)


def test_the_bias_is_not_penalised(rng):
    X, y = rng.normal(size=(30, 2)), rng.normal(size=30) + 1000
    w, b = least_squares(X, y, l2=1e9)
    np.testing.assert_allclose(w, 0, atol=1e-6)
    assert b == pytest.approx(y.mean())


def test_of_many_minima_the_shortest_weights_are_returned(rng):
    x = rng.normal(size=10)
    w, b = least_squares(np.stack([x, x, np.ones(10)], axis=1), 6 * x + 2)
    np.testing.assert_allclose([*w, b], [3, 3, 0, 2], atol=1e-12)
    X, y = rng.normal(size=(4, 9)), rng.normal(size=4)
    w, b = least_squares(X, y)
    np.testing.assert_allclose(X @ w + b, y, atol=1e-12)


def test_ill_conditioned_columns_keep_their_digits():
    # A cubic far from 0, where XᵀX has a condition number near 1e30: it would answer with noise.
    t = np.linspace(100, 101, 50)
    X = np.stack([t, t**2, t**3], axis=1)
    y = X @ [1.0, 2.0, 3.0]
    w, b = least_squares(X, y)
    np.testing.assert_allclose(X @ w + b, y, rtol=1e-9)


# --- standardising ----------------------------------------------------------------------------------------------


def test_training_columns_get_mean_0_and_std_1(rng):
    data = Dataset(rng.normal(size=(50, 3)) * [1e-6, 1, 1e6] + [1, 0, 1e7], rng.normal(size=50), shape=(3, 1, 1))
    done = standardise(data.split(0.5, rng=rng))
    np.testing.assert_allclose(done.X.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(done.X.std(axis=0), 1, rtol=1e-9)
    assert np.abs(done.X_test.mean(axis=0)).min() > 1e-3
    assert done.shape == (3, 1, 1)
    assert (done.task, done.names, done.features) == (data.task, data.names, data.features)


def test_the_test_part_is_moved_by_the_training_statistics(rng):
    data = spiral(60, rng=rng).split(0.5, rng=rng)
    done = standardise(data)
    mean, std = data.X.mean(axis=0), data.X.std(axis=0)
    np.testing.assert_allclose(done.X_test * std + mean, data.X_test, atol=1e-12)
    assert (done.y_test == data.y_test).all()
    # A test part of one strange point changes nothing about the training part.
    strange = Dataset(data.X, data.y, X_test=np.array([[1e6, -1e6]]), y_test=[1])
    assert (standardise(strange).X == done.X).all()


@pytest.mark.parametrize("value", [0.0, 0.1, 1e8 + 0.1, -3.3])
def test_constant_columns_are_left_alone(rng, value):
    X = rng.normal(size=(30, 2))
    X[:, 1] = value
    data = Dataset(X, rng.normal(size=30), X_test=np.array([[1.0, 5.0]]), y_test=[0.5])
    done = standardise(data)
    assert (done.X[:, 1] == value).all()
    assert done.X_test[0, 1] == 5
    assert standardise(Dataset(X, data.y)).X_test is None


def test_float32_pictures_stay_float32(rng):
    data = Dataset(rng.random((20, 4)).astype(np.float32), rng.normal(size=20), shape=(1, 2, 2)).split(0.5, rng=rng)
    done = standardise(data)
    assert done.X.dtype == done.X_test.dtype == np.float32


# --- softmax ----------------------------------------------------------------------------------------------------


@settings(database=None, deadline=None, max_examples=50)
@given(arrays(float, st.tuples(st.integers(1, 4), st.integers(1, 6)), elements=st.floats(-1e4, 1e4)))
def test_logsumexp_is_pytorchs_and_a_smooth_maximum(z):
    for axis in (0, 1, -1):
        ours = logsumexp(z, axis)
        np.testing.assert_allclose(ours, torch.logsumexp(torch.tensor(z), axis).numpy(), rtol=1e-13, atol=1e-13)
        largest = z.max(axis=axis)
        assert (ours >= largest).all()
        assert (ours <= largest + np.log(z.shape[axis]) + 1e-9).all()


def test_logsumexp_at_the_ends():
    assert logsumexp([1000.0, 1000.0]) == pytest.approx(1000 + np.log(2))
    assert logsumexp([-1000.0, -1000.0]) == pytest.approx(-1000 + np.log(2))
    assert logsumexp([-np.inf, 0.0]) == 0
    assert logsumexp([-np.inf, -np.inf]) == -np.inf
    assert logsumexp([np.inf, 0.0]) == np.inf
    assert logsumexp([3]) == 3


def test_the_gradient_of_logsumexp_is_softmax(rng):
    z = rng.normal(size=5)
    assert gradcheck(lambda z: (logsumexp(z), softmax(z)), z) < 1e-7


@pytest.mark.parametrize("shape", [(1,), (4,), (3, 5), (2, 3, 4)])
def test_the_jacobian_is_that_of_softmax(rng, shape):
    z = 2 * rng.normal(size=shape)
    J = softmax_jacobian(z)
    assert J.shape == (*shape, shape[-1])
    np.testing.assert_allclose(J, np.swapaxes(J, -1, -2), atol=1e-15)
    np.testing.assert_allclose(J.sum(axis=-1), 0, atol=1e-15)
    for place in np.ndindex(shape[:-1]):
        theirs = torch.autograd.functional.jacobian(lambda z: torch.softmax(z, 0), torch.tensor(z[place]))
        np.testing.assert_allclose(J[place], theirs, atol=1e-15)
    p = softmax(np.array([0.0, np.log(3)]))
    np.testing.assert_allclose(softmax_jacobian([0.0, np.log(3)]), np.diag(p) - np.outer(p, p), atol=1e-16)
    assert softmax_jacobian([0, 0]).tolist() == [[0.25, -0.25], [-0.25, 0.25]]


# --- slips ------------------------------------------------------------------------------------------------------

SLIPS = {
    "no inputs": (lambda: linear_regression(0), "0"),
    "half an input": (lambda: logistic_regression(1.5), "1.5"),
    "one class": (lambda: softmax_regression(2, 1), "classes", "2 or more", "1"),
    "classes as text": (lambda: softmax_regression(2, "3"), "classes", "'3'"),
    "classes True": (lambda: softmax_regression(2, True), "classes", "True"),
    "rows that do not fit": (lambda: least_squares(np.ones((3, 2)), [1, 2]), "(3, 2)", "(2,)"),
    "values in a column": (lambda: least_squares(np.ones((3, 2)), np.ones((3, 1))), "(3, 2)", "(3, 1)"),
    "NaN": (lambda: least_squares([[1.0], [np.nan]], [1, 2]), "nan", "row 1"),
    "no rows": (lambda: least_squares(np.ones((0, 2)), []), "no data"),
    "l2 -1": (lambda: least_squares([[1.0], [2.0]], [1, 2], l2=-1), "l2", "-1"),
    "l2 text": (lambda: least_squares([[1.0], [2.0]], [1, 2], l2="1"), "l2", "'1'"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_slips_are_answered_in_words(slip):
    use, *words = SLIPS[slip]
    with pytest.raises(ValueError) as caught:
        use()
    assert all(word in str(caught.value) for word in words), str(caught.value)
