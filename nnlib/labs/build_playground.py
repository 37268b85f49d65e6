"""The playground: every choice of inputs, layers, data and training in one lab, where a reader builds a network."""

from __future__ import annotations

from nnlib.activations import ACTIVATIONS
from nnlib.labs.lab import Plan, make
from nnlib.labs.settings import FIELDS, Settings

#: Two banks of a river, drawn by hand: something of one's own to move, to add to and to replace.
RIVER = (
    *((-5.0, 1.0, 1), (-4.2, 2.2, 1), (-3.4, 3.4, 1), (-2.3, 3.9, 1), (-1.2, 3.2, 1), (-0.5, 1.9, 1), (0.4, 0.7, 1)),
    *((1.3, 0.2, 1), (2.3, 0.6, 1), (3.1, 1.8, 1), (4.0, 3.0, 1), (5.0, 3.8, 1), (-4.8, 3.6, 1), (0.6, 2.9, 1)),
    *((-5.0, -2.0, -1), (-4.1, -0.9, -1), (-3.3, 0.2, -1), (-2.3, 0.9, -1), (-1.6, -0.3, -1), (-0.9, -1.6, -1)),
    *((0.1, -2.4, -1), (1.3, -2.7, -1), (2.5, -2.2, -1), (3.4, -1.1, -1), (4.2, -0.1, -1), (5.0, 0.8, -1)),
    *((-3.0, -2.8, -1), (2.6, -4.2, -1)),
)

START = Settings(
    dataset="circle",
    train_share=0.5,
    batch_size=10,
    widths=(4, 2),
    depth=0,
    init="uniform",
    bias=0.1,
    optimizer="sgd",
    learning_rate=0.03,
    l2=0.0,
    epochs=1000,
    pace=2,
    show_test=False,
)
"""What the well-known playground starts with; ``depth`` is 0, so that without ``widths`` there is no hidden layer."""

# Measured, each with the seeds 0 … 5 beside its own:
# - start: test loss below 0.05 after 60 to 200 epochs, in the end at most 0.010, accuracy from 99.2 %;
# - product: below 0.05 within 10 epochs, the one weight does it all; four_classes: within 30, accuracy from 98 %;
# - values: below 0.05 within 10 epochs, in the end at most 0.003; own: within 30, accuracy 100 %.

# The spiral from raw x₁ and x₂: with 10 of the seeds 0 … 19 the test loss goes below 0.05; with this one after 290
# epochs.
SPIRAL = START.with_(dataset="spiral", widths=(8, 8), optimizer="nesterov", batch_size=50, seed=19)

# The same with noisier and larger steps: chaos. Change a first weight in its twelfth digit, and after 100 to 120 epochs
# the curves part; in the spiral above a change in its fifth digit moves no loss by more than 0.2 %.
BUTTERFLY = SPIRAL.with_(optimizer="adam", batch_size=10, epochs=300)

# Fifty points with some wrong labels under 32 × 32 units, then the same with dropout: over the seeds 0 … 5 the test
# loss falls from 0.20 … 0.43 (mean 0.28) to 0.19 … 0.27 (mean 0.22), on each of them; with this one from 0.32 to 0.21.
OVERFIT = START.with_(
    dataset="circle",
    noise=0.3,
    train_share=0.1,
    widths=(32, 32),
    optimizer="adam",
    learning_rate=0.003,
    show_test=True,
    seed=1,
)

# Six layers of sigmoids, at the rate 0.03 that is shipped. With batch normalisation the test loss goes below 0.05 after
# 75 to 100 epochs with each of the seeds 0 … 5, and hops on (0.01 to 0.27 at epoch 200, 0.006 to 0.05 at epoch 300),
# chaotically with some of them, not with this one; without it none of them learns anything (0.50 at epoch 300).
DEEP = START.with_(
    dataset="circle",
    widths=(8,) * 6,
    activation="sigmoid",
    batch_norm=True,
    batch_size=50,
    epochs=300,
    seed=3,
)

PLAYGROUND = Plan(
    name="playground",
    groups={
        "group_data": ("dataset", "noise", "train_share", "batch_size"),
        "group_model": ("activation", "dropout", "batch_norm"),
        "group_learning": ("learning_rate", "optimizer", "loss", "l1", "l2"),
        "group_display": ("show_test", "discretise"),
        "group_more": ("init", "bias", "seed", "early_stopping", "epochs", "continue_run"),
    },
    closed=("group_more",),
    lists=("features", "widths", "activations"),
    parts=("presets",),
    presets={
        "start": START,
        "product": START.with_(dataset="xor", features=("x1_x2",), widths=(), train_share=0.7),
        "spiral": SPIRAL,
        "four_classes": START.with_(dataset="blobs", noise=0.1, widths=(8,), activation="relu"),
        "values": START.with_(dataset="bumps", widths=(8, 8), optimizer="adam", learning_rate=0.01, batch_size=30),
        "own": START.with_(dataset="own", points=RIVER, widths=(6, 4), optimizer="adam", train_share=0.7, batch_size=5),
        "overfit": OVERFIT,
        "dropout": OVERFIT.with_(dropout=0.5),
        "deep": DEEP,
        "butterfly": BUTTERFLY,
    },
    sensitive=("butterfly",),
    choices={
        # One problem after the other: two classes, more classes, values; at the end the reader's own, of any kind.
        "dataset": (
            *("circle", "xor", "gauss", "spiral", "moons", "rings", "checkerboard", "blobs", "plane", "bumps", "own"),
        ),
        # step and sign have no slope: nothing would train.
        "activation": tuple(name for name in ACTIVATIONS if name not in ("step", "sign")),
        "batch_size": (*range(1, 31), *(size for size in FIELDS["batch_size"].choices if size > 30)),
        "early_stopping": (0, 5, 10, 20, 50, 100, 200),
        "epochs": (100, 300, 1000, 3000, 10_000),
    },
)


def playground(preset="start", **settings):
    """Show the playground: choose data and inputs, build layers, set every rate and rule of training.

    Parameters
    ----------
    preset : str
        Where to begin: ``"start"``, ``"product"`` (XOR from one input), ``"spiral"``, ``"four_classes"``, ``"values"``
        (a regression), ``"own"`` (points of one's own), ``"overfit"``, ``"dropout"`` (its cure), ``"deep"`` or
        ``"butterfly"`` (chaos: the smallest change ends elsewhere).
    **settings
        Any field of :class:`~nnlib.labs.settings.Settings`, such as ``features=("x1", "x1_x2")``,
        ``widths=(8, 4)`` or ``activations=("relu", "common")``; it replaces the preset's.

    Returns
    -------
    Lab

    Raises
    ------
    ValueError
        For a preset or setting that does not exist, or a value it does not allow.
    """
    return make(PLAYGROUND, preset, **settings)
