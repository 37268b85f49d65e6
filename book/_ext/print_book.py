"""Print the book to one PDF: every chapter on one page of HTML, printed by Chromium. ``make pdf`` calls it.

The page is the site's own, built by Sphinx's ``singlehtml`` from what ``make site`` has read already, so no notebook
runs again, and figures, formulas and pictures of labs are those of the site.

The site is built before the PDF can be printed. So its start page holds a place for a link to the PDF, and printing
fills it: a site without the PDF has no link to it.
"""

from __future__ import annotations

import argparse
import functools
import re
import shutil
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import sync_playwright

#: Names of the browser, here and in the tests. The shell has no window around the page, and needs half the time.
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: How it is started, here and in the tests.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
FOOTER = """<div style="width: 100%; text-align: center; font: 8px sans-serif; color: #555"><span class="pageNumber">
</span></div>"""
# The cover comes first, then title and list of the chapters; each chapter begins a page, folded answers are open. The
# library's reference is for looking things up on a screen and stays there; links to it become plain text.
PREPARE = """
() => {
  const article = document.querySelector("article");
  const cover = Object.assign(new Image(), { src: "_static/card.png", alt: document.title, className: "book-cover" });
  const contents = document.createElement("ul");
  contents.className = "book-contents";
  for (const mark of article.querySelectorAll('span[id^="document-"]')) {
    const chapter = mark.nextElementSibling;
    if (mark.id.startsWith("document-api/")) {
      chapter.remove();
      continue;
    }
    chapter.classList.add("book-chapter");
    const link = document.createElement("a");
    link.href = `#${mark.id}`;
    link.textContent = chapter.querySelector("h1, h2").firstChild.textContent;
    contents.append(document.createElement("li"));
    contents.lastChild.append(link);
  }
  article.prepend(cover);
  article.querySelector("h1").after(contents);
  for (const link of article.querySelectorAll('a[href^="#"]')) {
    const target = decodeURIComponent(link.getAttribute("href").slice(1));
    if (!document.getElementById(target)) link.replaceWith(...link.childNodes);
  }
  for (const details of document.querySelectorAll("details")) details.open = true;
  for (const folded of document.querySelectorAll(".toggle-hidden")) folded.classList.remove("toggle-hidden");
  return Promise.all([...document.images].map((image) => {
    image.loading = "eager";
    return image.decode().catch(() => { throw new Error(`no picture at ${image.src}`); });
  }));
}
"""
STYLE = """
.book-cover { display: block; width: 100%; margin-top: 30mm; break-after: page; }
.book-chapter { break-before: page; }
.toggle-button, .copybtn, button, .headerlink { display: none !important; }
/* The theme would print its own title and list, the reference among them, before the cover. */
#jb-print-docs-body { display: none !important; }
.bd-main .bd-content .bd-article h1:first-of-type { display: block; }
/* Chromium's outline lacks the spaces at which a heading's lines end, unless these are kept; and it has a heading twice
   that begins a page in lines lower than its letters, for these reach into the page before and are drawn there, too. */
h1, h2, h3, h4 { white-space: pre-wrap; line-height: 1.4 !important; }
@page { size: A4; margin: 18mm 16mm 20mm; }
"""
#: What index.md holds where the link to the PDF may stand.
PLACE = "<!-- the whole book as PDF -->"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_args):
        pass


def find_chromium():
    """Return the path of the system's Chromium; a RuntimeError where there is none."""
    for name in CHROMIUM:
        if path := shutil.which(name):
            return path
    raise RuntimeError("No Chromium found: install it (Debian: apt-get install chromium), then try again.")


def print_book(pages, target):
    """Print ``index.html`` of the folder ``pages`` to the file ``target``; a RuntimeError says what is missing."""
    chromium = find_chromium()
    handler = functools.partial(_Quiet, directory=str(pages))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(color_scheme="light")
        page.goto(f"http://127.0.0.1:{server.server_port}/index.html", timeout=120_000)
        page.wait_for_function("() => window.MathJax?.startup?.promise?.then(() => true)", timeout=300_000)
        page.emulate_media(media="print")
        page.add_style_tag(content=STYLE)
        page.evaluate(PREPARE)
        page.pdf(
            path=target, format="A4", print_background=True, outline=True, tagged=True, prefer_css_page_size=True,
            display_header_footer=True, header_template="<span></span>", footer_template=FOOTER,
        )  # fmt: skip
        browser.close()
        server.shutdown()


def offer_pdf(pdf, site):
    """Put a copy of the PDF beside the pages of a built site, and a link to it into the start page.

    Done again, it puts the new PDF in the old one's place.

    Raises
    ------
    ValueError
        If the start page has no place for the link.
    """
    start = Path(site, "index.html")
    before, place, after = start.read_text().partition(PLACE)
    if not place:
        raise ValueError(f"{start} has no place for a link to the PDF; build the site again: make site")
    shutil.copy(pdf, site)
    after = re.sub(r'\A<p class="book-pdf">.*?</p>', "", after, flags=re.DOTALL)
    megabytes = max(1, round(Path(pdf).stat().st_size / 1e6))
    link = f'<a class="reference download" href="{Path(pdf).name}">The whole book as PDF</a> ({megabytes} MB)'
    start.write_text(f'{before}{place}<p class="book-pdf">{link}</p>{after}')


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", type=Path, help="the folder that singlehtml has written")
    parser.add_argument("target", type=Path, help="the PDF to write")
    parser.add_argument("--site", type=Path, help="the folder of the built site; where there is one, it offers the PDF")
    given = parser.parse_args()
    try:
        print_book(given.pages, given.target)
        if given.site and (given.site / "index.html").is_file():
            offer_pdf(given.target, given.site)
    except (RuntimeError, ValueError) as error:
        sys.exit(str(error))
