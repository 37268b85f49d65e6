// What behaves differently in training and in use, the twin of nnlib/layers/normalization.py: batch
// normalisation looks at the whole batch, dropout draws masks. In use both see one sample alone.

const MOMENTUM = 0.1;
const EPSILON = 1e-5;

/**
 * Batch normalisation of n rows of k values in training: z ← γ·ẑ + β with ẑ = (z − mean)/√(variance + ε) of the
 * batch; the running statistics move on. γ and β are parameters from `offset`, the running means and variances
 * statistics from `at`.
 * @param {Float64Array} z @param {number} n @param {number} k
 * @param {Float64Array} parameters @param {number} offset @param {Float64Array} statistics @param {number} at
 * @param {Float64Array} normed  takes ẑ @param {Float64Array} inverse  takes 1/√(variance + ε) of each column
 */
export function batchNormForward(z, n, k, parameters, offset, statistics, at, normed, inverse) {
  for (let j = 0; j < k; j++) {
    let mean = 0;
    for (let i = j; i < n * k; i += k) mean += z[i];
    mean /= n;
    let variance = 0;
    for (let i = j; i < n * k; i += k) {
      normed[i] = z[i] - mean;
      variance += normed[i] * normed[i];
    }
    variance /= n;
    const scale = 1 / Math.sqrt(variance + EPSILON);
    inverse[j] = scale;
    const gamma = parameters[offset + j];
    const beta = parameters[offset + k + j];
    for (let i = j; i < n * k; i += k) {
      normed[i] *= scale;
      z[i] = normed[i] * gamma + beta;
    }
    if (n > 1) {
      statistics[at + j] += MOMENTUM * (mean - statistics[at + j]);
      statistics[at + k + j] += MOMENTUM * (variance * (n / (n - 1)) - statistics[at + k + j]);
    }
  }
}

/** In use: z ← γ·(z − running mean)/√(running variance + ε) + β; the arguments as above. */
export function batchNormUse(z, n, k, parameters, offset, statistics, at) {
  for (let j = 0; j < k; j++) {
    const scale = parameters[offset + j] / Math.sqrt(statistics[at + k + j] + EPSILON);
    const shift = parameters[offset + k + j] - statistics[at + j] * scale;
    for (let i = j; i < n * k; i += k) z[i] = z[i] * scale + shift;
  }
}

/** d, the gradient by what batchNormForward gave, becomes the one by what it took; γ's and β's are written. */
export function batchNormBackward(d, n, k, parameters, offset, gradient, normed, inverse) {
  for (let j = 0; j < k; j++) {
    let byGamma = 0;
    let byBeta = 0;
    for (let i = j; i < n * k; i += k) {
      byGamma += d[i] * normed[i];
      byBeta += d[i];
    }
    gradient[offset + j] = byGamma;
    gradient[offset + k + j] = byBeta;
    const scale = parameters[offset + j] * inverse[j];
    for (let i = j; i < n * k; i += k) d[i] = (d[i] - (normed[i] * (byGamma / n) + byBeta / n)) * scale;
  }
}

/**
 * Inverted dropout in training: out ← a·mask, the mask 0 with probability `rate`, else 1/(1 − rate).
 * @param {Float64Array} a @param {number} count @param {number} rate
 * @param {import("./random.js").CounterGenerator} rng @param {Float64Array} mask @param {Float64Array} out
 */
export function dropoutForward(a, count, rate, rng, mask, out) {
  const kept = 1 / (1 - rate);
  const uniforms = rng.random(count);
  for (let i = 0; i < count; i++) {
    mask[i] = uniforms[i] >= rate ? kept : 0;
    out[i] = a[i] * mask[i];
  }
}

/** d, the gradient by what came out, becomes the one by what went in. */
export function dropoutBackward(d, count, mask) {
  for (let i = 0; i < count; i++) d[i] *= mask[i];
}
