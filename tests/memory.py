"""How much memory each notebook needs at most: read from its kernel after the last cell, told at the end of the tests.

A reader on Binder has 2 GB for JupyterLab and all kernels, so a notebook that needs more than 1 GB fails. Linux alone
keeps the number (VmHWM in /proc/…/status: the most that the kernel itself ever had); elsewhere nothing is told.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

MOST = 1.0  # GB
_NAME = "peak memory"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    """Look before nbval stops the kernel; the number travels with the report, from a worker too."""
    kernel = getattr(item.parent, "kernel", None)
    last = nextitem is None or nextitem.parent is not item.parent
    most = peak(kernel.km.provisioner.pid) if kernel and last else 0.0
    if most:
        item.user_properties.append((_NAME, most))
    done = yield
    if most > MOST:
        pytest.fail(f"{item.path.name} needed {most:.2f} GB of memory; a notebook may need {MOST:g} GB", pytrace=False)
    return done


def pytest_terminal_summary(terminalreporter):
    """Print a line for each notebook."""
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    found = {
        report.nodeid.split("::")[0]: value
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == _NAME
    }
    if found:
        terminalreporter.section("peak memory of notebooks")
        for path, most in sorted(found.items()):
            terminalreporter.line(f"{most:.2f} GB  {path}")


def peak(pid):
    """Return how many GB a process had at most; 0.0 where the system does not tell."""
    status = Path(f"/proc/{pid}/status")
    found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text()) if status.exists() else None
    return int(found[1]) * 1024 / 1e9 if found else 0.0
