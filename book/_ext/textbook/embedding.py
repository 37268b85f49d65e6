"""One lab of a page by itself, for an iframe in somebody else's page: ``08_capacity.html?embed#capacity``.

The fragment names the lab as its links do, settings and all; without one it is the first lab. The page
is the same file, so whoever embeds a lab has its next edition, too.
"""

from __future__ import annotations

# Labs come when the widget manager makes them, so the script waits for them. What is around the lab stays where it is,
# unseen: taking it away would take the lab's own place away.
SCRIPT = """
(() => {
  if (!new URLSearchParams(location.search).has("embed")) return;
  document.documentElement.dataset.embed = "";
  const show = () => {
    const wanted = location.hash.slice(1).split("?")[0];
    const labs = [...document.querySelectorAll("[data-lab-id]")];
    const lab = wanted ? labs.find((lab) => lab.dataset.labId === wanted) : labs[0];
    const chosen = lab?.closest(".lab-live");
    for (const live of document.querySelectorAll(".lab-live")) live.classList.toggle("embedded", live === chosen);
  };
  addEventListener("hashchange", show);
  addEventListener("DOMContentLoaded", () => {
    const attributes = { attributes: true, attributeFilter: ["data-lab-id"] };
    new MutationObserver(show).observe(document.body, { childList: true, subtree: true, ...attributes });
  });
})();
"""
