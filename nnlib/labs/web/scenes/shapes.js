/**
 * From layer widths to matrices drawn to scale, and to what they cost: parameters, memory, multiply–adds.
 */

import { fit } from "../canvas.js";
import { element, setText } from "../dom.js";
import { formatSetting } from "../words.js";

/** The fields that are layers, in order; 0 leaves a hidden layer out. */
const LAYERS = ["inputs", "hidden_1", "hidden_2", "hidden_3", "outputs"];
const MOST = LAYERS.length - 1;
const SUBSCRIPTS = "₀₁₂₃₄";
/** A matrix is never drawn thinner than this. */
const THIN = 2;
/** Cells are drawn one by one where they are at least so large; and never larger than so. */
const CELL = 4;
const LARGEST_CELL = 26;
/** Room in a row of the drawing: a name above each matrix, a sign between two. */
const NAME = 20;
const NAME_AND_SHAPE = 36;
/** Names come with shapes where the drawing is so wide. */
const WIDE = 560;
const SHAPE_FONT = "11.5px system-ui, sans-serif";
const SIGN = 20;
const GAP = 10;
const UNITS = ["B", "kB", "MB", "GB", "TB"];

export class ShapesScene {
  /** @param {import("./scene.js").Surroundings} surroundings */
  constructor({ host, words }) {
    this.words = words;
    const title = element("p", "nnlib-title", words.say("shapes_title"), " ", element("span", "", words.say("shapes_caption")));
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("role", "img");
    this.box = element("div", "nnlib-matrices", this.canvas);
    host.append(title, this.box, this.buildTiles(), this.buildTable());
  }

  buildTable() {
    const { words } = this;
    const columns = ["layer", "shapes", "weights", "biases", "parameters"];
    const head = element("tr", "", ...columns.map((key) => element("th", `nnlib-column-${key}`, words.say(`shapes_${key}`))));
    this.rows = Array.from({ length: MOST }, () => {
      const cells = columns.map((key) => element("td", `nnlib-column-${key}`));
      return { row: element("tr", "", ...cells), cells };
    });
    const body = element("tbody", "", ...this.rows.map(({ row }) => row));
    const table = element("table", "nnlib-shapes", element("thead", "", head), body);
    table.setAttribute("aria-label", words.say("shapes_table"));
    return table;
  }

  buildTiles() {
    this.tiles = {};
    const tiles = ["parameters", "bytes_float32", "bytes_float64", "multiply_adds", "multiply_adds_batch"].map((name) => {
      const [value, exact] = [element("b"), element("small")];
      this.tiles[name] = { value, exact };
      return element("div", "nnlib-number", element("span", "", this.words.say(`shapes_read_${name}`)), value, exact);
    });
    return element("div", "nnlib-numbers nnlib-costs", ...tiles);
  }

  paint(settings, palette) {
    const sizes = widths(settings);
    const numbers = this.numbers(settings);
    this.paintMatrices(sizes, settings.samples, palette);
    this.rows.forEach(({ row, cells }, k) => {
      const [from, to] = [sizes[k], sizes[k + 1]];
      row.classList.toggle("nnlib-away", to === undefined);
      const texts = to === undefined ? ["", "", "", "", ""]
        : [String(k + 1), `${group(from)} × ${group(to)}`, group(from * to), group(to), group(from * to + to)];
      texts.forEach((text, i) => setText(cells[i], text || "\u00a0"));
    });
    const show = (name, value, exact) => {
      setText(this.tiles[name].value, value);
      setText(this.tiles[name].exact, exact);
    };
    show("parameters", group(numbers.parameters), this.words.say("shapes_sum", { weights: group(numbers.weights), biases: group(numbers.biases) }));
    for (const name of ["bytes_float32", "bytes_float64"]) show(name, formatBytes(numbers[name]), `${group(numbers[name])} B`);
    show("multiply_adds", short(numbers.multiply_adds), group(numbers.multiply_adds));
    show("multiply_adds_batch", short(numbers.multiply_adds_batch), group(numbers.multiply_adds_batch));
    this.canvas.setAttribute("aria-label", this.words.say("shapes_label", { layers: sizes.length - 1, widths: sizes.map(group).join(" → ") }));
  }

  /** One row for each layer: X W + b = Z, all to one scale. */
  paintMatrices(sizes, n, palette) {
    const { clientWidth: width, clientHeight: height } = this.box;
    if (!width || !height) return;
    const context = fit(this.canvas, width, height);
    context.clearRect(0, 0, width, height);
    const layers = sizes.slice(1).map((to, k) => matricesOf(k, sizes[k], to, n));
    const shapes = width >= WIDE;
    context.font = SHAPE_FONT;
    for (const matrix of layers.flat()) {
      matrix.shape = shapes ? `${group(matrix.rows)} × ${group(matrix.columns)}` : "";
      matrix.least = Math.max(NAME, context.measureText(matrix.shape).width);
    }
    const label = shapes ? NAME_AND_SHAPE : NAME;
    const scale = commonScale(layers, label, width, height);
    const drawn = (count) => Math.max(THIN, count * scale);
    const heights = layers.map((row) => label + GAP + Math.max(...row.map(({ rows }) => drawn(rows))));
    const spare = Math.max(0, height - heights.reduce((sum, one) => sum + one, 0)) / layers.length;
    let top = 0;
    layers.forEach((row, k) => {
      const full = heights[k] + spare;
      const total = row.reduce((sum, { columns, least }) => sum + Math.max(drawn(columns), least), 0) + 3 * SIGN;
      let left = (width - total) / 2;
      const middle = top + label + (full - label) / 2;
      row.forEach((matrix, i) => {
        const room = Math.max(drawn(matrix.columns), matrix.least);
        const size = [drawn(matrix.columns), drawn(matrix.rows)];
        paintMatrix(context, matrix, left + (room - size[0]) / 2, middle - size[1] / 2, size, scale, palette);
        left += room;
        if (i < 3) paintText(context, "·+="[i], left + SIGN / 2, middle, "16px system-ui, sans-serif", palette.muted, "middle");
        left += SIGN;
      });
      top += full;
    });
  }

  numbers(settings) {
    const sizes = widths(settings);
    const each = sizes.slice(1).map((to, k) => sizes[k] * to + to);
    const biases = sizes.slice(1).reduce((sum, to) => sum + to, 0);
    const weights = each.reduce((sum, count) => sum + count, 0) - biases;
    const parameters = weights + biases;
    const numbers = {
      layers: sizes.length - 1, weights, biases, parameters,
      bytes_float32: 4 * parameters, bytes_float64: 8 * parameters,
      multiply_adds: weights, multiply_adds_batch: settings.samples * weights,
    };
    for (let k = 0; k < MOST; k++) numbers[`parameters_${k + 1}`] = each[k] ?? null;
    return numbers;
  }

  describe(settings) {
    const { words } = this;
    const sizes = widths(settings);
    const { weights, biases, parameters } = this.numbers(settings);
    if (sizes.length === 2) {
      const [from, to] = sizes;
      return words.say("says_shapes_one", { from: group(from), to: group(to), weights: group(weights), biases: group(biases), parameters: group(parameters) });
    }
    const terms = sizes.slice(1).map((to, k) => `(${group(sizes[k])} × ${group(to)} + ${group(to)})`);
    return words.say("says_shapes", { layers: sizes.length - 1, terms: terms.join(" + "), parameters: group(parameters) });
  }
}

const widths = (settings) => LAYERS.map((name) => settings[name]).filter((width) => width > 0);

function matricesOf(k, from, to, n) {
  const index = SUBSCRIPTS[k + 1];
  return [
    { name: k ? `A${SUBSCRIPTS[k]}` : "X", rows: n, columns: from },
    { name: `W${index}`, rows: from, columns: to, learned: true },
    { name: `b${index}`, rows: 1, columns: to, learned: true },
    { name: `Z${index}`, rows: n, columns: to },
  ];
}

/** The largest scale at which each row fits in width and all together in height. */
function commonScale(layers, label, width, height) {
  const fits = (scale) => {
    const drawn = (count) => Math.max(THIN, count * scale);
    const wide = (row) => row.reduce((sum, { columns, least }) => sum + Math.max(drawn(columns), least), 0) + 3 * SIGN;
    const high = (row) => label + GAP + Math.max(...row.map(({ rows }) => drawn(rows)));
    return layers.every((row) => wide(row) <= width - 4) && layers.reduce((sum, row) => sum + high(row), 0) <= height;
  };
  let [low, high] = [0, LARGEST_CELL];
  if (fits(high)) return high;
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

function paintMatrix(context, { name, shape, rows, columns, learned }, left, top, [width, height], scale, palette) {
  context.globalAlpha = 1;
  context.fillStyle = learned ? palette.accent : palette.muted;
  if (scale >= CELL) {
    const gap = scale > 8 ? 1.5 : 1;
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) context.fillRect(left + j * scale, top + i * scale, scale - gap, scale - gap);
  } else {
    context.fillRect(left, top, width, height);
  }
  if (shape) paintText(context, shape, left + width / 2, top - 7, SHAPE_FONT, palette.muted, "alphabetic");
  paintText(context, name, left + width / 2, top - (shape ? 22 : 6), "italic 14px Georgia, serif", palette.ink, "alphabetic");
}

function paintText(context, text, x, y, font, colour, baseline) {
  Object.assign(context, { font, fillStyle: colour, textAlign: "center", textBaseline: baseline });
  context.fillText(text, x, y);
}

/** 616 562 688, with spaces that do not break. */
const group = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, "\u202f");

/** Three digits and a power of 1000. */
function formatBytes(bytes) {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${formatSetting(Number((bytes / 1000 ** power).toPrecision(3)))}\u202f${UNITS[power]}`;
}

function short(count) {
  if (count < 1e6) return group(count);
  const power = Math.min(4, Math.floor(Math.log10(count) / 3));
  const digits = formatSetting(Number((count / 1000 ** power).toPrecision(3)));
  return `${digits}·10${{ 2: "⁶", 3: "⁹", 4: "¹²" }[power]}`;
}
