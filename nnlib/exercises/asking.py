"""Questions in a page: a quiz, or a field for a number, which work with a kernel and without.

What they show is JavaScript (``web/``, bundled into ``bundle/``). Here are the traits that both sides share, and the
question as text for paper and for readers without scripts. The right answer stands in the page, packed so that nobody
reads it by accident; it is no secret.
"""

from __future__ import annotations

import base64
import json
from html import escape
from pathlib import Path
from string import ascii_lowercase

import anywidget
import traitlets as t

from nnlib.exercises.core import Above, Below, Number
from nnlib.exercises.messages import MESSAGES
from nnlib.exercises.remembering import keep, recall
from nnlib.exercises.verdict import short

_BUNDLE = Path(__file__).parent / "bundle"


class Question(anywidget.AnyWidget):
    """The model behind a question; ``web/index.js`` reads it. Made by :func:`quiz` and :func:`ask`.

    Attributes
    ----------
    kind : str
        ``"quiz"`` or ``"ask"``.
    name : str
        The id of the quiz or exercise.
    title, question : str
        What stands above it, and what is asked.
    options : list of str
        The options of a quiz.
    sealed : str
        What the page needs to judge an answer, packed by :func:`seal`.
    before : str
        ``"right"`` or ``"tried"`` where this computer remembers an earlier answer, else "".
    outcome : str
        Set by the page when the reader has answered: ``"right"``, ``"tried"``, or "" to forget.
    messages : dict
        The catalogue of sentences.
    """

    _esm = _BUNDLE / "question.js"
    _css = _BUNDLE / "question.css"

    kind = t.Unicode().tag(sync=True)
    name = t.Unicode().tag(sync=True)
    title = t.Unicode().tag(sync=True)
    question = t.Unicode().tag(sync=True)
    options = t.List().tag(sync=True)
    sealed = t.Unicode().tag(sync=True)
    before = t.Unicode().tag(sync=True)
    outcome = t.Unicode("-").tag(sync=True)
    messages = t.Dict().tag(sync=True)

    def __init__(self, **traits):
        super().__init__(before=recall().get(traits["name"], ""), messages=_words(), **traits)
        self.observe(lambda change: keep(self.name, change["new"]), names="outcome")

    def __repr__(self):
        lines = [f"{self.title}. {self.question}" if self.title else self.question]
        return "\n".join([*lines, *(f"{letter} {text}" for letter, text in self._lettered())])

    def _lettered(self):
        for letter, text in zip(ascii_lowercase, self.options):
            yield MESSAGES["option"].format(letter=letter), text

    def _repr_mimebundle_(self, **kwargs):
        """The widget, and the question as text for paper and for readers without scripts."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, "text/plain": repr(self), "text/html": self._static()}, metadata

    def _static(self):
        title = f"<b>{escape(self.title)}.</b> " if self.title else ""
        options = "".join(f"<li>{letter} {escape(text)}</li>" for letter, text in self._lettered())
        options = f'<ul style="list-style:none;padding-left:1em">{options}</ul>' if options else ""
        key = "without_script" if self.kind == "quiz" else "ask_without_script"
        note = f"<noscript><p><small>{escape(MESSAGES[key])}</small></p></noscript>"
        return f'<div class="nnlib-question-text"><p>{title}{escape(self.question)}</p>{options}{note}</div>'


#: The sentences that the page needs.
_WORDS = (
    *("right", "wrong", "whole", "sign", "close", "other_number", "quiz_button", "hint_button", "second_hint_button"),
    *(
        "choose_first",
        "choose_again",
        "others_below",
        "write_first",
        "unreadable",
        "read_as",
        "answered_before",
        "tried_before",
        "option",
    ),
    *("forget_button", "forget_title"),
)


def _words():
    return {key: MESSAGES[key] for key in _WORDS}


def seal(values):
    """Return a dict packed as text for ``web/sealed.js``: no secret, but nothing that the eye or a search meets."""
    return base64.b64encode(json.dumps(values, ensure_ascii=False).encode()).decode()


def quiz_widget(name, quiz):
    """Return the :class:`Question` of a Quiz."""
    right = next(i for i, option in enumerate(quiz.options) if option.right)
    sealed = seal({"right": right, "reasons": [option.reason for option in quiz.options]})
    texts = [option.text for option in quiz.options]
    return Question(kind="quiz", name=name, question=quiz.question, options=texts, sealed=sealed)


def ask_widget(name, exercise):
    """Return the :class:`Question` of an Exercise that asks for a number.

    Raises
    ------
    ValueError
        Where it asks for something else, or a mistake is a test that only Python can do.
    """
    if not isinstance(exercise.answer, Number):
        raise ValueError(f'exercise {name} does not ask for a number: check("{name}", …) in Python')
    task = exercise.task if exercise.task[-1] in ".?!" else f"{exercise.task}."
    title = f"{MESSAGES['ask'].format(number=short(name))}, {exercise.title}"
    return Question(kind="ask", name=name, title=title, question=task, sealed=seal(asked(name, exercise)))


def asked(name, exercise):
    """Return what the page needs to judge a number, as plain values; ValueError where a mistake is a test in Python."""
    wanted = exercise.answer
    mistakes = [
        {"name": mistake.name, "text": mistake.text, **_condition(name, mistake)} for mistake in exercise.mistakes
    ]
    values = {"value": float(wanted.value), "tolerance": wanted.tolerance, "whole": wanted.whole}
    return {**values, "mistakes": mistakes, "hints": list(exercise.hints), "remark": exercise.remark}


def _condition(name, mistake):
    for kind, which in (("above", Above), ("below", Below)):
        if isinstance(mistake.wrong, which):
            return {"kind": kind, "value": float(mistake.wrong.limit)}
    if callable(mistake.wrong) or not isinstance(mistake.wrong, int | float):
        raise ValueError(
            f"mistake {mistake.name!r} of {name}: a page knows numbers, Above and Below, no test in Python"
        )
    return {"kind": "is", "value": float(mistake.wrong)}
