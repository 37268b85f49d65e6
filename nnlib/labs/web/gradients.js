/**
 * The gradient on its way back, the twin of nnlib/diagnosis/gradients.py: how much of it arrives at each layer.
 */

/** The signal's ratio, first layer to last, below and above which deep networks learned nothing. */
export const [VANISHING, EXPLODING] = [1e-3, 1e2];

/**
 * ‖∂L/∂z‖ of each layer over a batch, z being what its dense part gives; first to last, without the penalty.
 * @param {import("./network.js").Network} net  a copy: its statistics move
 * @param {{X: Float64Array, y: Float64Array, n: number}} samples @param {string} loss
 */
export function signals(net, { X, y, n }, loss) {
  net.lossAndGradient(X, y, 0, n, loss);
  return net.signals();
}

/** The signal of the first layer divided by that of the last; 0 where nothing comes back. @param {number[]} signals */
export function signalRatio(signals) {
  const last = signals.at(-1);
  return last ? signals[0] / last : 0;
}
