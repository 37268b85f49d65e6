/**
 * The line between a view and its kernel.
 *
 * Out go a hello, what the reader does, and an acknowledgement after each paint; in come a welcome and frames: numbers,
 * new points of the curves, and the network's parameters. Two frames may wait to be painted, one after the other,
 * so that a pair that arrives together gives two pictures; but where settings have changed, older frames are dropped at
 * once, and no point of a curve is ever lost. A line that nobody answers on is no error.
 */

import { CURVE } from "./curves.js";

const emptyCurve = () => Object.fromEntries(CURVE.map((name) => [name, []]));

/** The kernel has at most so many frames on the way. */
const MOST_WAITING = 2;

/**
 * @typedef {Object} Frame
 * @property {number} frame  @property {number} run  @property {number} revision
 * @property {number} step  @property {number} epoch  @property {number} until  @property {string} status
 * @property {number | null} train_loss  @property {number | null} test_loss
 * @property {number | null} train_accuracy  @property {number | null} test_accuracy  @property {number | null} penalty
 * @property {{name: string, text: string} | null} diagnosis
 * @property {Record<string, any>} settings  with which the run started
 * @property {[number, string, number][]} changes  since then
 * @property {import("./curves.js").Curve} curve  the whole curve so far
 * @property {Float32Array} parameters
 */

export class KernelLink {
  /**
   * @param {any} model  the widget's model
   * @param {{welcome: () => void, frame: () => void, error: (text: string) => void,
   *   alive: () => void, sweep: (message: any) => void}} callbacks
   */
  constructor(model, callbacks) {
    this.model = model;
    this.callbacks = callbacks;
    /** @type {Frame[]} not painted yet, the oldest first */
    this.waiting = [];
    this.curve = emptyCurve();
    this.receive = (message, buffers) => this.onMessage(message, buffers);
    model.on("msg:custom", this.receive);
  }

  close() {
    this.model.off("msg:custom", this.receive);
  }

  /** @param {Record<string, any>} message */
  send(message) {
    try {
      // Depending on the page the answer is a promise or nothing; without a kernel it may fail either way.
      Promise.resolve(this.model.send(message)).catch(() => {});
    } catch {
      // Nobody listens: the session notices by the silence.
    }
  }

  onMessage(message, buffers) {
    if (message.kind === "welcome") this.callbacks.welcome();
    else if (message.kind === "alive") this.callbacks.alive();
    else if (message.kind === "sweep") this.callbacks.sweep(message);
    else if (message.kind === "error") this.callbacks.error(message.text);
    else if (message.kind === "frame") {
      const { curve, ...frame } = message;
      if (message.fresh) this.curve = emptyCurve();
      for (const point of curve) CURVE.forEach((name, i) => this.curve[name].push(point[i] ?? null));
      // Points come with the first frame of a run, not with each.
      const { points } = frame.settings;
      // Equal points stay the same array: the view takes another one for other data, and the run for another.
      if (points && JSON.stringify(points) !== JSON.stringify(this.points)) this.points = points;
      this.points ??= [];
      frame.settings = { ...frame.settings, points: this.points };
      this.waiting = this.waiting.filter(({ run, revision }) => run === frame.run && revision === frame.revision);
      this.waiting = [...this.waiting, { ...frame, curve: this.curve, parameters: toFloats(buffers[0]) }];
      this.waiting = this.waiting.slice(-MOST_WAITING);
      this.callbacks.frame();
    }
  }

  /** Forget what waits: another engine is in charge. */
  drop() {
    this.waiting = [];
  }
}

/** The numbers in a buffer of float32; it may start at an address that a Float32Array cannot. @param {DataView} view */
export function toFloats(view) {
  return new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}
