/**
 * The output once more, small, beside the losses: on a phone it stays in sight above the controls, so that who moves a far
 * slider sees what it does.
 *
 * It stands in the controls' own area and takes no room of theirs (peek.css). It says nothing new: screen readers pass by.
 */

import { fit } from "./canvas.js";
import { element, setText } from "./dom.js";

export class Peek {
  /** @param {import("./view.js").View} view */
  constructor(view) {
    this.view = view;
    this.host = element("div", "nnlib-peek-square");
    this.canvas = this.host.appendChild(document.createElement("canvas"));
    this.texts = Object.entries(view.values).map(([name, source]) => {
      const shown = element("b");
      const tile = element("div", "nnlib-peek-number", element("span", "", view.words.say(name)), shown);
      return { source, shown, tile };
    });
    const numbers = element("div", "nnlib-peek-numbers", ...this.texts.map(({ tile }) => tile));
    this.root = element("div", "nnlib-peek", this.host, numbers);
    this.root.setAttribute("aria-hidden", "true");
    // The view follows the size of the box; where it is not shown, that is 0.
    this.width = this.height = 0;
  }

  /** Copy what the view has painted. */
  paint() {
    if (!this.width) return;
    const { field, points, size } = this.view.surface;
    if (!size) return;
    const context = fit(this.canvas, this.width, this.height);
    for (const layer of [field, points]) context.drawImage(layer, 0, 0, this.width, this.height);
    for (const { source, shown } of this.texts) setText(shown, source.textContent);
  }
}
