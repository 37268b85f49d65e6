"""Pictures for readers without a live page, and words for readers without pictures.

A cell's output may come as a widget and as a picture at once, a question's as a widget and as text; MyST-NB
keeps one of them. Here the picture or the text follows the widget, and the style sheet shows one of the two: the
widget on a screen, the other on paper and where no script runs. Every picture is a link to its file, so that it can be
enlarged on a phone, and a wide one may take the column of the page's contents, as a lab does. A figure has a second
picture for the dark theme; both are loaded when they are about to be seen, so the one that is hidden never is.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path, PurePosixPath

import nbformat
from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.images import get_image_size
from sphinx.util.osutil import relative_uri

from . import night
from .rewriting import rewrite

logger = logging.getLogger(__name__)

WIDGET = "application/vnd.jupyter.widget-view+json"
PICTURE = "image/png"
TEXT = "text/html"
#: What stands above a lab's picture for readers without scripts.
NO_SCRIPT = "<noscript><p>This lab needs JavaScript; here you see its finished run as a picture.</p></noscript>"
#: A picture is wide if it is shown more than this many pixels wide and is more than twice as wide as high.
WIDE = 800
#: The class of a picture that has no other one for the dark theme.
AS_IT_IS = "as-it-is"


class PicturesBesideWidgets(SphinxPostTransform):
    """Let the picture, or the text, of an output that has a widget too follow the widget."""

    # MyST-NB's own transform, at 4, drops every representation of an output but one.
    default_priority = 3
    formats = ("html",)

    def run(self, **_kwargs):
        """Wrap widget and picture or text, so that the style sheet can tell them apart."""
        for bundle in list(self.document.findall(_is_output)):
            found = {child["mime_type"]: child for child in bundle.children}
            if WIDGET in found and PICTURE in found:
                # The theme folds its contents away beside what is "full-width".
                live = nodes.container(classes=["lab-live", "full-width"])
                picture = nodes.container(classes=["lab-picture"])
                picture += nodes.raw("", NO_SCRIPT, format="html")
                picture += found[PICTURE].deepcopy().children
                bundle.replace_self([live, picture])
                live += bundle
            elif WIDGET in found and TEXT in found:
                live = nodes.container(classes=["question-live"])
                text = nodes.container(classes=["question-text"])
                text += found[TEXT].deepcopy().children
                bundle.replace_self([live, text])
                live += bundle


class PicturesToOpen(SphinxPostTransform):
    """Make every picture a link to its file; mark wide ones for the style sheet."""

    # After the choice of one representation for each output, which takes place at 4.
    default_priority = 10
    formats = ("html",)

    def run(self, **_kwargs):
        """Wrap the pictures; one that is a link already keeps its own."""
        for image in list(self.document.findall(nodes.image)):
            if image["uri"] in self.env.images and not isinstance(image.parent, nodes.reference):
                file = self.env.images[image["uri"]][1]
                link = nodes.reference("", "", refuri=self._address(file), internal=True)
                image.replace_self(link)
                link += image
                if self._is_wide(image):
                    wide = link.parent if isinstance(link.parent, nodes.figure) else link
                    wide["classes"].append("full-width")
                if self._has_a_night(image):
                    self._add_night(link, image, Path(file))

    def _address(self, file):
        page = self.app.builder.get_target_uri(self.env.docname)
        return relative_uri(page, f"{self.app.builder.imagedir}/{file}")

    def _has_a_night(self, image):
        # The book on one page is for printing; a lab's picture is for paper and for readers without scripts.
        around = {name for node in _up_from(image) for name in node.get("classes", [])}
        return self.app.builder.name == "html" and "cell_output" in around and not {"lab-picture", AS_IT_IS} & around

    def _add_night(self, link, image, file):
        dark = file.with_stem(f"{file.stem}-dark").name
        night.paint(Path(self.env.srcdir, image["uri"]), Path(self.app.outdir, self.app.builder.imagedir, dark))
        image["loading"], image["size"] = "lazy", get_image_size(Path(self.env.srcdir, image["uri"]))
        other = link.deepcopy()
        other["refuri"] = other[0]["uri"] = self._address(dark)
        other[0]["candidates"] = {"?": ""}  # not one of the files that Sphinx copies
        link["classes"].append("by-day")
        other["classes"].append("by-night")
        link.parent.insert(link.parent.index(link) + 1, other)

    def _is_wide(self, image):
        # A lab's picture is seen where the theme's script does not fold the contents away.
        if "lab-picture" in image.parent.parent.get("classes", []):
            return False
        size = get_image_size(Path(self.env.srcdir, image["uri"]))
        if size is None:
            return False
        shown = float(image["width"].removesuffix("px")) if image.get("width", "").endswith("px") else size[0]
        return shown > WIDE and size[0] > 2 * size[1]


def write_sizes(app):
    """Let pages state the size of a picture that has one, so that a picture that comes late moves no text."""

    def with_size(node, text):
        if "size" not in node:
            return text
        return text.replace("<img", '<img width="{}" height="{}"'.format(*node["size"]), 1)

    rewrite(app, nodes.image, with_size)


def _up_from(node):
    while node:
        yield node
        node = node.parent


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
