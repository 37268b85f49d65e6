/**
 * The page as the engine of a lab: what the reader does and what the controls ask for, done to a run in the page.
 *
 * It writes what there is to show into `shown`, under the names of a kernel's frame. The run itself is made only when
 * it is needed: a saved picture, or one that a kernel left behind, is first replayed to its step.
 */

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

  /** Show the untrained network of these settings. @param {Record<string, any>} settings */
  prepare(settings) {
    this.runner = new PageRunner(settings);
    Object.assign(this.shown, { settings, status: "paused", diagnosis: null });
    this.report();
  }

  /** Start a run. @param {Record<string, any>} settings */
  begin(settings) {
    this.prepare(settings);
    Object.assign(this.shown, { run: this.shown.run + 1, status: "training" });
  }

  /** The run that is shown; made where there is none yet. */
  resume() {
    this.runner ??= new PageRunner(this.shown.settings, this.shown);
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
    for (const field of fields) runner.run.change(field, settings[field]);
    this.play();
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
    if (run.diagnosis) {
      const { name } = run.diagnosis;
      Object.assign(shown, { status: "stopped-by-doctor", diagnosis: { name, text: this.words.say(name) } });
    } else if (run.stoppedEarly || (shown.status === "training" && runner.finished)) {
      shown.status = "finished";
    }
  }
}
