/**
 * Small helpers for building a view: elements, buttons, and the few icons they carry.
 */

const SVG = "http://www.w3.org/2000/svg";
/** Outlines in a box of 16 by 16. */
const ICONS = {
  play: "M4.5 2.8v10.4L13 8z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  restart: "M3 8a5 5 0 1 0 1.6-3.7M4.4 1.6v3h3",
  new_weights: "M13 8a5 5 0 0 1-9 3M3 8a5 5 0 0 1 9-3M12.2 2v3h-3M3.8 14v-3h3",
};
const FILLED = new Set(["play", "pause"]);

/**
 * @param {string} tag @param {string} className @param {(Node | string)[]} children
 * @returns {HTMLElement}
 */
export function element(tag, className = "", ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/** @param {keyof ICONS} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = svg.appendChild(document.createElementNS(SVG, "path"));
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", FILLED.has(name) ? "nnlib-icon nnlib-filled" : "nnlib-icon");
  path.setAttribute("d", ICONS[name]);
  return svg;
}

/**
 * @param {string} className @param {(Node | string)[]} children @param {string} title  what pressing it does
 * @param {() => void} onPress
 */
export function button(className, children, title, onPress) {
  const made = element("button", className, ...children);
  made.type = "button";
  made.title = title;
  made.addEventListener("click", onPress);
  return keepKeys(made);
}

/** Keys pressed on this element belong to it: JupyterLab would insert cells, or move between them. */
export function keepKeys(target) {
  target.dataset.lmSuppressShortcuts = "true";
  return target;
}

/**
 * Set text only where it differs: an unchanged line is not announced again, and nothing is laid out anew.
 * @param {Element} target @param {string} text
 */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}
