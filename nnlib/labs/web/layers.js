// The dense layer z = x·W + b over a batch: one loop forward, two loops backward.
//
// x is (n, inputs), W (inputs, outputs) row-major at `offset` in the flat parameters, b right after it,
// z and its gradient d (n, outputs). Each loop computes four neighbouring results at a time: they
// share what they read, and the processor can work on four independent sums at once, where one sum
// would wait for its own last addition. The short loops behind serve what is left over.

/** z ← x·W + b; the batch starts at row `start` of x. */
export function forward(x, start, n, inputs, outputs, parameters, offset, z) {
  const bias = offset + inputs * outputs;
  const fours = outputs - (outputs % 4);
  // Two rows at a time share the weights as well: painting, which has thousands of rows, gains half again.
  // Of an odd number the last row goes with itself.
  for (let s = 0; s < n; s += 2) {
    const partner = s + 1 < n ? s + 1 : s;
    const x0 = (start + s) * inputs;
    const x1 = (start + partner) * inputs;
    const z0 = s * outputs;
    const z1 = partner * outputs;
    for (let j = 0; j < fours; j += 4) {
      let a0 = parameters[bias + j];
      let a1 = parameters[bias + j + 1];
      let a2 = parameters[bias + j + 2];
      let a3 = parameters[bias + j + 3];
      let b0 = a0;
      let b1 = a1;
      let b2 = a2;
      let b3 = a3;
      for (let i = 0, w = offset + j; i < inputs; i++, w += outputs) {
        const a = x[x0 + i];
        const b = x[x1 + i];
        const w0 = parameters[w];
        const w1 = parameters[w + 1];
        const w2 = parameters[w + 2];
        const w3 = parameters[w + 3];
        a0 += a * w0;
        a1 += a * w1;
        a2 += a * w2;
        a3 += a * w3;
        b0 += b * w0;
        b1 += b * w1;
        b2 += b * w2;
        b3 += b * w3;
      }
      z[z0 + j] = a0;
      z[z0 + j + 1] = a1;
      z[z0 + j + 2] = a2;
      z[z0 + j + 3] = a3;
      z[z1 + j] = b0;
      z[z1 + j + 1] = b1;
      z[z1 + j + 2] = b2;
      z[z1 + j + 3] = b3;
    }
    for (let j = fours; j < outputs; j++) {
      let a = parameters[bias + j];
      let b = a;
      for (let i = 0, w = offset + j; i < inputs; i++, w += outputs) {
        a += x[x0 + i] * parameters[w];
        b += x[x1 + i] * parameters[w];
      }
      z[z0 + j] = a;
      z[z1 + j] = b;
    }
  }
}

/** ∂W ← xᵀ·d and ∂b ← Σ d over the rows, written into `gradient` where W and b are in the parameters. */
export function parameterGradient(x, start, n, inputs, outputs, d, gradient, offset) {
  const bias = offset + inputs * outputs;
  const first = start * inputs;
  const fours = outputs - (outputs % 4);
  for (let j = 0; j < fours; j += 4) {
    // Row `inputs` is b: its x is 1.
    for (let i = 0; i <= inputs; i++) {
      let g0 = 0;
      let g1 = 0;
      let g2 = 0;
      let g3 = 0;
      if (i < inputs) {
        for (let s = 0, at = first + i, row = j; s < n; s++, at += inputs, row += outputs) {
          const value = x[at];
          g0 += value * d[row];
          g1 += value * d[row + 1];
          g2 += value * d[row + 2];
          g3 += value * d[row + 3];
        }
      } else {
        for (let s = 0, row = j; s < n; s++, row += outputs) {
          g0 += d[row];
          g1 += d[row + 1];
          g2 += d[row + 2];
          g3 += d[row + 3];
        }
      }
      const w = offset + i * outputs + j;
      gradient[w] = g0;
      gradient[w + 1] = g1;
      gradient[w + 2] = g2;
      gradient[w + 3] = g3;
    }
  }
  for (let j = fours; j < outputs; j++) {
    for (let i = 0; i < inputs; i++) {
      let sum = 0;
      for (let s = 0; s < n; s++) sum += x[first + s * inputs + i] * d[s * outputs + j];
      gradient[offset + i * outputs + j] = sum;
    }
    let sum = 0;
    for (let s = 0; s < n; s++) sum += d[s * outputs + j];
    gradient[bias + j] = sum;
  }
}

/** ∂x ← d·Wᵀ. */
export function inputGradient(d, n, inputs, outputs, parameters, offset, dx) {
  const fours = inputs - (inputs % 4);
  for (let s = 0; s < n; s++) {
    const dRow = s * outputs;
    const xRow = s * inputs;
    for (let i = 0; i < fours; i += 4) {
      const w0 = offset + i * outputs;
      const w1 = w0 + outputs;
      const w2 = w1 + outputs;
      const w3 = w2 + outputs;
      let x0 = 0;
      let x1 = 0;
      let x2 = 0;
      let x3 = 0;
      for (let j = 0; j < outputs; j++) {
        const value = d[dRow + j];
        x0 += value * parameters[w0 + j];
        x1 += value * parameters[w1 + j];
        x2 += value * parameters[w2 + j];
        x3 += value * parameters[w3 + j];
      }
      dx[xRow + i] = x0;
      dx[xRow + i + 1] = x1;
      dx[xRow + i + 2] = x2;
      dx[xRow + i + 3] = x3;
    }
    for (let i = fours; i < inputs; i++) {
      const w = offset + i * outputs;
      let sum = 0;
      for (let j = 0; j < outputs; j++) sum += d[dRow + j] * parameters[w + j];
      dx[xRow + i] = sum;
    }
  }
}
