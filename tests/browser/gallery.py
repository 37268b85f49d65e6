"""A small site for tests of what holds for all labs: a page for each lab, and one with twenty.

The pages come from the book's own configuration and extension. No notebook is executed: the labs are made here, in one
process, and each page gets the state of its own widgets, as an executed notebook would have it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml

from tests.site import BOOK, build_site

MANY = 20
#: Epochs of the runs on the pages of single labs: hundreds of settings are tried there, and none must learn much.
SHORT = 40
#: Of ``many``: long runs, of which a saved page shows the first step.
LONG = {"epochs": 10_000, "stop": 1, "width": 4, "pace": 1}


def build_gallery(folder):
    """Build the pages in ``folder`` and return where they stand."""
    book = folder / "book"
    book.mkdir(parents=True)
    for name in ("_assets", "references.bib"):
        (book / name).symlink_to(BOOK / name)
    # A process of its own: hundreds of widgets live as long as the process that made them.
    subprocess.run([sys.executable, "-m", __name__, book], check=True, cwd=BOOK.parent)
    pages = sorted(path.stem for path in book.glob("*.ipynb"))
    (book / "index.md").write_text("# Gallery\n")
    toc = {"format": "jb-book", "root": "index", "chapters": [{"file": page} for page in pages]}
    (book / "_toc.yml").write_text(yaml.safe_dump(toc))
    configuration = yaml.safe_load((BOOK / "_config.yml").read_text())
    configuration["execute"]["execute_notebooks"] = "off"
    # The extension stays where its cache of third-party files is.
    configuration["sphinx"]["local_extensions"]["textbook"] = str(BOOK / "_ext")
    (book / "_config.yml").write_text(yaml.safe_dump(configuration))
    return build_site(book, folder)


def write_notebooks(book):
    """Write a notebook for each page, as if it had been executed."""
    from nnlib.labs import LABS, plan_of

    for name, lab in LABS.items():
        trains = hasattr(plan_of(name).defaults, "epochs")
        _write(book / f"{name}.ipynb", [lab(epochs=SHORT) if trains else lab()])
    _write(book / "many.ipynb", [LABS["capacity"](seed=seed, **LONG) for seed in range(MANY)])


def _write(path, labs):
    import nbformat
    from ipywidgets.embed import dependency_state

    # A heading for each lab: the theme has its column beside labs only where a page has contents.
    cells = [nbformat.v4.new_markdown_cell(f"# {path.stem}"), nbformat.v4.new_markdown_cell("## Before")]
    for number, lab in enumerate(labs, 1):
        data, metadata = lab._repr_mimebundle_()
        shown = nbformat.v4.new_output("display_data", data=data, metadata=metadata)
        cells.append(nbformat.v4.new_markdown_cell(f"## Lab {number}"))
        cells.append(nbformat.v4.new_code_cell("lab", execution_count=1, outputs=[_as_text(shown)]))
    state = dependency_state([lab.widget for lab in labs], drop_defaults=False)
    saved = {"version_major": 2, "version_minor": 0, "state": state}
    metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "widgets": {"application/vnd.jupyter.widget-state+json": saved},
    }
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)


def _as_text(output):
    """What is bytes becomes base64, as in a file."""
    import base64

    for kind, value in output.data.items():
        if isinstance(value, bytes):
            output.data[kind] = base64.b64encode(value).decode()
    return output


if __name__ == "__main__":
    write_notebooks(Path(sys.argv[1]))
