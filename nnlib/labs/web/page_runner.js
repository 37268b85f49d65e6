/**
 * The page engine at work: one run, advanced in short slices between two paints.
 *
 * A runner also knows how to get back to where another engine stopped: it replays the run, slice by slice, to that
 * step, and only then goes on. `until` is the epoch at which training rests; a finished run may be given more.
 */

import { CURVE } from "./curves.js";
import { Run } from "./training.js";

/** Training stops this many milliseconds after a slice began, so that the frame still has time to paint. */
const SLICE = 9;
/** A replay shows nothing, so its slices may be longer. */
const REPLAY_SLICE = 24;

/** @typedef {import("./curves.js").Curve} Curve */

/** A copy of a curve; one saved without accuracies has none to show for its epochs. @param {Curve} [curve] */
function copyCurve(curve) {
  const length = curve?.epoch.length ?? 0;
  const copy = (name) => [...(curve?.[name] ?? Array(length).fill(null))];
  return Object.fromEntries(CURVE.map((name) => [name, copy(name)]));
}

export class PageRunner {
  /**
   * @param {Record<string, any>} settings
   * @param {{changes?: import("./training.js").Change[], step?: number, until?: number, curve?: Curve}} [from]
   *   where to go on; without it the run starts
   */
  constructor(settings, { changes = [], step = 0, until = settings.epochs, curve } = {}) {
    this.run = new Run(settings, changes);
    this.until = until;
    this.target = step;
    /** @type {Curve} */
    this.curve = copyCurve(curve);
    if (!this.curve.epoch.length) this.record();
  }

  get replaying() {
    return this.run.step < this.target && !this.run.ended;
  }

  /** True when all epochs are done or the run has ended before. */
  get finished() {
    return this.run.ended || this.run.epoch >= this.until;
  }

  /** Give a finished run more epochs. @param {number} epochs */
  extend(epochs) {
    this.until = this.run.epoch + epochs;
  }

  /**
   * Train for one slice.
   * @param {number} pace  at most this many epochs; 0 for as many as the slice holds
   */
  advance(pace) {
    const { run } = this;
    if (this.replaying) {
      const stop = performance.now() + REPLAY_SLICE;
      while (this.replaying && performance.now() < stop) run.advance(1);
      return;
    }
    const goal = pace > 0 ? run.epoch + pace : Infinity;
    const stop = performance.now() + SLICE;
    while (!this.finished && run.epoch < goal && performance.now() < stop) this.batch();
  }

  batch() {
    const { epoch } = this.run;
    this.run.advance(1);
    if (this.run.epoch > epoch) this.record();
  }

  /** One batch, or all batches up to the end of the epoch. @param {"step_batch" | "step_epoch"} action */
  stepOnce(action) {
    const { epoch } = this.run;
    do this.batch();
    while (action === "step_epoch" && this.run.epoch === epoch && !this.finished);
  }

  /** Finish a replay at once: the reader asks for something that needs the run as it was. */
  catchUp() {
    if (this.replaying) this.run.advance(this.target - this.run.step);
  }

  record() {
    const point = this.run.curvePoint();
    CURVE.forEach((name, i) => this.curve[name].push(point[i]));
  }

  /** Set one parameter by hand. @param {string} field  "p17" @param {number} value */
  setParameter(field, value) {
    const { run, curve } = this;
    run.change(field, value);
    if (run.step !== run.epoch * run.stepsPerEpoch) return;
    // The curve's last point stands at this very step: a replay of the log draws it after the change, too.
    for (const column of Object.values(curve)) column.length -= 1;
    this.record();
  }

  /** The numbers of the run as it stands, under the names of a kernel's frame. */
  numbers() {
    const { run } = this;
    return {
      step: run.step,
      epoch: run.epoch,
      until: this.until,
      train_loss: run.trainLoss(),
      test_loss: run.testLoss(),
      train_accuracy: run.trainAccuracy(),
      test_accuracy: run.testAccuracy(),
      penalty: run.penalty(),
      stopped_early: run.stoppedEarly,
      best_epoch: run.bestEpoch,
      changes: run.changes,
      curve: this.curve,
    };
  }
}
