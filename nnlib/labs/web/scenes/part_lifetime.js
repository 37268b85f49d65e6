/**
 * The part-lifetime network: two inputs, two sigmoid hidden units, one sigmoid output, L = (ŷ − y)².
 *
 * Nine parameters as one array, in nnlib's layout: W₁ (2, 2) row by row, b₁, W₂, b₂.
 */

/** Names of the parameters. */
export const NAMES = ["w₁₁", "w₁₂", "w₂₁", "w₂₂", "b₁", "b₂", "v₁", "v₂", "c"];
export const START = [1, 2, 2, -1, 0.3, -0.2, 1.5, -0.8, 1.2];
/** Length and width of the part. */
export const INPUT = [0.1, 0.2];

export function sigmoid(z) {
  return 1 / (1 + Math.exp(-z));
}

/** @param {ArrayLike<number>} p @param {number} y */
export function forward(p, y) {
  const [x1, x2] = INPUT;
  const h = [sigmoid(x1 * p[0] + x2 * p[2] + p[4]), sigmoid(x1 * p[1] + x2 * p[3] + p[5])];
  const output = sigmoid(h[0] * p[6] + h[1] * p[7] + p[8]);
  return { h, output, loss: (output - y) ** 2 };
}

/**
 * ∂L/∂p. The output layer's part uses W₂ of `p`, the hidden layer's `behind`: the same W₂, unless somebody has updated
 * W₂ before asking for it.
 * @param {ArrayLike<number>} p @param {number} y @param {ArrayLike<number>} [behind]  the two weights v₁, v₂
 */
export function gradient(p, y, behind = [p[6], p[7]]) {
  const { h, output } = forward(p, y);
  const delta2 = 2 * (output - y) * output * (1 - output);
  const delta1 = h.map((value, unit) => delta2 * behind[unit] * value * (1 - value));
  return [
    INPUT[0] * delta1[0], INPUT[0] * delta1[1], INPUT[1] * delta1[0], INPUT[1] * delta1[1], delta1[0], delta1[1],
    h[0] * delta2, h[1] * delta2, delta2,
  ];
}

/** The gradient with the bug: W₂ is updated first, and the hidden gradients then use the new one. */
export function buggyGradient(p, y, rate) {
  const right = gradient(p, y);
  return gradient(p, y, [p[6] - rate * right[6], p[7] - rate * right[7]]);
}

/** Central differences, the witness. @param {ArrayLike<number>} p @param {number} y */
export function differences(p, y, h = 1e-5) {
  return Array.from(p, (_, i) => {
    const [up, down] = [1, -1].map((sign) => {
      const moved = Array.from(p);
      moved[i] += sign * h;
      return forward(moved, y).loss;
    });
    return (up - down) / (2 * h);
  });
}

/**
 * `updates` steps of gradient descent from the first parameters.
 * @returns {{parameters: number[], losses: number[]}} where it stands, and all losses on the way, the first included
 */
export function descend({ updates, learning_rate: rate, target, new_w2: bug }) {
  let parameters = START;
  const losses = [forward(parameters, target).loss];
  for (let step = 0; step < updates; step++) {
    const g = bug ? buggyGradient(parameters, target, rate) : gradient(parameters, target);
    parameters = parameters.map((value, i) => value - rate * g[i]);
    losses.push(forward(parameters, target).loss);
  }
  return { parameters, losses };
}
