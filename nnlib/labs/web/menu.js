/**
 * A button that opens a menu: arrow keys, Home and End move in it, Escape and Tab close it, and so does a press beside it.
 */

import { button, element, keepKeys, setText } from "./dom.js";

/**
 * @typedef {Object} Item
 * @property {string} key  a message
 * @property {() => void} act
 * @property {() => boolean} [enabled]
 * @property {() => string} [name]  the message to show now, where it varies
 * @property {boolean} [apart]  a line above it
 */

export class Menu {
  /** @param {import("./words.js").Words} words @param {string} key  the button's message @param {Item[]} items */
  constructor(words, key, items) {
    this.words = words;
    this.button = button("nnlib-button", [words.say(key)], words.say(`${key}_title`), () => this.toggle());
    this.button.setAttribute("aria-haspopup", "menu");
    this.list = element("div", "nnlib-menu");
    this.list.setAttribute("role", "menu");
    this.list.setAttribute("aria-label", words.say(key));
    this.items = items.map((item) => ({ ...item, root: this.build(item) }));
    this.list.append(...this.items.map(({ root }) => root));
    this.root = element("span", "nnlib-more", this.button, this.list);
    this.root.addEventListener("keydown", (event) => this.onKey(event));
    this.onPress = (event) => !this.root.contains(event.target) && this.close();
    this.onResize = () => this.place();
    // Focus that goes elsewhere takes the menu with it.
    this.root.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !this.root.contains(relatedTarget)) this.close();
    });
    this.close();
  }

  build(item) {
    const made = button(item.apart ? "nnlib-item nnlib-apart" : "nnlib-item", [this.words.say(item.key)], "", () => this.choose(item));
    made.setAttribute("role", "menuitem");
    made.tabIndex = -1;
    made.removeAttribute("title");
    return keepKeys(made);
  }

  choose(item) {
    if (item.enabled && !item.enabled()) return;
    this.close();
    // A dialog gives the focus back to where it was when it opened.
    this.button.focus({ preventScroll: true });
    item.act();
  }

  get opened() {
    return !this.list.hidden;
  }

  toggle() {
    if (this.opened) this.close();
    else this.open(0);
  }

  open(index) {
    for (const { root, enabled, name } of this.items) {
      root.setAttribute("aria-disabled", String(Boolean(enabled && !enabled())));
      if (name) setText(root, this.words.say(name()));
    }
    this.list.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.place();
    this.items.at(index).root.focus({ preventScroll: true });
    document.addEventListener("pointerdown", this.onPress, true);
    addEventListener("resize", this.onResize);
  }

  close() {
    this.list.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", this.onPress, true);
    removeEventListener("resize", this.onResize);
  }

  /** Under the button, and moved left where it would leave the lab. */
  place() {
    this.list.style.translate = "";
    const lab = this.root.closest(".nnlib-lab") ?? document.documentElement;
    const beyond = this.list.getBoundingClientRect().right - lab.getBoundingClientRect().right + 8;
    if (beyond > 0) this.list.style.translate = `${-beyond}px`;
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const { key } = event;
    if (!this.opened) {
      if (key !== "ArrowDown" && key !== "ArrowUp") return;
      this.open(key === "ArrowDown" ? 0 : -1);
    } else if (key === "Escape") {
      this.close();
      this.button.focus({ preventScroll: true });
    } else if (key === "Tab") {
      this.close();
      return;
    } else if (!this.move(key)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @returns {boolean} whether the key moves the focus in a menu */
  move(key) {
    const roots = this.items.map(({ root }) => root);
    const at = roots.indexOf(document.activeElement);
    const goal = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[key];
    if (goal === undefined) return false;
    roots.at(goal === roots.length ? 0 : goal).focus({ preventScroll: true });
    return true;
  }

  dispose() {
    this.close();
  }
}
