/**
 * The session of one lab: which engine trains, what the controls ask for, and what the views show.
 *
 * It greets the kernel. If a welcome comes, the kernel trains and the session paints its frames; if none comes in time,
 * or frames stay away, the page trains. All work happens in one animation frame at a time: take the newest settings,
 * train a slice, paint. Nothing queues, so the newest settings always win, and an error in any part is shown in words.
 */

import { KernelLink, toFloats } from "./kernel_link.js";
import { PageEngine } from "./page_engine.js";
import { copyPoints, ownProblem } from "./own_points.js";
import { explain, Said } from "./said.js";
import { changedFields, decode, findField, inForce, moveControl, nextSeed, ofRun } from "./settings.js";
import { Stage } from "./stage.js";
import { Run } from "./training.js";
import { Words } from "./words.js";

/** A kernel that does not answer the hello within this many milliseconds is taken for busy or absent. */
const WELCOME_TIME = 700;
/** A kernel that owes a frame for so long has stopped serving the lab. */
const FRAME_TIME = 3000;
const WATCH_INTERVAL = 500;

/**
 * What the views show; names as in a kernel's frame.
 * @typedef {Object} Shown
 * @property {"" | "kernel" | "page"} engine  empty until it is decided
 * @property {boolean} kernelAvailable  the page trains, but a kernel could
 * @property {"training" | "finished" | "paused" | "stopped-by-doctor"} status
 * @property {number} run  @property {number} revision
 * @property {number} step  @property {number} epoch  @property {number} until
 * @property {number | null} train_loss  @property {number | null} test_loss
 * @property {number | null} train_accuracy  @property {number | null} test_accuracy  @property {number | null} penalty
 * @property {boolean} stopped_early  early stopping has ended the run, and brought back the weights of `best_epoch`
 * @property {number | null} best_epoch
 * @property {{name: string, text: string} | null} diagnosis
 * @property {Record<string, any>} settings  with which the run started
 * @property {[number, string, number][]} changes  since then
 * @property {import("./curves.js").Curve} curve
 * @property {Run} subject  the run whose network and data are painted
 * @property {string | null} error  in words
 */

/** True where the run shown has no next step. @param {Shown} shown */
const hasEnded = ({ status, stopped_early }) => status === "stopped-by-doctor" || Boolean(stopped_early);

/** @typedef {{field: string, value: number}} Setting  one parameter, set by hand: "p17" */
/** @typedef {Setting | "play" | "pause" | "step_batch" | "step_epoch" | "restart" | "new_weights" | "use_kernel"} Action */

export class Session {
  /** @param {any} model  the widget's model */
  constructor(model) {
    this.model = model;
    this.words = new Words(model.get("messages"));
    this.stage = new Stage({
      frame: () => this.guard(() => this.onAnimationFrame()),
      visibility: (visible) => {
        this.link.send({ kind: "visible", visible });
        this.renewPatience();
      },
    });
    /** @type {"waiting" | "kernel" | "taking" | "page"} */
    this.mode = "waiting";
    /** @type {Shown} */
    this.shown = {
      engine: "", kernelAvailable: false, status: "paused", run: 0, revision: 0,
      step: 0, epoch: 0, until: 0, changes: [], diagnosis: null, error: null,
    };
    this.page = new PageEngine(this.shown, this.words);
    /** @type {Action[]} what the reader asked for and no engine has answered yet */
    this.actions = [];
    this.controlsMoved = false;
    this.subjectKey = "";
    this.lastSign = performance.now();
    this.countedBefore = { run: 0, revision: 0 };
    this.listen();
    this.guard(() => this.open());
    this.link.send({ kind: "hello" });
    this.timer = setTimeout(() => this.guard(() => this.mode === "waiting" && this.takeOver()), WELCOME_TIME);
    this.watch = setInterval(() => this.guard(() => this.watchKernel()), WATCH_INTERVAL);
  }

  listen() {
    this.link = new KernelLink(this.model, {
      welcome: () => this.guard(() => this.onWelcome()),
      frame: () => this.guard(() => this.onFrame()),
      error: (text) => {
        this.refused = true;
        this.fail(text);
        this.stage.request();
      },
    });
    this.onControl = () => {
      this.controlsMoved = true;
      this.refused = false;
      this.stage.request();
    };
    for (const { field } of this.model.get("schema")) this.model.on(`change:value_${field}`, this.onControl);
    this.model.on("change:points", this.onControl);
    this.model.on("change:points_task", this.onControl);
  }

  dispose() {
    this.link.close();
    clearTimeout(this.timer);
    clearInterval(this.watch);
    for (const { field } of this.model.get("schema")) this.model.off(`change:value_${field}`, this.onControl);
    this.model.off("change:points", this.onControl);
    this.model.off("change:points_task", this.onControl);
    this.stage.dispose();
  }

  /** Show the saved run at once, or else the untrained network. */
  open() {
    const { shown } = this;
    const { settings } = decode(this.model);
    const saved = this.model.get("saved");
    const problem = ownProblem(settings);
    if (problem) {
      // Points left half-way: a network is shown all the same, and the editor has the points.
      this.page.prepare({ ...settings, dataset: "spiral" });
      throw problem;
    }
    shown.settings = settings;
    if (saved?.step === undefined) {
      this.page.prepare(settings);
      return;
    }
    try {
      shown.subject = new Run(settings, saved.changes);
      shown.subject.net.setParameters(toFloats(this.model.get("saved_parameters")));
      Object.assign(shown, { until: saved.epoch }, saved, { engine: "page", settings });
    } catch (error) {
      this.page.prepare(settings);
      this.fail(this.words.say("saved_broken", { text: error.message }));
    }
  }

  // The kernel

  onWelcome() {
    if (this.mode === "page") this.shown.kernelAvailable = true;
    if (this.mode === "waiting") {
      this.mode = "kernel";
      for (const action of this.actions) this.askKernel(action);
    }
    this.renewPatience();
  }

  onFrame() {
    this.refused = false;
    if (this.mode === "page") this.link.drop();
    if (this.mode === "waiting" || this.mode === "page") this.onWelcome();
    this.renewPatience();
  }

  /** The kernel has given a sign, or could not: its time to answer begins anew. */
  renewPatience() {
    this.lastSign = performance.now();
    this.stage.request();
  }

  /** True while the kernel owes a frame: a run under way, a setting not yet shown, an action not yet answered. */
  get owed() {
    const { shown } = this;
    if (this.refused) return false;
    return this.mode === "taking" || this.actions.length > 0 || shown.engine !== "kernel" || shown.status === "training"
      || this.changed().length > 0;
  }

  watchKernel() {
    if (this.mode !== "kernel" && this.mode !== "taking") return;
    if (!this.stage.visible || this.link.waiting.length || !this.owed) this.lastSign = performance.now();
    else if (performance.now() - this.lastSign > FRAME_TIME) this.takeOver();
  }

  /** Let the page train: on from what the picture shows, from the start where nothing has run yet. */
  takeOver() {
    const { shown } = this;
    this.mode = "page";
    this.link.send({ kind: "page" });
    if (shown.engine === "") this.page.begin(shown.settings);
    Object.assign(shown, { engine: "page", kernelAvailable: false });
    this.controlsMoved = true;
    this.stage.request();
  }

  /** Give the lab back to the kernel, which starts the run again. */
  handBack() {
    this.mode = "taking";
    this.shown.kernelAvailable = false;
    this.actions = ["restart"];
    this.link.send({ kind: "take" });
    this.renewPatience();
  }

  /** Show a kernel's frame. @param {import("./kernel_link.js").Frame} frame */
  adopt({ parameters, run, revision, ...frame }) {
    const { shown, countedBefore } = this;
    const settings = ofRun(frame.settings);
    if (this.mode === "taking") {
      // The kernel counts for itself; what the reader sees counted never runs backwards.
      countedBefore.run = Math.max(0, shown.run + 1 - run);
      countedBefore.revision = Math.max(0, shown.revision - revision);
    }
    this.mode = "kernel";
    const key = JSON.stringify({ ...settings, points: null });
    const samePoints = settings.points === shown.settings.points;
    if (shown.engine !== "kernel" || key !== this.subjectKey || !samePoints) {
      this.page.drop();
      this.subjectKey = key;
      shown.subject = new Run(settings);
    }
    shown.subject.net.setParameters(parameters);
    const numbers = { run: run + countedBefore.run, revision: revision + countedBefore.revision };
    Object.assign(shown, frame, numbers, { settings, engine: "kernel", error: null });
    this.actions = [];
  }

  // The reader

  /** @param {Action} action */
  act(action) {
    if (action === "new_weights") {
      const { settings } = decode(this.model);
      moveControl(this.model, "seed", nextSeed(findField(this.model, "seed"), settings.seed));
      return;
    }
    if (this.mode === "kernel") this.askKernel(action);
    this.actions.push(action);
    this.stage.request();
  }

  /** @param {Action} action */
  askKernel(action) {
    this.link.send(typeof action === "string" ? { kind: "act", action } : { kind: "change", ...action });
  }

  /** Do in the page what the reader asked for. @param {Action} action */
  perform(action) {
    const unusable = ownProblem(decode(this.model).settings);
    const stopped = hasEnded(this.shown);
    this.shown.error = null;
    if (action === "use_kernel") this.handBack();
    else if (action === "restart" || (action === "play" && stopped)) this.restart();
    else if (unusable) throw unusable;
    else if (stopped) return;
    else if (typeof action === "object") this.setParameter(action);
    else if (action === "play") this.page.play();
    else if (action === "pause") this.page.pause();
    else this.page.stepOnce(action);
  }

  /** Set one parameter of the page's run. @param {Setting} setting */
  setParameter({ field, value }) {
    this.page.setParameter(field, value);
    this.shown.revision += 1;
  }

  /** The controls that differ from what is shown. */
  changed() {
    const { settings, changes } = this.shown;
    return changedFields(this.model.get("schema"), inForce(settings, changes), decode(this.model).settings);
  }

  /** Apply the controls to the page's run. */
  applyControls() {
    const { shown } = this;
    this.beginOwn();
    const changed = this.changed();
    if (!changed.length) return;
    const { settings, continues } = decode(this.model);
    shown.revision += 1;
    shown.error = null;
    const restarts = !continues || hasEnded(shown) || changed.some((field) => field.restarts);
    if (restarts) this.restart();
    else this.page.change(changed.map(({ field }) => field), settings);
  }

  /** Nothing of the reader's own yet: the points on the screen are a beginning. The kernel does the same. */
  beginOwn() {
    const { settings } = decode(this.model);
    const { subject } = this.shown;
    if (settings.dataset !== "own" || settings.points.length || settings.points_task !== "auto" || !subject) return;
    this.model.set("points", copyPoints(subject.data));
    this.model.set("points_task", subject.data.task);
    this.model.save_changes();
  }

  restart() {
    if (this.shown.kernelAvailable) this.handBack();
    else this.page.begin(decode(this.model).settings);
  }

  // The animation frame

  onAnimationFrame() {
    // What cannot be trained must not keep the picture from being painted.
    if (this.mode === "page") this.guard(() => this.trainInPage());
    const frame = this.stage.visible && this.mode !== "page" ? this.link.waiting.shift() : undefined;
    if (frame) this.adopt(frame);
    this.stage.paint(this.shown);
    if (!frame) return;
    this.link.send({ kind: "ack", frame: frame.frame });
    if (this.link.waiting.length) this.stage.request();
  }

  trainInPage() {
    const moved = this.controlsMoved;
    this.controlsMoved = false;
    if (moved) this.applyControls();
    for (const action of this.actions.splice(0)) this.perform(action);
    if (this.mode !== "page") return;
    if (this.shown.status === "training" && this.stage.visible) {
      this.page.train(decode(this.model).pace);
      this.stage.request();
    }
    this.page.report();
  }

  // Errors

  /** Run a callback; show its error, if any, in words. @param {() => void} work */
  guard(work) {
    try {
      work();
    } catch (error) {
      const text = explain(this.words, error);
      this.fail(error instanceof Said ? text : this.words.say("error", { text }));
    }
  }

  /** Show an error; the lab stays usable. @param {string} text  in words */
  fail(text) {
    if (this.mode === "page") {
      this.page.drop();
    }
    if (this.shown.status === "training") this.shown.status = "paused";
    this.shown.error = text;
    this.stage.showNotice(this.shown);
  }
}
