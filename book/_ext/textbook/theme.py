"""Light and dark: which of the two a page starts with, and light on paper.

The theme's colours, those of the code among them, hang on ``data-theme`` at the root. Without scripts
nobody replaces its default there, so the default is "light" (html_context in _config.yml), and the
script below lets a reader who never chose follow the system instead, before anything is painted.
"""

from __future__ import annotations

# The theme's own script reads data-mode when it starts and takes over from there.
SCRIPT = """
(() => {
  const root = document.documentElement.dataset;
  root.mode = localStorage.getItem("mode") || "auto";
  if (root.mode === "auto") root.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  let onScreen;
  addEventListener("beforeprint", () => {
    onScreen ??= root.theme;
    root.theme = "light";
  });
  addEventListener("afterprint", () => {
    root.theme = onScreen ?? root.theme;
    onScreen = undefined;
  });
})();
"""
