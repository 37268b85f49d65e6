/**
 * What regularisation acts on, as a few numbers: the gap between test and training loss, Σ|w|, weights that are exactly
 * 0, and dead units.
 */

import { element, setText } from "../dom.js";
import { forward } from "../layers.js";
import { batchNormUse } from "../normalization.js";
import { computeFeatures } from "../features.js";
import { formatNumber, isNumber } from "../words.js";

const NAMES = ["gap", "size", "zeros", "dead"];

/**
 * Σ|w| over all weights, how many of them are exactly 0, and how many hidden units are dead: their slope is 0 at every
 * training point. The twin of weight_numbers in nnlib/labs/parts.py.
 * @param {import("../training.js").Run} run
 */
export function weightNumbers({ net, data }) {
  let [size, zeros, weights] = [0, 0, 0];
  net.parameters.forEach((value, i) => {
    if (!net.weightMask[i]) return;
    weights += 1;
    size += Math.abs(value);
    if (value === 0) zeros += 1;
  });
  const dead = countDead(net, data.train);
  return { size, zeros, weights, dead, units: net.widths.slice(1, -1).reduce((sum, width) => sum + width, 0) };
}

function countDead(net, { X, n }) {
  let x = net.features ? computeFeatures(net.features, X, n) : X;
  let dead = 0;
  for (let l = 0; l + 1 < net.layers.length; l++) {
    const { inputs, outputs, offset, norm, running, slope, constant, activation } = net.layers[l];
    const z = new Float64Array(n * outputs);
    forward(x, 0, n, inputs, outputs, net.parameters, offset, z);
    if (norm >= 0) batchNormUse(z, n, outputs, net.parameters, norm, net.statistics, running);
    const p = slope >= 0 ? net.parameters[slope] : constant;
    for (let j = 0; j < outputs; j++) {
      let s = 0;
      while (s < n && activation.derivative(z[s * outputs + j], p) === 0) s += 1;
      if (s === n) dead += 1;
    }
    x = new Float64Array(n * outputs);
    activation.forward(z, x, n * outputs, p);
  }
  return dead;
}

export class WeightNumbers {
  /** @param {import("../view.js").View} view */
  constructor({ root, words }) {
    this.words = words;
    this.values = {};
    const cells = NAMES.map((name) => {
      this.values[name] = element("dd");
      const term = element("dt", "", words.say(`weight_${name}`));
      term.title = words.say(`weight_${name}_title`);
      return element("div", "", term, this.values[name]);
    });
    this.list = element("dl", "nnlib-weight-numbers", ...cells);
    root.querySelector(".nnlib-numbers").after(this.list);
  }

  /** @param {import("../session.js").Shown} shown */
  paint({ subject, train_loss, test_loss }) {
    if (!subject) return;
    const { size, zeros, weights, dead, units } = weightNumbers(subject);
    const gap = isNumber(train_loss) && isNumber(test_loss) ? test_loss - train_loss : null;
    setText(this.values.gap, formatNumber(gap));
    setText(this.values.size, formatNumber(size));
    setText(this.values.zeros, this.words.say("weight_of", { count: zeros, all: weights }));
    setText(this.values.dead, this.words.say("weight_of", { count: dead, all: units }));
  }
}
