"""What is public in nnlib: the modules that the reference lists, and the names that each of them offers.

Nothing here knows Sphinx's pages: the reference is generated from it, and the tests of the
docstrings walk over it. A module's names are its ``__all__``; without one, the functions and classes
that it defines and the values that a ``#:`` comment describes, less those that begin with an underscore.
"""

from __future__ import annotations

import inspect
import re
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

from sphinx.errors import PycodeError
from sphinx.pycode import ModuleAnalyzer

PAGES = Path(__file__).resolve().parents[2] / "api"
DIRECTIVE = "nnlib-module"
#: Modules that serve others of nnlib and offer a reader nothing.
INTERNAL = ("nnlib.registry", "nnlib.stacked", "nnlib.wording")


def modules():
    """Return the names of the modules that the pages of the reference list, in the order of the files."""
    listed = re.compile(rf"^```\{{{DIRECTIVE}\}} +([\w.]+)", re.MULTILINE)
    return [name for page in sorted(PAGES.glob("*.md")) for name in listed.findall(page.read_text())]


def members(module_name):
    """Return {name: object} of a module's public names: values first, then functions and classes.

    Modules among them have a section of their own.
    """
    module = import_module(module_name)
    names = getattr(module, "__all__", None) or [*_described(module_name), *_defined(module)]
    found = {name: getattr(module, name) for name in names if not name.startswith("_")}
    return {name: value for name, value in found.items() if not isinstance(value, ModuleType)}


def comment(module_name, name):
    """Return the lines of the ``#:`` comment on a value, wherever in nnlib it was assigned; [] without one."""
    value = getattr(import_module(module_name), name)
    for other in [module_name, *sorted(each for each in sys.modules if each.startswith("nnlib."))]:
        if getattr(sys.modules[other], name, None) is value and name in _described(other):
            return as_markup(_described(other)[name])
    return []


def as_markup(lines):
    """Return lines of a docstring or comment in which |w| and the lone * of a signature mean themselves.

    To reStructuredText they would be a substitution and the start of emphasis. What stands in
    double backticks is left alone.
    """
    return [
        "".join(re.sub(r"(?<!\\)\||(?<=[\s(])\*(?=,)", r"\\\g<0>", part) if i % 2 == 0 else part for i, part in parts)
        for line in lines
        if (parts := enumerate(re.split(r"(``.+?``)", line)))
    ]


@cache
def aliases():
    """Return {another name of the same thing: the name it has in the reference}.

    ``nnlib.train`` is ``nnlib.training.train``, and ``nnlib.layers.dense.Dense`` is ``nnlib.layers.Dense``.
    """
    found = {}
    for module_name in modules():
        for name, value in members(module_name).items():
            others = [f"nnlib.{name}"] if is_short(name, value) else []
            if is_code(value):
                others.append(f"{value.__module__}.{value.__qualname__}")
            found |= {other: f"{module_name}.{name}" for other in others if other != f"{module_name}.{name}"}
    return found


def is_short(name, value):
    """Whether a reader gets this object as ``nnlib.name``."""
    nnlib = import_module("nnlib")
    return name in nnlib.__all__ and getattr(nnlib, name) is value


def is_code(value):
    """Whether it is a function or a class, which has a docstring; other values have a comment."""
    return inspect.isclass(value) or inspect.isroutine(value)


def _defined(module):
    own = [(name, value) for name, value in vars(module).items() if is_code(value)]
    return [name for name, value in own if value.__module__ == module.__name__ and value.__name__ == name]


@cache
def _described(module_name):
    """Return {name: lines} of the ``#:`` comments at the top level of a module."""
    try:
        comments = ModuleAnalyzer.for_module(module_name).find_attr_docs()
    except PycodeError:  # a module without Python source
        return {}
    return {name: lines for (owner, name), lines in comments.items() if not owner and not name.startswith("_")}
