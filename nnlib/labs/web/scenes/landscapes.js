/**
 * Losses of two parameters, and the way that an optimiser takes on them: the twin of nnlib/landscapes.py.
 */

import { lookup } from "../registry.js";
import { OPTIMIZERS } from "../optimizers.js";
import { CounterGenerator } from "../random.js";

/** The picture goes from −EDGE to EDGE for both parameters. */
export const EDGE = 3;
/** Farther out a descent has diverged. */
const LOST = 1e6;
export const MOST_STEPS = 2000;

/**
 * name → {f, gradient}, functions of (a, b, condition).
 * @type {Object<string, {f: (a: number, b: number, k: number) => number,
 *                        gradient: (a: number, b: number, k: number) => [number, number]}>}
 */
export const LANDSCAPES = {
  bowl: {
    f: (a, b, k) => 0.5 * (a * a + k * b * b),
    gradient: (a, b, k) => [a, k * b],
  },
  ravine: {
    f: (a, b) => (1 - a) * (1 - a) + 10 * (b - a * a) * (b - a * a),
    gradient: (a, b) => [-2 * (1 - a) - 40 * a * (b - a * a), 20 * (b - a * a)],
  },
  saddle: {
    f: (a, b) => 0.5 * (a * a - b * b) + 0.125 * b * b * b * b,
    gradient: (a, b) => [a, 0.5 * b * b * b - b],
  },
  two_minima: {
    f: (a, b) => 0.25 * (a * a - 2) * (a * a - 2) + 0.3 * a + 0.5 * b * b,
    gradient: (a, b) => [a * (a * a - 2) + 0.3, b],
  },
};

/** Momentum and Nesterov with a μ of the reader's; the others as the networks have them. */
function ruleOf(name, mu) {
  if (name !== "momentum" && name !== "nesterov") return lookup(OPTIMIZERS, name, "optimizer");
  const ahead = name === "nesterov";
  return {
    memories: 1,
    update(w, g, rate, [v]) {
      for (let i = 0; i < w.length; i++) {
        v[i] = mu * v[i] + g[i];
        w[i] -= rate * (ahead ? g[i] + mu * v[i] : v[i]);
      }
    },
  };
}

/**
 * The path of a descent: the start, then one place for each step.
 * @param {Record<string, any>} settings  surface, condition, optimizer, learning_rate, momentum, noise, seed, a, b, step
 * @returns {{path: [number, number][], losses: number[], diverged: boolean, velocity: number}}
 */
export function descend(settings) {
  const { condition: k, noise } = settings;
  const { f, gradient } = lookup(LANDSCAPES, settings.surface, "surface");
  const rule = ruleOf(settings.optimizer, settings.momentum);
  const memories = Array.from({ length: rule.memories }, () => new Float64Array(2));
  const at = Float64Array.of(settings.a, settings.b);
  const rng = new CounterGenerator(settings.seed, "order");
  const path = [[at[0], at[1]]];
  let diverged = false;
  for (let t = 1; t <= settings.step && !diverged; t++) {
    const g = Float64Array.from(gradient(at[0], at[1], k));
    if (noise) rng.normal(0, noise, 2).forEach((disturbance, i) => (g[i] += disturbance));
    rule.update(at, g, settings.learning_rate, memories, t, new Uint8Array(2));
    path.push([at[0], at[1]]);
    diverged = !at.every((value) => Math.abs(value) <= LOST);
  }
  return { path, losses: path.map(([a, b]) => f(a, b, k)), diverged, gradient: gradient(at[0], at[1], k) };
}

/** Twelve levels that part the picture's points into rings of growing area. @param {Float64Array} values */
export function levelsOf(values) {
  const sorted = Float64Array.from(values).sort();
  return Array.from({ length: 12 }, (_, i) => sorted[Math.floor(((i + 1) / 13) ** 1.5 * (sorted.length - 1))]);
}
