"""Training: a generator of steps that the reader's own loop consumes.

``train`` yields once per epoch (or batch) and then waits, so that a loop can print, plot, stop or
change its mind between two steps. Metrics are computed when first read: a loop that only trains
pays for training only. ``track`` puts a bar to a long loop, this one or any other.
"""

from __future__ import annotations

import os

from nnlib.layers import whole
from nnlib.runs import Networks
from nnlib.stopping import EarlyStopping
from nnlib.trainer import Trainer


class Step:
    """Where training stands, made by :func:`train`. Metrics are computed when first read.

    They must be read before training goes on. Of many networks, losses, accuracies, penalties and rates are
    arrays (R,), and the diagnosis is a tuple.

    Attributes
    ----------
    step, epoch : int
        Batches done, and epochs finished.
    learning_rate : float
        The rate of the next step, schedule included.
    train_loss, test_loss : float
        Mean losses without penalty; infinite when training has diverged. test_loss is None without a test part.
    train_accuracy, test_accuracy : float or None
        Shares predicted right; None for a regression.
    penalty : float
        l1·Σ|w| + ½·l2·Σw².
    diagnosis : Diagnosis or None
        What is wrong, if anything.
    """

    def __init__(self, trainer, diagnosis):
        self._trainer = trainer
        self.step, self.epoch, self.diagnosis = trainer.step, trainer.epoch, diagnosis
        self.learning_rate = trainer.rate

    def __getattr__(self, name):
        if name not in ("train_loss", "test_loss", "train_accuracy", "test_accuracy", "penalty"):
            raise AttributeError(f"a Step has no attribute {name!r}")
        if self._trainer.step != self.step:
            raise RuntimeError(f"step.{name} must be first read before training goes on to the next step")
        value = getattr(self._trainer, name)()
        setattr(self, name, value)
        return value

    def __repr__(self):
        return f"<Step {self.step}, epoch {self.epoch}>"


def train(
    network,
    data,
    *,
    loss="mse",
    optimizer="sgd",
    learning_rate=0.03,
    schedule="constant",
    l1=0.0,
    l2=0.0,
    clip_norm=None,
    batch_size=10,
    epochs=100,
    early_stopping=None,
    every="epoch",
    rng,
    dropout_rng=None,
):
    """Train a network, or many at once, and yield a :class:`Step` after each epoch (or batch, with ``every="batch"``).

    The last step of a run that diverged carries a diagnosis; then training stops by itself. Of many
    networks a member that diverged stands still and has an infinite loss from then on, the others
    go on as if it were not there, and training stops when all have diverged.

    Parameters
    ----------
    network : Network or Networks
    data : Dataset, or a pair (X, y)
        For many networks also a list of data sets of one size, each member's own.
    loss, optimizer, schedule : names, or a Loss, an optimiser, a schedule
    learning_rate, l1, l2 : float, or for many networks also an array (R,)
        η and the strengths of the penalty ``l1·Σ|w| + ½·l2·Σw²`` over weights; both together are the
        elastic net's.
    clip_norm : float, optional
        Gradients longer than this are shortened to it: g ← g·min(1, clip_norm/‖g‖), over all
        parameters together (Pascanu, Mikolov, Bengio 2013).
    batch_size : int or None
        Samples per step; None takes all.
    early_stopping : EarlyStopping or int, optional
        Ends training when the test loss has not improved for so many epochs. The last step's
        network, and its losses, are then those of the best epoch.
    rng : generator
        Draws the order of the samples, a new one each epoch. A batch of all samples has no order, unless
        dropout's masks follow it.
    dropout_rng : generator, optional
        Draws dropout's masks; without it ``rng`` does.

    Raises
    ------
    ValueError
        For unknown names, data or values that do not fit.
    """
    if every not in ("epoch", "batch"):
        raise ValueError(f"every must be 'epoch' or 'batch', not {every!r}")
    epochs = whole("epochs", epochs, 0)
    trainer = Trainer(
        network, data, loss=loss, optimizer=optimizer, learning_rate=learning_rate, schedule=schedule, l1=l1, l2=l2,
        clip_norm=clip_norm, batch_size=batch_size, epochs=epochs, rng=rng, dropout_rng=dropout_rng,
    )  # fmt: skip
    if early_stopping is not None:
        if isinstance(network, Networks):
            raise ValueError("early stopping ends the training of one network; of many, each would end elsewhere")
        if trainer.data.X_test is None:
            raise ValueError("early stopping watches the test loss: split the data first, data.split(0.8, rng=…)")
        if not isinstance(early_stopping, EarlyStopping):
            early_stopping = EarlyStopping(early_stopping)
    return _steps(trainer, epochs, every, early_stopping)


def _steps(trainer, epochs, every, stopping):
    while trainer.epoch < epochs:
        if every == "epoch":
            trainer.advance_epoch()
        else:
            trainer.advance()
        step = Step(trainer, trainer.diagnosis())
        if stopping and trainer.at_epoch_end:
            stopping.watch(trainer.network, trainer.epoch, step.test_loss)
        lost = all(step.diagnosis) if isinstance(step.diagnosis, tuple) else step.diagnosis
        last = lost or trainer.epoch == epochs or (stopping and stopping.stopped)
        if stopping and last:
            stopping.restore(trainer.network)
            step = Step(trainer, step.diagnosis)
        yield step
        if last:
            return


def track(todo, *, done=None, total=None, desc=None):
    """Show a bar while a loop goes on, and leave out what is done, so that the loop may be stopped and resumed.

    ``for seed in track(range(10), done=results): results[seed] = …`` keeps what it has finished when the stop
    button ends it; run again, it goes on from there. The bar vanishes with the loop's end. None is drawn where
    nobody watches (``NNLIB_HEADLESS`` is set: tests, the book's pages) and without the package tqdm.

    Parameters
    ----------
    todo : iterable
        Keys of work to do, or the steps of :func:`train`.
    done : container, optional
        Where the loop keeps its results, a dictionary for instance: what is in it is not done again. Work must
        be a pure function of its key then; after a change of the work itself, start with an empty one.
    total : int, optional
        How many steps there are, where ``todo`` cannot tell.
    desc : str, optional
        Stands before the bar.

    Returns
    -------
    iterable
        ``todo`` in its order, without what is in ``done``.
    """
    begun = 0
    if done is not None:
        everything = list(todo)
        todo = [key for key in everything if key not in done]
        total, begun = len(everything), len(everything) - len(todo)
    if os.environ.get("NNLIB_HEADLESS"):
        return todo
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return todo
    return tqdm(todo, total=total, initial=begun, desc=desc, leave=False)
