"""A small site with every lab, and one with many: for tests of what holds for all labs."""

from __future__ import annotations

import shutil

import nbformat
import yaml

from nnlib.labs import LABS
from tests.site import BOOK, build_site

#: page → (name of the lab, arguments) of each lab on it
PAGES = {
    "labs": [(name, "") for name in LABS],
    "many": [("capacity", f"seed={seed}, epochs=2000, width=4") for seed in range(20)],
}


def build_gallery(folder):
    """Build the pages in ``folder`` with the book's own configuration; return where they stand."""
    book = folder / "book"
    shutil.copytree(BOOK, book, ignore=shutil.ignore_patterns("_build", "*.ipynb", "api", "solutions"))
    for page, labs in PAGES.items():
        cells = [nbformat.v4.new_markdown_cell("# Labs"), nbformat.v4.new_code_cell("import nnlib")]
        cells += [nbformat.v4.new_code_cell(f"nnlib.labs.{name}({arguments})") for name, arguments in labs]
        metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), book / f"{page}.ipynb")
    (book / "index.md").write_text("# Gallery\n")
    toc = {"format": "jb-book", "root": "index", "chapters": [{"file": page} for page in PAGES]}
    (book / "_toc.yml").write_text(yaml.safe_dump(toc))
    build_site(book, folder)
    return folder / "_build" / "html"
