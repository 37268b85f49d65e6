"""A page that is wrong must not be published: the build fails and says why."""

import json
import re
import shutil

import nbformat
import numpy as np
import pytest
from PIL import Image

from tests.site import BOOK, build_site, load

stopping = load(BOOK / "_ext" / "textbook" / "stopping.py")
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
    ("source", "last"),
    [
        ("x = 0\n1 / x", "book/index.ipynb, cell 0 `x = 0`: ZeroDivisionError: division by zero"),
        (
            "from nnlib.exercises import quiz\nquestion = quiz('01.bias')",
            'book/index.ipynb: its page lacks quiz("01.bias")',
        ),
    ],
    ids=["failing cell", "lost question"],
)
def test_a_book_that_is_not_whole_is_not_built_and_the_last_line_says_why(toy_book, tmp_path, source, last):
    earlier = tmp_path / "_build" / "html" / "index.html"
    earlier.parent.mkdir(parents=True)
    earlier.write_text("The page of an earlier build.")
    with pytest.raises(AssertionError, match=re.escape(f"\n{last} – the book was not built.\n") + r"\Z"):
        build_site(toy_book(TITLE, nbformat.v4.new_code_cell(source)), tmp_path)
    assert not {"index.html", "more.html"} & {page.name for page in earlier.parent.iterdir()}


@pytest.mark.parametrize(
    ("source", "timeout", "reason"),
    [
        ("while True: pass", 1, "cell 0 `while True: pass`: CellTimeoutError: A cell timed out .* after 1 seconds"),
        ("import os\nos._exit(1)", 60, "cell 0 `import os`: DeadKernelError: Kernel died"),
        ("assert 1 == 2", 60, "cell 0 `assert 1 == 2`: AssertionError$"),
    ],
    ids=["time limit", "dead kernel", "no message"],
)
def test_whatever_stops_a_cell_is_told_with_its_place(source, timeout, reason):
    cells = [TITLE, nbformat.v4.new_code_cell(source)]
    with pytest.raises(stopping.NotWhole, match=f"^toy.ipynb, {reason}"):
        stopping.execute("toy.ipynb", nbformat.v4.new_notebook(cells=cells), timeout=timeout)


#: Of a notebook with a question, a lab and a slider, and what its cells give: models as they are saved.
MODELS = {
    "question": {"state": {"sealed": "", "kind": "quiz", "name": "01.bias"}},
    "lab": {"state": {"children": ["IPY_MODEL_view"]}},
    "view": {"state": {"lab": "neuron", "lab_id": "neuron"}},
    "slider": {"state": {}},
}
CELLS = {"question": 'quiz("01.bias")', "lab": "lab = nnlib.labs.neuron()", "slider": "%magic\nslider()"}


@pytest.mark.parametrize(
    ("views", "saved", "lost"),
    [
        ("question lab slider", "question lab view slider", []),
        ("question slider", "question lab view slider", ["labs.neuron"]),
        ("question lab slider", "question slider", ["labs.neuron"]),
        ("question lab slider", "question lab slider", ["labs.neuron"]),
        ("lab", "question lab view slider", ['quiz("01.bias")', "1 more of its widgets"]),
        ("question lab slider", "", ['quiz("01.bias")', "labs.neuron", "1 more of its widgets"]),
    ],
)
def test_what_a_page_lacks_of_its_notebook_is_named(views, saved, lost):
    output = lambda model: nbformat.v4.new_output("display_data", data={stopping.VIEW: {"model_id": model}})  # noqa: E731
    cells = [nbformat.v4.new_code_cell(source, outputs=[output(model)]) for model, source in CELLS.items()]
    metadata = {"widgets": {stopping.STATE: {"state": MODELS}}}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
    scripts = [(stopping.VIEW, {"model_id": model}) for model in views.split()]
    state = [(stopping.STATE, {"state": {model: MODELS[model] for model in saved.split()}})] if saved else []
    page = "".join(f'<script type="{kind}">\n{json.dumps(value)}\n</script>' for kind, value in scripts + state)
    assert stopping.missing(notebook, page) == lost
    if len(scripts) == len(CELLS):
        assert stopping.missing(notebook, page, for_paper=True) == [], "paper needs no state"


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (nbformat.v4.new_code_cell("import warnings\nwarnings.warn('ripe')"), "stderr"),
        (nbformat.v4.new_code_cell(PICTURE), "a picture without alternative text"),
        (nbformat.v4.new_markdown_cell("See [the end](nowhere.md)."), "nowhere.md"),
        (nbformat.v4.new_markdown_cell("```{nnlib-module} nnlib.nowhere\n```"), "No module named 'nnlib.nowhere'"),
    ],
    ids=["warning", "no alternative text", "dead link", "unknown module"],
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
