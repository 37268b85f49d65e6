/**
 * A reader's own points from a CSV table: the twin of nnlib/datasets/csv.py, with the same rules and the same sentences,
 * and of `from_data` in nnlib/labs/own_points.py, which fits the table into the square of a lab.
 *
 * One sample a row, coordinates first, label or value in the last column. Cells are separated by commas, semicolons or
 * tabs; the first row may be a header; empty lines are skipped. Whatever is wrong is said with row and column, counted
 * from 1 as a spreadsheet counts them.
 */

import { EXTENT, MOST, MOST_CLASSES, placeOf, round3 } from "./own_points.js";
import { Said } from "./said.js";
import { formatSetting } from "./words.js";

const MOST_NAMES = 10;
/** Python's csv module takes no longer cells. */
const FIELD_LIMIT = 131072;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const NOT_FINITE = /^[+-]?(inf|infinity|nan)$/i;
/** Data crowded on less than this are spread out. */
const SPECK = 0.1;
const COORDINATE_ENDS = 5;
const VALUE_ENDS = 1;

/**
 * @typedef {Object} Table
 * @property {number[][]} X  rows of coordinates @property {number[]} y
 * @property {"binary" | "multiclass" | "regression"} task
 * @property {string[]} names  of the classes, or of the value @property {string[]} features
 */

/** The text of a file, which is UTF-8. @param {ArrayBuffer | Uint8Array} bytes */
export function decodeText(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Said("csv_encoding");
  }
}

/** @param {string} text @returns {Table} */
export function readCsv(text) {
  const rows = readRows(text);
  const head = rows[0]?.cells ?? [];
  const hasHeader = head.length > 1 && head.slice(0, -1).every((cell) => numberOf(cell) === null);
  if (rows.length === Number(hasHeader)) throw new Said(hasHeader ? "csv_only_header" : "csv_empty");
  const first = rows[0].row;
  if (head.length < 2) throw new Said("csv_one_cell", { row: first });
  const titles = hasHeader ? head : head.map(() => "");
  const columns = titles.map((title, j) => title || (j < head.length - 1 ? `x${j + 1}` : "value"));
  const samples = rows.slice(Number(hasHeader));
  for (const sample of samples) checkRow(sample, columns, first);
  const X = samples.map(({ cells }) => cells.slice(0, -1).map(numberOf));
  return { X, ...readTargets(samples, columns), features: columns.slice(0, -1) };
}

/** The rows that are not empty, each with its number. A small reader of quoted cells, as Python's csv module reads. */
function readRows(source) {
  const text = source.replace(/^\ufeff+/, "");
  const start = text.trimStart().split("\n", 1)[0];
  const delimiter = ["\t", ";"].find((mark) => start.includes(mark)) ?? ",";
  const rows = [];
  let cells = [], cell = "", row = 1;
  /** @type {"start" | "plain" | "quoted" | "closing"} */
  let state = "start";
  const add = (text) => {
    cell += text;
    if (cell.length > FIELD_LIMIT) throw new Said("csv_field_limit", { row });
  };
  const endCell = () => {
    cells.push(cell.trim());
    cell = "";
    state = "start";
  };
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    const newline = sign === "\n" || sign === "\r";
    const lineBreak = sign === "\r" && text[at + 1] === "\n" ? "\r\n" : sign;
    if (newline) at += lineBreak.length - 1;
    if (state === "quoted") {
      if (sign === '"') state = "closing";
      else add(newline ? lineBreak : sign);
      if (newline) row += 1;
    } else if (state === "closing" && sign === '"') {
      add('"');
      state = "quoted";
    } else if (newline) {
      endCell();
      rows.push({ row, cells });
      cells = [];
      row += 1;
    } else if (sign === delimiter) {
      endCell();
    } else if (state === "start" && sign === " ") {
      continue;
    } else if (state === "start" && sign === '"') {
      state = "quoted";
    } else {
      add(sign);
      state = "plain";
    }
  }
  const unfinished = state === "quoted" && /[\r\n]$/.test(text);
  if (cells.length || cell || state !== "start") {
    endCell();
    rows.push({ row: unfinished ? row - 1 : row, cells });
  }
  return rows.filter((each) => each.cells.some(Boolean));
}

/** The cell as a number, perhaps not finite; null if it is none. "−" is read as "-". */
function numberOf(cell) {
  const text = cell.replaceAll("−", "-").trim();
  if (NOT_FINITE.test(text)) return NaN;
  return NUMBER.test(text) ? Number(text) : null;
}

/** The row must be as long as the first, and its coordinates finite numbers. */
function checkRow({ row, cells }, columns, first) {
  const expected = columns.length;
  if (cells.length !== expected) throw new Said("csv_ragged", { row, count: cells.length, first, expected });
  cells.forEach((cell, j) => {
    const number = numberOf(cell);
    const place = { row, column: j + 1, name: columns[j], cell: quoted(cell) };
    if (!cell) throw new Said("csv_cell_empty", place);
    if (number === null && j < expected - 1) {
      throw new Said(cell.includes(",") ? "csv_cell_decimals" : "csv_cell_number", place);
    }
    if (number !== null && !Number.isFinite(number)) throw new Said("csv_cell_finite", place);
  });
}

/** What the last column holds: classes or values. */
function readTargets(samples, columns) {
  const last = columns.length - 1;
  const cells = samples.map((sample) => sample.cells[last]);
  const numbers = cells.map(numberOf);
  const numeric = numbers[0] !== null;
  const odd = numbers.findIndex((number) => (number !== null) !== numeric);
  const place = { column: last + 1, name: columns[last] };
  if (odd >= 0) {
    const key = numeric ? "csv_label_number" : "csv_label_name";
    throw new Said(key, { ...place, row: samples[odd].row, cell: quoted(cells[odd]) });
  }
  const values = numeric ? numbers : cells;
  const found = [...new Set(values)].sort(numeric ? (a, b) => a - b : undefined);
  if (numeric && (found.length > MOST_NAMES || found.some((value) => !Number.isInteger(value)))) {
    return { y: numbers, task: "regression", names: [columns[last]] };
  }
  if (found.length < 2) throw new Said("csv_one_class", { cell: quoted(cells[0]) });
  if (found.length > MOST_NAMES) throw new Said("csv_names", { ...place, count: found.length });
  const binary = found.length === 2;
  const rank = new Map(found.map((value, k) => [value, k]));
  const y = values.map((value) => (binary ? 2 * rank.get(value) - 1 : rank.get(value)));
  const signs = found[0] === -1 && found[1] === 1 && binary;
  const name = (value) => (numeric ? (value >= 0 ? "+" : "−").replace("+", signs ? "+" : "") + general(value) : value);
  return { y, task: binary ? "binary" : "multiclass", names: found.map(name) };
}

/** The size of a number as Python's format "g" writes it: six digits, powers of ten at the far ends. */
function general(value) {
  const size = Math.abs(value);
  const [mantissa, power] = size.toExponential(5).split("e");
  if (size !== 0 && (power < -4 || power >= 6)) {
    const exponent = `${Math.abs(power)}`.padStart(2, "0");
    return `${Number(mantissa)}e${power < 0 ? "−" : "+"}${exponent}`;
  }
  return String(Number(size.toPrecision(6)));
}

const ESCAPES = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** A cell in quotation marks, as Python shows it. @param {string} cell */
function quoted(cell) {
  const mark = cell.includes("'") && !cell.includes('"') ? '"' : "'";
  const inner = cell.replace(/[\\\n\r\t]/g, (sign) => ESCAPES[sign]);
  return mark + (mark === "'" ? inner.replaceAll("'", "\\'") : inner) + mark;
}

/**
 * The points of a table, shifted and scaled where its columns do not fit a lab's square.
 * @param {Table} table
 * @returns {{points: import("./own_points.js").Point[], task: string, remarks: Said[]}}
 */
export function fitPoints({ X, y, task, names, features }) {
  if (features.length !== 2) throw new Said("csv_columns", { count: features.length + 1 });
  if (X.length > MOST) throw new Said("csv_many", { count: X.length, most: MOST });
  if (task === "multiclass" && names.length > MOST_CLASSES) {
    throw new Said("csv_classes", { count: names.length, most: MOST_CLASSES });
  }
  const remarks = [];
  const fit = (column, name, ends) => {
    const [low, high] = [Math.min(...column), Math.max(...column)];
    const crowded = high - low > 0 && high - low < SPECK;
    if (low >= -EXTENT && high <= EXTENT && !crowded) return column;
    const middle = low / 2 + high / 2;
    const half = high / 2 - low / 2 || 1;
    remarks.push(new Said("csv_rescaled", { name, low: signed(low), high: signed(high), ends }));
    return column.map((value) => Math.max(-ends, Math.min(ends, ends * ((value - middle) / half))));
  };
  const x1 = fit(X.map((row) => row[0]), features[0], COORDINATE_ENDS);
  const x2 = fit(X.map((row) => row[1]), features[1], COORDINATE_ENDS);
  const labels = task === "regression" ? fit(y, names[0], VALUE_ENDS) : y;
  const points = x1.map((v, i) => [round3(v), round3(x2[i]), round3(labels[i]), placeOf(i)]);
  return { points, task, remarks };
}

const signed = (value) => (value < 0 ? "−" : "") + general(value);

/** What becomes of the classes' names, which a lab does not keep. @param {Table} table */
export function classNames({ task, names }) {
  if (task === "regression") return [];
  const label = (k) => (task === "binary" ? ["−1", "+1"][k] : formatSetting(k));
  return names.map((name, k) => [name, label(k)]).filter(([name, shown]) => name !== shown);
}

/** Points as a CSV text with a header. @param {import("./own_points.js").Point[]} points */
export function writeCsv(points) {
  return ["x1,x2,label", ...points.map(([x1, x2, label]) => `${x1},${x2},${label}`), ""].join("\n");
}
