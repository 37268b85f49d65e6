"""Building the site, for the tests that look at it and for those that see it fail."""

import subprocess
import sys
from pathlib import Path

BOOK = Path(__file__).resolve().parents[1] / "book"


def build_site(book, output):
    """Build a book into `output`, every warning an error; returns the folder of its pages.

    An AssertionError shows the end of the log where the build fails.
    """
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    command = [jupyter_book, "build", "--all", "-W", "--keep-going", "--path-output", output, book]
    build = subprocess.run(command, capture_output=True, text=True, check=False)
    assert build.returncode == 0, f"the site does not build:\n{build.stdout[-2000:]}\n{build.stderr[-6000:]}"
    return Path(output, "_build", "html")
