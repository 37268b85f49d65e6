"""A page that is wrong must not be published: the build fails and says why."""

import re
import shutil

import nbformat
import numpy as np
import pytest
from PIL import Image

from tests.site import BOOK, build_site, load

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
    text = nbformat.v4.new_markdown_cell("One ($x > 0$), two: $y$")
    pieces = nbformat.v4.new_code_cell("print('half a', flush=True, end=' ')\nprint('line')")
    pages = build_site(toy_book(TITLE, text, pieces, cell), tmp_path)
    page = (pages / "index.html").read_text()
    shown = re.search(r'<img[^>]*alt="A line that rises."[^>]*>', page)[0]
    source, width = (re.search(what, shown)[1] for what in ('src="(.*?)"', r"width: (\d+)px"))
    with Image.open(pages / source) as picture:
        assert picture.mode == "P" and picture.width / int(width) == pytest.approx(1.6, rel=0.01)
    assert "half a line\n" in page, "a cell's print is broken where the kernel sent it in pieces"
    assert 'One <span class="together">(<span class="math' in page and "</span>),</span> two: <span class=" in page


def test_a_figure_gets_a_palette_and_a_photograph_keeps_its_colours(tmp_path):
    weight = load(BOOK / "_ext" / "textbook" / "weight.py")
    ramp = np.broadcast_to(np.linspace(0, 255, 400), (300, 400))
    noise = np.random.default_rng(0).integers(0, 256, (300, 400))
    ramp = np.clip(ramp + noise // 128, 0, 255)
    for name, red, mode in [("figure", np.full_like(noise, 255), "P"), ("photograph", noise, "RGB")]:
        before = np.stack([red, ramp, ramp[:, ::-1]], 2).astype(np.uint8)
        file = tmp_path / f"{name}.png"
        Image.fromarray(before).convert("RGBA").save(file, dpi=(200, 200))
        size = file.stat().st_size
        assert weight.lighten(file) == 200, "pixels of a page: 400 of its own, half an inch"
        assert file.stat().st_size < size
        with Image.open(file) as after:
            assert after.mode == mode
            assert np.abs(np.asarray(after.convert("RGB"), int) - before).mean() < 1
        written = file.read_bytes()
        assert weight.lighten(file) == 200 and file.read_bytes() == written
