"""One more chance for a browser test: a machine that is busy elsewhere can keep a browser from what it was about to do.

With ``-p tests.once_more``, as ``make test`` has it, a failed test of tests/browser is run again at the end: by itself,
in a process and a browser of its own. If it holds there, it counts as passed, and the summary tells of it. More than
three are no accident any more, and beside the failure of another test there is nothing to save: then none is run again.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

FOLDER = "tests/browser/"
MOST = 3
#: Where the second run finds the site and the gallery that the first one has built (tests/browser/conftest.py).
BUILT = "NNLIB_BUILT"
HELD = "held when run once more"


@pytest.hookimpl(trylast=True)  # the workers have ended, and nothing else is at work
def pytest_sessionfinish(session, exitstatus):
    config = session.config
    if hasattr(config, "workerinput") or exitstatus != pytest.ExitCode.TESTS_FAILED:
        return
    stats = config.pluginmanager.getplugin("terminalreporter").stats
    failed = {report.nodeid for kind in ("failed", "error") for report in stats.get(kind, ())}
    if len(failed) > MOST or not all(name.startswith(FOLDER) for name in failed):
        return
    held = {name for name in failed if _holds(name, config)}
    for kind in ("failed", "error"):
        stats[HELD] = stats.get(HELD, []) + [report for report in stats.get(kind, ()) if report.nodeid in held]
        stats[kind] = [report for report in stats.get(kind, ()) if report.nodeid not in held]
    if held == failed:
        session.exitstatus = pytest.ExitCode.OK


def _holds(name, config):
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", name]
    environment = os.environ | {BUILT: str(config._tmp_path_factory.getbasetemp())}
    ran = subprocess.run(command, cwd=config.rootpath, env=environment, capture_output=True, check=False)
    return ran.returncode == pytest.ExitCode.OK


def pytest_terminal_summary(terminalreporter):
    """Tell how many tests needed it, and what each had failed of."""
    held = terminalreporter.stats.get(HELD, [])
    terminalreporter.section(f"browser tests that {HELD}: {len({report.nodeid for report in held})}")
    for report in held:
        terminalreporter.line(f"{report.nodeid}\n    {_reason(report)}")


def _reason(report):
    crash = getattr(report.longrepr, "reprcrash", None)
    return (crash.message if crash else str(report.longrepr)).strip().splitlines()[0]
