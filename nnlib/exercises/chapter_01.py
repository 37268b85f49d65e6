"""Exercises and quizzes of chapter 1, neurons."""

import numpy as np

from nnlib.exercises.core import Above, Below, Exercise, Mistake, Option, Quiz, function, number, predicate


def fires(X, w, b):
    return (X @ w + b >= 0).astype(float)


def fires_without_bias(X, w, b):
    return (X @ w >= 0).astype(float)


def fires_above(X, w, b):
    return (X @ w + b > 0).astype(float)


def fires_with_threshold(X, w, b):
    return (X @ w >= b).astype(float)


def fires_or_minus(X, w, b):
    return np.where(X @ w + b >= 0, 1.0, -1.0)


def fires_by_sign(X, w, b):
    return np.sign(X @ w + b)


def rests(X, w, b):
    return (X @ w + b < 0).astype(float)


def sums(X, w, b):
    return X @ w + b


def in_rows(W, A, b):
    return (W @ A + b).T


def left_in_columns(W, A, b):
    return W @ A + b


def reshaped(W, A, b):
    Z = W @ A + b
    return Z.reshape(Z.shape[::-1])


def weights_not_transposed(W, A, b):
    return A.T @ W + b.T


def rows_without_bias(W, A, b):
    return (W @ A).T


def bias_to_samples(W, A, b):
    return A.T @ W.T + b


def _fires_samples():
    rng = np.random.default_rng(0)
    X, w = rng.normal(size=(20, 3)), rng.normal(size=3)
    on_the_line = np.array([[1.0, 2.0], [2.0, 0.0], [0.0, 0.0], [0.5, 0.25]])
    return (
        (X, w, 0.7),
        (X, w, -0.7),
        (on_the_line, np.array([1.0, 2.0]), -1.0),
        (on_the_line, np.array([1.0, 1.0]), -2.0),
    )


def _column_layers():
    rng = np.random.default_rng(1)
    shapes = (4, 3, 5), (3, 3, 3), (2, 4, 2)
    return [
        (rng.normal(size=(units, inputs)), rng.normal(size=(inputs, samples)), rng.normal(size=(units, 1)))
        for units, inputs, samples in shapes
    ]


_CORNERS = np.array([[i >> 2 & 1, i >> 1 & 1, i & 1] for i in range(8)], dtype=float)
_FIRST_NOT_BOTH = _CORNERS[:, 0] * (1 - _CORNERS[:, 1] * _CORNERS[:, 2])


def _unit(values):
    w1, w2, w3, b = np.hstack(values).astype(float).ravel()
    return (_CORNERS @ [w1, w2, w3] + b >= 0).astype(float)


def _says(wanted):
    return lambda values: np.array_equal(_unit(values), wanted)


def _first_not_both(values):
    wrong = np.flatnonzero(_unit(values) != _FIRST_NOT_BOTH)
    if not len(wrong):
        return True
    x = _CORNERS[wrong[0]].astype(int).tolist()
    if _FIRST_NOT_BOTH[wrong[0]]:
        return f"For the inputs {x} your unit is silent, and it should fire."
    return f"For the inputs {x} your unit fires, and it should not."


def exactly_one(x):
    return float(np.sum(x) == 1)


def at_least_one(x):
    return float(np.sum(x) >= 1)


def odd(x):
    return float(np.sum(x) % 2)


def at_most_one(x):
    return float(np.sum(x) <= 1)


EXERCISES = {
    "01.1": Exercise(
        title="A weighted sum",
        task="z of the neuron with w = (2, −1, 0.5), b = −0.25 for x = (0.5, 2, 1)",
        answer=number(-0.75),
        mistakes=(
            Mistake("no_bias", -0.5, "This is the weighted sum alone. What else belongs to z?"),
            Mistake("bias_as_threshold", -0.25, "You have subtracted b. The threshold is −b; b itself is added."),
            Mistake("sign", 3.25, "One weight is negative: its input inhibits."),
            Mistake(
                "fires", 0, "That is what a threshold unit puts out. The question is for z, before the activation."
            ),
        ),
        hints=(
            "Three products, one for each input, and the bias: four numbers to add.",
            "The first product is 2 · 0.5 = 1. Mind the sign of the second.",
        ),
    ),
    "01.2": Exercise(
        title="At least two of three",
        task="The bias in the middle of all that let a unit with weights 1, 1, 1 fire when at least two inputs are on",
        answer=number(-1.5),
        mistakes=(
            Mistake("threshold", 1.5, "That is the threshold θ. How is the bias related to it?"),
            Mistake("any", -0.5, "With this bias one input suffices."),
            Mistake("all", -2.5, "With this bias all three inputs must be on."),
            Mistake(
                "edge",
                -2,
                "This bias works, but only just: z is exactly 0 for two inputs. Which one lies in the middle?",
            ),
            Mistake("other_edge", -1, "With this bias z is 0 for one input, and the unit fires at 0."),
            Mistake("too_easy", Above(-1), "With this bias fewer than two inputs suffice."),
            Mistake("too_hard", Below(-2), "With this bias two inputs do not suffice."),
            Mistake(
                "works",
                Above(-2),
                "With this bias the unit does what it shall. Does it lie in the middle of all that do?",
                example=-1.75,
            ),
        ),
        hints=(
            "What is the sum of the inputs when two are on, and when one is?",
            "z must be 0 or more for the first of these sums and below 0 for the second: what does that say of b?",
        ),
    ),
    "01.3": Exercise(
        title="Distance from the boundary",
        task="The distance of the point (3, 4) from the boundary of the neuron with w = (3, 4), b = −5",
        answer=number(4),
        mistakes=(
            Mistake("not_divided", 20, "This is z. It grows when w and b are doubled, but the line stays where it is."),
            Mistake("squared_length", 0.8, "You have divided by ‖w‖²; one power of it is enough."),
            Mistake("weighted_sum", 25, "This is w·x. The bias belongs to it, and a length divides it."),
            Mistake("no_bias", 5, "This is the distance from the line through the origin. What does b do to it?"),
            Mistake("bias_sign", 6, "b is −5: it is added to w·x as it is."),
            Mistake("origin", 1, "This is how far the origin is from the line."),
        ),
        hints=(
            "First z at the point, then the length of w.",
            "‖w‖ is the square root of the sum of the squared weights.",
        ),
    ),
    "01.4": Exercise(
        title="Parameters of a small network",
        task="The number of parameters of the dense network [64, 32, 32, 10]",
        answer=number(3466),
        mistakes=(
            Mistake("no_biases", 3392, "These are the weights. Each unit has one parameter more."),
            Mistake("no_output_biases", 3456, "The output units have biases, too."),
            Mistake("widths", 138, "You added the widths. Most parameters belong to connections."),
            Mistake("input_biases", 3530, "Inputs are numbers, not units: they have no bias."),
            Mistake("bias_per_weight", 6784, "A bias belongs to a unit, not to a connection."),
            Mistake("bias_per_layer", 3395, "You have counted one bias for each layer. Each unit has its own."),
            Mistake("first_and_last", 2410, "One layer is missing: three matrices lie between four widths."),
        ),
        hints=(
            "Three layers compute. What are the shapes of their matrices?",
            "(64 + 1) · 32 is the first layer with its biases. Two more follow.",
        ),
    ),
    "01.5": Exercise(
        title="A threshold unit for many samples",
        task="A function fires(X, w, b) that returns 0.0 or 1.0 for each row of X",
        answer=function(fires, inputs=_fires_samples),
        mistakes=(
            Mistake("no_bias", fires_without_bias, "b has no effect in your function."),
            Mistake("strict", fires_above, "Right, except on the boundary: what does the unit say at z = 0?"),
            Mistake("bias_as_threshold", fires_with_threshold, "You compare with b. The threshold is −b."),
            Mistake("minus_one", fires_or_minus, "Where the unit is silent its output is 0, and yours is −1."),
            Mistake("sign", fires_by_sign, "np.sign gives −1, 0 or 1. The unit’s outputs are 0 and 1."),
            Mistake("reversed", rests, "Your unit fires where it should be silent, and the other way round."),
            Mistake("no_step", sums, "These are the z of all samples. The step is still to come."),
        ),
        hints=(
            "X @ w has one number for each row. What is added, and what is compared?",
            "A comparison gives True and False; .astype(float) or np.where makes 1.0 and 0.0 of them.",
        ),
    ),
    "01.6": Exercise(
        title="From columns to rows",
        task="A function in_rows(W, A, b) that returns a layer’s Z with samples as rows",
        answer=function(in_rows, inputs=_column_layers),
        mistakes=(
            Mistake("in_columns", left_in_columns, "Right numbers, but the samples are still columns."),
            Mistake(
                "reshaped",
                reshaped,
                "The shape is right and the numbers are at wrong places: reshape only cuts the rows anew. "
                "Which operation exchanges rows and columns?",
            ),
            Mistake(
                "transposed",
                weights_not_transposed,
                "W is used as if it were (d_in, d_out). Where the matrix is not square, the shapes tell.",
            ),
            Mistake("no_bias", rows_without_bias, "The bias is missing."),
            Mistake("bias_to_samples", bias_to_samples, "b is added to samples instead of units: look at its shape."),
        ),
        hints=(
            "Write the layer as its author would, then ask which operation turns columns into rows.",
            "Transposing a product transposes both factors and swaps them; b, a column, becomes a row.",
        ),
        remark="Reshaping would have had the same shape and wrong numbers: test such code with unequal entries.",
    ),
    "01.7": Exercise(
        title="Design a unit",
        task="w₁, w₂, w₃ and b of a unit that fires when the first input is on and the other two are not both on",
        answer=predicate(_first_not_both, "three weights and a bias: [w1, w2, w3, b]", [2.0, -1.0, -1.0, -1.0]),
        mistakes=(
            Mistake(
                "neither",
                predicate(_says(_CORNERS[:, 0] * (1 - np.maximum(*_CORNERS[:, 1:].T)))),
                "Your unit demands that both others are off. One of them may be on.",
                example=[1.0, -1.0, -1.0, -1.0],
            ),
            Mistake(
                "without_first",
                predicate(_says(1 - _CORNERS[:, 1] * _CORNERS[:, 2])),
                "Your unit does not need the first input.",
                example=[0.0, -1.0, -1.0, 1.5],
            ),
            Mistake(
                "first_only",
                predicate(_says(_CORNERS[:, 0])),
                "Your unit looks at the first input only: the other two together do not stop it.",
                example=[1.0, 0.0, 0.0, -0.5],
            ),
        ),
        hints=(
            "Which inputs excite, which inhibit? Choose the signs first.",
            "List z for the first input on with none, one and both of the others: "
            "b must separate the second from the third, and stay below 0 without the first.",
        ),
    ),
    "01.8": Exercise(
        title="Exactly one of three",
        task="A function exactly_one(x) made of threshold units",
        answer=function(exactly_one, inputs=[(corner,) for corner in _CORNERS]),
        mistakes=(
            Mistake("at_least_one", at_least_one, "Your network also fires for two or three inputs."),
            Mistake("odd", odd, "Three inputs are an odd number, but not one."),
            Mistake("at_most_one", at_most_one, "With no input on it must be silent."),
        ),
        hints=(
            "“At least one” is a threshold unit, and so is “at least two”.",
            "Let a third unit fire when the first of them is on and the second is off.",
        ),
    ),
}

QUIZZES = {
    "01.bias": Quiz(
        "The lab opens with w = (1, 2) and b = −0.5; w points up and to the right. You raise b to 2. "
        "What does the line z = 0 do?",
        (
            Option(
                "It turns.",
                "The line lies at right angles to w, and w has not changed. Only weights can turn it.",
            ),
            Option(
                "It moves in the direction of w, up and to the right.",
                "More bias sounds like more of everything. But with more bias the sum is positive sooner, "
                "so the side where the neuron fires must grow, and w points into that side.",
            ),
            Option(
                "It moves against w, down and to the left.",
                "The neuron has become easier to excite: the side on which z > 0 grows, and the line gives way.",
                right=True,
            ),
            Option(
                "It stays, and the output grows everywhere.",
                "The output does grow everywhere. The line is where z is 0, and there z has grown, too: "
                "so those points no longer lie on it.",
            ),
        ),
    ),
    "01.scale": Quiz(
        "You double all three numbers, to w = (2, 4) and b = −1, with the sigmoid as activation. What changes?",
        (
            Option(
                "The line moves twice as far from the origin.",
                "The bias has doubled, but the distance is b/‖w‖, and ‖w‖ has doubled, too.",
            ),
            Option(
                "Nothing.",
                "With the step as activation that is true. The sigmoid sees the size of z, not only its sign.",
            ),
            Option(
                "The line stays; the output passes from 0 to 1 over a shorter distance.",
                "z doubles everywhere: it is 0 at the same points, and the sigmoid gets twice as steep there.",
                right=True,
            ),
        ),
    ),
    "01.width": Quiz(
        "The lab opens on 784 → 128 → 10, with 101 770 parameters. You double the hidden layer, from 128 to 256 units. "
        "How many parameters has it then, about?",
        (
            Option(
                "128 more: one for each new unit.",
                "A new unit brings one bias, but also a weight for each of its 784 inputs, and one to each output.",
            ),
            Option(
                "Twice as many.",
                "Both matrices have this layer on one side, and each grows in proportion to it.",
                right=True,
            ),
            Option(
                "Four times as many: quadratic in width.",
                "That holds when all layers widen together. Here the other side of each matrix stays as it is.",
            ),
        ),
    ),
    "01.batch": Quiz(
        "You double the number of samples in a batch, from 64 to 128. What happens to the number of parameters?",
        (
            Option(
                "It doubles.",
                "X and Z get twice as many rows, and the work doubles. But all rows meet the same W and b.",
            ),
            Option("It stays.", "Parameters belong to connections and units, not to samples.", right=True),
            Option(
                "It grows by 64 biases: one for each new row.",
                "The bias is added to each row, but it is the same bias. Its shape is (d_out,).",
            ),
        ),
    ),
}
