"""Live labs without a browser, on a real event loop: their far end is played here, and so is a reader's hand."""

import asyncio
from decimal import Decimal
from types import SimpleNamespace

import ipywidgets as widgets
import numpy as np

import nnlib
from nnlib.labs import LABS


def extremes(control):
    """Every value of a control's dropdown; least, middle and largest of a slider."""
    if control.choices:
        return range(len(control.choices))
    if isinstance(control.widget, widgets.Checkbox):
        return (True, False)
    if control.kind == "text":
        return ("", "1 2 1")
    if control.kind == "list":
        return extreme_lists(**control.schema())
    low, high = control.widget.min, control.widget.max
    return (low, (low + high) // 2 if isinstance(low, int) else (low + high) / 2, high)


def extreme_lists(least, most, choices=(), min=0, max=0, **_):
    """The shortest and the longest list, of the first and the last entries that may stand in it."""
    if not choices:
        return ([min] * least, [max], [min, max, min], [min] * most)
    return (choices[:1], choices[-most:], choices[-least:]) if least else ([], choices[:2], choices[-most:])


def move(control, value):
    """What a reader's hand does."""
    setattr(control.widget, control.linked, value)


def sliders():
    """Each slider of decimals with the numbers it computes, as floats, and those that it means."""
    for name, control in [(name, control) for name, make in LABS.items() for control in make().controls.values()]:
        widget = control.widget
        if isinstance(widget, widgets.FloatSlider):
            low, step = Decimal(str(widget.min)), Decimal(str(widget.step))
            count = int((Decimal(str(widget.max)) - low) / step)
            meant = [float(low + k * step) for k in range(count + 1)]
            yield name, control, [widget.min + k * widget.step for k in range(count + 1)], meant


class Line:
    """The far end of a lab's line: what a view would receive, and what it would answer."""

    def __init__(self, lab):
        self.lab, self.frames, self.messages = lab, [], []
        lab.engine._send = self.receive

    def receive(self, content, buffers):
        self.messages.append(content["kind"])
        if content["kind"] == "frame":
            self.frames.append(SimpleNamespace(**content, parameters=np.frombuffer(buffers[0], np.float32)))

    def say(self, kind, **content):
        self.lab._on_message(self.lab.view, {"kind": kind, **content}, [])

    async def paint(self, until, limit=10.0):
        """Acknowledge frames until one of them satisfies a condition."""
        end = asyncio.get_running_loop().time() + limit
        while not (self.frames and until(self.frames[-1])):
            assert asyncio.get_running_loop().time() < end, f"gave up; last frame {self.frames[-1:]}"
            if self.frames:
                self.say("ack", frame=self.frames[-1].frame)
            await asyncio.sleep(0.002)


def tasks(lab):
    return [task for task in asyncio.all_tasks() if task.get_name() == f"nnlib-{lab.lab_id}"]


def on_loop(scenario, **settings):
    """Run a scenario with a live lab on an event loop of its own."""

    async def main():
        lab = nnlib.labs.capacity(**{"epochs": 40, "batch_size": 10, "pace": 0, **settings})
        await scenario(lab, Line(lab))

    asyncio.run(main())
