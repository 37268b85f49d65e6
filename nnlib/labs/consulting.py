"""The doctor in the kernel: looks at a run that rests, and hands the view a sentence and a cure."""

from __future__ import annotations

import math

from nnlib.diagnosis import examine
from nnlib.random import CounterGenerator


class Consultant:
    """Examines one run, once for each place where it rests.

    The measurements take some milliseconds, up to a tenth of a second for the largest networks: too long for every
    frame of a run that trains, and nothing to wait for where it rests.
    """

    def __init__(self, run):
        self._run = run
        self._start = run.network.parameters.copy()
        self._seen, self._found = None, None

    def look(self, losses):
        """Return ``{"name", "text", "cure"}`` of the most serious finding, or None; ``losses`` are those by epoch."""
        seen = self._run.step, len(self._run.changes)
        if seen != self._seen:
            losses = [math.inf if loss is None else loss for loss in losses]
            rng = CounterGenerator(self._run.settings.seed, "order")
            found = examine(self._run.trainer, losses, start=self._start, rng=rng)
            self._found = {"name": found[0].name, "text": found[0].text, "cure": found[0].cure} if found else None
            self._seen = seen
        return self._found
