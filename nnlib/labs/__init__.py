"""The labs: models that a reader retrains by moving a slider.

``nnlib.labs.capacity()`` makes a lab and shows it. A lab is a widget tree that works with a kernel
and without one, a link that reproduces the run, and scripts that reproduce its numbers.
"""

from nnlib.labs.lab import Lab
from nnlib.labs.settings import FIELDS, Settings
from nnlib.labs.sweeping import sweep
from nnlib.labs.vary_capacity import CAPACITY, capacity
from nnlib.registry import lookup as _lookup

#: name → function, every lab.
LABS = {"capacity": capacity}

_PLANS = {plan.name: plan for plan in (CAPACITY,)}

__all__ = ["FIELDS", "LABS", "Lab", "Settings", "capacity", "plan_of", "sweep"]


def plan_of(lab_id):
    """Return the Plan of a lab's id: ``capacity-2`` is the second capacity lab of a page."""
    name, _, number = lab_id.rpartition("-")
    return _lookup(_PLANS, name if number.isdigit() else lab_id, "lab")
