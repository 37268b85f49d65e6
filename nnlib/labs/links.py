"""Links beyond the run: what a teacher hides and locks, and what the view must know to read and write links itself.

``web/link.js`` is the twin of this module and of ``Settings.from_query``: on a page without a kernel it makes the same
link from the same run, and answers a bad one with the same sentences.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from urllib.parse import parse_qsl, quote

from nnlib.labs.settings import CHANGEABLE, FIELDS, LARGEST_STEP, LINK_VERSION
from nnlib.registry import lookup

TEACHING = ("hide", "lock")


@dataclass(frozen=True)
class Teaching:
    """What a teacher has taken out of a reader's hands.

    Attributes
    ----------
    hide, lock : tuple of str
        Fields whose controls are not shown, and fields whose controls are shown and cannot be moved.
    """

    hide: tuple = ()
    lock: tuple = ()

    def to_query(self):
        """Return ``&hide=…&lock=…``, or nothing."""
        texts = {name: ",".join(getattr(self, name)) for name in TEACHING}
        return "".join(f"&{name}={quote(text, safe=',')}" for name, text in texts.items() if text)


def check_teaching(hide, lock, controls):
    """Return a Teaching; a field without a control in this lab raises ValueError."""
    if isinstance(hide, str) or isinstance(lock, str):
        raise ValueError('hide and lock take lists of fields, such as hide=["l2"]')
    for field in (*hide, *lock):
        lookup(controls, field, "control")
    return Teaching(tuple(dict.fromkeys(hide)), tuple(dict.fromkeys(lock)))


def split_query(query):
    """Return (what describes the run, [(hide or lock, text), …]) of the text after the ``?`` of a link."""
    parts = query.split("&")
    mine = [part for part in parts if part.partition("=")[0] in TEACHING]
    return "&".join(part for part in parts if part not in mine), parse_qsl("&".join(mine), keep_blank_values=True)


def read_link(query, defaults, controls):
    """Return (settings, teaching, problems) from the text after the ``?`` of a link."""
    rest, pairs = split_query(query)
    settings, problems = defaults.from_query(rest, defaults)
    fields = {name: {} for name in TEACHING}
    for name, text in pairs:
        for field in filter(None, text.split(",")):
            if field in controls:
                fields[name][field] = None
            else:
                problems.append(f"{name} names {field!r}, but this lab’s controls are: {', '.join(controls)}.")
    return settings, Teaching(*(tuple(fields[name]) for name in TEACHING)), problems


def link_rules(defaults, specs=FIELDS):
    """Return what ``web/link.js`` goes by: version, what each field may be, and what holds for those left out."""
    return {
        "version": LINK_VERSION,
        "changeable": list(CHANGEABLE),
        "largest_step": LARGEST_STEP,
        "trains": "pace" in specs,  # only a run has one
        "fields": {name: _rule(field) for name, field in specs.items()},
        "defaults": defaults.to_json(),
    }


def _rule(field):
    if field.kind in ("switch", "text"):
        return {"kind": field.kind}
    if field.kind == "name":
        return {"kind": field.kind, "choices": list(field.choices)}
    if field.kind == "names":
        # As in settings.py: each feature is one input; layers may well be alike.
        lengths = {"least": field.least, "most": field.most, "once": field.least > 0}
        return {"kind": field.kind, "choices": list(field.choices), **lengths}
    maximum = field.maximum if isfinite(field.maximum) else None
    whole = field.kind in ("integer", "integers") or field.whole
    lengths = {"least": field.least, "most": field.most} if field.kind == "integers" else {}
    return {"kind": field.kind, "min": field.minimum, "max": maximum, "whole": whole, **lengths}
