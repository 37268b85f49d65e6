/**
 * Groups of controls that a reader opens: the heading of a closed group becomes a button.
 *
 * Where a lab's Plan names a group in `closed`, Python marks its box. ipywidgets draw their boxes when they like, so this
 * is asked for again after each of their changes.
 */

import { button } from "./dom.js";

const OPENS = "nnlib-closed";

/** @param {Element} lab  holds the controls, now or soon */
export function openGroups(lab) {
  for (const group of lab.querySelectorAll(`.nnlib-group.${OPENS}`)) {
    const heading = group.querySelector(".nnlib-heading");
    if (!heading || heading.querySelector("button")) continue;
    const toggle = button("nnlib-opener", [heading.textContent], "", () => {
      const open = group.classList.toggle("nnlib-opened");
      toggle.setAttribute("aria-expanded", String(open));
      // A slider that was drawn while it took no room learns its size.
      if (open) dispatchEvent(new Event("resize"));
    });
    toggle.removeAttribute("title");
    toggle.setAttribute("aria-expanded", String(group.classList.contains("nnlib-opened")));
    heading.replaceChildren(toggle);
  }
}
