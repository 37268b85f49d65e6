"""Which presets are tame, and does each plan list those that are not?

A preset is tame where its losses, after every epoch, move by less than ``TAME`` of themselves when every random number
is changed by 1e-12 of itself (:mod:`tests.robustness.perturbing`). A chaotic one amplifies that, and the last bit of a
float in which two processors differ, to the size of the losses; its plan lists it in ``sensitive``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnlib.labs import LABS, plan_of
from nnlib.labs.lab import Plan
from nnlib.labs.run import Run
from tests.robustness.perturbing import perturbed

TAME = 1e-5
PERTURBATIONS = (1, 2, 3)
PLANS = [plan for plan in map(plan_of, LABS) if isinstance(plan, Plan)]


@dataclass(frozen=True)
class Move:
    """How far the losses of a preset move, relative to themselves: at the end, and after the epoch where it is most."""

    lab: str
    preset: str
    listed: bool
    end: float
    most: float

    @property
    def tame(self):
        return self.most < TAME


def losses(settings):
    """Return training and test loss before the first epoch, after each, and at the end: (epochs + 2, 2)."""
    run = Run(settings)
    points = [run.losses()]
    while run.epoch < settings.epochs and not run.ended:
        run.advance_epoch()
        points.append(run.curve_point()[1:3])
    return np.array([*points, run.losses()], float)  # early stopping goes back from the last point to the best


def difference(settings):
    """Return (end, most) of a preset: the largest relative moves of its losses over all perturbations."""
    as_it_is, moves = losses(settings), []
    for seed in PERTURBATIONS:
        with perturbed(seed):
            moved = losses(settings)
        if moved.shape != as_it_is.shape or not np.isfinite([as_it_is, moved]).all():
            return np.inf, np.inf  # stopped at another epoch, or diverged
        moves.append(np.abs(moved - as_it_is) / as_it_is)
    return np.max(moves, axis=0)[-1].max(), np.max(moves)


def measure(plans=PLANS):
    """Return a Move for each preset of the training labs."""
    return [
        Move(plan.name, name, name in plan.sensitive, *difference(settings))
        for plan in plans
        for name, settings in plan.presets.items()
    ]


def table(moves):
    """Return lab × preset with both moves, as text."""
    rows = [f"{'lab':15} {'preset':15} {'end':>8} {'most':>8}"]
    for move in moves:
        rows.append(
            f"{move.lab:15} {move.preset:15} {move.end:8.0e} {move.most:8.0e}  {'tame' if move.tame else 'sensitive'}"
        )
    return "\n".join(rows)


def check(plans=PLANS):
    """Print the table; return what is wrong, a sentence each."""
    moves = measure(plans)
    print(table(moves))
    problems = []
    for move in moves:
        name = f"{move.lab} {move.preset}"
        if not move.tame and not move.listed:
            problems.append(f"{name}: its losses move by {move.most:.0e}, and its plan does not list it as sensitive.")
        if move.tame and move.listed:
            problems.append(f"{name}: its plan lists it as sensitive, but its losses move by {move.most:.0e} only.")
    for plan in plans:
        first = next(iter(plan.presets))
        if first in plan.sensitive:
            problems.append(f"{plan.name} {first}: a lab begins here, so its plan may not list it as sensitive.")
    return problems
