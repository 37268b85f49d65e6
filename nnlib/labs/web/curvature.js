/**
 * The curvature of a loss, the twin of nnlib/diagnosis/curvature.py: the largest eigenvalue of its Hessian, which bounds
 * the learning rate of plain gradient descent by 2/λmax.
 *
 * Products with the Hessian are differences of two gradients; Lanczos' method finds the eigenvalue from them, and begins
 * again from its best vector until that fits.
 */

import { copyOf, someSamples } from "./probing.js";

/**
 * The limits of the doctor in Python, too. Parameters times samples: a bound takes about ten passes, and of so many they
 * take 0.3 s.
 */
const LARGEST_PASS = 4e6;
const MOST_PRODUCTS = 60;
/** A reader sees two digits of the result. */
const TOLERANCE = 1e-3;
const LANCZOS_STEPS = 20;
/** How far the parameters are moved aside, off the corners of relu, and how far a difference of gradients reaches. */
const [ASIDE, STEP] = [1e-5, 1e-9];

/** 2/λmax belongs to plain gradient descent; with momentum there is a counterpart. */
const MOMENTUM = 0.9;
const BOUNDS = {
  sgd: { times: 2, formula: "2/λmax" },
  momentum: { times: 2 * (1 + MOMENTUM), formula: "2(1 + μ)/λmax" },
  nesterov: { times: (2 * (1 + MOMENTUM)) / (1 + 2 * MOMENTUM), formula: "2(1 + μ)/((1 + 2μ)λmax)" },
};

/**
 * The largest stable rate of a run's optimiser on the full batch, and its formula. Infinity where no direction is curved
 * upwards, where the optimiser has no such bound, or where it would take too long to measure.
 * @param {import("./training.js").Run} run @param {import("./random.js").CounterGenerator} rng
 * @param {boolean} [start]  measured at the initial weights, not at the present ones
 * @returns {{bound: number, formula: string}}
 */
export function largestStableRate(run, rng, start = false) {
  const { times, formula } = BOUNDS[run.settings.optimizer] ?? { times: Infinity, formula: "" };
  if (!formula || run.net.parameters.length * someSamples(run).n > LARGEST_PASS) return { bound: Infinity, formula };
  const curvature = largestCurvature(run, rng, start);
  return { bound: curvature > 0 ? times / curvature : Infinity, formula };
}

/**
 * λmax; NaN where the parameters are out of range.
 * @param {import("./training.js").Run} run @param {import("./random.js").CounterGenerator} rng
 * @param {boolean} start  at the initial weights
 */
export function largestCurvature(run, rng, start) {
  const { loss, l2 } = run;
  const net = copyOf(run, start);
  const count = net.parameters.length;
  const { X, y, n } = someSamples(run);
  const size = Math.max(1, Math.sqrt(dot(net.parameters, net.parameters) / count));
  const aside = rng.normal(0, ASIDE * size, count);
  const w = net.parameters.map((value, i) => value + aside[i]);
  const step = STEP * size;
  const gradientAt = (factor, v) => {
    for (let i = 0; i < count; i++) net.parameters[i] = w[i] + factor * v[i];
    net.lossAndGradient(X, y, 0, n, loss.name, 0);
    return net.gradient.slice();
  };
  const here = gradientAt(0, w);
  const product = (v) => gradientAt(step, v).map((value, i) => (value - here[i]) / step + l2 * net.weightMask[i] * v[i]);
  return largestEigenvalue(product, unit(Float64Array.from(rng.normal(0, 1, count))));
}

function dot(one, other) {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += one[i] * other[i];
  return sum;
}

/** v += factor·other. */
function add(v, factor, other) {
  for (let i = 0; i < v.length; i++) v[i] += factor * other[i];
}

function unit(v) {
  const length = Math.sqrt(dot(v, v));
  return v.map((value) => value / length);
}

/**
 * The largest eigenvalue of a symmetric matrix, by Lanczos' method begun again from its best vector.
 * @param {(v: Float64Array) => Float64Array} product @param {Float64Array} v  of length 1
 */
export function largestEigenvalue(product, v) {
  for (let products = 0; ; ) {
    const basis = [v];
    const [diagonal, beside] = [[], []];
    let best;
    for (let k = 0; k < Math.min(LANCZOS_STEPS, v.length); k++) {
      const u = product(basis.at(-1));
      products += 1;
      diagonal.push(dot(basis.at(-1), u));
      // Once leaves what rounding left; twice is enough.
      for (let twice = 0; twice < 2; twice++) for (const each of basis) add(u, -dot(each, u), each);
      const length = Math.sqrt(dot(u, u));
      if (!Number.isFinite(length)) return NaN;
      best = largestOfTridiagonal(diagonal, beside);
      const off = length * Math.abs(best.vector.at(-1)); // ‖Hu − λu‖ of the best combination u
      const closed = length <= 1e-10 * Math.max(1, Math.abs(diagonal[0])); // products lead nowhere new
      if (off <= TOLERANCE * Math.abs(best.value) || closed || products >= MOST_PRODUCTS) return best.value;
      beside.push(length);
      basis.push(u.map((value) => value / length));
    }
    v = new Float64Array(v.length);
    best.vector.forEach((share, k) => add(v, share, basis[k]));
    v = unit(v);
  }
}

/** The largest eigenvalue of a symmetric tridiagonal matrix and its vector, by Jacobi's rotations: it is small. */
function largestOfTridiagonal(diagonal, beside) {
  const size = diagonal.length;
  const matrix = diagonal.map((value, i) => Float64Array.from({ length: size }, (_, j) =>
    i === j ? value : Math.abs(i - j) === 1 ? beside[Math.min(i, j)] : 0));
  const vectors = matrix.map((_, i) => Float64Array.from({ length: size }, (__, j) => Number(i === j)));
  const scale = Math.max(...matrix.flatMap((row) => [...row].map(Math.abs)));
  for (let sweep = 0; sweep < 30; sweep++) {
    let off = 0;
    for (let i = 0; i < size; i++) {
      for (let j = i + 1; j < size; j++) {
        off = Math.max(off, Math.abs(matrix[i][j]));
        rotate(matrix, vectors, i, j);
      }
    }
    if (off <= 1e-13 * scale) break;
  }
  const values = matrix.map((row, i) => row[i]);
  const best = values.indexOf(Math.max(...values));
  return { value: values[best], vector: vectors.map((row) => row[best]) };
}

/** Make one entry beside the diagonal zero. */
function rotate(matrix, vectors, i, j) {
  const beside = matrix[i][j];
  if (beside === 0) return;
  const theta = (matrix[j][j] - matrix[i][i]) / (2 * beside);
  const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const cosine = 1 / Math.hypot(tangent, 1);
  const sine = tangent * cosine;
  for (const row of [...matrix, ...vectors]) {
    const [one, other] = [row[i], row[j]];
    row[i] = cosine * one - sine * other;
    row[j] = sine * one + cosine * other;
  }
  const [first, second] = [matrix[i].slice(), matrix[j].slice()];
  for (let k = 0; k < matrix.length; k++) {
    matrix[i][k] = cosine * first[k] - sine * second[k];
    matrix[j][k] = sine * first[k] + cosine * second[k];
  }
}
