/**
 * Units that no longer learn, the twin of nnlib/diagnosis/units.py: dead ones, whose slope is 0 on all samples, and
 * saturated ones, whose slope has faded.
 */

import { ACTIVATIONS } from "./activations.js";

/** Where the largest slope is looked for: ±0.0001 to ±10000, closer together near 0. */
const PLACES = Array.from({ length: 2001 }, (_, i) => 10 ** (-4 + (8 * i) / 2000)).flatMap((z) => [-z, z]);

/**
 * How many units of each hidden layer are dead.
 * @param {import("./network.js").Network} net  one that takes inputs @param {{X: Float64Array, n: number}} samples
 */
export function deadUnits(net, samples) {
  return countFlat(net, samples, () => 0, 1);
}

/** How many are saturated: |f′(z)| ≤ slope·max|f′| at this share of the samples or more. */
export function saturatedUnits(net, samples, slope = 0.05, share = 0.95) {
  return countFlat(net, samples, (l) => slope * fadingSlope(net, l), share);
}

/** How many units of each hidden layer have |f′(z)| ≤ bound(l) at this share of the samples or more. */
function countFlat(net, { X, n }, bound, share) {
  net.forward(X, n);
  return net.layers.slice(0, -1).map(({ outputs }, l) => {
    const [slopes, limit] = [net.slopes(l), bound(l)];
    let count = 0;
    for (let unit = 0; unit < outputs; unit++) {
      let flat = 0;
      for (let s = 0; s < n; s++) if (Math.abs(slopes[s * outputs + unit]) <= limit) flat += 1;
      if (flat / n >= share) count += 1;
    }
    return count;
  });
}

/** The largest |f′| of a layer whose slope fades; −1 where it is constant or jumps. */
function fadingSlope(net, l) {
  const { activation, slope, constant } = net.layers[l];
  const p = slope >= 0 ? net.parameters[slope] : constant;
  const slopes = PLACES.map((z) => ACTIVATIONS[activation.name].derivative(z, p));
  return new Set(slopes).size > 2 ? Math.max(...slopes.map(Math.abs)) : -1;
}
