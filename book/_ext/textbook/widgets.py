"""Widgets in a page without a kernel: their runtime, their saved state, their modules.

MyST-NB saves the state of every widget in the page. An anywidget's state holds its whole JavaScript
and CSS, once per widget, and that of ours the words that it shows, too; here they become files of the site, named by
their content, and the state keeps a few lines that load them. Pages without a widget load none of this.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from myst_nb.sphinx_ import NbMetadataCollector

from . import vendor

STATE = "ipywidgets_state"
FOLDER = "widgets"

# anywidget imports a module's text from a blob, where relative addresses mean nothing, so the file's
# address is made absolute by the page. It also gives up on a widget that is not initialised within two
# seconds, which a slow connection may need for the file: so the stub is ready at once and waits later.
STUB = """\
const load = (file) => import(new URL(file, document.baseURI)).then((module) => module.default);
const widget = load("{module}").then((it) => (typeof it === "function" ? it() : it));
const shared = {shared};
const loaded = Promise.all(Object.entries(shared).map(async ([trait, file]) => [trait, await load(file)]));
let ready;
export default {{
  initialize(context) {{
    ready = widget.then(async (it) => {{
      for (const [trait, value] of await loaded) context.model.set(trait, value);
      const cleanUp = await it.initialize?.(context);
      if (typeof cleanUp === "function") context.signal.addEventListener("abort", cleanUp);
    }});
  }},
  async render(context) {{
    await ready;
    return (await widget).render?.(context);
  }},
}};
"""
#: Traits whose value is the same for all widgets of a kind, and long.
SHARED = ("messages",)

# require.js finds modules below baseUrl. The widget manager hands every label to version 2 of MathJax,
# which version 3 does not answer to; labels here hold no formulas, so nothing is lost by not listening.
PREPARE = """
var require = {{ baseUrl: "{vendor}" }};
window.addEventListener("load", () => {{
  if (window.MathJax) MathJax.Hub = {{ Queue() {{}} }};
}});
"""


def prepare_page(app, pagename, _templatename, context, _doctree):
    """Give a page that holds widgets their runtime and slim its saved state (event html-page-context)."""
    if app.builder.format != "html":
        return
    files = NbMetadataCollector.get_js_files(app.env, pagename)
    if STATE not in files:
        return

    def address(path):
        return context["pathto"](f"_static/{path}", resource=True)

    uri, attributes = files[STATE]
    saved = json.loads(attributes["body"])
    slim(saved["state"], Path(app.outdir, "_static", FOLDER), address(FOLDER))
    files[STATE] = (uri, attributes | {"body": _in_script(saved)})
    app.add_js_file(None, body=PREPARE.format(vendor=address("vendor")))
    app.add_js_file(vendor.REQUIRE)
    app.add_js_file(vendor.WIDGET_MANAGER, **{"data-jupyter-widgets-cdn": address("vendor/")})


def slim(state, folder, address):
    """Move what saved models have in common into `folder` and leave what loads it from `address`.

    These are the `_esm` and `_css` of an anywidget, and its traits in SHARED.
    """
    for model in state.values():
        values = model["state"]
        if values.get("_esm"):
            shared = {name: values.pop(name) for name in SHARED if values.get(name)}
            files = {
                name: _as_file(f"export default {_json(value)};\n", ".js", folder, address)
                for name, value in shared.items()
            }
            module = _as_file(values["_esm"], ".js", folder, address)
            values["_esm"] = STUB.format(module=module, shared=json.dumps(files))
        if values.get("_css"):
            values["_css"] = f'@import url("{_as_file(values["_css"], ".css", folder, address)}");'
        if model["model_name"] == "LayoutModel":
            # Every property of CSS has a trait there, and nearly none is set: None is what the widget manager assumes.
            model["state"] = {name: value for name, value in values.items() if value is not None}


def _as_file(text, suffix, folder, address):
    """Write `text` to a file named by its content and return the file's address."""
    data = text.encode()
    name = hashlib.sha256(data).hexdigest()[:16] + suffix
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)
    return f"{address}/{name}"


def _in_script(value):
    """JSON that may stand inside a script element: no "<" that could end it."""
    return _json(value).replace("<", "\\u003c")


def _json(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
