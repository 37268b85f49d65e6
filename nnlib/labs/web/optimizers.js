// Optimisers, the twin of nnlib/optimizers.py, sorted by complexity. Constants and forms are those of
// torch.optim's defaults. Each takes one step for all parameters, in place; what it remembers of
// earlier gradients lies in arrays of the parameters' size, made once.

import { lookup } from "./registry.js";

/**
 * @typedef {Object} Rule
 * @property {number} memories how many arrays it remembers
 * @property {(w: Float64Array, g: Float64Array, rate: number, memories: Float64Array[], t: number,
 *             weightMask: Uint8Array) => void} update
 *   w ← w − …; t counts steps from 1; weightMask is 1 where a parameter is a weight
 */

const MOMENTUM = 0.9;
const BETA1 = 0.9;
const BETA2 = 0.999;
const DECAY = 0.01;

function adam(w, g, rate, [m, v], t) {
  // The memories start at 0 and are too small at first; the corrections undo that.
  const stepSize = rate / (1 - BETA1 ** t);
  const correction = Math.sqrt(1 - BETA2 ** t);
  for (let i = 0; i < w.length; i++) {
    m[i] = BETA1 * m[i] + (1 - BETA1) * g[i];
    v[i] = BETA2 * v[i] + (1 - BETA2) * (g[i] * g[i]);
    w[i] -= (stepSize * m[i]) / (Math.sqrt(v[i]) / correction + 1e-8);
  }
}

/** name → Rule. @type {Object<string, Rule>} */
export const OPTIMIZERS = {
  sgd: {
    memories: 0,
    update(w, g, rate) {
      for (let i = 0; i < w.length; i++) w[i] -= rate * g[i];
    },
  },
  momentum: {
    memories: 1,
    update(w, g, rate, [v]) {
      for (let i = 0; i < w.length; i++) w[i] -= rate * (v[i] = MOMENTUM * v[i] + g[i]);
    },
  },
  nesterov: {
    memories: 1,
    update(w, g, rate, [v]) {
      for (let i = 0; i < w.length; i++) {
        v[i] = MOMENTUM * v[i] + g[i];
        w[i] -= rate * (g[i] + MOMENTUM * v[i]);
      }
    },
  },
  adagrad: {
    memories: 1,
    update(w, g, rate, [sum]) {
      for (let i = 0; i < w.length; i++) {
        sum[i] += g[i] * g[i];
        w[i] -= (rate * g[i]) / (Math.sqrt(sum[i]) + 1e-10);
      }
    },
  },
  rmsprop: {
    memories: 1,
    update(w, g, rate, [v]) {
      for (let i = 0; i < w.length; i++) {
        v[i] = 0.99 * v[i] + (1 - 0.99) * (g[i] * g[i]);
        w[i] -= (rate * g[i]) / (Math.sqrt(v[i]) + 1e-8);
      }
    },
  },
  adam: { memories: 2, update: adam },
  adamw: {
    memories: 2,
    update(w, g, rate, memories, t, weightMask) {
      const keep = 1 - rate * DECAY;
      for (let i = 0; i < w.length; i++) if (weightMask[i]) w[i] *= keep;
      adam(w, g, rate, memories, t);
    },
  },
};

/** A rule together with what it remembers of one network's gradients. */
export class Optimizer {
  /** @param {string} name @param {import("./network.js").Network} net */
  constructor(name, net) {
    this.rule = lookup(OPTIMIZERS, name, "optimizer");
    this.net = net;
    this.t = 0;
    this.memories = Array.from({ length: this.rule.memories }, () => new Float64Array(net.parameters.length));
  }

  /** Move the network's parameters by one step along its present gradient. @param {number} rate */
  step(rate) {
    this.t += 1;
    this.rule.update(this.net.parameters, this.net.gradient, rate, this.memories, this.t, this.net.weightMask);
  }
}
