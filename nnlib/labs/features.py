"""What a lab's network may be given of a point: x₁ and x₂ themselves, and functions of them.

A data set keeps its points as they are, so that they can be painted; the network's inputs are the
features of each point, computed here. ``web/features.js`` is the twin.
"""

from __future__ import annotations

import numpy as np

#: name → function of x1 and x2 (arrays).
FEATURES = {
    "x1": lambda x1, x2: x1,
    "x2": lambda x1, x2: x2,
    "x1_squared": lambda x1, x2: x1 * x1,
    "x2_squared": lambda x1, x2: x2 * x2,
    "x1_x2": lambda x1, x2: x1 * x2,
    "sin_x1": lambda x1, x2: np.sin(x1),
    "sin_x2": lambda x1, x2: np.sin(x2),
}

#: The points as they are.
PLAIN = ("x1", "x2")


def compute_features(names, points):
    """Return the features (n, k) of points (n, 2), a column for each name."""
    x1, x2 = np.asarray(points).T
    return np.column_stack([FEATURES[name](x1, x2) for name in names])
