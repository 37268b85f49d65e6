/**
 * The session of one lab: which engine trains, what the controls ask for, and what the views show.
 *
 * It greets the kernel. If a welcome comes, the kernel trains and the session paints its frames; if none comes in time,
 * or frames stay away, the page trains. All work happens in one animation frame at a time: take the newest settings,
 * train a slice, paint. Nothing queues, so the newest settings always win, and an error in any part is shown in words.
 */

import { freeze } from "./compare.js";
import { CURVE } from "./curves.js";
import { History } from "./history.js";
import { KernelLink, toFloats } from "./kernel_link.js";
import { PageEngine } from "./page_engine.js";
import { planOpening, queryFor } from "./opening.js";
import { copyPoints, ownProblem } from "./own_points.js";
import { Past } from "./rewind.js";
import { explain, Said } from "./said.js";
import {
  changedFields, decode, findField, inForce, moveControl, moveControls, nextSeed, ofRun, RAW,
} from "./settings.js";
import { Stage } from "./stage.js";
import { Sweeper } from "./sweep.js";
import { locked } from "./teach.js";
import { parameterIndex, Run } from "./training.js";
import { isNumber, Words } from "./words.js";

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
 * @property {import("./compare.js").Frozen | null} frozen  the run A beside this one
 * @property {number} [rewoundTo]  the epoch that is looked at; absent for the run as it stands
 */

/** True where the run shown has no next step. @param {Shown} shown */
const hasEnded = ({ status, stopped_early }) => status === "stopped-by-doctor" || Boolean(stopped_early);

/** @typedef {{field: string, value: number}} Setting  one parameter, set by hand: "p17" */
/**
 * @typedef {Setting | "play" | "pause" | "step_example" | "step_batch" | "step_epoch" | "restart" | "new_weights"
 *   | "use_kernel" | "undo" | "redo" | "reset" | "freeze" | "unfreeze" | "swap" | "load" | "go_on"
 *   | `rewind:${number}`} Action
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
        this.sweeper.wake();
        this.renewPatience();
      },
    });
    /** @type {"waiting" | "kernel" | "taking" | "page"} */
    this.mode = "waiting";
    /** @type {Shown} */
    this.shown = {
      engine: "", kernelAvailable: false, status: "paused", run: 0, revision: 0,
      step: 0, epoch: 0, until: 0, changes: [], pending: [], diagnosis: null, advice: null, error: null, problems: [],
      frozen: null,
    };
    /** The run of a link, until it is begun: settings, changes, stop. */
    this.replay = model.get("replay")?.settings ? model.get("replay") : null;
    this.page = new PageEngine(this.shown, this.words);
    this.past = new Past(this);
    this.sweeper = new Sweeper(this);
    /** @type {Action[]} what the reader asked for and no engine has answered yet */
    this.actions = [];
    /** @type {number | null} the revision from which the kernel goes on to a run that it loads, and moves controls to */
    this.follows = null;
    /** Whether the page trains a run anew to its step. */
    this.retraces = false;
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
      alive: () => this.renewPatience(),
      sweep: (message) => this.guard(() => this.sweeper.receive(message)),
      error: (text) => {
        this.refused = true;
        this.follows = null;
        this.fail(text);
        this.stage.request();
      },
    });
    const tracked = [...this.model.get("schema").map(({ field }) => RAW + field), ...OWN_TRAITS];
    this.history = new History(this.model, tracked, (byHand, back) => this.setByHand(byHand, back));
    this.onControl = () => {
      this.controlsMoved = true;
      this.refused = false;
      this.stage.request();
    };
    this.handlers = tracked.map((trait) => [`change:${trait}`, () => {
      if (this.follows !== null || this.ownBegins(trait)) this.history.amend();
      else this.history.note(trait);
      if (this.mode !== "page") this.guard(() => this.beginOwn()); // in the page, applyControls does
      this.onControl();
    }]);
    for (const [name, handler] of this.handlers) this.model.on(name, handler);
    this.onHash = () => this.guard(() => this.openLink());
    addEventListener("hashchange", this.onHash);
  }

  /** What the views show: the run as it stands, or as it was where the reader looks back. */
  get current() {
    return this.past.of(this.shown);
  }

  dispose() {
    this.past.dispose();
    this.sweeper.dispose();
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
      if (!isWhole(saved)) throw new Said("saved_damaged");
      shown.subject = new Run(settings, saved.changes);
      shown.subject.net.setParameters(toFloats(this.model.get("saved_parameters")));
      Object.assign(shown, { until: saved.epoch }, saved, { engine: "page", settings });
    } catch (error) {
      this.page.prepare(settings);
      this.fail(this.words.say("saved_broken", { text: explain(this.words, error) }));
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
    this.follows = null;
    this.link.send({ kind: "page" });
    const first = shown.engine === "";
    Object.assign(shown, { engine: "page", kernelAvailable: false });
    if (first) this.begin();
    this.controlsMoved = true;
    this.sweeper.onTakeOver();
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
    const { points, ...others } = settings;
    const key = JSON.stringify(others);
    const samePoints = points === shown.settings.points;
    if (shown.engine !== "kernel" || key !== this.subjectKey || !samePoints) {
      this.page.drop();
      this.subjectKey = key;
      shown.subject = new Run(settings);
    }
    shown.subject.net.setParameters(parameters);
    const numbers = { run: run + countedBefore.run, revision: revision + countedBefore.revision };
    Object.assign(shown, frame, numbers, { settings, engine: "kernel", error: null });
    this.actions = [];
    if (this.follows !== null && shown.revision > this.follows) this.follows = null;
    this.replay = null;
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
    if (action === "freeze" || action === "unfreeze" || action === "swap") {
      this.compare(action);
      return;
    }
    const { now } = this.past;
    const byHand = typeof action === "object";
    // Who looks back and goes on, or sets a number there, goes on from there.
    const goesOn = byHand || action === "go_on" || action === "play" || action.startsWith("step_");
    if (now && goesOn) this.act(`rewind:${now.step}`);
    if (action === "go_on") action = "play";
    const rewinds = !byHand && action.startsWith("rewind:");
    if (rewinds) this.past.told();
    if (byHand) this.history.noteByHand(action.field, action.value);
    if (this.mode === "kernel" && (rewinds || action === "load")) {
      // The kernel moves the controls: all that is one move.
      this.history.remember();
      this.follows = this.shown.revision;
    }
    if (this.mode === "kernel") this.askKernel(action);
    // A number is meant for the network that is seen; before the next frame a control may put another in its place.
    this.actions.push(byHand ? { ...action, of: this.shown.subject?.net.parameters.length } : action);
    this.stage.request();
  }

  /** Keep the run on the screen as A, let A go, or put A in its place. @param {"freeze" | "unfreeze" | "swap"} action */
  compare(action) {
    const { shown } = this;
    const here = action !== "unfreeze" && shown.subject ? freeze(this.past.cutRun()) : null;
    if (action === "swap" && here && shown.frozen) {
      this.loading = shown.frozen;
      this.past.expectAnother();
      this.act("load");
    }
    shown.frozen = here;
    this.stage.refresh();
  }

  /** Set controls and train that run from its start. @param {Record<string, any>} values */
  startAnew(values) {
    const { settings, continues } = decode(this.model);
    const same = ([name, value]) => JSON.stringify(settings[name]) === JSON.stringify(value);
    const stays = Object.entries(values).every(same);
    this.history.together(() => moveControls(this.model, values));
    if (continues || stays) this.act("restart");
  }

  /** Let the page show a run at a step, from where it can go on. @param {import("./compare.js").CutRun} run */
  load(run) {
    this.page.load(run);
    this.shown.revision += 1;
    this.history.together(() => moveControls(this.model, inForce(run.settings, run.changes)));
  }

  /** The page's run as it was at a step. @param {number} step */
  runAt(step) {
    const { past, shown } = this;
    if (past.now?.step !== step) past.look(step / shown.subject.stepsPerEpoch);
    const epoch = Math.floor(step / shown.subject.stepsPerEpoch);
    return { ...past.cutRun(), step, epoch, changes: shown.changes.filter(([at]) => at <= step) };
  }

  /** @param {Action} action */
  askKernel(action) {
    if (action === "load") this.link.send({ kind: "load", settings: forKernel(this.loading) });
    else if (typeof action === "object") this.link.send({ kind: "change", ...action });
    else this.link.send({ kind: "act", action });
  }

  /** @param {"undo" | "redo" | "reset"} action */
  goBack(action) {
    const { history, model } = this;
    const before = JSON.stringify(model.get("fixed"));
    if (action === "reset") {
      history.remember();
      const defaults = Object.entries(model.get("defaults") ?? {}).filter(([, raw]) => raw !== null);
      history.put({ fixed: this.opened, stand_ins: {}, ...Object.fromEntries(defaults.map(([field, raw]) => [RAW + field, raw])) });
      // What was set by hand in the network is no control's.
      if (this.shown.changes.some(([, field]) => parameterIndex(field) >= 0)) this.act("restart");
    } else history[action]();
    this.shown.problems = [];
    this.stage.request();
    // No control shows these settings, so no control's move has started a run.
    if (JSON.stringify(model.get("fixed")) !== before && this.mode === "page") this.actions.push("restart");
  }

  /**
   * Take numbers that were set by hand out of the run's log, or bring them back: the run is then trained anew to where
   * it stands.
   * @param {import("./history.js").ByHand} byHand @param {boolean} back @returns {boolean} whether this run has them
   */
  setByHand(byHand, back) {
    const { settings, step, until, run, status, changes } = this.shown;
    const log = [...changes];
    if (back) {
      const places = byHand.values.map((value) => log.findLastIndex(([, field, set]) => field === byHand.field && set === value));
      const taken = new Set(places.filter((place) => place >= 0));
      if (!taken.size) return false;
      Object.assign(byHand, { run, taken: log.filter((_, place) => taken.has(place)) });
      this.retrace({ settings, step, until, changes: log.filter((_, place) => !taken.has(place)) }, status);
      return true;
    }
    if (byHand.run !== run || byHand.taken.some(([at]) => at > step)) return false;
    log.push(...byHand.taken);
    this.retrace({ settings, step, until, changes: log.sort((one, other) => one[0] - other[0]) }, status);
    return true;
  }

  /** Let the engine train a run anew to a step, and go on from there if it was training. */
  retrace(run, status) {
    const actions = status === "training" ? ["load", "play"] : ["load"];
    this.loading = run;
    this.past.expectAnother();
    this.follows = this.mode === "kernel" ? this.shown.revision : null;
    if (this.mode === "kernel") for (const action of actions) this.askKernel(action);
    this.actions.push(...actions);
    this.stage.request();
  }

  /** Do in the page what the reader asked for. @param {Action} action */
  perform(action) {
    const unusable = ownProblem(decode(this.model).settings);
    const stopped = hasEnded(this.shown);
    this.shown.error = null;
    if (action === "load" && !this.loading.parameters) {
      this.page.retrace(this.loading);
      this.retraces = true;
      return;
    }
    const goesBack = typeof action === "string" && action.startsWith("rewind:");
    // A control moved within the same frame: another run has taken the place of the one that was looked at.
    if (goesBack && !this.past.knows(this.shown)) return;
    if (action === "load" || goesBack) {
      this.load(action === "load" ? this.loading : this.runAt(Number(action.slice("rewind:".length))));
      return;
    }
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
  setParameter({ field, value, of }) {
    if (of !== this.shown.subject?.net.parameters.length) return;
    this.page.setParameter(field, value);
    this.page.report();
    const { settings } = decode(this.model);
    this.page.follow(this.behind(settings), settings);
    this.shown.revision += 1;
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
    const back = this.past.now !== null;
    const lost = hasEnded(shown) && !back;
    if (!continues || lost || changed.some((field) => field.restarts)) {
      this.restart();
      return;
    }
    if (back) this.page.load(this.past.cutRun());
    this.page.change(this.behind(settings), settings);
  }

  /**
   * The fields in which the run is behind the controls. What the log of a replayed run would have changed later belongs
   * to a future that now does not happen; the controls show it already, so it comes now.
   */
  behind(settings) {
    const { shown, model } = this;
    const behind = changedFields(model.get("schema"), inForce(shown.settings, shown.changes), settings);
    return behind.filter(({ restarts }) => !restarts).map(({ field }) => field);
  }

  /** Whether points have come by themselves, as beginOwn or a kernel without a page gives them: no move of the reader's. */
  ownBegins(trait) {
    const { points, points_task } = this.history.current;
    return trait.startsWith("points") && !points?.length && (points_task ?? "auto") === "auto"
      && decode(this.model).settings.dataset === "own";
  }

  /** Nothing of the reader's own yet: the points on the screen are a beginning. A kernel waits for them. */
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
    this.past.follow(this.shown);
    this.stage.paint(this.current);
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
    if ((this.shown.status === "training" || this.page.replaying) && this.stage.visible) {
      this.page.train(decode(this.model).pace);
      this.stage.request();
    }
    this.page.report();
    if (this.retraces && !this.page.replaying) {
      this.retraces = false;
      this.shown.revision += 1;
    }
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

/** A run as a kernel loads it. @param {import("./compare.js").CutRun} run */
const forKernel = ({ settings, changes, step }) => ({ ...settings, changes, stop: step });

/** Whether a saved run has what a view shows of it. @param {Record<string, any>} saved */
function isWhole({ step, epoch, until = epoch, status, train_loss, test_loss, changes, curve, diagnosis }) {
  const counts = [step, epoch, until].every((count) => Number.isInteger(count) && count >= 0);
  const losses = [train_loss, test_loss].every((loss) => loss === null || isNumber(loss));
  const columns = CURVE.map((name) => curve?.[name]);
  const point = (value) => value === null || isNumber(value);
  const even = columns.every((column) => Array.isArray(column) && column.length === columns[0].length && column.every(point));
  const known = status === "finished" || status === "paused" || (status === "stopped-by-doctor" && Boolean(diagnosis?.text));
  return counts && losses && even && known && Array.isArray(changes);
}
