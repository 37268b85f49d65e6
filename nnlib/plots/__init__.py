"""Figures with matplotlib: f(arrays, ax) → ax, without pyplot and its state.

Every function draws into the axes it is given, or into those of a new figure, and returns them.
"""

from nnlib.plots import style
from nnlib.plots.curves import learning_curves
from nnlib.plots.marks import points
from nnlib.plots.surfaces import decision_surface, hidden_units

__all__ = ["decision_surface", "hidden_units", "learning_curves", "points", "style"]
