"""What a reader has done, kept on the reader's own computer: a small JSON file in the user's data folder.

It is a convenience, so it never fails a notebook: a file that cannot be read is an empty table, one that cannot be
written is not written. Where a notebook runs without a reader (``NNLIB_HEADLESS``) nothing is kept.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from html import escape
from pathlib import Path

from nnlib.exercises.chapters import chapters, exercises, quizzes
from nnlib.exercises.messages import MESSAGES
from nnlib.exercises.verdict import short

_STATES = ("right", "tried")


def place():
    """Return the path of the file, in the folder where this system keeps what programs remember of a user."""
    try:
        from platformdirs import user_data_path  # JupyterLab and pooch bring it

        return user_data_path("nnlib", appauthor=False) / "exercises.json"
    except ImportError:
        return Path.home() / ".nnlib" / "exercises.json"


def recall():
    """Return {id: "right" or "tried"}; {} where nothing is kept or nothing can be read."""
    if _off():
        return {}
    try:
        known = json.loads(place().read_text(encoding="utf-8"))
        return {name: state for name, state in known.items() if state in _STATES}
    except (OSError, ValueError, AttributeError, TypeError, RuntimeError):
        return {}


def keep(name, state):
    """Remember ``state``, "right" or "tried", for the id ``name``; "" forgets it. What was right once stays right."""
    known = recall()
    if state == "":
        known.pop(name, None)
    elif known.get(name) == "right" or known.get(name) == state:
        return
    else:
        known[name] = state
    _write(known)


def _write(known):
    if _off():
        return
    with contextlib.suppress(OSError, RuntimeError):  # a read-only home, or none at all
        path = place()
        path.parent.mkdir(parents=True, exist_ok=True)
        # Two notebooks may write at once: each writes a file of its own, and the last one takes the name.
        handle, scratch = tempfile.mkstemp(dir=path.parent, suffix=".json")
        with open(handle, "w", encoding="utf-8") as file:
            json.dump(known, file, indent=1, sort_keys=True)
        os.replace(scratch, path)


def _off():
    return bool(os.environ.get("NNLIB_HEADLESS"))


class Progress:
    """What was done in each chapter, as a table; made by :func:`progress`.

    Attributes
    ----------
    states : dict
        Every exercise and quiz of the book: its id → ``"right"``, ``"tried"`` or ``"open"``.
    """

    def __init__(self):
        known = recall()
        self.states = {name: known.get(name, "open") for name in [*exercises(), *quizzes()]}

    def forget(self):
        """Clear the table, on this computer and for good; returns the empty one."""
        _write({})
        return Progress()

    def _rows(self):
        for chapter in chapters():
            of = {name: state for name, state in self.states.items() if name.startswith(f"{chapter}.")}
            lists = [[_called(name) for name, state in of.items() if state == wanted] for wanted in (*_STATES, "open")]
            yield short(chapter), len(lists[0]), len(of), lists

    def __repr__(self):
        lines = [MESSAGES["progress_title"]]
        for chapter, done, count, (_, tried, open_) in self._rows():
            line = MESSAGES["progress_line"].format(chapter=chapter, done=done, count=count)
            for key, names in (("progress_tried", tried), ("progress_open", open_)):
                line += f"; {MESSAGES[key]}: {', '.join(names)}" if names else ""
            lines.append(line)
        return "\n".join([*lines, MESSAGES["progress_forget"]])

    def _repr_html_(self):
        cell = "padding:0.25em 0.8em;text-align:left;vertical-align:top"
        keys = ("progress_chapter", "progress_done", "progress_tried", "progress_open")
        head = "".join(f'<th scope="col" style="{cell}">{escape(MESSAGES[key])}</th>' for key in keys)
        body = ""
        for chapter, done, count, (right, tried, open_) in self._rows():
            bar = f'<progress max="{count}" value="{done}" style="width:6em" aria-hidden="true"></progress>'
            right = f"{bar} {done}/{count} {escape(', '.join(right))}"
            cells = (right, escape(", ".join(tried)), escape(", ".join(open_)))
            body += f'<tr><th scope="row" style="{cell}">{chapter}</th>'
            body += "".join(f'<td style="{cell}">{text}</td>' for text in cells) + "</tr>"
        caption = f"<caption style='text-align:left;font-weight:600'>{escape(MESSAGES['progress_title'])}</caption>"
        foot = f"<p><small>{escape(MESSAGES['progress_forget'])}</small></p>"
        return (
            f"<table class='nnlib-progress'>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{foot}"
        )


def _called(name):
    """An exercise's number; a quiz by its word, for it has no number."""
    rest = name.partition(".")[2]
    return short(name) if rest[0].isdigit() else rest


def progress():
    """Return a table of what was done in each chapter; its ``forget()`` clears it."""
    return Progress()
