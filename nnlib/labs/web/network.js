// A multi-layer perceptron over ONE flat parameter vector, the twin of nnlib/network.py.
//
// Layer by layer the vector holds W row-major (inputs, outputs), then b, then the slope where the
// activation behind it learns one. All arrays a batch needs are made at its first visit and kept, by
// batch size: training allocates nothing. Painting uses `evaluate`, which has arrays of its own.

import { ACTIVATIONS } from "./activations.js";
import { INITIALIZERS } from "./initializers.js";
import * as dense from "./layers.js";
import { LOSSES } from "./losses.js";
import { lookup } from "./registry.js";
import { addL2Gradient } from "./regularizers.js";

/**
 * @typedef {Object} Layer one dense layer and the activation behind it
 * @property {number} inputs
 * @property {number} outputs
 * @property {number} offset where W starts in the parameters
 * @property {number} slope where the learned slope is; −1 without one
 * @property {number} constant the activation's parameter where it is not learned
 * @property {import("./activations.js").Activation} activation
 */

export class Network {
  /**
   * @param {number[]} widths inputs, width of each hidden layer, outputs
   * @param {string[]} activations names, one per hidden layer
   * @param {string} output name of the activation behind the last layer
   */
  constructor(widths, activations, output) {
    if (widths.length < 2 || !widths.every((width) => Number.isInteger(width) && width >= 1)) {
      throw new Error(`widths must be at least two whole numbers from 1 up, not [${widths.join(", ")}]`);
    }
    if (activations.length !== widths.length - 2) {
      throw new Error(`${widths.length - 2} hidden layer(s) need as many activations, not ${activations.length}`);
    }
    this.widths = widths;
    this.activations = activations;
    this.output = output;
    /** @type {Layer[]} */
    this.layers = [];
    let size = 0;
    for (let l = 0; l + 1 < widths.length; l++) {
      const [inputs, outputs] = [widths[l], widths[l + 1]];
      const activation = lookup(ACTIVATIONS, l < activations.length ? activations[l] : output, "activation");
      const [constant = 0] = Object.values(activation.parameters);
      const end = size + (inputs + 1) * outputs;
      const slope = activation.learnable ? end : -1;
      this.layers.push({ inputs, outputs, offset: size, slope, constant, activation });
      size = activation.learnable ? end + 1 : end;
    }
    this.parameters = new Float64Array(size);
    this.gradient = new Float64Array(size);
    /** 1 where a parameter is a weight: what penalties and decay act on. */
    this.weightMask = new Uint8Array(size);
    for (const { inputs, outputs, offset, slope, constant } of this.layers) {
      this.weightMask.fill(1, offset, offset + inputs * outputs);
      if (slope >= 0) this.parameters[slope] = constant;
    }
    this._batches = new Map();
    this._evaluations = new Map();
    this._last = null;
  }

  /** Copy values into the parameters. @param {Float32Array|Float64Array} values */
  setParameters(values) {
    if (values.length !== this.parameters.length) {
      throw new Error(`the network has ${this.parameters.length} parameters, but ${values.length} values were given`);
    }
    this.parameters.set(values);
  }

  /**
   * Return the outputs (n, k) for the first n rows of X, row-major; valid until the next call.
   * @param {Float64Array} X @param {number} n
   */
  forward(X, n) {
    this._forward(X, 0, n);
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
    this._forward(X, start, n);
    const { a, d } = this._last;
    loss.backward(a[last], y, start, n, this.layers[last].outputs, d[last]);
    this._backward(X, start, n);
    if (l2 !== 0) addL2Gradient(this.gradient, this.parameters, this.weightMask, l2);
    return loss.mean(a[last], y, start, n, this.layers[last].outputs);
  }

  _forward(X, start, n) {
    this._last = this._batches.get(n) ?? this._newBatch(n);
    const { z, a } = this._last;
    for (let l = 0; l < this.layers.length; l++) {
      const { inputs, outputs, offset, activation } = this.layers[l];
      dense.forward(l ? a[l - 1] : X, l ? 0 : start, n, inputs, outputs, this.parameters, offset, z[l]);
      activation.forward(z[l], a[l], n * outputs, this._constant(l));
    }
  }

  // d[l] enters as the gradient by the layer's activations and becomes the one by z.
  _backward(X, start, n) {
    const { z, a, d } = this._last;
    for (let l = this.layers.length - 1; l >= 0; l--) {
      const { inputs, outputs, offset, slope, activation } = this.layers[l];
      if (slope >= 0) this.gradient[slope] = activation.parameterGradient(z[l], d[l], n * outputs);
      activation.backward(z[l], a[l], d[l], n * outputs, this._constant(l));
      dense.parameterGradient(l ? a[l - 1] : X, l ? 0 : start, n, inputs, outputs, d[l], this.gradient, offset);
      if (l > 0) dense.inputGradient(d[l], n, inputs, outputs, this.parameters, offset, d[l - 1]);
    }
  }

  /**
   * Return the outputs and every hidden layer's activations for n rows of X, without touching what
   * training uses. The arrays are reused by the next call with the same n.
   * @param {Float64Array} X @param {number} n
   * @returns {{outputs: Float64Array, hidden: Float64Array[]}}
   */
  evaluate(X, n) {
    let result = this._evaluations.get(n);
    if (!result) {
      const hidden = this.layers.map(({ outputs }) => new Float64Array(n * outputs));
      result = { outputs: hidden.pop(), hidden };
      this._evaluations.set(n, result);
    }
    let x = X;
    for (let l = 0; l < this.layers.length; l++) {
      const { inputs, outputs, offset, activation } = this.layers[l];
      const a = l < result.hidden.length ? result.hidden[l] : result.outputs;
      dense.forward(x, 0, n, inputs, outputs, this.parameters, offset, a);
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
    const batch = { z: arrays(), a: arrays(), d: arrays() };
    this._batches.set(n, batch);
    return batch;
  }
}

/**
 * Make a network with initial weights: W layer by layer from the initializer, every bias `bias`.
 * @param {{widths: number[], activation: string|string[], output: string, init: string, bias?: number,
 *          rng: import("./initializers.js").Generator}} options activation: one name for all hidden
 *   layers, or one per layer
 */
export function mlp({ widths, activation, output, init, bias = 0, rng }) {
  const initializer = lookup(INITIALIZERS, init, "initializer");
  const activations = Array.isArray(activation) ? activation : Array(widths.length - 2).fill(activation);
  const net = new Network(widths, activations, output);
  for (const { inputs, outputs, offset } of net.layers) {
    net.parameters.set(initializer(inputs, outputs, rng), offset);
    net.parameters.fill(bias, offset + inputs * outputs, offset + (inputs + 1) * outputs);
  }
  return net;
}
