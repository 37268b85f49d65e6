/**
 * What stands under the output: the loss curves, the accuracy curves, the weights, or the confusion matrix.
 *
 * All share one box, which keeps its size; a row of choices above it says which is seen. A regression has no accuracy
 * and no classes: these choices are then off, and the loss is shown.
 */

import { Confusion } from "./confusion.js";
import { Curves } from "./curves.js";
import { element, keepKeys } from "./dom.js";
import { Histogram } from "./histogram.js";

const CHOICES = ["loss", "accuracy", "weights", "confusion"];
const ONLY_CLASSES = new Set(["accuracy", "confusion"]);
let courses = 0;

export class Course {
  /**
   * @param {import("./words.js").Words} words @param {() => void} redraw  called when the reader has chosen
   * @param {string} [first]  what is seen first
   */
  constructor(words, redraw, first = "loss") {
    this.words = words;
    this.chosen = CHOICES.includes(first) ? first : "loss";
    this.curves = new Curves(element("div", "nnlib-curves"), words);
    this.histogram = new Histogram(words);
    this.confusion = new Confusion(words);
    /** The parts whose size has to be known. */
    this.pictures = [this.curves, this.histogram];
    const group = `nnlib-plots-${(courses += 1)}`;
    this.inputs = CHOICES.map((choice) => {
      const input = Object.assign(keepKeys(document.createElement("input")), { type: "radio", name: group, value: choice });
      input.checked = choice === this.chosen;
      input.addEventListener("change", () => {
        this.chosen = choice;
        redraw();
      });
      return input;
    });
    const labels = this.inputs.map((input) => element("label", "", input, element("span", "", words.say(`plot_${input.value}`))));
    const row = element("div", "nnlib-switch", ...labels);
    row.setAttribute("role", "radiogroup");
    row.setAttribute("aria-label", words.say("plot"));
    const stack = element("div", "nnlib-plot-stack", this.curves.host, this.histogram.host, this.confusion.root);
    this.root = element("div", "nnlib-plots", row, stack);
    this.root.dataset.plot = this.chosen;
  }

  /** Show what is chosen. @param {import("./session.js").Shown} shown @param {import("./colours.js").Palette} palette */
  show(shown, palette) {
    if (!shown.subject) return;
    const regression = shown.subject.data.task === "regression";
    const choice = regression && ONLY_CLASSES.has(this.chosen) ? "loss" : this.chosen;
    for (const input of this.inputs) {
      input.disabled = regression && ONLY_CLASSES.has(input.value);
      input.checked = input.value === choice;
    }
    if (choice !== this.root.dataset.plot) {
      this.root.dataset.plot = choice;
      this.curves.top = this.curves.length = 0;
      this.describeCurves?.();
    }
    this.curves.measure = choice === "accuracy" ? "accuracy" : "loss";
    if (choice === "weights") this.histogram.paint(shown, palette);
    else if (choice === "confusion") this.confusion.show(shown.subject);
    else this.curves.paint(shown, palette);
  }

  /** Describe the curves for readers who do not see them. @param {Record<string, any>} values */
  describe(shown, values) {
    this.describeCurves = () => {
      const key = this.root.dataset.plot === "accuracy" ? "accuracies_label" : "curves_label";
      this.curves.describe(this.words.say(key, values));
    };
    this.describeCurves();
  }
}
