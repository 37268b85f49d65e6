/**
 * What one unit computes, in names and numbers: h₂ = tanh(0.83·x₁ − 1.20·x₂ + 0.10).
 *
 * Batch norm stands in it as in use, by the running mean and variance: h₂ = tanh(1.05·ẑ − 0.12), ẑ = (z − 0.31)/√(2.40 + ε)
 * with ε = 10⁻⁵, and z the sum.
 */

import { formatNumber, isNumber } from "./words.js";

const SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉";
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
/** A unit with more inputs than MOST_TERMS is written with the first FIRST_TERMS of them, and the one looked at. */
const MOST_TERMS = 4;
const FIRST_TERMS = 3;
/** Batch norm undoes a bias before it: what training leaves of it is rounding noise, no number to read. */
const NOISE = 1e-9;

/** @typedef {import("./training.js").Run} Run */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {{kind: "weight" | "bias" | "gamma" | "beta" | "slope", index: number, input?: number}} Part  one number behind a unit */

const written = (number, digits) => [...String(number)].map((digit) => digits[digit]).join("");

/** Write a weight: two decimals, two significant digits below 0.1. @param {number} value */
export function formatWeight(value) {
  const size = Math.abs(value);
  if (size < NOISE) return "0";
  if (!isNumber(value) || size < 0.001 || size >= 1e5) return formatNumber(value);
  const text = size < 0.1 ? size.toFixed(1 - Math.floor(Math.log10(size))) : size.toFixed(size < 100 ? 2 : 0);
  return value < 0 ? `−${text}` : text;
}

/** The letter of a unit: x₁, h₂ or, with several hidden layers, h₂⁽¹⁾; ŷ, or o₁, o₂, … @returns {string} */
export function symbolOf(run, words, column, unit) {
  const { widths } = run.net;
  if (column === 0) return words.say(run.settings.features?.[unit] ?? `x${unit + 1}`);
  const number = written(unit + 1, SUBSCRIPTS);
  if (column === widths.length - 1) return widths.at(-1) === 1 ? "ŷ" : `o${number}`;
  return widths.length > 3 ? `h${number}⁽${written(column, SUPERSCRIPTS)}⁾` : `h${number}`;
}

/** The numbers behind a unit, by their places in the flat parameters; an input has none. @returns {Part[]} */
export function partsOf(net, column, unit) {
  if (column === 0) return [];
  const { inputs, outputs, offset, norm, slope } = net.layers[column - 1];
  const weights = Array.from({ length: inputs }, (_, input) => ({
    kind: "weight", index: offset + input * outputs + unit, input,
  }));
  const parts = [...weights, { kind: "bias", index: offset + inputs * outputs + unit }];
  if (norm >= 0) parts.push({ kind: "gamma", index: norm + unit }, { kind: "beta", index: norm + outputs + unit });
  return slope >= 0 ? [...parts, { kind: "slope", index: slope }] : parts;
}

/**
 * The formula of a unit, in pieces; the piece that is looked at is strong.
 * @param {Run} run @param {Words} words @param {number} column @param {number} unit
 * @param {number} [chosen]  index of the parameter looked at
 * @param {boolean} [all]    write every term
 * @returns {{text: string, strong: boolean}[]}
 */
export function formulaOf(run, words, column, unit, chosen = -1, all = false) {
  const { net } = run;
  const name = column <= net.activations.length ? net.activations[column - 1] : net.output;
  const parts = partsOf(net, column, unit);
  const weights = parts.filter(({ kind }) => kind === "weight");
  const { outputs, norm, running } = net.layers[column - 1];
  const pieces = [];
  let first = true;
  const add = (text, strong = false) => pieces.push({ text, strong });
  const term = (index, symbol) => {
    const value = net.parameters[index];
    const negative = value <= -NOISE;
    if (!first) add(` ${negative ? "−" : "+"}\u00a0`);
    add(`${first && negative ? "−" : ""}${formatWeight(Math.abs(value))}${symbol}`, index === chosen);
    first = false;
  };
  const end = name === "identity" ? "" : ")";
  add(`${symbolOf(run, words, column, unit)} = ${name === "identity" ? "" : `${functionName(words, name)}(`}`);
  if (norm >= 0) {
    const [mean, variance] = [0, outputs].map((row) => net.statistics[running + row + unit]);
    term(norm + unit, "·ẑ");
    term(norm + outputs + unit, "");
    const centred = `z\u00a0${mean < 0 ? "+" : "−"}\u00a0${formatWeight(Math.abs(mean))}`;
    add(`${end},\nẑ = (${centred})/√(${formatWeight(variance)}\u00a0+\u00a010⁻⁵),\nz = `);
    first = true;
  }
  let skipped = false;
  for (const { index, input } of weights) {
    const shown = all || weights.length <= MOST_TERMS || input < FIRST_TERMS || index === chosen;
    if (shown) term(index, `·${symbolOf(run, words, column - 1, input)}`);
    else if (!skipped) add(" +\u00a0…");
    skipped = !shown;
  }
  term(parts.find(({ kind }) => kind === "bias").index, "");
  if (norm < 0) add(end);
  return pieces;
}

/** A function as it stands in the lab's dropdown; without a remark in brackets. */
function functionName(words, name) {
  return words.option(name).replace(/ \(.*/, "");
}
