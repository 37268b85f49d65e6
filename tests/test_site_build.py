"""A page that is wrong must not be published: the build fails and says why."""

import shutil

import nbformat
import pytest

from tests.site import BOOK, build_site

TOC = "format: jb-book\nroot: index\nchapters:\n  - file: more\n"
PICTURE = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"


@pytest.fixture
def toy_book(tmp_path):
    """A function that writes a book of one notebook, built by the real configuration and extension."""

    def write(*cells):
        book = tmp_path / "book"
        book.mkdir()
        for name in ("_config.yml", "references.bib"):
            shutil.copy(BOOK / name, book)
        (book / "_ext").symlink_to(BOOK / "_ext")
        (book / "_assets").symlink_to(BOOK / "_assets")
        (book / "_toc.yml").write_text(TOC)
        (book / "more.md").write_text("# More\n\nThe theme's list of chapters wants one.\n")
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), book / "index.ipynb")
        return book

    return write


TITLE = nbformat.v4.new_markdown_cell("# Toy")


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (nbformat.v4.new_code_cell("1 / 0"), "ZeroDivisionError"),
        (nbformat.v4.new_code_cell("import warnings\nwarnings.warn('ripe')"), "stderr"),
        (nbformat.v4.new_code_cell(PICTURE), "a picture without alternative text"),
        (nbformat.v4.new_markdown_cell("See [the end](nowhere.md)."), "nowhere.md"),
        (nbformat.v4.new_markdown_cell("```{nnlib-module} nnlib.nowhere\n```"), "No module named 'nnlib.nowhere'"),
    ],
    ids=["failing cell", "warning", "no alternative text", "dead link", "unknown module"],
)
def test_a_wrong_page_stops_the_build(toy_book, tmp_path, cell, reason):
    with pytest.raises(AssertionError, match=reason):
        build_site(toy_book(TITLE, cell), tmp_path)


def test_a_right_page_is_built_and_holds_its_text(toy_book, tmp_path):
    cell = nbformat.v4.new_code_cell(PICTURE, metadata={"mystnb": {"image": {"alt": "A line that rises."}}})
    pages = build_site(toy_book(TITLE, cell), tmp_path)
    assert 'alt="A line that rises."' in (pages / "index.html").read_text()
