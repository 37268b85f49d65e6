/**
 * A sweep map: the lab's run, trained once for every pair of two settings. Twin of nnlib/labs/sweeping.py.
 *
 * A kernel in charge trains the map as stacked arrays; without one the page trains run after run, a slice in each
 * animation frame. The newest request wins. What a cell shows is what the lab shows when the cell's settings are loaded.
 */

import { explain } from "./said.js";
import { decode, findField } from "./settings.js";
import { Run } from "./training.js";

/** The values along an axis; the same as in Python. */
export const AXES = {
  learning_rate: [0.001, 0.01, 0.03, 0.1, 0.3, 1],
  l1: [0, 0.0001, 0.001, 0.01, 0.1, 0.3],
  l2: [0, 0.0001, 0.001, 0.01, 0.1, 0.3],
  width: [1, 2, 4, 8, 16, 32],
  depth: [0, 1, 2, 3, 4, 6],
  noise: [0, 0.1, 0.2, 0.3, 0.4, 0.5],
  train_share: [0.1, 0.2, 0.3, 0.5, 0.7, 0.9],
  batch_size: [1, 5, 10, 30, 100, 250],
};

/** The maps that are offered: columns, rows. */
const PAIRS = [["learning_rate", "l2"], ["width", "noise"], ["width", "l2"]];
/** Milliseconds of training between two paints; less while the lab itself trains. */
const SLICE = 11;
const SLICE_BESIDE = 4;
const LARGEST_SEED = 9999;

/**
 * @typedef {Object} Plan
 * @property {string} x  @property {string} y  @property {number[]} xs  @property {number[]} ys
 * @property {number} seeds  each cell is trained so often, and its numbers are the means
 */
/**
 * @typedef {{train_loss: number | null, test_loss: number | null, test_accuracy: number | null,
 *   diverged: boolean}} Cell
 */

/** The settings of one cell. @param {Record<string, any>} base @param {Plan} plan @param {number} index  row by row */
export function cellSettings(base, { x, y, xs, ys }, index) {
  return { ...base, [x]: xs[index % xs.length], [y]: ys[Math.floor(index / xs.length)] };
}

/**
 * What else a map sets: layers with widths of their own would heed neither width nor depth, so all get the same width.
 * @param {Record<string, any>} base @param {Plan} plan
 */
function evened({ widths }, { x, y }) {
  const shapes = [x, y].some((name) => name === "width" || name === "depth");
  return shapes && widths?.length ? { widths: [], width: Math.max(...widths), depth: widths.length } : {};
}

/** True where a map over the width has no hidden layer to give it to. @param {Record<string, any>} base @param {Plan} plan */
function isIdle(base, plan) {
  const axes = [plan.x, plan.y];
  return axes.includes("width") && !axes.includes("depth") && !{ ...base, ...evened(base, plan) }.depth;
}

/** What the lab shows of an axis: of layers with widths of their own the one that all have. @param {Record<string, any>} settings */
export function shownOf({ widths, ...settings }, name) {
  if (name !== "width" || !widths?.length) return settings[name];
  return widths.every((width) => width === widths[0]) ? widths[0] : null;
}

/** The training of a map in the page, in slices. */
export class PageSweep {
  /** @param {Record<string, any>} base  settings that all cells share @param {Plan} plan */
  constructor(base, plan) {
    this.base = { ...base, ...evened(base, plan) };
    this.plan = plan;
    this.total = plan.xs.length * plan.ys.length * plan.seeds;
    this.done = 0;
    /** @type {Run | null} */
    this.run = null;
    this.sums = [0, 0, 0];
    this.diverged = false;
    /** @type {Map<number, Cell>} */
    this.cells = new Map();
  }

  get finished() {
    return this.done === this.total;
  }

  get share() {
    const within = this.run ? Math.min(0.99, this.run.epoch / this.run.settings.epochs) : 0;
    return (this.done + within) / this.total;
  }

  /** @param {number} milliseconds */
  advance(milliseconds) {
    const stop = performance.now() + milliseconds;
    while (!this.finished && performance.now() < stop) this.work();
  }

  /** One piece: a new run, or one batch of it. */
  work() {
    const { seeds } = this.plan;
    if (!this.run) {
      const settings = cellSettings(this.base, this.plan, Math.floor(this.done / seeds));
      this.run = new Run({ ...settings, seed: (settings.seed + (this.done % seeds)) % (LARGEST_SEED + 1) });
      return;
    }
    const { run } = this;
    if (run.epoch < run.settings.epochs && !run.ended) run.advance(1);
    if (run.epoch < run.settings.epochs && !run.ended) return;
    this.enter(run);
    this.run = null;
  }

  enter(run) {
    const { seeds } = this.plan;
    const numbers = [run.trainLoss(), run.testLoss(), run.testAccuracy()];
    this.diverged ||= run.diagnosis !== null && run.diagnosis.name === "diverged" || !Number.isFinite(numbers[1]);
    numbers.forEach((number, i) => (this.sums[i] = number === null ? NaN : this.sums[i] + number));
    this.done += 1;
    if (this.done % seeds) return;
    const [train, test, accuracy] = this.sums.map((sum) => (Number.isFinite(sum) ? sum / seeds : null));
    const cell = this.diverged
      ? { train_loss: null, test_loss: null, test_accuracy: null, diverged: true }
      : { train_loss: train, test_loss: test, test_accuracy: accuracy, diverged: false };
    this.cells.set(this.done / seeds - 1, cell);
    this.sums = [0, 0, 0];
    this.diverged = false;
  }
}

/** The map of a session: who trains it, how far it is, what it found. */
export class Sweeper {
  /** @param {import("./session.js").Session} session */
  constructor(session) {
    this.session = session;
    /** @type {Set<() => void>} the views' panels */
    this.watchers = new Set();
    this.number = 0;
    /** @type {"" | "kernel" | "page"} who trains a map now */
    this.engine = "";
    /** @type {Plan | null} */
    this.plan = null;
    this.base = {};
    this.share = 0;
    this.error = "";
    /** @type {Map<number, Cell>} */
    this.cells = new Map();
    /** @type {PageSweep | null} */
    this.page = null;
    this.scheduled = 0;
  }

  dispose() {
    cancelAnimationFrame(this.scheduled);
    this.cancel();
    this.watchers.clear();
  }

  /** The pairs whose settings both have a control here, with the values that the controls can take. */
  pairs() {
    const { model } = this.session;
    const find = (name) => findField(model, name) ?? (name === "width" ? findField(model, "widths") : undefined);
    const fits = ({ kind, choices, min, max }) => (value) =>
      kind === "choice" ? choices.includes(value) : value >= min && value <= max;
    return PAIRS.map(([x, y]) => {
      const [columns, rows] = [find(x), find(y)];
      return columns && rows && { x, y, xs: AXES[x].filter(fits(columns)), ys: AXES[y].filter(fits(rows)) };
    }).filter((pair) => pair && pair.xs.length > 1 && pair.ys.length > 1);
  }

  /** @param {Plan} plan */
  start(plan) {
    this.cancel();
    this.plan = plan;
    this.base = decode(this.session.model).settings;
    this.number += 1;
    this.share = 0;
    this.error = "";
    this.cells = new Map();
    if (isIdle(this.base, plan)) {
      this.fail(this.session.words.say("sweep_no_layer"));
      return;
    }
    if (this.session.mode === "kernel" || this.session.mode === "taking") {
      this.engine = "kernel";
      const { x, y, xs, ys, seeds } = plan;
      this.session.link.send({ kind: "sweep", id: this.number, x, y, xs, ys, seeds });
    } else {
      this.trainHere();
    }
    this.tell();
  }

  trainHere() {
    this.engine = "page";
    this.page = new PageSweep(this.base, this.plan);
    this.cells = this.page.cells;
    this.wake();
  }

  cancel() {
    if (this.engine === "kernel") this.session.link.send({ kind: "sweep" });
    this.engine = "";
    this.page = null;
    this.tell();
  }

  /** The kernel has fallen silent: what it was training is trained here. */
  onTakeOver() {
    if (this.engine === "kernel") this.trainHere();
  }

  /** Somebody looks again, or there is work. */
  wake() {
    if (this.engine !== "page" || this.scheduled || !this.session.stage.visible) return;
    this.scheduled = requestAnimationFrame(() => {
      this.scheduled = 0;
      this.train();
    });
  }

  train() {
    const { page, session } = this;
    if (!page) return;
    try {
      page.advance(session.mode === "page" && session.shown.status === "training" ? SLICE_BESIDE : SLICE);
    } catch (error) {
      this.fail(explain(this.session.words, error));
      return;
    }
    this.share = page.share;
    if (page.finished) this.finish();
    else this.wake();
    this.tell();
  }

  /** A message of the kernel about the map. @param {any} message */
  receive({ id, share, cells, finished, error }) {
    if (this.engine !== "kernel" || id !== this.number) return;
    if (error) {
      this.fail(error);
      return;
    }
    this.share = share;
    for (const [index, train_loss, test_loss, test_accuracy, diverged] of cells) {
      this.cells.set(index, { train_loss, test_loss, test_accuracy, diverged });
    }
    if (finished) this.finish();
    this.tell();
  }

  finish() {
    this.share = 1;
    this.engine = "";
    this.page = null;
  }

  fail(text) {
    this.finish();
    this.share = 0;
    this.error = this.session.words.say("error", { text });
    this.tell();
  }

  tell() {
    for (const watcher of this.watchers) watcher();
  }

  /** True where the map belongs to other settings than those of the controls, its own two left out. */
  get outdated() {
    if (!this.plan) return false;
    const { x, y } = this.plan;
    const rest = (settings) => {
      const { [x]: _x, [y]: _y, ...others } = { ...settings, ...evened(settings, this.plan) };
      return JSON.stringify(Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1)));
    };
    return rest(this.base) !== rest(decode(this.session.model).settings);
  }

  /** Load the run of a cell into the lab. @param {number} index */
  load(index) {
    const { x, y } = this.plan;
    const settings = cellSettings({}, this.plan, index);
    const { width, depth } = { ...this.base, ...evened(this.base, this.plan), ...settings };
    // A lab whose layers are listed has no other control for them.
    const listed = x === "width" && findField(this.session.model, "widths");
    this.session.startAnew(listed
      ? { widths: Array(depth).fill(width), [y]: settings[y] }
      : { ...evened(this.base, this.plan), [x]: settings[x], [y]: settings[y] });
  }
}
