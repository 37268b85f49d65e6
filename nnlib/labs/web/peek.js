/**
 * The output once more, small, beside the losses: on a phone it stays in sight above the controls and the network, so that
 * who moves a far slider sees what it does.
 *
 * It stands in their own area and takes no room of theirs (peek.css). It says nothing new: screen readers pass by.
 */

import { fit } from "./canvas.js";
import { element, setText } from "./dom.js";

export class Peek {
  /** @param {import("./view.js").View} view */
  constructor(view) {
    this.view = view;
    /** A small picture for each large one. @type {{from: HTMLElement, canvas: HTMLCanvasElement}[]} */
    this.pictures = [];
    this.texts = Object.entries(view.values).map(([name, source]) => {
      const shown = element("b");
      const tile = element("div", "nnlib-peek-number", element("span", "", view.words.say(name)), shown);
      return { source, shown, tile };
    });
    const numbers = element("div", "nnlib-peek-numbers", ...this.texts.map(({ tile }) => tile));
    this.root = element("div", "nnlib-peek", numbers);
    this.root.setAttribute("aria-hidden", "true");
    this.host = this.add(view.surface.host);
    // The view follows the size of the box; where it is not shown, that is 0.
    this.width = this.height = 0;
  }

  /** Show one more picture. @param {HTMLElement} from  holds its layers @returns {HTMLElement} where the small one stands */
  add(from) {
    const canvas = element("canvas");
    this.pictures.push({ from, canvas });
    this.root.lastChild.before(element("div", "nnlib-peek-square", canvas));
    return canvas.parentElement;
  }

  /** Copy what the view has painted. */
  paint() {
    if (!this.width || !this.view.surface.size) return;
    for (const { from, canvas } of this.pictures) {
      const context = fit(canvas, this.width, this.height);
      context.clearRect(0, 0, this.width, this.height);
      for (const layer of from.querySelectorAll("canvas")) {
        if (layer.width && layer.checkVisibility({ visibilityProperty: true })) context.drawImage(layer, 0, 0, this.width, this.height);
      }
    }
    for (const { source, shown } of this.texts) setText(shown, source.textContent);
  }
}
