/**
 * The space behind a hidden layer: where the layer sends the points, and the grid of the input plane, bent by it.
 *
 * Each axis is one unit, so the picture stands still while training moves what is in it, and its axes have names; the
 * principal components of a wider layer would turn with every step. Behind a layer of two units the ground shows what
 * the rest of the network answers there, with the line where the answer turns: behind the last layer it is straight.
 * Of a wider layer two units are chosen, and the ground, which needs all of them, stays empty.
 */

import { fit } from "../canvas.js";
import { element, keepKeys, setText } from "../dom.js";
import { symbolOf } from "../formula.js";
import { forward } from "../layers.js";
import { batchNormUse } from "../normalization.js";
import { EXTENT } from "../picture.js";
import { decode } from "../settings.js";
import { Surface } from "../surface.js";
import { formatNumber, formatSetting } from "../words.js";

const SIDE = 48;
/** A pale line of the grid at each whole number, with so many straight pieces; fewer for large networks. */
const PIECES = [60, 36, 24];
const GRID_WORK = 1.2e6;
/** The ends of an axis, where the activation bounds it; a little beyond, so that no mark is cut. */
const BOUNDS = { tanh: [-1.12, 1.12], sign: [-1.12, 1.12], sigmoid: [-0.06, 1.06], step: [-0.06, 1.06] };
/** The scale of an unbounded unit shrinks when less than this share of it is used. */
const USED = 0.35;

/** @typedef {import("../training.js").Run} Run */

/**
 * Where the points of each class lie, on average: [label, first unit, second unit]; of a regression all points in one,
 * with the label null. The twin of centres in nnlib/labs/parts.py.
 * @param {Run} run @param {number} layer  hidden layer from 0 @param {[number, number]} units
 * @returns {[number | null, number, number][]}
 */
export function centres({ net, data }, layer, units) {
  const { X, y, n } = data.train;
  const H = net.evaluate(X, n).hidden[layer];
  const width = net.widths[layer + 1];
  const sums = new Map();
  for (let s = 0; s < n; s++) {
    const label = data.task === "regression" ? null : y[s];
    const sum = sums.get(label) ?? [0, 0, 0];
    units.forEach((unit, i) => (sum[i] += at(H, s, width, unit)));
    sum[2] += 1;
    sums.set(label, sum);
  }
  const labels = [...sums.keys()].sort((a, b) => a - b);
  return labels.map((label) => [label, ...sums.get(label).slice(0, 2).map((sum) => sum / sums.get(label)[2])]);
}

/** A unit of row s; a unit that the layer does not have is 0. */
const at = (H, s, width, unit) => (unit < width ? H[s * width + unit] : 0);

/**
 * What the layers behind a hidden layer answer for its outputs H (n, width).
 * @param {import("../network.js").Network} net @param {number} layer @param {Float64Array} H @param {number} n
 */
export function answer(net, layer, H, n) {
  let x = H;
  for (let l = layer + 1; l < net.layers.length; l++) {
    const { inputs, outputs, offset, norm, running, slope, constant, activation } = net.layers[l];
    const a = new Float64Array(n * outputs);
    forward(x, 0, n, inputs, outputs, net.parameters, offset, a);
    if (norm >= 0) batchNormUse(a, n, outputs, net.parameters, norm, net.statistics, running);
    activation.forward(a, a, n * outputs, slope >= 0 ? net.parameters[slope] : constant);
    x = a;
  }
  return x;
}

const grids = new Map();

/** The points of all lines of the grid: first those with x₁ fixed, then those with x₂ fixed. @param {number} pieces */
function gridLines(pieces) {
  if (!grids.has(pieces)) {
    const X = [];
    for (const fixed of [0, 1]) {
      for (let value = -EXTENT; value <= EXTENT; value++) {
        for (let i = 0; i <= pieces; i++) {
          const along = EXTENT * ((2 * i) / pieces - 1);
          X.push(...(fixed ? [along, value] : [value, along]));
        }
      }
    }
    grids.set(pieces, Float64Array.from(X));
  }
  return grids.get(pieces);
}

export class HiddenSpace {
  /** @param {import("../view.js").View} view */
  constructor(view) {
    this.view = view;
    const { words } = view;
    this.words = words;
    this.square = element("div", "nnlib-hidden-square");
    this.surface = new Surface(this.square);
    this.lines = element("canvas", "nnlib-bent-grid");
    this.lines.setAttribute("aria-hidden", "true");
    this.surface.points.before(this.lines);
    this.empty = this.square.appendChild(element("p", "nnlib-hidden-empty", words.say("hidden_none")));
    this.axes = [0, 1].map((axis) => {
      const ends = [element("span", "nnlib-low"), element("i"), element("span", "nnlib-high")];
      const made = element("div", `nnlib-hidden-axis nnlib-hidden-axis-${axis}`, ...ends);
      made.setAttribute("aria-hidden", "true");
      return { made, ends };
    });
    this.selects = ["layer", "across", "up"].map((name) => {
      const select = keepKeys(element("select", `nnlib-hidden-${name}`));
      select.addEventListener("change", () => this.choose(name === "layer"));
      return { select, label: element("label", "", element("span", "", words.say(`hidden_${name}`)), select) };
    });
    const row = element("div", "nnlib-hidden-choice", ...this.selects.map(({ label }) => label));
    this.caption = element("span");
    const title = element("p", "nnlib-title", words.say("hidden_title"), " ", this.caption);
    const plane = element("div", "nnlib-hidden-plane", this.axes[1].made, this.square, this.axes[0].made);
    this.root = element("section", "nnlib-part nnlib-hidden-part", title, plane, row);
    view.tail.before(this.root);
    view.peek.add(this.square);
    view.surface.points.before(element("div", "nnlib-flat-grid"));
    /** The box whose size the view follows. */
    this.boxes = [{ host: this.square, width: 0, height: 0 }];
    this.key = "";
    this.ends = [null, null];
  }

  /** The reader has chosen a layer or a unit. @param {boolean} another  another layer: its first two units */
  choose(another) {
    if (another) this.units = [0, 1];
    else this.units = this.selects.slice(1).map(({ select }) => select.selectedIndex);
    this.layer = this.selects[0].select.selectedIndex;
    this.key = "";
    this.ends = [null, null];
    this.view.stale = true;
    this.view.session.stage.refresh();
  }

  /** Offer the layers and units that the network has; the last layer first. */
  offer(run) {
    const { widths } = run.net;
    const key = String(widths);
    if (key === this.key) return;
    const layers = widths.length - 2;
    if (this.shape !== key) Object.assign(this, { shape: key, layer: layers - 1, units: [0, 1], ends: [null, null] });
    this.key = key;
    const fill = ({ select }, names, chosen) => {
      select.replaceChildren(...names.map((name) => element("option", "", name)));
      select.selectedIndex = Math.min(chosen, names.length - 1);
      select.disabled = names.length < 2;
    };
    const name = (l) => this.words.say("hidden_column", { layer: l + 1 });
    fill(this.selects[0], Array.from({ length: layers }, (_, l) => name(l)), this.layer);
    const count = layers ? widths[this.layer + 1] : 0;
    const symbols = Array.from({ length: count }, (_, unit) => symbolOf(run, this.words, this.layer + 1, unit));
    [0, 1].forEach((i) => {
      fill(this.selects[i + 1], symbols, this.units[i]);
      // One unit has no other beside it: its points lie on a line.
      setText(this.axes[i].ends[1], symbols[this.units[i]] ?? "");
    });
    if (count === 1) this.selects[2].select.selectedIndex = -1;
    const key2 = !layers ? "hidden_caption_none" : count === 2 ? "hidden_caption" : "hidden_caption_units";
    setText(this.caption, this.words.say(key2));
    this.empty.hidden = layers > 0;
    this.square.parentElement.classList.toggle("nnlib-away", !layers);
  }

  /** @param {import("../session.js").Shown} shown @param {import("../colours.js").Palette} palette */
  paint({ subject }, palette) {
    if (!subject) return;
    this.offer(subject);
    const [{ width: size }] = this.boxes;
    const { net, data } = subject;
    if (net.widths.length < 3 || !size) return;
    this.surface.size = size;
    this.surface.decided = this.view.surface.decided;
    const width = net.widths[this.layer + 1];
    const train = this.coordinates(net, data.train, width);
    const test = this.coordinates(net, data.test, width);
    this.scale(net.activations[this.layer], [train, test]);
    this.paintGround(subject, width, palette);
    this.paintGrid(net, width, palette);
    const shown = decode(this.view.session.model).display.test;
    const parts = { train: this.placed(data.train, train), test: this.placed({ ...data.test, n: shown ? data.test.n : 0 }, test) };
    this.surface.paintPoints({ ...data, ...parts }, palette);
  }

  /** The chosen units of every point, (n, 2). */
  coordinates(net, { X, n }, width) {
    const H = net.evaluate(X, n).hidden[this.layer];
    return Float64Array.from({ length: 2 * n }, (_, i) => at(H, i >> 1, width, this.units[i & 1]));
  }

  /** Set the ends of both axes. */
  scale(activation, parts) {
    this.ends = [0, 1].map((axis) => {
      if (BOUNDS[activation]) return BOUNDS[activation];
      let [low, high] = [0, 0];
      for (const part of parts) {
        for (let i = axis; i < part.length; i += 2) {
          if (!Number.isFinite(part[i])) continue;
          low = Math.min(low, part[i]);
          high = Math.max(high, part[i]);
        }
      }
      const [oldLow, oldHigh] = this.ends[axis] ?? [0, 0];
      const top = roundEnd(high, oldHigh);
      const bottom = low < -0.08 * top ? -roundEnd(-low, -oldLow) : -0.08 * top;
      return [bottom, top];
    });
    this.axes.forEach(({ ends: [low, , high] }, axis) => {
      const bounds = BOUNDS[activation] ? [Math.ceil(this.ends[axis][0]), 1] : this.ends[axis];
      const [a, b] = this.ends[axis];
      bounds.forEach((value, i) => {
        const mark = [low, high][i];
        setText(mark, formatSetting(Number(value.toPrecision(2))));
        mark.style.setProperty("--at", (value - a) / (b - a));
      });
    });
  }

  /** Coordinates in the square of the surface, which goes from −EXTENT to EXTENT. */
  placed(part, coordinates) {
    const X = coordinates.map((value, i) => {
      const [low, high] = this.ends[i & 1];
      return EXTENT * ((2 * (value - low)) / (high - low) - 1);
    });
    return { ...part, X };
  }

  /** What the rest of the network answers, where two units are all that it reads. */
  paintGround(run, width, palette) {
    const { net } = run;
    if (width > 2) {
      fit(this.surface.field, this.surface.size, this.surface.size).clearRect(0, 0, this.surface.size, this.surface.size);
      return;
    }
    const H = new Float64Array(SIDE * SIDE * width);
    for (let row = 0; row < SIDE; row++) {
      for (let column = 0; column < SIDE; column++) {
        const shares = [(column + 0.5) / SIDE, 1 - (row + 0.5) / SIDE];
        const point = shares.map((share, axis) => this.ends[axis][0] + share * (this.ends[axis][1] - this.ends[axis][0]));
        this.units.forEach((unit, axis) => {
          if (unit < width) H[(row * SIDE + column) * width + unit] = point[axis];
        });
      }
    }
    this.surface.paint({ side: SIDE, outputs: answer(net, this.layer, H, SIDE * SIDE) }, run, palette);
  }

  paintGrid(net, width, palette) {
    const { size } = this.surface;
    const context = fit(this.lines, size, size);
    context.clearRect(0, 0, size, size);
    const each = net.layers.reduce((sum, { inputs, outputs }) => sum + (inputs + 14) * outputs, 0);
    const pieces = PIECES.find((count) => 26 * count * each <= GRID_WORK) ?? PIECES.at(-1);
    const X = gridLines(pieces);
    const n = X.length / 2;
    const H = net.evaluate(X, n).hidden[this.layer];
    const x = (s) => size * ((at(H, s, width, this.units[0]) - this.ends[0][0]) / (this.ends[0][1] - this.ends[0][0]));
    const y = (s) => size * (1 - (at(H, s, width, this.units[1]) - this.ends[1][0]) / (this.ends[1][1] - this.ends[1][0]));
    const lines = n / (pieces + 1);
    for (let line = 0; line < lines; line++) {
      const first = line * (pieces + 1);
      context.beginPath();
      context.moveTo(x(first), y(first));
      for (let i = 1; i <= pieces; i++) context.lineTo(x(first + i), y(first + i));
      const axis = line % (2 * EXTENT + 1) === EXTENT;
      Object.assign(context, { strokeStyle: palette.ink, globalAlpha: axis ? 0.75 : 0.32, lineWidth: axis ? 1.4 : 0.8 });
      context.setLineDash(line < lines / 2 ? [] : [4, 2]);
      context.stroke();
    }
    context.globalAlpha = 1;
    context.setLineDash([]);
  }

  /** @param {import("../session.js").Shown} shown */
  describe(shown) {
    const { subject } = shown;
    if (!subject) return;
    if (subject.net.widths.length < 3) {
      this.surface.describe(this.words.say("hidden_none"));
      return;
    }
    this.offer(subject);
    const where = centres(subject, this.layer, this.units).map(([label, a, b]) => {
      const values = { label: label === null ? "" : formatSetting(label), a: formatNumber(a), b: formatNumber(b) };
      return this.words.say(label === null ? "hidden_centre_all" : "hidden_centre", values);
    });
    const values = { layer: this.layer + 1, epoch: shown.epoch, numbers: this.words.numbers(shown) };
    this.surface.describe(this.words.say("hidden_label", { ...values, centres: where.join(", ") }));
  }
}

/** The lowest round number that covers a size; the one in use while it serves. */
function roundEnd(size, current) {
  if (size <= current && size > USED * current) return current;
  const wanted = Math.max(size, 1e-3) * 1.05;
  const power = 10 ** Math.floor(Math.log10(wanted));
  return Number(([1, 1.5, 2, 3, 5, 7, 10].find((digit) => digit * power >= wanted) * power).toPrecision(6));
}
