/**
 * Toy data sets in the plane: the twin of nnlib/datasets/toy.py, where each is described.
 *
 * Python and the page draw the same points from the same seed, so both draw whole arrays in the same
 * order, and at the end one permutation that shuffles the samples. Random numbers do not depend on noise.
 */

/**
 * @typedef {import("./random.js").CounterGenerator} CounterGenerator
 * @typedef {"binary" | "multiclass" | "regression"} Task
 * @typedef {{X: Float64Array, y: Float64Array, n: number}} Part n points, X row by row (x, y); y −1/+1, 0 … C−1 or values
 * @typedef {Part & {task: Task, classes: number}} Data classes is 0 for a regression
 * @typedef {{task: Task, classes: number, make: (noise: number, rng: CounterGenerator) => Data}} Toy
 * @typedef {{train: Part, test: Part, task: Task, classes: number}} Split
 */

const SAMPLES = 500;
const REGRESSION_SAMPLES = 1200;

/** @param {number} noise @param {CounterGenerator} rng */
function circle(noise, rng) {
  const n = SAMPLES;
  const inside = half(n);
  const near = rng.uniform(0, 2.5, inside);
  const far = rng.uniform(3.5, 5, n - inside);
  const angle = rng.uniform(0, 2 * Math.PI, n);
  const radius = (i) => (i < inside ? near[i] : far[i - inside]);
  const x = fill(n, (i) => radius(i) * Math.sin(angle[i]));
  const y = fill(n, (i) => radius(i) * Math.cos(angle[i]));
  const moved = move(x, y, 5 * noise, rng);
  const label = fill(n, (i) => sign(moved.x[i] ** 2 + moved.y[i] ** 2 < 2.5 ** 2));
  return shuffled(x, y, label, rng, BINARY);
}

/** @param {number} noise @param {CounterGenerator} rng */
function xor(noise, rng) {
  const n = SAMPLES;
  const x = rng.uniform(-5, 5, n).map(awayFromAxis);
  const y = rng.uniform(-5, 5, n).map(awayFromAxis);
  const moved = move(x, y, 5 * noise, rng);
  const label = fill(n, (i) => sign(moved.x[i] * moved.y[i] >= 0));
  return shuffled(x, y, label, rng, BINARY);
}

/** The truth table of XOR: the same four points train and test. @returns {Split} */
export function corners() {
  const part = () => ({ X: Float64Array.of(-3, -3, -3, 3, 3, -3, 3, 3), y: Float64Array.of(-1, 1, 1, -1), n: 4 });
  return { train: part(), test: part(), task: "binary", classes: 2 };
}

const awayFromAxis = (v) => v + (v > 0 ? 0.3 : -0.3);

/** @param {number} noise @param {CounterGenerator} rng */
function gauss(noise, rng) {
  const n = SAMPLES;
  const label = firstHalfPositive(n);
  const std = Math.sqrt(0.5 + 7 * noise);
  const x = rng.normal(0, std, n).map((dx, i) => 2 * label[i] + dx);
  const y = rng.normal(0, std, n).map((dy, i) => 2 * label[i] + dy);
  return shuffled(x, y, label, rng, BINARY);
}

/** @param {number} noise @param {CounterGenerator} rng */
function spiral(noise, rng) {
  const n = SAMPLES;
  const label = firstHalfPositive(n);
  const m = half(n);
  const along = (i) => (i < m ? i / m : (i - m) / (n - m));
  const turn = (i) => 1.75 * 2 * Math.PI * along(i) + (label[i] > 0 ? 0 : Math.PI);
  const x = fill(n, (i) => 5 * along(i) * Math.sin(turn(i)));
  const y = fill(n, (i) => 5 * along(i) * Math.cos(turn(i)));
  const moved = move(x, y, noise, rng);
  return shuffled(moved.x, moved.y, label, rng, BINARY);
}

/** @param {number} noise @param {CounterGenerator} rng */
function moons(noise, rng) {
  const n = SAMPLES;
  const label = firstHalfPositive(n);
  const angle = rng.uniform(0, Math.PI, n);
  const x = rng.normal(0, 1.5 * noise, n).map((dx, i) => label[i] * (3 * Math.cos(angle[i]) - 1.5) + dx);
  const y = rng.normal(0, 1.5 * noise, n).map((dy, i) => label[i] * (3 * Math.sin(angle[i]) - 0.75) + dy);
  return shuffled(x, y, label, rng, BINARY);
}

/** @param {number} noise @param {CounterGenerator} rng */
function blobs(noise, rng) {
  const n = SAMPLES;
  const { classes } = FOUR_CLASSES;
  const label = equalGroups(n, classes);
  const direction = label.map((c) => (2 * Math.PI * c) / classes + Math.PI / 4);
  const std = Math.sqrt(0.5 + 7 * noise);
  const x = rng.normal(0, std, n).map((dx, i) => 4 * Math.cos(direction[i]) + dx);
  const y = rng.normal(0, std, n).map((dy, i) => 4 * Math.sin(direction[i]) + dy);
  return shuffled(x, y, label, rng, FOUR_CLASSES);
}

/** @param {number} noise @param {CounterGenerator} rng */
function rings(noise, rng) {
  const n = SAMPLES;
  const ring = equalGroups(n, 4);
  const radius = rng.uniform(-0.3, 0.3, n).map((dr, i) => 1 + 1.2 * ring[i] + dr);
  const angle = rng.uniform(0, 2 * Math.PI, n);
  const x = fill(n, (i) => radius[i] * Math.sin(angle[i]));
  const y = fill(n, (i) => radius[i] * Math.cos(angle[i]));
  const moved = move(x, y, noise, rng);
  return shuffled(moved.x, moved.y, ring.map((k) => sign(k % 2 === 0)), rng, BINARY);
}

/** @param {number} noise @param {CounterGenerator} rng */
function checkerboard(noise, rng) {
  const n = SAMPLES;
  const x = rng.uniform(-5, 5, n).map(towardsMiddleOfSquare);
  const y = rng.uniform(-5, 5, n).map(towardsMiddleOfSquare);
  const moved = move(x, y, 2.5 * noise, rng);
  const label = fill(n, (i) => sign((Math.floor(moved.x[i] / 2.5) + Math.floor(moved.y[i] / 2.5)) % 2 === 0));
  return shuffled(x, y, label, rng, BINARY);
}

const towardsMiddleOfSquare = (v) => 0.9 * v + 0.1 * 2.5 * (Math.floor(v / 2.5) + 0.5);

/** @param {number} noise @param {CounterGenerator} rng */
function plane(noise, rng) {
  return regression(noise, rng, (x, y) => (x + y) / 10);
}

/** Centre and sign of each cone. */
const BUMPS = [[-4, 2.5, 1], [0, 2.5, -1], [4, 2.5, 1], [-4, -2.5, -1], [0, -2.5, 1], [4, -2.5, -1]];

/** @param {number} noise @param {CounterGenerator} rng */
function bumps(noise, rng) {
  return regression(noise, rng, (x, y) => {
    let value = 0;
    for (const [centreX, centreY, sign] of BUMPS) {
      const cone = sign * Math.max(0, 1 - Math.sqrt((x - centreX) ** 2 + (y - centreY) ** 2) / 2);
      if (Math.abs(cone) > Math.abs(value)) value = cone;
    }
    return value;
  });
}

/** Points in the whole square, with the value of a function at the place where noise moves them. */
function regression(noise, rng, value) {
  const n = REGRESSION_SAMPLES;
  const x = rng.uniform(-6, 6, n);
  const y = rng.uniform(-6, 6, n);
  const moved = move(x, y, 6 * noise, rng);
  return shuffled(x, y, fill(n, (i) => value(moved.x[i], moved.y[i])), rng, REGRESSION);
}

const BINARY = { task: "binary", classes: 2 };
const FOUR_CLASSES = { task: "multiclass", classes: 4 };
const REGRESSION = { task: "regression", classes: 0 };

/** @type {Object<string, Toy>} */
export const TOY = Object.freeze({
  circle: { ...BINARY, make: circle },
  xor: { ...BINARY, make: xor },
  gauss: { ...BINARY, make: gauss },
  spiral: { ...BINARY, make: spiral },
  moons: { ...BINARY, make: moons },
  blobs: { ...FOUR_CLASSES, make: blobs },
  rings: { ...BINARY, make: rings },
  checkerboard: { ...BINARY, make: checkerboard },
  plane: { ...REGRESSION, make: plane },
  bumps: { ...REGRESSION, make: bumps },
});

/**
 * Shuffle, and keep the first ⌊n · share⌋ points, at least one and at most n − 1, for training, the rest for testing.
 * @param {Data} data
 * @param {number} share between 0 and 1
 * @param {CounterGenerator} rng
 * @returns {Split}
 */
export function split(data, share, rng) {
  const order = rng.permutation(data.n);
  const count = Math.min(Math.max(Math.floor(data.n * share), 1), data.n - 1);
  const { task, classes } = data;
  return { train: pick(data, order.subarray(0, count)), test: pick(data, order.subarray(count)), task, classes };
}

/**
 * @param {Part} data @param {Int32Array} rows
 * @returns {Part}
 */
function pick(data, rows) {
  const X = new Float64Array(2 * rows.length);
  const y = new Float64Array(rows.length);
  rows.forEach((row, i) => {
    X[2 * i] = data.X[2 * row];
    X[2 * i + 1] = data.X[2 * row + 1];
    y[i] = data.y[row];
  });
  return { X, y, n: rows.length };
}

/** Of an odd number the first half is the larger. */
const half = (n) => Math.ceil(n / 2);

const sign = (condition) => (condition ? 1 : -1);

const fill = (n, value) => Float64Array.from({ length: n }, (_, i) => value(i));

const firstHalfPositive = (n) => fill(n, (i) => sign(i < half(n)));

/** Group numbers in order, the first groups one larger where n cannot be divided. */
function equalGroups(n, groups) {
  const numbers = new Float64Array(n);
  for (let group = 0, start = 0; group < groups; group++) {
    const end = start + Math.floor(n / groups) + (group < n % groups ? 1 : 0);
    numbers.fill(group, start, end);
    start = end;
  }
  return numbers;
}

/** Both coordinates plus U(−1, 1)·reach: first all of x is drawn, then all of y. */
function move(x, y, reach, rng) {
  const dx = rng.uniform(-1, 1, x.length);
  const dy = rng.uniform(-1, 1, y.length);
  return { x: x.map((v, i) => v + reach * dx[i]), y: y.map((v, i) => v + reach * dy[i]) };
}

function shuffled(x, y, target, rng, { task, classes }) {
  const X = new Float64Array(2 * x.length);
  x.forEach((v, i) => {
    X[2 * i] = v;
    X[2 * i + 1] = y[i];
  });
  return { ...pick({ X, y: target }, rng.permutation(x.length)), task, classes };
}
