"""A small site for tests of what holds for all labs: a page for each lab, one with twenty, and one with questions.

The pages come from the book's own configuration and extension. No notebook is executed: the labs are made here, in one
process, and each page gets the state of its own widgets, as an executed notebook would have it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import yaml

from tests.site import BOOK, build_site

MANY = 20
#: Epochs of the runs on the pages of single labs: hundreds of settings are tried there, and none must learn much.
SHORT = 40
#: Of ``questions``: a quiz of three options, and an exercise that asks for a number.
QUIZ, ASK = "08.lambda", "08.2"
#: In place of a lab's picture, which nobody looks at: one pixel.
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
#: Of ``many``: long runs, of which a saved page shows the first step.
LONG = {"epochs": 10_000, "stop": 1, "width": 4, "pace": 1}


def build_gallery(folder):
    """Build the pages in ``folder`` and return where they stand."""
    book = folder / "book"
    book.mkdir(parents=True)
    for name in ("_assets", "references.bib"):
        (book / name).symlink_to(BOOK / name)
    # A process of its own: hundreds of widgets live as long as the process that made them.
    command = [sys.executable, "-m", __name__, book]
    # What the checker remembers is the reader's, not the tests'.
    subprocess.run(command, check=True, cwd=BOOK.parent, env=os.environ | {"XDG_DATA_HOME": str(folder)})
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
    from nnlib.exercises import ask, check, quiz
    from nnlib.labs import LABS, plan_of

    for name, lab in LABS.items():
        trains = hasattr(plan_of(name).defaults, "epochs")
        _write_labs(book / f"{name}.ipynb", [lab(epochs=SHORT) if trains else lab()])
    _write_labs(book / "many.ipynb", [LABS["capacity"](seed=seed, **LONG) for seed in range(MANY)])
    questions = [quiz(QUIZ), ask(ASK)]
    verdict = {"text/html": check("08.1", lambda widths: 1)._repr_html_()}
    outputs = [*(question._repr_mimebundle_() for question in questions), (verdict, {})]
    _write(book / "questions.ipynb", "Question", outputs, questions)


def _write_labs(path, labs):
    outputs = []
    for lab in labs:
        data, metadata = lab._repr_mimebundle_()
        # With a picture beside it, as in the book, a lab may take the column of the page's contents.
        outputs.append((data | {"image/png": PICTURE}, metadata | {"image/png": {"alt": lab.plan.name}}))
    _write(path, "Lab", outputs, [lab.widget for lab in labs])


def _write(path, kind, outputs, widgets):
    import nbformat
    from ipywidgets.embed import dependency_state

    # A heading for each output: the theme has its column beside labs only where a page has contents.
    cells = [nbformat.v4.new_markdown_cell(f"# {path.stem}"), nbformat.v4.new_markdown_cell("## Before")]
    for number, (data, metadata) in enumerate(outputs, 1):
        shown = nbformat.v4.new_output("display_data", data=data, metadata=metadata)
        cells.append(nbformat.v4.new_markdown_cell(f"## {kind} {number}"))
        cells.append(nbformat.v4.new_code_cell(kind.lower(), execution_count=1, outputs=[_as_text(shown)]))
    cells.append(nbformat.v4.new_markdown_cell("## After"))
    saved = {"version_major": 2, "version_minor": 0, "state": dependency_state(widgets, drop_defaults=False)}
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
