/**
 * The run as it was: snapshots of its parameters along the way, and the one that is looked at.
 *
 * Snapshots are taken from what is shown, whoever trains. They are float32 and thinned out: when there are too many,
 * every other one goes and the distance between them doubles. Where they are missing (a saved page, a page that took
 * over from a kernel), the run is replayed in the page, slice by slice, at the reader's first look back. Painting needs
 * no more than that; to go on from a step, the engine in charge replays the run to it exactly.
 */

import { CURVE } from "./curves.js";
import { ofRun } from "./settings.js";
import { Run } from "./training.js";

const MOST_SNAPSHOTS = 200;
const MOST_BYTES = 4 * 2 ** 20;
/** Milliseconds of replay between two paints. */
const SLICE = 9;
/** A replay that fills gaps takes about so many snapshots. */
const FILLED = 100;
/** Milliseconds that a look back must last before the kernel is told of it: it needs it for the link only. */
const TELL_AFTER = 150;

/** What a run that is looked at, or loaded, in the middle says of itself: nothing has ended it, nothing is to come. */
export const UNDER_WAY = { status: "paused", diagnosis: null, advice: null, stopped_early: false, pending: [] };

const NUMBERS = ["train_loss", "test_loss", "train_accuracy", "test_accuracy", "penalty"];

/**
 * @typedef {Object} Snapshot
 * @property {number} step  @property {number} epoch
 * @property {number} at  epochs done, as a fraction
 * @property {Float32Array} parameters
 * @property {number | null} train_loss  @property {number | null} test_loss
 * @property {number | null} train_accuracy  @property {number | null} test_accuracy  @property {number | null} penalty
 */

/**
 * What paints a network: all of its numbers that training changes, as `setParameters` takes them.
 * @param {import("./network.js").Network} net
 */
export function takeState({ parameters, statistics = [] }) {
  const values = new Float32Array(parameters.length + statistics.length);
  values.set(parameters);
  values.set(statistics, parameters.length);
  return values;
}

export class Snapshots {
  constructor() {
    this.clear();
  }

  clear() {
    /** @type {Snapshot[]} by step */
    this.list = [];
    this.spacing = 1;
  }

  /** The most snapshots of a network of this size. @param {number} size */
  static limit(size) {
    return Math.max(3, Math.min(MOST_SNAPSHOTS, Math.floor(MOST_BYTES / (4 * size))));
  }

  get bytes() {
    return this.list.reduce((sum, { parameters }) => sum + parameters.byteLength, 0);
  }

  /**
   * Keep a snapshot, unless one stands close by.
   * @param {{step: number, epoch: number}} numbers @param {number} at @param {() => Float32Array} take
   */
  add(numbers, at, take) {
    const { list } = this;
    const { step, epoch } = numbers;
    let place = list.length;
    while (place > 0 && list[place - 1].at >= at) place -= 1;
    // Rounding must not turn one epoch into a little less than one.
    const near = (one) => one && Math.abs(one.at - at) < this.spacing - 1e-9;
    // The beginning is always worth a snapshot.
    if (step === 0 && list[0]?.at > 0 && near(list[0])) list.shift();
    if (near(list[place - 1]) || near(list[place])) return;
    const parameters = take();
    const snapshot = { step, epoch, at, parameters };
    for (const name of NUMBERS) snapshot[name] = numbers[name];
    list.splice(place, 0, snapshot);
    if (list.length <= Snapshots.limit(parameters.length)) return;
    this.spacing *= 2;
    this.list = list.filter((one, i) => i % 2 === 0);
  }

  /** Forget what came after a step. @param {number} step */
  cut(step) {
    while (this.list.length && this.list.at(-1).step > step) this.list.pop();
  }

  /** The number of the snapshot nearest to an epoch. @param {number} at */
  nearest(at) {
    let best = 0;
    this.list.forEach((one, i) => {
      if (Math.abs(one.at - at) < Math.abs(this.list[best].at - at)) best = i;
    });
    return best;
  }

  /** The widest stretch of epochs without a snapshot. @param {number} end  where the run stands */
  gap(end) {
    let widest = 0;
    let last = 0;
    for (const { at } of [...this.list, { at: end }]) {
      widest = Math.max(widest, at - last);
      last = at;
    }
    return widest;
  }
}

/** Looking back along the run of a session. */
export class Past {
  /** @param {import("./session.js").Session} session */
  constructor(session) {
    this.session = session;
    this.snapshots = new Snapshots();
    this.key = "";
    this.revision = 0;
    this.another = false;
    /** @type {number | null} the step that the kernel knows of */
    this.toldStep = null;
    /** @type {Snapshot | null} what is looked at; null for the run as it stands */
    this.now = null;
    this.wanted = 0;
    /** @type {Run | null} the network that is painted while the reader looks back */
    this.ghost = null;
    /** @type {{run: Run, end: number, every: number} | null} a replay that fills gaps */
    this.filling = null;
  }

  /** The last epoch that can be looked at, as a fraction. */
  get end() {
    const { step, subject } = this.session.shown;
    return subject ? step / subject.stepsPerEpoch : 0;
  }

  /** Follow the run that is shown; once in an animation frame. @param {import("./session.js").Shown} shown */
  follow(shown) {
    if (!shown.subject) return;
    const key = this.keyOf(shown);
    const changed = shown.revision !== this.revision;
    // What the reader changed has been done, to the run or to another one: that is now on the screen.
    if (key !== this.key || (changed && this.another)) this.forget();
    else if (changed) this.leave();
    Object.assign(this, { key, revision: shown.revision });
    // A run that stands before its snapshots has been rewound: what lies ahead will be another future.
    this.snapshots.cut(shown.step);
    this.snapshots.add(shown, this.end, () => takeState(shown.subject.net));
    if (this.filling) this.fill();
  }

  /** What tells one run from another; thousands of points are written out only when they may be others. */
  keyOf({ run, settings: { points, ...settings } }) {
    if (points !== this.points) Object.assign(this, { points, pointsKey: JSON.stringify(points) });
    return `${run} ${JSON.stringify(settings)} ${this.pointsKey}`;
  }

  /** Whether the snapshots are of the run that is shown. @param {import("./session.js").Shown} shown */
  knows(shown) {
    return this.keyOf(shown) === this.key;
  }

  /** Another run: nothing of the last one can be looked at. */
  forget() {
    this.key = "";
    this.snapshots.clear();
    this.filling = this.ghost = null;
    this.another = false;
    this.leave();
  }

  /** The engine is about to show another run, perhaps one that started with the same settings. */
  expectAnother() {
    this.another = true;
  }

  /** Look at the run as it was at an epoch, as near as there is a snapshot. @param {number} at */
  look(at) {
    this.wanted = at;
    if (at >= this.end) {
      this.leave();
      return;
    }
    this.begin();
    this.settle();
  }

  /** Look at the next snapshot, or the one before. @param {number} by  so many snapshots on, or back */
  move(by) {
    this.begin();
    const { list } = this.snapshots;
    const here = this.now ? list.indexOf(this.now) : list.length - (list.at(-1)?.at < this.end ? 0 : 1);
    const next = Math.max(0, here + by);
    this.look(next < list.length ? list[next].at : this.end);
  }

  /** Back to the run as it stands. */
  leave() {
    this.now = null;
    this.tell(null);
  }

  begin() {
    const { shown } = this.session;
    if (this.now) return;
    if (shown.status === "training") this.session.act("pause");
    this.ghost ??= new Run(shown.settings);
    // The first weights follow from the settings; nobody has to have seen them.
    if (this.snapshots.list[0]?.step !== 0) {
      this.ghost = new Run(shown.settings);
      const first = { step: 0, epoch: 0, train_loss: this.ghost.trainLoss(), test_loss: this.ghost.testLoss() };
      Object.assign(first, { train_accuracy: this.ghost.trainAccuracy(), test_accuracy: this.ghost.testAccuracy() });
      this.snapshots.add({ ...first, penalty: this.ghost.penalty() }, 0, () => takeState(this.ghost.net));
    }
    const every = Math.max(1, Math.ceil(this.end / FILLED));
    if (!this.filling && this.snapshots.gap(this.end) > 2 * Math.max(every, this.snapshots.spacing)) {
      this.filling = { run: new Run(shown.settings, shown.changes), end: shown.step, every };
    }
  }

  settle() {
    const { list } = this.snapshots;
    this.now = list[this.snapshots.nearest(this.wanted)];
    this.ghost.net.setParameters(this.now.parameters);
    this.tell(this.now.step);
  }

  /** One slice of the replay that fills the gaps. */
  fill() {
    const { run, end, every } = this.filling;
    const stop = performance.now() + SLICE;
    while (run.step < end && !run.ended && performance.now() < stop) {
      run.advance(Math.min(run.stepsPerEpoch, end - run.step));
      if (run.step % run.stepsPerEpoch || run.epoch % every) continue;
      const numbers = {
        step: run.step, epoch: run.epoch, train_loss: run.trainLoss(), test_loss: run.testLoss(),
        train_accuracy: run.trainAccuracy(), test_accuracy: run.testAccuracy(), penalty: run.penalty(),
      };
      this.snapshots.add(numbers, run.epoch, () => takeState(run.net));
    }
    if (run.step >= end || run.ended) this.filling = null;
    if (this.now) this.settle();
    this.session.stage.request();
  }

  /** Let the kernel know which step is on the screen. @param {number | null} step */
  tell(step) {
    clearTimeout(this.telling);
    if (step === this.toldStep) return;
    this.telling = setTimeout(() => {
      this.toldStep = step;
      this.session.link.send({ kind: "rewound", step });
    }, TELL_AFTER);
  }

  /** The engine is told by other means, and takes the run back to that step. */
  told() {
    clearTimeout(this.telling);
    this.toldStep = null;
  }

  /** Let go of timers. */
  dispose() {
    clearTimeout(this.telling);
  }

  /**
   * What the views show: the run as it stands, or as it was.
   * @param {import("./session.js").Shown} shown @returns {import("./session.js").Shown}
   */
  of(shown) {
    const { now, ghost } = this;
    if (!now) return shown;
    const { parameters: _parameters, at, ...numbers } = now;
    ghost.data = shown.subject.data;
    // Where there was no loss any more, what the doctor says of the run has come to pass.
    const advice = Number.isFinite(now.train_loss) ? null : (shown.diagnosis ?? shown.advice);
    return {
      ...shown, ...numbers, ...UNDER_WAY, advice, subject: ghost, rewoundTo: at,
      changes: shown.changes.filter(([step]) => step <= now.step),
    };
  }

  /** The run as it is on the screen, ready to be loaded: it ends where the reader looks. */
  cutRun() {
    const shown = this.of(this.session.shown);
    return {
      settings: ofRun(shown.settings),
      changes: shown.changes.map((change) => [...change]),
      step: shown.step,
      epoch: shown.epoch,
      until: shown.until,
      status: shown.status,
      curve: cutCurve(shown.curve, shown.epoch),
      parameters: takeState(shown.subject.net),
      ...Object.fromEntries(NUMBERS.map((name) => [name, shown[name]])),
    };
  }
}

/** A curve up to an epoch, as a copy. @param {import("./curves.js").Curve} curve @param {number} epoch */
function cutCurve(curve, epoch) {
  const length = curve.epoch.findLastIndex((one) => one <= epoch) + 1;
  const columns = CURVE.filter((name) => curve[name]);
  return Object.fromEntries(columns.map((name) => [name, curve[name].slice(0, length)]));
}
