"""The site's own Sphinx extension: labs that live in a plain page, with nothing from elsewhere.

- ``vendor`` puts MathJax and the widget runtime beside the pages, so a reader's browser asks nobody else.
- ``widgets`` loads that runtime on pages that hold a widget, and serves a widget's module once, as a file.
- ``pictures`` adds the matplotlib picture of a lab for print and for readers without scripts, asks for
  alternative text wherever a picture has none, and lets every picture be opened by itself.
- ``weight`` makes the files of pictures sharp and light.
- ``embedding`` shows one lab of a page by itself, for an iframe in another page.
- ``publishing`` knows the address of the book and what follows from it: launch buttons, the site's map, cards.
- ``reference`` documents nnlib from its docstrings and registries; ``public`` says what is public there.
- ``access`` corrects the roles of elements for screen readers.
- ``streams`` joins what a cell prints; ``formulas`` keeps a formula and the comma after it on one line.
- ``theme`` decides between light and dark: the reader's choice on a screen, light on paper and without scripts.
- ``night`` gives a figure the colours of the dark theme.
- ``stopping`` stops a build whose cells fail or whose pages lack labs or questions, and says so last.
- ``rewriting`` lets ``access`` and ``pictures`` change what Sphinx writes for a node.
"""

from __future__ import annotations

import os
from pathlib import Path

from . import (
    access,
    embedding,
    formulas,
    pictures,
    publishing,
    reference,
    stopping,
    streams,
    theme,
    vendor,
    weight,
    widgets,
)

ASSETS = Path(__file__).resolve().parents[2] / "_assets"


def setup(app):
    """Connect the parts to Sphinx; Sphinx calls this when it loads the extension."""
    # Kernels that execute the notebooks inherit both: a lab trains to its end inside its cell, and figures are sharp.
    os.environ["NNLIB_HEADLESS"] = "1"
    os.environ["MATPLOTLIBRC"] = str(Path(__file__).with_name("matplotlibrc"))
    app.connect("config-inited", _configure)
    app.connect("builder-inited", vendor.put_in_place)
    app.connect("doctree-read", pictures.add_alternative_text)
    app.connect("doctree-read", weight.prepare_files)
    app.add_post_transform(pictures.PicturesBesideWidgets)
    app.add_post_transform(pictures.PicturesToOpen)
    pictures.write_sizes(app)
    app.add_post_transform(formulas.FormulasInTheirSentence)
    # MyST-NB writes the saved widget state into the page at priority 500; it must be small by then.
    app.connect("html-page-context", widgets.prepare_page, priority=400)
    app.add_js_file(None, body=theme.SCRIPT, priority=100)
    app.add_js_file(None, body=embedding.SCRIPT, priority=100)
    app.add_css_file("site.css")
    streams.setup()
    stopping.setup(app)
    access.setup(app)
    reference.setup(app)
    publishing.setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def _configure(_app, config):
    config.html_static_path.append(str(ASSETS))
    config.mathjax_path = vendor.MATHJAX
    # MyST-NB would load the widget runtime from a content delivery network; widgets.py loads ours.
    config.nb_ipywidgets_js = {}
