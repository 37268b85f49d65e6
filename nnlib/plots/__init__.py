"""Figures with matplotlib: f(arrays, ax) → ax, without pyplot and its state.

Every function draws into the axes it is given, or into those of a new figure, and returns them.
"""

from nnlib.plots import style
from nnlib.plots.cells import confusion, heat_map
from nnlib.plots.curves import curve_bands, learning_curves
from nnlib.plots.descent import loss_grid, loss_surface
from nnlib.plots.folding import hidden_space
from nnlib.plots.functions import activation_curve, loss_line
from nnlib.plots.graph import computation_graph
from nnlib.plots.histograms import layer_histograms
from nnlib.plots.marks import points
from nnlib.plots.networks import network_diagram
from nnlib.plots.pictures import feature_maps, image_grid
from nnlib.plots.reliability import calibration
from nnlib.plots.surfaces import decision_surface, hidden_units

__all__ = [
    "activation_curve",
    "calibration",
    "computation_graph",
    "confusion",
    "curve_bands",
    "decision_surface",
    "feature_maps",
    "heat_map",
    "hidden_space",
    "hidden_units",
    "image_grid",
    "layer_histograms",
    "learning_curves",
    "loss_grid",
    "loss_line",
    "loss_surface",
    "network_diagram",
    "points",
    "style",
]
