"""When a failed browser test is run again, and what it saves: small suites in a process of their own."""

import os
import subprocess
import sys

import pytest

from tests.once_more import HELD, MOST
from tests.site import BOOK

#: A test that fails until it is run a second time.
SHAKY = """
from pathlib import Path
def test_shaky():
    mark = Path(__file__).with_suffix(".mark")
    seen = mark.exists()
    mark.touch()
    assert seen, "too early"
"""
BROKEN = "def test_broken(): raise ValueError('broken')"


@pytest.mark.parametrize(
    "tests, passes, held, workers",
    [
        ({"browser/test_a.py": SHAKY}, True, 1, "2"),
        ({f"browser/test_{i}.py": SHAKY for i in range(MOST)}, True, MOST, "0"),
        ({f"browser/test_{i}.py": SHAKY for i in range(MOST + 1)}, False, 0, "0"),
        ({"browser/test_a.py": SHAKY, "browser/test_b.py": BROKEN}, False, 1, "0"),
        ({"browser/test_a.py": SHAKY, "test_b.py": BROKEN}, False, 0, "0"),
        ({"test_a.py": SHAKY}, False, 0, "0"),
    ],
    ids=["one", "three", "four", "one of two", "beside another failure", "no browser test"],
)
def test_what_a_second_run_saves(tmp_path, tests, passes, held, workers):
    for name, text in ({"test_good.py": "def test_good(): pass"} | tests).items():
        path = tmp_path / "tests" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib")
    # By its path, for the small suite has a package of the same name; and without the plugins that take long to load.
    start = f"import sys; sys.path.insert(0, {str(BOOK.parent)!r}); import pytest; sys.exit(pytest.main(sys.argv[1:]))"
    command = [sys.executable, "-P", "-c", start, "-p", "tests.once_more", "-p", "xdist", "-n", workers, "tests"]
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (ran.returncode == 0) == passes, ran.stdout + ran.stderr
    assert f"browser tests that {HELD}: {held} =" in ran.stdout
    assert ran.stdout.count("AssertionError: too early") >= held
