"""Exercises and quiz of chapter 8, capacity."""

from nnlib.exercises.core import Above, Exercise, Mistake, Option, Quiz, function, number


def count_parameters(widths):
    return sum((d_in + 1) * d_out for d_in, d_out in zip(widths, widths[1:]))


def without_biases(widths):
    return sum(d_in * d_out for d_in, d_out in zip(widths, widths[1:]))


def biases_of_inputs(widths):
    return without_biases(widths) + sum(widths)


def bias_per_weight(widths):
    return 2 * without_biases(widths)


def bias_per_layer(widths):
    return without_biases(widths) + len(widths) - 1


EXERCISES = {
    "08.1": Exercise(
        title="Counting parameters",
        task="A function of the list of widths that counts the weights and biases of a network of dense layers",
        answer=function(count_parameters, inputs=([3, 4, 2], [2, 8, 8, 1], [2, 1], [2, 12, 11, 10, 1])),
        mistakes=(
            Mistake("no_biases", without_biases, "These are the weights. What else does each unit have?"),
            Mistake("input_biases", biases_of_inputs, "Inputs are numbers, not units: they have no bias."),
            Mistake(
                "bias_per_weight",
                bias_per_weight,
                "You gave each weight a bias of its own. Which have one: edges or units?",
            ),
            Mistake(
                "bias_per_layer",
                bias_per_layer,
                "You counted one bias for each layer. How many units does a layer have?",
            ),
        ),
        hints=(
            "Go layer by layer. What shapes have W and b of a layer with d inputs and m units?",
            "zip(widths, widths[1:]) yields the pair (inputs, units) of every layer. "
            "Add weights and biases of each pair.",
        ),
    ),
    "08.2": Exercise(
        title="The smallest network for the disc",
        task="The smallest number of hidden units with which the training loss falls below 0.05 for most seeds",
        answer=number(3),
        mistakes=(
            Mistake("one_line", 1, "One unit draws one line; on which side of it is the disc?"),
            Mistake(
                "two_lines",
                2,
                "Two lines leave a strip or a wedge, open at one end at least. Measure the training loss.",
            ),
            Mistake("too_many", Above(3), "That is enough, but fewer will do. Try one less.", example=4),
        ),
        hints=(
            "How many straight lines does it take to close in a piece of the plane?",
            "Call fit with [2, width, 1] for one width after the other, each with several seeds, "
            "and look where step.train_loss stays small.",
        ),
        remark="Three lines close a triangle, and tanh rounds its corners.",
    ),
}

QUIZZES = {
    "08.lambda": Quiz(
        "You will raise λ in steps: 0.001, 0.01, 0.1, 0.3. What happens to the test loss?",
        (
            Option(
                "It rises all the way: λ only holds the network back.",
                "The training loss does that: a price on weights can only make the fit to the training points worse. "
                "But part of that fit was to wrong labels, and losing that part helps on new points.",
            ),
            Option(
                "It falls all the way: smaller weights are always better.",
                "Each step may seem to calm the boundary a little more. But a network without weights says nothing: "
                "with λ large enough the output is 0 everywhere, and so is what it has learned.",
            ),
            Option(
                "It falls, then rises.",
                "A little λ stops the boundary from running around single points, "
                "too much stops it from drawing the disc at all.",
                right=True,
            ),
        ),
    ),
}
