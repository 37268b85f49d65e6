"""A sweep map: the same lab trained once for every pair of two settings.

Runs that differ in rate, penalty or noise only are stacked into one array and trained at once
(:mod:`nnlib.runs`); each member is the run that a lab with its settings would show, so a number of the
map is the number on the screen after a click on its cell. ``web/sweep.js`` is the twin in the page.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace

import numpy as np

from nnlib.labs.run import Run
from nnlib.labs.settings import CHANGEABLE, FIELDS
from nnlib.random import CounterGenerator
from nnlib.registry import lookup
from nnlib.runs import Networks
from nnlib.trainer import Trainer

#: field → the values along an axis, where none are named; the page has the same.
AXES = {
    "learning_rate": (0.001, 0.01, 0.03, 0.1, 0.3, 1.0),
    "l1": (0.0, 0.0001, 0.001, 0.01, 0.1, 0.3),
    "l2": (0.0, 0.0001, 0.001, 0.01, 0.1, 0.3),
    "width": (1, 2, 4, 8, 16, 32),
    "depth": (0, 1, 2, 3, 4, 6),
    "noise": (0.0, 0.1, 0.2, 0.3, 0.4, 0.5),
    "train_share": (0.1, 0.2, 0.3, 0.5, 0.7, 0.9),
    "batch_size": (1, 5, 10, 30, 100, 250),
}

MOST_CELLS, MOST_SEEDS = 144, 10

#: Fields in which the members of one stack may differ.
_STACKED = (*CHANGEABLE, "noise")
#: Settings that a stack cannot train with, where they are on: such cells are trained one by one.
_ALONE = ("dropout", "batch_norm", "early_stopping")

_SLICE = 0.010  # seconds of training between two looks at what the reader did
_SLICE_BESIDE = 0.004  # the same while the lab itself trains
_PAUSE = 0.004  # seconds that the loop has for everybody else after a slice
_REPORT = 0.25  # seconds between two reports of progress
_BATCHES_AT_ONCE = 8  # of a run that is trained alone, between two looks at the clock


@dataclass(frozen=True)
class SweepResult:
    """What a sweep found; arrays have the shape (len(ys), len(xs)), row i belongs to ys[i].

    Attributes
    ----------
    x, y : names of the two settings
    xs, ys : their values
    train_loss, test_loss : losses at the end, means over the seeds; infinite where a run diverged
    test_accuracy : shares predicted right, means over the seeds; None for a regression
    diverged : True where the run of any seed diverged
    """

    x: str
    y: str
    xs: tuple
    ys: tuple
    train_loss: np.ndarray
    test_loss: np.ndarray
    test_accuracy: np.ndarray | None
    diverged: np.ndarray


class Sweep:
    """A sweep in small pieces of work, so that whoever does it can do other things in between.

    Parameters
    ----------
    settings : Settings
        What all cells have in common; changes made on the way and the step of a stop are left out.
    x, y : str
        The settings along the columns and the rows.
    xs, ys : sequence, optional
        Their values; left out, those of ``AXES``.
    seeds : int
        Each cell is trained so often, with seeds from ``settings.seed`` on; its numbers are the means.

    Raises
    ------
    ValueError
        For settings that make no axis, values they do not allow, a width without a hidden layer, or more cells than
        make sense.
    """

    def __init__(self, settings, x="learning_rate", y="l2", xs=None, ys=None, seeds=1):
        if x == y:
            raise ValueError(f"a sweep needs two settings, but both are {x}")
        if isinstance(seeds, bool) or not isinstance(seeds, int) or not 1 <= seeds <= MOST_SEEDS:
            raise ValueError(f"seeds must be a whole number from 1 to {MOST_SEEDS}, not {seeds!r}")
        self.x, self.y, self.seeds = x, y, seeds
        base = settings.with_(changes=(), stop=None)
        if {x, y} & {"width", "depth"} and base.widths:
            # Layers with widths of their own would heed neither; so all get the same.
            base = base.with_(widths=(), width=max(base.widths), depth=len(base.widths))
        if "width" in (x, y) and "depth" not in (x, y) and not base.depth:
            raise ValueError("without a hidden layer there is no width to sweep: set depth, or sweep it too")
        self.xs, self.ys = (_values(base, name, values) for name, values in ((x, xs), (y, ys)))
        cells = len(self.xs) * len(self.ys)
        if not 1 <= cells <= MOST_CELLS:
            raise ValueError(f"a sweep has 1 to {MOST_CELLS} cells, not {cells}")
        #: The settings of each cell, row by row, for the first seed.
        self.cells = [base.with_(**{x: one, y: other}) for other in self.ys for one in self.xs]
        self._numbers = np.full((3, seeds, cells), np.nan)
        self._diverged = np.zeros((seeds, cells), bool)

    def work(self):
        """Train; a generator that yields, after each small piece of work, the share done so far."""
        groups = [(seed, group) for seed in range(self.seeds) for group in self._groups()]
        total = self.seeds * len(self.cells)
        before = 0
        for seed, group in groups:
            for share in self._train(seed, group):
                yield (before + share * len(group)) / total
            before += len(group)
            yield before / total

    def _groups(self):
        """Return lists of cells; those of one list can be one stack."""
        groups = {}
        for index, settings in enumerate(self.cells):
            alone = any(getattr(settings, name, False) for name in _ALONE)
            shared = [value for name, value in settings.to_json().items() if name not in _STACKED]
            groups.setdefault(index if alone else repr(shared), []).append(index)
        return groups.values()

    def _train(self, seed, group):
        runs = []
        for index in group:
            settings = self.cells[index]
            runs.append(Run(settings.with_(seed=(settings.seed + seed) % (FIELDS["seed"].maximum + 1))))
            yield 0.0
        if len(runs) == 1:
            yield from self._train_alone(runs[0], seed, group)
        else:
            yield from self._train_stack(runs, seed, group)

    def _train_alone(self, run, seed, group):
        end = run.settings.epochs * run.steps_per_epoch
        while run.step < end and not run.ended:
            run.advance(min(_BATCHES_AT_ONCE, end - run.step))
            yield run.step / end
        trainer = run.trainer
        numbers = trainer.train_loss(), trainer.test_loss(), trainer.test_accuracy()
        self._enter(seed, group, *numbers, run.diagnosis is not None)

    def _train_stack(self, runs, seed, group):
        first, end = runs[0].settings, runs[0].settings.epochs * runs[0].steps_per_epoch
        datasets = [run.trainer.data for run in runs]
        one_noise = all(run.settings.noise == first.noise for run in runs)
        trainer = Trainer(
            Networks([run.network for run in runs]),
            datasets[0] if one_noise else datasets,
            loss=runs[0].trainer.loss,
            optimizer=first.optimizer,
            **{name: [getattr(run.settings, name) for run in runs] for name in CHANGEABLE},
            batch_size=first.batch_size,
            rng=CounterGenerator(first.seed, "order"),
        )
        while trainer.step < end:
            trainer.advance()
            yield trainer.step / end
        diverged = [each is not None for each in trainer.diagnosis()]
        self._enter(seed, group, trainer.train_loss(), trainer.test_loss(), trainer.test_accuracy(), diverged)

    def _enter(self, seed, group, train_loss, test_loss, accuracy, diverged):
        numbers = train_loss, test_loss, np.nan if accuracy is None else accuracy
        for row, values in zip(self._numbers[:, seed], numbers):
            row[group] = values
        self._diverged[seed, group] = np.array(diverged) | ~np.isfinite(self._numbers[1, seed, group])
        self._numbers[:2, seed, group] = np.where(self._diverged[seed, group], np.inf, self._numbers[:2, seed, group])

    def finished_cells(self):
        """Return (index, train loss, test loss, test accuracy, diverged) of the cells that all seeds have finished.

        As a message can carry them: what does not exist is None.
        """
        rows = []
        for index in np.flatnonzero(~np.isnan(self._numbers[1]).any(axis=0)).tolist():
            diverged = bool(self._diverged[:, index].any())
            means = [None if diverged else _number(value) for value in self._numbers[:, :, index].mean(axis=1)]
            rows.append([index, *means, diverged])
        return rows

    def result(self):
        """Return the SweepResult; not yet trained cells are NaN."""
        shape = len(self.ys), len(self.xs)
        train_loss, test_loss, accuracy = (rows.mean(axis=0).reshape(shape) for rows in self._numbers)
        accuracy = None if np.isnan(accuracy).all() else accuracy
        diverged = self._diverged.any(axis=0).reshape(shape)
        return SweepResult(self.x, self.y, self.xs, self.ys, train_loss, test_loss, accuracy, diverged)


def sweep(settings, x="learning_rate", y="l2", xs=None, ys=None, seeds=1):
    """Train the settings once for each pair of values of two of them.

    Parameters
    ----------
    settings : Settings or Lab
        What all runs have in common; each trains for ``settings.epochs``.
    x, y : str
        Two of ``learning_rate``, ``l1``, ``l2``, ``width``, ``depth``, ``noise``, ``train_share``, ``batch_size``.
        Where each layer has its own width, ``width`` gives all of them the same one.
    xs, ys : sequence, optional
        Their values; left out, six usual ones each.
    seeds : int
        Train each cell so often, with seeds from ``settings.seed`` on, and average.

    Returns
    -------
    SweepResult
        With ``train_loss``, ``test_loss`` and ``test_accuracy`` as arrays (len(ys), len(xs)), ready for
        :func:`nnlib.plots.heat_map`.

    Raises
    ------
    ValueError
        For settings that make no axis, values they do not allow, or more than 144 cells.

    Examples
    --------
    >>> from nnlib.labs import Settings
    >>> found = sweep(Settings(dataset="moons", epochs=50), "learning_rate", "l2", xs=(0.01, 0.1), ys=(0.0, 0.01))
    >>> found.test_loss.shape
    (2, 2)
    """
    whole = Sweep(getattr(settings, "settings", settings), x, y, xs, ys, seeds)
    for _ in whole.work():
        pass
    return whole.result()


class SweepTask:
    """The sweep of one lab in the kernel: one asyncio task beside the lab's own, and the newest request wins.

    Parameters
    ----------
    name : str
        Names the task, so that a test can count the tasks of a lab.
    send : callable
        ``send(content)`` hands a message to every view.
    busy, visible : callable
        Tell whether the lab itself trains (then the sweep takes smaller slices), and whether somebody looks.
    """

    def __init__(self, name, send, busy, visible):
        self.name, self._send, self._busy, self._visible = name, send, busy, visible
        self._task = None
        self._wake = asyncio.Event()

    def request(self, settings, content):
        """Start what a view asks for, or cancel what runs: a message without ``x`` asks for nothing more."""
        self.cancel()
        if "x" not in content:
            return
        options = {name: content.get(name) for name in ("x", "y", "xs", "ys")}
        whole = Sweep(settings, **options, seeds=content.get("seeds", 1))
        work = self._work(whole, content.get("id"))
        self._task = asyncio.get_running_loop().create_task(work, name=self.name)

    def cancel(self):
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def wake(self):
        """Somebody may look again."""
        self._wake.set()

    async def _work(self, whole, number):
        try:
            pieces, share, finished, reported = whole.work(), 0.0, False, -np.inf
            while not finished:
                while not self._visible():
                    self._wake.clear()
                    await self._wake.wait()
                deadline = time.perf_counter() + (_SLICE_BESIDE if self._busy() else _SLICE)
                while time.perf_counter() < deadline:
                    share = next(pieces, None)
                    if share is None:
                        finished = True
                        break
                now = time.perf_counter()
                if finished or now - reported > _REPORT:
                    reported = now
                    cells = whole.finished_cells()
                    done = 1.0 if finished else share
                    self._send({"kind": "sweep", "id": number, "share": done, "cells": cells, "finished": finished})
                # A real pause: the reader's messages and the lab itself are served in it.
                await asyncio.sleep(_PAUSE)
        except Exception as error:
            self._send({"kind": "sweep", "id": number, "error": str(error)})


def _values(base, name, values):
    """Return the values of an axis in their field's own type; raise ValueError for one that is not allowed."""
    lookup(AXES, name, "axis of a sweep")
    values = AXES[name] if values is None else values
    return tuple(getattr(replace(base, **{name: value}), name) for value in values)


def _number(value):
    return float(value) if np.isfinite(value) else None
