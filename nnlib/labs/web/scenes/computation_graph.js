/**
 * A computation graph of single numbers, stepped through: forward node by node, backward edge by edge.
 *
 * Each operation knows its value, a line that says how it was computed, and for each operand the local derivative: what
 * one edge of the graph carries. The gradient of a node is the sum over its edges of local × what arrives: the same
 * numbers as nnlib.autodiff.
 */

/**
 * @typedef {Object} Edge
 * @property {string} from @property {string} to
 * @property {number} local        ∂to/∂from along this edge
 * @property {string} because      the local derivative as a formula
 */
/**
 * @typedef {Object} Node
 * @property {string} name
 * @property {boolean} leaf
 * @property {number} value
 * @property {string} formula      with names
 * @property {(write: (value: number) => string) => string} numbers  the same with numbers
 * @property {Edge[]} edges        one for each operand
 */

class Tape {
  constructor() {
    /** @type {Map<string, Node>} in the order in which they are computed */
    this.nodes = new Map();
  }

  leaf(name, value) {
    this.nodes.set(name, { name, leaf: true, value, formula: "", numbers: () => "", edges: [] });
    return name;
  }

  value(name) {
    return this.nodes.get(name).value;
  }

  add(name, value, formula, numbers, operands) {
    const edges = operands.map(([from, local, because]) => ({ from, to: name, local, because }));
    this.nodes.set(name, { name, leaf: false, value, formula, numbers, edges });
    return name;
  }

  /** Σ aᵢ·bᵢ (+ c) */
  dot(name, pairs, bias) {
    const v = (part) => this.value(part);
    const value = pairs.reduce((sum, [a, b]) => sum + v(a) * v(b), 0) + (bias ? v(bias) : 0);
    const formula = [...pairs.map(([a, b]) => `${a}·${b}`), ...(bias ? [bias] : [])].join(" + ");
    const numbers = (write) =>
      [...pairs.map(([a, b]) => `${write(v(a))} · ${bracket(write(v(b)))}`), ...(bias ? [bracket(write(v(bias)))] : [])].join(" + ");
    const operands = pairs.flatMap(([a, b]) => [[a, v(b), b], [b, v(a), a]]);
    if (bias) operands.push([bias, 1, "1"]);
    return this.add(name, value, formula, numbers, operands);
  }

  sum(name, parts) {
    const value = parts.reduce((sum, part) => sum + this.value(part), 0);
    const numbers = (write) => parts.map((part) => bracket(write(this.value(part)))).join(" + ");
    return this.add(name, value, parts.join(" + "), numbers, parts.map((part) => [part, 1, "1"]));
  }

  sigmoid(name, z) {
    const value = 1 / (1 + Math.exp(-this.value(z)));
    const numbers = (write) => `σ(${write(this.value(z))})`;
    return this.add(name, value, `σ(${z})`, numbers, [[z, value * (1 - value), `${name}(1 − ${name})`]]);
  }

  /** (a − b)² */
  squaredError(name, a, b) {
    const difference = this.value(a) - this.value(b);
    const numbers = (write) => `(${write(this.value(a))} − ${bracket(write(this.value(b)))})²`;
    const operands = [[a, 2 * difference, `2(${a} − ${b})`], [b, -2 * difference, `−2(${a} − ${b})`]];
    return this.add(name, difference ** 2, `(${a} − ${b})²`, numbers, operands);
  }

  /** ½·λ·w² */
  penalty(name, lambda, w) {
    const [l, v] = [this.value(lambda), this.value(w)];
    const numbers = (write) => `½ · ${bracket(write(l))} · ${bracket(write(v))}²`;
    const operands = [[lambda, 0.5 * v * v, `½${w}²`], [w, l * v, `${lambda}·${w}`]];
    return this.add(name, 0.5 * l * v * v, `½·${lambda}·${w}²`, numbers, operands);
  }
}

/** In brackets behind another sign. @param {string} text */
export function bracket(text) {
  return text.startsWith("−") ? `(${text})` : text;
}

/** Share of the width, and row, of every node: [wide x, wide y, narrow x, narrow y]. */
const LIFETIME_PLACES = {
  "w₁₁": [0, 0, 0, 0], "w₂₁": [0, 1, 0, 1], "b₁": [0, 2, 0, 2],
  "x₁": [0, 3, 0.34, 0], "x₂": [0, 4, 0.66, 0],
  "w₁₂": [0, 5, 1, 0], "w₂₂": [0, 6, 1, 1], "b₂": [0, 7, 1, 2],
  "z₁": [0.24, 1.5, 0.22, 3], "z₂": [0.24, 5.5, 0.78, 3],
  "h₁": [0.44, 1.5, 0.22, 4], "h₂": [0.44, 5.5, 0.78, 4],
  "v₁": [0.44, 0.2, 0, 5.1], "v₂": [0.44, 6.8, 1, 5.1], "c": [0.44, 3.5, 0.5, 4.8],
  "z": [0.64, 3.5, 0.5, 6], "ŷ": [0.82, 3.5, 0.5, 7], "y": [0.82, 5.5, 0.92, 7], "L": [1, 3.5, 0.5, 8],
};
const NEURON_PLACES = {
  "x": [0, 0, 0, 0], "w": [0, 1.6, 0.5, 0], "b": [0, 3.2, 0, 1.4], "z": [0.25, 1.6, 0.25, 2.6],
  "ŷ": [0.5, 1.6, 0.25, 3.8], "y": [0.5, 0.2, 0, 5], "L": [0.75, 1.6, 0.3, 5.2],
  "λ": [0.25, 4, 1, 0], "R": [0.5, 4, 0.85, 2.6], "J": [1, 2.6, 0.6, 6.4],
};
const CAR_PLACES = {
  "p": [0, 0, 0, 0], "t": [0, 1.4, 0.5, 0], "n": [0.33, 2.6, 1, 1.2], "f": [0.67, 3.6, 1, 3.6],
  "g": [0.33, 0.7, 0.25, 1.4], "m": [0.67, 1.4, 0.5, 3], "T": [1, 2.2, 0.5, 4.6],
};

/**
 * name → {leaves, values, places, rows: [wide, narrow], build}. Leaves are given; everything else follows.
 */
export const GRAPHS = {
  part_lifetime: {
    leaves: ["x₁", "x₂", "w₁₁", "w₁₂", "w₂₁", "w₂₂", "b₁", "b₂", "v₁", "v₂", "c", "y"],
    values: [0.1, 0.2, 1, 2, 2, -1, 0.3, -0.2, 1.5, -0.8, 1.2, 1],
    places: LIFETIME_PLACES,
    rows: [8, 9],
    build(tape) {
      tape.dot("z₁", [["x₁", "w₁₁"], ["x₂", "w₂₁"]], "b₁");
      tape.dot("z₂", [["x₁", "w₁₂"], ["x₂", "w₂₂"]], "b₂");
      tape.sigmoid("h₁", "z₁");
      tape.sigmoid("h₂", "z₂");
      tape.dot("z", [["h₁", "v₁"], ["h₂", "v₂"]], "c");
      tape.sigmoid("ŷ", "z");
      tape.squaredError("L", "ŷ", "y");
    },
  },
  neuron: {
    leaves: ["x", "w", "b", "y", "λ"],
    values: [2, 0.5, -0.5, 1, 0.1],
    places: NEURON_PLACES,
    rows: [5, 7.4],
    build(tape) {
      tape.dot("z", [["x", "w"]], "b");
      tape.sigmoid("ŷ", "z");
      tape.squaredError("L", "ŷ", "y");
      tape.penalty("R", "λ", "w");
      tape.sum("J", ["L", "R"]);
    },
  },
  car: {
    leaves: ["p", "t", "n", "f"],
    values: [15, 0.1, 2, 0],
    places: CAR_PLACES,
    rows: [4.6, 5.6],
    build(tape) {
      const [p, t] = [tape.value("p"), tape.value("t")];
      // p·(1 + t) as one node, so that the chain of values 15 → 16.5 → 33 can be read off.
      tape.add("g", p * (1 + t), "p·(1 + t)", (write) => `${write(p)} · (1 + ${bracket(write(t))})`, [
        ["p", 1 + t, "1 + t"], ["t", p, "p"],
      ]);
      tape.dot("m", [["g", "n"]], undefined);
      tape.sum("T", ["m", "f"]);
    },
  },
};

/** The name of a node in numbers, links and scripts: x₁ is x1 there. @param {string} name */
export function asciiName(name) {
  return { "ŷ": "y_hat", "λ": "lam" }[name] ?? name.replace(/[₀-₉]/g, (digit) => "₀₁₂₃₄₅₆₇₈₉".indexOf(digit));
}

/** The values a graph begins with, each replaced where the reader has given one. */
export function valuesOf(graph, given) {
  const { values } = GRAPHS[graph];
  return given.length === values.length ? given : values;
}

/**
 * @param {string} graph @param {number[]} values  of its leaves
 * @returns {{nodes: Map<string, Node>, steps: ({kind: "forward", node: Node} | {kind: "seed", node: Node}
 *            | {kind: "edge", edge: Edge})[]}}
 */
export function trace(graph, values) {
  const { leaves, build } = GRAPHS[graph];
  const tape = new Tape();
  leaves.forEach((name, i) => tape.leaf(name, values[i]));
  build(tape);
  const operations = [...tape.nodes.values()].filter(({ leaf }) => !leaf);
  const steps = operations.map((node) => ({ kind: "forward", node }));
  steps.push({ kind: "seed", node: operations.at(-1) });
  for (const node of operations.toReversed()) for (const edge of node.edges) steps.push({ kind: "edge", edge });
  return { nodes: tape.nodes, steps };
}

/**
 * What is known after so many steps.
 * @param {ReturnType<typeof trace>} traced @param {number} step
 */
export function stateAfter({ nodes, steps }, step) {
  const done = steps.slice(0, step);
  const known = new Set([...nodes.values()].filter(({ leaf }) => leaf).map(({ name }) => name));
  /** @type {Map<string, number>} */
  const gradients = new Map();
  /** @type {Map<Edge, number>} what each edge has carried */
  const carried = new Map();
  for (const { kind, node, edge } of done) {
    if (kind === "forward") known.add(node.name);
    else if (kind === "seed") gradients.set(node.name, 1);
    else {
      const contribution = edge.local * gradients.get(edge.to);
      carried.set(edge, contribution);
      gradients.set(edge.from, (gradients.get(edge.from) ?? 0) + contribution);
    }
  }
  return { known, gradients, carried, current: done.at(-1) ?? null };
}
