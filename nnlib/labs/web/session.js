/**
 * The session of one lab: which engine trains, what the controls ask for, and what the views show.
 *
 * It greets the kernel. If a welcome comes, the kernel trains and the session paints its frames; if none comes in time,
 * or frames stay away, the page trains. All work happens in one animation frame at a time: take the newest settings,
 * train a slice, paint. Nothing queues, so the newest settings always win, and an error in any part is shown in words.
 */

import { History } from "./history.js";
import { KernelLink, toFloats } from "./kernel_link.js";
import { PageEngine } from "./page_engine.js";
import { planOpening, queryFor } from "./opening.js";
import { copyPoints, ownProblem } from "./own_points.js";
import { explain, Said } from "./said.js";
import { changedFields, decode, findField, inForce, moveControl, nextSeed, ofRun, RAW } from "./settings.js";
import { Stage } from "./stage.js";
import { locked } from "./teach.js";
import { Run } from "./training.js";
import { Words } from "./words.js";

/** A kernel that does not answer the hello within this many milliseconds is taken for busy or absent. */
const WELCOME_TIME = 700;
/** A kernel that owes a frame for so long has stopped serving the lab. */
const FRAME_TIME = 3000;
const WATCH_INTERVAL = 500;
/** Traits beside the controls that a reader changes by hand. */
const OWN_TRAITS = ["fixed", "stand_ins", "points", "points_task"];

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
 * @property {{name: string, text: string, cure?: Record<string, any>} | null} diagnosis  why training has stopped
 * @property {{name: string, text: string, cure?: Record<string, any>} | null} advice  what the doctor says of a run that rests
 * @property {Record<string, any>} settings  with which the run started
 * @property {[number, string, number][]} changes  since then
 * @property {[number, string, number][]} pending  what the log of a replayed run holds for later steps
 * @property {string[]} problems  what a link asked for and could not have, in words
 * @property {import("./curves.js").Curve} curve
 * @property {Run} subject  the run whose network and data are painted
 * @property {string | null} error  in words
 */

/** True where the run shown has no next step. @param {Shown} shown */
const hasEnded = ({ status, stopped_early }) => status === "stopped-by-doctor" || Boolean(stopped_early);

/**
 * @typedef {"play" | "pause" | "step_example" | "step_batch" | "step_epoch" | "restart" | "new_weights" | "use_kernel"
 *   | "undo" | "redo" | "reset"} Action
 */

export class Session {
  /** @param {any} model  the widget's model */
  constructor(model) {
    this.model = model;
    /** The settings without a control, as the lab was opened with them. */
    this.opened = model.get("fixed");
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
      step: 0, epoch: 0, until: 0, changes: [], pending: [], diagnosis: null, advice: null, error: null, problems: [],
    };
    /** The run of a link, until it is begun: settings, changes, stop. */
    this.replay = model.get("replay")?.settings ? model.get("replay") : null;
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
    const tracked = [...this.model.get("schema").map(({ field }) => RAW + field), ...OWN_TRAITS];
    this.history = new History(this.model, tracked);
    this.onControl = () => {
      this.controlsMoved = true;
      this.refused = false;
      this.stage.request();
    };
    this.handlers = tracked.map((trait) => [`change:${trait}`, () => {
      if (this.ownBegins(trait)) this.history.amend();
      else this.history.note(trait);
      this.onControl();
    }]);
    for (const [name, handler] of this.handlers) this.model.on(name, handler);
    this.onHash = () => this.guard(() => this.openLink());
    addEventListener("hashchange", this.onHash);
  }

  dispose() {
    this.link.close();
    clearTimeout(this.timer);
    clearInterval(this.watch);
    for (const [name, handler] of this.handlers) this.model.off(name, handler);
    removeEventListener("hashchange", this.onHash);
    this.stage.dispose();
  }

  /** Show the saved run at once, or else the untrained network. */
  open() {
    const { shown } = this;
    const settings = this.replay ? ofRun(this.replay.settings) : decode(this.model).settings;
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
      for (const action of this.actions) this.link.send({ kind: "act", action });
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
    const first = shown.engine === "";
    Object.assign(shown, { engine: "page", kernelAvailable: false });
    if (first) this.begin();
    this.controlsMoved = true;
    if (!this.linkRead) this.openLink();
    this.linkRead = true;
    this.stage.request();
  }

  /** Begin the first run in the page: the one that a link describes, or that of the settings shown. */
  begin() {
    const { replay } = this;
    this.replay = null;
    if (replay) this.page.begin(ofRun(replay.settings), replay);
    else this.page.begin(this.shown.settings);
  }

  /** Show the run that the page's address describes, if it speaks of this lab. */
  openLink() {
    const query = this.mode === "page" ? queryFor(this.model.get("lab_id"), location.hash) : null;
    if (query === null) return;
    const { traits, problems, replay } = planOpening(this.model, query, this.words);
    this.history.together(() => {
      for (const [trait, value] of Object.entries(traits)) this.model.set(trait, value);
      this.model.save_changes();
    });
    Object.assign(this.shown, { error: null, problems });
    this.controlsMoved = false;
    this.stage.scrollToLab();
    this.stage.request();
    this.replay = replay;
    this.begin();
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
    if (action === "undo" || action === "redo" || action === "reset") {
      this.goBack(action);
      return;
    }
    if (action === "step_example") {
      const batchSize = inForce(this.shown.settings, this.shown.changes).batch_size;
      this.shown.advice = null;
      if (batchSize > 1) {
        const text = this.words.say("step_example_needs", { count: batchSize });
        this.shown.advice = { name: "step_example", text, cure: { batch_size: 1 } };
        this.stage.showNotice(this.shown);
        return;
      }
    }
    if (action === "new_weights") {
      if (locked(this.model, "seed")) return;
      const { settings } = decode(this.model);
      moveControl(this.model, "seed", nextSeed(findField(this.model, "seed"), settings.seed));
      return;
    }
    if (this.mode === "kernel") this.link.send({ kind: "act", action });
    this.actions.push(action);
    this.stage.request();
  }

  /** @param {"undo" | "redo" | "reset"} action */
  goBack(action) {
    const { history, model } = this;
    const before = JSON.stringify(model.get("fixed"));
    if (action === "reset") {
      history.remember();
      const defaults = Object.entries(model.get("defaults") ?? {}).filter(([, raw]) => raw !== null);
      history.put({ fixed: this.opened, stand_ins: {}, ...Object.fromEntries(defaults.map(([field, raw]) => [RAW + field, raw])) });
    } else history[action]();
    this.shown.problems = [];
    this.stage.request();
    // No control shows these settings, so no control's move has started a run.
    if (JSON.stringify(model.get("fixed")) !== before && this.mode === "page") this.actions.push("restart");
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
    else if (action === "play") this.page.play();
    else if (action === "pause") this.page.pause();
    else this.page.stepOnce(action);
  }

  /** The controls that differ from what is shown. */
  changed() {
    const { settings, changes, pending } = this.shown;
    const log = [...changes, ...(pending ?? [])];
    return changedFields(this.model.get("schema"), inForce(settings, log), decode(this.model).settings);
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
    else {
      // What the log of a replayed run would have changed later comes now: the controls show it already.
      const now = changedFields(this.model.get("schema"), inForce(shown.settings, shown.changes), settings);
      this.page.change(now.map(({ field }) => field), settings);
    }
  }

  /** Whether points have come by themselves, as beginOwn or the kernel gives them: no move of the reader's. */
  ownBegins(trait) {
    const { points, points_task } = this.history.current;
    return trait.startsWith("points") && !points?.length && (points_task ?? "auto") === "auto"
      && decode(this.model).settings.dataset === "own";
  }

  /** Nothing of the reader's own yet: the points on the screen are a beginning. The kernel does the same. */
  beginOwn() {
    const { settings } = decode(this.model);
    const { subject } = this.shown;
    if (settings.dataset !== "own" || settings.points.length || settings.points_task !== "auto" || !subject) return;
    this.history.amend(() => {
      this.model.set("points", copyPoints(subject.data));
      this.model.set("points_task", subject.data.task);
      this.model.save_changes();
    });
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
