"""What a cell prints, as one text."""

from __future__ import annotations

from copy import copy

from myst_nb.core import render

_clean = render.coalesce_streams


def merge(outputs):
    """Return a cell's outputs with all that it printed to one stream in the first output of that stream.

    A kernel sends what is printed in pieces that end anywhere, in the middle of a line too. MyST-NB ends a line after
    each piece (``nb_merge_streams``, version 1.4), so a page would change with the moment of the sending. Here the
    pieces are joined as they are; MyST-NB still cleans the end of the whole.
    """
    merged, streams = [], {}
    for output in outputs:
        if output["output_type"] != "stream":
            merged.append(output)
        elif output["name"] in streams:
            streams[output["name"]]["text"] += output["text"]
        else:
            streams[output["name"]] = copy(output)
            merged.append(streams[output["name"]])
    return _clean(merged)


def setup():
    """Put the function in the place of MyST-NB's, which offers no other way."""
    render.coalesce_streams = merge
