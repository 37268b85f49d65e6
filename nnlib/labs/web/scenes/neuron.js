/**
 * One neuron: its boundary and output over the plane, and the sum for one point, term by term.
 */

import { ACTIVATIONS } from "../activations.js";
import { addMark } from "../canvas.js";
import { element, setText } from "../dom.js";
import { formatNumber, formatSetting } from "../words.js";
import { Plane, strokeWithHalo } from "./plane.js";

const SVG = "http://www.w3.org/2000/svg";
const EXTENT = 2;
const STEP = 0.05;
/** The ends of the colour scale, by activation; the others have −4 and 4. */
const LIMITS = { step: [0, 1], sigmoid: [0, 1], sign: [-1, 1], tanh: [-1, 1] };
const OTHER_LIMITS = [-4, 4];
/** Truth tables: the outputs at the corners. */
const TABLES = { none: [], and: [0, 0, 0, 1], or: [0, 1, 1, 1], not: [1, 1, 0, 0], xor: [0, 1, 1, 0] };
const CORNERS = [[0, 0], [0, 1], [1, 0], [1, 1]];
/** Of activations that jump one can say whether the neuron fires. */
const JUMPS = new Set(["step", "sign"]);
/** The arrow of the weights is drawn at this share of its length, so that the longest still fits. */
const ARROW = 0.35;
/** Bars of the sum reach from −REACH to REACH; what goes further is cut off. */
const REACH = 6;

export class NeuronScene {
  /** @param {import("./scene.js").Surroundings} surroundings */
  constructor({ host, words, move }) {
    this.words = words;
    this.plane = new Plane(words, EXTENT, [-2, -1, 0, 1, 2]);
    this.plane.describe(words.say("neuron_plane"));
    this.plane.addHandle({
      label: words.say("group_point"),
      step: STEP,
      get: () => [this.settings.x1, this.settings.x2],
      set: (x1, x2) => move({ x1, x2 }),
    });
    this.ends = element("div", "nnlib-ends");
    this.plane.root.append(element("div", "nnlib-legend", element("div", "nnlib-bar"), this.ends));
    const title = (key) => element("p", "nnlib-title", words.say(`${key}_title`), " ", caption(words.say(`${key}_caption`)));
    const left = element("div", "nnlib-neuron-plane", title("neuron_plane"), this.plane.root);
    const right = element("div", "nnlib-neuron-sum", title("neuron_sum"), this.buildDrawing(), this.buildSum());
    host.append(left, right);
  }

  /** The neuron as a drawing: inputs, weighted lines, sum, activation, output. */
  buildDrawing() {
    const svg = make("svg", { viewBox: "0 0 360 156", class: "nnlib-neuron-drawing", "aria-hidden": "true" });
    const text = (x, y, kind = "", said = "") => {
      const made = make("text", { x, y, class: kind }, svg);
      made.textContent = said;
      return made;
    };
    this.lines = {};
    this.inputs = {};
    [["w1", 26, "x₁"], ["w2", 78, "x₂"], ["b", 130, "1"]].forEach(([field, y, name]) => {
      const line = make("line", { x1: 50, y1: y, x2: 206, y2: 78 }, svg);
      make("circle", { cx: 32, cy: y, r: 20, class: "nnlib-cell" }, svg);
      text(32, field === "b" ? y + 5 : y - 3, "nnlib-name", name);
      const value = field === "b" ? null : text(32, y + 11);
      // Labels lie on their line, a third of the way along.
      const label = text(112, y + (78 - y) * 0.4 + 4, "nnlib-on-line");
      this.lines[field] = { line, label };
      this.inputs[field] = value;
    });
    make("circle", { cx: 220, cy: 78, r: 26, class: "nnlib-cell" }, svg);
    text(220, 74, "nnlib-name", "Σ");
    this.sum = text(220, 90);
    make("line", { x1: 246, y1: 78, x2: 268, y2: 78, class: "nnlib-wire" }, svg);
    make("rect", { x: 268, y: 56, width: 36, height: 44, rx: 6, class: "nnlib-cell" }, svg);
    text(286, 83, "nnlib-name", "f");
    make("line", { x1: 304, y1: 78, x2: 318, y2: 78, class: "nnlib-wire" }, svg);
    this.lamp = make("circle", { cx: 338, cy: 78, r: 20, class: "nnlib-cell" }, svg);
    this.output = text(338, 82, "nnlib-output-text");
    return svg;
  }

  /** The sum, a row for each term: each bar begins where the one before it ends. */
  buildSum() {
    this.rows = {};
    const table = element("div", "nnlib-sum");
    for (const [key, name] of [["term_1", "w₁ · x₁"], ["term_2", "w₂ · x₂"], ["b", "b"], ["z", "z"]]) {
      const [product, value, kind] = [element("span"), element("b"), element("span", "nnlib-kind")];
      const bar = element("i");
      const track = element("span", "nnlib-sum-bar", bar);
      table.append(element("span", "nnlib-sum-name", name), product, value, track, kind);
      this.rows[key] = { product, value, kind, bar };
    }
    this.answer = element("p", "nnlib-answer");
    return element("div", "nnlib-sum-box", table, this.answer);
  }

  follow(settings) {
    this.settings = settings;
  }

  paint(settings, palette) {
    this.follow(settings);
    const { x1, x2 } = settings;
    const numbers = this.numbers(settings);
    this.plane.moveHandle(x1, x2, this.words.say("neuron_point", { x1: formatSetting(x1), x2: formatSetting(x2) }));
    this.paintPlane(settings, palette);
    this.showDrawing(settings, numbers);
    this.showSum(settings, numbers);
    const [low, high] = LIMITS[settings.activation] ?? OTHER_LIMITS;
    const ends = [low, (low + high) / 2, high].map((value) => element("span", "", formatSetting(value)));
    if (this.ends.textContent !== ends.map((end) => end.textContent).join("")) this.ends.replaceChildren(...ends);
  }

  paintPlane({ w1, w2, b, activation, table, x1, x2 }, palette) {
    const { plane } = this;
    const context = plane.begin();
    if (!context) return;
    const { f } = ACTIVATIONS[activation];
    const [low, high] = LIMITS[activation] ?? OTHER_LIMITS;
    plane.paintField(context, (u, v) => (2 * (f(w1 * u + w2 * v + b) - low)) / (high - low) - 1, palette);
    plane.paintLine(context, w1, w2, b, palette);
    paintArrow(context, plane, { w1, w2, b }, palette);
    paintTable(context, plane, { w1, w2, b, table }, palette);
  }

  showDrawing(settings, { z, output }) {
    const names = { w1: "w₁", w2: "w₂", b: "b" };
    for (const [field, { line, label }] of Object.entries(this.lines)) {
      const weight = settings[field];
      line.setAttribute("class", sign(weight));
      line.setAttribute("stroke-width", 1 + 1.6 * Math.abs(weight));
      setText(label, `${names[field]} = ${formatSetting(weight)}`);
    }
    setText(this.inputs.w1, formatSetting(settings.x1));
    setText(this.inputs.w2, formatSetting(settings.x2));
    setText(this.sum, formatSetting(z));
    setText(this.output, formatSmall(output));
    const [low, high] = LIMITS[settings.activation] ?? OTHER_LIMITS;
    const share = Math.min(1, Math.max(0, (output - low) / (high - low)));
    this.lamp.style.setProperty("--lit", `${Math.round(100 * Math.abs(2 * share - 1))}%`);
    this.lamp.setAttribute("class", `nnlib-cell nnlib-lamp ${sign(share - 0.5)}`);
  }

  showSum({ w1, w2, b, x1, x2, activation }, { term_1, term_2, z, output }) {
    const { words } = this;
    const show = (key, product, value, start, kind) => {
      const row = this.rows[key];
      setText(row.product, product);
      setText(row.value, formatSetting(value));
      setText(row.kind, kind ? words.say(kind) : "");
      const at = (position) => 50 + (50 * Math.min(REACH, Math.max(-REACH, position))) / REACH;
      const [from, to] = [at(Math.min(start, start + value)), at(Math.max(start, start + value))];
      Object.assign(row.bar.style, { left: `${from}%`, width: `${to - from}%` });
      row.bar.className = sign(value);
    };
    const times = (w, x) => `${formatSetting(w)} × ${inBrackets(x)}`;
    show("term_1", times(w1, x1), term_1, 0, kindOf(w1));
    show("term_2", times(w2, x2), term_2, term_1, kindOf(w2));
    show("b", "", b, term_1 + term_2, b ? "neuron_bias" : "");
    show("z", "", z, 0, "");
    const fires = JUMPS.has(activation) ? ` ${words.say(z >= 0 ? "neuron_fires" : "neuron_silent")}` : "";
    setText(this.answer, `f(z) = ${formatOutput(output)}${fires}`);
  }

  numbers({ w1, w2, b, activation, x1, x2, table }) {
    const [term_1, term_2] = [w1 * x1, w2 * x2];
    const z = term_1 + term_2 + b;
    const norm = Math.hypot(w1, w2);
    const answers = TABLES[table];
    return {
      term_1, term_2, z, norm,
      output: ACTIVATIONS[activation].f(z),
      distance: norm ? z / norm : null,
      right: answers.length ? answers.filter((answer, i) => isRight({ w1, w2, b }, answer, CORNERS[i])).length : null,
    };
  }

  describe(settings) {
    const { words } = this;
    const { term_1, term_2, z, norm, output, right } = this.numbers(settings);
    const { b, activation } = settings;
    const parts = [words.say("says_neuron", {
      term_1: formatSetting(term_1), term_2: inBrackets(term_2), b: inBrackets(b), z: formatSetting(z),
      activation: words.option(activation), output: formatOutput(output),
    })];
    if (JUMPS.has(activation)) parts.push(words.say(z >= 0 ? "says_neuron_fires" : "says_neuron_silent"));
    if (right !== null) parts.push(words.say("says_neuron_table", { right }));
    if (!norm) parts.push(words.say("says_neuron_flat"));
    else if (!b) parts.push(words.say("says_neuron_no_bias"));
    return parts.join(" ");
  }
}

const caption = (text) => element("span", "", text);
const sign = (value) => (value > 0 ? "nnlib-plus" : value < 0 ? "nnlib-minus" : "nnlib-zero");
const kindOf = (weight) => (weight > 0 ? "neuron_excitatory" : weight < 0 ? "neuron_inhibitory" : "");
const inBrackets = (value) => (value < 0 ? `(${formatSetting(value)})` : formatSetting(value));
const formatOutput = (value) => (Number.isInteger(value) ? formatSetting(value) : formatNumber(value));
/** Short enough for a circle. */
const formatSmall = (value) => formatSetting(Number(value.toPrecision(Math.abs(value) < 0.1 ? 1 : 3)));

/** The neuron says 1 where the sum is not negative. */
function isRight({ w1, w2, b }, answer, [x1, x2]) {
  return (w1 * x1 + w2 * x2 + b >= 0) === (answer === 1);
}

/** The vector of the weights: at right angles to the line, towards the side where the sum is positive. */
function paintArrow(context, plane, { w1, w2, b }, palette) {
  const norm = Math.hypot(w1, w2);
  if (!norm) return;
  const foot = [(-b * w1) / (norm * norm), (-b * w2) / (norm * norm)];
  const seen = foot.every((value) => Math.abs(value) <= plane.extent);
  const from = plane.place(...(seen ? foot : [0, 0]));
  const start = seen ? foot : [0, 0];
  const to = plane.place(start[0] + ARROW * w1, start[1] + ARROW * w2);
  const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  for (const turn of [2.6, -2.6]) {
    context.moveTo(...to);
    context.lineTo(to[0] + 9 * Math.cos(angle + turn), to[1] + 9 * Math.sin(angle + turn));
  }
  strokeWithHalo(context, palette, palette.ink, 2);
  context.font = "italic 600 14px Georgia, serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  const inside = (value) => Math.min(plane.size - 10, Math.max(10, value));
  const [x, y] = [inside(to[0] + 13 * Math.cos(angle)), inside(to[1] + 13 * Math.sin(angle))];
  Object.assign(context, { lineWidth: 3, strokeStyle: palette.ground, fillStyle: palette.ink });
  context.strokeText("w", x, y);
  context.fillText("w", x, y);
}

/** The rows of a truth table as points; those that the neuron gets wrong wear a ring. */
function paintTable(context, plane, { w1, w2, b, table }, palette) {
  TABLES[table].forEach((answer, i) => {
    const [x, y] = plane.place(...CORNERS[i]);
    context.beginPath();
    addMark(context, answer, x, y, 7);
    Object.assign(context, { fillStyle: palette.classes[answer], strokeStyle: palette.outline, lineWidth: 3, globalAlpha: 1 });
    context.stroke();
    context.fill();
    if (isRight({ w1, w2, b }, answer, CORNERS[i])) return;
    context.beginPath();
    context.arc(x, y, 13, 0, 2 * Math.PI);
    context.setLineDash([4, 3]);
    strokeWithHalo(context, palette, palette.ink, 2);
    context.setLineDash([]);
  });
}

function make(tag, attributes, parent = null) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  parent?.append(made);
  return made;
}
