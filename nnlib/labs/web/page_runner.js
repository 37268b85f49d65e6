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
   * @param {{changes?: import("./training.js").Change[], step?: number, until?: number, curve?: Curve,
   *   stop?: number | null}} [from]  where to go on, without it the run starts; and the step where it rests
   */
  constructor(settings, { changes = [], step = 0, until = settings.epochs, curve, stop = null } = {}) {
    this.run = new Run(settings, changes);
    this.until = Math.max(until, Math.ceil((stop ?? 0) / this.run.stepsPerEpoch));
    this.stop = stop;
    this.target = step;
    /** @type {Curve} */
    this.curve = copyCurve(curve);
    this.curveKnown = this.curve.epoch.length > 0;
    if (!this.curveKnown) this.record();
  }

  get replaying() {
    return this.run.step < this.target && !this.run.ended;
  }

  /** True when all epochs are done or the run has ended before. */
  get finished() {
    return this.run.ended || this.run.epoch >= this.until;
  }

  /** True at the step where the run was told to rest. */
  get stopped() {
    return this.stop !== null && this.run.step >= this.stop;
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
      while (this.replaying && performance.now() < stop) this.again();
      return;
    }
    const goal = pace > 0 ? run.epoch + pace : Infinity;
    const stop = performance.now() + SLICE;
    while (!this.finished && !this.stopped && run.epoch < goal && performance.now() < stop) this.batch();
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
    while (this.replaying) this.again();
  }

  /** One batch of a replay; the curve of those epochs is recorded where it is not known. */
  again() {
    if (this.curveKnown) this.run.advance(1);
    else this.batch();
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
      pending: run.pending,
      curve: this.curve,
    };
  }
}
