"""Exercises and quizzes of chapter 9, regularisation."""

import numpy as np

from nnlib.exercises.core import Above, Exercise, Mistake, Option, Quiz, function, number, predicate

# --- 9.3: one step with both prices --------------------------------------------------------------------------------


def shrunk(w, threshold):
    return np.sign(w) * np.maximum(np.abs(w) - threshold, 0)


def elastic_step(w, gradient, rate, l1, l2):
    return shrunk(w - rate * (gradient + l2 * w), rate * l1)


def crosses_zero(w, gradient, rate, l1, l2):
    w = w - rate * (gradient + l2 * w)
    return w - rate * l1 * np.sign(w)


def sign_in_the_gradient(w, gradient, rate, l1, l2):
    return w - rate * (gradient + l2 * w + l1 * np.sign(w))


def doubled_l2(w, gradient, rate, l1, l2):
    return elastic_step(w, gradient, rate, l1, 2 * l2)


def threshold_without_rate(w, gradient, rate, l1, l2):
    return shrunk(w - rate * (gradient + l2 * w), l1)


def threshold_before_the_step(w, gradient, rate, l1, l2):
    return shrunk(w, rate * l1) - rate * (gradient + l2 * w)


def sign_of_the_old(w, gradient, rate, l1, l2):
    return np.sign(w) * np.abs(elastic_step(w, gradient, rate, l1, l2))


def decay_without_rate(w, gradient, rate, l1, l2):
    return shrunk((1 - l2) * w - rate * gradient, rate * l1)


def growing(w, gradient, rate, l1, l2):
    return shrunk(w - rate * (gradient - l2 * w), rate * l1)


def climbing(w, gradient, rate, l1, l2):
    return shrunk(w - rate * (l2 * w - gradient), rate * l1)


def smaller_cut_off(w, gradient, rate, l1, l2):
    w = w - rate * (gradient + l2 * w)
    return np.where(np.abs(w) > rate * l1, w, 0.0)


def negatives_cut_off(w, gradient, rate, l1, l2):
    return np.maximum(w - rate * (gradient + l2 * w) - rate * l1, 0)


def sizes_only(w, gradient, rate, l1, l2):
    return np.abs(elastic_step(w, gradient, rate, l1, l2))


def without_l1(w, gradient, rate, l1, l2):
    return elastic_step(w, gradient, rate, 0.0, l2)


def without_l2(w, gradient, rate, l1, l2):
    return elastic_step(w, gradient, rate, l1, 0.0)


def some_steps():
    rng = np.random.default_rng(93)
    yield np.array([0.5, -0.02, 0.01, 0.0, -2.0]), np.array([1.0, 0.1, -0.2, 0.0, -0.5]), 0.1, 0.3, 0.5
    yield rng.normal(size=(3, 2)), rng.normal(size=(3, 2)), 0.5, 0.2, 0.1


# --- 9.4: dropout, forward and backward ----------------------------------------------------------------------------


def dropout_both_ways(h, g, mask, p):
    return np.stack([h * mask / (1 - p), g * mask / (1 - p)])


def not_rescaled(h, g, mask, p):
    return np.stack([h * mask, g * mask])


def multiplied(h, g, mask, p):
    return np.stack([h, g]) * mask * (1 - p)


def divided_by_p(h, g, mask, p):
    return np.stack([h * mask / p, g * mask / p])


def gradient_not_masked(h, g, mask, p):
    return np.stack([h * mask / (1 - p), g])


def gradient_not_rescaled(h, g, mask, p):
    return np.stack([h * mask / (1 - p), g * mask])


def wrong_order(h, g, mask, p):
    return dropout_both_ways(g, h, mask, p)


def mask_reversed(h, g, mask, p):
    return dropout_both_ways(h, g, 1 - mask, p)


def some_masks():
    rng = np.random.default_rng(94)
    for shape, p in (((4, 3), 0.3), ((2, 5), 0.8)):
        yield rng.normal(size=shape), rng.normal(size=shape), (rng.random(shape) >= p).astype(float), p


# --- 9.5 and 9.7: batch normalisation ------------------------------------------------------------------------------


def batch_norm_in_use(X, gamma, beta, mean, variance, epsilon):
    return gamma * (X - mean) / np.sqrt(variance + epsilon) + beta


def by_the_batch(X, gamma, beta, mean, variance, epsilon):
    return gamma * (X - X.mean(axis=0)) / np.sqrt(X.var(axis=0) + epsilon) + beta


def without_root(X, gamma, beta, mean, variance, epsilon):
    return gamma * (X - mean) / (variance + epsilon) + beta


def without_gamma_and_beta(X, gamma, beta, mean, variance, epsilon):
    return (X - mean) / np.sqrt(variance + epsilon)


def without_beta(X, gamma, beta, mean, variance, epsilon):
    return gamma * (X - mean) / np.sqrt(variance + epsilon)


def without_epsilon(X, gamma, beta, mean, variance, epsilon):
    return gamma * (X - mean) / np.sqrt(variance) + beta


def epsilon_outside(X, gamma, beta, mean, variance, epsilon):
    return gamma * (X - mean) / (np.sqrt(variance) + epsilon) + beta


def without_gamma(X, gamma, beta, mean, variance, epsilon):
    return (X - mean) / np.sqrt(variance + epsilon) + beta


def swapped(X, gamma, beta, mean, variance, epsilon):
    return batch_norm_in_use(X, beta, gamma, mean, variance, epsilon)


def variance_squared(X, gamma, beta, mean, variance, epsilon):
    return batch_norm_in_use(X, gamma, beta, mean, variance**2, epsilon)


def some_rows():
    rng = np.random.default_rng(95)
    for n, d in ((5, 3), (1, 2), (3, 3)):
        yield (*rng.normal(size=(1, n, d)), *rng.normal(size=(3, d)), rng.uniform(0.1, 4, size=d), 0.01)


def batch_norm_input_gradient(X, gamma, g, epsilon):
    s = np.sqrt(X.var(axis=0) + epsilon)
    normed = (X - X.mean(axis=0)) / s
    return gamma / s * (g - g.mean(axis=0) - normed * (g * normed).mean(axis=0))


def constant_statistics(X, gamma, g, epsilon):
    return gamma / np.sqrt(X.var(axis=0) + epsilon) * g


def constant_variance(X, gamma, g, epsilon):
    return gamma / np.sqrt(X.var(axis=0) + epsilon) * (g - g.mean(axis=0))


def constant_mean(X, gamma, g, epsilon):
    return batch_norm_input_gradient(X, gamma, g, epsilon) + gamma / np.sqrt(X.var(axis=0) + epsilon) * g.mean(axis=0)


def sigma_forgotten(X, gamma, g, epsilon):
    return batch_norm_input_gradient(X, gamma, g, epsilon) * np.sqrt(X.var(axis=0) + epsilon)


def sums_for_means(X, gamma, g, epsilon):
    s = np.sqrt(X.var(axis=0) + epsilon)
    normed = (X - X.mean(axis=0)) / s
    return gamma / s * (g - g.sum(axis=0) - normed * (g * normed).sum(axis=0))


def gamma_forgotten(X, gamma, g, epsilon):
    return batch_norm_input_gradient(X, np.ones_like(gamma), g, epsilon)


def plus_for_minus(X, gamma, g, epsilon):
    s = np.sqrt(X.var(axis=0) + epsilon)
    normed = (X - X.mean(axis=0)) / s
    return gamma / s * (g - g.mean(axis=0) + normed * (g * normed).mean(axis=0))


def rows_forgotten(X, gamma, g, epsilon):
    return len(X) * batch_norm_input_gradient(X, gamma, g, epsilon)


def epsilon_forgotten(X, gamma, g, epsilon):
    return batch_norm_input_gradient(X, gamma, g, 0.0)


def some_batches():
    rng = np.random.default_rng(97)
    for m, d in ((6, 3), (4, 4)):
        yield rng.normal(size=(m, d)), rng.normal(size=d), rng.normal(size=(m, d)), 0.01


# --- 9.6: early stopping -------------------------------------------------------------------------------------------


def best_epoch(losses, patience):
    best = 1
    for epoch, loss in enumerate(losses, start=1):
        if loss < losses[best - 1]:
            best = epoch
        if epoch - best >= patience:
            break
    return best


def counted_from_zero(losses, patience):
    return best_epoch(losses, patience) - 1


def the_stop_itself(losses, patience):
    best = 1
    for epoch, loss in enumerate(losses, start=1):
        if loss < losses[best - 1]:
            best = epoch
        if epoch - best >= patience:
            break
    return epoch


def lowest_of_all(losses, patience):
    return int(np.argmin(losses)) + 1


def one_epoch_longer(losses, patience):
    return best_epoch(losses, patience + 1)


def first_rise(losses, patience):
    return best_epoch(losses, 1)


def lowest_loss(losses, patience):
    return losses[best_epoch(losses, patience) - 1]


def never_starts_again(losses, patience):
    best, waited = 1, 0
    for epoch, loss in enumerate(losses, start=1):
        if loss < losses[best - 1]:
            best = epoch
        elif epoch > 1:
            waited += 1
            if waited >= patience:
                break
    return best


def compared_with_the_last(losses, patience):
    best = 1
    for epoch in range(2, len(losses) + 1):
        if losses[epoch - 1] < losses[epoch - 2]:
            best = epoch
        if epoch - best >= patience:
            break
    return best


def later_of_equals(losses, patience):
    best = 1
    for epoch, loss in enumerate(losses, start=1):
        if loss <= losses[best - 1]:
            best = epoch
        if epoch - best >= patience:
            break
    return best


COURSES = (
    ([3.0, 2.0, 2.5, 2.6, 1.5, 2.0, 2.0, 2.0, 1.0], 2),
    ([1.0, 0.9, 0.95, 0.8, 0.8, 0.85, 0.9], 3),
    ([5.0, 4.0, 3.0], 2),
    ([1.0, 2.0, 0.5], 1),
    ([2.0, 2.0, 2.0, 1.0, 3.0], 3),
    ([3.0, 3.5, 2.0, 2.5, 1.0, 1.5], 2),
    ([1.0, 0.5, 0.9, 0.8, 0.7, 0.75], 3),
)


# --- 9.8: an open search -------------------------------------------------------------------------------------------

#: The table's best row with a hundred pictures has 0.814; what is clearly better is no matter of rounding.
TABLE_BEST = 0.82


def is_an_accuracy(answer):
    answer = np.asarray(answer).item()
    if not 0 <= answer <= 1:
        return "An accuracy is a share between 0 and 1."
    if answer > 0.97:
        return "With a hundred training pictures that is too good to be true. Were validation pictures trained on?"
    return answer > TABLE_BEST or "That is not clearly better than the table’s best row with a hundred pictures. Go on."


EXERCISES = {
    "09.1": Exercise(
        title="Two conventions",
        task="The l2 of nnlib (penalty ½·λ·Σw²) that trains as a paper’s λ·Σw² with λ = 0.0005 does at η = 0.1",
        answer=number(0.001),
        mistakes=(
            Mistake("same", 0.0005, "Right only if both wrote the same formula. What is the gradient of each?"),
            Mistake("halved", 0.00025, "The wrong way round: in which of the two does a λ pull harder?"),
            Mistake("rate_only", 0.00005, "The rate multiplies both pulls alike: it does not enter the conversion."),
            Mistake("with_rate", 0.0001, "The rate multiplies both pulls alike: it does not enter the conversion."),
        ),
        hints=(
            "Write down the gradient of both penalties for one weight.",
            "Set the two gradients equal and solve for our λ; the rate falls out.",
        ),
        remark="Both have the factor 1 − 0.0001 in each step.",
    ),
    "09.2": Exercise(
        title="Half a weight",
        task="The number of whole steps after which a weight without data gradient is for the first time below half "
        "(η = 0.1, λ = 0.01, our convention)",
        answer=number(693),
        mistakes=(
            Mistake("other_convention", 347, "That is for the factor 1 − 2ηλ. Which is ours?"),
            Mistake("linear", 500, "The decay multiplies: each step takes a share of what is left."),
            Mistake("one_less", 692, "Close: after that step, is the weight already below half?"),
            Mistake("one_more", 694, "Close: is this the first step after which it is below half?"),
            Mistake("no_rate", 69, "The factor of one step contains the rate as well."),
        ),
        hints=(
            "By what is the weight multiplied in one step, and by what in t steps?",
            "Take the logarithm of the inequality, or let a loop count.",
        ),
    ),
    "09.3": Exercise(
        title="One step with both prices",
        task="A function of w, gradient, rate, l1, l2 that returns the weights after one step",
        answer=function(elastic_step, inputs=some_steps),
        mistakes=(
            Mistake("crosses_zero", crosses_zero, "Small weights jump across 0 here. Where must the subtraction stop?"),
            Mistake(
                "sign_in_gradient",
                sign_in_the_gradient,
                "With sign(w) in the gradient, small weights swing around 0 and never stay there. "
                "The L1 part comes after the step, and stops at 0.",
            ),
            Mistake("doubled", doubled_l2, "That is the pull of λΣw². Ours has a ½ in front."),
            Mistake("no_rate", threshold_without_rate, "How far does a step with the rate η go for a pull of λ?"),
            Mistake("too_early", threshold_before_the_step, "L1 comes last: what ends at 0 must not be moved again."),
            Mistake("old_sign", sign_of_the_old, "The sign is that of the old w. The step may have changed it."),
            Mistake("decay_without_rate", decay_without_rate, "By what is w multiplied in a step with the rate η?"),
            Mistake("cut_off", smaller_cut_off, "You cut off small weights. What does L1 do to the larger ones?"),
            Mistake("negatives", negatives_cut_off, "A negative weight is pulled up towards 0; yours all end at 0."),
            Mistake("no_sign", sizes_only, "The sizes are right. Where did the negative signs go?"),
            Mistake("no_l1", without_l1, "l1 has no effect in your function."),
            Mistake("no_l2", without_l2, "l2 has no effect in your function."),
            Mistake("growing", growing, "A sign: this L2 part makes weights larger."),
            Mistake("climbing", climbing, "A sign: the data’s gradient is followed uphill."),
        ),
        hints=(
            "First the step of always, with the L2 part in the gradient. Then the L1 part on its result.",
            "np.sign and np.maximum write down the subtraction that stops at 0.",
        ),
    ),
    "09.4": Exercise(
        title="Dropout both ways",
        task="A function of h, g, mask and p that returns the outputs and the gradient for h, stacked",
        answer=function(dropout_both_ways, inputs=some_masks),
        mistakes=(
            Mistake("not_rescaled", not_rescaled, "The mean is lost: on average this passes on less than h."),
            Mistake("divided_by_p", divided_by_p, "p is the probability to drop. What share of the units is left?"),
            Mistake("multiplied", multiplied, "This makes the mean smaller still. What brings it back to h?"),
            Mistake("order", wrong_order, "Both are there, but in the wrong order."),
            Mistake("reversed", mask_reversed, "Your mask drops what it should keep: where it is 1, the unit stays."),
            Mistake("not_masked", gradient_not_masked, "A dropped unit did not act on the loss. What is its slope?"),
            Mistake(
                "gradient_not_rescaled",
                gradient_not_rescaled,
                "Forward, a unit that stays is multiplied by a number. So is its gradient.",
            ),
        ),
        hints=(
            "For a fixed mask dropout multiplies each entry by a constant. Which?",
            "The slope of a product with a constant is the constant: forward and backward are the same line.",
        ),
    ),
    "09.5": Exercise(
        title="Batch norm in use",
        task="A function of X, gamma, beta, mean, variance, epsilon that returns batch norm’s output in use",
        answer=function(batch_norm_in_use, inputs=some_rows),
        mistakes=(
            Mistake("by_the_batch", by_the_batch, "This depends on who else is in X: it is the training formula."),
            Mistake("no_root", without_root, "The variance has the unit of x squared. How does it become that of x?"),
            Mistake("standardised", without_gamma_and_beta, "The standardised value is not yet the output."),
            Mistake("no_gamma", without_gamma, "γ has no effect in your function."),
            Mistake("swapped", swapped, "γ and β have changed places."),
            Mistake("squared", variance_squared, "A variance is a square already, and you squared it once more."),
            Mistake("no_beta", without_beta, "The output’s centre is chosen by the network. Which number is it?"),
            Mistake("no_epsilon", without_epsilon, "ε is missing: what if a variance is 0?"),
            Mistake("epsilon_outside", epsilon_outside, "Where does ε stand: inside or outside the root?"),
        ),
        hints=(
            "It is the formula of training with two other numbers in the place of μ and σ².",
            "Nothing may be averaged over the rows of X.",
        ),
    ),
    "09.6": Exercise(
        title="The best epoch",
        task="A function of a list of validation losses and patience that returns the best trained epoch, from 1",
        answer=function(best_epoch, inputs=COURSES),
        mistakes=(
            Mistake("from_zero", counted_from_zero, "Epochs are counted from 1."),
            Mistake("the_stop", the_stop_itself, "That is where training stopped. Which parameters does it take back?"),
            Mistake("loss", lowest_loss, "That is the lowest loss. After which epoch was it reached?"),
            Mistake(
                "never_starts_again",
                never_starts_again,
                "You count all epochs without a better loss. When does the count begin anew?",
            ),
            Mistake(
                "compared_with_the_last",
                compared_with_the_last,
                "You compare each loss with the one before it. What is to be beaten is the best so far.",
            ),
            Mistake("lowest_of_all", lowest_of_all, "It peeks: epochs after the stop were never trained."),
            Mistake("no_patience", first_rise, "One epoch without a better loss is not yet the end: use patience."),
            Mistake("too_patient", one_epoch_longer, "Too long: stop when the best lies patience epochs back."),
            Mistake("later_of_equals", later_of_equals, "An equal loss is no improvement."),
        ),
        hints=(
            "Go through the losses once and remember the best epoch so far.",
            "After each epoch compare the distance to the best one with the patience, and leave the loop there.",
        ),
    ),
    "09.7": Exercise(
        title="Backward through batch norm",
        task="A function of X, gamma, g, epsilon that returns the gradient of the loss for X",
        answer=function(batch_norm_input_gradient, inputs=some_batches),
        mistakes=(
            Mistake("constants", constant_statistics, "You took μ and σ² for constants. Both depend on every x."),
            Mistake("constant_variance", constant_variance, "The mean is accounted for; σ² depends on x, too."),
            Mistake("constant_mean", constant_mean, "σ² is accounted for; μ depends on every x, too."),
            Mistake("no_sigma", sigma_forgotten, "Standardising divides by something. So does its derivative."),
            Mistake("sums", sums_for_means, "The derivative of a mean over m rows brings a factor with it."),
            Mistake("plus", plus_for_minus, "The sign of the path through σ²: does a larger σ make x̂ larger?"),
            Mistake("rows", rows_forgotten, "Too large by one factor everywhere: how many rows has the batch?"),
            Mistake("no_epsilon", epsilon_forgotten, "ε has no effect in your function."),
            Mistake("no_gamma", gamma_forgotten, "What stands between the standardised value and the output?"),
        ),
        hints=(
            "Three paths lead from an input to the outputs: directly, through μ, through σ².",
            "Each column of the result must have mean 0 over the batch; the second and third term see to that.",
        ),
    ),
    "09.8": Exercise(
        title="Better than the table",
        task="The mean validation accuracy of your method on draws 0 to 15 with a fifth of the labels wrong",
        answer=predicate(is_an_accuracy, expects="a share between 0 and 1", example=TABLE_BEST + 0.03),
        mistakes=(Mistake("per_cent", Above(1), "As a share, please: between 0 and 1.", example=81.0),),
        hints=(
            "The rows of the table work in different ways. Which two do not get in each other’s way?",
            "Weaken each part when you combine two: both hold back.",
        ),
    ),
}

QUIZZES = {
    "09.sparse": Quiz(
        "Run the lab once with L2 (λ = 0.03) and once with L1 (λ = 0.3). "
        "Both shrink Σ|w| to less than a fifth. How many weights will be exactly 0?",
        (
            Option(
                "Many under both: small enough is zero.",
                "L2 multiplies in each step. As the weight gets small, so does the pull; nothing ends at exactly 0.",
            ),
            Option(
                "Many under L1, none under L2.",
                "L1 subtracts the same amount however small the weight is, and stops at 0; L2 multiplies.",
                right=True,
            ),
            Option(
                "Many under L2, none under L1: a square is the harsher price.",
                "For large weights it is. Below 1 the square is smaller than the number itself, "
                "and close to 0 it costs next to nothing.",
            ),
            Option(
                "None under either: the chance of hitting 0 is nil.",
                "For a step along the gradient that is so. L1’s step is cut off at 0, and many weights end there.",
            ),
        ),
    ),
    "09.masks": Quiz(
        "A network with dropout is trained; then its accuracy is measured on new pictures, "
        "with masks still on and without masks. Which is higher?",
        (
            Option(
                "With masks: so it was trained.",
                "It was trained to answer right in spite of masks. Each mask still takes away part of what it knows.",
            ),
            Option("Without masks.", "All units vote, and the noise of the masks is gone.", right=True),
            Option(
                "Equal: dropout keeps the mean.",
                "It keeps the mean of each sum. The variance grows, and noise costs accuracy.",
            ),
        ),
    ),
}
