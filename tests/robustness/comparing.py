"""Compare what a notebook printed under two variants, and find the numbers in its prose that not all of them print."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: A number as it is printed: 1,200 · 0.125 · -3e-12 · 1.e-05; whether a percent sign follows is looked at apart.
_NUMBER = re.compile(r"(?<![\w.])-?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)")

#: A fence of three: code, which is no prose, or a directive ("{admonition}"), which is.
_FENCE = re.compile(r"^```(\{?).*?$(.*?)^```\s*?$", re.DOTALL | re.MULTILINE)

#: What else is no claim: code in a line, targets of links, lengths in formulas, numbers of exercises.
_NO_CLAIM = re.compile(
    r"`[^`]*`|\]\([^)]*\)|\[[\d.]+em\]|(?:^#+ |^\*\*|exercise )\d+\.\d+", re.IGNORECASE | re.MULTILINE
)

#: What is written otherwise than printed: 10^{-5} and 6\cdot 10^{-8}, 616 562 688, minus 0.5.
_POWER = re.compile(r"(?<![\w.])(?:(\d+(?:\.\d+)?)\s*\\cdot\s*)?10\^\{?(-?\d+)\}?")
_SPACED = re.compile(r"(?<![\w.])\d{1,3}(?:\s\d{3})+(?![\d.]*\d)")
_MINUS = re.compile(r"\bminus (?=\d)")


#: nbval's tag of a cell that prints what differs from run to run, such as seconds: prose takes no number from it.
CLOCK = "nbval-ignore-output"


@dataclass(frozen=True)
class Number:
    """A number, its decimals and whether it counts in per cent."""

    value: float
    decimals: int
    percent: bool

    def tells(self, printed):
        """Return whether this number, from prose, is the printed one, rounded to the digits that prose gives.

        Prose may leave a minus sign away ("the loss falls by 0.3"), but adds none.
        """
        value, decimals = printed.value, printed.decimals
        if self.percent and not printed.percent:  # 0.832 in a table is 83 % in a sentence
            value, decimals = 100 * value, decimals - 2
        elif printed.percent and not self.percent:
            return False
        nearest = 0.5 * 10.0**-self.decimals * (1 + 1e-9)
        same_side = self.value >= 0 or value <= 0
        return decimals >= self.decimals and same_side and abs(abs(value) - abs(self.value)) <= nearest

    def __str__(self):
        return f"{self.value:.{max(self.decimals, 0)}f}{' %' * self.percent}"


def numbers(text):
    """Return the numbers of a text, in order."""
    found, text = [], text.replace("−", "-")
    for match in _NUMBER.finditer(text):
        digits = match[0].replace(",", "")
        mantissa, _, exponent = digits.lower().partition("e")
        decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
        percent = re.match(r"[\s\\]*%", text[match.end() :]) is not None
        found.append(Number(float(digits), decimals, percent))
    return found


def worth_telling(number):
    """Return whether a number in prose says something that could move: small counts stand everywhere."""
    return number.decimals > 0 or number.percent or abs(number.value) >= 10


def difference(plain, other):
    """Return in a few characters how two printed texts differ: "" for not at all, else by how much relatively."""
    if plain == other:
        return ""
    one, two = ([number.value for number in numbers(text)] for text in (plain, other))
    if len(one) != len(two) or _NUMBER.sub("", plain) != _NUMBER.sub("", other):
        return "≠"
    return f"{max(abs(a - b) / max(abs(a), abs(b), 1e-300) for a, b in zip(one, two)):.0e}"


def quoted(notebook, runs):
    """Return [(place, number, place of the cell that prints it)] for the numbers which prose takes from a cell.

    Of several cells that print a number, prose means the nearest; before a tie, the one above.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
    runs : sequence of dict
        For each variant, place of a code cell → the text that it printed. Prose may have been written on a computer
        that resembles any of them: the first one in which some cell prints the number counts.
    """
    clocks = {place for place, cell in enumerate(notebook.cells) if CLOCK in cell.metadata.get("tags", ())}
    told = [{place: numbers(text) for place, text in printed.items() if place not in clocks} for printed in runs]
    found = []
    for place, cell in enumerate(notebook.cells):
        for number in filter(worth_telling, numbers(prose(cell))):
            in_runs = ([source for source in values if any(map(number.tells, values[source]))] for values in told)
            sources = next(filter(None, in_runs), [])
            if sources:
                found.append((place, number, min(sources, key=lambda source: (abs(source - place), source > place))))
    return found


def prose(cell):
    """Return what a cell tells in sentences, a figure's caption and description included, with numbers as printed."""
    if cell.cell_type == "code":
        about = cell.metadata.get("mystnb", {})
        text = "\n".join(about.get(part, {}).get(key, "") for part, key in (("image", "alt"), ("figure", "caption")))
    else:
        text = _FENCE.sub(lambda fence: fence[2] if fence[1] else "", cell.source)
    text = _MINUS.sub("-", _NO_CLAIM.sub("", text).replace("−", "-"))
    text = _POWER.sub(lambda power: f"{power[1] or 1}e{power[2]}", text)
    return _SPACED.sub(lambda number: re.sub(r"\s", "", number[0]), text)
