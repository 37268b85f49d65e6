// A multi-layer perceptron over ONE flat parameter vector, the twin of nnlib/network.py.
//
// Layer by layer the vector holds W row-major (inputs, outputs), then b, then batch norm's γ and β, then
// the slope where the activation behind it learns one. A hidden layer is dense, batch norm, activation,
// dropout, in this order. All arrays a batch needs are made at its first visit and kept, by batch size:
// training allocates nothing but dropout's random numbers. Painting uses `evaluate`, which has arrays of its own.

import { ACTIVATIONS } from "./activations.js";
import { computeFeatures, isPlain } from "./features.js";
import { INITIALIZERS } from "./initializers.js";
import * as dense from "./layers.js";
import { LOSSES } from "./losses.js";
import {
  batchNormBackward, batchNormForward, batchNormUse, dropoutBackward, dropoutForward,
} from "./normalization.js";
import { lookup } from "./registry.js";
import { addL2Gradient } from "./regularizers.js";

/**
 * @typedef {Object} Layer one dense layer and the activation behind it
 * @property {number} inputs
 * @property {number} outputs
 * @property {number} offset where W starts in the parameters
 * @property {number} norm where batch norm's γ starts in the parameters, β behind it; −1 without batch norm
 * @property {number} running where its running means start in the statistics, variances behind them
 * @property {number} dropout the probability that a unit is dropped in training
 * @property {number} slope where the learned slope is; −1 without one
 * @property {number} constant the activation's parameter where it is not learned
 * @property {import("./activations.js").Activation} activation
 */

export class Network {
  /**
   * @param {number[]} widths inputs, width of each hidden layer, outputs
   * @param {string[]} activations names, one per hidden layer
   * @param {string} output name of the activation behind the last layer
   * @param {{batchNorm?: boolean, dropout?: number, features?: readonly string[]}} [options] of every hidden
   *   layer; features: what `evaluate` computes of points of the plane, where the inputs are not the points
   */
  constructor(widths, activations, output, { batchNorm = false, dropout = 0, features } = {}) {
    if (widths.length < 2 || !widths.every((width) => Number.isInteger(width) && width >= 1)) {
      throw new Error(`widths must be at least two whole numbers from 1 up, not [${widths.join(", ")}]`);
    }
    if (activations.length !== widths.length - 2) {
      throw new Error(`${widths.length - 2} hidden layer(s) need as many activations, not ${activations.length}`);
    }
    this.widths = widths;
    this.activations = activations;
    this.output = output;
    /** @type {readonly string[] | null} null where the inputs are the points as they are */
    this.features = features && !isPlain(features) ? features : null;
    if (this.features && features.length !== widths[0]) {
      throw new Error(`${features.length} features need as many inputs, not ${widths[0]}`);
    }
    /** Where dropout's masks come from. @type {import("./random.js").CounterGenerator | null} */
    this.rng = null;
    /** @type {Layer[]} */
    this.layers = [];
    let size = 0;
    let kept = 0;
    for (let l = 0; l + 1 < widths.length; l++) {
      const [inputs, outputs] = [widths[l], widths[l + 1]];
      const activation = lookup(ACTIVATIONS, l < activations.length ? activations[l] : output, "activation");
      const [constant = 0] = Object.values(activation.parameters);
      const hidden = l < activations.length;
      const dense = size + (inputs + 1) * outputs;
      const norm = hidden && batchNorm ? dense : -1;
      const end = norm >= 0 ? dense + 2 * outputs : dense;
      const slope = activation.learnable ? end : -1;
      const extras = { norm, running: kept, dropout: hidden ? dropout : 0 };
      this.layers.push({ inputs, outputs, offset: size, ...extras, slope, constant, activation });
      size = activation.learnable ? end + 1 : end;
      if (norm >= 0) kept += 2 * outputs;
    }
    this.parameters = new Float64Array(size);
    this.gradient = new Float64Array(size);
    /** 1 where a parameter is a weight: what penalties and decay act on. */
    this.weightMask = new Uint8Array(size);
    /** What is kept beside the parameters: batch norm's running means and variances, layer by layer. */
    this.statistics = new Float64Array(kept);
    for (const { inputs, outputs, offset, norm, running, slope, constant } of this.layers) {
      this.weightMask.fill(1, offset, offset + inputs * outputs);
      if (norm >= 0) {
        this.parameters.fill(1, norm, norm + outputs);
        this.statistics.fill(1, running + outputs, running + 2 * outputs);
      }
      if (slope >= 0) this.parameters[slope] = constant;
    }
    this._batches = new Map();
    this._evaluations = new Map();
    this._last = null;
  }

  /** Parameters, then statistics: all that makes the network, in one array. */
  state() {
    const values = new Float64Array(this.parameters.length + this.statistics.length);
    values.set(this.parameters);
    values.set(this.statistics, this.parameters.length);
    return values;
  }

  /** Take over such an array. @param {Float32Array|Float64Array} values parameters, then statistics */
  setParameters(values) {
    const count = this.parameters.length;
    if (values.length !== count + this.statistics.length) {
      const statistics = this.statistics.length ? ` and ${this.statistics.length} statistics` : "";
      throw new Error(`the network has ${count} parameters${statistics}, but ${values.length} values were given`);
    }
    this.parameters.set(values.subarray(0, count));
    this.statistics.set(values.subarray(count));
  }

  /**
   * Return the outputs (n, k) for the first n rows of inputs X, row-major, as in use: batch norm takes its running
   * statistics, dropout nothing. Valid until the next call.
   * @param {Float64Array} X @param {number} n
   */
  forward(X, n) {
    this._forward(X, 0, n, false);
    return this._last.a[this.layers.length - 1];
  }

  /** Return what hidden layer l (from 0) gave in the last forward pass: (n, width), row-major. @param {number} l */
  hidden(l) {
    return this._last.a[l];
  }

  /**
   * Return the mean loss of rows start … end−1, without the penalty, and leave its gradient, with
   * l2·w on the weights, in `this.gradient`.
   * @param {Float64Array} X @param {Float64Array} y @param {number} start @param {number} end
   * @param {string} lossName @param {number} l2
   */
  lossAndGradient(X, y, start, end, lossName, l2 = 0) {
    const loss = lookup(LOSSES, lossName, "loss");
    const n = end - start;
    const last = this.layers.length - 1;
    this._forward(X, start, n, true);
    const { a, d } = this._last;
    loss.backward(a[last], y, start, n, this.layers[last].outputs, d[last]);
    this._backward(X, start, n);
    if (l2 !== 0) addL2Gradient(this.gradient, this.parameters, this.weightMask, l2);
    return loss.mean(a[last], y, start, n, this.layers[last].outputs);
  }

  /** Return f′ of layer l's activation at every value of the last forward pass: (n, width), row-major. @param {number} l */
  slopes(l) {
    const { z, a } = this._last;
    const slopes = new Float64Array(z[l].length).fill(1);
    this.layers[l].activation.backward(z[l], a[l], slopes, slopes.length, this._constant(l));
    return slopes;
  }

  /** Return ‖∂L/∂z‖ of each layer in the last pass back, z being what its dense part gave. */
  signals() {
    return this._last.d.map((gradient) => Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0)));
  }

  // x[l] is what the next layer reads: a[l], or another array where dropout lies between.
  _forward(X, start, n, training) {
    this._last = this._batches.get(n) ?? this._newBatch(n);
    const { z, a, x, norms, masks } = this._last;
    for (let l = 0; l < this.layers.length; l++) {
      const { inputs, outputs, offset, norm, running, dropout, activation } = this.layers[l];
      dense.forward(l ? x[l - 1] : X, l ? 0 : start, n, inputs, outputs, this.parameters, offset, z[l]);
      if (norm >= 0 && training) {
        const { normed, inverse } = norms[l];
        batchNormForward(z[l], n, outputs, this.parameters, norm, this.statistics, running, normed, inverse);
      } else if (norm >= 0) {
        batchNormUse(z[l], n, outputs, this.parameters, norm, this.statistics, running);
      }
      activation.forward(z[l], a[l], n * outputs, this._constant(l));
      if (dropout > 0 && training) dropoutForward(a[l], n * outputs, dropout, this.rng, masks[l], x[l]);
      else if (dropout > 0) x[l].set(a[l]);
    }
  }

  // d[l] enters as the gradient by what layer l hands on and becomes the one by what its dense part gave.
  _backward(X, start, n) {
    const { z, a, x, d, norms, masks } = this._last;
    for (let l = this.layers.length - 1; l >= 0; l--) {
      const { inputs, outputs, offset, norm, dropout, slope, activation } = this.layers[l];
      if (dropout > 0) dropoutBackward(d[l], n * outputs, masks[l]);
      if (slope >= 0) this.gradient[slope] = activation.parameterGradient(z[l], d[l], n * outputs);
      activation.backward(z[l], a[l], d[l], n * outputs, this._constant(l));
      if (norm >= 0) {
        const { normed, inverse } = norms[l];
        batchNormBackward(d[l], n, outputs, this.parameters, norm, this.gradient, normed, inverse);
      }
      dense.parameterGradient(l ? x[l - 1] : X, l ? 0 : start, n, inputs, outputs, d[l], this.gradient, offset);
      if (l > 0) dense.inputGradient(d[l], n, inputs, outputs, this.parameters, offset, d[l - 1]);
    }
  }

  /**
   * Return the outputs and every hidden layer's activations for n points (n, 2) of the plane, or n rows of inputs
   * where the network has no features of its own, without touching what training uses. The arrays are reused by
   * the next call with the same n.
   * @param {Float64Array} X @param {number} n
   * @returns {{outputs: Float64Array, hidden: Float64Array[]}}
   */
  evaluate(X, n) {
    let result = this._evaluations.get(n);
    if (!result) {
      const hidden = this.layers.map(({ outputs }) => new Float64Array(n * outputs));
      result = { outputs: hidden.pop(), hidden, inputs: this.features && new Float64Array(n * this.widths[0]) };
      this._evaluations.set(n, result);
    }
    let x = this.features ? computeFeatures(this.features, X, n, result.inputs) : X;
    for (let l = 0; l < this.layers.length; l++) {
      const { inputs, outputs, offset, norm, running, activation } = this.layers[l];
      const a = l < result.hidden.length ? result.hidden[l] : result.outputs;
      dense.forward(x, 0, n, inputs, outputs, this.parameters, offset, a);
      if (norm >= 0) batchNormUse(a, n, outputs, this.parameters, norm, this.statistics, running);
      activation.forward(a, a, n * outputs, this._constant(l));
      x = a;
    }
    return result;
  }

  _constant(l) {
    const { slope, constant } = this.layers[l];
    return slope >= 0 ? this.parameters[slope] : constant;
  }

  _newBatch(n) {
    const arrays = () => this.layers.map(({ outputs }) => new Float64Array(n * outputs));
    const a = arrays();
    const batch = {
      z: arrays(), a, d: arrays(),
      x: this.layers.map(({ outputs, dropout }, l) => (dropout > 0 ? new Float64Array(n * outputs) : a[l])),
      masks: this.layers.map(({ outputs, dropout }) => (dropout > 0 ? new Float64Array(n * outputs) : null)),
      norms: this.layers.map(({ outputs, norm }) =>
        norm >= 0 ? { normed: new Float64Array(n * outputs), inverse: new Float64Array(outputs) } : null),
    };
    this._batches.set(n, batch);
    return batch;
  }
}

/**
 * Make a network with initial weights: W layer by layer from the initializer, every bias `bias`.
 * @param {{widths: number[], activation: string|readonly string[], output: string, init: string, bias?: number,
 *          batchNorm?: boolean, dropout?: number, features?: readonly string[],
 *          rng: import("./initializers.js").Generator}} options activation: one name for all hidden
 *   layers, or one per layer; the others as for Network
 */
export function mlp({ widths, activation, output, init, bias = 0, rng, ...options }) {
  const initializer = lookup(INITIALIZERS, init, "initializer");
  const activations = Array.isArray(activation) ? activation : Array(widths.length - 2).fill(activation);
  const net = new Network(widths, activations, output, options);
  for (const { inputs, outputs, offset } of net.layers) {
    net.parameters.set(initializer(inputs, outputs, rng), offset);
    net.parameters.fill(bias, offset + inputs * outputs, offset + (inputs + 1) * outputs);
  }
  return net;
}
