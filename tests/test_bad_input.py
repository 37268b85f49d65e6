"""What a slip of the reader is answered: a message that names what is wrong, where, and what would be right.

One row for each slip: what was done, the error, and the words that the message must hold. Data sets
and CSV files have tables of their own beside their tests.
"""

import re

import numpy as np
import pytest

import nnlib
from nnlib import ACTIVATIONS, INITIALIZERS, LOSSES, Trainer, gradcheck, mlp, train
from nnlib.datasets import Dataset
from nnlib.registry import lookup

pytestmark = pytest.mark.filterwarnings("error")

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
Y = np.array([-1.0, 1.0, 1.0, -1.0])
NAN_ROW, INF_ROW = X.copy(), X.copy()
NAN_ROW[2, 1], INF_ROW[3, 0] = np.nan, np.inf


def rng():
    return np.random.default_rng(0)


def net(k=1, output="tanh", **options):
    return mlp([2, 3, k], output=output, rng=rng(), **options)


def training(network=None, data=(X, Y), **options):
    return train(network or net(), data, **{"rng": rng(), **options})


def objective(X=X, y=Y[:, None], network=None, **options):
    return (network or net()).loss_and_gradient(X, y, **options)


NAMES = [  # registry, kind, a slip, the entry meant
    (nnlib.ACTIVATIONS, "activation", lambda name: mlp([2, 3, 1], name, rng=rng()), "leakyrelu", "leaky_relu"),
    (nnlib.ACTIVATIONS, "activation", lambda name: mlp([2, 3, 1], output=name, rng=rng()), "Tanh", "tanh"),
    (nnlib.ACTIVATIONS, "activation", lambda name: mlp([2, 3, 3, 1], ["relu", name], rng=rng()), "sigmod", "sigmoid"),
    (nnlib.INITIALIZERS, "initializer", lambda name: mlp([2, 1], init=name, rng=rng()), "he normal", "he_normal"),
    (nnlib.LOSSES, "loss", lambda name: training(loss=name), "half-mse", "half_mse"),
    (nnlib.LOSSES, "loss", lambda name: objective(loss=name), "crossentropy", "cross_entropy"),
    (nnlib.OPTIMIZERS, "optimizer", lambda name: training(optimizer=name), "nestrov", "nesterov"),
]


@pytest.mark.parametrize("registry, kind, use, slip, meant", NAMES)
def test_an_unknown_name_is_answered_with_the_nearest_and_all_known(registry, kind, use, slip, meant):
    for name, hint in ((slip, f" Did you mean {meant!r}?"), ("qqqq", ""), (3, ""), (None, ""), ("", "")):
        with pytest.raises(ValueError) as caught:
            use(name)
        assert str(caught.value) == f"unknown {kind} {name!r}.{hint} Known: {', '.join(registry)}."


SLIPS = {
    # name: (what was done, error, words of the message)
    # --- making a network
    "one width": (lambda: mlp([2], rng=rng()), ValueError, "widths", "[2, 8, 1]", "[2]"),
    "no widths": (lambda: mlp([], rng=rng()), ValueError, "widths", "[2, 8, 1]"),
    "widths as a number": (lambda: mlp(8, rng=rng()), ValueError, "widths", "[2, 8, 1]", "8"),
    "width 0": (lambda: mlp([2, 0, 1], rng=rng()), ValueError, "width", "whole number of 1 or more", "0"),
    "width -1": (lambda: mlp([2, -1, 1], rng=rng()), ValueError, "whole number of 1 or more", "-1"),
    "width 2.5": (lambda: mlp([2, 2.5, 1], rng=rng()), ValueError, "whole number of 1 or more", "2.5"),
    "width '8'": (lambda: mlp([2, "8", 1], rng=rng()), ValueError, "whole number of 1 or more", "'8'"),
    "width True": (lambda: mlp([2, True, 1], rng=rng()), ValueError, "whole number of 1 or more", "True"),
    "too few activations": (lambda: mlp([2, 3, 3, 1], ["tanh"], rng=rng()), ValueError, "1 activations", "2 hidden"),
    "too many activations": (lambda: mlp([2, 1], ["tanh"], rng=rng()), ValueError, "1 activations", "0 hidden"),
    "no generator": (lambda: mlp([2, 1], rng=None), TypeError, "rng=np.random.default_rng(0)"),
    "a seed for a generator": (lambda: mlp([2, 1], rng=0), TypeError, "rng=np.random.default_rng(0)", "0"),
    "numpy's global state": (lambda: mlp([2, 1], rng=np.random), TypeError, "rng=np.random.default_rng(0)"),
    "rng left out": (lambda: mlp([2, 1]), TypeError, "rng"),
    "an integer network": (lambda: mlp([2, 1], rng=rng(), dtype=int), ValueError, "dtype", "float64 or float32", "int"),
    "a task that is none": (lambda: mlp([2, 1], rng=rng(), task="clustering"),
     ValueError, "task", "binary, multiclass, regression", "'clustering'"),
    "bias NaN": (lambda: mlp([2, 1], rng=rng(), bias=np.nan), ValueError, "bias", "finite", "nan"),
    "bias as text": (lambda: mlp([2, 1], rng=rng(), bias="zero"), ValueError, "bias", "'zero'"),
    # --- constants
    "a constant of another activation": (lambda: ACTIVATIONS["relu"].with_parameters(slope=0.1),
     ValueError, "'relu'", "'slope'", "none"),
    "a misspelt constant": (lambda: ACTIVATIONS["elu"].with_parameters(alfa=1), ValueError, "'elu'", "'alfa'", "alpha"),
    "slope NaN": (lambda: ACTIVATIONS["leaky_relu"].with_parameters(slope=np.nan),
     ValueError, "slope", "'leaky_relu'", "finite", "nan"),
    "slope as text": (lambda: ACTIVATIONS["leaky_relu"].with_parameters(slope="steep"), ValueError, "slope", "'steep'"),
    "an initializer's constant": (lambda: INITIALIZERS["normal"].with_parameters(sigma=1),
     ValueError, "'normal'", "'sigma'", "std"),
    "std infinite": (lambda: INITIALIZERS["normal"].with_parameters(std=np.inf),
     ValueError, "std", "'normal'", "finite", "inf"),
    # --- inputs
    "NaN in X": (lambda: net()(NAN_ROW), ValueError, "X", "not finite", "row 2"),
    "infinity in X": (lambda: net().predict(INF_ROW), ValueError, "X", "not finite", "row 3"),
    "too large for float32": (lambda: net(dtype=np.float32)(1e300 * X), ValueError, "X", "not finite", "row 1"),
    "three columns for two inputs": (lambda: net()(np.ones((4, 3))), ValueError, "(4, 3)", "(n, 2)"),
    "one point without a row": (lambda: net()([1.0, 2.0]), ValueError, "(2,)", "(n, 2)"),
    "text in X": (lambda: net()([["a", "b"]]), ValueError, "X", "numbers", "'a'"),
    "rows of different length": (lambda: net()([[1.0, 2.0], [3.0]]), ValueError, "X", "rows of equal length"),
    "None for X": (lambda: net()(None), ValueError, "X"),
    "probabilities of a regression": (lambda: net(output="identity").predict_proba(X),
     ValueError, "regression", "no probabilities"),
    # --- loss_and_gradient
    "an empty batch": (lambda: objective(X[:0], Y[:0, None]), ValueError, "batch is empty"),
    "more rows in X than in y": (lambda: objective(X, Y[:3, None]), ValueError, "4 rows", "3"),
    "two targets for one output": (lambda: objective(y=np.ones((4, 2))), ValueError, "(4, 2)", "1 output"),
    "NaN in y": (lambda: objective(y=np.array([1, -1, np.nan, 1])), ValueError, "row 2", "not a finite number"),
    "text in y": (lambda: objective(y=np.array(["a"] * 4)), ValueError, "targets", "numbers"),
    "no y": (lambda: objective(y=None), ValueError, "targets", "numbers"),
    "l2 negative": (lambda: objective(l2=-1), ValueError, "l2", "0 or more", "-1"),
    "l1 NaN": (lambda: objective(l1=np.nan), ValueError, "l1", "0 or more", "nan"),
    "a squashed output for a loss of logits": (lambda: objective(loss="binary_cross_entropy"),
     ValueError, "binary_cross_entropy", "logits", "'identity'", "'tanh'"),
    "softmax twice": (lambda: objective(network=net(3, "sigmoid"), y=[0, 1, 2, 0], loss="cross_entropy"),
     ValueError, "cross_entropy", "logits", "'identity'", "'sigmoid'"),
    "one output for classes": (lambda: objective(network=net(1, "identity"), y=[0, 1, 0, 1], loss="cross_entropy"),
     ValueError, "cross_entropy", "at least 2", "1"),
    # --- losses by themselves
    "more outputs than targets": (lambda: LOSSES["mse"].value([1.0, 2.0], [1.0]),
     ValueError, "mse", "2 outputs", "1 target"),
    "no samples": (lambda: LOSSES["mse"].gradient(np.zeros((0, 1)), np.zeros((0, 1))), ValueError, "mse", "0 outputs"),
    "label 2": (lambda: LOSSES["hinge"].value([1.0, 2.0], [1, 2]), ValueError, "hinge", "−1/+1 or 0/1", "row 1", "2"),
    "labels -1 and 0 mixed": (lambda: LOSSES["hinge"].value([1.0, 2.0, 0.0], [-1, 0, 1]),
     ValueError, "hinge", "mix 0 and −1"),
    "class 3 of 3": (lambda: LOSSES["cross_entropy"].value(np.zeros((2, 3)), [0, 3]),
     ValueError, "row 1", "class 3", "0 … 2"),
    "class -1": (lambda: LOSSES["cross_entropy"].value(np.zeros((2, 3)), [-1, 0]),
     ValueError, "row 0", "class -1", "0 … 2"),
    "class 1.5": (lambda: LOSSES["cross_entropy"].value(np.zeros((2, 3)), [1.5, 0]), ValueError, "row 0", "class 1.5"),
    "classes in a column": (lambda: LOSSES["cross_entropy"].value(np.zeros((2, 3)), [[0], [1]]),
     ValueError, "(2, 1)", "(n,) class numbers or (n, 3)"),
    # --- training
    "batch size 0": (lambda: training(batch_size=0),
     ValueError, "batch_size", "whole number of 1 or more", "None", "0"),
    "batch size 2.5": (lambda: training(batch_size=2.5), ValueError, "batch_size", "2.5"),
    "batch size as text": (lambda: training(batch_size="all"),
     ValueError, "batch_size", "None for all samples", "'all'"),
    "batch size NaN": (lambda: training(batch_size=np.nan), ValueError, "batch_size", "nan"),
    "batch size infinite": (lambda: training(batch_size=np.inf), ValueError, "batch_size", "inf"),
    "epochs -1": (lambda: training(epochs=-1), ValueError, "epochs", "whole number of 0 or more", "-1"),
    "epochs 1.5": (lambda: training(epochs=1.5), ValueError, "epochs", "1.5"),
    "epochs as text": (lambda: training(epochs="ten"), ValueError, "epochs", "'ten'"),
    "every year": (lambda: training(every="year"), ValueError, "every", "'epoch' or 'batch'", "'year'"),
    "rate negative": (lambda: training(learning_rate=-0.1), ValueError, "learning_rate", "0 or more", "-0.1"),
    "rate infinite": (lambda: training(learning_rate=np.inf), ValueError, "learning_rate", "inf"),
    "rate as text": (lambda: training(learning_rate="0.1"), ValueError, "learning_rate", "'0.1'"),
    "no rate": (lambda: training(learning_rate=None), ValueError, "learning_rate", "None"),
    "rates in an array": (lambda: training(learning_rate=np.ones(2)), ValueError, "learning_rate"),
    "l1 negative": (lambda: training(l1=-1), ValueError, "l1", "0 or more", "-1"),
    "l2 NaN": (lambda: training(l2=np.nan), ValueError, "l2", "nan"),
    "l2 set to nonsense in mid-run": (lambda: setattr(trainer(), "l2", -3), ValueError, "l2", "0 or more", "-3"),
    "rate set to nonsense in mid-run": (lambda: setattr(trainer(), "learning_rate", np.nan),
     ValueError, "learning_rate"),
    "training without a generator": (lambda: training(rng=None), TypeError, "rng=np.random.default_rng(0)"),
    "training with a seed": (lambda: training(rng=0), TypeError, "rng=np.random.default_rng(0)", "0"),
    "NaN in the data": (lambda: training(data=(NAN_ROW, Y)), ValueError, "X", "row 2", "column 1"),
    "no data": (lambda: training(data=(X[:0], Y[:0])), ValueError, "no data"),
    "one class only": (lambda: training(data=(X, np.ones(4))), ValueError, "one class", "at least two"),
    "data of another width": (lambda: training(data=(X[:, :1], Y)), ValueError, "(4, 1)", "(n, 2)"),
    "shapes that do not fit": (lambda: training(data=(X, Y[:2])), ValueError, "(4, 2)", "(2,)"),
    "three classes, one output": (lambda: training(data=(X, [0, 1, 2, 0]), loss="mse"),
     ValueError, "3 classes", "1 output", "one for each class"),
    "three classes, two outputs": (lambda: training(net(2, "identity"), (X, [0, 1, 2, 0]), loss="cross_entropy"),
     ValueError, "row 2", "class 2", "0 … 1"),
    "training logits through tanh": (lambda: training(loss="binary_cross_entropy"),
     ValueError, "logits", "'identity'", "'tanh'"),
    "labels of a regression for a binary loss": (lambda: training(data=(X, [0.5, 1.0, 2.0, 3.0]), loss="hinge"),
     ValueError, "hinge", "−1/+1 or 0/1", "row 0", "0.5"),
    # --- checking a gradient
    "a gradient of another shape": (lambda: gradcheck(lambda x: (0.0, np.zeros(2)), np.zeros(3)),
     ValueError, "(2,)", "(3,)"),
    "a function without gradient": (lambda: gradcheck(lambda x: x.sum(), np.zeros(3)),
     ValueError, "f must return (value, gradient)"),
}  # fmt: skip


def trainer():
    return Trainer(net(), Dataset(X, Y), loss="mse", optimizer="sgd", learning_rate=0.1, rng=rng())


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_answered_with_what_where_and_how_to_mend(slip):
    act, error, *words = SLIPS[slip]
    with pytest.raises(error) as caught:
        act()
    message = str(caught.value)
    assert type(caught.value) is error
    missing = [word for word in words if word not in message]
    assert not missing, f"{message!r} does not say {missing}"
    assert len(message) < 250 and not re.search(r"object at 0x|Traceback|<class|<function", message)


def test_nothing_is_spoilt_by_a_refused_value():
    run = trainer()
    for field, value in (("learning_rate", np.nan), ("l1", -1), ("l2", "much")):
        before = getattr(run, field)
        with pytest.raises(ValueError, match=field):
            setattr(run, field, value)
        assert getattr(run, field) == before
    network = net()
    parameters = network.parameters.copy()
    with pytest.raises(ValueError, match="row 2"):
        network.loss_and_gradient(NAN_ROW, Y[:, None])
    assert np.array_equal(network.parameters, parameters) and np.isfinite(network(X)).all()


def test_lookup_takes_names_only():
    assert lookup({"tanh": 1}, "tanh", "activation") == 1
    with pytest.raises(ValueError, match=r"unknown activation \['tanh'\]"):
        lookup({"tanh": 1}, ["tanh"], "activation")
