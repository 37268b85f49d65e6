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
    preset_buttons=True,
    presets={
        "start": START,
        "product": START.with_(dataset="xor", features=("x1_x2",), widths=(), train_share=0.7),
        "spiral": START.with_(dataset="spiral", widths=(8, 8), optimizer="adamw", l2=0.0001, seed=12),
        "four_classes": START.with_(dataset="blobs", noise=0.2, widths=(8,), activation="relu", optimizer="adam"),
        "values": START.with_(dataset="bumps", widths=(8, 8), optimizer="adam", learning_rate=0.01, batch_size=30),
        "own": START.with_(dataset="own", points=RIVER, widths=(6, 4), optimizer="adam", train_share=0.7, batch_size=5),
        "overfit": START.with_(dataset="circle", noise=0.3, train_share=0.1, widths=(20, 20), optimizer="adam"),
        "dropout": START.with_(
            dataset="circle", noise=0.3, train_share=0.1, widths=(20, 20), optimizer="adam", dropout=0.3
        ),
        "deep": START.with_(
            dataset="spiral", widths=(8,) * 6, activation="relu", batch_norm=True, optimizer="adam", init="he_uniform"
        ),
    },
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
        Where to begin: ``"start"``, ``"product"`` (XOR from one input), ``"spiral"``, ``"four_classes"``, ``"values"`` (a
        regression), ``"own"`` (points of one's own), ``"overfit"``, ``"dropout"`` (its cure) or ``"deep"``.
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
