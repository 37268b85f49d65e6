"""The address of the book: what follows from it on the site and in the README, and a build without one."""

import re
import sys
from pathlib import Path

import pytest
from sphinx.errors import ConfigError

from tests.site import BOOK, build_site, load
from tests.test_site_build import TITLE, toy_book  # noqa: F401 - a fixture

ROOT = Path(__file__).resolve().parents[1]
CI = ROOT / ".ci"


@pytest.fixture(scope="module")
def address():
    return load(CI / "address")


@pytest.mark.parametrize(
    ("configured", "environment", "found"),
    [
        ("", {}, ""),
        ("https://github.com/Reader/book/", {}, "https://github.com/Reader/book"),
        ("", {"GITHUB_REPOSITORY": "Reader/book"}, "https://github.com/Reader/book"),
        ("https://git.example/a/b", {"GITHUB_REPOSITORY": "Reader/book"}, "https://git.example/a/b"),
    ],
)
def test_the_address_is_what_is_configured_or_where_actions_run(address, configured, environment, found):
    assert address.address_of_repository(configured, environment) == found


@pytest.mark.parametrize(
    "wrong", ["github.com/a/b", "http://github.com/a/b", "https://github.com/a", "https://h/a/b/c"]
)
def test_an_address_that_is_none_is_refused(address, wrong):
    with pytest.raises(ConfigError, match="must be https://<host>/<owner>/<name>"):
        address.address_of_repository(wrong, {})


@pytest.mark.parametrize(
    ("repository", "site"),
    [
        ("https://github.com/Reader/book", "https://reader.github.io/book/"),
        ("https://github.com/Reader/reader.github.io", "https://reader.github.io/"),
        ("https://git.example/a/b", ""),
    ],
)
def test_the_site_of_a_repository(address, repository, site):
    assert address.address_of_pages(repository) == site


def test_the_readme_says_the_address_that_is_configured(address):
    block = address.BLOCK.search((ROOT / "README.md").read_text())
    assert block[0] == block[1] + address.links(address.configured()) + block[2]


def test_the_address_is_written_in_both_places_and_taken_back(address, tmp_path, monkeypatch):
    for name, path in {"CONFIG": ROOT / "book" / "_config.yml", "README": ROOT / "README.md"}.items():
        copy = tmp_path / path.name
        copy.write_text(path.read_text())
        monkeypatch.setattr(address, name, copy)
    before = address.CONFIG.read_text(), address.README.read_text()
    address.write("")
    empty = address.CONFIG.read_text(), address.README.read_text()
    address.write("https://github.com/Reader/book")
    assert address.configured() == "https://github.com/Reader/book"
    assert "https://mybinder.org/v2/gh/Reader/book/main" in address.README.read_text()
    address.write("")
    assert (address.CONFIG.read_text(), address.README.read_text()) == empty
    assert address.configured() == "" and len(before[0]) >= len(empty[0])


def test_a_book_with_an_address_announces_itself(toy_book, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setenv("GITHUB_REPOSITORY", "Reader/book")
    pages = build_site(toy_book(TITLE), tmp_path)
    page = (pages / "index.html").read_text()
    assert 'content="https://reader.github.io/book/_static/card.png"' in page
    assert (pages / "_static" / "card.png").is_file()
    assert "https://mybinder.org/v2/gh/Reader/book/main?urlpath=lab/tree/book/index.ipynb" in page
    found = re.findall(r"<loc>(.*?)</loc>", (pages / "sitemap.xml").read_text())
    assert found == ["https://reader.github.io/book/index.html", "https://reader.github.io/book/more.html"]
    listed = dict(line.split("\t") for line in pages.with_name("external-links.txt").read_text().splitlines())
    assert listed["https://github.com/Reader/book"] == "index, more"
    lost = (pages / "404.html").read_text()
    assert 'href="/book/"' in lost and "leads nowhere" in lost
    assert not re.findall(r'(?:href|src)="(?!/book/|#|https?:|data:|mailto:)[^"]*"', lost), "all addresses are absolute"


def test_a_book_without_an_address_is_complete_too(toy_book, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    pages = build_site(toy_book(TITLE), tmp_path)
    assert not (pages / "sitemap.xml").exists() and "binder" not in (pages / "index.html").read_text()
    assert "leads nowhere" in (pages / "404.html").read_text()


def test_a_site_offers_the_pdf_once_it_is_printed(tmp_path):
    printing = load(BOOK / "_ext" / "print_book.py")
    start, pdf = tmp_path / "site" / "index.html", tmp_path / "book.pdf"
    start.parent.mkdir()
    start.write_text((BOOK / "index.md").read_text())
    pdf.write_bytes(b"%PDF" + bytes(7_000_000))
    for megabytes in (7, 4):
        printing.offer_pdf(pdf, start.parent)
        assert re.findall(r'href="book.pdf">(.*?)</p>', start.read_text()) == [
            f"The whole book as PDF</a> ({megabytes} MB)"
        ]
        assert (start.parent / "book.pdf").read_bytes() == pdf.read_bytes()
        pdf.write_bytes(b"%PDF" + bytes(4_000_000))
    start.write_text("<p>Another book.</p>")
    with pytest.raises(ValueError, match="no place for a link to the PDF"):
        printing.offer_pdf(pdf, start.parent)


@pytest.mark.parametrize(
    ("line", "newest"),
    [
        ("numpy==2.4.6", "numpy>=2.4.6"),
        ("torch==2.13.0", "torch==2.13.0"),
        ("jupyter-book==1.0.4.post1", "jupyter-book>=1.0.4.post1,<2"),
        ("-e .", "-e ."),
        ("# a comment==", "# a comment=="),
    ],
)
def test_the_weekly_run_loosens_the_pins(line, newest):
    assert load(CI / "newest").loosen(line) == newest


@pytest.fixture(autouse=True)
def no_traces():
    """Loading a script of .ci leaves the search path as it was."""
    before = list(sys.path)
    yield
    sys.path[:] = before
