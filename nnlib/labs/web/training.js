// A run of a training lab, the twin of nnlib/labs/run.py: settings in, numbers out.
//
// Data, initial weights and the order of samples are a pure function of the settings, so a run needs no
// stored state: settings, the log of changes made on the way, and a step number say it all, and
// `Run.replay` brings it back. A step is one batch; `epoch` counts finished epochs.

import { ACTIVATIONS } from "./activations.js";
import { corners, TOY, split } from "./datasets.js";
import { computeFeatures, FEATURES, isPlain, PLAIN } from "./features.js";
import { LOSSES } from "./losses.js";
import { mlp } from "./network.js";
import { Optimizer } from "./optimizers.js";
import { ownData } from "./own_points.js";
import { CounterGenerator } from "./random.js";
import { lookup } from "./registry.js";
import { penalty, shrink } from "./regularizers.js";
import { EarlyStopping } from "./stopping.js";

/**
 * @typedef {typeof DEFAULTS & {output?: string}} Settings `output` names the output's activation; without it
 *   the loss decides
 * @typedef {[step: number, field: string, value: number]} Change holds from that step on
 * @typedef {import("./datasets.js").Part} Part
 */

export const DEFAULTS = Object.freeze({
  dataset: "spiral", noise: 0, train_share: 0.5, width: 8, depth: 2, activation: "tanh", loss: "auto",
  init: "xavier_uniform", optimizer: "adam", learning_rate: 0.03, l1: 0, l2: 0.001, batch_size: 10, epochs: 400, seed: 0,
  features: PLAIN, widths: Object.freeze([]), activations: Object.freeze([]), bias: 0, dropout: 0, batch_norm: false,
  early_stopping: 0,
  points: Object.freeze([]), points_task: "auto",
});

/** Settings that may change in mid-run. */
export const CHANGEABLE = Object.freeze(["learning_rate", "l1", "l2"]);

/** Entry of `activations` for a layer that has the common `activation`. */
export const COMMON = "common";

/** A parameter that a reader sets by hand stays within this size; beyond it training counts as diverged. */
export const LARGEST_SET = 1e6;

/** A parameter of this size has left every useful range: training has diverged. */
const LARGEST_PARAMETER = 1e6;

const whole = (least) => [(value) => Number.isInteger(value) && value >= least, `a whole number from ${least} up`];
const strength = [(value) => Number.isFinite(value) && value >= 0, "a number of 0 or more"];
const finite = [(value) => Number.isFinite(value), "a number"];
const part = [(value) => value >= 0 && value < 1, "a number from 0 to just below 1"];
const either = [(value) => typeof value === "boolean", "true or false"];
const listOf = (fits, wanted) => [(value) => Array.isArray(value) && value.every(fits), `a list of ${wanted}`];
const namesIn = (registry) => listOf((name) => Object.hasOwn(registry, name), `names out of ${Object.keys(registry).join(", ")}`);
const share = [(value) => value > 0 && value < 1, "a number between 0 and 1"];
const RULES = {
  noise: strength, train_share: share, width: whole(1), depth: whole(0), batch_size: whole(1), epochs: whole(0),
  seed: whole(0), learning_rate: strength, l1: strength, l2: strength,
  features: namesIn(FEATURES), widths: listOf((value) => Number.isInteger(value) && value >= 1, "whole numbers from 1 up"),
  activations: namesIn({ [COMMON]: null, ...ACTIVATIONS }), bias: finite, dropout: part, batch_norm: either, early_stopping: whole(0),
};

function checkValue(field, value) {
  const [fits, wanted] = RULES[field];
  if (!fits(value)) throw new Error(`${field} must be ${wanted}, not ${value}`);
}

/** 17 for "p17", the name of a parameter set by hand in a log of changes; −1 for other names. @param {string} field */
export function parameterIndex(field) {
  return /^p(0|[1-9]\d*)$/.test(field) ? Number(field.slice(1)) : -1;
}

/** The units of each hidden layer. @param {Pick<Settings, "widths" | "width" | "depth">} settings @returns {number[]} */
export function hiddenWidths({ widths, width, depth }) {
  return widths.length ? [...widths] : Array(depth).fill(width);
}

/** The activation's name of each hidden layer. @param {Settings} settings @returns {string[]} */
export function hiddenActivations(settings) {
  const { activations, activation } = settings;
  return hiddenWidths(settings).map((_, l) => ((activations[l] ?? COMMON) === COMMON ? activation : activations[l]));
}

/** Classes need cross-entropy, and only binary labels are signs. */
function suits({ kind }, task) {
  if (task === "multiclass") return kind === "classes";
  return kind === "numbers" || (kind === "signs" && task === "binary");
}

/**
 * Return the loss and the output's activation for a task. "auto" is half the squared error, for classes
 * cross-entropy.
 * @param {string} name @param {string} task @param {string} [output]
 * @returns {{loss: import("./losses.js").Loss, output: string}}
 */
export function lossAndOutput(name, task, output) {
  const standard = task === "multiclass" ? "cross_entropy" : "half_mse";
  const loss = lookup(LOSSES, name === "auto" ? standard : name, "loss");
  if (!suits(loss, task)) {
    const known = Object.keys(LOSSES).filter((one) => suits(LOSSES[one], task));
    throw new Error(`the loss ${name} does not suit a ${task} task. Those that do: ${known.join(", ")}.`);
  }
  const squashed = task === "binary" && (loss.name === "mse" || loss.name === "half_mse");
  const result = { loss, output: output ?? (squashed ? "tanh" : "identity") };
  if (loss.takesLogits && result.output !== "identity") {
    throw new Error(`${loss.name} takes logits, so the output must be "identity", not ${JSON.stringify(output)}`);
  }
  return result;
}

export class Run {
  /**
   * @param {Partial<Settings>} settings missing ones take their default
   * @param {Change[]} [changes] a log to follow: each is applied when its step is reached
   */
  constructor(settings, changes = []) {
    /** The settings at the start; what holds now, after changes, is in `learning_rate`, `l1` and `l2`. */
    this.settings = { ...DEFAULTS, ...settings };
    for (const field of Object.keys(RULES)) checkValue(field, this.settings[field]);
    const { dataset, noise, train_share, features, init, bias, batch_size, seed } = this.settings;
    if (dataset === "own") {
      this.data = ownData(this.settings);
    } else if (dataset === "corners") {
      this.data = corners();
    } else {
      const toy = lookup(TOY, dataset, "data set");
      const samples = toy.make(noise, new CounterGenerator(seed, "data"));
      this.data = split(samples, train_share, new CounterGenerator(seed, "split"));
    }
    const { loss, output } = lossAndOutput(this.settings.loss, this.data.task, this.settings.output);
    this.loss = loss;
    /** The training samples as the network sees them: features instead of points. @type {Part} */
    this.inputs = inputsOf(this.data.train, features);
    const outputs = this.data.task === "multiclass" ? this.data.classes : 1;
    this.net = mlp({
      widths: [features.length, ...hiddenWidths(this.settings), outputs], activation: hiddenActivations(this.settings),
      output, init, bias, features, batchNorm: this.settings.batch_norm, dropout: this.settings.dropout,
      rng: new CounterGenerator(seed, "weights"),
    });
    this.net.rng = new CounterGenerator(seed, "dropout");
    this.optimizer = new Optimizer(this.settings.optimizer, this.net);
    this.learning_rate = this.settings.learning_rate;
    this.l1 = this.settings.l1;
    this.l2 = this.settings.l2;
    this.step = 0;
    this.epoch = 0;
    /** @type {null|{name: string}} */
    this.diagnosis = null;
    this._order = new CounterGenerator(seed, "order");
    this._batchSize = Math.min(batch_size, this.data.train.n);
    // The mean over all samples has no order; masks have, which are drawn for one sample after the other.
    this._shuffles = this._batchSize < this.data.train.n || this.settings.dropout > 0;
    const room = () => ({ X: new Float64Array(this.inputs.X.length), y: new Float64Array(this.inputs.n) });
    this._shuffled = this._shuffles ? room() : this.inputs;
    this._next = 0; // the sample in this epoch's order at which the next batch begins
    /** What has changed so far. @type {Change[]} */
    this.changes = [];
    for (const [, field, value] of changes) this._checkChange(field, value);
    this._pending = [...changes].sort((one, other) => one[0] - other[0]);
    const { early_stopping } = this.settings;
    this._stopping = early_stopping > 0 ? new EarlyStopping(early_stopping) : null;
    /** @type {ReturnType<Run["curvePoint"]> | null} */
    this._lastPoint = null;
    /** Whether early stopping has ended the run: the weights are then again those of epoch `bestEpoch`. */
    this.stoppedEarly = false;
    this._watch();
    this._followLog();
  }

  /**
   * Return the run as it was at a step.
   * @param {Partial<Settings>} settings @param {Change[]} changes @param {number} step
   */
  static replay(settings, changes, step) {
    const run = new Run(settings, changes);
    run.advance(step);
    return run;
  }

  /** What the log still holds for later steps. */
  get pending() {
    return this._pending;
  }

  /** True when there is no next step: training has diverged, or early stopping has ended it. */
  get ended() {
    return this.diagnosis !== null || this.stoppedEarly;
  }

  /** The epoch of the lowest test loss so far; null without early stopping. */
  get bestEpoch() {
    return this._stopping?.bestEpoch ?? null;
  }

  get stepsPerEpoch() {
    return Math.ceil(this.data.train.n / this._batchSize);
  }

  /**
   * Do some training steps, taking logged changes at their step; ends where the run ends.
   * @param {number} batches
   */
  advance(batches) {
    for (let i = 0; i < batches && !this.ended; i++) this._batch();
  }

  /** Train until k more epochs are finished. @param {number} k */
  advanceEpochs(k) {
    this.advance((this.epoch + k) * this.stepsPerEpoch - this.step);
  }

  /**
   * Change a setting from this step on, or set one parameter, and log it; what the log held for later is dropped.
   * @param {string} field one of CHANGEABLE, or a parameter by its index: "p17" @param {number} value
   */
  change(field, value) {
    this._checkChange(field, value);
    this._pending = [[this.step, field, value]];
    this._followLog();
  }

  _checkChange(field, value) {
    const index = parameterIndex(field);
    if (index >= 0) {
      const count = this.net.parameters.length;
      if (index >= count) throw new Error(`${field} is no parameter of this network, which has ${count}: p0 to p${count - 1}.`);
      if (!(Number.isFinite(value) && Math.abs(value) <= LARGEST_SET)) {
        throw new Error(`The parameter ${field} must be a number between −${LARGEST_SET} and ${LARGEST_SET}, not ${value}.`);
      }
      return;
    }
    if (!CHANGEABLE.includes(field)) {
      throw new Error(`${JSON.stringify(field)} cannot change in mid-run. These can: ${CHANGEABLE.join(", ")}.`);
    }
    checkValue(field, value);
  }

  _followLog() {
    while (this._pending.length > 0 && this._pending[0][0] <= this.step) {
      const [step, field, value] = this._pending.shift();
      const index = parameterIndex(field);
      if (index >= 0) this.net.parameters[index] = value;
      else this[field] = value;
      this.changes.push([step, field, value]);
    }
  }

  _batch() {
    const { net } = this;
    const { n } = this.data.train;
    if (this._next === 0 && this._shuffles) this._shuffle();
    const end = Math.min(this._next + this._batchSize, n);
    net.lossAndGradient(this._shuffled.X, this._shuffled.y, this._next, end, this.loss.name, this.l2);
    this.optimizer.step(this.learning_rate);
    if (this.l1 !== 0) shrink(net.parameters, net.weightMask, this.learning_rate * this.l1);
    this.step += 1;
    this._next = end;
    if (end === n) {
      this._next = 0;
      this.epoch += 1;
      this.look();
      this._watch();
    }
    // After the look at the epoch: whoever sets a parameter has seen the epoch end.
    if (!this.ended) this._followLog();
  }

  /** Look whether training has diverged: at the end of an epoch, and within one where the run comes to rest. */
  look() {
    if (!this.net.parameters.every((p) => Math.abs(p) <= LARGEST_PARAMETER)) this.diagnosis = { name: "diverged" };
  }

  /** Look at the test loss after an epoch; where patience has run out, go back to the best weights. */
  _watch() {
    if (!this._stopping || this.diagnosis) return;
    this._stopping.watch(this.net, this.epoch, this.testLoss());
    if (!this._stopping.stopped) return;
    this._lastPoint = this.curvePoint();
    this._stopping.restore(this.net);
    this.stoppedEarly = true;
  }

  /**
   * A point of the curves: epoch, then losses and accuracies of the training and the test part. Where early stopping
   * has ended the run, they are those of its last epoch, before the best weights came back: the curve shows why it ended.
   * @returns {[number, number, number, number | null, number | null]}
   */
  curvePoint() {
    if (this._lastPoint) return this._lastPoint;
    return [this.epoch, this.trainLoss(), this.testLoss(), this.trainAccuracy(), this.testAccuracy()];
  }

  _shuffle() {
    const { X, y, n } = this.inputs;
    const order = this._order.permutation(n);
    const d = X.length / n;
    for (let s = 0; s < n; s++) {
      for (let i = 0; i < d; i++) this._shuffled.X[s * d + i] = X[order[s] * d + i];
      this._shuffled.y[s] = y[order[s]];
    }
  }

  /** The mean loss over all training samples, without penalty; Infinity when it is not a number. */
  trainLoss() {
    return this._meanLoss(this.data.train);
  }

  /** The same over the test samples. */
  testLoss() {
    return this._meanLoss(this.data.test);
  }

  /** The share of training samples on the right side; null for a regression. */
  trainAccuracy() {
    return this._accuracy(this.data.train);
  }

  /** The same for the test samples. */
  testAccuracy() {
    return this._accuracy(this.data.test);
  }

  /**
   * How many samples of each class (rows) are taken for which class (columns), row-major; null for a regression.
   * @param {Part} [part]
   */
  confusion({ X, y, n } = this.data.test) {
    const { task, classes } = this.data;
    if (task === "regression") return null;
    const k = task === "multiclass" ? classes : 2;
    const counts = new Uint32Array(k * k);
    const { outputs } = this.net.evaluate(X, n);
    const number = (label) => (task === "multiclass" ? label : label > 0 ? 1 : 0);
    for (let s = 0; s < n; s++) counts[number(y[s]) * k + number(predicted(outputs, s, outputs.length / n))] += 1;
    return counts;
  }

  /** l1·Σ|w| + ½·l2·Σw². */
  penalty() {
    return penalty(this.net.parameters, this.net.weightMask, this.l1, this.l2);
  }

  /** @param {Part} part */
  _meanLoss({ X, y, n }) {
    const { outputs } = this.net.evaluate(X, n);
    const value = this.loss.mean(outputs, y, 0, n, outputs.length / n);
    return Number.isFinite(value) ? value : Infinity;
  }

  /** @param {Part} part */
  _accuracy({ X, y, n }) {
    if (this.data.task === "regression") return null;
    const { outputs } = this.net.evaluate(X, n);
    const k = outputs.length / n;
    let right = 0;
    for (let s = 0; s < n; s++) if (predicted(outputs, s, k) === y[s]) right += 1;
    return right / n;
  }
}

/** The label that k outputs give sample s: −1 or +1 of one output, the likeliest class of several. */
function predicted(outputs, s, k) {
  if (k === 1) return outputs[s] >= 0 ? 1 : -1;
  let best = 0;
  for (let c = 0; c < k; c++) {
    const value = outputs[s * k + c];
    if (Number.isNaN(value)) return c; // of a diverged network; numpy takes it for the largest
    if (value > outputs[s * k + best]) best = c;
  }
  return best;
}

/** A part of the data with features instead of points. @param {Part} part @param {readonly string[]} features @returns {Part} */
function inputsOf(part, features) {
  return isPlain(features) ? part : { ...part, X: computeFeatures(features, part.X, part.n) };
}
