/**
 * The perceptron's learning rule, look by look: the twin of nnlib.perceptron.learn.
 *
 * Points lie on a grid of eighths and rates are powers of two, so that every number here is exact: a score of exactly
 * 0, which the rule reads as +1, is 0 in both languages.
 */

import { CounterGenerator } from "../random.js";

/** The plane goes from −PLANE to PLANE on both axes. */
export const PLANE = 3;
export const GRID = 8;
export const PASSES = 100;
export const MOST_POINTS = 40;
const COUNT = 20;

/** What the gates say for 00, 01, 10, 11. */
const GATES = { and: [0, 0, 0, 1], or: [0, 1, 1, 1], xor: [0, 1, 1, 0] };

/** To the grid, and into the plane. @param {number} value */
export function snap(value) {
  return Math.min(PLANE, Math.max(-PLANE, Math.floor(value * GRID + 0.5) / GRID));
}

/** @typedef {[number, number, number]} Point  x₁, x₂ and the label, −1 or +1 */

/** Two clouds that x₁ alone tells apart. @param {CounterGenerator} rng @returns {Point[]} */
function clouds(rng) {
  const u = rng.uniform(-1, 1, 2 * COUNT);
  return Array.from({ length: COUNT }, (_, i) => {
    const label = i % 2 ? 1 : -1;
    return [snap(0.75 * u[2 * i] + label + 0.75), snap(2.25 * u[2 * i + 1] + 0.25 * label), label];
  });
}

/** Points on both sides of x₁ + 2x₂ = ½, all of them near to it. @param {CounterGenerator} rng @returns {Point[]} */
function narrow(rng) {
  const points = [];
  while (points.length < COUNT) {
    const [x1, x2] = [...rng.uniform(-2.5, 2.5, 2)].map(snap);
    const side = x1 + 2 * x2 - 0.5;
    if (Math.abs(side) >= 0.25 && Math.abs(side) <= 2) points.push([x1, x2, side > 0 ? 1 : -1]);
  }
  return points;
}

/**
 * The points that settings describe.
 * @param {{points: string, seed: number, own: Point[]}} settings
 * @returns {Point[]}
 */
export function pointsOf({ points, seed, own }) {
  if (points === "own") return own;
  const gate = GATES[points];
  if (gate) return gate.map((says, row) => [row >> 1, row & 1, says ? 1 : -1]);
  return (points === "narrow" ? narrow : clouds)(new CounterGenerator(seed, "data"));
}

/**
 * @typedef {Object} Look
 * @property {number} step     looks so far, this one included
 * @property {number} epoch    the pass, from 1
 * @property {number} sample   row, from 0
 * @property {number} score    w·x + b before the step
 * @property {number} label
 * @property {boolean} mistake
 * @property {number[]} before w₁, w₂, b before
 * @property {number[]} after
 * @property {number} mistakes so far
 * @property {string} ending   "", or how the last look ended: "converged", "circle", "open"
 * @property {[number, number] | null} circle  the first two passes that began alike
 * @property {number} inThisPass  mistakes of this pass so far
 */

/**
 * All looks, until a whole pass has no mistake or PASSES are over.
 * @param {Point[]} points @param {number} rate @param {CounterGenerator | null} rng  shuffles before each pass
 * @returns {Look[]}
 */
export function learn(points, rate, rng = null) {
  const looks = [];
  const starts = new Map();
  let circle = null;
  let mistakes = 0;
  let after = [0, 0, 0];
  for (let epoch = 1; epoch <= PASSES; epoch++) {
    const order = rng ? rng.permutation(points.length) : points.keys();
    if (!rng && !circle) {
      const key = after.join();
      if (starts.has(key)) circle = [starts.get(key), epoch];
      else starts.set(key, epoch);
    }
    let inThisPass = 0;
    for (const sample of order) {
      const [x1, x2, label] = points[sample];
      const before = after;
      const score = x1 * before[0] + x2 * before[1] + before[2];
      const mistake = score >= 0 !== label > 0;
      if (mistake) {
        const move = rate * label;
        after = [before[0] + move * x1, before[1] + move * x2, before[2] + move];
        mistakes += 1;
        inThisPass += 1;
      }
      looks.push({
        step: looks.length + 1, epoch, sample, score, label, mistake, before, after, mistakes, ending: "", circle: null,
        inThisPass,
      });
    }
    if (inThisPass && epoch < PASSES) continue;
    Object.assign(looks.at(-1), { ending: !inThisPass ? "converged" : circle ? "circle" : "open", circle });
    break;
  }
  return looks;
}

/**
 * The largest γ = min y·(w·x + b) over all ‖(w, b)‖ = 1, exactly; null where no line separates the classes.
 *
 * The shortest v = (w, b) with y·v·(x, 1) ≥ 1 for all points is held by at most three of them, so all sets of up to three
 * are tried. The twin of nnlib.perceptron.best_separator.
 * @param {Point[]} points
 * @returns {{gamma: number, radius: number, bound: number} | null}
 */
export function bestMargin(points) {
  const Z = points.map(([x1, x2, y]) => [y * x1, y * x2, y]);
  const n = Z.length;
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      for (let k = j; k < n; k++) {
        const held = [...new Set([i, j, k])];
        if (held.length === 2 && j !== k) continue;
        const v = shortest(held.map((row) => Z[row]));
        if (v && Z.every((z) => dot(z, v) >= 1 - 1e-9)) {
          const gamma = 1 / Math.sqrt(dot(v, v));
          const radius = Math.sqrt(Math.max(...Z.map((z) => dot(z, z))));
          return { gamma, radius, bound: (radius / gamma) ** 2 };
        }
      }
    }
  }
  return null;
}

function dot(a, b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** v = Σ αᵢzᵢ with zᵢ·v = 1 for all of them, if every αᵢ ≥ 0. @param {number[][]} held */
function shortest(held) {
  const alpha = solve(held.map((a) => [...held.map((b) => dot(a, b)), 1]));
  if (!alpha || alpha.some((share) => share < -1e-12)) return null;
  return [0, 1, 2].map((c) => held.reduce((sum, z, i) => sum + alpha[i] * z[c], 0));
}

/** Gauss with the largest pivot; null for a singular system. @param {number[][]} rows  with the right side last */
function solve(rows) {
  const n = rows.length;
  for (let c = 0; c < n; c++) {
    let best = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(rows[r][c]) > Math.abs(rows[best][c])) best = r;
    if (Math.abs(rows[best][c]) < 1e-12) return null;
    [rows[c], rows[best]] = [rows[best], rows[c]];
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const factor = rows[r][c] / rows[c][c];
      for (let k = c; k <= n; k++) rows[r][k] -= factor * rows[c][k];
    }
  }
  return rows.map((row, i) => row[n] / row[i]);
}
