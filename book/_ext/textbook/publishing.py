"""Where the book is published: the address in one place, what follows from it, and a page for lost readers.

``textbook_repository`` in ``_config.yml`` is the address of the repository (``https://github.com/owner/name``). A
build on GitHub Actions that finds it empty takes its own repository. From it follow the launch
buttons (JupyterLab on Binder), the address of the site on GitHub Pages (unless ``html_baseurl`` is
set), the site map and what other sites show of a link to a page. Without an address all of these are left
out, and everything else works.
"""

from __future__ import annotations

import os
import re
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

from sphinx.errors import ConfigError

TITLE = "From Neuron to Network"
PROMISE = (
    "A textbook on neural networks that runs: every idea is derived, written in a few lines, checked, and handed to"
    " the reader as a live lab."
)
#: As wide and high as the sites that show it expect.
CARD = "_static/card.png"


def setup(app):
    """Set what follows from the address; Sphinx has read ``_config.yml`` by now."""
    app.add_config_value("textbook_repository", "", "html")
    config = app.config
    repository = address_of_repository(config.textbook_repository)
    if repository:
        config.html_baseurl = config.html_baseurl or address_of_pages(repository)
    if config.html_baseurl:
        config.html_baseurl = config.html_baseurl.rstrip("/") + "/"
        _announce(app, config)
    # Its addresses are absolute: the page stands for any address that does not exist, at any depth.
    config.notfound_urls_prefix = urlsplit(config.html_baseurl).path or "/"
    config.notfound_context = {"title": "No such page", "body": LOST.format(start=config.notfound_urls_prefix)}
    app.setup_extension("notfound.extension")
    app.connect("build-finished", list_external_links)
    # After Jupyter Book has set its own.
    app.connect("config-inited", lambda _app, config: _add_launch_buttons(config, repository), priority=900)


def address_of_repository(configured, environment=os.environ):
    """Return the repository's address without a slash at the end, "" if nobody has set one.

    Raises
    ------
    ConfigError
        If what is configured is no https address of a repository.
    """
    if not configured and "GITHUB_REPOSITORY" in environment:
        configured = f"{environment.get('GITHUB_SERVER_URL', 'https://github.com')}/{environment['GITHUB_REPOSITORY']}"
    parts = urlsplit(configured)
    if configured and (parts.scheme != "https" or len(parts.path.strip("/").split("/")) != 2):
        raise ConfigError(
            f"textbook_repository in _config.yml is {configured!r}; it must be https://<host>/<owner>/<name>, or empty"
        )
    return configured.rstrip("/")


def address_of_pages(repository):
    """Return where GitHub Pages publishes a repository; "" for a repository that is elsewhere.

    >>> address_of_pages("https://github.com/reader/book")
    'https://reader.github.io/book/'
    """
    parts = urlsplit(repository)
    if parts.hostname != "github.com":
        return ""
    owner, name = parts.path.strip("/").split("/")
    return f"https://{owner.lower()}.github.io/" + ("" if name.lower() == f"{owner.lower()}.github.io" else f"{name}/")


def _announce(app, config):
    """A map of the site for search engines, and a card for sites that show a link to a page."""
    config.sitemap_url_scheme = "{link}"
    config.sitemap_excludes = ["404.html", "search.html", "genindex.html"]
    app.setup_extension("sphinx_sitemap")
    config.ogp_site_url = config.html_baseurl
    config.ogp_site_name = TITLE
    config.ogp_image = config.html_baseurl + CARD
    config.ogp_image_alt = PROMISE
    config.ogp_custom_meta_tags = ['<meta name="twitter:card" content="summary_large_image" />']
    config.ogp_social_cards = {"enable": False}
    config.ogp_enable_meta_description = True
    app.setup_extension("sphinxext.opengraph")


def list_external_links(app, exception):
    """Write every address outside the book, with the pages that lead there, beside the site (event build-finished).

    Nobody can vouch for other people's pages: the list is for whoever wants to look.
    """
    if exception or app.builder.name != "html":
        return
    found = {}
    for page in sorted(app.env.found_docs):
        # The page as written: the list of references is made only then.
        text = Path(app.builder.get_outfilename(page)).read_text()
        for address in re.findall(r'<a\b[^>]*\bhref="(https?://[^"]+)"', text):
            found.setdefault(unescape(address), set()).add(page)
    lines = [f"{address}\t{', '.join(sorted(pages))}\n" for address, pages in sorted(found.items())]
    Path(app.outdir).with_name("external-links.txt").write_text("".join(lines))


def _add_launch_buttons(config, repository):
    if not repository:
        return
    options = config.html_theme_options
    options |= {"repository_url": repository, "repository_branch": "main", "path_to_docs": "book"}
    options |= {"use_repository_button": True, "use_issues_button": True}
    options["launch_buttons"] = {"binderhub_url": "https://mybinder.org", "notebook_interface": "jupyterlab"}


LOST = """
<h1>No such page</h1>
<p>This address leads nowhere: the page was moved, or the address has a slip in it.</p>
<p><a href="{start}">The book begins here</a>; the chapters stand in the list beside this text, and the search
finds words in all of them.</p>
"""
