"""Compare what a notebook printed under two variants, and find the numbers in its prose that only one prints."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: A number as it is printed or written: 1,200 · 0.125 · 3e-12 · 83.2 % ("−" as well as "-").
_NUMBER = re.compile(r"(?<![\w.])[-−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\w.])[-−]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)


@dataclass(frozen=True)
class Number:
    """A number, its decimals and whether it counts in per cent."""

    value: float
    decimals: int
    percent: bool

    def tells(self, printed):
        """Return whether this number, from prose, is the printed one, rounded to the digits that prose gives."""
        value, decimals = printed.value, printed.decimals
        if self.percent and not printed.percent:  # 0.832 in a table is 83 % in a sentence
            value, decimals = 100 * value, decimals - 2
        elif printed.percent and not self.percent:
            return False
        nearest = 0.5 * 10.0**-self.decimals * (1 + 1e-9)
        return decimals >= self.decimals and abs(abs(value) - abs(self.value)) <= nearest

    def __str__(self):
        return f"{self.value:.{max(self.decimals, 0)}f}{' %' * self.percent}"


def numbers(text):
    """Return the numbers of a text, in order."""
    found = []
    for match in _NUMBER.finditer(text):
        digits = match[0].replace(",", "").replace("−", "-")
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


def quoted(notebook, printed):
    """Return [(place, number, place of the cell that prints it)] for the numbers which prose takes from a cell.

    Of several cells that print a number, prose means the nearest; before a tie, the one above.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
    printed : dict
        Place of a code cell → the text that it printed.
    """
    told = {place: numbers(text) for place, text in printed.items()}
    found = []
    for place, cell in enumerate(notebook.cells):
        for number in filter(worth_telling, numbers(_prose(cell))):
            sources = [source for source, values in told.items() if any(map(number.tells, values))]
            if sources:
                found.append((place, number, min(sources, key=lambda source: (abs(source - place), source > place))))
    return found


def _prose(cell):
    if cell.cell_type == "markdown":
        return _CODE.sub("", cell.source)
    return cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
