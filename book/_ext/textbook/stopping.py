"""A book that is not whole is not built: what stops a build, and the last line, which says why.

A cell that fails, takes too long or loses its kernel stops the build at once: the pages would lack everything from that
cell on, and an author need not wait for the other notebooks (``make test`` names all cells that fail). A page without a
lab, quiz or answer field that its notebook has stops it at the end. However the book is built, the last line names the
notebook, and no page is left that could be taken for the book.
"""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from contextlib import suppress
from pathlib import Path
from textwrap import shorten

import nbclient
import nbformat
from jupyter_cache.executors import utils
from sphinx.errors import SphinxError

from nnlib.labs import LABS

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"


class NotWhole(SphinxError):
    """What the last line says; its cause, if it has one, is told before."""


def setup(app):
    """Execute notebooks by :func:`execute`, look at the pages when all are written, and have the last word."""
    # MyST-NB offers no other way to nbclient's hooks, and nbclient alone knows the cell.
    utils.executenb = lambda notebook, **options: execute(_path(app, app.env.docname), notebook, **options)
    app.connect("build-finished", look_at_pages)
    app.connect("build-finished", stop, priority=1000)


def execute(path, notebook, **options):
    """Execute a notebook in place, as nbclient does; NotWhole names the cell that stopped it.

    Cells are counted as in ``make test``: code alone, from 0.
    """
    begun = []
    try:
        return nbclient.execute(notebook, on_cell_start=lambda cell, cell_index: begun.append(cell), **options)
    except Exception as error:
        place = path
        if begun:
            number = sum(cell.cell_type == "code" for cell in begun) - 1
            place += f", cell {number} `{shorten(begun[-1].source.strip().splitlines()[0], 80, placeholder=' …')}`"
        message = getattr(error, "evalue", str(error).partition("\n")[0])
        words = [place, getattr(error, "ename", type(error).__name__), shorten(message, 200, placeholder=" …")]
        raise NotWhole(": ".join(filter(None, words))) from error


def look_at_pages(app, exception):
    """Raise NotWhole if pages lack what their notebooks have (event build-finished)."""
    if exception or app.builder.format != "html":
        return
    single = app.builder.name == "singlehtml"
    found = []
    for docname in sorted(app.env.found_docs):
        executed = Path(app.env.mystnb_config.output_folder, f"{docname}.ipynb")
        if Path(app.env.doc2path(docname)).suffix == ".ipynb":
            page = Path(app.builder.get_outfilename(app.config.root_doc if single else docname)).read_text()
            if lost := missing(nbformat.read(executed, as_version=4), page, for_paper=single):
                found.append(f"{_path(app, docname)}: its page lacks {', '.join(lost)}")
    if found:
        raise NotWhole("; ".join(found))


def missing(notebook, page, for_paper=False):
    """Return what a page, a text, lacks of the labs and questions of its executed notebook: a list of words.

    A widget is on a page if its view is there, and its saved state too, which one page with the whole book, for paper,
    does without. What a notebook has is what its cells call by name, and whatever widgets they gave.
    """
    saved = notebook.metadata.get("widgets", {}).get(STATE, {}) if for_paper else next(_scripts(STATE, page), {})
    state = saved.get("state", {})
    views = {view["model_id"] for view in _scripts(VIEW, page)}
    outputs = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]
    given = [data[VIEW]["model_id"] for data in outputs if VIEW in data]
    there = [model for model in given if model in views and model in state]
    lost = _called(notebook) - Counter(_name(state, model) for model in there)
    others = len(given) - len(there) - lost.total()
    return [*lost.elements(), *([f"{others} more of its widgets"] if others > 0 else [])]


def stop(app, exception):
    """Leave no page of a build that was broken off, and say last why it was (event build-finished)."""
    if exception is None:
        return
    if app.builder.format == "html":
        for docname in app.env.found_docs:
            Path(app.builder.get_outfilename(docname)).unlink(missing_ok=True)
    if isinstance(exception, NotWhole):
        # After any other exception Sphinx and Jupyter Book have more to say.
        before = f"\n{exception.__cause__}\n" if exception.__cause__ else ""
        raise SystemExit(f"{before}\n{exception} – the book was not built.")


def _path(app, docname):
    return f"{Path(app.srcdir).name}/{app.env.doc2path(docname, base=False)}"


def _scripts(kind, page):
    """Yield what the script elements of a type hold."""
    for text in re.findall(rf'<script type="{re.escape(kind)}">(.*?)</script>', page, re.DOTALL):
        yield json.loads(text)


def _called(notebook):
    """Return how often each lab and question is called by name."""
    found = Counter()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            # What is not Python alone, a magic for instance, counts by its widgets.
            with suppress(SyntaxError):
                found.update(filter(None, map(_call, ast.walk(ast.parse(cell.source)))))
    return found


def _call(node):
    match node:
        case ast.Call(ast.Name("quiz" | "ask" as kind), [ast.Constant(str(name))]):
            return f'{kind}("{name}")'
        case ast.Call(ast.Attribute(ast.Name("labs") | ast.Attribute(attr="labs"), lab)) if lab in LABS:
            return f"labs.{lab}"
    return None


def _name(state, model):
    """Return what the notebook called for this widget; None for a widget of another kind."""
    values = state.get(model, {}).get("state", {})
    if "sealed" in values:
        return f'{values["kind"]}("{values["name"]}")'
    if "lab_id" in values:
        return f"labs.{values['lab']}"
    children = (child.removeprefix("IPY_MODEL_") for child in values.get("children", []))
    return next(filter(None, (_name(state, child) for child in children)), None)
