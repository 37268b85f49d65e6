"""Building the site, for the tests that look at it and for those that see it fail; and what the site is built by."""

import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
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


def load(path):
    """Import a file by itself: a script, or a module of the site's extension, which needs Sphinx as a whole."""
    loader = SourceFileLoader(Path(path).stem, str(path))
    module = module_from_spec(spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module
