/**
 * Losses of two parameters, and the way that an optimiser takes on them: the twin of nnlib/landscapes.py.
 */

import { lookup } from "../registry.js";
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

/**
 * The optimisers, in the order of operations of nnlib/optimizers.py: a path in a bent valley amplifies the last bit.
 * (w, g, rate, memories, step, momentum) → w moves in place.
 */
const RULES = {
  sgd: (w, g, rate) => w.forEach((_, i) => (w[i] -= g[i] * rate)),
  momentum: (w, g, rate, [v], t, mu) => w.forEach((_, i) => (w[i] -= (v[i] = v[i] * mu + g[i]) * rate)),
  nesterov: (w, g, rate, [v], t, mu) => w.forEach((_, i) => {
    v[i] = v[i] * mu + g[i];
    w[i] -= (v[i] * mu + g[i]) * rate;
  }),
  adagrad: (w, g, rate, [s]) => w.forEach((_, i) => {
    s[i] += g[i] * g[i];
    w[i] -= (g[i] / (Math.sqrt(s[i]) + 1e-10)) * rate;
  }),
  rmsprop: (w, g, rate, [s]) => w.forEach((_, i) => {
    s[i] = s[i] * 0.99 + g[i] * g[i] * (1 - 0.99);
    w[i] -= (g[i] / (Math.sqrt(s[i]) + 1e-8)) * rate;
  }),
  adam: (w, g, rate, [m, s], t) => w.forEach((_, i) => {
    m[i] = m[i] * 0.9 + g[i] * (1 - 0.9);
    s[i] = s[i] * 0.999 + g[i] * g[i] * (1 - 0.999);
    w[i] -= (m[i] / (Math.sqrt(s[i]) * (1 / Math.sqrt(1 - 0.999 ** t)) + 1e-8)) * (rate / (1 - 0.9 ** t));
  }),
};

/**
 * The path of a descent: the start, then one place for each step.
 * @param {Record<string, any>} settings  surface, condition, optimizer, learning_rate, momentum, noise, seed, start_a, start_b, step
 * @returns {{path: [number, number][], losses: number[], diverged: boolean, gradient: [number, number]}}
 */
export function descend(settings) {
  const { condition: k, noise } = settings;
  const { f, gradient } = lookup(LANDSCAPES, settings.surface, "surface");
  const rule = lookup(RULES, settings.optimizer, "optimizer");
  const memories = [new Float64Array(2), new Float64Array(2)];
  const at = Float64Array.of(settings.start_a, settings.start_b);
  const rng = new CounterGenerator(settings.seed, "order");
  const path = [[at[0], at[1]]];
  let diverged = false;
  for (let t = 1; t <= settings.step && !diverged; t++) {
    const g = Float64Array.from(gradient(at[0], at[1], k));
    if (noise) rng.normal(0, noise, 2).forEach((disturbance, i) => (g[i] += disturbance));
    rule(at, g, settings.learning_rate, memories, t, settings.momentum);
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
