"""The palette: readers with any colour vision can tell classes apart, and text can be read."""

import itertools
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.colors import to_rgb, to_rgba

from nnlib.plots import style


def linear(colour):
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


# What is left of linear RGB in full red, green and blue blindness: Machado, Oliveira, Fernandes, IEEE TVCG 15, 2009.
SIGHT = {
    "full": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def lab(rgb):
    """Return CIE L*a*b* of linear RGB, in which distances are those that the eye sees."""
    xyz = TO_XYZ @ rgb / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("colours", [style.FIELDS, style.POINTS], ids=["fields", "points"])
def test_classes_can_be_told_apart(colours, sight):
    seen = [lab(np.clip(SIGHT[sight] @ linear(colour), 0, 1)) for colour in colours]
    # 2.3 is just noticeable; marks in a scatter need several times that.
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 15


def contrast(one, other):
    lighter, darker = sorted((linear(colour) @ [0.2126, 0.7152, 0.0722] for colour in (one, other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_sufficient():
    assert min(contrast(colour, "white") for colour in style.POINTS) > 4.5
    assert min(contrast(style.ACCENT, ground) for ground in ("white", "black")) > 3
    assert min(contrast(style.INK, ground) for ground in (*style.FIELDS[:3], style.MIDDLE)) > 4.5


def test_the_scale_runs_from_orange_over_the_middle_to_blue():
    ends = [style.DIVERGING(0.0), style.DIVERGING(1.0)]
    np.testing.assert_allclose(ends, [to_rgba(style.FIELDS[0]), to_rgba(style.FIELDS[1])], atol=0.01)
    np.testing.assert_allclose(style.DIVERGING(0.5), to_rgba(style.MIDDLE), atol=0.01)


def test_pyplot_stays_out_of_it():
    code = "import sys, nnlib.plots as p; p.style.new_axes(); assert 'matplotlib.pyplot' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
