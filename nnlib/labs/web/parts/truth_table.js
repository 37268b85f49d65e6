/**
 * The network as a truth table: what it answers for the four corners, through which hidden numbers, and its formula.
 */

import { element, setText } from "../dom.js";
import { formulaOf, symbolOf } from "../formula.js";
import { formatSetting } from "../words.js";

export const CORNERS = Float64Array.of(-3, -3, -3, 3, 3, -3, 3, 3);
const ROWS = 4;
/** Hidden units beyond these have no column, and no formula. */
const MOST_UNITS = 4;

/**
 * For each corner: its inputs, what the units of the last hidden layer make of it, the output, and what the nearest
 * training point wants. Of several outputs the likeliest class counts. The twin of truth_table in nnlib/labs/parts.py.
 * @param {import("../training.js").Run} run
 * @returns {{inputs: number[], hidden: number[], output: number, wanted: number, right: boolean | null}[]}
 */
export function truthTable({ net, data }) {
  const { outputs, hidden } = net.evaluate(CORNERS, ROWS);
  const k = outputs.length / ROWS;
  const units = hidden.length ? net.widths.at(-2) : 0;
  return Array.from({ length: ROWS }, (_, row) => {
    const inputs = [CORNERS[2 * row], CORNERS[2 * row + 1]];
    const given = [...outputs.subarray(row * k, row * k + k)];
    const output = k === 1 ? given[0] : given.indexOf(Math.max(...given));
    const wanted = nearestLabel(data.train, inputs);
    const said = k === 1 ? (output >= 0 ? 1 : -1) : output;
    return {
      inputs, hidden: [...(hidden.at(-1)?.subarray(row * units, row * units + units) ?? [])], output, wanted,
      right: data.task === "regression" ? null : said === wanted,
    };
  });
}

function nearestLabel({ X, y, n }, [x1, x2]) {
  let best = 0;
  let least = Infinity;
  for (let i = 0; i < n; i++) {
    const distance = (X[2 * i] - x1) ** 2 + (X[2 * i + 1] - x2) ** 2;
    if (distance < least) [best, least] = [i, distance];
  }
  return y[best];
}

/** Two decimals, always as wide. @param {number} value */
function write(value) {
  if (!Number.isFinite(value)) return "–";
  if (Math.abs(value) >= 1000) return value.toExponential(1).replace("-", "−");
  return value.toFixed(2).replace(/^-0\.00$/, "0.00").replace("-", "−");
}

export class TruthTable {
  /** @param {import("../view.js").View} view */
  constructor({ tail, words }) {
    this.words = words;
    this.key = "";
    this.table = element("table", "nnlib-truth");
    this.formulas = element("div", "nnlib-truth-formulas");
    this.root = element("section", "nnlib-part nnlib-truth-part", this.table, this.formulas);
    tail.before(this.root);
  }

  /** @param {import("../session.js").Shown} shown */
  paint({ subject }) {
    if (!subject) return;
    this.build(subject);
    truthTable(subject).forEach(({ inputs, hidden, output, wanted, right }, row) => {
      const texts = [...inputs.map(formatSetting), ...hidden.slice(0, MOST_UNITS).map(write)];
      texts.push(write(output), formatSetting(wanted));
      this.cells[row].forEach((cell, i) => setText(cell, texts[i]));
      const verdict = right === null ? "" : right ? "✓" : "✗";
      setText(this.verdicts[row], verdict);
      this.verdicts[row].setAttribute("aria-label", verdict && this.words.say(right ? "truth_right" : "truth_wrong"));
      this.verdicts[row].className = right === false ? "nnlib-truth-wrong" : "";
    });
    this.writeFormulas(subject);
  }

  /** The table, made anew for another number of hidden columns. */
  build(run) {
    const { widths } = run.net;
    const key = String(widths);
    if (key === this.key) return;
    this.key = key;
    const { words } = this;
    const last = widths.length - 2;
    const units = last > 0 ? Math.min(MOST_UNITS, widths[last]) : 0;
    const symbols = Array.from({ length: units }, (_, unit) => symbolOf(run, words, last, unit));
    const names = ["x₁", "x₂", ...symbols, words.say("truth_output"), words.say("truth_wanted"), ""];
    const head = names.map((name) => {
      const cell = element(name ? "th" : "td", "", name);
      if (name) cell.scope = "col";
      return cell;
    });
    this.cells = [];
    this.verdicts = [];
    const rows = Array.from({ length: ROWS }, () => {
      const cells = names.slice(0, -1).map(() => element("td"));
      this.cells.push(cells);
      this.verdicts.push(element("td"));
      this.verdicts.at(-1).setAttribute("role", "cell");
      return element("tr", "", ...cells, this.verdicts.at(-1));
    });
    const caption = element("caption", "", words.say("truth_caption"));
    this.table.replaceChildren(caption, element("thead", "", element("tr", "", ...head)), element("tbody", "", ...rows));
    const shown = widths.length === 3 && widths[1] <= MOST_UNITS ? units : 0;
    this.lines = Array.from({ length: shown + 1 }, (_, i) => [i < shown ? 1 : widths.length - 1, i < shown ? i : 0]);
    this.formulas.replaceChildren(...this.lines.map(() => element("p")));
  }

  writeFormulas(run) {
    this.lines.forEach(([column, unit], i) => {
      const text = formulaOf(run, this.words, column, unit).map((piece) => piece.text).join("");
      setText(this.formulas.children[i], text);
    });
  }
}
