/**
 * What a network computes, laid out as pictures.
 *
 * The inputs from −6 to 6 are covered with a square grid; a pass of the network over it gives the output surface and
 * the map of every hidden unit. The grid is coarser for large networks, so that a frame costs about the same for all;
 * when training rests, the surface alone is computed once more on a fine grid.
 */

import { pixel, shade } from "./colours.js";
import { computeFeatures, PLAIN } from "./features.js";

/** The square of inputs that is shown: from −EXTENT to EXTENT on both axes. */
export const EXTENT = 6;

const SIDES = [64, 48, 40, 32, 24];
const FINE_SIDES = [160, 128, 96, 64];
/** Operations that a frame, and a resting picture, may spend on the grid. */
const FRAME_WORK = 4.5e6;
const RESTING_WORK = 4e7;
/** An activation function costs about as much as so many multiplications. */
const ACTIVATION_WORK = 14;
/** Rows of the fine grid are computed in portions of this many points, which bounds the memory they need. */
const PORTION = 4096;

/** Activations whose values stay within [−1, 1] share one scale; units of the others are shown by their own range. */
const BOUNDED = new Set(["tanh", "sigmoid", "sign", "step"]);

/** @typedef {import("./network.js").Network} Network */
/** @typedef {{side: number, outputs: Float64Array, hidden: Float64Array[]}} Maps */

const grids = new Map();

/** The points of a grid, (side², 2) row-major, from the upper left. @param {number} side @returns {Float64Array} */
function gridPoints(side) {
  if (!grids.has(side)) {
    const X = new Float64Array(2 * side * side);
    for (let row = 0, at = 0; row < side; row++) {
      for (let column = 0; column < side; column++) {
        X[at++] = EXTENT * ((2 * column + 1) / side - 1);
        X[at++] = EXTENT * (1 - (2 * row + 1) / side);
      }
    }
    grids.set(side, X);
  }
  return grids.get(side);
}

/**
 * The names of a network's inputs, and the value of each over a small grid, (side², inputs) row-major.
 * @param {Network} net @param {number} side
 */
export function computeInputs(net, side) {
  const names = net.features ?? PLAIN;
  return { names, values: computeFeatures(names, gridPoints(side), side * side) };
}

/** The finest side whose grid costs no more than `work`. @param {Network} net */
function affordableSide(net, sides, work) {
  const each = net.layers.reduce((sum, { inputs, outputs }) => sum + (inputs + ACTIVATION_WORK) * outputs, 0);
  return sides.find((side) => side * side * each <= work) ?? sides.at(-1);
}

/**
 * Outputs and hidden units over the grid of a moving picture; the arrays are reused by the next call.
 * @param {Network} net
 * @returns {Maps}
 */
export function computeMaps(net) {
  const side = affordableSide(net, SIDES, FRAME_WORK);
  return { side, ...net.evaluate(gridPoints(side), side * side) };
}

/** Outputs alone, over the grid of a resting picture. @param {Network} net @returns {Maps} */
export function computeFineSurface(net) {
  const side = affordableSide(net, FINE_SIDES, RESTING_WORK);
  const X = gridPoints(side);
  const k = net.widths.at(-1);
  const outputs = new Float64Array(side * side * k);
  for (let start = 0; start < side * side; start += PORTION) {
    const n = Math.min(PORTION, side * side - start);
    outputs.set(net.evaluate(X.subarray(2 * start), n).outputs.subarray(0, n * k), start * k);
  }
  return { side, outputs, hidden: [] };
}

/**
 * The number in [−1, 1] that a surface shows for one output: classes by how sure the network is, values as they are.
 * @param {string} loss  name of the loss
 * @returns {(output: number) => number}
 */
export function surfaceValue(loss) {
  return loss === "binary_cross_entropy" ? (logit) => Math.tanh(logit / 2) : (output) => output;
}

/**
 * Colour a surface of one output.
 * @param {Uint32Array} pixels @param {Float64Array} outputs @param {(output: number) => number} value
 * @param {import("./colours.js").Palette} palette
 */
export function colourSurface(pixels, outputs, value, { scale }) {
  for (let i = 0; i < pixels.length; i++) pixels[i] = scale[shade(value(outputs[i]))];
}

/**
 * Colour a surface of k logits: the classes' colours, mixed by their probabilities.
 * @param {Uint32Array} pixels @param {Float64Array} logits @param {number} k
 * @param {import("./colours.js").Palette} palette
 */
export function colourClasses(pixels, logits, k, { middle, fields }) {
  const weights = new Float64Array(k);
  for (let i = 0; i < pixels.length; i++) {
    let largest = -Infinity;
    for (let c = 0; c < k; c++) largest = Math.max(largest, logits[i * k + c]);
    let total = 0;
    for (let c = 0; c < k; c++) total += weights[c] = Math.exp(logits[i * k + c] - largest);
    // The likeliest class has 1/k (no idea) to 1 (sure): no idea is the ground's tone.
    const sure = Math.sqrt(Math.max(0, (1 / total - 1 / k) / (1 - 1 / k)));
    let [red, green, blue] = middle;
    for (let c = 0; c < k; c++) {
      const share = (sure * weights[c]) / total;
      red += share * (fields[c][0] - middle[0]);
      green += share * (fields[c][1] - middle[1]);
      blue += share * (fields[c][2] - middle[2]);
    }
    pixels[i] = pixel(red, green, blue);
  }
}

/**
 * Colour the map of one hidden unit into a larger image.
 * @param {Uint32Array} pixels   the image @param {number} width  its width @param {number} left @param {number} top
 * @param {Float64Array} values  (side², units) row-major @param {number} side
 * @param {number} units @param {number} unit
 * @param {string} activation    its name
 * @param {Uint32Array} scale
 */
export function colourUnit(pixels, width, left, top, values, side, units, unit, activation, scale) {
  let factor = 1;
  if (!BOUNDED.has(activation)) {
    let largest = 0;
    for (let i = unit; i < values.length; i += units) largest = Math.max(largest, Math.abs(values[i]));
    factor = largest > 1e-9 ? 1 / largest : 0;
  }
  for (let row = 0, from = unit; row < side; row++) {
    let to = (top + row) * width + left;
    for (let column = 0; column < side; column++, from += units) pixels[to++] = scale[shade(values[from] * factor)];
  }
}
