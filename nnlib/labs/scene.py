"""Scenes: labs that train nothing. A picture, its numbers and its sentence follow from the controls alone.

A scene is a lab like every other (``LABS``, link, code, figure, a picture in the saved page), but the page draws it
with or without a kernel, and nothing runs. **How to add one**, ``folding`` say:

1. ``nnlib/labs/see_folding.py``: a :class:`ScenePlan` and a function ``folding(preset="start", **settings)`` that
   returns ``make(FOLDING, preset, **settings)``; add both to ``nnlib/labs/__init__.py``. The plan has

   - ``specs``: field → :class:`~nnlib.labs.settings.Field`. Whatever changes the picture is a field (a movable point, a
     step counter too), so link, undo and the kernel know it. Taken names: ``pace``, ``changes``,
     ``stop``, ``continue_run``.
   - ``groups``: message key of a heading → fields whose controls stand under it; every field needs a control.
   - ``values``: preset → values; the first has every field, the others what differs from it. Each is a button.
     Values of scales must be among the field's choices. A single preset makes no buttons.
   - ``numbers(settings)``: name → number, everything the scene shows as a number; what is not a number is ``None``.
   - ``describe(settings)``: the alt text; ``draw(settings)``: a matplotlib Figure, by nnlib.plots,
     in a module of its own that is imported when a picture is wanted (``draw_neuron.py``).
   - ``scripts``: kind → function of the settings that returns a script which prints ``name value`` for each number;
     the page writes the same text, by ``web/scenes/scripts.js``.

2. ``messages.py``: ``hint_folding``, ``group_…``, ``control_<field>``, ``preset_folding_<preset>``, and its sentences.
3. ``web/scenes/folding.js``: a class, entered in ``SCENES`` of ``web/scenes/index.js`` under the lab's name, made with
   ``{host, bar, words, move}``: the box to draw in (``host``), the row of buttons above it (``bar``), the words, and
   ``move({field: value, …})``, which moves controls (the link carries it to sliders and kernel). It has

   - ``paint(settings, palette)``: called in an animation frame after a change of settings, size or theme, if the lab
     can be seen; read sizes there (``clientWidth``); keep elements, write into them.
   - ``numbers(settings)``: the same names and numbers as in Python; they stand in ``data-numbers`` (JSON) of the root.
   - ``describe(settings)``: the sentence under the lab.
   - where wanted, ``follow(settings)``: called after every move of its own, before the frame that paints it, so that
     two keys within one frame both count; ``idle(settings)``: the fields whose controls do nothing just now (they are
     shown pale); and ``dispose()``. The class of a scene with fields of kind ``"text"`` has ``static texts``: field →
     function of the text that throws what is wrong with it, for links.

4. ``web/scenes/folding.css``, imported by ``scenes.css``. ``tests/test_scenes.py`` and ``tests/browser/test_scenes.py``
   find the lab by themselves: every control through its range, Python against JavaScript, scripts against numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from urllib.parse import quote

from nnlib.labs.lab import Lab
from nnlib.labs.messages import MESSAGES
from nnlib.labs.settings import LINK_VERSION, Settings, check_field, parse_field
from nnlib.registry import lookup


class SceneSettings:
    """The settings of one scene: checked, never changed; each field is an attribute.

    A scene has fields of its own, so :attr:`ScenePlan.defaults` makes a subclass that knows their ``specs``.
    """

    specs = MappingProxyType({})

    def __init__(self, **values):
        for name in self.specs:
            if name not in values:
                raise ValueError(f"{name} is missing")
        checked = {name: check_field(name, value, self.specs) for name, value in values.items()}
        object.__setattr__(self, "_values", MappingProxyType(checked))

    def __getattr__(self, name):
        try:
            return self.__dict__["_values"][name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__} has no field {name!r}") from None

    def __setattr__(self, name, value):
        raise AttributeError("settings never change; use with_()")

    def __eq__(self, other):
        return type(other) is type(self) and other.to_json() == self.to_json()

    def __hash__(self):
        return hash(tuple(self._values.items()))

    def __repr__(self):
        return f"<{self.to_query()}>"

    def with_(self, **values):
        """Return a copy with other values; an unknown field raises ValueError."""
        return type(self)(**{**self._values, **values})

    def in_force(self):
        """Return the settings: nothing is changed in the middle of a run, where there is none."""
        return self

    def to_json(self):
        """Return a dict of plain numbers, strings and switches."""
        return dict(self._values)

    def to_query(self):
        """Return ``v=1&field=value&…``, as every lab's link has it."""
        values = {"v": LINK_VERSION, **self._values}
        return "&".join(f"{name}={quote(_text(value), safe='.,')}" for name, value in values.items())

    @classmethod
    def parse(cls, name, text):
        """Return the value of a field from the text of a link, not yet judged."""
        return parse_field(name, text, cls.specs)

    def _usable(self, defaults):
        return self, []

    # The same reading, and the same sentences about what cannot be read, as for labs that train.
    from_json = classmethod(Settings.from_json.__func__)
    from_query = classmethod(Settings.from_query.__func__)


def _text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class ScenePlan:
    """What makes one scene differ from another; the module's docstring tells how to write one.

    Attributes
    ----------
    name : str
        The lab's name, as in ``LABS`` and in links.
    specs : dict
        Field → :class:`~nnlib.labs.settings.Field`.
    groups : dict
        Message key of a heading → fields whose controls stand under it.
    values : dict
        Preset → values; the first names every field.
    numbers, describe, draw : callable
        Functions of the settings: what the scene shows as numbers, in words, and as a matplotlib Figure.
    scripts : dict
        Kind → function of the settings that returns a script.
    choices : dict
        Field → the choices of its control, where they are fewer than all.
    """

    name: str
    specs: Mapping
    groups: Mapping
    values: Mapping
    numbers: Callable
    describe: Callable
    draw: Callable
    scripts: Mapping
    choices: Mapping = field(default_factory=dict)

    #: A scene has no settings that are lists, no parts of a training lab's view and no run; its groups stay open.
    lists = closed = parts = sensitive = ()
    plot = ""

    def open(self, settings, problems=(), **options):
        """Return the lab with these settings; options as for :class:`~nnlib.labs.Lab`."""
        return SceneLab(self, settings, problems, **options)

    @cached_property
    def presets(self):
        """Name → settings, the first is where the lab begins."""
        kind = type("SceneSettings", (SceneSettings,), {"specs": MappingProxyType(dict(self.specs))})
        first = next(iter(self.values.values()))
        return {name: kind(**{**first, **values}) for name, values in self.values.items()}

    @property
    def defaults(self):
        return next(iter(self.presets.values()))

    @property
    def hint(self):
        return MESSAGES[f"hint_{self.name}"]

    @property
    def fields(self):
        return [field for fields in self.groups.values() for field in fields]


class SceneLab(Lab):
    """A lab that trains nothing; used like every :class:`~nnlib.labs.Lab`."""

    def __init__(self, plan, settings, problems=(), **options):
        super().__init__(plan, settings, problems, **options)
        self.view.presets = {name: preset.to_json() for name, preset in plan.presets.items()}
        self.view.alt = self.alt

    def _make_engine(self, settings):
        return _Stand(settings, lambda content: self.view.send(content))

    @property
    def settings(self):
        return self.engine.settings

    @property
    def numbers(self):
        """Name → number: what the scene shows."""
        return self.plan.numbers(self.settings)

    def code(self, kind="nnlib"):
        """Return a script that prints the numbers which the scene shows; ``scripts`` of the plan tells the kinds."""
        return lookup(self.plan.scripts, kind, "kind of script")(self.settings)

    def run(self):
        """Nothing trains here: return the numbers that the scene shows."""
        return self.numbers

    def figure(self):
        """Return a matplotlib Figure of the scene as it stands."""
        return self.plan.draw(self.settings)

    @property
    def alt(self):
        """The scene in words, for readers who do not see it."""
        return self.plan.describe(self.settings)

    def _read_controls(self):
        return self.settings.with_(**{field: control.value for field, control in self.controls.items()})


class _Stand:
    """Stands where other labs have their engine: keeps the settings and tells what went wrong."""

    run, status = None, "finished"

    def __init__(self, settings, send):
        self.settings, self._send = settings, send

    def call(self, action):
        action()

    def set(self, settings):
        self.settings = settings

    def receive(self, content):
        """Answer a view that asks whether there is a kernel; it asks for nothing else."""
        if content.get("kind") == "hello":
            self._send({"kind": "welcome"})

    def fail(self, error):
        self._send({"kind": "error", "text": str(error)})
