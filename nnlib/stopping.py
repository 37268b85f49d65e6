"""Early stopping: train until the held-out loss has had its minimum, and go back to it."""

from __future__ import annotations

import numpy as np

from nnlib.layers import whole
from nnlib.regularizers import strength


class EarlyStopping:
    """Stop when the test loss has not improved for some epochs, and keep the best parameters.

    Better means: lower than the best so far by more than ``least``. Whoever stops by a loss has
    chosen by it, so the part of the data that is watched is no longer a test: split the training
    part again (``data.training_part.split(0.8, rng=…)``) and keep the real test part for the end.

    Source: Prechelt, "Early stopping: but when?", 1998.

    Parameters
    ----------
    patience : int
        How many epochs without a new best are allowed.
    least : float
        What counts as an improvement.

    Attributes
    ----------
    best_loss, best_epoch : float and int
        The lowest loss so far and its epoch; infinite and 0 before the first.
    stopped : bool
        Whether patience has run out.
    """

    def __init__(self, patience=10, least=0.0):
        self.patience, self.least = whole("patience", patience), strength("least", least)
        self.best_loss, self.best_epoch, self.stopped = np.inf, 0, False
        self._best = None

    def watch(self, network, epoch, loss):
        """Take note of the loss after an epoch; keep the network's parameters if it is the best so far."""
        if self._best is None or loss < self.best_loss - self.least:
            self.best_loss, self.best_epoch = loss, epoch
            self._best = network.parameters.copy(), network.statistics.copy()
        self.stopped = epoch - self.best_epoch >= self.patience

    def restore(self, network):
        """Write the best parameters and statistics seen back into the network."""
        if self._best is not None:
            network.parameters[...], network.statistics[...] = self._best
