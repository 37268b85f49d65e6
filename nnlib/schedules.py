"""Schedules: how the learning rate changes over a run.

A schedule gives a factor for every step; the step is taken with η·factor. Large steps at first find
the region, small ones at the end settle in it: with a constant rate, mini-batch noise keeps the
weights moving about the minimum, in a region that shrinks with η. All schedules are stated in shares of a run, so
the same one serves 10 epochs and 1000.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi

from nnlib.registry import lookup


@dataclass(frozen=True)
class Constant:
    """factor = 1: the rate stays."""

    def factor(self, step, steps):
        """Return what η is multiplied by in step number ``step`` (from 0) of ``steps``."""
        return 1.0


@dataclass(frozen=True)
class StepDecay(Constant):
    """factor = ``drop``\\ :sup:`k` after k of the marks ``at``, shares of the run: a staircase.

    ``torch.optim.lr_scheduler.MultiStepLR`` with milestones ``at``·steps. A drop outside (0, 1] or marks outside
    0 … 1 raise ValueError.
    """

    drop: float = 0.1
    at: tuple[float, ...] = (0.5, 0.75)

    def __post_init__(self):
        if not 0 < self.drop <= 1:
            raise ValueError(f"drop must be a number above 0 and up to 1, not {self.drop!r}")
        if not all(0 <= mark <= 1 for mark in self.at):
            raise ValueError(f"the marks in at are shares of the run, from 0 to 1, not {self.at!r}")

    def factor(self, step, steps):
        return self.drop ** sum(step >= mark * steps for mark in self.at)


@dataclass(frozen=True)
class Cosine(Constant):
    """factor = end + (1 − end)·(1 + cos(π·step/steps))/2: down along half a cosine wave.

    ``torch.optim.lr_scheduler.CosineAnnealingLR``. An end outside 0 … 1 raises ValueError.

    Source: Loshchilov & Hutter, "SGDR", ICLR 2017.
    """

    end: float = 0.0

    def __post_init__(self):
        if not 0 <= self.end <= 1:
            raise ValueError(f"end must be a number from 0 to 1, not {self.end!r}")

    def factor(self, step, steps):
        return self.end + (1 - self.end) * 0.5 * (1 + cos(pi * min(step / steps, 1)))


@dataclass(frozen=True)
class WarmUp(Constant):
    """factor = (step + 1)/(w + 1) in the first w = ⌊share·steps⌋ steps, then another schedule over the rest.

    At the start curvature is often largest and Adam's running means still rest on few gradients;
    small first steps get past that. A share outside [0, 1) raises ValueError. Source: Goyal et al., "Accurate,
    large minibatch SGD", 2017.
    """

    share: float = 0.1
    then: Constant | str = Constant()

    def __post_init__(self):
        if not 0 <= self.share < 1:
            raise ValueError(f"share must be a number from 0 to just below 1, not {self.share!r}")
        object.__setattr__(self, "then", schedule(self.then))

    def factor(self, step, steps):
        warm = int(self.share * steps)
        return (step + 1) / (warm + 1) if step < warm else self.then.factor(step - warm, steps - warm)


#: name → class of schedule.
SCHEDULES = {"constant": Constant, "step": StepDecay, "cosine": Cosine, "warmup": WarmUp}


def schedule(name_or_schedule):
    """Return the schedule of a name; a schedule is returned as it is. Unknown names raise ValueError."""
    if isinstance(name_or_schedule, Constant):
        return name_or_schedule
    return lookup(SCHEDULES, name_or_schedule, "schedule")()
