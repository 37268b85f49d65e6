// What a network may be given of a point, the twin of nnlib/labs/features.py: x₁ and x₂ themselves, and
// functions of them. The data keep their points, which are painted; the inputs are computed from them.

/** name → function of x1 and x2. @type {Object<string, (x1: number, x2: number) => number>} */
export const FEATURES = {
  x1: (x1) => x1,
  x2: (x1, x2) => x2,
  x1_squared: (x1) => x1 * x1,
  x2_squared: (x1, x2) => x2 * x2,
  x1_x2: (x1, x2) => x1 * x2,
  sin_x1: (x1) => Math.sin(x1),
  sin_x2: (x1, x2) => Math.sin(x2),
};

/** The points as they are. */
export const PLAIN = Object.freeze(["x1", "x2"]);

/** True for features that are the points as they are. @param {readonly string[]} names */
export const isPlain = (names) => names.length === 2 && names[0] === "x1" && names[1] === "x2";

/**
 * The features of n points (n, 2), row-major (n, k).
 * @param {readonly string[]} names @param {Float64Array} points @param {number} n
 * @param {Float64Array} [out]
 * @returns {Float64Array} out
 */
export function computeFeatures(names, points, n, out = new Float64Array(n * names.length)) {
  const k = names.length;
  names.forEach((name, column) => {
    const feature = FEATURES[name];
    for (let s = 0, at = column; s < n; s++, at += k) out[at] = feature(points[2 * s], points[2 * s + 1]);
  });
  return out;
}
