"""What the checker answers: verdicts and hints, as text in a terminal and with colours in a notebook.

The HTML holds no script; it states its colours for light and dark, and the words alone carry the meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from nnlib.exercises.messages import MESSAGES

#: right → the word's key, a sign that repeats it, and the colour of the bar at the left, for light and dark.
_LOOKS = {
    True: ("right", "✓", "#2f8f5b"),
    False: ("wrong", "✗", "#cc6a14"),
    None: ("untried", "…", "#7a8794"),
}
_BOX = (
    '<div class="nnlib-verdict" role="status" style="margin:0.4em 0;padding:0.55em 0.9em;'
    "border-left:4px solid {colour};"
    "border-radius:4px;background:color-mix(in srgb, {colour} 12%, transparent);color:inherit;"
    'font-family:system-ui,sans-serif;line-height:1.45;max-width:46rem">{content}</div>'
)


def short(id):
    """Return an id as the book's text writes it: 8.1 for "08.1"."""
    return id.removeprefix("0")


@dataclass(frozen=True)
class Verdict:
    """What :func:`check` says of an answer.

    Attributes
    ----------
    id, title : str
        Which exercise.
    right : bool or None
        None where nothing was tried yet.
    mistake : str or None
        The name of the mistake that was recognised.
    text : str
        One or two sentences; "" where there is nothing to add.
    pointer : str
        How to get a hint, or "".
    """

    id: str
    title: str
    right: bool | None
    mistake: str | None
    text: str
    pointer: str = ""

    def __repr__(self):
        word = MESSAGES[_LOOKS[self.right][0]]
        return " ".join(filter(None, [f"{short(self.id)} {self.title}: {word}", self.text, self.pointer]))

    def _repr_html_(self):
        key, sign, colour = _LOOKS[self.right]
        name = escape(f"{short(self.id)} {self.title}:")
        content = f"{name} <span aria-hidden='true'>{sign}</span> <b>{MESSAGES[key]}</b>"
        content += f" {escape(self.text)}" if self.text else ""
        content += f" <small style='display:block;opacity:0.85'>{escape(self.pointer)}</small>" if self.pointer else ""
        return _BOX.format(colour=colour, content=content)


@dataclass(frozen=True)
class Hint:
    """One step of help towards an exercise, made by :func:`hint`: ``number`` of ``count``, and its ``text``."""

    id: str
    number: int
    count: int
    text: str

    def __repr__(self):
        return f"{short(self.id)}: {self._title}. {self.text}" if self.count else f"{short(self.id)}: {self.text}"

    @property
    def _title(self):
        return MESSAGES["hint_title"].format(number=self.number, count=self.count)

    def _repr_html_(self):
        title = f"<b>{self._title}.</b> " if self.count else ""
        return _BOX.format(colour="#4a86b8", content=f"{escape(short(self.id))} {title}{escape(self.text)}")
