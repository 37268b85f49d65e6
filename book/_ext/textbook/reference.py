"""The reference of nnlib, generated from what the library says of itself.

``nnlib-module`` in a page's Markdown writes a module's opening paragraph and every public name of it, by
Sphinx's autodoc. A registry's entries follow as a table, ``nnlib-table``: one row per entry, one column
for each thing that all entries state, formulas in TeX. So a new module is one directive in a page of
``book/api``, and a new entry is nothing at all.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from importlib import import_module

from docutils import nodes
from docutils.statemachine import StringList
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

from . import public

#: Fields of a registry's entries that hold TeX.
TEX = ("formula", "derivative_formula", "objective")
#: The heading above what functions and classes say of themselves.
SUMMARY = "what it is"
#: A value is shown with its name if it is not longer than this.
LONGEST_VALUE = 100
#: How many characters fit side by side beside the page's contents.
ROOM = 64
#: A text longer than this is a sentence, to be read in lines.
LONGEST_CELL = 40


def setup(app):
    """Add the directives, and let every name of an object lead to its place in the reference."""
    app.add_directive(public.DIRECTIVE, ModuleDirective)
    app.add_directive("nnlib-table", TableDirective)
    # Before Napoleon, which reads the sections at the usual priority.
    app.connect("autodoc-process-docstring", _as_markup, priority=400)
    app.connect("object-description-transform", _show_short_name)
    app.connect("missing-reference", _find_by_other_name)


class ModuleDirective(SphinxDirective):
    """A module with everything public in it, in a page written in Markdown."""

    required_arguments = 1

    def run(self):
        """Return the module's part of the page; a module that cannot be imported stops the build."""
        module = self.arguments[0]
        lines = ["```{eval-rst}", f".. automodule:: {module}", ""]
        members = public.members(module)
        for name, value in members.items():
            lines += [*_described(module, name, value, members.values()), ""]
        section = nodes.Element()
        self.state.nested_parse(StringList([*lines, "```"], self.env.doc2path(self.env.docname)), 0, section)
        return section.children


def _described(module, name, value, others):
    """Return reStructuredText that documents one public name; `others` stand in the same module."""
    if public.is_code(value):
        kind = "function" if inspect.isroutine(value) else "exception" if issubclass(value, Exception) else "class"
        members = [] if kind == "function" else ["   :members:", "   :special-members: __call__"]
        return [f".. auto{kind}:: {module}.{name}", *members]
    lines = [f".. py:data:: {name}", f"   :module: {module}"]
    comment = ["", *(f"   {line}" for line in public.comment(module, name))]
    if any(_is_part(value, other) for other in others):
        return [*lines, *comment]  # each entry stands in the larger table
    if _is_table(value):
        return [*lines, *comment, f"   .. nnlib-table:: {module} {name}"]
    # A "<… object at 0x…>" tells nobody anything.
    shown = len(repr(value)) <= LONGEST_VALUE and not repr(value).startswith("<")
    return [*lines, *([f"   :value: {value!r}"] if shown else []), *comment]


def _is_table(value):
    """Whether a value is a registry: entries of one kind that say what they are."""
    if not isinstance(value, Mapping) or not value:
        return False
    entries = list(value.values())
    return all(map(_has_text, entries)) or all(callable(entry) and entry.__doc__ for entry in entries)


def _is_part(value, other):
    """Whether a registry holds some of the entries of a larger one."""
    registries = isinstance(value, Mapping) and isinstance(other, Mapping) and 0 < len(value) < len(other)
    return registries and all(other.get(key) is entry for key, entry in value.items())


def _has_text(entry):
    return is_dataclass(entry) and not isinstance(entry, type) and any(field.name in TEX for field in fields(entry))


class TableDirective(SphinxDirective):
    """The entries of a registry as a table: ``.. nnlib-table:: module NAME`` in reStructuredText."""

    required_arguments = 2

    def run(self):
        """Return the table; columns in which no entry says anything are left out."""
        registry = getattr(import_module(self.arguments[0]), self.arguments[1])
        rows = [self._cells(key, entry) for key, entry in registry.items()]
        said = {name: texts for name in rows[0] if any(texts := [row[name].astext() for row in rows])}
        columns = _columns(said)
        below = [name for name in said if name not in columns]
        group = nodes.tgroup(cols=len(columns))
        group += [nodes.colspec(colwidth=1) for _ in columns]
        group += nodes.thead("", nodes.row("", *(nodes.entry("", nodes.paragraph("", _heading(c))) for c in columns)))
        body = nodes.tbody()
        for row in rows:
            body += nodes.row("", *(nodes.entry("", _labelled(name, row[name])) for name in columns), classes=["entry"])
            if texts := [_labelled(name, row[name], name != "remarks") for name in below if row[name].astext()]:
                body += nodes.row("", nodes.entry("", *texts, morecols=len(columns) - 1), classes=["below"])
        group += body
        return [nodes.table("", group, classes=["registry"])]

    def _cells(self, key, entry):
        """Return {heading: content} of an entry; the key of a function or class leads to its documentation."""
        if is_dataclass(entry) and not isinstance(entry, type):
            values = {field.name: getattr(entry, field.name) for field in fields(entry) if field.name != "name"}
            told = {name: self._cell(name, value) for name, value in values.items() if not callable(value)}
            return {"name": nodes.literal("", key), **told}
        role = "class" if isinstance(entry, type) else "func"
        link = self._text(f":{role}:`{key} <{entry.__module__}.{entry.__qualname__}>`")
        return {"name": link, SUMMARY: self._text(_first_paragraph(entry))}

    def _cell(self, name, value):
        if name in TEX:
            return nodes.math(value, value)
        if isinstance(value, bool):
            return nodes.Text("yes" if value else "")
        if isinstance(value, Mapping):
            return nodes.Text(", ".join(f"{key} = {number:g}" for key, number in value.items()))
        # The text of an entry is read as it stands, in dropdowns too: it has no markup.
        return nodes.Text(value)

    def _text(self, text):
        return nodes.inline("", "", *self.parse_inline(text)[0])


def _columns(said):
    """Return which of {heading: texts} become columns; sentences and what few entries say stand below the entry."""
    if len(said) < 4:
        return list(said)
    columns, room = [], ROOM
    for name, texts in said.items():
        width = max(map(_width_of_formula if name in TEX else len, texts))
        if name in TEX or (width <= LONGEST_CELL and 2 * sum(map(bool, texts)) > len(texts)):
            room -= width
            if room >= 0:
                columns.append(name)
    return columns


def _width_of_formula(tex):
    """Return about how many characters wide a formula in TeX is: its longest line, a command for one letter."""
    lines = re.sub(r"\\(begin|end){\w+}|\\text", "", tex).split("\\\\")
    return max(len(re.sub(r"[{}_^&\s]", "", re.sub(r"\\([a-z]+|.)", "x", line))) for line in lines)


def _labelled(name, content, always=False):
    """Return a cell's paragraph; its column's heading stands before it where the heads of the table cannot be seen."""
    if name in ("name", SUMMARY) or not content.astext():
        return nodes.paragraph("", "", content)
    label = nodes.inline("", f"{_heading(name)}: ", classes=["label", "always"] if always else ["label"])
    return nodes.paragraph("", "", label, content)


def _heading(name):
    return name.removesuffix("_formula").replace("_", " ")


def _first_paragraph(entry):
    return " ".join(public.as_markup(inspect.getdoc(entry).split("\n\n")[0].split("\n")))


def _as_markup(_app, kind, _name, _thing, _options, lines):
    lines[:] = public.as_markup(lines)
    if kind in ("attribute", "data", "property") and ":" in "".join(lines[:1]):
        # Napoleon takes what stands before a colon there for a type; ours are sentences.
        lines[0] = f": {lines[0]}"


def _show_short_name(_app, domain, _kind, content):
    """Write what a reader types: ``nnlib.train``, not ``nnlib.training.train``."""
    if domain != "py":
        return
    shorter = {long: short for short, long in public.aliases().items() if short.count(".") == 1}
    for signature in content.parent.findall(addnodes.desc_signature):
        prefix = next(iter(signature.findall(addnodes.desc_addname)), None)
        if prefix and f"{signature['module']}.{signature['fullname']}" in shorter:
            prefix.replace_self(addnodes.desc_addname("", "nnlib."))


def _find_by_other_name(app, env, node, content):
    """Resolve a name that the reference does not use, such as ``nnlib.train`` (event missing-reference)."""
    if node.get("refdomain") != "py":
        return None
    parts = node["reftarget"].split(".")
    for end in range(len(parts), 1, -1):
        if known := public.aliases().get(".".join(parts[:end])):
            target = ".".join([known, *parts[end:]])
            place = (env, node["refdoc"], app.builder, node["reftype"], target)
            return env.get_domain("py").resolve_xref(*place, node, content)
    return None
