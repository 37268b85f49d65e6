"""What an exercise and a quiz are: the words in which the tables of the chapters are written.

A chapter's table says what is asked, what the right answer is, which wrong answers are usual, what to say to each, and
two hints. Answers are compared by meaning: a number or an array within a tolerance, a function by what it
returns. Nothing here needs more than numpy, and nothing shows a solution.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Number:
    """A numeric answer; made by :func:`number`."""

    value: float
    tolerance: float
    whole: bool

    @property
    def solution(self):
        """An answer that is right, for tests."""
        return self.value


@dataclass(frozen=True, eq=False)
class Array:
    """An array as an answer; made by :func:`array`."""

    value: np.ndarray
    tolerance: float

    @property
    def solution(self):
        """An answer that is right, for tests."""
        return self.value.copy()


@dataclass(frozen=True, eq=False)
class Function:
    """A function as an answer; made by :func:`function`."""

    reference: Callable
    inputs: Any
    tolerance: float
    also: tuple

    @property
    def solution(self):
        """An answer that is right, for tests."""
        return self.reference

    def arguments(self):
        """Return the inputs, each a tuple of arguments."""
        inputs = self.inputs() if callable(self.inputs) else self.inputs
        return [each if isinstance(each, tuple) else (each,) for each in inputs]


@dataclass(frozen=True, eq=False)
class Predicate:
    """Any answer that passes a test; made by :func:`predicate`."""

    test: Callable
    expects: str
    example: Any

    @property
    def solution(self):
        """An answer that is right, for tests."""
        return self.example


def number(value, tolerance=None):
    """Return a numeric answer: right is what lies within ``tolerance`` of ``value``.

    Without a tolerance a whole number must be met exactly, and another within a millionth of its size.
    An int makes an answer that is a whole number: a fraction is told so.
    """
    if tolerance is None:
        tolerance = 0.0 if isinstance(value, int) else 1e-6 * abs(value)
    return Number(value, tolerance, isinstance(value, int))


def array(value, tolerance=None):
    """Return an array as an answer: right has the shape of ``value`` and lies within ``tolerance`` of it everywhere.

    Without a tolerance an array of whole numbers must be met exactly, and another within a millionth of its largest
    entry. A vector may be handed in as a row, a column or in pieces, such as (weights, bias).
    """
    value = np.array(value)
    if tolerance is None:
        tolerance = 1e-6 * float(np.max(np.abs(value), initial=0)) if value.dtype.kind == "f" else 0.0
    return Array(value, tolerance)


def function(reference, inputs=(), tolerance=1e-9, also=()):
    """Return a function as an answer: right is what does the same as ``reference``.

    Parameters
    ----------
    reference : callable
        What is asked for. As a wrong answer of a :class:`Mistake`: what the reader wrote instead.
    inputs : sequence of tuples, or callable
        The arguments of each call; an entry that is no tuple is the only argument. A callable makes them when they are
        wanted, so that a table costs nothing at import. Every call gets copies; a function that changes them is told
        so, unless ``reference`` does it too: then the changes are compared.
    tolerance : float
        Largest difference of two numbers, relative to the size of the wanted one where that is above 1. What is
        returned in 32 bits is compared to five digits.
    also : sequence of callables
        Properties: each takes the reader's function and returns True, or False or a sentence where it does not hold.
    """
    return Function(reference, inputs, tolerance, tuple(also))


def predicate(test, expects="", example=None):
    """Return an answer that is right if it passes a test, for exercises with many solutions.

    ``test`` takes the answer and returns True, or False or a sentence that says what is missing. ``expects`` says in
    a few words what kind of answer is asked for ("two weights and a bias: [w₁, w₂, b]"), ``example`` is one that
    passes. As a wrong answer of a :class:`Mistake` for a function, it takes the reader's function.
    """
    return Predicate(test, expects, example)


@dataclass(frozen=True)
class Above:
    """A wrong answer in a mistake: every number above ``limit``. Works without a kernel too."""

    limit: float

    def __call__(self, answer):
        return answer > self.limit


@dataclass(frozen=True)
class Below:
    """A wrong answer in a mistake: every number below ``limit``. Works without a kernel too."""

    limit: float

    def __call__(self, answer):
        return answer < self.limit


@dataclass(frozen=True, eq=False)
class Mistake:
    """A usual wrong answer, and what to say to it.

    Attributes
    ----------
    name : str
        A word for tests and ``check(…).mistake``: ``"sign"``, ``"transposed"``, ….
    wrong : number, array, callable or the result of function() or predicate()
        A number or array that stands for the mistake, or a test of the answer; where a function is asked for,
        a callable is a function that makes this mistake, and :func:`predicate` is the test.
    text : str
        One or two sentences: what went wrong, and where to look. Never the solution.
    example : object
        A wrong answer that the test is to recognise, where ``wrong`` is a test: the tests of the book need it.
    """

    name: str
    wrong: Any
    text: str
    example: Any = None


@dataclass(frozen=True, eq=False)
class Exercise:
    """An exercise: what is asked, what is right, what is usually wrong.

    Attributes
    ----------
    title, task : str
        Its name, and what is asked in one plain sentence; the notebook has the full wording.
    answer : the result of number(), array(), function() or predicate()
        What is right.
    mistakes : tuple of Mistake
        Looked through in order; the first that fits is told.
    hints : tuple of str
        Two steps: where to look, then how to go on. No solution in either.
    remark : str
        Said with "right".
    """

    title: str
    task: str
    answer: Any
    mistakes: tuple = ()
    hints: tuple = ()
    remark: str = ""


@dataclass(frozen=True)
class Option:
    """One option of a quiz: its ``text`` and the ``reason`` why it tempts and is wrong, or why it is ``right``."""

    text: str
    reason: str
    right: bool = False


@dataclass(frozen=True)
class Quiz:
    """A question with options, one of them right: for *Predict first*.

    Attributes
    ----------
    question : str
        What is asked; plain text.
    options : tuple of Option
        In the order in which they are shown.
    """

    question: str
    options: tuple
