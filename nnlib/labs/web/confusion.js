/**
 * The confusion matrix of the test part: how many points of each class the network takes for which.
 */

import { element, setText } from "./dom.js";
import { mark } from "./legend.js";

export class Confusion {
  /** @param {import("./words.js").Words} words */
  constructor(words) {
    this.words = words;
    this.root = element("div", "nnlib-confusion");
    this.key = "";
  }

  /** @param {import("./training.js").Run} run */
  show(run) {
    const counts = run.confusion();
    if (!counts) return;
    const k = Math.sqrt(counts.length);
    this.build(k, run.data.task === "multiclass");
    for (let row = 0; row < k; row++) {
      const total = counts.subarray(row * k, row * k + k).reduce((sum, count) => sum + count, 0);
      for (let column = 0; column < k; column++) {
        const count = counts[row * k + column];
        const cell = this.cells[row * k + column];
        setText(cell, String(count));
        cell.style.setProperty("--share", `${Math.round((100 * count) / (total || 1))}%`);
      }
    }
  }

  /** The table, made anew for another number of classes. */
  build(k, multiclass) {
    const key = `${k} ${multiclass}`;
    if (key === this.key) return;
    this.key = key;
    const { words } = this;
    const heading = (c, scope) => {
      const name = multiclass ? String(c) : c ? "+1" : "−1";
      const made = element("th", "", mark(c), name);
      made.scope = scope;
      made.setAttribute("aria-label", words.say("confusion_class", { name }));
      return made;
    };
    const classes = Array.from({ length: k }, (_, c) => c);
    const head = element("tr", "", element("td"), ...classes.map((c) => heading(c, "col")));
    this.cells = [];
    const rows = classes.map((row) => {
      const cells = classes.map((column) => element("td", row === column ? "nnlib-right" : "nnlib-wrong"));
      this.cells.push(...cells);
      return element("tr", "", heading(row, "row"), ...cells);
    });
    const caption = element("caption", "", words.say("confusion_caption"));
    this.root.replaceChildren(element("table", "", caption, element("thead", "", head), element("tbody", "", ...rows)));
  }
}
