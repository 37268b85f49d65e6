"""What a lab is set to: one description for the widget, the link, the saved page, the scripts and the tests.

A run is a pure function of its settings. Rate and penalty may change half way, so settings carry a
log of such changes and the step where the reader stopped; link, scripts and rewinding replay it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from urllib.parse import parse_qsl, quote

from nnlib.activations import ACTIVATIONS
from nnlib.datasets import TOY
from nnlib.initializers import INITIALIZERS
from nnlib.labs import own_points
from nnlib.labs.features import FEATURES, PLAIN
from nnlib.losses import LOSSES
from nnlib.optimizers import OPTIMIZERS
from nnlib.registry import lookup

LINK_VERSION = 1

#: No run comes near so many steps; a link that asks for more is mistaken.
LARGEST_STEP = 10**9

#: Fields that may change in the middle of a run; any other change starts it anew.
CHANGEABLE = ("learning_rate", "l1", "l2")

#: A parameter that a reader sets by hand stays within this size; beyond it training counts as diverged.
LARGEST_SET = 1e6

#: Entry of ``activations`` for a layer that has the common ``activation``.
COMMON = "common"

#: Fields that steer the lab and its picture: no run depends on them, so a change restarts none.
NOT_OF_RUN = ("continue_run", "show_test", "discretise")


@dataclass(frozen=True)
class Field:
    """What one setting may be.

    Attributes
    ----------
    kind : str
        ``"name"`` (one of ``choices``), ``"scale"`` (a number, offered at ``choices``), ``"integer"``
        or ``"real"`` (between ``minimum`` and ``maximum``, in steps), ``"switch"`` (true or false), ``"text"``,
        ``"names"`` or ``"integers"`` (a tuple of them, of ``least`` to ``most`` entries).
    whole : bool
        Whether a scale has whole numbers only.
    typed : bool
        Whether a whole number is typed into a box, where a slider would be too coarse.
    check : callable
        For ``"text"``: returns the text as it is kept; ValueError says what cannot be read.
    """

    kind: str
    choices: tuple = ()
    minimum: float = 0
    maximum: float = math.inf
    step: float = 1
    least: int = 0
    most: int = 0
    whole: bool = False
    typed: bool = False
    check: Callable | None = None


_LEARNING_RATES = (0.00001, 0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
_PENALTIES = (0.0, 0.00001, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)

#: name → Field, for every field of Settings that a reader may set.
FIELDS = {
    "dataset": Field("name", (*TOY, "corners", "own")),
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
    "batch_size": Field("scale", (1, 2, 5, 10, 20, 30, 50, 100, 250), minimum=1, maximum=10_000, whole=True),
    "epochs": Field("integer", minimum=1, maximum=10_000),
    "seed": Field("integer", maximum=9_999),
    "pace": Field("integer", maximum=1_000),
    "continue_run": Field("switch"),
    "features": Field("names", tuple(FEATURES), least=1, most=len(FEATURES)),
    "widths": Field("integers", minimum=1, maximum=32, most=6),
    "activations": Field("names", (COMMON, *ACTIVATIONS), most=6),
    "bias": Field("real", minimum=-1, maximum=1, step=0.1),
    "dropout": Field("real", maximum=0.9, step=0.1),
    "batch_norm": Field("switch"),
    "early_stopping": Field("integer", maximum=1_000),
    "points_task": Field("name", own_points.TASKS),
    "show_test": Field("switch"),
    "discretise": Field("switch"),
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
    features : what the network is given of a point, names of :data:`nnlib.labs.features.FEATURES`
    widths : units of each hidden layer; () for ``depth`` layers of ``width`` units
    activations : of each hidden layer; those that say ``"common"``, and layers behind the last entry, have
        ``activation``; more entries go unused
    bias : where biases start
    dropout : the probability that a hidden unit is dropped in a training step
    batch_norm : whether each hidden layer is normalised by its batch before its activation
    early_stopping : so many epochs without a lower test loss end the run, which takes back its best weights; 0 is off
    points, points_task : of the dataset ``"own"``: ((x1, x2, label), …), and whether labels are −1 and +1
        (``"binary"``), classes 0 … 3 (``"multiclass"``) or values (``"regression"``); ``"auto"`` goes by the labels
    show_test, discretise : whether test points are drawn, and whether the surface shows only what is decided
    changes : ((step, field, value), …), the changes made during the run; field ``"p17"`` sets one parameter by hand
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
    features: tuple = PLAIN
    widths: tuple = ()
    activations: tuple = ()
    bias: float = 0.0
    dropout: float = 0.0
    batch_norm: bool = False
    early_stopping: int = 0
    points: tuple = ()
    points_task: str = "auto"
    show_test: bool = True
    discretise: bool = False
    changes: tuple = ()
    stop: int | None = None

    def __post_init__(self):
        for name in FIELDS:
            object.__setattr__(self, name, check_field(name, getattr(self, name)))
        object.__setattr__(self, "points", own_points.check_points(self.points))
        object.__setattr__(self, "changes", _check_changes(self.changes))
        if self.stop is not None:
            object.__setattr__(self, "stop", _step("stop", self.stop))

    @property
    def hidden_widths(self):
        """The units of each hidden layer, a tuple."""
        return self.widths or (self.width,) * self.depth

    @property
    def hidden_activations(self):
        """The activation's name of each hidden layer, a tuple."""
        missing = len(self.hidden_widths) - len(self.activations)
        names = (*self.activations, *[COMMON] * missing)[: len(self.hidden_widths)]
        return tuple(self.activation if name == COMMON else name for name in names)

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
        values = {name: getattr(self, name) for name in _NAMES}
        lists = {name: list(value) for name, value in values.items() if isinstance(value, tuple)}
        return {**values, **lists, **{name: [list(each) for each in values[name]] for name in ("points", "changes")}}

    def of_run(self):
        """Return what the run depends on, as in :meth:`to_json`: equal where two settings describe one run."""
        idle = {*NOT_OF_RUN, "pace", "changes", "stop"}
        if self.widths:
            idle |= {"width", "depth"}
        if self.dataset != "own":
            idle |= {"points", "points_task"}
        return {name: value for name, value in self.to_json().items() if name not in idle}

    @classmethod
    def from_json(cls, values, defaults=None):
        """Return (settings, problems): what cannot be used stays as in ``defaults`` and is named in a sentence."""
        settings, problems = defaults or cls(), []
        for name, value in values.items():
            try:
                settings = settings.with_(**{name: value})
            except (ValueError, TypeError) as error:
                problems.append(str(error))
        settings, more = settings._usable(defaults)
        return settings, problems + more

    def _usable(self, defaults):
        """Return (settings, problems): with another data set where the reader's own points cannot be learned from."""
        problem = own_points.problem_of(self.points, self.points_task) if self.dataset == "own" else None
        if not problem:
            return self, []
        fallback = "spiral" if defaults is None or defaults.dataset == "own" else defaults.dataset
        return self.with_(dataset=fallback), [problem]  # the points are kept: they can be mended in the lab

    def to_query(self):
        """Return ``v=1&field=value&…`` with names, not numbers, for choices."""
        values = {name: _text(getattr(self, name)) for name in FIELDS}
        if self.points:
            values["points"] = own_points.encode(self.points)
        if self.changes:
            values["changes"] = ",".join(f"{step}:{field}:{_text(value)}" for step, field, value in self.changes)
        if self.stop is not None:
            values["stop"] = str(self.stop)
        pairs = {"v": str(LINK_VERSION), **values}
        return "&".join(f"{quote(name)}={quote(value, safe=':,.')}" for name, value in pairs.items())

    @classmethod
    def from_query(cls, query, defaults=None):
        """Return (settings, problems) of a query, the text after the ``?`` of a link; ``defaults`` as in from_json."""
        pairs = parse_qsl(query, keep_blank_values=True)
        values, problems = {}, []
        version = dict(pairs).get("v")
        if version != str(LINK_VERSION):
            problems.append(f"This link has version {version or 'none'}; this book reads version {LINK_VERSION}.")
        for name, text in pairs:
            if name == "v":
                continue
            try:
                values[name] = cls.parse(name, text)
            except ValueError as error:
                problems.append(str(error))
        settings, more = cls.from_json(values, defaults)
        return settings, problems + more

    @staticmethod
    def parse(name, text):
        """Return the value of a field from the text of a link, not yet judged."""
        return _parse(name, text)


_NAMES = [field.name for field in fields(Settings)]


def check_field(name, value, specs=FIELDS):
    """Return the value in its field's own type; raise ValueError with a sentence if it is not allowed."""
    field = lookup(specs, name, "setting")
    if field.kind == "name":
        lookup(dict.fromkeys(field.choices), value, name)
        return value
    if field.kind == "switch":
        if not isinstance(value, bool):
            raise ValueError(f"{name} must be true or false, not {value!r}")
        return value
    if field.kind == "text":
        if not isinstance(value, str):
            raise ValueError(f"{name} must be a text, not {value!r}")
        return field.check(value)
    if field.kind in ("names", "integers"):
        return _check_list(name, field, value)
    return _check_number(name, field, value)


def _check_list(name, field, value):
    if not isinstance(value, list | tuple):
        raise ValueError(f"{name} must be a list, not {value!r}")
    if not field.least <= len(value) <= field.most:
        raise ValueError(f"{name} must have {field.least} to {field.most} entries, not {len(value)}")
    if field.kind == "integers":
        return tuple(_check_number(name, field, each) for each in value)
    for each in value:
        lookup(dict.fromkeys(field.choices), each, name)
    if field.least and len(set(value)) < len(value):  # each feature is one input; layers may well be alike
        raise ValueError(f"{name} must name each entry once, not {', '.join(value)}")
    return tuple(value)


def _check_number(name, field, value):
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{name} must be a number, not {value!r}")
    if not field.minimum <= value <= field.maximum:
        raise ValueError(f"{name} must lie between {field.minimum:g} and {field.maximum:g}, not {value:g}")
    if field.kind in ("integer", "integers") or field.whole:
        return _whole(name, value)
    return float(value)


def _whole(name, value):
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1 or value < 0:
        raise ValueError(f"{name} must be a whole number, not {value!r}")
    return int(value)


def parameter_index(name):
    """Return 17 for ``"p17"``, the name of a parameter set by hand in a log of changes; None for other names."""
    digits = name[1:] if isinstance(name, str) and name[:1] == "p" else ""
    return int(digits) if digits.isascii() and digits.isdigit() and str(int(digits)) == digits else None


def check_change(name, value):
    """Return the value of a change in mid-run in its own type; raise ValueError with a sentence if it cannot be.

    Whether a network has a parameter of that index, the run says (:meth:`nnlib.labs.run.Run.change`).
    """
    if parameter_index(name) is None:
        if name not in CHANGEABLE:
            can = f"{', '.join(CHANGEABLE)} and, by their index, parameters such as p17"
            raise ValueError(f"{name} cannot change during a run; these can: {can}")
        return check_field(name, value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"the parameter {name} must be a number, not {value!r}")
    if abs(value) > LARGEST_SET:
        raise ValueError(f"the parameter {name} must lie between -{LARGEST_SET:g} and {LARGEST_SET:g}, not {value:g}")
    return float(value)


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
        checked.append((_step("the step of a change", step), name, check_change(name, value)))
    return tuple(sorted(checked, key=lambda change: change[0]))


def _text(value):
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _parse(name, text):
    """Read one field of a link; check_field judges the value."""
    if name == "changes":
        changes = [part.split(":") for part in text.split(",") if part]
        if any(len(change) != 3 for change in changes):
            raise ValueError(f"changes must read step:field:value,…, not {text!r}")
        named = lambda field: field if parameter_index(field) is None else f"the parameter {field}"  # noqa: E731
        return [(_number("changes", step), field, _number(named(field), value)) for step, field, value in changes]
    if name == "points":
        return own_points.decode(text)
    if name == "stop":
        return _number(name, text)
    return parse_field(name, text)


def parse_field(name, text, specs=FIELDS):
    """Read the text of one field; :func:`check_field` judges the value."""
    field = lookup(specs, name, "setting")
    if field.kind in ("name", "text"):
        return text
    if field.kind == "switch":
        return {"true": True, "false": False}.get(text, text)
    if field.kind in ("names", "integers"):
        parts = text.split(",") if text else []
        return parts if field.kind == "names" else [_number(name, part) for part in parts]
    return _number(name, text)


_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def _number(name, text):
    # float() would take more: "1_000", " 1", "inf". What a link may say is read alike in both languages.
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{name} must be a number, not {text!r}")
    value = float(text)
    return int(value) if value.is_integer() else value
