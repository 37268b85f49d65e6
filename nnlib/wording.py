"""Words that go with a number: what a sentence says of one thing and of several."""

from __future__ import annotations


def counted(count, one, many=None):
    """Return ``1 epoch``, ``2 epochs``; ``many`` is for words that take more than an s."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def by_epoch(epochs, at_end):
    """Return when something happened: ``after 3 epochs``, at the end of one, or else ``in epoch 4``."""
    return f"after {counted(epochs, 'epoch')}" if at_end else f"in epoch {epochs + 1}"
