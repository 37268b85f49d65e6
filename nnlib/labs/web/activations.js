// Activation functions, the twin of nnlib/activations.py: same names, formulas and kinks.
//
// An entry has scalar functions, which plots and the book's labs use, and the two loops that training
// runs over whole batches. The loops look alike but are written out for each entry: a compiler can
// build a function into a loop only where it knows which function it is, and a call for every number
// would cost more than the function itself. Derivatives are written from the output a where that is
// cheap. At a kink the derivative is the value from the left; step and sign take the upper value at 0.

import { erf, erfc, tanh } from "./special.js";

export { erf, erfc };

/**
 * @typedef {Object} Activation
 * @property {string} name
 * @property {Object<string, number>} parameters constants with their defaults, at most one
 * @property {string} learnable the parameter that training adjusts, one per layer; "" for none
 * @property {(z: number, p?: number) => number} f f(z); p replaces the parameter's default
 * @property {(z: number, p?: number) => number} derivative f′(z)
 * @property {(z: Float64Array, a: Float64Array, n: number, p: number) => void} forward
 *   a ← f(z) for n numbers; a may be z itself
 * @property {(z: Float64Array, a: Float64Array, d: Float64Array, n: number, p: number) => void} backward
 *   d ← d·f′(z), where d is the gradient by a
 * @property {(z: Float64Array, d: Float64Array, n: number) => number} [parameterGradient]
 *   Σ d·∂f/∂p of a learnable parameter
 */

const SQRT_HALF = Math.SQRT1_2;
const ONE_OVER_SQRT_TAU = 1 / Math.sqrt(2 * Math.PI);

// --- the functions, forward and backward side by side; slope(z, a, p) may use the output a --------

const identity = (z) => z;
const identitySlope = () => 1;

const step = (z) => (z >= 0 ? 1 : 0);
const sign = (z) => (z >= 0 ? 1 : -1);
const zeroSlope = () => 0;

// e^−|z| never overflows, and dividing by 1 + e^−|z| keeps the small values of the left tail.
function sigmoid(z) {
  const e = Math.exp(-Math.abs(z));
  return (z < 0 ? e : 1) / (1 + e);
}
const sigmoidSlope = (z, a) => a * (1 - a);

const tanhSlope = (z, a) => 1 - a * a;

const relu = (z) => Math.max(z, 0);
const reluSlope = (z) => (z > 0 ? 1 : 0);

const leakyRelu = (z, slope) => (z < 0 ? slope * z : z);
const leakyReluSlope = (z, a, slope) => (z > 0 ? 1 : slope);

const elu = (z, alpha) => (z > 0 ? z : alpha * Math.expm1(z));
const eluSlope = (z, a, alpha) => (z > 0 ? 1 : a + alpha); // α·e^z = f(z) + α

// Φ(z) by erfc: no cancellation in the left tail.
const gelu = (z) => z * 0.5 * erfc(-z * SQRT_HALF);
function geluSlope(z) {
  const near = Math.max(-40, Math.min(40, z)); // the density is 0 long before
  return 0.5 * erfc(-z * SQRT_HALF) + near * ONE_OVER_SQRT_TAU * Math.exp(-0.5 * near * near);
}

const swish = (z, beta) => z * sigmoid(beta * z);
// f′ = σ + σ(1 − σ)·βz, multiplied in this order: where σ is 0 or 1, βz may be anything.
function swishSlope(z, a, beta) {
  const gate = sigmoid(beta * z);
  return gate + (1 - gate) * gate * beta * z;
}

// log(1 + e^z) = max(z, 0) + log1p(e^−|z|): exp never overflows.
const softplus = (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
const softplusSlope = (z) => sigmoid(z);

// --- the registry -----------------------------------------------------------------------------------

/** @returns {Activation} */
function entry(name, f, slope, forward, backward, parameters = {}, learned = {}) {
  const [standard] = Object.values(parameters);
  return {
    name,
    parameters,
    learnable: "",
    f: (z, p = standard) => f(z, p),
    derivative: (z, p = standard) => slope(z, f(z, p), p),
    forward,
    backward,
    ...learned,
  };
}

const zeroBackward = (z, a, d, n) => { d.fill(0, 0, n); };
const leakyForward = (z, a, n, p) => { for (let i = 0; i < n; i++) a[i] = leakyRelu(z[i], p); };
const leakyBackward = (z, a, d, n, p) => { for (let i = 0; i < n; i++) d[i] *= leakyReluSlope(z[i], a[i], p); };
const swishForward = (z, a, n, p) => { for (let i = 0; i < n; i++) a[i] = swish(z[i], p); };
const swishBackward = (z, a, d, n, p) => { for (let i = 0; i < n; i++) d[i] *= swishSlope(z[i], a[i], p); };

function slopeGradient(z, d, n) {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += d[i] * Math.min(z[i], 0);
  return sum;
}

const ENTRIES = [
  entry("identity", identity, identitySlope,
    (z, a, n) => { for (let i = 0; i < n; i++) a[i] = z[i]; },
    () => {}),
  entry("step", step, zeroSlope,
    (z, a, n) => { for (let i = 0; i < n; i++) a[i] = step(z[i]); },
    zeroBackward),
  entry("sign", sign, zeroSlope,
    (z, a, n) => { for (let i = 0; i < n; i++) a[i] = sign(z[i]); },
    zeroBackward),
  entry("sigmoid", sigmoid, sigmoidSlope,
    (z, a, n) => { for (let i = 0; i < n; i++) a[i] = sigmoid(z[i]); },
    (z, a, d, n) => { for (let i = 0; i < n; i++) d[i] *= sigmoidSlope(z[i], a[i]); }),
  entry("tanh", tanh, tanhSlope,
    (z, a, n) => { for (let i = 0; i < n; i++) a[i] = tanh(z[i]); },
    (z, a, d, n) => { for (let i = 0; i < n; i++) d[i] *= tanhSlope(z[i], a[i]); }),
  entry("relu", relu, reluSlope,
    (z, a, n) => { for (let i = 0; i < n; i++) a[i] = relu(z[i]); },
    (z, a, d, n) => { for (let i = 0; i < n; i++) d[i] *= reluSlope(z[i]); }),
  entry("leaky_relu", leakyRelu, leakyReluSlope, leakyForward, leakyBackward, { slope: 0.01 }),
  entry("prelu", leakyRelu, leakyReluSlope, leakyForward, leakyBackward, { slope: 0.25 },
    { learnable: "slope", parameterGradient: slopeGradient }),
  entry("elu", elu, eluSlope,
    (z, a, n, p) => { for (let i = 0; i < n; i++) a[i] = elu(z[i], p); },
    (z, a, d, n, p) => { for (let i = 0; i < n; i++) d[i] *= eluSlope(z[i], a[i], p); },
    { alpha: 1 }),
  entry("gelu", gelu, geluSlope,
    (z, a, n) => { for (let i = 0; i < n; i++) a[i] = gelu(z[i]); },
    (z, a, d, n) => { for (let i = 0; i < n; i++) d[i] *= geluSlope(z[i]); }),
  entry("silu", (z) => swish(z, 1), (z, a) => swishSlope(z, a, 1),
    (z, a, n) => swishForward(z, a, n, 1),
    (z, a, d, n) => swishBackward(z, a, d, n, 1)),
  entry("swish", swish, swishSlope, swishForward, swishBackward, { beta: 1 }),
  entry("softplus", softplus, softplusSlope,
    (z, a, n) => { for (let i = 0; i < n; i++) a[i] = softplus(z[i]); },
    (z, a, d, n) => { for (let i = 0; i < n; i++) d[i] *= softplusSlope(z[i]); }),
];

/** name → Activation. @type {Object<string, Activation>} */
export const ACTIVATIONS = Object.fromEntries(ENTRIES.map((one) => [one.name, one]));
