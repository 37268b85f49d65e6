"""The chapters' tables, found by name and read when first asked for.

``nnlib/exercises/chapter_05.py`` holds ``EXERCISES`` and ``QUIZZES`` of chapter 5; a chapter without a file has none.
"""

from __future__ import annotations

import pkgutil
import re
from functools import cache
from importlib import import_module

from nnlib.registry import lookup

_PACKAGE = __name__.rpartition(".")[0]


@cache
def chapters():
    """Return the numbers of the chapters that have a table, as text with two digits, in order."""
    files = pkgutil.iter_modules(import_module(_PACKAGE).__path__)
    return tuple(sorted(found[1] for file in files if (found := re.fullmatch(r"chapter_(\d\d)", file.name))))


def exercises(chapter=None):
    """Return {id: Exercise} of one chapter ("05"), or of all."""
    return _tables("EXERCISES", chapter)


def quizzes(chapter=None):
    """Return {id: Quiz} of one chapter ("05"), or of all."""
    return _tables("QUIZZES", chapter)


def exercise(name):
    """Return the Exercise of an id such as ``"05.3"``; a ValueError names the nearest match where there is none."""
    return _find(exercises, name, "exercise")


def quiz_of(name):
    """Return the Quiz of an id such as ``"05.rate"``; a ValueError names the nearest match where there is none."""
    return _find(quizzes, name, "quiz")


def _find(tables, name, kind):
    chapter = str(name).partition(".")[0]
    # Only the chapter that is asked for is read, unless the id is unknown: then all may hold the nearest match.
    table = tables(chapter) if chapter in chapters() else {}
    return lookup(table if name in table else tables(), name, kind)


@cache
def _tables(kind, chapter):
    wanted = chapters() if chapter is None else (chapter,)
    found = {}
    for number in wanted:
        found |= getattr(import_module(f"{_PACKAGE}.chapter_{number}"), kind, {})
    return found
