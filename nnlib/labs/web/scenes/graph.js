/**
 * Forward and backward through a computation graph: each step computes one node or sends a gradient along one edge.
 */

import { element, keepKeys, setText } from "../dom.js";
import { asciiName, bracket, GRAPHS, stateAfter, trace, valuesOf } from "./computation_graph.js";
import { makeLines, Stepper } from "./stepper.js";

const SVG = "http://www.w3.org/2000/svg";
const LIMIT = 1000;
/** Narrower than this the graph runs from top to bottom. */
const NARROW = 560;
/** Narrower than this the boxes are, too: edges need room between them. */
const SLIM = 720;
const NODE = { wide: [84, 48], narrow: [74, 48] };

export class GraphScene {
  /** What reads the text of a field. */
  static texts = { values: readValues };

  /** @param {import("./scene.js").Surroundings} surroundings */
  constructor(surroundings) {
    const { host, words, move } = surroundings;
    Object.assign(this, { words, move });
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("role", "img");
    this.svg.setAttribute("class", "nnlib-computation");
    this.box = element("div", "nnlib-graph-box", this.svg);
    const [lines, texts] = makeLines(3);
    lines.classList.add("nnlib-said");
    this.texts = texts;
    this.inputs = element("div", "nnlib-leaves");
    this.inputs.setAttribute("role", "group");
    this.inputs.setAttribute("aria-label", words.say("leaves_label"));
    host.append(element("div", "nnlib-graph-lab", this.box, lines, this.inputs));
    this.step = 0;
    this.stepper = new Stepper(
      surroundings,
      "step",
      {
        graph_next: () => Math.min(this.step + 1, this.end),
        graph_node: () => this.afterNode(),
        graph_forward: () => Math.max(this.step, this.forward),
        graph_all: () => this.end,
        look_back: () => Math.max(0, this.step - 1),
        from_start: () => 0,
      },
      () => this.step,
      () => this.end,
    );
  }

  get end() {
    return this.traced?.steps.length ?? 0;
  }

  /** Steps of the forward pass. */
  get forward() {
    return this.traced.steps.findIndex(({ kind }) => kind === "seed");
  }

  /** Where the next node is done: on the way back, with all edges into its operands. */
  afterNode() {
    const { steps } = this.traced ?? { steps: [] };
    let to = Math.min(this.step + 1, steps.length);
    while (to < steps.length && steps[to].kind === "edge" && steps[to].edge.to === steps[to - 1].edge?.to) to += 1;
    return to;
  }

  follow(settings) {
    const { graph } = settings;
    const key = JSON.stringify(settings);
    if (key === this.key) return this;
    this.key = key;
    const given = readValues(settings.values, this.words);
    this.graph = graph;
    this.values = valuesOf(graph, given);
    this.traced = trace(graph, this.values);
    this.step = Math.min(settings.step, this.end);
    this.state = stateAfter(this.traced, this.step);
    return this;
  }

  numbers(settings) {
    const { traced, state, step } = this.follow(settings);
    const shown = { step };
    for (const { name, value } of traced.nodes.values()) {
      shown[`value_${asciiName(name)}`] = state.known.has(name) ? value : null;
      shown[`gradient_${asciiName(name)}`] = state.gradients.get(name) ?? null;
    }
    return shown;
  }

  // ---- painting

  paint(settings) {
    this.follow(settings);
    this.showInputs();
    const { clientWidth: width, clientHeight: height } = this.box;
    if (width && height) this.draw(width, height);
    this.svg.setAttribute("aria-label", this.describe());
    const lines = this.explain();
    this.texts.forEach((text, i) => setText(text, lines[i] ?? ""));
    this.stepper.update();
  }

  /** Where the nodes stand. */
  lay(width, height) {
    const narrow = width < NARROW;
    const { places, rows } = GRAPHS[this.graph];
    const [w, h] = NODE[width < SLIM ? "narrow" : "wide"];
    const [across, down] = [width - w - 4, height - h - 4];
    const laid = new Map();
    for (const [name, [wideX, wideY, narrowX, narrowY]] of Object.entries(places)) {
      const [x, y] = narrow ? [narrowX, narrowY / (rows[1] - 1)] : [wideX, wideY / (rows[0] - 1)];
      laid.set(name, [2 + w / 2 + x * across, 2 + h / 2 + y * down]);
    }
    return { laid, narrow, w, h };
  }

  draw(width, height) {
    const { traced, state } = this;
    const { laid, narrow, w, h } = this.lay(width, height);
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const lines = [];
    const labels = [];
    const current = state.current;
    const paths = countPaths(traced);
    for (const node of traced.nodes.values()) {
      for (const edge of node.edges) {
        const [from, to] = [laid.get(edge.from), laid.get(edge.to)];
        const curve = narrow ? curveDown(from, to, w, h) : curveRight(from, to, w);
        const isCurrent = current?.edge === edge || (current?.kind === "forward" && current.node.name === edge.to);
        const carried = state.carried.get(edge);
        const kind = isCurrent ? "nnlib-now" : carried !== undefined ? "nnlib-done" : "";
        lines.push(make("path", { d: pathOf(curve), class: `nnlib-edge ${kind}` }));
        if (carried === undefined) continue;
        // Where one path leads to a node, its gradient is the number of the edge: it need not stand there twice.
        if (current?.edge !== edge && (narrow || paths.get(edge.from) < 2)) continue;
        const [x, y] = pointOf(curve, narrow ? 0.5 : 0.55);
        const now = current?.edge === edge ? " nnlib-now" : "";
        labels.push(make("text", { x, y: y + 4, class: `nnlib-carried${now}` }, this.write(carried)));
      }
    }
    const nodes = [...traced.nodes.values()].map((node) => this.drawNode(node, laid.get(node.name), w, h));
    this.svg.replaceChildren(...lines, ...nodes, ...labels);
  }

  drawNode({ name, value, leaf }, [x, y], w, h) {
    const { state } = this;
    const { current } = state;
    const now = current?.node?.name === name || current?.edge?.from === name;
    const gradient = state.gradients.get(name);
    return make(
      "g",
      { class: `nnlib-node ${leaf ? "nnlib-leaf" : ""} ${now ? "nnlib-now" : ""}` },
      make("rect", { x: x - w / 2, y: y - h / 2, width: w, height: h, rx: leaf ? 3 : 12 }),
      make("text", { x, y: y - h / 2 + 16, class: "nnlib-name" }, name),
      make("text", { x, y: y - h / 2 + 29, class: "nnlib-value" }, state.known.has(name) ? this.write(value) : "·"),
      make("text", { x, y: y - h / 2 + 42, class: "nnlib-gradient" }, gradient === undefined ? "" : `∂ ${this.write(gradient)}`),
    );
  }

  /** Six decimals, as in the book, without needless zeros. */
  write(value) {
    if (Math.abs(value) >= 1e5) return value.toExponential(2).replace("-", "−").replace("e+", "e");
    const text = String(Number(value.toFixed(Math.abs(value) >= 100 ? 2 : 6)));
    return (text === "-0" || text.includes("e") ? "0" : text).replace("-", "−");
  }

  // ---- the leaves

  showInputs() {
    const { leaves } = GRAPHS[this.graph];
    if (this.shownGraph !== this.graph) {
      this.shownGraph = this.graph;
      this.boxes = leaves.map((name, i) => {
        const box = keepKeys(document.createElement("input"));
        Object.assign(box, { type: "number", step: "any", min: -LIMIT, max: LIMIT });
        box.addEventListener("change", () => this.change(i, box));
        return box;
      });
      const named = leaves.map((name, i) => {
        const meaning = this.words.say(`leaf_${this.graph}_${asciiName(name)}`);
        const label = element("label", "", element("i", "", name), this.boxes[i]);
        label.title = meaning;
        this.boxes[i].setAttribute("aria-label", `${name}, ${meaning}`);
        return label;
      });
      // As many places as the largest graph needs, so that nothing below moves.
      const largest = Math.max(...Object.values(GRAPHS).map((graph) => graph.leaves.length));
      const empty = Array.from({ length: largest - named.length }, () => element("span"));
      this.inputs.replaceChildren(...named, ...empty);
    }
    this.boxes.forEach((box, i) => {
      if (box !== document.activeElement) box.value = String(this.values[i]);
    });
  }

  change(i, box) {
    const value = box.valueAsNumber;
    if (!(Math.abs(value) <= LIMIT)) {
      box.value = String(this.values[i]);
      return;
    }
    const values = this.values.map((old, k) => (k === i ? value : old));
    this.move({ values: values.join(" ") });
  }

  // ---- words

  explain() {
    const { words, state, traced, step } = this;
    const result = [...traced.nodes.keys()].at(-1);
    const write = (value) => this.write(value);
    const { current } = state;
    if (!current) return [words.say("graph_before", { steps: this.end }), "", this.carNote()];
    if (current.kind === "forward") {
      const { name, formula, numbers, value } = current.node;
      const text = words.say("graph_computes", { name, formula });
      return [text, `${name} = ${numbers(write)} = ${write(value)}`, this.carNote()];
    }
    if (current.kind === "seed") return [words.say("graph_seed", { result }), "", this.carNote()];
    const { from, to, local, because } = current.edge;
    const arriving = state.gradients.get(to);
    const first = words.say("graph_edge", { from, to, result, because });
    const second = `${write(local)} × ${bracket(write(arriving))} = ${write(local * arriving)}`;
    const ways = [...traced.nodes.values()].flatMap(({ edges }) => edges).filter((edge) => edge.from === from);
    const done = ways.filter((edge) => state.carried.has(edge));
    const terms = done.map((edge) => write(state.carried.get(edge)));
    const sum = terms.map((term, i) => (i && term.startsWith("−") ? `− ${term.slice(1)}` : i ? `+ ${term}` : term)).join(" ");
    const values = { from, result, sum, total: write(state.gradients.get(from)), done: done.length, all: ways.length };
    const third = step === this.end && this.carNote() ? this.carNote() : ways.length > 1 ? words.say("graph_sum", values) : words.say("graph_one_path", values);
    return [first, second, third];
  }

  /** Ratios of values and derivatives agree only while nothing is added on the way. */
  carNote() {
    const { traced, state, words } = this;
    if (this.graph !== "car" || !state.gradients.has("p")) return "";
    const value = (name) => traced.nodes.get(name).value;
    if (!value("p")) return "";
    const values = { ratio: this.write(value("T") / value("p")), derivative: this.write(state.gradients.get("p")) };
    return words.say(value("f") ? "car_with_fee_note" : "car_note", values);
  }

  describe() {
    const { words, traced, state, step } = this;
    const result = [...traced.nodes.keys()].at(-1);
    const found = GRAPHS[this.graph].leaves.filter((name) => state.gradients.has(name));
    const values = {
      graph: words.say(`option_${this.graph}`), step, steps: this.end, result, value: this.write(traced.nodes.get(result).value),
      gradients: found.map((name) => `${name} ${this.write(state.gradients.get(name))}`).join(", "),
    };
    const key = found.length ? "says_graph_back" : state.known.has(result) ? "says_graph_forward" : "says_graph";
    return words.say(key, values);
  }

  dispose() {
    this.stepper.dispose();
  }
}

/** The numbers of a text; what is none is said. */
function readValues(text, words) {
  return text.split(/\s+/).filter(Boolean).map((word) => {
    const value = Number(word);
    if (!(Math.abs(value) <= LIMIT)) throw new Error(words.say("no_value", { text: word, limit: LIMIT }));
    return value;
  });
}

function countPaths({ nodes }) {
  const count = new Map();
  for (const { edges } of nodes.values()) for (const { from } of edges) count.set(from, (count.get(from) ?? 0) + 1);
  return count;
}

/** A curve as its four points. @typedef {[number, number][]} Curve */

/** @returns {Curve} */
function curveRight([x0, y0], [x1, y1], w) {
  const [start, end] = [x0 + w / 2, x1 - w / 2];
  if (end <= start) return [[x0, y0], [x0, y0], [x1, y1], [x1, y1]];
  const bend = (end - start) * 0.5;
  return [[start, y0], [start + bend, y0], [end - bend, y1], [end, y1]];
}

/** @returns {Curve} nodes at the sides are left sideways, so that the line passes those below them */
function curveDown([x0, y0], [x1, y1], w, h) {
  const top = y1 - h / 2;
  if (Math.abs(x1 - x0) > 0.6 * w && y1 - y0 > 1.6 * h) {
    const start = x0 + Math.sign(x1 - x0) * (w / 2);
    return [[start, y0], [(start + x1) / 2, y0], [x1, (y0 + top) / 2], [x1, top]];
  }
  if (Math.abs(y1 - y0) < h) {
    const way = Math.sign(x1 - x0);
    return [[x0 + (way * w) / 2, y0], [x0 + way * w * 0.6, y0], [x1 - way * w * 0.6, y1], [x1 - (way * w) / 2, y1]];
  }
  const bend = (top - y0 - h / 2) * 0.5;
  return [[x0, y0 + h / 2], [x0, y0 + h / 2 + bend], [x1, top - bend], [x1, top]];
}

function pathOf([a, b, c, d]) {
  return `M${a}C${b} ${c} ${d}`;
}

function pointOf(curve, t) {
  const weights = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3];
  return [0, 1].map((axis) => curve.reduce((sum, point, i) => sum + weights[i] * point[axis], 0));
}

function make(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
