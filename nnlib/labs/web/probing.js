/**
 * What the doctor's measurements have in common, the twin of nnlib/diagnosis/probing.py: some of the samples, and a copy
 * of the network that can be measured in peace.
 */

import { mlp } from "./network.js";
import { CounterGenerator } from "./random.js";
import { hiddenActivations } from "./training.js";

/** Of more samples than these, what takes several passes looks at so many, evenly spaced. */
const MOST_SAMPLES = 1000;

/**
 * A network like the run's that drops nothing and takes inputs, not points: passes of training move its statistics only.
 * @param {import("./training.js").Run} run @param {boolean} [start]  with its initial weights, not with the present ones
 */
export function copyOf({ net, settings }, start = false) {
  const copy = mlp({
    widths: net.widths, activation: hiddenActivations(settings), output: net.output, init: settings.init,
    bias: settings.bias, batchNorm: settings.batch_norm, dropout: 0, rng: new CounterGenerator(settings.seed, "weights"),
  });
  if (!start) copy.setParameters(net.state());
  return copy;
}

/** At most so many samples, as a batch. @param {import("./training.js").Run} run */
export function someSamples({ inputs: { X, y, n } }) {
  if (n <= MOST_SAMPLES) return { X, y, n };
  const d = X.length / n;
  const rows = Array.from({ length: MOST_SAMPLES }, (_, i) => Math.floor((i * (n - 1)) / (MOST_SAMPLES - 1)));
  const some = { X: new Float64Array(MOST_SAMPLES * d), y: new Float64Array(MOST_SAMPLES), n: MOST_SAMPLES };
  rows.forEach((row, i) => {
    some.X.set(X.subarray(row * d, row * d + d), i * d);
    some.y[i] = y[row];
  });
  return some;
}
