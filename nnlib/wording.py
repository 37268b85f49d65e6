"""Words that go with a number: what a sentence says of one thing and of several."""

from __future__ import annotations


def counted(count, one, many=None):
    """Return ``1 epoch``, ``2 epochs``; ``many`` is for words that take more than an s."""
    return f"{count} {one if count == 1 else many or one + 's'}"
