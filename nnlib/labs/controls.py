"""From settings to ipywidgets: a control for each field that a lab shows.

A field's kind decides on the control. Numbers are offered on sliders; rates and penalties on a
slider over written-out values, because only their order of magnitude matters. ``Dropdown`` and
``SelectionSlider`` do not sync their value, so their index is linked, and names stay in Python.
"""

from __future__ import annotations

import ipywidgets as widgets
import numpy as np

from nnlib.labs.settings import CHANGEABLE, FIELDS


class Control:
    """One field with its widget.

    Attributes
    ----------
    field : str
    widget : ipywidgets widget
    choices : tuple
        What the index counts, for names and scales; empty for numbers and switches.
    """

    def __init__(self, field, value, messages, choices=None, spec=None):
        self.field = field
        self._spec = spec = spec or FIELDS[field]
        label = messages[f"control_{field}"]
        self.choices = tuple(choices or spec.choices)
        style = {"description_width": "initial"}
        if spec.kind == "name":
            if value not in self.choices:
                self.choices += (value,)
            options = [messages.get(f"option_{name}", name) for name in self.choices]
            options = list(zip(options, self.choices))
            self.widget = widgets.Dropdown(options=options, value=value, description=label, style=style)
        elif spec.kind == "scale" or (self.choices and spec.kind in ("integer", "real")):
            self.choices = tuple(sorted({*self.choices, value}))
            options = [(np.format_float_positional(choice, trim="-"), choice) for choice in self.choices]
            self.widget = widgets.SelectionSlider(
                options=options, value=value, description=label, style=style, continuous_update=True
            )
        elif spec.kind == "switch":
            self.widget = widgets.Checkbox(value=value, description=label, indent=False)
        elif spec.kind == "text":
            self.widget = widgets.Text(value=value, description=label, style=style, continuous_update=False)
        elif field == "seed" or spec.typed:
            self.widget = widgets.BoundedIntText(
                value=value, min=spec.minimum, max=spec.maximum, description=label, style=style
            )
        else:
            slider = widgets.IntSlider if spec.kind == "integer" else widgets.FloatSlider
            self.widget = slider(
                value=value, min=spec.minimum, max=spec.maximum, step=spec.step, description=label, style=style
            )
        self.widget.add_class(f"nnlib-control-{field.replace('_', '-')}")

    @property
    def kind(self):
        """How the view reads it: ``"choice"`` (an index), ``"switch"``, ``"text"`` or ``"number"``."""
        return "choice" if self.choices else self._spec.kind if self._spec.kind in ("switch", "text") else "number"

    @property
    def linked(self):
        """The widget's trait that carries the value to the view."""
        return "index" if self.choices else "value"

    @property
    def value(self):
        value = self.widget.value
        return _decimal(value) if self.kind == "number" and isinstance(value, float) else value

    def raw(self):
        """Return the number that the view gets: value or index."""
        return getattr(self.widget, self.linked)

    def raw_of(self, value):
        """Return the number that stands for another value; None where the control does not offer it."""
        if not self.choices:
            return value
        return self.choices.index(value) if value in self.choices else None

    def schema(self):
        """Return what the view must know of the control."""
        entry = {
            "field": self.field,
            "label": self.widget.description,
            "kind": self.kind,
            "restarts": self.field not in CHANGEABLE,
        }
        if self.choices:
            entry["choices"] = list(self.choices)
        elif self.kind == "number":
            entry |= {"min": self._spec.minimum, "max": self._spec.maximum}
        return entry


def _decimal(value):
    """Return the decimal that a slider means: it computes 0.1 as −1 + 11·0.1, which is 0.10000000000000009."""
    short = round(value, 10) + 0.0  # never −0
    return short if abs(short - value) < 1e-12 else value


def arrange(groups, controls, messages, closed=()):
    """Return a box of controls under group headings; ``groups`` maps a heading's message key to fields.

    Groups in ``closed`` show their heading only, until the reader opens them (``web/disclosure.js``).
    """
    boxes = []
    for key, fields in groups.items():
        heading = widgets.HTML(f"<p class='nnlib-heading'>{messages[key]}</p>")
        box = widgets.VBox([heading, *(controls[field].widget for field in fields)])
        box.add_class("nnlib-group")
        if key in closed:
            box.add_class("nnlib-closed")
        boxes.append(box)
    box = widgets.VBox(boxes)
    box.add_class("nnlib-controls")
    return box
