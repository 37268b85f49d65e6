// Losses, the twin of nnlib/losses.py: what outputs cost, and the gradient of that cost.
//
// Every loss is a mean over all elements of the outputs (over samples for cross-entropy). The two
// cross-entropies take logits: sigmoid or softmax and the logarithm are fused, which is stable and
// makes the gradient p − t. Targets: numbers; ±1 or 0/1 for binary losses; class numbers 0 … C−1.

/**
 * @typedef {Object} Loss
 * @property {string} name
 * @property {"numbers"|"signs"|"classes"} kind how targets are read
 * @property {boolean} takesLogits then the network's output must be "identity"
 * @property {(o: Float64Array, t: Float64Array, start: number, n: number, k: number) => number} mean
 *   the mean loss of n rows of k outputs against the targets from row `start` on
 * @property {(o: Float64Array, t: Float64Array, start: number, n: number, k: number, out: Float64Array) => void}
 *   backward out ← ∂mean/∂o
 */

// --- element(o, t) and its derivative slope(o, t) side by side ------------------------------------

const squared = (o, t) => (o - t) * (o - t);
const squaredSlope = (o, t) => 2 * (o - t);

const halfSquared = (o, t) => 0.5 * (o - t) * (o - t);
const halfSquaredSlope = (o, t) => o - t;

const signOf = (t) => (t > 0 ? 1 : -1);

// −ln σ(t·o) = ln(1 + e^−t·o), as max(m, 0) + log1p(e^−|m|) with m = −t·o.
function binaryCrossEntropy(o, t) {
  const m = -signOf(t) * o;
  return Math.max(m, 0) + Math.log1p(Math.exp(-Math.abs(m)));
}
function binaryCrossEntropySlope(o, t) {
  const m = signOf(t) * o;
  const e = Math.exp(-Math.abs(m));
  return (-signOf(t) * (m >= 0 ? e : 1)) / (1 + e); // −t·σ(−t·o)
}

const hinge = (o, t) => Math.max(0, 1 - signOf(t) * o);
const hingeSlope = (o, t) => (signOf(t) * o < 1 ? -signOf(t) : 0);

function huber(o, t) {
  const size = Math.abs(o - t);
  return size <= 1 ? 0.5 * size * size : size - 0.5;
}
const huberSlope = (o, t) => Math.max(-1, Math.min(1, o - t));

const perceptron = (o, t) => Math.max(0, -signOf(t) * o);
// At o = 0 the subgradient −t is taken, so that the perceptron rule moves.
const perceptronSlope = (o, t) => (signOf(t) * o <= 0 ? -signOf(t) : 0);

/** A loss that treats every output by itself. @returns {Loss} */
function elementwise(name, kind, element, slope, takesLogits = false) {
  return {
    name,
    kind,
    takesLogits,
    mean(o, t, start, n, k) {
      let sum = 0;
      for (let i = 0, target = start * k; i < n * k; i++, target++) sum += element(o[i], t[target]);
      return sum / (n * k);
    },
    backward(o, t, start, n, k, out) {
      const share = 1 / (n * k);
      for (let i = 0, target = start * k; i < n * k; i++, target++) out[i] = slope(o[i], t[target]) * share;
    },
  };
}

/** −ln softmax(o)ₜ; the row's largest logit is subtracted first, so that exp cannot overflow. @type {Loss} */
const crossEntropy = {
  name: "cross_entropy",
  kind: "classes",
  takesLogits: true,
  mean(o, t, start, n, k) {
    let sum = 0;
    for (let s = 0; s < n; s++) {
      const top = rowMaximum(o, s * k, k);
      let total = 0;
      for (let c = 0; c < k; c++) total += Math.exp(o[s * k + c] - top);
      sum += Math.log(total) - (o[s * k + t[start + s]] - top);
    }
    return sum / n;
  },
  backward(o, t, start, n, k, out) {
    const share = 1 / n;
    for (let s = 0; s < n; s++) {
      const row = s * k;
      const top = rowMaximum(o, row, k);
      let total = 0;
      for (let c = 0; c < k; c++) total += out[row + c] = Math.exp(o[row + c] - top);
      for (let c = 0; c < k; c++) out[row + c] = (out[row + c] / total - (t[start + s] === c ? 1 : 0)) * share;
    }
  },
};

function rowMaximum(o, row, k) {
  let top = o[row];
  for (let c = 1; c < k; c++) top = Math.max(top, o[row + c]);
  return top;
}

const ENTRIES = [
  elementwise("mse", "numbers", squared, squaredSlope),
  elementwise("half_mse", "numbers", halfSquared, halfSquaredSlope),
  elementwise("binary_cross_entropy", "signs", binaryCrossEntropy, binaryCrossEntropySlope, true),
  crossEntropy,
  elementwise("hinge", "signs", hinge, hingeSlope),
  elementwise("huber", "numbers", huber, huberSlope),
  elementwise("perceptron", "signs", perceptron, perceptronSlope),
];

/** name → Loss. @type {Object<string, Loss>} */
export const LOSSES = Object.fromEntries(ENTRIES.map((one) => [one.name, one]));
