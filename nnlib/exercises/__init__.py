"""The exercises of the book: answers are checked, usual mistakes are recognised, hints come in two steps.

``check("05.3", answer)`` compares a number, an array or a function by meaning and says what is wrong, never what
is right. ``hint("05.3")`` helps, ``quiz("05.rate")`` and ``ask("05.2")`` work on a page without a kernel too.
``nnlib/exercises/core.py`` says how a chapter's table is written.
"""

from nnlib.exercises.chapters import exercise as _exercise
from nnlib.exercises.chapters import quiz_of as _quiz
from nnlib.exercises.grading import grade as _grade
from nnlib.exercises.messages import MESSAGES as _MESSAGES
from nnlib.exercises.remembering import keep as _keep
from nnlib.exercises.remembering import progress
from nnlib.exercises.verdict import Hint, Verdict

__all__ = ["Hint", "Verdict", "ask", "check", "hint", "progress", "quiz"]

_given = {}  # id → how many hints were given in this session


def check(id, answer):
    """Return a :class:`Verdict` on an answer to an exercise of the book.

    Parameters
    ----------
    id : str
        The exercise: ``"05.3"`` is the third of chapter 5.
    answer : number, array or function
        The reader's answer; ``...`` is "not tried yet". A function is called on copies, and stopped after 10 seconds.

    Raises
    ------
    ValueError
        For an id that the book does not have; whatever the answer is, it is answered in a sentence.
    """
    asked = _exercise(id)
    found = _grade(asked, answer)
    helps = found.right is False and bool(asked.hints)
    pointer = _MESSAGES["hint_pointer"].format(id=id) if helps else ""
    if found.right is not None:
        _keep(id, "right" if found.right else "tried")
    return Verdict(id, asked.title, found.right, found.mistake, found.text, pointer)


def hint(id):
    """Return the first :class:`Hint` of an exercise, called again the second.

    ``id`` is the exercise's; an unknown one raises ValueError.
    """
    hints = _exercise(id).hints
    if not hints:
        return Hint(id, 0, 0, _MESSAGES["no_hint"])
    number = min(_given.get(id, 0) + 1, len(hints))
    _given[id] = number
    return Hint(id, number, len(hints), hints[number - 1])


def quiz(id):
    """Return a question with options, as a widget that works without a kernel too.

    Each option says, once it is chosen, why it is tempting or why it is right. An unknown ``id`` raises ValueError.
    """
    from nnlib.exercises.asking import quiz_widget  # anywidget, which check() does without

    return quiz_widget(id, _quiz(id))


def ask(id):
    """Return a field for the answer to a numeric exercise, as a widget that works without a kernel too.

    It gives the verdicts of :func:`check`, and the hints. An unknown ``id``, or one that asks for more than a number,
    raises ValueError.
    """
    from nnlib.exercises.asking import ask_widget

    return ask_widget(id, _exercise(id))
