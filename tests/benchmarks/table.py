"""One row for each budget, and the machine in words."""

from __future__ import annotations

import os
import platform
import unicodedata
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

HEADINGS = ("what", "budget", "measured", "verdict")


@dataclass(frozen=True)
class Row:
    """A budget and what was found; ``kept`` is None where there is nothing to judge."""

    what: str
    budget: str
    measured: str
    kept: bool | None = None

    @property
    def verdict(self):
        return {True: "kept", False: "MISSED", None: "–"}[self.kept]


def format_rows(rows):
    """Return the rows as lines of a Markdown table, in columns."""
    cells = [HEADINGS, *((row.what, row.budget, row.measured, row.verdict) for row in rows)]
    widths = [max(_width(line[column]) for line in cells) for column in range(len(HEADINGS))]
    lines = [
        "| " + " | ".join(text + " " * (w - _width(text)) for text, w in zip(line, widths)) + " |" for line in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
    return "\n".join(lines)


def _width(text):
    return sum(not unicodedata.combining(character) for character in text)


def describe_machine():
    """Return what a reader of the numbers must know: processor, load, versions."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "torch", "scikit-learn"))
    lines = [
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}, {packages}",
        f"numpy multiplies with {blas['name']} {blas['version']}, one thread",
    ]
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    if load > 0.5:
        lines.append(f"The machine is busy (load {load:.1f}): ratios still hold, milliseconds and frames less so.")
    return "\n".join(lines)


def _processor():
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"
