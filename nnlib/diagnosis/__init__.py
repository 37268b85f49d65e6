"""What goes wrong in training, where, and what would cure it.

Each ailment has a measurement of its own: dead and saturated units, gradients that vanish or explode on their
way back, the curvature that bounds the learning rate, losses that stand still or grow. ``examine`` takes them
all for one network in training and puts into words what it finds.
"""

from nnlib.diagnosis.curvature import largest_curvature, largest_stable_rate
from nnlib.diagnosis.curves import constant_loss, growing, plateau
from nnlib.diagnosis.doctor import Diagnosis, examine
from nnlib.diagnosis.gradients import EXPLODING, VANISHING, LayerGradient, gradient_norms, signal_ratio
from nnlib.diagnosis.units import dead_units, saturated_units

__all__ = [
    "EXPLODING",
    "VANISHING",
    "Diagnosis",
    "LayerGradient",
    "constant_loss",
    "dead_units",
    "examine",
    "gradient_norms",
    "growing",
    "largest_curvature",
    "largest_stable_rate",
    "plateau",
    "saturated_units",
    "signal_ratio",
]
