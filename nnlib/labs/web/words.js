/**
 * What a lab says, and how it writes numbers.
 *
 * Every sentence comes from the message catalogue that Python hands to the view (nnlib/labs/messages.py), so a
 * translation reaches the labs too; this module only fills in the numbers. Numbers are written with the digits a
 * reader can use, and a number that does not exist (not finite, not yet known) is written as a dash, never as NaN.
 */

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const NO_NUMBER = "–";

/** True for a number that can be shown: null, undefined, NaN and infinities cannot. @param {unknown} value */
export function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}

/**
 * Write a loss or a weight: three decimals, two significant digits below 0.01, powers of ten at the far ends.
 * @param {number | null | undefined} value
 * @returns {string}
 */
export function formatNumber(value) {
  if (!isNumber(value)) return NO_NUMBER;
  const size = Math.abs(value);
  if (size === 0) return "0";
  let text;
  if (size < 1e-4 || size >= 1e5) {
    const [mantissa, exponent] = size.toExponential(1).split("e");
    const raised = [...exponent.replace("+", "")].map((sign) => SUPERSCRIPTS[sign] ?? "⁻");
    text = `${mantissa}×10${raised.join("")}`;
  } else if (size < 0.01) {
    text = size.toFixed(1 - Math.floor(Math.log10(size)));
  } else {
    text = size.toFixed(size < 10 ? 3 : size < 100 ? 2 : size < 1000 ? 1 : 0);
  }
  return value < 0 ? `−${text}` : text;
}

/** Write a setting or a tick as short as it is exact: 0.003, 10, −6. @param {number} value */
export function formatSetting(value) {
  return String(Number(value.toPrecision(6))).replace("-", "−");
}

/**
 * Write a share as whole percents; 100 % only when nothing is missing, 0 % only when nothing is right.
 * @param {number | null} share
 */
export function formatPercent(share) {
  if (!isNumber(share)) return NO_NUMBER;
  if (share <= 0 || share >= 1) return `${100 * Math.round(share)}\u202f%`;
  return `${Math.min(99, Math.max(1, Math.round(100 * share)))}\u202f%`;
}

/** The message catalogue, with its blanks filled in on request. */
export class Words {
  /** @param {Record<string, string>} messages */
  constructor(messages) {
    this.messages = messages;
  }

  /**
   * A sentence with its numbers; {count|run|runs} is the word that goes with a number.
   * @param {string} key  a missing key is shown as it is, so that the gap is seen and nothing breaks
   * @param {Record<string, string | number>} [values]
   */
  say(key, values = {}) {
    const template = this.messages[key] ?? key;
    return template.replace(/\{(\w+)(?:\|([^{|}]*)\|([^{|}]*))?\}/g, (blank, name, one, many) =>
      many === undefined ? String(values[name] ?? blank) : Number(values[name]) === 1 ? one : many);
  }

  /** A choice as a dropdown names it. @param {string} name */
  option(name) {
    return this.messages[`option_${name}`] ?? name.replaceAll("_", " ");
  }

  /**
   * The losses, and the accuracy where there is one, as the middle of a sentence.
   * @param {import("./session.js").Shown} shown
   */
  numbers(shown) {
    const values = {
      train_loss: formatNumber(shown.train_loss),
      test_loss: formatNumber(shown.test_loss),
      test_accuracy: formatPercent(shown.test_accuracy),
    };
    return this.say(isNumber(shown.test_accuracy) ? "numbers" : "numbers_regression", values);
  }

  /** The one sentence that tells the state of the run. @param {import("./session.js").Shown} shown */
  summary(shown) {
    if (!shown.subject) return this.say("says_starting");
    if (shown.status === "stopped-by-doctor") return this.say("says_stopped", { epoch: shown.epoch });
    const values = {
      epoch: shown.epoch, until: shown.until, best_epoch: shown.best_epoch, numbers: this.numbers(shown),
    };
    if (shown.rewoundTo !== undefined) return this.say("says_rewound", values);
    if (shown.stopped_early) return this.say("says_stopped_early", values);
    return this.say(`says_${shown.status}`, values);
  }
}
