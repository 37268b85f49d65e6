"""The page for teachers: each of its links opens a lab that exists, on its page, without a word about what it lacks."""

import json
import re
from html import unescape
from pathlib import Path

import pytest

from nnlib.labs import Lab

BOOK = Path(__file__).resolve().parents[1] / "book"
LINKS = [unescape(link) for link in re.findall(r'href="([^"]+)"', (BOOK / "how_to_teach.md").read_text())]
pytestmark = pytest.mark.usefixtures("live")  # no lab trains to its end inside its making


@pytest.mark.parametrize("link", LINKS)
def test_a_link_opens_the_lab_of_that_page(link):
    page, _, fragment = link.partition("#")
    lab = Lab.from_link(f"#{fragment}")
    assert lab.problems == []
    notebook = json.loads((BOOK / page.replace(".html", ".ipynb")).read_text())
    code = "".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code")
    assert f"nnlib.labs.{lab.plan.name}(" in code


def test_every_chapter_with_a_lab_has_a_lesson():
    pages = {path.stem for path in BOOK.glob("[0-9]*.ipynb")}
    assert {link.partition(".")[0] for link in LINKS} == pages
