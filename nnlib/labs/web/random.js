/**
 * Random numbers that the page and Python agree on: the twin of nnlib/random.py.
 *
 * Number k of a stream is a function of (seed, stream, k) alone, Philox4x32-10, computed with 32-bit
 * integer arithmetic. Uniform numbers and permutations equal Python's bit for bit; normal numbers
 * pass through log, cos and sin, whose last bit differs between languages.
 */

/** One stream for each purpose: more data never changes the weights, a new batch order never the data. */
export const STREAMS = Object.freeze({ data: 0, split: 1, weights: 2, order: 3, dropout: 4 });

const MAX_SEED = 2 ** 32 - 1;
const WORDS = new Uint32Array(4);

/**
 * Return the high 32 bits of the 64-bit product of a and m = 2¹⁶·high + low, from four products of 16-bit pieces.
 *
 * @param {number} a @param {number} high @param {number} low
 * @returns {number} a 32-bit integer, of either sign
 */
function highProduct(a, high, low) {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const middle = (Math.imul(a1, low) >>> 0) + (Math.imul(a0, low) >>> 16);
  const carry = (Math.imul(a0, high) >>> 0) + (middle & 0xffff);
  return (Math.imul(a1, high) + (middle >>> 16) + (carry >>> 16)) | 0;
}

/**
 * Write Philox4x32-10 of a counter of four words under a key of two words into `out`.
 *
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 *
 * @param {number} c0 @param {number} c1 @param {number} c2 @param {number} c3
 * @param {number} k0 @param {number} k1
 * @param {Uint32Array} [out] four words
 * @returns {Uint32Array} out
 */
export function philox(c0, c1, c2, c3, k0, k1, out = new Uint32Array(4)) {
  for (let round = 0; round < 10; round++) {
    const high0 = highProduct(c0, 0xd251, 0x1f53);
    const high1 = highProduct(c2, 0xcd9e, 0x8d57);
    const low0 = Math.imul(c0, 0xd2511f53);
    const low1 = Math.imul(c2, 0xcd9e8d57);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
  return out;
}

/** A generator of uniform and normal numbers and permutations, equal in Python and JavaScript. */
export class CounterGenerator {
  /**
   * @param {number} seed 0 … 2³² − 1; seed 0 is a seed like any other
   * @param {string|number} [stream] a name of STREAMS or its number
   */
  constructor(seed, stream = "data") {
    if (!Number.isInteger(seed) || seed < 0 || seed > MAX_SEED) {
      throw new RangeError(`seed must be an integer from 0 to ${MAX_SEED}, not ${seed}`);
    }
    if (typeof stream === "string") {
      if (!Object.hasOwn(STREAMS, stream)) {
        throw new RangeError(`unknown stream '${stream}'; known: ${Object.keys(STREAMS).join(", ")}`);
      }
      stream = STREAMS[stream];
    }
    this.seed = seed;
    this.stream = stream;
    /** How many uniform numbers have been drawn. */
    this.position = 0;
  }

  /**
   * Return n numbers uniform in [0, 1).
   *
   * Number k takes words 2(k mod 2) and 2(k mod 2) + 1 of block ⌊k/2⌋, as ((a >> 5)·2²⁶ + (b >> 6)) / 2⁵³.
   * @param {number} n
   * @returns {Float64Array}
   */
  random(n) {
    const uniforms = new Float64Array(n);
    const end = this.position + n;
    for (let k = this.position; k < end; ) {
      const block = Math.floor(k / 2);
      philox(block, Math.floor(block / 2 ** 32), 0, 0, this.seed, this.stream, WORDS);
      for (let word = 2 * (k % 2); word < 4 && k < end; word += 2, k++) {
        uniforms[k - this.position] = ((WORDS[word] >>> 5) * 67108864 + (WORDS[word + 1] >>> 6)) / 9007199254740992;
      }
    }
    this.position = end;
    return uniforms;
  }

  /**
   * Return n numbers uniform in [low, high): low + (high − low)·u.
   * @param {number} low @param {number} high @param {number} n
   * @returns {Float64Array}
   */
  uniform(low, high, n) {
    const numbers = this.random(n);
    for (let i = 0; i < n; i++) numbers[i] = low + (high - low) * numbers[i];
    return numbers;
  }

  /**
   * Return n normal numbers by Box–Muller: √(−2 ln(1 − u₁))·(cos 2πu₂, sin 2πu₂).
   *
   * Two uniforms make two numbers, taken in that order; of an odd count the last sine is dropped.
   * @param {number} loc mean @param {number} scale standard deviation @param {number} n
   * @returns {Float64Array}
   */
  normal(loc, scale, n) {
    const u = this.random(2 * Math.ceil(n / 2));
    const numbers = new Float64Array(n);
    for (let i = 0; i < n; i += 2) {
      const radius = Math.sqrt(-2 * Math.log(1 - u[i]));
      const angle = 2 * Math.PI * u[i + 1];
      numbers[i] = loc + scale * (radius * Math.cos(angle));
      if (i + 1 < n) numbers[i + 1] = loc + scale * (radius * Math.sin(angle));
    }
    return numbers;
  }

  /**
   * Return 0 … n−1 in random order: the stable argsort of n uniforms.
   *
   * Every epoch needs one, so it must be quick. Uniform numbers fall evenly into n buckets by ⌊n·u⌋ (never
   * n itself, by the rounding of u < 1). Counting puts them there in order, insertion finishes the few
   * that share a bucket: linear time, and equal numbers keep their order.
   * @param {number} n
   * @returns {Int32Array}
   */
  permutation(n) {
    const u = this.random(n);
    const starts = new Int32Array(n + 1);
    for (let i = 0; i < n; i++) starts[Math.floor(u[i] * n) + 1]++;
    for (let bucket = 0; bucket < n; bucket++) starts[bucket + 1] += starts[bucket];
    const order = new Int32Array(n);
    const sorted = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      const place = starts[Math.floor(u[i] * n)]++;
      order[place] = i;
      sorted[place] = u[i];
    }
    for (let i = 1; i < n; i++) {
      const key = sorted[i];
      const index = order[i];
      let j = i;
      for (; j > 0 && sorted[j - 1] > key; j--) {
        sorted[j] = sorted[j - 1];
        order[j] = order[j - 1];
      }
      sorted[j] = key;
      order[j] = index;
    }
    return order;
  }
}
