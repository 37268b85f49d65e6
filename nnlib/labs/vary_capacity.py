"""The capacity lab: what width and depth let a network draw, and how rate and penalty shape it."""

from __future__ import annotations

from nnlib.activations import ACTIVATIONS
from nnlib.labs.lab import Plan, make
from nnlib.labs.settings import Settings

#: Two arms from raw x₁ and x₂. Batches of 50 and Nesterov's momentum: quick, and tame wherever the reader turns from
#: here, to another data set, width or λ. Adam with batches of 10 would end elsewhere on every computer.
_START = Settings(optimizer="nesterov", batch_size=50, epochs=1000, seed=3, pace=10)

CAPACITY = Plan(
    name="capacity",
    groups={
        "group_data": ("dataset", "noise", "train_share"),
        "group_model": ("width", "depth", "activation"),
        "group_learning": ("optimizer", "learning_rate", "l2", "batch_size", "seed", "continue_run"),
        "group_display": ("show_test", "discretise"),
    },
    presets={
        "start": _START,
        # Of the seeds 0 … 19, 9 reach a test loss below 0.05 within 1000 epochs; this one after 300.
        "spiral": _START.with_(l2=0.0001, epochs=600, seed=11, pace=20),
        # Fifty points with some wrong labels under more units than they can bear: the run of chapter 8.
        "noisy_disc": Settings(
            dataset="circle", noise=0.3, train_share=0.1, width=20, depth=1, l2=0.0, epochs=600, seed=3
        ),
    },
    choices={
        "dataset": (
            "spiral",
            "circle",
            "xor",
            "gauss",
            "moons",
            "rings",
            "checkerboard",
            "blobs",
            "plane",
            "bumps",
            "own",
        ),
        # step and sign have no slope: nothing would train.
        "activation": tuple(name for name in ACTIVATIONS if name not in ("step", "sign")),
    },
)


def capacity(preset="start", **settings):
    """Show the capacity lab: width, depth, learning rate and λ against the boundary and both losses.

    Parameters
    ----------
    preset : str
        Where to begin: ``"start"``, ``"spiral"`` (a setting that learns it) or ``"noisy_disc"`` (one that overfits).
    **settings
        Any field of :class:`~nnlib.labs.settings.Settings`, such as ``dataset="moons"``,
        ``width=20`` or ``l2=0.01``; it replaces the preset's.

    Returns
    -------
    Lab

    Raises
    ------
    ValueError
        For a preset or setting that does not exist, or a value it does not allow.
    """
    return make(CAPACITY, preset, **settings)
