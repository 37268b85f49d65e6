/**
 * One neuron: its boundary and output over the plane, and the sum for one point, term by term.
 */

import { ACTIVATIONS } from "../activations.js";
import { element } from "../dom.js";
import { formatNumber } from "../words.js";
import { Plane } from "./plane.js";

const EXTENT = 2;

export class NeuronScene {
  /** @param {import("./scene.js").Surroundings} surroundings */
  constructor({ host, words, move }) {
    this.words = words;
    this.plane = new Plane(words, EXTENT, [-2, -1, 0, 1, 2]);
    this.plane.addHandle({
      label: words.say("group_point"),
      step: 0.05,
      get: () => [this.settings.x1, this.settings.x2],
      set: (x1, x2) => move({ x1, x2 }),
    });
    this.plane.describe(words.say("neuron_plane"));
    host.append(this.plane.root);
  }

  paint(settings, palette) {
    this.settings = settings;
    const { w1, w2, b, activation, x1, x2 } = settings;
    const { f } = ACTIVATIONS[activation];
    const context = this.plane.begin();
    this.plane.moveHandle(x1, x2, `x₁ = ${x1}, x₂ = ${x2}`);
    if (!context) return;
    this.plane.paintField(context, (u, v) => f(w1 * u + w2 * v + b), palette);
    this.plane.paintLine(context, w1, w2, b, palette);
  }

  numbers({ w1, w2, b, activation, x1, x2 }) {
    const terms = [w1 * x1, w2 * x2];
    const z = terms[0] + terms[1] + b;
    const norm = Math.hypot(w1, w2);
    return {
      term_1: terms[0], term_2: terms[1], z, output: ACTIVATIONS[activation].f(z), norm,
      distance: norm ? z / norm : null,
    };
  }

  describe(settings) {
    return `z = ${formatNumber(this.numbers(settings).z)}`;
  }
}
