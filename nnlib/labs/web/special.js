// Functions that JavaScript lacks (erf, erfc) or has only in a slow form (tanh).
//
// erf and erfc are W. J. Cody's rational approximations (Mathematics of Computation 23, 1969) with
// the coefficients of nnlib/special.py, so that GELU is one function in both languages. tanh is a
// table and a short polynomial: three times as fast as Math.tanh, and one call stands for a third
// of the time a small network trains.

// Coefficients from the highest power down.
const A = [
  1.85777706184603153e-1, 3.1611237438705656, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3,
];
const B = [1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3];
const C = [
  2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2,
  8.8195222124176909e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3,
];
const D = [
  1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
  3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3,
];
const P = [
  1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1,
  1.60837851487422766e-2, 6.58749161529837803e-4,
];
const Q = [
  1, 2.56852019228982242, 1.87295284992346047, 5.27905102951428412e-1, 6.05183413124413191e-2, 2.33520497626869185e-3,
];
const ONE_OVER_SQRT_PI = 5.6418958354775628695e-1;

/** @param {number[]} coefficients @param {number} x */
function polynomial(coefficients, x) {
  let value = coefficients[0];
  for (let i = 1; i < coefficients.length; i++) value = value * x + coefficients[i];
  return value;
}

/** erfc for x > 0.46875. @param {number} x */
function tail(x) {
  if (x > 28) return 0; // below the smallest float64
  // exp(−x²) loses digits because x² is rounded: split x into sixteenths and a remainder first.
  const coarse = Math.trunc(x * 16) / 16;
  const gauss = Math.exp(-coarse * coarse) * Math.exp(-(x - coarse) * (x + coarse));
  if (x <= 4) return (gauss * polynomial(C, x)) / polynomial(D, x);
  const u = 1 / (x * x);
  return (gauss * (ONE_OVER_SQRT_PI - (u * polynomial(P, u)) / polynomial(Q, u))) / x;
}

/** erf(x) = 2/√π·∫₀ˣ exp(−t²) dt; error at most 1e-15. @param {number} x */
export function erf(x) {
  const size = Math.abs(x);
  if (size <= 0.46875) return (x * polynomial(A, x * x)) / polynomial(B, x * x);
  const value = 1 - tail(size);
  return x < 0 ? -value : value;
}

/** 1 − erf(x) without cancellation for large x; relative error at most 2e-15. @param {number} x */
export function erfc(x) {
  const size = Math.abs(x);
  if (size <= 0.46875) return 1 - erf(x);
  return x > 0 ? tail(size) : 2 - tail(size);
}

// tanh at the nodes c = −20, −20 + 1/16, … 20, and its derivative there.
const STEPS = 16;
const LIMIT = 20; // beyond, tanh is ±1 in float64
const NODES = 2 * LIMIT * STEPS + 1;
const TANH = Float64Array.from({ length: NODES }, (_, i) => Math.tanh(i / STEPS - LIMIT));
const SLOPE = Float64Array.from({ length: NODES }, (_, i) => Math.cosh(i / STEPS - LIMIT) ** -2);

/**
 * tanh(z), within 2 units in the last place.
 *
 * With the nearest node c and r = z − c: tanh(c + r) = tanh c + tanh′(c)·t/(1 + t·tanh c), where
 * t = tanh r. |r| ≤ 1/32, so five terms of the Taylor series of tanh r are exact to float64.
 * @param {number} z
 */
export function tanh(z) {
  if (z > LIMIT) return 1;
  if (z < -LIMIT) return -1;
  const node = (z * STEPS + (LIMIT * STEPS + 0.5)) | 0; // rounds; NaN takes node 0 and stays NaN through r
  const r = z - (node - LIMIT * STEPS) / STEPS;
  const q = r * r;
  const t = r + r * q * (-1 / 3 + q * (2 / 15 + q * (-17 / 315 + q * (62 / 2835))));
  return TANH[node] + (SLOPE[node] * t) / (1 + TANH[node] * t);
}
