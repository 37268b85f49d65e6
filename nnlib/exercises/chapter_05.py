"""Exercises and quizzes of chapter 5, backpropagation."""

import numpy as np

from nnlib.exercises.core import Above, Below, Exercise, Mistake, Option, Quiz, array, function, number

# --- 5.2: the part-lifetime network of the chapter, for a part that lasted half a year -----------------------------

X_PART, TARGET = np.array([0.1, 0.2]), 0.5
W1, B1 = np.array([[1.0, 2.0], [2.0, -1.0]]), np.array([0.3, -0.2])
W2, B2 = np.array([1.5, -0.8]), 1.2


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


HIDDEN = sigmoid(X_PART @ W1 + B1)
OUTPUT = sigmoid(HIDDEN @ W2 + B2)
SLOPE = OUTPUT * (1 - OUTPUT)
HIDDEN_SLOPE = HIDDEN * (1 - HIDDEN)
DELTA1 = 2 * (OUTPUT - TARGET) * SLOPE * W2 * HIDDEN_SLOPE
GRADIENT = np.outer(X_PART, DELTA1)


# --- 5.3: one linear layer -----------------------------------------------------------------------------------------


def weight_gradient(X, y, w, b):
    return 2 * X.T @ (X @ w + b - y) / len(X)


def for_the_bias(X, y, w, b):
    return 2 * np.mean(X @ w + b - y)


def for_the_predictions(X, y, w, b):
    return 2 * (X @ w + b - y) / len(X)


def bias_left_out(X, y, w, b):
    return weight_gradient(X, y, w, 0.0)


def a_layer():
    rng = np.random.default_rng(53)
    for n, d in ((7, 3), (4, 4), (1, 2)):
        yield rng.normal(size=(n, d)), rng.normal(size=n), rng.normal(size=d), 0.3


# --- 5.4: softmax with cross-entropy -------------------------------------------------------------------------------


def probabilities(logits, axis=-1):
    e = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def logits_gradient(logits, T):
    return (probabilities(logits) - T) / len(logits)


def not_shifted(logits, T):
    e = np.exp(logits)
    return (e / e.sum(axis=1, keepdims=True) - T) / len(logits)


def one_slope_too_many(logits, T):
    p = probabilities(logits)
    return (p - T) * p * (1 - p) / len(logits)


def for_the_probabilities(logits, T):
    return -T / probabilities(logits) / len(logits)


def sigmoids(logits, T):
    return (sigmoid(logits) - T) / len(logits)


def one_largest_for_all(logits, T):
    e = np.exp(logits - logits.max())
    return (e / e.sum(axis=1, keepdims=True) - T) / len(logits)


def some_logits():
    rng = np.random.default_rng(54)
    yield rng.normal(size=(5, 3)), np.eye(3)[[0, 2, 1, 1, 0]]
    yield rng.normal(size=(2, 4)), np.eye(4)[[3, 0]]
    yield np.array([[1000.0, 999.0], [-1000.0, 0.0]]), np.eye(2)


# --- 5.5: the loop -------------------------------------------------------------------------------------------------


def train(X, y, w, rate, updates):
    for _ in range(updates):
        w = w - rate * weight_gradient(X, y, w, 0.0)
    return w


def never_reset(X, y, w, rate, updates):
    gradient = np.zeros_like(w)
    for _ in range(updates):
        gradient = gradient + weight_gradient(X, y, w, 0.0)
        w = w - rate * gradient
    return w


def stale(X, y, w, rate, updates):
    return w - updates * rate * weight_gradient(X, y, w, 0.0)


def after_each_row(X, y, w, rate, updates):
    for _ in range(updates):
        for x, target in zip(X, y):
            w = w - rate * 2 * (x @ w - target) * x
    return w


def some_runs():
    rng = np.random.default_rng(55)
    for n, d, updates in ((6, 2, 4), (5, 3, 3)):
        yield rng.normal(size=(n, d)), rng.normal(size=n), rng.normal(size=d), 0.1, updates


# --- 5.6: two layers -----------------------------------------------------------------------------------------------


def step_of_W1(X, Y, W1, b1, W2, b2, rate, *, count=None, new_W2=False, slope=True, hidden_slope=True):
    """Return rate · ∂L/∂W₁, or one of the wrong ones."""
    H = sigmoid(X @ W1 + b1)
    output = sigmoid(H @ W2 + b2)
    D2 = 2 * (output - Y) / (Y.size if count is None else count(Y)) * (output * (1 - output) if slope else 1)
    D1 = D2 @ (W2 - rate * H.T @ D2 if new_W2 else W2).T
    return rate * X.T @ (D1 * H * (1 - H) if hidden_slope else D1)


def updated_W1(X, Y, W1, b1, W2, b2, rate):
    return W1 - step_of_W1(X, Y, W1, b1, W2, b2, rate)


def transposed_step(X, Y, W1, *rest):
    return W1 - step_of_W1(X, Y, W1, *rest).T


def two_layers():
    rng = np.random.default_rng(56)
    for n, d, m, k in ((5, 3, 3, 2), (4, 2, 2, 3)):
        shapes = (n, d), (n, k), (d, m), (m,), (m, k), (k,)
        yield (*(rng.normal(size=shape) for shape in shapes), 0.5)


# --- 5.7: a new operation ------------------------------------------------------------------------------------------


def divide_rules(a, b, g):
    return np.stack([g / b, -g * a / b**2])


def some_quotients():
    rng = np.random.default_rng(57)
    for shape in ((3,), (2, 4)):
        yield rng.normal(size=shape), rng.uniform(0.5, 2, size=shape), rng.normal(size=shape)


EXERCISES = {
    "05.1": Exercise(
        title="Three cars, insured",
        task="By how much the total rises when the price of a car rises by 1 (three cars at 20, tax 5 % on the "
        "purchase, insurance 10 % of one car’s price, a fee of 4)",
        answer=number(3.25),
        mistakes=(
            Mistake(
                "ratio",
                3.45,
                "That is the total divided by the price. Which part does not change? And how many cars are insured?",
            ),
            Mistake("purchase_only", 3.15, "That is one way from the price to the total. There is another."),
            Mistake("insurance_only", 0.1, "That is one way from the price to the total. There is another."),
            Mistake("product", 0.315, "Slopes multiply along a path. What do they do where two paths meet?"),
            Mistake("taxed_twice", 3.255, "You paid tax on the insurance. Which edges lie on the insurance’s path?"),
            Mistake("fee", 7.25, "The fee is in the total, but does it change with the price?"),
            Mistake("total", 69.0, "That is the total itself. What of it changes with the price?"),
            Mistake("before_tax", 3, "So the purchase before tax rises. What else is in the total?"),
            Mistake("no_tax", 3.1, "The purchase goes through one more step before it reaches the total."),
            Mistake("wrong_variable", 21.0, "That is how the total changes with the number of cars."),
        ),
        hints=(
            "Draw the graph. On how many ways does a rise of the price reach the total?",
            "Multiply the local slopes along each of the two ways, then add the two products.",
        ),
    ),
    "05.2": Exercise(
        title="Another target",
        task="∂L/∂W₁ of the part-lifetime network for the target y = 0.5, an array of shape (2, 2)",
        answer=array(GRADIENT, tolerance=1e-6),
        mistakes=(
            Mistake("sign", -GRADIENT, "The sign: here ŷ is above its target. What does that say about ŷ − y?"),
            Mistake("transposed", GRADIENT.T, "Rows and columns are exchanged: row i belongs to input i."),
            Mistake(
                "target",
                GRADIENT * (OUTPUT - 1) / (OUTPUT - TARGET),
                "These are the slopes for y = 1. What changes when the target does?",
            ),
            Mistake("half", GRADIENT / 2, "A factor is missing: what is the derivative of a square?"),
            Mistake(
                "no_slope",
                GRADIENT / SLOPE,
                "You went through the output’s sigmoid without multiplying by its slope.",
            ),
            Mistake(
                "no_hidden_slope",
                GRADIENT / HIDDEN_SLOPE,
                "You went through the hidden sigmoids without multiplying by their slopes.",
            ),
            Mistake("no_W2", GRADIENT / W2, "Between z₂ and h there are weights. What do they do on the way back?"),
            Mistake(
                "wrong_variable",
                np.outer(HIDDEN, DELTA1),
                "You multiplied by the hidden outputs. What comes in along an edge of W₁?",
            ),
        ),
        hints=(
            "Only one number changes at the end of the network; everything on the way back is a multiple of it.",
            "Go back in the order ŷ, z₂, h, z₁, and then multiply each δ of the hidden layer with each input.",
        ),
    ),
    "05.3": Exercise(
        title="One linear layer",
        task="A function that returns ∂L/∂w of the mean squared error of X @ w + b",
        answer=function(weight_gradient, inputs=a_layer),
        mistakes=(
            Mistake("sign", lambda X, y, w, b: -weight_gradient(X, y, w, b), "The sign: is it prediction − y?"),
            Mistake(
                "missing_n",
                lambda X, y, w, b: weight_gradient(X, y, w, b) * len(X),
                "The loss is a mean. With twice as many rows, would your gradient double?",
            ),
            Mistake(
                "half",
                lambda X, y, w, b: weight_gradient(X, y, w, b) / 2,
                "A factor is missing: what is the derivative of a square?",
            ),
            Mistake(
                "half_sum",
                lambda X, y, w, b: weight_gradient(X, y, w, b) * len(X) / 2,
                "That is the slope of half the sum of squares. The loss here is their mean.",
            ),
            Mistake("no_bias", bias_left_out, "Your prediction leaves out b. The error contains it."),
            Mistake(
                "integer_division",
                lambda X, y, w, b: 2 * X.T @ (X @ w + b - y) // len(X),
                "// rounds down to whole numbers; / divides.",
            ),
            Mistake(
                "n_and_d",
                lambda X, y, w, b: weight_gradient(X, y, w, b) / X.shape[1],
                "You divided by the number of all entries of X. Over how many errors is the mean?",
            ),
            Mistake(
                "wrong_variable_b", for_the_bias, "That is the slope for b. What does a change of w[i] pass through?"
            ),
            Mistake(
                "wrong_variable_prediction",
                for_the_predictions,
                "That is the slope for each prediction. One more step back leads to w.",
            ),
        ),
        hints=(
            "With D = ∂L/∂(prediction), of shape (n,): w[i] acts on every row k, with the local slope X[k, i].",
            "D has three factors: 2, the errors, and one that comes from the mean. A product with the transpose of X "
            "does the sum over rows.",
        ),
    ),
    "05.4": Exercise(
        title="Softmax with cross-entropy",
        task="A function that returns the gradient of the mean cross-entropy with respect to the logits",
        answer=function(logits_gradient, inputs=some_logits),
        mistakes=(
            Mistake(
                "sign", lambda logits, T: -logits_gradient(logits, T), "The sign: the right class must be pulled up."
            ),
            Mistake(
                "missing_n",
                lambda logits, T: logits_gradient(logits, T) * len(logits),
                "Each row is right for one sample. The loss is the mean over the samples.",
            ),
            Mistake(
                "n_and_classes",
                lambda logits, T: logits_gradient(logits, T) / logits.shape[1],
                "You divided by the number of all entries. Cross-entropy has one value for each row.",
            ),
            Mistake(
                "transposed",
                lambda logits, T: (probabilities(logits, axis=0) - T) / len(logits),
                "Your probabilities add up to 1 down the columns. They belong to one row each.",
            ),
            Mistake(
                "whole_array",
                lambda logits, T: (probabilities(logits, axis=None) - T) / len(logits),
                "Your probabilities add up to 1 over all rows together. Each row has probabilities of its own.",
            ),
            Mistake(
                "no_target",
                lambda logits, T: probabilities(logits) / len(logits),
                "That is the same for all targets. Where does the right class come in?",
            ),
            Mistake("extra_slope", one_slope_too_many, "The slope of softmax is contained in p − y already."),
            Mistake(
                "probabilities",
                for_the_probabilities,
                "That is the slope for each probability. One more step back leads to the logits.",
            ),
            Mistake("sigmoid", sigmoids, "Your probabilities of a row do not add up to 1: that is the sigmoid."),
            Mistake(
                "doubled",
                lambda logits, T: 2 * logits_gradient(logits, T),
                "The factor 2 belongs to the slope of a square. Cross-entropy has none.",
            ),
            Mistake(
                "one_largest",
                one_largest_for_all,
                "You subtract the largest of all logits. A row far below it becomes 0 everywhere, and 0/0.",
            ),
            Mistake(
                "overflow",
                not_shifted,
                "Right for small logits; exp(1000) is too large for a float. What may be subtracted from all logits "
                "of a row without changing the probabilities?",
            ),
        ),
        hints=(
            "For one row the section on softmax has derived the answer. What does the mean do to it?",
            "Subtract each row’s largest logit before exp; keepdims=True keeps the shapes together.",
        ),
    ),
    "05.5": Exercise(
        title="The loop",
        task="A function that makes some updates of gradient descent for a linear layer and returns the last w",
        answer=function(train, inputs=some_runs),
        mistakes=(
            Mistake(
                "gradient_not_reset",
                never_reset,
                "Your gradient still holds those of earlier updates: each update needs its own, from zero.",
            ),
            Mistake("stale", stale, "You took the gradient once. After an update it belongs to another point."),
            Mistake(
                "sign",
                lambda X, y, w, rate, updates: train(X, y, w, -rate, updates),
                "This climbs: the gradient points uphill.",
            ),
            Mistake(
                "missing_n",
                lambda X, y, w, rate, updates: train(X, y, w, rate * len(X), updates),
                "Your steps are too long by the number of rows: the loss is a mean.",
            ),
            Mistake(
                "half",
                lambda X, y, w, rate, updates: train(X, y, w, rate / 2, updates),
                "Your steps are half as long as asked: what is the derivative of a square?",
            ),
            Mistake(
                "half_sum",
                lambda X, y, w, rate, updates: train(X, y, w, rate * len(X) / 2, updates),
                "You follow the slope of half the sum of squares. The loss here is their mean.",
            ),
            Mistake(
                "no_rate",
                lambda X, y, w, rate, updates: train(X, y, w, 1.0, updates),
                "Your steps do not depend on the rate.",
            ),
            Mistake(
                "from_zero",
                lambda X, y, w, rate, updates: train(X, y, np.zeros_like(w), rate, updates),
                "You start from zeros. Where does the question start?",
            ),
            Mistake(
                "unchanged",
                lambda X, y, w, rate, updates: w,
                "What you return is the w that you were given. What becomes of the new one after each step?",
            ),
            Mistake("after_each_row", after_each_row, "You update after each row. An update here sees all rows."),
            Mistake(
                "first_only",
                lambda X, y, w, rate, updates: train(X, y, w, rate, 1),
                "You made one update only. Does return stand inside the loop?",
            ),
            Mistake(
                "one_too_few",
                lambda X, y, w, rate, updates: train(X, y, w, rate, updates - 1),
                "You made one update too few.",
            ),
            Mistake(
                "one_too_many",
                lambda X, y, w, rate, updates: train(X, y, w, rate, updates + 1),
                "You made one update too many.",
            ),
        ),
        hints=(
            "In each round: predictions of the current w, the gradient of 5.3, one step.",
            "w = w - … makes a new array; w -= … changes the one you were given.",
        ),
    ),
    "05.6": Exercise(
        title="One update of two layers",
        task="A function that makes one update of the two-layer network and returns the new W₁",
        answer=function(updated_W1, inputs=two_layers),
        mistakes=(
            Mistake(
                "new_W2",
                lambda X, Y, W1, *rest: W1 - step_of_W1(X, Y, W1, *rest, new_W2=True),
                "You updated W₂ first and then went back through the new one. Which W₂ made this loss?",
            ),
            Mistake(
                "sign",
                lambda X, Y, W1, *rest: W1 + step_of_W1(X, Y, W1, *rest),
                "This goes uphill: check the sign of ŷ − y and of the update.",
            ),
            Mistake(
                "missing_n",
                lambda X, Y, W1, *rest: W1 - step_of_W1(X, Y, W1, *rest, count=lambda Y: 1),
                "The loss is a mean, your gradient that of a sum.",
            ),
            Mistake(
                "rows_only",
                lambda X, Y, W1, *rest: W1 - step_of_W1(X, Y, W1, *rest, count=len),
                "You divided by the number of rows. Over how many entries is the mean, with k outputs?",
            ),
            Mistake(
                "half",
                lambda X, Y, W1, *rest: W1 - step_of_W1(X, Y, W1, *rest) / 2,
                "A factor is missing: what is the derivative of a square?",
            ),
            Mistake(
                "no_slope",
                lambda X, Y, W1, *rest: W1 - step_of_W1(X, Y, W1, *rest, slope=False),
                "You went through the output’s sigmoid without multiplying by its slope.",
            ),
            Mistake(
                "no_hidden_slope",
                lambda X, Y, W1, *rest: W1 - step_of_W1(X, Y, W1, *rest, hidden_slope=False),
                "You went through the hidden sigmoids without multiplying by their slopes.",
            ),
            Mistake(
                "transposed",
                transposed_step,
                "Your gradient of W₁ has rows and columns exchanged; it went unnoticed because W₁ is square here.",
            ),
            Mistake(
                "no_rate",
                lambda X, Y, W1, b1, W2, b2, rate: updated_W1(X, Y, W1, b1, W2, b2, 1.0),
                "Your step does not depend on the rate.",
            ),
            Mistake("no_update", step_of_W1, "That is the step; it has to be taken from W₁."),
            Mistake(
                "gradient_only",
                lambda X, Y, W1, b1, W2, b2, rate: step_of_W1(X, Y, W1, b1, W2, b2, 1.0),
                "That is the gradient; the new W₁ is one step away.",
            ),
        ),
        hints=(
            "Four lines forward and back: H, O, D2, D1. All of them use the parameters as they were given.",
            "D2 has a factor 2, the error, one divided by the number of entries of Y, and the slope O(1 − O). "
            "D1 goes back through the transpose of W2 and the slope H(1 − H).",
        ),
    ),
    "05.7": Exercise(
        title="Division",
        task="A function that returns the two gradients that division sends back, as an array of shape (2, …)",
        answer=function(divide_rules, inputs=some_quotients),
        mistakes=(
            Mistake(
                "sign",
                lambda a, b, g: np.stack([g / b, g * a / b**2]),
                "The second sign: does a quotient rise when its denominator does?",
            ),
            Mistake(
                "wrong_variable",
                lambda a, b, g: divide_rules(a, b, g)[::-1],
                "Both rules are there, but in the wrong order.",
            ),
            Mistake(
                "local_only",
                lambda a, b, g: divide_rules(a, b, np.ones_like(g)),
                "These are the local slopes. What has arrived at the quotient has not been used.",
            ),
            Mistake(
                "no_square",
                lambda a, b, g: np.stack([g / b, -g * a / b]),
                "The rule for b: write a/b as a·b⁻¹ and differentiate the power.",
            ),
            Mistake(
                "no_numerator",
                lambda a, b, g: np.stack([g / b, -g / b**2]),
                "The rule for b: does it make no difference how large a is?",
            ),
            Mistake(
                "product",
                lambda a, b, g: np.stack([g * b, g * a]),
                "These are the rules of a product.",
            ),
        ),
        hints=(
            "a/b is a·b⁻¹. What is its derivative for a while b stands still, and the other way round?",
            "Multiply each local slope by g, and put both into one array with np.stack.",
        ),
    ),
    "05.8": Exercise(
        title="The step in 32 bits",
        task="log₁₀ of the best step h of a central difference with 32-bit numbers, to half a unit",
        answer=number(-2.3, tolerance=0.5),
        mistakes=(
            Mistake(
                "float64",
                -5.2,
                "That is the step for 64 bits: check the dtype of every number, of the 1 and of h as well.",
            ),
            Mistake("one_sided", -3.5, "That is the step of a one-sided difference. Its formula’s error is larger."),
            Mistake(
                "not_log",
                Above(0),
                "A step far below 1 has a negative logarithm. If this is h, give log₁₀ h.",
                example=0.005,
            ),
            Mistake(
                "too_large", Above(-1.8), "There the formula’s error, about h²/6 · e, is the larger one.", example=-1.0
            ),
            Mistake(
                "too_small", Below(-2.8), "There the error of rounding, about ε/h, is the larger one.", example=-2.9
            ),
        ),
        hints=(
            "The formula’s error is about h²/6 · e, that of rounding about ε/h. Where do they meet?",
            "Take h = 10**k for k from −7 to −0.5 in steps of a quarter, all in np.float32, and print the median of "
            "the errors at a hundred points.",
        ),
        remark="In 32 bits about four or five digits of a slope can be checked, so check in 64.",
    ),
}

QUIZZES = {
    "05.signs": Quiz(
        "ŷ = 0.867 is too small, and all slopes at the output (v1, v2, c) are negative: raise them, and the loss "
        "falls. Which sign have the slopes of w12, w22 and b2, the parameters of hidden unit 2?",
        (
            Option(
                "Negative as well: ŷ is too small, so everything must grow.",
                "What must grow is the sum at the output. Unit 2 enters it with v2 = −0.8: when this unit grows, "
                "the sum falls.",
            ),
            Option(
                "Positive: on the way back to unit 2 the slope is multiplied by v2 = −0.8.",
                "The way to unit 1 multiplies by 1.5 and keeps the sign, the way to unit 2 multiplies by −0.8 and "
                "turns it. The inputs 0.1 and 0.2 and the sigmoid’s slope are positive and change nothing.",
                right=True,
            ),
            Option(
                "Zero: unit 2 puts out less than ½ and has no say.",
                "A sigmoid unit has no threshold below which it is silent. Its slope h(1 − h) is largest near ½, "
                "so small changes pass through it best just here.",
            ),
        ),
    ),
    "05.new_W2": Quiz(
        "You will make 1000 updates with hidden gradients taken through the new W₂. What does the loss do?",
        (
            Option(
                "It rises, or stays where it is: the gradient is wrong.",
                "Wrong need not mean opposite. W₂ has moved by 1 % at most, so the wrong direction lies very near the "
                "right one, and still points downhill.",
            ),
            Option(
                "It falls at first and then rises, as the mistakes add up.",
                "Each update computes its gradient afresh from where the network is, so the mistakes do not add up; "
                "and as the steps get smaller, new and old W₂ come closer.",
            ),
            Option(
                "It falls, as fast as with the right gradient.",
                "Any direction that leads downhill lowers the loss. So a falling loss does not prove a gradient.",
                right=True,
            ),
        ),
    ),
}
