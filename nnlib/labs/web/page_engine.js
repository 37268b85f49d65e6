/**
 * The page as the engine of a lab: what the reader does and what the controls ask for, done to a run in the page.
 *
 * It writes what there is to show into `shown`, under the names of a kernel's frame. The run itself is made only when
 * it is needed: a saved picture, or one that a kernel left behind, is first replayed to its step.
 */

import { examine } from "./doctor.js";
import { PageRunner } from "./page_runner.js";
import { UNDER_WAY } from "./rewind.js";
import { Run } from "./training.js";

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

  /**
   * Show a run at a step; it is made when it has to go on. @param {import("./compare.js").CutRun} run
   */
  load({ settings, changes, step, epoch, until, curve, parameters, status: _status, ...numbers }) {
    this.drop();
    const subject = new Run(settings);
    subject.net.setParameters(parameters);
    Object.assign(this.shown, numbers, UNDER_WAY, { settings, changes, step, epoch, until, curve, subject });
    if (epoch >= until) this.shown.status = "finished";
    if (!Number.isFinite(numbers.train_loss)) this.resume(); // is trained anew, so that the doctor can look at it
  }

  /**
   * Train a run anew to a step, its curve included; until it is there, nothing new is shown.
   * @param {{settings: Record<string, any>, changes: import("./training.js").Change[], step: number, until: number}} run
   */
  retrace({ settings, changes, step, until }) {
    this.runner = new PageRunner(settings, { changes, step, until });
    const status = this.runner.run.stepsPerEpoch * until > step ? "paused" : "finished";
    Object.assign(this.shown, { status, diagnosis: null, advice: null, stopped_early: false });
  }

  /** True while a run is brought to a step. */
  get replaying() {
    return Boolean(this.runner?.replaying);
  }

  pause() {
    this.shown.status = "paused";
  }

  play() {
    const runner = this.resume();
    // What is shown as finished may still have to be replayed.
    if (this.shown.status === "finished") runner.until = this.shown.epoch + this.shown.settings.epochs;
    this.shown.status = "training";
    this.extendFinished(runner);
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
    this.follow(fields, settings);
    this.play();
  }

  /** Change settings of the run as it stands. @param {string[]} fields @param {Record<string, any>} settings */
  follow(fields, settings) {
    this.runner.stop = null;
    for (const field of fields) this.runner.run.change(field, settings[field]);
  }

  /** Set one parameter by hand; a run that trains goes on from there, one that rests keeps resting. */
  setParameter(field, value) {
    const runner = this.resume();
    runner.catchUp();
    runner.setParameter(field, value);
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
    if (run.stoppedEarly || (shown.status === "training" && runner.finished)) shown.status = "finished";
    else if (shown.status === "training" && runner.stopped) shown.status = "paused";
    if (shown.status !== "training") run.look(); // within an epoch nothing else would tell that it has diverged
    if (run.diagnosis) shown.status = "stopped-by-doctor";
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
