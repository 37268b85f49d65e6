/**
 * The page as the engine of a lab: what the reader does and what the controls ask for, done to a run in the page.
 *
 * It writes what there is to show into `shown`, under the names of a kernel's frame. The run itself is made only when
 * it is needed: a saved picture, or one that a kernel left behind, is first replayed to its step.
 */

import { examine } from "./doctor.js";
import { PageRunner } from "./page_runner.js";

/** @typedef {import("./session.js").Shown} Shown */

export class PageEngine {
  /** @param {Shown} shown @param {import("./words.js").Words} words */
  constructor(shown, words) {
    this.shown = shown;
    this.words = words;
    /** @type {PageRunner | null} */
    this.runner = null;
  }

  /**
   * Show the untrained network of these settings.
   * @param {Record<string, any>} settings
   * @param {{changes?: import("./training.js").Change[], stop?: number | null}} [replay]  the log to follow, and where to rest
   */
  prepare(settings, { changes = [], stop = null } = {}) {
    this.runner = new PageRunner(settings, { changes, stop });
    Object.assign(this.shown, { settings, status: "paused", diagnosis: null, advice: null });
    this.report();
  }

  /** Start a run. @param {Record<string, any>} settings @param {Parameters<PageEngine["prepare"]>[1]} [replay] */
  begin(settings, replay) {
    this.prepare(settings, replay);
    Object.assign(this.shown, { run: this.shown.run + 1, status: "training" });
  }

  /** The run that is shown; made where there is none yet. */
  resume() {
    const { shown } = this;
    this.runner ??= new PageRunner(shown.settings, { ...shown, changes: [...shown.changes, ...(shown.pending ?? [])] });
    return this.runner;
  }

  /** Forget the run: another engine has gone on, or this one failed. */
  drop() {
    this.runner = null;
  }

  pause() {
    this.shown.status = "paused";
  }

  play() {
    this.shown.status = "training";
    this.extendFinished(this.resume());
  }

  /** @param {"step_batch" | "step_epoch"} action */
  stepOnce(action) {
    const runner = this.resume();
    runner.catchUp();
    this.extendFinished(runner);
    runner.stepOnce(action);
    this.shown.status = "paused";
  }

  /** Let the run go on with changed settings. @param {string[]} fields @param {Record<string, any>} settings */
  change(fields, settings) {
    const runner = this.resume();
    runner.catchUp();
    runner.stop = null;
    for (const field of fields) runner.run.change(field, settings[field]);
    this.play();
  }

  extendFinished(runner) {
    if (runner.finished && !runner.replaying) runner.extend(this.shown.settings.epochs);
  }

  /** Train one slice. @param {number} pace  epochs at most; 0 for as many as fit */
  train(pace) {
    this.resume().advance(pace);
  }

  /** Write how the run stands into `shown`; a replay that is under way shows nothing new. */
  report() {
    const { runner, shown } = this;
    if (!runner || runner.replaying) return;
    const { run } = runner;
    Object.assign(shown, runner.numbers(), { subject: run });
    if (run.diagnosis) shown.status = "stopped-by-doctor";
    else if (run.stoppedEarly || (shown.status === "training" && runner.finished)) shown.status = "finished";
    else if (shown.status === "training" && runner.stopped) shown.status = "paused";
    if (runner.stopped) runner.stop = null; // the next step goes beyond it
    this.consult(run);
  }

  /** Ask the doctor about a run that rests, once for each place where it does. */
  consult(run) {
    const { shown } = this;
    const rests = shown.status !== "training" && shown.engine === "page";
    const place = rests ? `${shown.run} ${run.step} ${run.changes.length}` : "";
    if (place === this.place) return;
    this.place = place;
    const found = rests && run.step > 0 ? examine(run, shown.curve.train, this.words) : null;
    Object.assign(shown, run.diagnosis ? { diagnosis: found, advice: null } : { diagnosis: null, advice: found });
  }
}
