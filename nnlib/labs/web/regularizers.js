// The penalty l1·Σ|w| + ½·l2·Σw², over weights only. Its l2 part joins the gradient; its l1 part is a
// step of its own after the optimiser's, so that a weight which would cross zero stops at zero.

/**
 * Infinite for weights that have grown without bound.
 * @param {Float64Array} w @param {Uint8Array} weightMask @param {number} l1 @param {number} l2
 */
export function penalty(w, weightMask, l1, l2) {
  let sizes = 0;
  let squares = 0;
  for (let i = 0; i < w.length; i++) {
    if (weightMask[i] === 0) continue;
    sizes += Math.abs(w[i]);
    squares += w[i] * w[i];
  }
  const value = (l1 && l1 * sizes) + (l2 && 0.5 * l2 * squares); // without a strength 0, not 0·∞
  return Number.isNaN(value) ? Infinity : value;
}

/** gradient ← gradient + l2·w on weights. */
export function addL2Gradient(gradient, w, weightMask, l2) {
  for (let i = 0; i < w.length; i++) if (weightMask[i]) gradient[i] += l2 * w[i];
}

/** w ← sign(w)·max(|w| − amount, 0) on weights, with amount = η·l1. */
export function shrink(w, weightMask, amount) {
  for (let i = 0; i < w.length; i++) {
    if (weightMask[i]) w[i] = Math.sign(w[i]) * Math.max(Math.abs(w[i]) - amount, 0);
  }
}
