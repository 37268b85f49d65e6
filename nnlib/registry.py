"""Looking a name up in a registry, with a useful answer when it is not there.

Registries are plain dicts of small objects. Names are resolved here, at the edge of the library (a
keyword, a dropdown, a link), so that every misspelling is answered in the same words. The same goes
for the constants of an entry.
"""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from math import isfinite
from numbers import Real


def lookup(registry, name, kind):
    """Return ``registry[name]``; ``kind`` says in the error what was looked for.

    Raises
    ------
    ValueError
        If there is no such entry: names the value, the nearest match and all that is allowed.
    """
    if isinstance(name, str) and name in registry:
        return registry[name]
    near = get_close_matches(str(name).lower().replace("-", "_").replace(" ", "_"), registry, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"unknown {kind} {name!r}.{hint} Known: {', '.join(registry)}.")


def with_parameters(entry, values, kind):
    """Return a copy of a registry's entry with other constants.

    Raises
    ------
    ValueError
        For a name the entry does not have, or a value that is not a finite number.
    """
    for name, value in values.items():
        if name not in entry.parameters:
            known = ", ".join(entry.parameters) or "none"
            raise ValueError(f"{kind} {entry.name!r} has no parameter {name!r}; its parameters: {known}")
        if not isinstance(value, Real) or not isfinite(value):
            raise ValueError(f"parameter {name} of {kind} {entry.name!r} must be a finite number, not {value!r}")
    return replace(entry, parameters={**entry.parameters, **{name: float(value) for name, value in values.items()}})
