// Initial weights, the twin of nnlib/initializers.py: each entry draws one layer's W, row-major
// (fanIn, fanOut), in a single draw from the generator it is given. zeros and constant draw nothing.

/** @typedef {{uniform: (low: number, high: number, n: number) => Float64Array,
 *             normal: (loc: number, scale: number, n: number) => Float64Array}} Generator */

/** @typedef {(fanIn: number, fanOut: number, rng: Generator) => Float64Array} Initializer */

/** name → Initializer. @type {Object<string, Initializer>} */
export const INITIALIZERS = {
  zeros: (fanIn, fanOut) => new Float64Array(fanIn * fanOut),
  constant: (fanIn, fanOut) => new Float64Array(fanIn * fanOut).fill(0.1),
  uniform: (fanIn, fanOut, rng) => rng.uniform(-0.5, 0.5, fanIn * fanOut),
  normal: (fanIn, fanOut, rng) => rng.normal(0, 0.1, fanIn * fanOut),
  // Glorot & Bengio 2010: the same variance of signals on the way forward and of gradients on the way back.
  xavier_uniform: (fanIn, fanOut, rng) => symmetric(Math.sqrt(6 / (fanIn + fanOut)), fanIn * fanOut, rng),
  xavier_normal: (fanIn, fanOut, rng) => rng.normal(0, Math.sqrt(2 / (fanIn + fanOut)), fanIn * fanOut),
  // He et al. 2015: twice the variance, because ReLU lets half of the signal through.
  he_uniform: (fanIn, fanOut, rng) => symmetric(Math.sqrt(6 / fanIn), fanIn * fanOut, rng),
  he_normal: (fanIn, fanOut, rng) => rng.normal(0, Math.sqrt(2 / fanIn), fanIn * fanOut),
};

function symmetric(limit, n, rng) {
  return rng.uniform(-limit, limit, n);
}
