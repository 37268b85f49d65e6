"""Settings that are lists: inputs, units and activation of each layer. No ipywidget shows one; the view does."""

from __future__ import annotations

from nnlib.labs.settings import FIELDS


class ListControl:
    """A field that holds a list, with the same face as a :class:`~nnlib.labs.controls.Control`.

    Attributes
    ----------
    field : str
    widget : LabView
        Whose trait ``value_<field>`` is the value itself: what the reader changes in the view reaches the kernel by it.
    """

    kind, choices = "list", ()

    def __init__(self, field, value, messages):
        self.field, self.linked = field, f"value_{field}"
        self.widget = None  # until there is a view
        self._start, self._label = list(value), messages[f"control_{field}"]

    @property
    def value(self):
        return tuple(self.raw())

    def raw(self):
        """Return the list that the view has, or begins with."""
        return self._start if self.widget is None else getattr(self.widget, self.linked)

    def raw_of(self, value):
        """Return what the view has for another value."""
        return list(value)

    def schema(self):
        """Return what the view must know of the field: what may stand in the list, and how many."""
        spec = FIELDS[self.field]
        entry = {"field": self.field, "label": self._label, "kind": "list", "restarts": True}
        entry |= {"least": spec.least, "most": spec.most}
        if spec.kind == "names":
            return {**entry, "choices": list(spec.choices)}
        return {**entry, "min": spec.minimum, "max": spec.maximum}
