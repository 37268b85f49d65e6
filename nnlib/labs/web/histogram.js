/**
 * The weights of a network, or of one layer, as a histogram: orange below zero, blue above.
 *
 * The scale is symmetric and goes to a round number; while a run goes on it grows at once, but shrinks only when much
 * of it lies empty, so that the bars do not dance.
 */

import { fit } from "./canvas.js";
import { element, keepKeys } from "./dom.js";
import { formatWeight } from "./formula.js";
import { formatSetting } from "./words.js";

const MARGIN = { left: 34, right: 12, top: 12, bottom: 20 };
const FONT = "11px system-ui, sans-serif";
const BINS = 24;
/** The scale shrinks when less than this share of it is used. */
const USED = 0.35;
/** Where all weights are 0, or nearly, the scale ends here: its numbers have room. */
const SMALLEST = 1e-3;

export class Histogram {
  /** @param {import("./words.js").Words} words */
  constructor(words) {
    this.words = words;
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", words.say("plot_weights"));
    this.select = keepKeys(element("select", "nnlib-histogram-layer"));
    this.select.setAttribute("aria-label", words.say("histogram_layer"));
    this.select.addEventListener("change", () => this.redraw());
    this.host = element("div", "nnlib-histogram", this.canvas, this.select);
    this.width = this.height = 0;
    this.end = 0;
    this.layers = "";
  }

  /** @param {import("./session.js").Shown} shown @param {import("./colours.js").Palette} palette */
  paint(shown, palette) {
    const { net } = shown.subject;
    this.redraw = () => {
      this.end = 0;
      this.paint(shown, palette);
    };
    this.listLayers(net);
    this.read(net);
    this.describe();
    if (!this.width) return;
    const context = fit(this.canvas, this.width, this.height);
    context.clearRect(0, 0, this.width, this.height);
    const counts = this.count();
    const highest = Math.max(1, ...counts);
    const box = {
      left: MARGIN.left, top: MARGIN.top,
      width: this.width - MARGIN.left - MARGIN.right, height: this.height - MARGIN.top - MARGIN.bottom,
    };
    this.paintAxes(context, box, highest, palette);
    counts.forEach((count, bin) => {
      const height = (box.height * count) / highest;
      const left = box.left + (box.width * bin) / BINS;
      context.fillStyle = bin < BINS / 2 ? palette.negative : palette.positive;
      context.fillRect(left + 0.5, box.top + box.height - height, box.width / BINS - 1, height);
    });
  }

  /** The choice of a layer; made anew when the network has other layers. */
  listLayers(net) {
    const key = String(net.layers.length);
    if (key === this.layers) return;
    this.layers = key;
    const { words } = this;
    const names = net.layers.map((_, l) =>
      l + 1 < net.layers.length ? words.say("histogram_one", { layer: l + 1 }) : words.say("histogram_output"),
    );
    this.select.replaceChildren(...[words.say("histogram_all"), ...names].map((name) => element("option", "", name)));
  }

  /** Read the weights of the chosen layer, and set the scale. */
  read(net) {
    const chosen = this.select.selectedIndex;
    const layers = chosen > 0 ? [net.layers[chosen - 1]] : net.layers;
    this.weights = layers.flatMap(({ offset, inputs, outputs }) => [...net.parameters.subarray(offset, offset + inputs * outputs)]);
    const largest = this.weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
    if (Number.isFinite(largest) && !(largest <= this.end && largest > USED * this.end)) {
      const power = 10 ** Math.floor(Math.log10(Math.max(largest, SMALLEST)));
      this.end = Number(([1, 2, 3, 5, 10].find((digit) => digit * power >= largest) * power).toPrecision(6));
    }
  }

  count() {
    const counts = Array(BINS).fill(0);
    for (const weight of this.weights) {
      const bin = Math.floor((weight / this.end + 1) * (BINS / 2));
      if (bin >= 0 && bin <= BINS) counts[Math.min(BINS - 1, bin)] += 1;
    }
    return counts;
  }

  paintAxes(context, box, highest, palette) {
    Object.assign(context, { font: FONT, fillStyle: palette.muted, strokeStyle: palette.line, lineWidth: 1 });
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const [share, count] of [[0, 0], [1, highest]]) {
      const at = Math.round(box.top + box.height * (1 - share)) + 0.5;
      context.beginPath();
      context.moveTo(box.left, at);
      context.lineTo(box.left + box.width, at);
      context.stroke();
      context.fillText(String(count), box.left - 5, at);
    }
    context.textBaseline = "alphabetic";
    context.textAlign = "center";
    const ticks = [[-1, formatSetting(-this.end)], [0, "0"], [1, formatSetting(this.end)], [0.5, this.words.say("histogram_axis")]];
    for (const [at, text] of ticks) context.fillText(text, box.left + (box.width * (at + 1)) / 2, this.height - 5);
  }

  /** What the histogram shows, in words; at most once a second while training goes on. */
  describe() {
    const now = performance.now();
    if (now - (this.describedAt ?? -Infinity) < 1000 && this.described === this.weights.length) return;
    this.describedAt = now;
    this.described = this.weights.length;
    const count = this.weights.length;
    const mean = this.weights.reduce((sum, weight) => sum + weight, 0) / count;
    const spread = Math.sqrt(this.weights.reduce((sum, weight) => sum + (weight - mean) ** 2, 0) / count);
    const [low, high] = [Math.min(...this.weights), Math.max(...this.weights)];
    const [written, values] = [{}, { low, high, mean, spread }];
    for (const name of Object.keys(values)) written[name] = formatWeight(values[name]);
    this.canvas.setAttribute("aria-label", this.words.say("histogram_label", { count, ...written }));
  }
}
