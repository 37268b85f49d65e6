"""The regularisation lab: one network that overfits, and five cures for it."""

from __future__ import annotations

from nnlib.labs.lab import Plan, make
from nnlib.labs.settings import Settings
from nnlib.labs.vary_capacity import CAPACITY

#: Fifty training points, some with the wrong label, under more weights than they can bear. Means of the seeds 0 … 11
#: after 400 epochs:
#:
#: ================  ==========  =========  =====  =================  ==========
#: cure              train loss  test loss  Σ|w|   weights exactly 0  dead units
#: ================  ==========  =========  =====  =================  ==========
#: none              0.012       0.266      294    0 %                9 %
#: L1, λ = 0.3       0.102       0.193       17    99 %               55 %
#: L2, λ = 0.03      0.094       0.179       29    0 %                35 %
#: dropout 0.5       0.070       0.234      330    0 %                6 %
#: batch norm        0.087       0.178      307    0 %                0 %
#: early stopping    0.093       0.171      188    0 %                9 %
#: ================  ==========  =========  =====  =================  ==========
#:
#: With narrower layers (20 units) dropout closes the gap as well, but the test loss stays where it was. L1 with
#: λ = 0.1 or less is chaotic with half of the seeds: a penalty that keeps more weights alive holds them less firmly.
_OVERFIT = Settings(
    dataset="circle", noise=0.3, train_share=0.1, width=32, depth=2, activation="relu", l2=0.0, learning_rate=0.01,
    epochs=400, seed=5,
)  # fmt: skip

REGULARIZATION = Plan(
    name="regularization",
    groups={
        "group_data": ("dataset", "noise", "train_share"),
        "group_model": ("width", "depth", "activation"),
        "group_regularization": ("l1", "l2", "dropout", "batch_norm", "early_stopping"),
        "group_learning": ("optimizer", "learning_rate", "batch_size", "seed", "continue_run"),
        "group_display": ("show_test", "discretise"),
    },
    presets={
        "start": _OVERFIT,
        "l1": _OVERFIT.with_(l1=0.3),
        "l2": _OVERFIT.with_(l2=0.03),
        "dropout": _OVERFIT.with_(dropout=0.5),
        "batch_norm": _OVERFIT.with_(batch_norm=True),
        "early_stopping": _OVERFIT.with_(early_stopping=20),
    },
    choices=CAPACITY.choices,
    parts=("presets", "weight_numbers"),
    plot="weights",
)


def regularization(preset="start", **settings):
    """Show the regularisation lab: L1, L2, dropout, batch normalisation and early stopping on data that overfit.

    Parameters
    ----------
    preset : str
        Where to begin: ``"start"`` (no cure: it overfits), ``"l1"``, ``"l2"``, ``"dropout"``, ``"batch_norm"`` or
        ``"early_stopping"``; only one thing differs.
    **settings
        Any field of :class:`~nnlib.labs.settings.Settings`, such as ``l1=0.01`` or ``noise=0.2``; it
        replaces the preset's.

    Returns
    -------
    Lab

    Raises
    ------
    ValueError
        For a preset or setting that does not exist, or a value it does not allow.
    """
    return make(REGULARIZATION, preset, **settings)
