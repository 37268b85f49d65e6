"""How long nbval takes to execute every notebook of the book, on two processes as in CI."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.benchmarks.table import Row

ROOT = Path(__file__).parents[2]
BUDGET = 240  # seconds


def measure():
    """Return the rows of this part."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadscope"]
    command += ["--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=120", "book"]
    begin = time.perf_counter()
    run = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "NNLIB_HEADLESS": "1"}, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - begin
    last = run.stdout.strip().splitlines()[-1] if run.stdout.strip() else run.stderr.strip()[-200:]
    measured = f"{seconds:.0f} s" if run.returncode == 0 else f"a notebook fails: {last}"
    return [
        Row(
            "every notebook with nbval on 2 cores", f"≤ {BUDGET} s", measured, run.returncode == 0 and seconds <= BUDGET
        )
    ]
