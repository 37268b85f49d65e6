"""Exercises and quizzes of chapter 4, activations."""

import numpy as np

from nnlib.exercises.core import Exercise, Mistake, Option, Quiz, function, number


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def tanh_slope(a):
    return 1 - a**2


def slope_of_input(a):
    return 1 - np.tanh(a) ** 2


def slope_of_sigmoid(a):
    return a * (1 - a)


def sigmoid_of_output(a):
    return 4 * a * (1 - a)


def slope_without_square(a):
    return 1 - a


def collapsed_bias(b1, W2, b2, W3, b3):
    return (b1 @ W2 + b2) @ W3 + b3


def sum_of_biases(b1, W2, b2, W3, b3):
    return b1 + b2 + b3


def last_bias(b1, W2, b2, W3, b3):
    return b3


def without_first(b1, W2, b2, W3, b3):
    return b2 @ W3 + b3


def skips_third(b1, W2, b2, W3, b3):
    return b1 @ W2 + b2 @ W3 + b3


def second_skips_third(b1, W2, b2, W3, b3):
    return b1 @ W2 @ W3 + b2 + b3


def without_second(b1, W2, b2, W3, b3):
    return b1 @ W2 @ W3 + b3


def without_last(b1, W2, b2, W3, b3):
    return (b1 @ W2 + b2) @ W3


def columns_convention(b1, W2, b2, W3, b3):
    return W3 @ (W2 @ b1 + b2) + b3


def biases(seed=4, size=3):
    rng = np.random.default_rng(seed)
    b1, b2, b3 = rng.normal(size=(3, size))
    W2, W3 = rng.normal(size=(2, size, size))
    return b1, W2, b2, W3, b3


def count_dead(Z):
    return int((np.asarray(Z) <= 0).all(axis=0).sum())


def off_once(Z):
    return int((Z <= 0).any(axis=0).sum())


def dead_samples(Z):
    return int((Z <= 0).all(axis=1).sum())


def off_in_the_mean(Z):
    return int((Z.mean(axis=0) <= 0).sum())


def count_zeros(Z):
    return int((Z <= 0).sum())


def exactly_zero(Z):
    return int((Z == 0).all(axis=0).sum())


def share_of_dead(Z):
    return float((Z <= 0).all(axis=0).mean())


def count_living(Z):
    return int((Z > 0).any(axis=0).sum())


def below_zero_only(Z):
    return int((Z < 0).all(axis=0).sum())


def softplus(z):
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def softplus_overflows(z):
    return np.log(1 + np.exp(z))


def hard_softplus(z):
    return np.maximum(z, 0)


def softplus_mirrored(z):
    return np.maximum(-z, 0) + np.log1p(np.exp(-np.abs(z)))


def softplus_sign(z):
    return z + np.log1p(np.exp(-z))


def softplus_clipped(z):
    return np.log1p(np.exp(np.clip(z, -500, 500)))


def softmax_rows(Z):
    e = np.exp(Z - Z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax_columns(Z):
    e = np.exp(Z - Z.max(axis=0, keepdims=True))
    return e / e.sum(axis=0, keepdims=True)


def softmax_of_all(Z):
    e = np.exp(Z - Z.max())
    return e / e.sum()


def softmax_overflows(Z):
    e = np.exp(Z)
    return e / e.sum(axis=1, keepdims=True)


def one_largest_for_all(Z):
    e = np.exp(Z - Z.max())
    return e / e.sum(axis=1, keepdims=True)


def mean_subtracted(Z):
    e = np.exp(Z - Z.mean(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def not_divided(Z):
    return np.exp(Z - Z.max(axis=1, keepdims=True))


def shares_of_logits(Z):
    return Z / Z.sum(axis=1, keepdims=True)


def swish_beta_slope(z, beta):
    s = sigmoid(beta * z)
    return z**2 * s * (1 - s)


def slope_by_z(z, beta):
    s = sigmoid(beta * z)
    return s * (1 + beta * z * (1 - s))


def sigmoid_slope(z, beta):
    s = sigmoid(beta * z)
    return s * (1 - s)


def without_inner(z, beta):
    s = sigmoid(beta * z)
    return z * s * (1 - s)


def inner_by_beta(z, beta):
    s = sigmoid(beta * z)
    return z * beta * s * (1 - s)


EXERCISES = {
    "04.1": Exercise(
        title="Five sigmoid layers",
        task="By what factor at most, weights aside, is a gradient multiplied on its way through five sigmoid layers?"
        " Six decimals.",
        answer=number(0.25**5, tolerance=1e-6),
        mistakes=(
            Mistake("one_layer", 0.25, "That is one layer. Each of the five multiplies."),
            Mistake(
                "added", 1.25, "You added five slopes. Does the gradient meet the layers beside or behind one another?"
            ),
            Mistake("output", 0.5**5, "½ is the sigmoid’s output at 0. The gradient is multiplied by its slope there."),
            Mistake("tanh", 1.0, "A factor of 1 is what tanh can offer. How large is the sigmoid’s slope at most?"),
            Mistake("rounded", 0.001, "Three decimals of it. Six are asked for."),
            Mistake("one_less", 0.25**4, "These are four layers: count them once more."),
            Mistake("one_more", 0.25**6, "These are six layers: count them once more."),
        ),
        hints=(
            "Where is the sigmoid’s slope largest, and how large is it there?",
            "One layer multiplies by at most that slope; five layers do it one after the other.",
        ),
    ),
    "04.2": Exercise(
        title="The slope of tanh from its output",
        task="A function of tanh’s output a, not of z, that returns the slope there",
        answer=function(tanh_slope, inputs=(0.0, 0.5, -0.9, np.linspace(-0.99, 0.99, 12))),
        mistakes=(
            Mistake(
                "input",
                slope_of_input,
                "You applied tanh once more. The argument is already the output a = tanh z.",
            ),
            Mistake(
                "sigmoid", slope_of_sigmoid, "That is the sigmoid’s slope from its output. Tanh has another range."
            ),
            Mistake(
                "scaled_sigmoid",
                sigmoid_of_output,
                "In 4a(1 − a) the a is σ(2z). Here a is tanh z itself.",
            ),
            Mistake(
                "no_square", slope_without_square, "At a = −0.9 the unit is saturated: is the slope really 1.9 there?"
            ),
            Mistake(
                "sign",
                lambda a: a**2 - 1,
                "The sign: tanh only grows, so its slope is never negative.",
            ),
        ),
        hints=(
            "The table of the registry gives f′(z). Which part of it is a?",
            "In f′ = 1 − tanh² z replace tanh z by its name.",
        ),
    ),
    "04.3": Exercise(
        title="Three biases in one",
        task="A function of b1, W2, b2, W3, b3 that returns the bias of the one layer that equals the three",
        answer=function(
            collapsed_bias,
            inputs=lambda: (
                biases(),
                biases(5, 2),
                (np.ones(2), np.ones((2, 3)), np.zeros(3), np.ones((3, 1)), np.ones(1)),
            ),
        ),
        mistakes=(
            Mistake("added", sum_of_biases, "You added the biases. What do the later layers do to b1?"),
            Mistake("last", last_bias, "This is the last layer’s bias. What becomes of the other two on their way?"),
            Mistake("no_first", without_first, "b1 is missing: it goes through the second and the third layer."),
            Mistake("no_second", without_second, "b2 is missing: it goes through the third layer."),
            Mistake("no_last", without_last, "b3 is missing: the third layer adds it at the end."),
            Mistake("second_skips", second_skips_third, "b1 is right. Through which layer does b2 have to go?"),
            Mistake("skips", skips_third, "b1 has passed W2. Which layer comes after that?"),
            Mistake(
                "transposed",
                columns_convention,
                "Rows are samples here: biases are rows and are multiplied by W from the right, b W.",
            ),
        ),
        hints=(
            "Put X = 0 into the three layers: what comes out is the bias of the whole.",
            "After the first layer there is b1, after the second b1 W2 + b2. And after the third?",
        ),
    ),
    "04.4": Exercise(
        title="Counting the dead",
        task="A function of Z (n, units) that returns how many ReLU units are dead",
        answer=function(
            count_dead,
            inputs=lambda: (
                np.array([[5.0, -1.0, 2.0, -3.0, 0.0], [-1.0, -2.0, -1.0, 1.0, -1.0], [5.0, -0.5, -4.0, -1.0, -2.0]]),
                np.random.default_rng(0).normal(size=(5, 40)) - 0.8,
                -np.ones((4, 2)),
                np.ones((3, 5)),
            ),
        ),
        mistakes=(
            Mistake(
                "off_once", off_once, "You counted units that are off for some sample. One negative z kills nothing."
            ),
            Mistake("axis", dead_samples, "You looked along the rows: these are samples for which all units are off."),
            Mistake(
                "mean",
                off_in_the_mean,
                "A mean below 0 may hide samples with z > 0, and one of them is enough to live.",
            ),
            Mistake("entries", count_zeros, "You counted outputs that are 0, not units that have nothing else."),
            Mistake(
                "outputs", exactly_zero, "Z holds what goes into ReLU. For which z, not only 0, is what comes out 0?"
            ),
            Mistake("share", share_of_dead, "This is the share of dead units. How many are they?"),
            Mistake("living", count_living, "You counted the living."),
            Mistake("at_zero", below_zero_only, "What is ReLU’s slope at exactly z = 0, by our convention?"),
        ),
        hints=(
            "A unit is a column of Z. What must hold for all of its entries?",
            "(Z <= 0) is an array of booleans. all(axis=…) tells for each column, sum() counts.",
        ),
    ),
    "04.5": Exercise(
        title="Softplus without overflow",
        task="A function that returns ln(1 + e^z) for arrays, right for large z of both signs",
        answer=function(
            softplus,
            inputs=lambda: (np.array([-1000.0, -30.0, -1.0, 0.0, 2.0, 30.0, 1000.0]), np.linspace(-5, 5, 7)),
            also=(
                lambda f: (
                    bool(np.all(np.asarray(f(np.array([-40.0, -60.0]))) > 0))
                    or "For z = −40 the answer is about e⁻⁴⁰, small but not 0: "
                    "np.log1p(x) keeps what np.log(1 + x) rounds away."
                ),
            ),
        ),
        mistakes=(
            Mistake(
                "overflow",
                softplus_overflows,
                "e¹⁰⁰⁰ is too large for a float, so ln of it is infinite. "
                "Which part of ln(1 + e^z) is z itself when z is large?",
            ),
            Mistake("relu", hard_softplus, "This is ReLU: right far from 0. Which term is missing in between?"),
            Mistake("clipped", softplus_clipped, "You clipped z, so for z = 1000 the answer is no longer z."),
            Mistake("mirrored", softplus_mirrored, "This is softplus of −z: it falls where it should grow."),
            Mistake(
                "left_overflow",
                softplus_sign,
                "Now the right side is right, and the left one overflows: e⁻ᶻ for z = −1000.",
            ),
        ),
        hints=(
            "ln(1 + e^z) = z + ln(1 + e^−z). For which z is the left form safe, for which the right one?",
            "Both forms in one: the larger of z and 0, plus ln(1 + e^−|z|). np.log1p is exact for small arguments.",
        ),
    ),
    "04.6": Exercise(
        title="Softmax of rows",
        task="A function of logits Z (n, C) that returns the softmax of each row",
        answer=function(
            softmax_rows,
            inputs=lambda: (
                np.array([[2.0, 1.0, -1.0], [0.0, 0.0, 0.0]]),
                np.array([[1000.0, 1001.0], [-3000.0, -3002.0], [0.0, 5.0], [0.0, 3000.0]]),
                np.random.default_rng(1).normal(size=(4, 3)),
            ),
        ),
        mistakes=(
            Mistake("columns", softmax_columns, "Your columns add up to 1. A sample is a row."),
            Mistake(
                "all", softmax_of_all, "All entries together add up to 1. Each row is to be divided by its own sum."
            ),
            Mistake(
                "overflow",
                softmax_overflows,
                "e¹⁰⁰⁰ is too large for a float. "
                "Which number may be subtracted from a row without changing its softmax?",
            ),
            Mistake(
                "one_largest",
                one_largest_for_all,
                "You subtract the largest of all entries. A row far below it becomes e^−4000 = 0 everywhere, and 0/0. "
                "Use each row’s own.",
            ),
            Mistake(
                "mean_subtracted",
                mean_subtracted,
                "You subtract each row’s mean. An entry far above it still overflows.",
            ),
            Mistake("not_divided", not_divided, "Your rows do not add up to 1 yet."),
            Mistake(
                "no_exp",
                shares_of_logits,
                "You divided the logits themselves. Logits may be negative; what makes them positive?",
            ),
        ),
        hints=(
            "axis=1 goes along a row; keepdims=True keeps the shape (n, 1), so that the division fits.",
            "Subtract each row’s largest entry, exponentiate, divide by each row’s sum.",
        ),
    ),
    "04.7": Exercise(
        title="Swish with a learned β",
        task="A function of z and beta that returns the derivative of z·σ(βz) with respect to β",
        answer=function(
            swish_beta_slope,
            inputs=lambda: ((1.0, 1.0), (-2.0, 0.5), (np.linspace(-3, 3, 9), 1.5), (0.0, 2.0)),
        ),
        mistakes=(
            Mistake("by_z", slope_by_z, "This is the derivative with respect to z. Which of the two varies here?"),
            Mistake(
                "sigmoid_only",
                sigmoid_slope,
                "This is the slope of σ alone. Which factor stands before σ, and what does the chain rule add?",
            ),
            Mistake(
                "no_inner",
                without_inner,
                "The chain rule: the inner function βz has a derivative with respect to β, too.",
            ),
            Mistake(
                "inner_beta",
                inner_by_beta,
                "The inner function is βz. You took its derivative with respect to z, not β.",
            ),
        ),
        hints=(
            "z stands still, only σ(βz) depends on β. Use the chain rule and σ′ = σ(1 − σ).",
            "Write s = σ(βz). The derivative is z times s(1 − s) times the derivative of βz with respect to β.",
        ),
    ),
}

QUIZZES = {
    "04.slope": Quiz(
        "A gradient arrives at a sigmoid unit with z = 4. Which share of it gets through, "
        "and what would it be at best, at z = 0?",
        (
            Option(
                "About 0.98 at z = 4, 0.5 at z = 0.",
                "These are the outputs σ(4) and σ(0). A gradient is multiplied by the slope, not by the output; "
                "where the output is close to 1, the curve is flat.",
            ),
            Option(
                "Less than 0.02 at z = 4, 0.25 at z = 0.",
                "The slope is a(1 − a). At z = 0 the output is ½ and the slope ¼; "
                "at z = 4 the output is 0.982 and the slope 0.0177.",
                right=True,
            ),
            Option(
                "About 0.02 at z = 4, 1 at z = 0.",
                "That a function passes all of the gradient at its steepest place is true of tanh. "
                "The sigmoid rises from 0 to 1 only, over twice the width, so its slope is a quarter of tanh’s.",
            ),
        ),
    ),
    "04.race": Quiz(
        "The lab opens with tanh. You change it to sigmoid and nothing else. "
        "How does the training loss after 600 epochs compare?",
        (
            Option(
                "About equal: either network can compute whatever the other can.",
                "It can, with other weights. But training starts from the same first weights, "
                "where the sigmoid network is another "
                "function with a quarter of the slope. What can be represented and what is found are two questions.",
            ),
            Option(
                "Much higher with sigmoid.",
                "Smaller slopes and outputs around ½ make training slower; "
                "after 600 epochs at this rate it is far from done.",
                right=True,
            ),
            Option(
                "Lower with sigmoid: it is smoother, so the gradient is more reliable.",
                "Both are equally smooth: one is the other, stretched and moved. "
                "The gradient is exact for both; the sigmoid’s is smaller.",
            ),
        ),
    ),
    "04.fold": Quiz(
        "A hidden layer has two ReLU units. What becomes of the part of the plane where both are off?",
        (
            Option(
                "It stays as it is: ReLU changes only what is positive.",
                "The other way round: ReLU keeps what is positive and replaces the rest by 0.",
            ),
            Option(
                "It is pressed into a line.",
                "That happens where one unit is off: its coordinate is 0 and the other still varies. Here both are 0.",
            ),
            Option(
                "All of it lands on one point, the origin.",
                "Both coordinates are 0 there. No later layer can tell these points apart again.",
                right=True,
            ),
            Option(
                "It is removed, so the next layer does not see these points.",
                "A layer removes no samples. The next layer gets them all, each as (0, 0).",
            ),
        ),
    ),
}
