"""Every public name says what it is: the reference on the site is made of nothing else.

What is public is read from where the reference reads it (book/_ext/textbook/public.py), what must be
said stands in tests/docstring_rules.py. Lazy docstrings, planted below, show that each rule can fail.
"""

import ast
import dataclasses
import inspect
import pkgutil
import types
from importlib import import_module

import pytest

import nnlib
from tests import docstring_rules as rules
from tests.docstring_rules import MODULES, RULES
from tests.public_names import public


def documented():
    """Yield (id, object, class it belongs to) of every public function, class and method."""
    for module in MODULES:
        for name, value in public.members(module).items():
            if not public.is_code(value):
                continue
            yield f"{module}.{name}", value, None
            if inspect.isclass(value):
                for method, member in vars(value).items():
                    if (not method.startswith("_") or method == "__call__") and _is_method(member):
                        yield f"{module}.{name}.{method}", member, value


def _is_method(member):
    return inspect.isfunction(member) or isinstance(member, property | classmethod | staticmethod)


@pytest.mark.parametrize(("name", "thing", "owner"), [pytest.param(*each, id=each[0]) for each in documented()])
def test_every_public_name_says_what_a_reader_must_know(name, thing, owner):
    faults = [f"{name} {fault}" for rule in RULES for fault in rule(name, thing, owner)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("name", MODULES)
def test_every_module_opens_with_a_paragraph(name):
    text = inspect.cleandoc(import_module(name).__doc__)
    assert len(text.split()) >= 8
    assert not [*rules.invalid(text), *rules.broken(text, [import_module(name)])]


@pytest.mark.parametrize("name", MODULES)
def test_every_public_value_has_a_comment(name):
    module = import_module(name)
    assigned = {
        target.id
        for node in ast.parse(inspect.getsource(module)).body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for top in (node.targets if isinstance(node, ast.Assign) else [node.target])
        for target in ast.walk(top)
        if isinstance(target, ast.Name) and not target.id.startswith("_")
    }
    exported = {key for key, value in public.members(name).items() if not public.is_code(value)}
    for value in assigned | exported:
        text = "\n".join(public.comment(name, value))
        assert text, f"{name}.{value} has no comment that begins with #:"
        assert not list(rules.invalid(text))


def test_the_reference_lists_every_module():
    """Modules inside a package are documented with the package, by its ``__all__``."""
    everything = {f"nnlib.{module.name}" for module in pkgutil.iter_modules(nnlib.__path__)}
    exported = {
        value.__name__
        for name in ["nnlib", *MODULES]
        for each in getattr(import_module(name), "__all__", ())
        if isinstance(value := getattr(import_module(name), each), types.ModuleType)
    }
    missing = (everything | exported) - {*MODULES, *public.INTERNAL}
    assert not missing, f"not in the reference: {sorted(missing)}; add a directive to a page of book/api"
    assert len(MODULES) == len(set(MODULES))


def test_every_name_of_nnlib_is_in_the_reference():
    listed = [value for name in MODULES for value in public.members(name).values()]
    for name in nnlib.__all__:
        value = getattr(nnlib, name)
        assert isinstance(value, types.ModuleType) or any(value is each for each in listed), name


def lazy(x, width=3):
    """Return lazy."""
    if width < 0:
        raise ValueError("no")
    return x * width


def careless(x):
    r"""Double *x by \alpha; see :func:`nowhere`.

    Parameters
    ----------
    x : number
    z : number

    This paragraph stands in the wrong place.
    """
    return 2 * x


def careful(x):
    """Return twice a number.

    Parameters
    ----------
    x : number
    """
    return 2 * x


def silent(x):
    return x


@dataclasses.dataclass
class Bare:
    size: int


@pytest.mark.parametrize(
    ("thing", "faults"),
    [
        (lazy, {rules.says_nothing, rules.leaves_parameters_out, rules.leaves_errors_out}),
        (
            careless,
            {
                rules.leaves_its_result_out,
                rules.holds_tex,
                rules.is_not_valid,
                rules.has_prose_in_a_list,
                rules.refers_to_nothing,
            },
        ),
        (silent, {rules.says_nothing}),
        (Bare, {rules.says_nothing}),
        (careful, set()),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_planted_fault_is_seen(thing, faults):
    assert {rule for rule in RULES if list(rule(thing.__name__, thing, None))} == faults
