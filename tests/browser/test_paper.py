"""The book on paper: one PDF of all chapters, printed from the site's own pages."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from pypdf import PdfReader

from tests.site import BOOK, load

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def pdf(site, tmp_path_factory):
    """The PDF, made of what building the site has read and executed."""
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    options = ["-W", "--keep-going", "--builder", "custom", "--custom-builder", "singlehtml"]
    command = [jupyter_book, "build", *options, "--path-output", site.parents[1], BOOK]
    build = subprocess.run(command, capture_output=True, text=True, check=False)
    assert build.returncode == 0, f"{build.stdout[-2000:]}\n{build.stderr[-4000:]}"
    assert "Executing notebook" not in build.stderr, "no notebook runs a second time"
    target = tmp_path_factory.mktemp("paper") / "book.pdf"
    load(BOOK / "_ext" / "print_book.py").print_book(site.parent / "singlehtml", target)
    return PdfReader(target)


def chapters():
    """Return the files of all chapters and appendices but the reference of the library."""
    toc = yaml.safe_load((BOOK / "_toc.yml").read_text())
    listed = [entry["file"] for part in toc["parts"] for entry in part["chapters"]]
    return [name for name in listed if not name.startswith("api/")]


def heading(name):
    """Return the title of a chapter or appendix."""
    notebook, page = BOOK / f"{name}.ipynb", BOOK / f"{name}.md"
    text = nbformat.read(notebook, 4).cells[0].source if notebook.is_file() else page.read_text()
    return re.search("^# (.+)", text, re.MULTILINE)[1]


def test_every_chapter_begins_a_page_of_one_pdf_with_contents(pdf):
    title, below = pdf.outline
    assert title.title == "From Neuron to Network"
    begins = [entry for entry in below if not isinstance(entry, list)]
    page_of = {entry.title: pdf.get_destination_page_number(entry) for entry in begins}
    pages = [page_of[heading(name)] for name in chapters()]
    for page in pages:
        above = [entry for entry in page_of.values() if entry == page]
        assert len(above) == 1, "a chapter begins a page"
    links = [note for page in pdf.pages[:4] for note in page.get("/Annots", [])]
    assert len(links) >= len(chapters()), "the list of chapters leads to them"


def test_the_outline_says_every_heading_once(pdf):
    def titles(entries):
        return [title for each in entries for title in (titles(each) if isinstance(each, list) else [each.title])]

    # Of one that is cut by a page's edge, in full or its last line.
    twice = [title for title in titles(pdf.outline) if re.search(r"(\w.{2,})\1$", title)]
    assert not twice


def test_figures_and_labs_are_in_place(pdf):
    pictures = sum(len(page.images) for page in pdf.pages)
    notebooks = [BOOK / f"{name}.ipynb" for name in chapters()]
    shown = sum(path.read_text().count('"alt":') for path in notebooks if path.is_file())
    assert pictures > shown, "the cover, every figure, the picture of every lab"
    text = "".join(page.extract_text() for page in pdf.pages)
    assert "needs JavaScript" not in text and "Copy to clipboard" not in text
