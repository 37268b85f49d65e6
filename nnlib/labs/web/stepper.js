/**
 * A whole number between two buttons: less, the number, more.
 *
 * The number is the one tab stop (a spin button: arrow keys, Home, End); the buttons are for pointers. A button at its
 * limit stays where it is and says why it does nothing.
 */

import { button, element, keepKeys, setText } from "./dom.js";

export class Stepper {
  /**
   * @param {{less: string, more: string}} titles  what the buttons do
   * @param {(by: number) => void} onStep  told every step, those beyond a limit too
   */
  constructor(titles, onStep) {
    this.titles = titles;
    const make = (sign, by, title) => {
      const made = button("nnlib-button nnlib-count-button", [sign], title, () => onStep(by));
      made.setAttribute("aria-label", title);
      made.tabIndex = -1;
      return made;
    };
    this.less = make("−", -1, titles.less);
    this.more = make("+", 1, titles.more);
    this.count = keepKeys(element("b", "nnlib-count"));
    this.count.setAttribute("role", "spinbutton");
    this.count.tabIndex = 0;
    this.count.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const { min, max, value } = this;
      const by = {
        ArrowUp: 1, ArrowRight: 1, "+": 1, ArrowDown: -1, ArrowLeft: -1, "-": -1, Home: min - value, End: max - value,
      }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      if (by) onStep(by);
    });
    this.root = element("span", "nnlib-count-box", this.less, this.count, this.more);
  }

  /**
   * @param {number} value @param {number} min @param {number} max
   * @param {{name: string, tooFew: string, tooMany: string, locked?: string}} words  the number's name, what the limits
   *   are, and why nothing moves it at all
   */
  show(value, min, max, { name, tooFew, tooMany, locked = "" }) {
    Object.assign(this, { value, min, max });
    setText(this.count, String(value));
    const { count } = this;
    for (const [attribute, text] of [["aria-label", name], ["aria-valuenow", value], ["aria-valuemin", min], ["aria-valuemax", max]]) {
      count.setAttribute(attribute, String(text));
    }
    count.setAttribute("aria-disabled", String(Boolean(locked)));
    count.title = locked;
    limit(this.less, Boolean(locked) || value <= min, locked || tooFew, this.titles.less);
    limit(this.more, Boolean(locked) || value >= max, locked || tooMany, this.titles.more);
  }
}

/**
 * Mark a button as one that does nothing now, and why. It can still be focused: whoever steps down to the limit by
 * keyboard keeps the place.
 * @param {HTMLElement} control @param {boolean} off @param {string} reason @param {string} title
 */
export function limit(control, off, reason, title) {
  control.setAttribute("aria-disabled", String(off));
  control.title = off ? reason : title;
}
