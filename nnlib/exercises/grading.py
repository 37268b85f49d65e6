"""Grading: is an answer right, and if not, which of the usual mistakes is it?

The order is the same for every kind of answer: not tried, right, one of the mistakes that the exercise lists, one
that the checker knows by itself (the sign, rows for columns, an argument changed in place), and last a sentence
that says where the answer differs. Whatever a reader hands in, a grade comes back, soon, and nothing is raised.
"""

from __future__ import annotations

import copy
import inspect
import linecache
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlib.exercises import comparing, guarding
from nnlib.exercises.comparing import (
    as_array,
    as_number,
    as_vector,
    difference,
    has_dots,
    kind_of,
    plain,
    same_number,
    shown,
)
from nnlib.exercises.core import Array, Function, Number, Predicate
from nnlib.exercises.guarding import Asks, TooLong, confined, in_time
from nnlib.exercises.messages import MESSAGES

#: What a reader's code may raise. An interrupt is the reader's own and passes, and so does the end of time.
_RAISED = (Exception, SystemExit, GeneratorExit)
#: An error that has a sentence of its own → the sentence.
_TOLD = {RecursionError: "recursion", Asks: "asks", SystemExit: "leaves"}
#: What numpy says in an error → what is to be done about it.
_HELP = {
    "0-dimensional arrays": "help_math",
    "length-1 arrays": "help_math",  # numpy 1
    "truth value of an array": "help_if",
    "mismatch in its core dimension": "help_product",
    "not aligned": "help_product",
    "could not be broadcast": "help_broadcast",
}


@dataclass(frozen=True)
class Grade:
    """What was found: right (None where nothing was tried), the mistake's name or None, a sentence."""

    right: bool | None
    mistake: str | None
    text: str


def grade(exercise, answer):
    """Return the :class:`Grade` of an answer to an Exercise."""
    if answer is ...:
        return Grade(None, None, MESSAGES["replace_dots"])
    if answer is None:
        return _wrong(MESSAGES["none"])
    with warnings.catch_warnings(), np.errstate(all="ignore"), confined(MESSAGES["more_printed"]):
        warnings.simplefilter("ignore")
        return in_time(lambda: _graded(exercise, answer), lambda error: _too_late(exercise, answer, error))


def _graded(exercise, answer):
    try:
        answer = plain(answer)
        if has_dots(answer):
            return Grade(None, None, MESSAGES["dots_left"])
        return _GRADERS[type(exercise.answer)](exercise, answer)
    except _RAISED:  # an answer that defends itself: a list that holds itself, an object that raises
        return _wrong(MESSAGES["unreadable_answer"])


def _too_late(exercise, answer, error):
    """The grade when time is over: for which arguments, and in which line."""
    if not callable(answer):
        return _wrong(MESSAGES["unreadable_answer"])
    arguments, place = getattr(error, "arguments", None), _place(answer, error.__traceback__)
    call = (
        "" if arguments is None else MESSAGES["late_call"].format(call=_written(exercise.answer.reference, arguments))
    )
    line = "" if place is None else MESSAGES["late_line"].format(line=place[0], source=place[1])
    return _wrong(MESSAGES["late"].format(seconds=f"{guarding.LIMIT:g}", call=call, line=line), "late")


def _place(answer, traceback):
    """Return (line, source) of the last line reached in the file or cell of a function, or None."""
    file, place = getattr(getattr(answer, "__code__", None), "co_filename", None), None
    while traceback is not None:
        line = traceback.tb_lineno  # None between lines: what is raised from outside may be raised there
        if traceback.tb_frame.f_code.co_filename == file and line:
            place = line, linecache.getline(file, line).strip()
        traceback = traceback.tb_next
    return place


def _right(exercise):
    return Grade(True, None, exercise.remark)


def _wrong(text, name=None):
    return Grade(False, name, text)


def _listed(exercise, is_it):
    """Return the grade of the first mistake of the exercise for which `is_it` holds, or None."""
    for mistake in exercise.mistakes:
        try:
            found = is_it(mistake.wrong)
        except _RAISED:  # a test that cannot read this answer does not recognise it
            found = False
        if found is True or found is np.True_:
            return _wrong(mistake.text, mistake.name)
    return None


# --- numbers ----------------------------------------------------------------------------------------------------


def _grade_number(exercise, answer):
    wanted = exercise.answer
    found = as_number(answer)
    if found is None:
        if isinstance(answer, str):
            return _wrong(MESSAGES["text_number"])
        return _wrong(MESSAGES["wants_number"].format(kind=kind_of(answer)))
    if not np.isfinite(found):
        return _wrong(MESSAGES["not_finite"].format(found=found))
    if same_number(found, wanted.value, wanted.tolerance):
        return _right(exercise)

    def is_it(wrong):
        test = wrong.test if isinstance(wrong, Predicate) else wrong
        if callable(test):
            return bool(test(int(found) if found.is_integer() else found) is True)
        return same_number(found, float(wrong), wanted.tolerance)

    if wanted.whole and not found.is_integer():
        return _listed_values(exercise, found) or _wrong(MESSAGES["whole"])
    if listed := _listed(exercise, is_it):
        return listed
    if same_number(-found, wanted.value, wanted.tolerance):
        return _wrong(MESSAGES["sign"], "sign")
    # Close is what rounding on the way does, however wide the tolerance. The page has the same rule (web/judge.js).
    if not wanted.whole and abs(found - wanted.value) <= (0.01 * abs(wanted.value) or 10 * wanted.tolerance):
        return _wrong(MESSAGES["close"], "close")
    return _wrong(MESSAGES["other_number"])


def _listed_values(exercise, found):
    """A fraction where a whole number is asked for: only mistakes that name this very value fit."""
    return _listed(
        exercise, lambda wrong: not callable(wrong) and same_number(found, float(wrong), exercise.answer.tolerance)
    )


# --- arrays -----------------------------------------------------------------------------------------------------


def _grade_array(exercise, answer):
    wanted, tolerance = exercise.answer.value, exercise.answer.tolerance
    found = as_vector(answer) if wanted.ndim == 1 else as_array(answer)
    if found is None:
        return _wrong(MESSAGES["wants_array"].format(kind=kind_of(answer)))
    booleans = (found.dtype.kind == "b") == (wanted.dtype.kind == "b")
    if booleans and comparing.same_array(found, wanted, tolerance):
        return _right(exercise)

    def is_it(wrong):
        test = wrong.test if isinstance(wrong, Predicate) else wrong
        if callable(test):
            return bool(test(found) is True or test(found) is np.True_)
        return comparing.same_array(found, np.asarray(wrong), tolerance)

    if listed := _listed(exercise, is_it):
        return listed
    if found.shape != wanted.shape:
        if wanted.ndim == 2 and comparing.same_array(found, wanted.T, tolerance):
            return _wrong(MESSAGES["transposed"], "transposed")
        return _wrong(MESSAGES["shape"].format(wanted=wanted.shape, found=found.shape), "shape")
    if not booleans:
        return _wrong(MESSAGES["kind_bool" if wanted.dtype.kind == "b" else "kind_number"], "kind")
    if wanted.dtype.kind != "b":
        if not np.isfinite(found).all():
            strange = ~np.isfinite(found)
            text = MESSAGES["entry_not_finite"]
            return _wrong(text.format(place=comparing.place_of(strange), found=shown(found[strange][0])))
        if comparing.same_array(np.negative(found), wanted, tolerance):
            return _wrong(MESSAGES["sign"], "sign")
        if wanted.ndim == 2 and comparing.same_array(found, wanted.T, tolerance):
            return _wrong(MESSAGES["transposed"], "transposed")
        size = np.max(np.abs(wanted), initial=0)
        if wanted.dtype.kind == found.dtype.kind == "f" and comparing.same_array(found, wanted, 0.01 * size):
            return _wrong(MESSAGES["close"], "close")
    differs = comparing.differing(found, wanted, tolerance)
    first = shown(found[np.unravel_index(int(np.argmax(differs)), differs.shape)])
    place, count = comparing.place_of(differs), int(differs.sum())
    text = MESSAGES["entries"].format(wrong=count, all=differs.size, place=place, found=first)
    if found.dtype.kind in "iu" and wanted.dtype.kind == "f":
        return _wrong(f"{text} {MESSAGES['cut_off']}", "cut_off")
    return _wrong(text)


# --- functions --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Outcome:
    """What one call did: what it returned, or the error it raised, and its arguments afterwards."""

    returned: Any
    arguments: tuple
    error: BaseException | None = None


def _call(f, given):
    arguments = copy.deepcopy(given)
    try:
        returned = f(*arguments)
        if hasattr(returned, "__next__"):
            returned = [part for part, _ in zip(returned, range(comparing.MOST_PARTS))]
    except TooLong as error:
        error.arguments = given
        raise
    except _RAISED as error:
        return _Outcome(None, arguments, error)
    return _Outcome(returned, arguments)


def _grade_function(exercise, answer):
    wanted = exercise.answer
    if not callable(answer):
        return _wrong(MESSAGES["wants_function"].format(kind=kind_of(answer)))
    inputs = wanted.arguments()
    found = [_call(answer, arguments) for arguments in inputs]
    if found and (has_dots(found[0].returned) or any("ellipsis" in str(each.error) for each in found)):
        return Grade(None, None, MESSAGES["replace_dots" if found[0].returned is ... else "dots_left"])
    right = [_call(wanted.reference, arguments) for arguments in inputs]
    faults = [_fault(answer, *each, wanted) for each in zip(inputs, found, right)]
    tame = _tame(answer)
    broken = [text for test in wanted.also if (text := _broken(test, tame))] if not any(faults) else []
    if not any(faults) and not broken:
        return _right(exercise)

    def is_it(wrong):
        if isinstance(wrong, Predicate):
            return wrong.test(tame)
        made = [_call(wrong.reference if isinstance(wrong, Function) else wrong, arguments) for arguments in inputs]
        return bool(inputs) and all(_same(*pair, wanted.tolerance) for pair in zip(found, made))

    if listed := _listed(exercise, is_it):
        return listed
    if broken:
        return _wrong(broken[0], "property")
    return next(fault for fault in faults if fault)


def _tame(answer):
    """A reader's function, for tests that know numbers and arrays only."""
    return lambda *arguments: plain(answer(*arguments))


def _same(found, made, tolerance):
    """Whether a reader's call did what the call of a wrong reference did."""
    if found.error or made.error:
        return type(found.error) is type(made.error)
    same = difference(found.returned, made.returned, tolerance) is None
    return same and all(_unchanged(*pair, tolerance) for pair in zip(found.arguments, made.arguments))


def _broken(test, answer):
    """Return a sentence where a property of the reader's function does not hold, else None."""
    try:
        holds = test(answer)
    except _RAISED as error:
        return MESSAGES["property_raised"].format(error=_named(error))
    if isinstance(holds, str):
        return holds
    return None if holds else MESSAGES["property"]


def _fault(answer, arguments, found, right, wanted):
    """Return the grade of one call that is not right, else None."""
    call = _written(wanted.reference, arguments)
    if found.error is not None:
        if right.error is not None and isinstance(found.error, type(right.error)):
            return None
        if isinstance(found.error, TypeError) and not _takes(answer, arguments):
            text = MESSAGES["arguments"].format(wanted=_signature(wanted.reference), found=_signature(answer))
            return _wrong(text, "error")
        key = next((key for kind, key in _TOLD.items() if isinstance(found.error, kind)), "raised")
        return _wrong(MESSAGES[key].format(call=call, error=_named(found.error)) + _help(found.error), "error")
    if found.returned is None and right.returned is not None:
        return _wrong(MESSAGES["returned_none"].format(call=call), "none")
    if text := difference(found.returned, right.returned, wanted.tolerance):
        return _wrong(MESSAGES["result"].format(call=call, difference=text))
    for name, one, other in zip(_names(wanted.reference, arguments), found.arguments, right.arguments):
        if not _unchanged(one, other, wanted.tolerance):
            return _wrong(MESSAGES["changes_input"].format(name=name), "changes_input")
    return None


def _takes(answer, arguments):
    """Whether a function can be called with these arguments; else its TypeError comes from the call itself."""
    try:
        inspect.signature(answer).bind(*arguments)
    except TypeError:
        return False
    except ValueError:  # a class or a built-in that does not tell
        pass
    return True


def _unchanged(one, other, tolerance):
    """Whether two arguments are alike; objects that are no numbers, arrays or lists are not looked into."""
    if isinstance(other, np.ndarray | list | tuple | dict | int | float):
        return difference(one, other, tolerance) is None
    return True


def _named(error):
    text = str(error).split("\n")[0]
    return f"{type(error).__name__}: {text[:200].rstrip(' .')}" if text else type(error).__name__


def _help(error):
    found = next((key for words, key in _HELP.items() if words in str(error)), None)
    return f" {MESSAGES[found]}" if found else ""


def _names(reference, arguments):
    try:
        names = [parameter.name for parameter in inspect.signature(reference).parameters.values()]
    except (TypeError, ValueError):
        names = []
    return [*names, *(f"number {i + 1}" for i in range(len(names), len(arguments)))][: len(arguments)]


def _signature(reference):
    try:
        return str(inspect.signature(reference))
    except (TypeError, ValueError):
        return "(…)"


def _written(reference, arguments):
    """Return a call in words: ``widths = [3, 4, 2]``."""
    names = _names(reference, arguments)
    return ", ".join(f"{name} = {shown(value)}" for name, value in zip(names, arguments)) or "a call without arguments"


# --- anything that passes a test --------------------------------------------------------------------------------


def _grade_predicate(exercise, answer):
    wanted = exercise.answer
    try:
        holds, text = wanted.test(copy.deepcopy(answer)), MESSAGES["predicate"]
    except _RAISED:  # it is of another kind; Python's own words would not tell what is asked for
        holds, text = False, MESSAGES["this_is"].format(kind=kind_of(answer))
    if holds is True or holds is np.True_:
        return _right(exercise)

    def is_it(wrong):
        if isinstance(wrong, Predicate):
            return wrong.test(answer)
        if callable(wrong) and not callable(answer):
            return wrong(answer)
        return difference(answer, np.asarray(wrong) if isinstance(wrong, list | tuple) else wrong, 1e-9) is None

    if listed := _listed(exercise, is_it):
        return listed
    if isinstance(holds, str) and holds:
        return _wrong(holds)
    return _wrong(f"{text} {MESSAGES['wants'].format(expects=wanted.expects)}" if wanted.expects else text)


_GRADERS = {Number: _grade_number, Array: _grade_array, Function: _grade_function, Predicate: _grade_predicate}
