"""Roles, for screen readers, where Sphinx writes an element that means something else than what it holds."""

from __future__ import annotations

from docutils import nodes
from sphinx import addnodes


def setup(app):
    """Write these nodes as Sphinx does, with another role."""
    # A signature of several lines is no list of terms and what they mean; a work in a list of works is an item of it
    # (doc-biblioentry is no longer one since version 1.1 of ARIA for publishing).
    _with_role(app, addnodes.desc_parameterlist, "<dl>", '<dl role="none">')
    _with_role(app, nodes.citation, 'role="doc-biblioentry"', 'role="listitem"')


def _with_role(app, node_class, written, wanted):
    def visit(translator, node):
        begin = len(translator.body)
        getattr(type(translator), f"visit_{node_class.__name__}")(translator, node)
        translator.body[begin:] = [text.replace(written, wanted) for text in translator.body[begin:]]

    def depart(translator, node):
        getattr(type(translator), f"depart_{node_class.__name__}")(translator, node)

    app.add_node(node_class, override=True, html=(visit, depart))
