"""Exercises and quizzes of chapter 2, the perceptron."""

import numpy as np

from nnlib.exercises.core import Exercise, Mistake, Option, Quiz, array, function, number, predicate


def look(w, b, x, y):
    if (x @ w + b >= 0) != (y > 0):
        return w + y * x, b + y
    return w, b


def moves_always(w, b, x, y):
    return w + y * x, b + y


def kink_moves(w, b, x, y):
    return (w + y * x, b + y) if y * (x @ w + b) <= 0 else (w, b)


def kink_rests(w, b, x, y):
    return (w + y * x, b + y) if y * (x @ w + b) < 0 else (w, b)


def bias_rests(w, b, x, y):
    return look(w, b, x, y)[0], b


def weights_alone(w, b, x, y):
    return look(w, b, x, y)[0]


def away(w, b, x, y):
    return (w - y * x, b - y) if (x @ w + b >= 0) != (y > 0) else (w, b)


def without_label(w, b, x, y):
    return (w + x, b + 1) if (x @ w + b >= 0) != (y > 0) else (w, b)


def by_difference(w, b, x, y):
    says = 1 if x @ w + b >= 0 else -1
    return w + (y - says) * x, b + (y - says)


def says_zero(w, b, x, y):
    says = 1 if x @ w + b >= 0 else 0
    return w + (y - says) * x, b + (y - says)


def score_without_bias(w, b, x, y):
    return (w + y * x, b + y) if (x @ w >= 0) != (y > 0) else (w, b)


def by_distance(w, b, x, y):
    z = x @ w + b
    return (w + (y - z) * x, b + (y - z)) if (z >= 0) != (y > 0) else (w, b)


def _run(X, y, says=lambda z: 1.0 if z >= 0 else -1.0, passes=1000):
    """Return (mistakes, passes, mistakes of the first pass)."""
    w, b, mistakes, first = np.zeros(X.shape[1]), 0.0, 0, 0
    for epoch in range(1, passes + 1):
        before = mistakes
        for x, label in zip(X, y):
            if says(x @ w + b) != label:
                w, b, mistakes = w + label * x, b + label, mistakes + 1
        first = mistakes if epoch == 1 else first
        if mistakes == before:
            break
    return mistakes, epoch, first


def count_mistakes(X, y):
    return _run(X, y)[0]


def count_passes(X, y):
    return _run(X, y)[1]


def count_looks(X, y):
    return _run(X, y)[1] * len(X)


def one_pass(X, y):
    return _run(X, y)[2]


def sign_of_numpy(X, y):
    return _run(X, y, np.sign)[0]


def minus_at_zero(X, y):
    return _run(X, y, lambda z: 1.0 if z > 0 else -1.0)[0]


def _point_sets():
    gates = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    rng = np.random.default_rng(3)
    X = rng.normal(size=(15, 2))
    side = X @ [1.0, -2.0] + 0.3
    clear = np.abs(side) > 0.2
    return (
        (gates, np.array([-1.0, -1.0, -1.0, 1.0])),
        (gates, np.array([-1.0, 1.0, 1.0, 1.0])),
        (X[clear], np.sign(side[clear])),
    )


_CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
_NAND = np.array([True, True, True, False])
_HIDDEN = np.stack([_CORNERS.sum(axis=1) >= 0.5, _CORNERS.sum(axis=1) <= 1.5], axis=1).astype(float)
_XOR = np.array([False, True, True, False])


def _fires(inputs, values):
    first, second, b = np.hstack(values).astype(float).ravel()
    return inputs @ [first, second] + b >= 0


def _must(inputs, wanted):
    def test(values):
        wrong = np.flatnonzero(_fires(inputs, values) != wanted)
        if not len(wrong):
            return True
        return f"With the inputs {_CORNERS[wrong[0]].astype(int).tolist()} the answer is wrong."

    return test


def _is(inputs, said):
    return predicate(lambda values: np.array_equal(_fires(inputs, values), said))


def parity(x):
    return float(np.sum(x) % 2)


def exactly_one(x):
    return float(np.sum(x) == 1)


def any_on(x):
    return float(np.sum(x) >= 1)


def even(x):
    return float(np.sum(x) % 2 == 0)


EXERCISES = {
    "02.1": Exercise(
        title="One look",
        task="w₁, w₂ and b after a look at x = (2, 3), y = +1 with w = (1, −1), b = 0, η = 1",
        answer=array([3, 2, 1]),
        mistakes=(
            Mistake("sign", [-1, -4, -1], "You have moved away from the point. Which way does y = +1 pull?"),
            Mistake("no_bias", [3, 2, 0], "w is right. The bias is corrected, too."),
            Mistake(
                "no_mistake", [1, -1, 0], "You have left the weights alone. What is the score, and what does it say?"
            ),
            Mistake(
                "by_distance",
                [5, 5, 2],
                "That is ADALINE’s step, y − z times x. The perceptron’s does not depend on z.",
            ),
        ),
        hints=("First the score: is it a mistake?", "At a mistake add y times x to w, and y to b."),
    ),
    "02.2": Exercise(
        title="NAND",
        task="w₁, w₂ and b of a perceptron that says +1 unless both inputs are 1",
        answer=predicate(_must(_CORNERS, _NAND), "two weights and a bias: [w1, w2, b]", [-1.0, -1.0, 1.5]),
        mistakes=(
            Mistake("and", _is(_CORNERS, ~_NAND), "This is AND. NAND says the opposite.", example=[1.0, 1.0, -1.5]),
            Mistake(
                "nor",
                _is(_CORNERS, np.array([True, False, False, False])),
                "This is NOR: it falls silent as soon as one input is on.",
                example=[-1.0, -1.0, 0.5],
            ),
            Mistake(
                "edge",
                _is(_CORNERS, np.array([True, True, True, True])),
                "Your unit says +1 for all four. For (1, 1) the score must lie below 0: 0 itself counts as +1.",
                example=[-1.0, -1.0, 2.0],
            ),
        ),
        hints=(
            "How are the weights of a unit and of the unit that says the opposite related?",
            "Both inputs inhibit. The bias must be large enough for one of them, and too small for two.",
        ),
    ),
    "02.3": Exercise(
        title="The rule",
        task="A function look(w, b, x, y) that returns the new weights and the new bias after one look with η = 1",
        answer=function(
            look,
            inputs=(
                (np.array([1.0, -1.0]), 0.0, np.array([2.0, 3.0]), 1.0),
                (np.array([1.0, -1.0]), 0.5, np.array([2.0, 1.0]), 1.0),
                (np.array([1.0, -1.0]), 0.5, np.array([3.0, 1.0]), -1.0),
                (np.array([-1.0, 0.5, 2.0]), 0.25, np.array([1.0, 1.0, -1.0]), -1.0),
                (np.array([1.0, -1.0]), -2.0, np.array([2.0, 1.0]), 1.0),
                (np.zeros(2), 0.0, np.array([1.0, 2.0]), 1.0),
                (np.zeros(2), 0.0, np.array([1.0, 2.0]), -1.0),
            ),
        ),
        mistakes=(
            Mistake("moves_always", moves_always, "Your function also moves when the unit is right."),
            Mistake("kink_moves", kink_moves, "Right, except at z = 0 and y = +1: what does the unit say there?"),
            Mistake("kink_rests", kink_rests, "Right, except at z = 0 and y = −1: what does the unit say there?"),
            Mistake("bias_rests", bias_rests, "The bias is corrected, too."),
            Mistake("weights_alone", weights_alone, "You return the weights alone. Return the pair: weights, bias."),
            Mistake("sign", away, "You have moved away from where y pulls."),
            Mistake("no_label", without_label, "You add x at each mistake. Which way does y = −1 pull?"),
            Mistake(
                "doubled", by_difference, "Your step is twice too long: at a mistake, how large is y − what it says?"
            ),
            Mistake("zero", says_zero, "Your unit says 0 where it is silent. Here it says −1."),
            Mistake("score_without_bias", score_without_bias, "Your score leaves out b, so you see other mistakes."),
            Mistake(
                "by_distance",
                by_distance,
                "That is ADALINE’s step. The perceptron’s does not depend on how large z is.",
            ),
        ),
        hints=(
            "Compute z, decide what the unit says (+1 from 0 on), compare with y.",
            "Return a pair in both cases: moved if they differ, unchanged if not.",
        ),
    ),
    "02.4": Exercise(
        title="The bound",
        task="The bound (R/γ)² for x = −1, y = −1 and x = 3, y = +1 with the separating w = 1, b = −1",
        answer=number(5, tolerance=1e-3),
        mistakes=(
            Mistake("short_samples", 4.5, "R is the length of (x, 1): the bias has an input, too."),
            Mistake("bias_outside", 2.5, "γ must be divided by the length of (w, b), not of w alone."),
            Mistake("both", 2.25, "The bias is a weight like any other: it counts in R and in the length of (w, b)."),
            Mistake("no_margin", 10, "This is R². The margin has not been used."),
            Mistake("root", 5**0.5, "This is R/γ. The bound is its square."),
            Mistake("upside_down", 0.2, "R belongs above γ: long samples and small margins make it hard."),
        ),
        hints=(
            "Append a 1 to both samples and write v = (w, b). Which of the samples is longer?",
            "γ is the smaller of the two y·z, divided by the length of v.",
        ),
        remark="So the rule makes five mistakes at most on these two samples, in any order.",
    ),
    "02.5": Exercise(
        title="Counting mistakes",
        task="A function count_mistakes(X, y) that runs the rule from zeros until a clean pass and counts its mistakes",
        answer=function(count_mistakes, inputs=_point_sets),
        mistakes=(
            Mistake("passes", count_passes, "You have counted passes. One pass may hold many mistakes, or none."),
            Mistake("looks", count_looks, "You have counted looks. Only those count at which the weights move."),
            Mistake("one_pass", one_pass, "These are the mistakes of the first pass. Is the next one clean?"),
            Mistake(
                "numpy_sign", sign_of_numpy, "At score 0 numpy’s sign is 0, which differs from both labels. Ours is +1."
            ),
            Mistake("minus_at_zero", minus_at_zero, "At score 0 your unit says −1. Our convention is +1."),
        ),
        hints=(
            "Two loops: passes, and in each all samples. When does the outer one end?",
            "Remember the count at the beginning of a pass; if it is the same at the end, return it.",
        ),
    ),
    "02.6": Exercise(
        title="XOR from OR and NAND",
        task="v₁, v₂ and c of the output unit that makes XOR of h₁ = OR and h₂ = NAND",
        answer=predicate(_must(_HIDDEN, _XOR), "two weights and a bias: [v1, v2, c]", [1.0, 1.0, -1.5]),
        mistakes=(
            Mistake(
                "old_weights",
                _is(_HIDDEN, _HIDDEN @ [1.0, -1.0] - 0.5 >= 0),
                "These weights are for h₂ = AND. NAND is its opposite.",
                example=[1.0, -1.0, -0.5],
            ),
            Mistake(
                "or",
                _is(_HIDDEN, np.ones(4, dtype=bool)),
                "Your unit always fires: OR or NAND always holds.",
                example=[1.0, 1.0, -0.5],
            ),
        ),
        hints=(
            "Write the table of h₁ and h₂ for the four corners. For which pairs must the output fire?",
            "Both must be on. Which gate is that?",
        ),
    ),
    "02.7": Exercise(
        title="Parity of three",
        task="A function parity(x), with one hidden layer of threshold units: is an odd number of inputs on?",
        answer=function(parity, inputs=[(np.array([i >> 2 & 1, i >> 1 & 1, i & 1], dtype=float),) for i in range(8)]),
        mistakes=(
            Mistake("exactly_one", exactly_one, "Three is odd, too."),
            Mistake("any_on", any_on, "Your network also fires for two."),
            Mistake("even", even, "This is the opposite."),
        ),
        hints=(
            "Let one hidden unit say “at least one”, another “at least two”, and so on.",
            "Their number tells the sum. With which alternating weights does the output become 0, 1, 0, 1?",
        ),
    ),
    "02.8": Exercise(
        title="Separable truth tables",
        task="How many of the 256 truth tables with three inputs one threshold unit can say",
        answer=number(104),
        mistakes=(
            Mistake("no_constants", 102, "The two constants are missing: a bias alone says them."),
            Mistake("beyond", 152, "These are the ones that one unit cannot say."),
            Mistake("all", 256, "XOR of the first two inputs is among them."),
            Mistake("two_inputs", 14, "That is the number for two inputs."),
        ),
        hints=(
            "Eight corners, each −1 or +1. Leave out the two constant ones, and ask best_separator for the others.",
            "best_separator returns None where no plane separates. Count what is not None, then add the constants.",
        ),
    ),
}

QUIZZES = {
    "02.same": Quiz(
        "The rule has just corrected the weights for one point. What does the unit now say of this same point?",
        (
            Option(
                "The right label: that is what the correction is for.",
                "The score moves in the right direction, but by a fixed amount. If it was far off, that is not enough.",
            ),
            Option(
                "The right label or still the wrong one.",
                "y·z grows by η(‖x‖² + 1), however negative it was.",
                right=True,
            ),
            Option(
                "Still the wrong one: the rule takes many small steps.",
                "Steps are not small when w is: the very first one is always enough for its own point.",
            ),
        ),
    ),
    "02.rate": Quiz(
        "You run the lab with η = 1 and with η = 0.25, both from w = 0, b = 0. How do the numbers of mistakes compare?",
        (
            Option(
                "Four times as many with η = 0.25, because each step is a quarter as long.",
                "Each step is, and so is w. What a step changes depends on its size next to w, and that is the same.",
            ),
            Option(
                "Fewer with η = 0.25, because small steps are more careful.",
                "For other methods that is so. Here all of w and b is made of such steps, and shrinks with them.",
            ),
            Option(
                "The same number.",
                "Every w and b of the run is multiplied by 0.25, and a positive factor changes no sign.",
                right=True,
            ),
        ),
    ),
    "02.shift": Quiz(
        "All points are moved by 10 to the right and 10 upwards. Before, the rule made 11 mistakes. And now?",
        (
            Option(
                "11: the picture is the same.",
                "To the eye it is. But the rule starts at w = 0, b = 0 and adds multiples of the points themselves, "
                "and these are other numbers now.",
            ),
            Option(
                "A few more: it takes some steps to move the line over there.",
                "It does take steps, but each adds ±1 to b and some ±10 to w: w swings wildly before b catches up.",
            ),
            Option(
                "Thousands.",
                "Seen from the origin all points now lie in one direction: R is large and γ is small.",
                right=True,
            ),
            Option(
                "It never stops: no line separates them any more.",
                "Move the line along with the points, and it separates them as before. Then the theorem holds.",
            ),
        ),
    ),
    "02.corners": Quiz(
        "How many of XOR’s four corners can one neuron without hidden units have right at most, with the best weights?",
        (
            Option(
                "2: half of them, like guessing.",
                "Guessing gets two on average. A line can do better: it can cut off one corner from the other three.",
            ),
            Option(
                "3.",
                "OR, for instance, differs from XOR in one row only. All four are what the proof forbids.",
                right=True,
            ),
            Option(
                "4, if it is trained long enough.",
                "No weights at all get four right, so there is nothing to train towards.",
            ),
        ),
    ),
}
