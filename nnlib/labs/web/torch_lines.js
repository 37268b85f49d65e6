/**
 * How PyTorch writes what nnlib has by name, the twin of nnlib/labs/torch_lines.py.
 */

import { ACTIVATIONS } from "./activations.js";
import { floatText as f } from "./python_text.js";

/** @type {Record<string, [(z: string, p: Record<string, number>) => string, ((p: Record<string, number>) => string)?]>} */
const LINES = {
  identity: [(z) => z, () => "nn.Identity()"],
  step: [(z) => `(${z} >= 0).to(${z}.dtype)`],
  sign: [(z) => `2.0 * (${z} >= 0) - 1`],
  sigmoid: [(z) => `torch.sigmoid(${z})`, () => "nn.Sigmoid()"],
  tanh: [(z) => `torch.tanh(${z})`, () => "nn.Tanh()"],
  relu: [(z) => `F.relu(${z})`, () => "nn.ReLU()"],
  leaky_relu: [(z, { slope }) => `F.leaky_relu(${z}, ${f(slope)})`, ({ slope }) => `nn.LeakyReLU(${f(slope)})`],
  prelu: [(z, { slope }) => `F.prelu(${z}, torch.tensor(${f(slope)}, dtype=${z}.dtype))`, () => "nn.PReLU()"],
  elu: [(z, { alpha }) => `F.elu(${z}, ${f(alpha)})`, () => "nn.ELU()"],
  gelu: [(z) => `F.gelu(${z})`, () => "nn.GELU()"],
  silu: [(z) => `F.silu(${z})`, () => "nn.SiLU()"],
  swish: [(z, { beta }) => `${z} * torch.sigmoid(${f(beta)} * ${z})`, () => "nn.SiLU()"],
  softplus: [(z) => `F.softplus(${z}, threshold=1e9)`, () => "nn.Softplus(threshold=1e9)"],
};

/** The expression for an activation of the tensor named z; torch and F must be imported. @param {string} name @param {string} z */
export function torchActivation(name, z, parameters = ACTIVATIONS[name].parameters) {
  return LINES[name][0](z, parameters);
}

/** The module with its usual parameters; undefined for an activation that has no gradient. @param {string} name */
export function torchModule(name) {
  return LINES[name][1]?.(ACTIVATIONS[name].parameters);
}
