/**
 * What both scripts of a training lab are made of, the twin of nnlib/labs/script_pieces.py: facts of its run, and what was
 * changed on the way.
 */

import { floatText, shortText } from "./python_text.js";
import { parameterIndex, Run } from "./training.js";

/**
 * @typedef {Object} Facts
 * @property {number[]} sizes  @property {string} task  @property {string} output  @property {string} loss
 * @property {number} samples  for training
 * @property {number} last     the step where the run ends
 * @property {Run} run         before its first step
 */

/** @param {Record<string, any>} settings @param {number | null} stop @returns {Facts} */
export function factsOf(settings, stop) {
  const run = new Run(settings);
  const { net, data, loss } = run;
  const last = stop ?? settings.epochs * run.stepsPerEpoch;
  return { sizes: net.widths, task: data.task, output: net.output, loss: loss.name, samples: data.train.n, last, run };
}

export const list = (values) => `[${values.join(", ")}]`;

const FEATURES = {
  x1: "x1",
  x2: "x2",
  x1_squared: "x1 * x1",
  x2_squared: "x2 * x2",
  x1_x2: "x1 * x2",
  sin_x1: "{module}.sin(x1)",
  sin_x2: "{module}.sin(x2)",
};

/** The columns that the network is given, as `module` (np or torch) computes them: [x1, x1 * x1]. */
export const featureColumns = (names, module) => list(names.map((name) => FEATURES[name].replace("{module}", module)));

/** The lines of a Python list: as many entries on each as there is room for. @param {string[]} texts */
export function entries(texts) {
  const lines = ["   "];
  for (const text of texts) {
    if (lines.at(-1).length + text.length + 2 > 112) lines.push("   ");
    lines[lines.length - 1] += ` ${text},`;
  }
  return lines.map((line) => `${line}\n`).join("");
}

/** The lines of a list of (x1, x2, label). @param {number[][]} points */
export const pointTable = (points) => entries(points.map((point) => `(${point.slice(0, 3).map(shortText).join(", ")})`));

export const setsParameter = ([, field]) => parameterIndex(field) >= 0;
const fieldsText = (fields) => `{${[...fields].map(([field, value]) => `'${field}': ${floatText(value)}`).join(", ")}}`;

/** The parameters set by hand after the last step, as {field: value}; "" where there are none. */
export function atEnd(changes, last) {
  const fields = new Map(changes.filter((change) => change[0] === last && setsParameter(change)).map(([, ...pair]) => pair));
  return fields.size ? fieldsText(fields) : "";
}

/** {step: {field: value}} as Python writes it; of several changes of a field at one step the last one holds. */
export function changesByStep(changes) {
  /** @type {Map<number, Map<string, number>>} */
  const steps = new Map();
  for (const [step, field, value] of changes) steps.set(step, (steps.get(step) ?? new Map()).set(field, value));
  return `{${[...steps].map(([step, fields]) => `${step}: ${fieldsText(fields)}`).join(", ")}}`;
}

export const PRINT = 'print(f"epoch {epoch}, train loss {train:.12g}, test loss {test:.12g}")\n';
