"""What nnlib adds to the start of a program that has numpy already."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.benchmarks.table import Row

BUDGET = 0.15  # seconds
TRIES = 7
_SCRIPT = """
import json, sys, time
import numpy
begin = time.perf_counter()
import nnlib
seconds = time.perf_counter() - begin
print(json.dumps([seconds, [name for name in ("torch", "matplotlib", "ipywidgets") if name in sys.modules]]))
"""


def measure():
    """Return the rows of this part: the best of several fresh processes, the first of which warms the disk."""
    answers = []
    for _ in range(TRIES):
        answer = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True, check=True)
        answers.append(json.loads(answer.stdout))
    seconds = min(seconds for seconds, _ in answers)
    loaded = answers[0][1]
    also = f"and loads {', '.join(loaded)}" if loaded else "no torch, matplotlib or ipywidgets"
    measured = f"{1000 * seconds:.0f} ms, {also}"
    return [Row("import nnlib, beyond numpy", f"≤ {1000 * BUDGET:.0f} ms", measured, seconds <= BUDGET and not loaded)]
