/**
 * The units of each hidden layer, as a row of numbers: a layer is added behind the last one, or taken away.
 */

import { button, element, keepKeys } from "../dom.js";
import { decode, findField, moveControls } from "../settings.js";
import { hiddenWidths } from "../training.js";

const ADDED = 2;

export class Layers {
  /** @param {import("../view.js").View} view */
  constructor({ session, root, words }) {
    this.session = session;
    this.field = findField(session.model, "widths");
    const { min, max, most } = this.field;
    this.inputs = Array.from({ length: most }, (_, l) => {
      const input = keepKeys(element("input", "nnlib-layer-units"));
      Object.assign(input, { type: "number", min, max, step: 1, inputMode: "numeric" });
      input.setAttribute("aria-label", words.say("layers_units", { layer: l + 1 }));
      input.addEventListener("change", () => this.set(l, input));
      return input;
    });
    const make = (key, by) =>
      button("nnlib-button nnlib-layer-button", [words.say(`layers_${key}`)], words.say(`layers_${key}_title`), () => this.change(by));
    this.less = make("less", -1);
    this.more = make("more", 1);
    const row = element("div", "nnlib-layer-row", this.less, this.more, ...this.inputs);
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", this.field.label);
    const title = element("p", "nnlib-title", words.say("layers_title"));
    root.querySelector(".nnlib-network").prepend(element("div", "nnlib-layer-part", title, row));
  }

  get widths() {
    return hiddenWidths(decode(this.session.model).settings);
  }

  /** A number was typed: one that is no number of units is forgotten. */
  set(l, input) {
    const { min, max } = this.field;
    const value = Number(input.value);
    const { widths } = this;
    if (Number.isInteger(value) && input.value !== "") widths[l] = Math.min(max, Math.max(min, value));
    this.move(widths);
  }

  change(by) {
    const { widths } = this;
    this.move(by > 0 ? [...widths, ADDED] : widths.slice(0, -1));
  }

  move(widths) {
    this.session.guard(() => moveControls(this.session.model, { widths }));
    this.paint();
  }

  paint() {
    const { widths } = this;
    this.inputs.forEach((input, l) => {
      input.classList.toggle("nnlib-away", l >= widths.length);
      const text = String(widths[l] ?? "");
      if (input !== document.activeElement || !input.value || Number(input.value) !== widths[l]) input.value = text;
    });
    // An empty list would mean the plan's depth and width.
    this.less.disabled = widths.length <= 1;
    this.more.disabled = widths.length >= this.field.most;
  }
}
