"""What a lab is set to: one description for the widget, the link, the saved page, the scripts and the tests.

A run is a pure function of its settings. Rate and penalty may change half way, so settings carry a
log of such changes and the step where the reader stopped; link, scripts and rewinding replay it.
"""

from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass, fields, replace
from urllib.parse import parse_qsl, quote

from nnlib.activations import ACTIVATIONS
from nnlib.datasets import TOY
from nnlib.initializers import INITIALIZERS
from nnlib.losses import LOSSES
from nnlib.optimizers import OPTIMIZERS
from nnlib.registry import lookup

LINK_VERSION = 1

#: No run comes near so many steps; a link that asks for more is mistaken.
LARGEST_STEP = 10**9

#: Fields that may change in the middle of a run; any other change starts it anew.
CHANGEABLE = ("learning_rate", "l1", "l2")


@dataclass(frozen=True)
class Field:
    """What one setting may be.

    Attributes
    ----------
    kind : str
        ``"name"`` (one of ``choices``), ``"scale"`` (a number, offered at ``choices``), ``"integer"``
        or ``"real"`` (between ``minimum`` and ``maximum``, in steps), ``"switch"`` (true or false).
    """

    kind: str
    choices: tuple = ()
    minimum: float = 0
    maximum: float = math.inf
    step: float = 1


_LEARNING_RATES = (0.00001, 0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
_PENALTIES = (0.0, 0.00001, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)

#: name → Field, for every field of Settings that a reader may set.
FIELDS = {
    "dataset": Field("name", tuple(TOY)),
    "noise": Field("real", maximum=0.5, step=0.05),
    "train_share": Field("real", minimum=0.1, maximum=0.9, step=0.1),
    "width": Field("integer", minimum=1, maximum=32),
    "depth": Field("integer", maximum=6),
    "activation": Field("name", tuple(ACTIVATIONS)),
    "loss": Field("name", ("auto", *LOSSES)),
    "init": Field("name", tuple(INITIALIZERS)),
    "optimizer": Field("name", tuple(OPTIMIZERS)),
    "learning_rate": Field("scale", _LEARNING_RATES, maximum=100.0),
    "l1": Field("scale", _PENALTIES, maximum=100.0),
    "l2": Field("scale", _PENALTIES, maximum=100.0),
    "batch_size": Field("scale", (1, 2, 5, 10, 20, 30, 50, 100, 250), minimum=1, maximum=10_000),
    "epochs": Field("integer", minimum=1, maximum=10_000),
    "seed": Field("integer", maximum=9_999),
    "pace": Field("integer", maximum=1_000),
    "continue_run": Field("switch"),
}


@dataclass(frozen=True)
class Settings:
    """The settings of a training lab, checked.

    Attributes
    ----------
    dataset, noise, train_share : what to learn from; noise as the toy data sets define it
    width, depth, activation : ``depth`` hidden layers of ``width`` units each
    loss : ``"auto"`` takes the task's own: half_mse for two classes and regression, else cross_entropy
    init, optimizer, learning_rate, l1, l2, batch_size : as in :func:`nnlib.train`
    epochs : how far a run goes before it rests
    seed : data, split, initial weights and order all follow from it
    pace : epochs per painted frame at most; 0 is as fast as it goes
    continue_run : whether a change of rate or penalty goes on from where the run stands
    changes : ((step, field, value), …), the changes made during the run
    stop : the step where the reader stopped, or None for the end of ``epochs``
    """

    dataset: str = "spiral"
    noise: float = 0.0
    train_share: float = 0.5
    width: int = 8
    depth: int = 2
    activation: str = "tanh"
    loss: str = "auto"
    init: str = "xavier_uniform"
    optimizer: str = "adam"
    learning_rate: float = 0.03
    l1: float = 0.0
    l2: float = 0.001
    batch_size: int = 10
    epochs: int = 400
    seed: int = 0
    pace: int = 4
    continue_run: bool = False
    changes: tuple = ()
    stop: int | None = None

    def __post_init__(self):
        for name in FIELDS:
            object.__setattr__(self, name, check_field(name, getattr(self, name)))
        object.__setattr__(self, "changes", _check_changes(self.changes))
        if self.stop is not None:
            object.__setattr__(self, "stop", _step("stop", self.stop))

    def with_(self, **values):
        """Return a copy with other values; an unknown field raises ValueError."""
        for name in values:
            if name not in _NAMES:
                lookup(dict.fromkeys(_NAMES), name, "setting")
        return replace(self, **values)

    def in_force(self):
        """Return the settings at the end of the log, without log and stop: what the controls of such a run show."""
        current = {field: value for _, field, value in self.changes if field in FIELDS}
        return self.with_(**current, changes=(), stop=None)

    def to_json(self):
        """Return a dict of plain numbers, strings and lists."""
        return {**asdict(self), "changes": [list(change) for change in self.changes]}

    @classmethod
    def from_json(cls, values, defaults=None):
        """Return (settings, problems): what cannot be used keeps its default and is named in a sentence."""
        settings, problems = defaults or cls(), []
        for name, value in values.items():
            try:
                settings = settings.with_(**{name: value})
            except (ValueError, TypeError) as error:
                problems.append(str(error))
        return settings, problems

    def to_query(self):
        """Return ``v=1&field=value&…`` with names, not numbers, for choices."""
        values = {name: _text(getattr(self, name)) for name in FIELDS}
        if self.changes:
            values["changes"] = ",".join(f"{step}:{field}:{_text(value)}" for step, field, value in self.changes)
        if self.stop is not None:
            values["stop"] = str(self.stop)
        pairs = {"v": str(LINK_VERSION), **values}
        return "&".join(f"{quote(name)}={quote(value, safe=':,.')}" for name, value in pairs.items())

    @classmethod
    def from_query(cls, query, defaults=None):
        """Return (settings, problems) from the text after the ``?`` of a link."""
        pairs = parse_qsl(query, keep_blank_values=True)
        values, problems = {}, []
        version = dict(pairs).get("v")
        if version != str(LINK_VERSION):
            problems.append(f"This link has version {version or 'none'}; this book reads version {LINK_VERSION}.")
        for name, text in pairs:
            if name == "v":
                continue
            try:
                values[name] = _parse(name, text)
            except ValueError as error:
                problems.append(str(error))
        settings, more = cls.from_json(values, defaults)
        return settings, problems + more


_NAMES = [field.name for field in fields(Settings)]


def check_field(name, value):
    """Return the value in its field's own type; raise ValueError with a sentence if it is not allowed."""
    field = lookup(FIELDS, name, "setting")
    if field.kind == "name":
        lookup(dict.fromkeys(field.choices), value, name)
        return value
    if field.kind == "switch":
        if not isinstance(value, bool):
            raise ValueError(f"{name} must be true or false, not {value!r}")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{name} must be a number, not {value!r}")
    if not field.minimum <= value <= field.maximum:
        raise ValueError(f"{name} must lie between {field.minimum:g} and {field.maximum:g}, not {value:g}")
    if field.kind == "integer" or name == "batch_size":
        return _whole(name, value)
    return float(value)


def _whole(name, value):
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1 or value < 0:
        raise ValueError(f"{name} must be a whole number, not {value!r}")
    return int(value)


def _step(name, value):
    value = _whole(name, value)
    if value > LARGEST_STEP:
        raise ValueError(f"{name} must lie between 0 and {LARGEST_STEP}, not {value:g}")
    return value


def _check_changes(changes):
    checked = []
    for change in changes:
        try:
            step, name, value = change
        except (TypeError, ValueError):
            raise ValueError(f"a change must be (step, field, value), not {change!r}") from None
        if name not in CHANGEABLE:
            raise ValueError(f"{name} cannot change during a run; these can: {', '.join(CHANGEABLE)}")
        checked.append((_step("the step of a change", step), name, check_field(name, value)))
    return tuple(sorted(checked, key=lambda change: change[0]))


def _text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def _parse(name, text):
    """Read one field of a link; check_field judges the value."""
    if name == "changes":
        changes = [part.split(":") for part in text.split(",") if part]
        if any(len(change) != 3 for change in changes):
            raise ValueError(f"changes must read step:field:value,…, not {text!r}")
        return [(_number("changes", step), field, _number(field, value)) for step, field, value in changes]
    if name == "stop":
        return _number(name, text)
    field = lookup(FIELDS, name, "setting")
    if field.kind == "name":
        return text
    if field.kind == "switch":
        return {"true": True, "false": False}.get(text, text)
    return _number(name, text)


_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def _number(name, text):
    # float() would take more: "1_000", " 1", "inf". What a link may say is read alike in both languages.
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{name} must be a number, not {text!r}")
    value = float(text)
    return int(value) if value.is_integer() else value
