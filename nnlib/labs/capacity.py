"""The capacity lab: what width and depth let a network draw, and how rate and penalty shape it."""

from __future__ import annotations

from nnlib.activations import ACTIVATIONS
from nnlib.labs.lab import Plan, make
from nnlib.labs.settings import Settings

CAPACITY = Plan(
    name="capacity",
    groups={
        "group_data": ("dataset", "noise", "train_share"),
        "group_model": ("width", "depth", "activation"),
        "group_learning": ("learning_rate", "l2", "batch_size", "seed", "continue_run"),
    },
    defaults=Settings(),
    choices={
        "dataset": ("spiral", "circle", "xor", "gauss", "moons", "rings", "checkerboard", "blobs", "plane", "bumps"),
        # step and sign have no slope: nothing would train.
        "activation": tuple(name for name in ACTIVATIONS if name not in ("step", "sign")),
    },
)


def capacity(**settings):
    """Show the capacity lab: width, depth, learning rate and λ against the boundary and both losses.

    Parameters
    ----------
    **settings
        Any field of :class:`~nnlib.labs.settings.Settings`, such as ``dataset="moons"``,
        ``width=20`` or ``l2=0.01``.

    Returns
    -------
    Lab

    Raises
    ------
    ValueError
        For a setting that does not exist or a value it does not allow.
    """
    return make(CAPACITY, **settings)
