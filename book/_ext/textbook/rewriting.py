"""The last word on what Sphinx writes for a kind of node."""

from __future__ import annotations


def rewrite(app, node_class, change):
    """Let ``change(node, text)`` return what stands on the page for each text that Sphinx begins a node with."""
    name = node_class.__name__

    def visit(translator, node):
        begin = len(translator.body)
        getattr(type(translator), f"visit_{name}")(translator, node)
        translator.body[begin:] = [change(node, text) for text in translator.body[begin:]]

    def depart(translator, node):
        getattr(type(translator), f"depart_{name}")(translator, node)

    app.add_node(node_class, override=True, html=(visit, depart))
