/**
 * A/B: the run that a reader has frozen beside the one on the screen.
 *
 * What is frozen is kept by the view: settings, log of changes, step, curves, parameters. It needs no engine; only when
 * the reader swaps the two is A handed to the engine in charge, which replays it.
 */

import { button, element, setText } from "./dom.js";
import { computeFineSurface } from "./picture.js";
import { inForce } from "./settings.js";
import { Surface } from "./surface.js";
import { Run } from "./training.js";
import { formatNumber, formatPercent, formatSetting } from "./words.js";

/** A run whose numbers are compared. @typedef {ReturnType<import("./rewind.js").Past["cutRun"]>} CutRun */
/** @typedef {CutRun & {subject: Run}} Frozen */

const COLUMNS = ["epoch", "train_loss", "test_loss", "test_accuracy"];

/** Keep a run. @param {CutRun} run @returns {Frozen} */
export function freeze(run) {
  const subject = new Run(run.settings);
  subject.net.setParameters(run.parameters);
  return { ...run, subject };
}

/**
 * What differs between two runs: [field, value in A, value in B], in the order of A's settings.
 * @param {{settings: Record<string, any>, changes: any[]}} a @param {{settings: Record<string, any>, changes: any[]}} b
 */
export function differences(a, b) {
  const [one, other] = [a, b].map(({ settings, changes }) => inForce(settings, changes));
  // Points that no run learns from make no difference.
  const own = one.dataset === "own" && other.dataset === "own";
  const heeded = (field) => own || (field !== "points" && field !== "points_task");
  const fields = [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(heeded);
  const differ = fields.filter((field) => JSON.stringify(one[field]) !== JSON.stringify(other[field]));
  return differ.map((field) => [field, one[field], other[field]]);
}

/** @param {import("./words.js").Words} words @param {any} value */
function write(words, value) {
  if (typeof value === "number") return formatSetting(value);
  if (typeof value === "boolean") return words.say(value ? "on" : "off");
  if (typeof value === "string") return words.option(value);
  return Array.isArray(value) ? value.map((one) => write(words, one)).join(", ") || "–" : "–";
}

/** The sentence that names what differs. @param {import("./words.js").Words} words */
export function tellDifference(words, a, b) {
  const differ = differences(a, b);
  if (differ.length) {
    const parts = differ.map(([field, one, other]) => {
      if (field === "points") return words.say("ab_points", { a: one.length, b: other.length });
      const name = words.messages[`control_${field}`] ?? field;
      return words.say("ab_difference", { name, a: write(words, one), b: write(words, other) });
    });
    return words.say("ab_differ", { differences: parts.join("; ") });
  }
  return words.say(JSON.stringify(a.changes) === JSON.stringify(b.changes) ? "ab_equal" : "ab_history");
}

/** The strip of a view that compares A and B. */
export class Comparison {
  /** @param {import("./words.js").Words} words @param {(action: string) => void} act */
  constructor(words, act) {
    this.words = words;
    this.act = act;
    const say = (key) => words.say(key);
    const make = (key) => button("nnlib-button", [say(key)], say(`${key}_title`), () => act(key));
    this.freeze = make("freeze");
    this.square = element("div", "nnlib-square nnlib-small");
    this.surface = new Surface(this.square);
    this.surface.describe(say("ab_title"));
    this.title = element("p", "nnlib-small-title");
    this.sentence = element("p", "nnlib-difference");
    this.sentence.setAttribute("aria-live", "polite");
    const unfreeze = button("nnlib-button", [say("unfreeze")], say("unfreeze_title"), () => {
      // The button goes with the panel; who pressed it by keyboard should not lose the place.
      act("unfreeze");
      this.freeze.focus({ preventScroll: true });
    });
    const buttons = element("div", "nnlib-row", make("swap"), unfreeze);
    const words_ = element("div", "nnlib-ab-words", this.sentence, this.table(say), buttons);
    this.panel = element("section", "nnlib-ab", element("div", "nnlib-ab-picture", this.title, this.square), words_);
    this.panel.setAttribute("aria-label", say("ab_title"));
    this.panel.hidden = true;
    /** @type {Frozen | null} what is painted */
    this.painted = null;
  }

  table(say) {
    const names = COLUMNS.map((name) => scope(element("th", "", say(`ab_${name}`)), "col"));
    const head = element("tr", "", element("td"), ...names);
    this.cells = {};
    const rows = ["a", "b"].map((run) => {
      this.cells[run] = COLUMNS.map(() => element("td"));
      return element("tr", `nnlib-run-${run}`, scope(element("th", "", say(run)), "row"), ...this.cells[run]);
    });
    return element("table", "nnlib-ab-table", element("thead", "", head), element("tbody", "", ...rows));
  }

  /**
   * @param {import("./session.js").Shown} shown @param {import("./colours.js").Palette} palette
   * @param {boolean} stale  size or colours are out of date
   */
  update(shown, palette, stale) {
    const { frozen } = shown;
    this.panel.hidden = !frozen;
    if (!frozen || !shown.subject) {
      this.painted = null;
      return;
    }
    this.surface.size = this.square.clientWidth;
    if (stale || this.painted !== frozen) {
      this.painted = frozen;
      this.surface.paint(computeFineSurface(frozen.subject.net), frozen.subject, palette);
      this.surface.paintPoints(frozen.subject.data, palette);
      const losses = { epoch: frozen.epoch, numbers: this.words.numbers(frozen) };
      this.surface.describe(this.words.say("ab_surface", losses));
      setText(this.title, this.words.say("ab_at", { epoch: frozen.epoch }));
    }
    setText(this.sentence, tellDifference(this.words, frozen, shown));
    for (const [name, run] of [["a", frozen], ["b", shown]]) {
      const losses = [run.train_loss, run.test_loss].map(formatNumber);
      const texts = [String(run.epoch), ...losses, formatPercent(run.test_accuracy)];
      this.cells[name].forEach((cell, i) => setText(cell, texts[i]));
    }
  }
}

function scope(cell, value) {
  cell.scope = value;
  return cell;
}
