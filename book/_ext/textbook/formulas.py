"""Formulas in a sentence: what stands right beside one stays on its line."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

#: What belongs to a formula: brackets, commas, full stops, without a space between.
_BEFORE, _AFTER = re.compile(r"[^\s\w]+$"), re.compile(r"[^\s\w]+")


class FormulasInTheirSentence(SphinxPostTransform):
    """Wrap each formula of a line with the punctuation at its sides, for the style sheet to hold together.

    To a browser the formula that MathJax draws is a block, and a line may end on both sides of a block, also where it
    ends beside no letter; Chromium lets no word joiner (U+2060) forbid it.
    """

    default_priority = 10
    formats = ("html",)

    def run(self, **_kwargs):
        """Move the punctuation out of the texts on both sides."""
        for formula in list(self.document.findall(nodes.math)):
            parent, place = formula.parent, formula.parent.index(formula)
            before = _BEFORE.search(_text(parent, place - 1))
            after = _AFTER.match(_text(parent, place + 1))
            if before or after:
                group = nodes.inline(classes=["together"])
                parent[place] = group
                group += formula
                if after:
                    group += nodes.Text(after[0])
                    parent[place + 1] = nodes.Text(after.string[after.end() :])
                if before:
                    group.insert(0, nodes.Text(before[0]))
                    parent[place - 1] = nodes.Text(before.string[: before.start()])


def _text(parent, place):
    """Return the text at this place among the parent's children, "" where something else stands or nothing."""
    beside = parent[place] if 0 <= place < len(parent) else None
    return str(beside) if isinstance(beside, nodes.Text) else ""
