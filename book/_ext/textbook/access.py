"""Roles, for screen readers, where Sphinx writes an element that means something else than what it holds."""

from __future__ import annotations

from docutils import nodes
from sphinx import addnodes

from .rewriting import rewrite


def setup(app):
    """Write these nodes as Sphinx does, with another role."""
    # A signature of several lines is no list of terms and what they mean; a work in a list of works is an item of it
    # (doc-biblioentry is no longer one since version 1.1 of ARIA for publishing).
    rewrite(app, addnodes.desc_parameterlist, lambda _node, text: text.replace("<dl>", '<dl role="none">'))
    rewrite(app, nodes.citation, lambda _node, text: text.replace('role="doc-biblioentry"', 'role="listitem"'))
