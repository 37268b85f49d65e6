"""Comparing an answer with what is wanted, by meaning: numbers, arrays, and what functions return.

:func:`difference` says in words where two values part, None where they agree. It never shows the wanted
value. Nothing here raises for anything that a reader may hand in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from numbers import Number as AnyNumber
from types import GeneratorType

import numpy as np

from nnlib.exercises.messages import MESSAGES

#: Of an endless generator no more than this many parts are looked at.
MOST_PARTS = 10_000
#: A value is shown if its text is not longer than this.
LONGEST_VALUE = 60
#: What was computed in 32 bits is compared to so many digits.
SINGLE = 1e-5


def plain(answer):
    """Return an answer without what other libraries wrap around it: PyTorch's and nnlib's tensors as arrays."""
    if hasattr(answer, "detach"):
        answer = answer.detach()
        return np.asarray(answer.cpu() if hasattr(answer, "cpu") else answer)
    if type(answer).__module__ == "nnlib.autodiff" and hasattr(answer, "data"):
        return answer.data
    if isinstance(answer, list):
        return [plain(each) for each in answer] if len(answer) < MOST_PARTS else answer
    if isinstance(answer, tuple) and len(answer) < MOST_PARTS:
        return tuple(plain(each) for each in answer)
    return answer


def has_dots(answer):
    """Whether an answer is ``...``, or holds it somewhere: the reader has not put anything in its place."""
    if isinstance(answer, Mapping):
        answer = list(answer.values())
    if isinstance(answer, list | tuple):
        return len(answer) < MOST_PARTS and any(has_dots(each) for each in answer)
    if isinstance(answer, np.ndarray) and answer.dtype.kind == "O" and answer.size < MOST_PARTS:
        return any(each is ... for each in answer.flat)
    return answer is ...


def as_number(answer):
    """Return an answer as a float, or None where it is no real number; arrays with one entry are numbers."""
    if isinstance(answer, np.ndarray) and answer.size == 1:
        answer = answer.item()
    elif isinstance(answer, list | tuple) and len(answer) == 1:
        return as_number(answer[0])
    if isinstance(answer, bool | np.bool_ | complex) or not isinstance(answer, AnyNumber | np.number):
        return None
    try:
        return float(answer)
    except (TypeError, ValueError):
        return None
    except OverflowError:
        return float("inf")


def as_array(answer):
    """Return an answer as an array of bools, whole numbers or floats, or None where it is none."""
    try:
        found = np.asarray(answer)
        if found.dtype.kind == "O":
            found = found.astype(float)
    except (TypeError, ValueError, OverflowError, RecursionError, MemoryError):
        return None
    return found if found.dtype.kind in "biuf" else None


def as_vector(answer):
    """Return a row, a column, or pieces such as (weights, bias) as one vector; other arrays as they are."""
    found = as_array(answer)
    if found is None or (found.ndim == 2 and 1 in found.shape):
        try:
            return as_array(np.hstack(answer))
        except (TypeError, ValueError):
            return found
    return found


def kind_of(answer):
    """Say in words what kind of thing an answer is."""
    shape = getattr(answer, "shape", None)
    if isinstance(answer, str | bytes):
        return MESSAGES["kind_text"]
    if isinstance(answer, bool | np.bool_) or (shape == () and getattr(answer, "dtype", None) == np.dtype(bool)):
        return MESSAGES["kind_truth"]
    if isinstance(answer, complex | np.complexfloating):
        return MESSAGES["kind_complex"]
    if isinstance(answer, AnyNumber):
        return MESSAGES["kind_a_number"]
    if isinstance(shape, tuple):
        return MESSAGES["kind_array"].format(shape=shape)
    if isinstance(answer, list | tuple):
        if any(isinstance(each, str) for each in answer[:MOST_PARTS]):
            return MESSAGES["kind_texts"]
        return MESSAGES["kind_list"].format(length=len(answer))
    if callable(answer) and not isinstance(answer, type):
        return MESSAGES["kind_function"]
    return MESSAGES["kind_other"].format(type=type(answer).__name__)


def shown(value):
    """Return a short text of a value, for a sentence."""
    found = value if isinstance(value, np.ndarray) else None
    if found is not None and found.size > 6:
        return MESSAGES["kind_array"].format(shape=found.shape)
    if isinstance(value, float | np.floating):
        return f"{float(value):.6g}"
    if isinstance(value, np.generic):
        value = value.item()
    try:
        if found is not None:
            text = f"array({np.array2string(found, precision=6, separator=', ')})".replace("\n", "")
        elif isinstance(value, list | tuple) and len(value) > 20:
            text = ""
        else:
            text = repr(value)
    except Exception:
        text = ""
    return text if 0 < len(text) <= LONGEST_VALUE and not text.startswith("<") else kind_of(value)


def same_number(found, wanted, tolerance):
    """Whether two floats agree within a tolerance."""
    if np.isfinite(found) and np.isfinite(wanted):
        return abs(found - wanted) <= tolerance + 1e-12 * abs(wanted)
    return found == wanted or (np.isnan(found) and np.isnan(wanted))


def same_array(found, wanted, tolerance):
    """Whether two arrays have one shape and agree within a tolerance everywhere."""
    return found.shape == wanted.shape and not differing(found, wanted, tolerance).any()


def differing(found, wanted, tolerance):
    """Return where two arrays of one shape differ, as an array of bools."""
    with np.errstate(all="ignore"):
        found, wanted = np.asarray(found, dtype=float), np.asarray(wanted, dtype=float)
        return ~np.isclose(found, wanted, rtol=1e-12, atol=tolerance, equal_nan=True)


def place_of(differs):
    """Return the index of the first True, as it would be written: ``[0, 2]``."""
    index = np.unravel_index(int(np.argmax(differs)), differs.shape)
    return "[" + ", ".join(str(int(i)) for i in index) + "]"


def difference(found, wanted, tolerance):
    """Say where what a function returned differs from what is wanted; None where it does not."""
    found = plain(found)
    if isinstance(wanted, GeneratorType | Iterator):
        wanted = list(wanted)
    if isinstance(wanted, str | bool | np.bool_ | None):
        if isinstance(wanted, bool | np.bool_) and isinstance(found, np.ndarray) and found.size == 1:
            found = found.item()
        same = type(found) in (bool, np.bool_, str, type(None)) and found == wanted
        return None if same else _say("is_value", found=shown(found))
    if isinstance(wanted, AnyNumber):
        return _number_difference(found, wanted, tolerance)
    if isinstance(wanted, np.ndarray):
        return _array_difference(found, wanted, tolerance)
    if isinstance(wanted, Mapping):
        return _mapping_difference(found, wanted, tolerance)
    if isinstance(wanted, list | tuple):
        return _sequence_difference(found, wanted, tolerance)
    return None if found == wanted else _say("is_value", found=shown(found))


def _number_difference(found, wanted, tolerance):
    value = as_number(found)
    if value is None:
        return _say("is_kind", found=kind_of(found), wanted=MESSAGES["kind_a_number"])
    scaled = 0 if isinstance(wanted, int) else _least(tolerance, found) * max(1.0, abs(wanted))
    return None if same_number(value, float(wanted), scaled) else _say("is_value", found=shown(value))


def _array_difference(found, wanted, tolerance):
    value = as_array(found)
    if value is None:
        return _say("is_kind", found=kind_of(found), wanted=MESSAGES["kind_array"].format(shape=wanted.shape))
    if value.shape != wanted.shape:
        return _say("is_shape", wanted=wanted.shape, found=value.shape)
    if (value.dtype.kind == "b") != (wanted.dtype.kind == "b"):
        return MESSAGES["kind_bool" if wanted.dtype.kind == "b" else "kind_number"]
    scaled = _least(tolerance, value) * np.maximum(1.0, np.abs(np.where(np.isfinite(wanted), wanted, 1.0)))
    differs = differing(value, wanted, scaled)
    if not differs.any():
        return None
    strange = ~np.isfinite(value) & differs
    if strange.any():
        return _say("is_not_finite", place=place_of(strange), found=shown(value[strange][0]))
    text = _entries("is_entries", value, differs)
    if value.dtype.kind in "iu" and wanted.dtype.kind == "f":
        text += " " + MESSAGES["cut_off"]
    return text


def _least(tolerance, found):
    """The tolerance that the numbers which were found can meet."""
    return max(tolerance, SINGLE) if getattr(found, "dtype", None) == np.float32 else tolerance


def _mapping_difference(found, wanted, tolerance):
    if not isinstance(found, Mapping) or set(found) != set(wanted):
        return _say("is_kind", found=kind_of(found), wanted="a dict with the keys " + ", ".join(map(repr, wanted)))
    parts = ((repr(key), difference(found[key], wanted[key], tolerance)) for key in wanted)
    return next((_say("in_part", part=part, difference=text) for part, text in parts if text), None)


def _sequence_difference(found, wanted, tolerance):
    if isinstance(found, str | bytes | Mapping) or not hasattr(found, "__iter__"):
        return _say("is_kind", found=kind_of(found), wanted=MESSAGES["kind_list"].format(length=len(wanted)))
    try:
        found = list(islice(found, MOST_PARTS))
    except TypeError:  # an array without dimensions
        return _say("is_kind", found=kind_of(found), wanted=MESSAGES["kind_list"].format(length=len(wanted)))
    if len(found) != len(wanted):
        return _say("is_length", wanted=len(wanted), found=len(found))
    parts = ((i, difference(one, other, tolerance)) for i, (one, other) in enumerate(zip(found, wanted)))
    return next((_say("in_part", part=part, difference=text) for part, text in parts if text), None)


def _entries(key, value, differs):
    first = value[np.unravel_index(int(np.argmax(differs)), differs.shape)]
    return _say(key, wrong=int(differs.sum()), all=differs.size, place=place_of(differs), found=shown(first))


def _say(key, **values):
    return MESSAGES[key].format(**values)
