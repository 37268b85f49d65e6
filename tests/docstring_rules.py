"""What a docstring must tell a reader: rules, each a function from a public name to its faults.

A rule takes the full name, the thing (a function, class, method or property) and the class that it
belongs to, and yields what is wrong in words. ``tests/test_docstrings.py`` walks over everything public,
and shows with planted docstrings that each rule can fail.
"""

import ast
import contextlib
import dataclasses
import inspect
import re
import textwrap
from functools import reduce
from importlib import import_module
from unicodedata import category, normalize

import yaml
from docutils import nodes
from docutils.core import publish_doctree
from docutils.parsers.rst import roles
from sphinx.ext.napoleon import Config, NumpyDocstring

from tests.public_names import public
from tests.site import BOOK

MODULES = public.modules()
#: Said once for the whole library: samples and their number, what a function is applied to, generators, axes.
EVERYWHERE = {"X", "y", "n", "x", "z", "value", "values", "rng", "ax"}
#: Named as in numpy or matplotlib, and meaning the same.
AS_THERE = {"size", "loc", "scale", "axis", "keepdims", "dtype", "xlabel", "ylabel"}
#: The field's letters stand for the names that they have in code.
LETTERS = {"learning_rate": "η", "momentum": "μ", "epsilon": "ε", "beta": "β", "beta1": "β₁", "beta2": "β₂"}
SPHINX = yaml.safe_load((BOOK / "_config.yml").read_text())["sphinx"]["config"]
NAPOLEON = Config(**{name: value for name, value in SPHINX.items() if name.startswith("napoleon_")})
ROLE = re.compile(r":(?:py:)?(func|class|meth|mod|data|attr|exc):`~?([\w.]+)`")
TEX = re.compile(r"\\[a-zA-Z]{2,}|\$[^$\n]+\$|[\^_]\{")
#: Errors of these kinds tell of a program that is wrong, not of what it was given.
UNANNOUNCED = {"AttributeError", "NotImplementedError", "StopIteration", "AssertionError"}


class _Reference(nodes.inline):
    pass


for _role in ("func", "class", "meth", "mod", "data", "attr", "exc"):
    roles.register_generic_role(_role, _Reference)


def function_of(thing):
    """Return the function behind a method or property."""
    return thing.fget if isinstance(thing, property) else getattr(thing, "__func__", thing)


def says_nothing(name, thing, owner):
    text = inspect.cleandoc(function_of(thing).__doc__ or "")
    if not text and owner and any(getattr(base, name.split(".")[-1], None) for base in owner.__mro__[1:]):
        return  # what a subclass overrides is described where it was introduced
    if not text or (dataclasses.is_dataclass(thing) and text.startswith(f"{thing.__name__}(")):
        yield "has no docstring"
        return
    first = text.split("\n\n")[0]
    of_its_name = set(re.split(r"[._]", name.lower())) | {"return", "returns", "the", "a", "an", "of", "and", "this"}
    said = [word for word in re.findall(r"[^\s.,;:()]+", text.lower()) if word.rstrip("s") not in of_its_name]
    if len(said) < (1 if isinstance(thing, property) else 3):
        yield "says no more than its name"
    if first.rstrip()[-1] not in ".:?":
        yield "begins with a sentence that does not end"


def leaves_parameters_out(name, thing, owner):
    text = _text(thing, owner)
    made_elsewhere = inspect.isclass(thing) and re.search(r"\bmade by\b", text, re.IGNORECASE)
    if not text_of(thing) or made_elsewhere:
        return
    for parameter in _parameters(thing):
        parts = [part for part in parameter.split("_") if part != "or"]
        mentioned = _mentions(text, parameter) or all(_mentions(text, part) for part in parts)
        mentioned = mentioned or (parameter in LETTERS and LETTERS[parameter] in text)
        if not mentioned and parameter not in EVERYWHERE | AS_THERE:
            yield f"does not mention its parameter {parameter}"


def leaves_its_result_out(name, thing, owner):
    if inspect.isclass(thing) or isinstance(thing, property) or not text_of(thing):
        return
    returns = [node for node in _own_nodes(thing) if isinstance(node, ast.Return | ast.Yield) and node.value]
    gives = any(not (isinstance(node.value, ast.Constant) and node.value.value is None) for node in returns)
    if gives and not re.search(r"\b(returns?|yields?|whether)\b", text_of(thing), re.IGNORECASE):
        yield "does not say what it returns"


def leaves_errors_out(name, thing, owner):
    functions = [thing]
    if inspect.isclass(thing):
        functions = [function for key in ("__init__", "__post_init__") if (function := vars(thing).get(key))]
    if not text_of(thing):
        return
    raised = [node.exc for f in functions for node in _own_nodes(f) if isinstance(node, ast.Raise) and node.exc]
    errors = {error.func if isinstance(error, ast.Call) else error for error in raised}
    names = {error.id for error in errors if isinstance(error, ast.Name)} - UNANNOUNCED
    for error in sorted(names):
        if error not in _text(thing, owner):
            yield f"does not say when it raises {error}"


def holds_tex(name, thing, owner):
    if found := TEX.search(text_of(thing)):
        yield f"holds TeX: {found[0]}"


def is_not_valid(name, thing, owner):
    yield from invalid(text_of(thing))


def has_prose_in_a_list(name, thing, owner):
    """A paragraph after a section of entries is read as one more entry."""
    text = text_of(thing)
    entries = re.compile(r"\*{0,2}\w+(, \*{0,2}\w+)*( : .+)?")
    for title in ("Parameters", "Attributes", "Raises"):
        strange = [line for line in _section(text, title) if not entries.fullmatch(line)]
        if strange:
            yield f"has under {title} what is no entry: {strange[0][:40]!r}…; put it before, or into Notes"
    known = set(_parameters(thing, with_self=True))
    for line in filter(entries.fullmatch, _section(text, "Parameters")):
        for parameter in line.split(" : ")[0].replace("*", "").split(", "):
            if parameter not in known:
                yield f"describes a parameter {parameter} that it does not have"


def refers_to_nothing(name, thing, owner):
    # A package documents what its modules define.
    around = [import_module(module) for module in MODULES if f"{name}.".startswith(f"{module}.")]
    yield from broken(text_of(thing), [owner or thing, inspect.getmodule(function_of(thing)), *around])


RULES = [
    says_nothing,
    leaves_parameters_out,
    leaves_its_result_out,
    leaves_errors_out,
    holds_tex,
    is_not_valid,
    has_prose_in_a_list,
    refers_to_nothing,
]


def text_of(thing):
    """Return a thing's own docstring, without its indentation."""
    return inspect.cleandoc(function_of(thing).__doc__ or "")


def _text(thing, owner):
    """Return the docstring with those around it, which a reader has seen: of the class and of the module."""
    function = function_of(thing)
    around = [*thing.__mro__[1:-1]] if inspect.isclass(thing) else []
    if owner:
        around += [owner, *(found for base in owner.__mro__[1:] if (found := vars(base).get(function.__name__)))]
    module = inspect.getmodule(function)
    around += [_resolved(target, [module]) for target in re.findall(r"those of :func:`~?([\w.]+)`", text_of(thing))]
    text = "\n".join(map(text_of, [thing, *filter(None, around), module]))
    # A letter above or below the line is a word of its own: eˣ, zᵢ.
    return "".join(f" {normalize('NFKC', c)} " if category(c) == "Lm" else c for c in text).replace("imiser", "imizer")


def _mentions(text, word):
    return re.search(rf"(?<![^\W_]){re.escape(word)}s?(?![^\W_])", text, re.IGNORECASE if len(word) > 2 else 0)


def _parameters(thing, with_self=False):
    if isinstance(thing, property) or (inspect.isclass(thing) and issubclass(thing, Exception)):
        return []
    try:
        signature = inspect.signature(function_of(thing))
    except ValueError:  # a class written in C
        return []
    return [name for name in signature.parameters if with_self or (name not in ("self", "cls") and name[0] != "_")]


def _own_nodes(thing):
    """Yield the syntax nodes of a function, without those of functions inside it."""
    if function_of(thing).__code__.co_filename == "<string>":  # written by dataclass
        return
    tree = ast.parse(textwrap.dedent(inspect.getsource(function_of(thing))))
    todo = list(tree.body[0].body)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            todo += ast.iter_child_nodes(node)


def _section(text, title):
    """Return the unindented lines of a docstring's section."""
    found = re.search(rf"^{title}\n-+\n(.*?)(?=^\w[^\n]*\n-{{3,}}\n|\Z)", text, re.MULTILINE | re.DOTALL)
    return [line for line in found[1].splitlines() if line and not line[0].isspace()] if found else []


def invalid(text):
    """Yield what docutils says against a docstring, as the site reads it."""
    settings = {"report_level": 5, "halt_level": 6, "file_insertion_enabled": False}
    text = "\n".join(public.as_markup(text.splitlines()))
    tree = publish_doctree(str(NumpyDocstring(text, NAPOLEON)), settings_overrides=settings)
    found = {id(message): message for message in [*tree.findall(nodes.system_message), *tree.transform_messages]}
    for message in (each for each in found.values() if each["level"] > 1):
        yield f"is not valid reStructuredText: {message.astext().splitlines()[0]}"


def broken(text, places):
    """Yield a text's references to what exists neither in one of these places nor under its full name."""
    for role, target in ROLE.findall(text):
        if _resolved(target, places) is None:
            yield f"refers to {role} {target}, which does not exist"


def _resolved(target, places):
    for place in places:
        if (found := reduce(lambda whole, part: getattr(whole, part, None), target.split("."), place)) is not None:
            return found
    parts = target.split(".")
    for end in range(len(parts), 0, -1):
        with contextlib.suppress(ImportError):
            return reduce(
                lambda whole, part: getattr(whole, part, None), parts[end:], import_module(".".join(parts[:end]))
            )
    return None
