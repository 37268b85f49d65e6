"""Fixtures of the browser tests: Chromium, pages that watch themselves, servers, the built site.

A page fails its test when the browser console shows an error, a script throws, an answer says 4xx
or 5xx, or anything but this machine is asked for. A test that provokes such a message on purpose
says so: ``page.watch.expect(r"WebSocket")``.
"""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from filelock import FileLock
from playwright.sync_api import sync_playwright

from tests import once_more
from tests.browser.bare_view import go_bare, lab, open_lab, open_view  # noqa: F401 - fixtures of a bare page
from tests.browser.gallery import build_gallery
from tests.browser.kernel_behind import open_with_kernel, with_kernel  # noqa: F401 - fixtures with a kernel behind it
from tests.browser.servers import JupyterLab, serve_folder
from tests.site import BOOK, build_site, load

# A browser is found and started in one way, here and where the book is printed.
printing = load(BOOK / "_ext" / "print_book.py")
#: A failure, not a skip, where there is no Chromium.
find_chromium, FLAGS = printing.find_chromium, printing.FLAGS
#: Makes every page so many times slower: tests that only pass on a quick machine fail (``NNLIB_SLOWDOWN=6 make test``).
SLOWDOWN = float(os.environ.get("NNLIB_SLOWDOWN", 1))
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 400, "height": 800}


class Watch:
    """Everything a page did that a reader's page must not do."""

    def __init__(self, page):
        self._seen = []
        self._expected = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._seen.append(f"page error: {error}"))
        page.on("request", lambda request: self._address(request.url))
        page.on("websocket", lambda socket: self._address(socket.url))
        page.on("response", self._response)

    def expect(self, pattern):
        """Do not count problems that match the regular expression `pattern`, from before or from now on."""
        self._expected.append(re.compile(pattern))

    @property
    def problems(self):
        """What was seen and not expected."""
        return [text for text in self._seen if not any(pattern.search(text) for pattern in self._expected)]

    def _console(self, message):
        if message.type == "error":
            self._seen.append(f"console error: {message.text} ({message.location.get('url', '')})")

    def _address(self, url):
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in ("127.0.0.1", "localhost"):
            self._seen.append(f"external request: {url}")

    def _response(self, response):
        if response.status >= 400:
            self._seen.append(f"answer {response.status}: {response.url}")


# Playwright's synchronous interface keeps an event loop running in this thread, which breaks every
# later asyncio.run(). So a browser lives no longer than the module that asked for it.
@pytest.fixture(scope="module")
def chromium():
    """A headless Chromium (playwright.sync_api.Browser)."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield browser
        browser.close()


@contextlib.contextmanager
def watched_pages(chromium):
    with contextlib.ExitStack() as contexts:
        pages = []

        def open_page(**options):
            context = chromium.new_context(**({"viewport": DESKTOP} | options))
            contexts.callback(context.close)
            page = context.new_page()
            if SLOWDOWN > 1:
                context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
            page.watch = Watch(page)
            # anywidget complains of widgets that take two seconds to come, and brings them all the same.
            page.watch.expect("Failed to initialize model")
            pages.append(page)
            return page

        yield open_page
        problems = [problem for page in pages for problem in page.watch.problems]
    assert not problems, "\n".join(["the page did what it must not do:", *problems])


@pytest.fixture
def new_page(chromium):
    """A function that opens a watched page in a fresh context; keywords go to ``Browser.new_context``."""
    with watched_pages(chromium) as open_page:
        yield open_page


@pytest.fixture(scope="module")
def lasting_page(chromium):
    """As new_page, for pages that take long to open and serve all tests of a module."""
    with watched_pages(chromium) as open_page:
        yield open_page


@pytest.fixture
def page(new_page):
    """A watched page of 1280 × 900 pixels."""
    return new_page()


@pytest.fixture(scope="session")
def static_server():
    """A function that serves a folder on 127.0.0.1 and returns its address, without a slash at the end."""
    with contextlib.ExitStack() as servers:
        yield lambda folder: servers.enter_context(serve_folder(folder))


@pytest.fixture(scope="session")
def _jupyterlab_server(tmp_path_factory):
    server = JupyterLab(tmp_path_factory.mktemp("jupyterlab")).start()
    yield server
    server.stop()


@pytest.fixture
def jupyterlab(_jupyterlab_server):
    """A live JupyterLab (see servers.JupyterLab); its kernels end with the test."""
    yield _jupyterlab_server
    _jupyterlab_server.stop_kernels()


def built_once(tmp_path_factory, name, build):
    """Return what ``build(folder)`` gives: built once in a session, also when several workers want it."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    shared = Path(os.environ.get(once_more.BUILT, shared))
    folder, done = shared / name, shared / f"{name}-is-built"
    with FileLock(shared / f"{name}.lock"):
        if not done.exists():
            folder.mkdir()
            build(folder)
            done.touch()
    return folder / "_build" / "html"


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the built site."""
    return built_once(tmp_path_factory, "site", lambda folder: build_site(BOOK, folder))


@pytest.fixture(scope="session")
def gallery(tmp_path_factory):
    """The folder of a small site: a page for each lab, ``capacity.html``, and ``many.html`` with twenty."""
    return built_once(tmp_path_factory, "gallery", build_gallery)


@pytest.fixture
def open_gallery(gallery, static_server, new_page):
    """A function that opens a page of the gallery, its first lab painted; ``probe`` is at hand (gallery_probe.js)."""

    def open_page(name, **options):
        page = new_page(**options)
        page.add_init_script(path=Path(__file__).with_name("gallery_probe.js"))
        page.goto(f"{static_server(gallery)}/{name}.html")
        page.locator(".nnlib-lab").first.scroll_into_view_if_needed()
        # Asked from time to time, not in animation frames: the tests count those.
        page.wait_for_function("Number(document.querySelector('[data-nnlib-lab]')?.dataset.frames) > 0", polling=50)
        return page

    return open_page
