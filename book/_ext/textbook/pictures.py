"""Pictures for readers without a live page, and words for readers without pictures.

A cell's output may come as a widget and as a picture at once; MyST-NB keeps one of them. Here the
picture follows the widget, and the style sheet shows one of the two: the widget on a screen, the
picture on paper and where no script runs.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path, PurePosixPath

import nbformat
from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

logger = logging.getLogger(__name__)

WIDGET = "application/vnd.jupyter.widget-view+json"
PICTURE = "image/png"


class PicturesBesideWidgets(SphinxPostTransform):
    """Let the picture of an output that has a widget too follow the widget."""

    # MyST-NB's own transform, at 4, drops every representation of an output but one.
    default_priority = 3
    formats = ("html",)

    def run(self, **_kwargs):
        """Wrap widget and picture, so that the style sheet can tell them apart."""
        for bundle in list(self.document.findall(_is_output)):
            found = {child["mime_type"]: child for child in bundle.children}
            if WIDGET in found and PICTURE in found:
                # The theme folds its contents away beside what is "full-width".
                live = nodes.container(classes=["lab-live", "full-width"])
                picture = nodes.container(classes=["lab-picture"])
                picture += found[PICTURE].deepcopy().children
                bundle.replace_self([live, picture])
                live += bundle


def _is_output(node):
    return isinstance(node, nodes.container) and node.get("nb_element") == "mime_bundle"


def add_alternative_text(app, doctree):
    """Take a picture's alternative text from its output's metadata; warn where there is none (event doctree-read).

    Text in the cell's metadata (``mystnb: image: alt``) comes first: MyST-NB has put it in place already.
    """
    texts = _texts_of_outputs(app)
    for image in doctree.findall(nodes.image):
        if not image.get("alt"):
            # MyST-NB names an output's picture by the hash of its bytes.
            if text := texts.get(PurePosixPath(image["uri"]).stem):
                image["alt"] = text
            else:
                logger.warning("a picture without alternative text", location=image, type="textbook", subtype="alt")


def _texts_of_outputs(app):
    """Return {sha256 of a picture's bytes: alternative text} for the executed notebook just read."""
    executed = Path(app.env.mystnb_config.output_folder, f"{app.env.docname}.ipynb")
    if not executed.is_file():
        return {}
    texts = {}
    for cell in nbformat.read(executed, as_version=4).cells:
        for output in cell.get("outputs", []):
            text = output.get("metadata", {}).get(PICTURE, {}).get("alt")
            if text and PICTURE in output.data:
                texts[hashlib.sha256(base64.b64decode(output.data[PICTURE])).hexdigest()] = text
    return texts
