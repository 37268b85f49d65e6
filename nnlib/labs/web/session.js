/**
 * The session of one lab: which engine trains, what the controls ask for, and what the views show.
 *
 * It greets the kernel. If a welcome comes, the kernel trains and the session paints its frames; if none comes in time,
 * or frames stay away, the page trains. All work happens in one animation frame at a time: take the newest settings,
 * train a slice, paint. Nothing queues, so the newest settings always win, and an error in any part is shown in words.
 */

import { freeze } from "./compare.js";
import { CURVE } from "./curves.js";
import { KernelLink, toFloats } from "./kernel_link.js";
import { PageEngine } from "./page_engine.js";
import { copyPoints, ownProblem } from "./own_points.js";
import { Past } from "./rewind.js";
import { explain, Said } from "./said.js";
import { changedFields, decode, findField, inForce, moveControl, moveControls, nextSeed, ofRun } from "./settings.js";
import { Stage } from "./stage.js";
import { Sweeper } from "./sweep.js";
import { Run } from "./training.js";
import { isNumber, Words } from "./words.js";

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
 * @property {import("./compare.js").Frozen | null} frozen  the run A beside this one
 * @property {number} [rewoundTo]  the epoch that is looked at; absent for the run as it stands
 */

/** True where the run shown has no next step. @param {Shown} shown */
const hasEnded = ({ status, stopped_early }) => status === "stopped-by-doctor" || Boolean(stopped_early);

/** @typedef {{field: string, value: number}} Setting  one parameter, set by hand: "p17" */
/** @typedef {Setting | "play" | "pause" | "step_batch" | "step_epoch" | "restart" | "new_weights" | "use_kernel"
 *   | "freeze" | "unfreeze" | "swap" | "load" | "go_on" | `rewind:${number}`} Action */

export class Session {
  /** @param {any} model  the widget's model */
  constructor(model) {
    this.model = model;
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
      step: 0, epoch: 0, until: 0, changes: [], diagnosis: null, error: null, frozen: null,
    };
    this.page = new PageEngine(this.shown, this.words);
    this.past = new Past(this);
    this.sweeper = new Sweeper(this);
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
      alive: () => this.renewPatience(),
      sweep: (message) => this.guard(() => this.sweeper.receive(message)),
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
    this.link.send({ kind: "page" });
    if (shown.engine === "") this.page.begin(shown.settings);
    Object.assign(shown, { engine: "page", kernelAvailable: false });
    this.controlsMoved = true;
    this.sweeper.onTakeOver();
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
  }

  // The reader

  /** @param {Action} action */
  act(action) {
    if (action === "new_weights") {
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
    if (!byHand && action.startsWith("rewind:")) this.past.told();
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
    moveControls(this.model, values);
    if (continues || stays) this.act("restart");
  }

  /** Let the page show a run at a step, from where it can go on. @param {import("./compare.js").CutRun} run */
  load(run) {
    this.page.load(run);
    this.shown.revision += 1;
    moveControls(this.model, inForce(run.settings, run.changes));
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

  /** Do in the page what the reader asked for. @param {Action} action */
  perform(action) {
    const unusable = ownProblem(decode(this.model).settings);
    const stopped = hasEnded(this.shown);
    this.shown.error = null;
    if (action === "load" || (typeof action === "string" && action.startsWith("rewind:"))) {
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
    const back = this.past.now !== null;
    const lost = hasEnded(shown) && !back;
    if (!continues || lost || changed.some((field) => field.restarts)) {
      this.restart();
      return;
    }
    if (back) this.page.load(this.past.cutRun());
    this.page.change(this.changed().map(({ field }) => field), settings);
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
