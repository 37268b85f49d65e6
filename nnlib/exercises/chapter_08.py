"""Exercises and quizzes of chapter 8, capacity."""

import numpy as np

from nnlib.exercises.core import Above, Below, Exercise, Mistake, Option, Quiz, function, number

# --- 8.1: counting parameters --------------------------------------------------------------------------------------


def count_parameters(widths):
    return sum((d_in + 1) * d_out for d_in, d_out in zip(widths, widths[1:]))


def without_biases(widths):
    return sum(d_in * d_out for d_in, d_out in zip(widths, widths[1:]))


def biases_of_inputs(widths):
    return without_biases(widths) + sum(widths)


def biases_on_the_wrong_side(widths):
    return without_biases(widths) + sum(widths[:-1])


def hidden_biases_only(widths):
    return without_biases(widths) + sum(widths[1:-1])


def bias_per_weight(widths):
    return 2 * without_biases(widths)


def bias_per_layer(widths):
    return without_biases(widths) + len(widths) - 1


# --- 8.4: the parts of the error -----------------------------------------------------------------------------------


def parts_of_error(predictions, truth):
    bias = predictions.mean(axis=0) - truth
    return np.array([np.mean(bias**2), np.mean(predictions.var(axis=0))])


def averaged_before_squaring(predictions, truth):
    bias = predictions.mean(axis=0) - truth
    return np.array([np.mean(bias) ** 2, np.mean(predictions.var(axis=0))])


def bias_not_squared(predictions, truth):
    bias = predictions.mean(axis=0) - truth
    return np.array([np.mean(np.abs(bias)), np.mean(predictions.var(axis=0))])


def variance_over_places(predictions, truth):
    bias = predictions.mean(axis=0) - truth
    return np.array([np.mean(bias**2), np.mean(predictions.var(axis=1))])


def one_less(predictions, truth):
    bias = predictions.mean(axis=0) - truth
    return np.array([np.mean(bias**2), np.mean(predictions.var(axis=0, ddof=1))])


def standard_deviation(predictions, truth):
    bias = predictions.mean(axis=0) - truth
    return np.array([np.mean(bias**2), np.mean(predictions.std(axis=0))])


def summed(predictions, truth):
    return parts_of_error(predictions, truth) * len(truth)


def variance_of_all(predictions, truth):
    return np.array([parts_of_error(predictions, truth)[0], np.var(predictions)])


def whole_error_second(predictions, truth):
    return np.array([parts_of_error(predictions, truth)[0], np.mean((predictions - truth) ** 2)])


def whole_error_first(predictions, truth):
    return np.array([np.mean((predictions - truth) ** 2), np.mean(predictions.var(axis=0))])


def add_up(answer):
    rng = np.random.default_rng(84)
    predictions, truth = rng.normal(size=(7, 9)), rng.normal(size=9)
    total = np.mean((predictions - truth) ** 2)
    return bool(np.isclose(np.sum(answer(predictions, truth)), total)) or (
        "The two numbers do not add up to the mean squared distance from the truth."
    )


def some_runs():
    rng = np.random.default_rng(8)
    for runs, places in ((5, 3), (2, 6), (4, 4)):
        yield rng.normal(size=(runs, places)), 2 * rng.normal(size=places)


# --- 8.5: a width for a budget -------------------------------------------------------------------------------------


def parameters(inputs, layers, m):
    return (inputs + 1) * m + (layers - 1) * (m + 1) * m + m + 1


def largest(count, budget):
    m = 1
    while count(m + 1) <= budget:
        m += 1
    return m


def width_for(inputs, layers, budget):
    return largest(lambda m: parameters(inputs, layers, m), budget)


def first_above(inputs, layers, budget):
    return width_for(inputs, layers, budget) + 1


def one_below(inputs, layers, budget):
    return width_for(inputs, layers, budget) - 1


def strictly_below(inputs, layers, budget):
    return width_for(inputs, layers, budget - 1)


def width_without_biases(inputs, layers, budget):
    return largest(lambda m: inputs * m + (layers - 1) * m * m + m, budget)


def one_square_too_many(inputs, layers, budget):
    return largest(lambda m: parameters(inputs, layers + 1, m), budget)


def a_fraction(inputs, layers, budget):
    if layers == 1:
        return (budget - 1) / (inputs + 2)
    a, b = layers - 1, inputs + layers + 1
    return (-b + np.sqrt(b**2 + 4 * a * (budget - 1))) / (2 * a)


BUDGETS = ((2, 6, 310), (2, 1, 321), (64, 2, 5000), (2, 2, 300), (10, 3, 1000), (1, 1, 10))

# --- 8.7: stairs ---------------------------------------------------------------------------------------------------


def sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))


def stairs_output(x, heights, steepness):
    edges = np.arange(1, len(heights)) / len(heights)
    return heights[0] + sigmoid(steepness * (x[:, None] - edges)) @ np.diff(heights)


def no_first_height(x, heights, steepness):
    return stairs_output(x, heights, steepness) - heights[0]


def heights_for_differences(x, heights, steepness):
    edges = np.arange(1, len(heights)) / len(heights)
    return heights[0] + sigmoid(steepness * (x[:, None] - edges)) @ heights[1:]


def edges_in_the_middle(x, heights, steepness):
    edges = (np.arange(1, len(heights)) + 0.5) / len(heights)
    return heights[0] + sigmoid(steepness * (x[:, None] - edges)) @ np.diff(heights)


def edges_too_far_apart(x, heights, steepness):
    edges = np.arange(1, len(heights)) / (len(heights) - 1)
    return heights[0] + sigmoid(steepness * (x[:, None] - edges)) @ np.diff(heights)


def edges_from_zero(x, heights, steepness):
    edges = np.arange(len(heights) - 1) / len(heights)
    return heights[0] + sigmoid(steepness * (x[:, None] - edges)) @ np.diff(heights)


def unit_for_first_height(x, heights, steepness):
    edges = np.arange(len(heights)) / len(heights)
    return sigmoid(steepness * (x[:, None] - edges)) @ np.diff(heights, prepend=0)


def edge_not_scaled(x, heights, steepness):
    edges = np.arange(1, len(heights)) / len(heights)
    return heights[0] + sigmoid(steepness * x[:, None] - edges) @ np.diff(heights)


def all_bumps(x, heights, steepness):
    left = np.arange(len(heights)) / len(heights)
    up, down = sigmoid(steepness * (x[:, None] - left)), sigmoid(steepness * (x[:, None] - left - 1 / len(heights)))
    return (up - down) @ heights


def perfect_steps(x, heights, steepness):
    edges = np.arange(1, len(heights)) / len(heights)
    return heights[0] + (x[:, None] >= edges) @ np.diff(heights)


def some_stairs():
    rng = np.random.default_rng(87)
    for cells, steepness in ((2, 50.0), (5, 200.0), (8, 30.0), (3, 10.0)):
        yield np.sort(rng.uniform(size=12)), rng.normal(size=cells), steepness
    yield np.linspace(0, 1, 9), np.array([1.0, 3.0, -2.0, 0.5]), 5000.0


EXERCISES = {
    "08.1": Exercise(
        title="Counting parameters",
        task="A function of the list of widths that counts the weights and biases of a network of dense layers",
        answer=function(count_parameters, inputs=([3, 4, 2], [2, 8, 8, 1], [2, 1], [2, 12, 11, 10, 1])),
        mistakes=(
            Mistake("no_biases", without_biases, "These are the weights. What else does each unit have?"),
            Mistake("input_biases", biases_of_inputs, "Inputs are numbers, not units: they have no bias."),
            Mistake(
                "wrong_side",
                biases_on_the_wrong_side,
                "One bias for each unit of a layer: you gave them to what comes in.",
            ),
            Mistake("no_output_bias", hidden_biases_only, "The output units have biases, too."),
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
    "08.3": Exercise(
        title="How many bumps",
        task="The number of bumps that guarantees an error of at most 0.01, for a function of slope at most 3 "
        "on [0, 1]",
        answer=number(150),
        mistakes=(
            Mistake(
                "whole_cell",
                300,
                "That takes a whole cell for the distance. How far is a point from the *middle* of its cell?",
            ),
            Mistake("units", 149, "That is the number of hidden units that share edges. How many bumps do they make?"),
            Mistake(
                "slope_left_out",
                50,
                "In half a cell the function changes by up to 3 times half a cell, not by half a cell.",
            ),
            Mistake(
                "diameter", 75, "Is the width of a cell 1/m or 1/(2m)? The middle is half a width away from the edge."
            ),
            Mistake("too_few", Below(149), "Too few: somewhere the error can exceed 0.01."),
            Mistake("too_many", Above(150), "That suffices, but fewer will do, too."),
        ),
        hints=(
            "Within a cell of width 1/m, how far can a point be from the middle, and how much can the function "
            "change on the way?",
            "Set slope times half a cell equal to the error that is allowed, and solve for m.",
        ),
        remark="The bound L/2m; with shared edges that is one hidden unit less than bumps.",
    ),
    "08.4": Exercise(
        title="The parts of the error",
        task="bias² and variance of predictions (runs, places), averaged over the places, as an array of two numbers",
        answer=function(parts_of_error, inputs=some_runs, also=(add_up,)),
        mistakes=(
            Mistake(
                "mean_of_bias",
                averaged_before_squaring,
                "You averaged the bias over the places and then squared: there, too high and too low cancel. "
                "Square first.",
            ),
            Mistake(
                "not_squared", bias_not_squared, "The first number is the mean size of the bias, not of its square."
            ),
            Mistake(
                "wrong_axis",
                variance_over_places,
                "Your variance is along the curve of each run. Which axis counts the runs?",
            ),
            Mistake(
                "one_less",
                one_less,
                "You divided by runs − 1. That estimates a variance beyond these runs; "
                "the identity is about these runs and divides by their number.",
            ),
            Mistake("summed", summed, "You added over the places. An average is asked for."),
            Mistake(
                "variance_of_all",
                variance_of_all,
                "Your variance is around one mean of all predictions. Each place has a mean of its own.",
            ),
            Mistake("whole_error_second", whole_error_second, "The second number is the whole error, bias² included."),
            Mistake("deviation", standard_deviation, "The second number is a standard deviation; square it first."),
            Mistake("order", lambda p, t: parts_of_error(p, t)[::-1], "Both are there, but in the wrong order."),
            Mistake(
                "whole_error", whole_error_first, "The first number is already the whole error, variance included."
            ),
        ),
        hints=(
            "The bias at a place is the mean over all runs minus the truth there.",
            "Both parts are first computed at each place, along axis 0, and then averaged over the places.",
        ),
    ),
    "08.5": Exercise(
        title="A width for a budget",
        task="The largest width of equal hidden layers, so that a network with one output has at most a given "
        "number of parameters",
        answer=function(width_for, inputs=BUDGETS),
        mistakes=(
            Mistake("fraction", a_fraction, "A number of units is whole. Which way does it have to be rounded?"),
            Mistake("first_above", first_above, "One too many: this is the first width that exceeds the budget."),
            Mistake("one_below", one_below, "One too few: with one unit more in each layer it still fits."),
            Mistake("strictly_below", strictly_below, "A network that takes the whole budget is allowed, too."),
            Mistake("no_biases", width_without_biases, "You counted weights only. What else does each unit have?"),
            Mistake(
                "layers",
                one_square_too_many,
                "Between L hidden layers there are L − 1 square matrices; you counted L.",
            ),
        ),
        hints=(
            "Write down the number of parameters as a function of m: from the inputs, between hidden layers, to "
            "the output.",
            "Start with m = 1 and raise it while the next width still fits.",
        ),
    ),
    "08.6": Exercise(
        title="A sawtooth in one layer",
        task="The least number of ReLU units with which one hidden layer bends as often as ten stacked tents",
        answer=number(1023),
        mistakes=(
            Mistake("pieces", 1024, "That is the number of straight pieces. How many bends lie between them?"),
            Mistake(
                "teeth", 512, "That is the number of teeth; each bends at its tip, and again where the next begins."
            ),
            Mistake("nine", 511, "That is the sawtooth of nine layers: count them once more."),
            Mistake("eleven", 2047, "That is the sawtooth of eleven layers: count them once more."),
            Mistake("stacked_units", 20, "That is what the ten layers have together. One layer cannot reuse a bend."),
            Mistake("seven", 127, "That is the sawtooth of seven layers. Each further layer doubles the pieces."),
        ),
        hints=(
            "How many straight pieces has the sawtooth after ten layers?",
            "One layer of m ReLU units bends at m places at most, so it has at most m + 1 pieces.",
        ),
        remark="So many against 20 in ten layers; whether they also suffice, the solution says.",
    ),
    "08.7": Exercise(
        title="Stairs by hand",
        task="The output of the network with one sigmoid unit for each inner edge of equal cells of [0, 1]",
        answer=function(stairs_output, inputs=some_stairs),
        mistakes=(
            Mistake(
                "no_bias", no_first_height, "Left of the first edge all units are off. What should the output be there?"
            ),
            Mistake(
                "heights",
                heights_for_differences,
                "Units further left stay on. What has to be *added* at an edge to come from one height to the next?",
            ),
            Mistake(
                "middles", edges_in_the_middle, "Your steps stand in the middle of the cells; they belong between them."
            ),
            Mistake(
                "off_by_one",
                edges_too_far_apart,
                "Off by one: n heights make n cells of width 1/n, with n − 1 inner edges.",
            ),
            Mistake(
                "all_bumps",
                all_bumps,
                "These are bumps with edges at 0 and 1 of their own. The network has units for *inner* edges only.",
            ),
            Mistake(
                "edges_from_zero",
                edges_from_zero,
                "Off by one: your first edge lies at 0, where the first cell begins.",
            ),
            Mistake(
                "unit_for_first_height",
                unit_for_first_height,
                "You gave the first height to a unit with its edge at 0, and near 0 that unit is only half on.",
            ),
            Mistake("perfect_steps", perfect_steps, "Your steps are infinitely steep. What does steepness do?"),
            Mistake(
                "edge_not_scaled",
                edge_not_scaled,
                "A unit is at one half where its weighted sum is 0. Where is that, if the bias is minus the edge?",
            ),
        ),
        hints=(
            "Where are the inner edges, and by how much does the height change at each?",
            "The bias of the unit for edge t is −steepness·t; its output weight is the difference of two "
            "neighbouring heights.",
        ),
    ),
    "08.8": Exercise(
        title="Where the peak is",
        task="The number of random features at which 40 training pictures give the worst test error",
        answer=number(40, tolerance=3),
        mistakes=(
            Mistake("as_before", 100, "That was the peak for 100 pictures."),
            Mistake("classes", 400, "Ten classes share the features: each has one equation for a picture, not ten."),
            Mistake("far_right", Above(43), "There the error falls again. Look at smaller numbers."),
            Mistake("far_left", Below(37), "There the model cannot yet fit all the pictures. Go on."),
        ),
        hints=(
            "At how many features is there exactly one solution for one equation per picture?",
            "Call feature_errors for ten numbers of features, some below and some above the number of pictures, "
            "and average over seeds.",
        ),
        remark="The peak moves with the number of pictures.",
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
    "08.units": Quiz(
        "The stairs get twice as many units. What happens to their largest error?",
        (
            Option(
                "It stays: a better function needs another layer.",
                "Depth is one way, but not needed here: cells half as wide have their middle half as far away.",
            ),
            Option(
                "It is halved.",
                "A point is at most half a cell from the middle, and cells are half as wide.",
                right=True,
            ),
            Option(
                "It falls to a quarter.",
                "That would be so for straight pieces between the right heights. Stairs are level inside a cell.",
            ),
        ),
    ),
    "08.depth": Quiz(
        "The same number of parameters in one, two, three and six hidden layers, trained alike with η = 0.01. "
        "Which shape has the highest mean test loss?",
        (
            Option(
                "That of one layer: a spiral takes several.",
                "Eighty units in one layer can draw it, and at this rate training comes about as near as with two.",
            ),
            Option(
                "That of two or three layers.",
                "They can use lines many times, and their training is still easy.",
            ),
            Option(
                "That of six layers.",
                "In principle depth can save units. But seven units in each layer are few, and a long chain is "
                "harder to train: its training loss is the highest, too.",
                right=True,
            ),
            Option(
                "They are equal: parameters are what counts.",
                "The number is the same, the sets of functions are not, and neither is what training finds in them.",
            ),
        ),
    ),
    "08.twins": Quiz(
        "Two networks differ by 1e-12 in one weight, and in nothing else. After 600 epochs, how far apart are they?",
        (
            Option(
                "About as far as they began: nobody can see the twelfth digit.",
                "So it is at a small rate. But a step can enlarge a difference, and there are 3,000 of them.",
            ),
            Option(
                "That depends on the learning rate: hardly at all, or as far as two different networks.",
                "With small steps both roll into the same hollow. With large ones each step multiplies the difference, "
                "until they take different ways.",
                right=True,
            ),
            Option(
                "Far, at any rate: training amplifies everything.",
                "Near a minimum small steps bring neighbours together; then a difference does not grow for long.",
            ),
        ),
    ),
    "08.noise": Quiz(
        "Fifty points whose labels are all right. What does the test loss do as the width grows from 4 units to 40?",
        (
            Option(
                "It rises: 161 parameters for fifty points must overfit.",
                "They can fit anything; but what there is to fit is right, and that helps on new points, too.",
            ),
            Option(
                "For most seeds it falls.",
                "There are no wrong labels to run around, and with many units the boundary comes out smooth.",
                right=True,
            ),
            Option(
                "Nothing: four units can draw a disc.",
                "They can draw one, but not every disc that fits the fifty points is the right one.",
            ),
        ),
    ),
    "08.peak": Quiz(
        "100 training pictures, m random features, output weights by exact least squares. Where is the test "
        "error worst?",
        (
            Option(
                "At the fewest features.",
                "Five features see little, but their output weights are well determined. There is worse.",
            ),
            Option(
                "At 100 features.",
                "One solution fits all labels, the wrong ones too, and nothing keeps its weights small.",
                right=True,
            ),
            Option(
                "At 1000 features: ten classes, 100 pictures each time.",
                "Each class has output weights of its own, so each has 100 equations for its m weights, not 1000.",
            ),
            Option(
                "At the most features.",
                "Parameters far beyond the number of pictures leave many solutions, and the smallest of them is taken.",
            ),
        ),
    ),
    "08.map": Quiz(
        "Each row of the map has more wrong labels than the one below. Where is the lowest test loss of a row?",
        (
            Option(
                "At the largest width in every row.",
                "In the lowest rows nearly so. But units that can follow single points follow the wrong labels "
                "as well.",
            ),
            Option(
                "At three or four units in every row: that is what a disc takes.",
                "It is what drawing takes. How much harm surplus units do depends on the labels.",
            ),
            Option(
                "It moves from wide to narrow as the labels get worse.",
                "With right labels units are free; with wrong ones each is another chance to follow a mistake.",
                right=True,
            ),
        ),
    ),
}
