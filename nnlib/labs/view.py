"""The view: one anywidget that draws a lab and, where no kernel answers, trains it.

What it shows is JavaScript (``web/``, bundled into ``bundle/``). Here are only the traits that both
sides share. Each control has a trait ``value_<field>``, linked to it in the browser, so that a
slider reaches the view with or without a kernel.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import anywidget
import traitlets as t

_BUNDLE = Path(__file__).parent / "bundle"


class LabView(anywidget.AnyWidget):
    """The model behind a lab's view; ``web/session.js`` reads it.

    Traits
    ------
    lab, lab_id : the lab's name, and its name on this page (links use it)
    hint : what to try, one sentence
    messages : every string of the lab, by key
    schema : one dict per control: field, label, kind, choices or min and max, restarts
    fixed : the settings that no control shows
    points, points_task : the reader's own points, as in Settings
    saved, saved_parameters : a finished run, for pages without a kernel; parameters, then statistics
    replay : a run with a history that a link describes: settings at its start, changes, stop; else empty
    defaults : what Reset puts the controls back to, by field, as the view reads them
    stand_ins : by field, exact values of a link that a control has no notch for, and where the control stands instead
    hide, lock : fields whose controls are not shown, or shown and not to be moved
    link_rules : what links hold and allow
    presets : name → the settings that its button puts the controls to; {} where a lab shows no such buttons
    preset_order : the presets' names; a notebook's file sorts its dicts
    sensitive : of each preset that Plan calls sensitive what its run depends on
    parts, plot : what the lab shows beside the usual pictures, and under the output at first, as in Plan
    alt : what the lab shows, for readers who do not see it
    """

    _esm = _BUNDLE / "lab.js"
    _css = _BUNDLE / "lab.css"

    lab = t.Unicode().tag(sync=True)
    lab_id = t.Unicode().tag(sync=True)
    hint = t.Unicode().tag(sync=True)
    messages = t.Dict().tag(sync=True)
    schema = t.List().tag(sync=True)
    fixed = t.Dict().tag(sync=True)
    points = t.List().tag(sync=True)
    points_task = t.Unicode("auto").tag(sync=True)
    presets = t.Dict().tag(sync=True)
    preset_order = t.List().tag(sync=True)
    sensitive = t.List().tag(sync=True)
    parts = t.List().tag(sync=True)
    plot = t.Unicode("loss").tag(sync=True)
    saved = t.Dict().tag(sync=True)
    saved_parameters = t.Bytes(b"").tag(sync=True)
    replay = t.Dict().tag(sync=True)
    defaults = t.Dict().tag(sync=True)
    stand_ins = t.Dict().tag(sync=True)
    hide = t.List().tag(sync=True)
    lock = t.List().tag(sync=True)
    link_rules = t.Dict().tag(sync=True)
    alt = t.Unicode().tag(sync=True)


_TRAITS = {"choice": t.Int, "number": t.Float, "switch": t.Bool, "list": t.List, "text": t.Unicode}


def view_class(kinds):
    """Return LabView with a trait ``value_<field>`` for each field of ``kinds``, a dict field → kind."""
    return _view_class(tuple(kinds.items()))


@cache
def _view_class(kinds):
    traits = {f"value_{field}": _TRAITS[kind]().tag(sync=True) for field, kind in kinds}
    return type("LabView", (LabView,), {"__doc__": LabView.__doc__, **traits})
