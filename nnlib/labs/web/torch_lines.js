/**
 * How PyTorch writes what nnlib has by name, the twin of nnlib/labs/torch_lines.py.
 */

import { ACTIVATIONS } from "./activations.js";
import { floatText as f } from "./python_text.js";
import { STREAMS } from "./random.js";

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

// Random numbers: the generator of random.js in PyTorch

export const PHILOX = `class Philox:  # Philox4x32-10, where the lab's random numbers come from: the same in every language
    def __init__(self, seed, stream):
        self.key, self.drawn = (seed, stream), 0

    def random(self, n):  # n numbers in [0, 1); each block of four words makes two
        a = torch.arange(self.drawn // 2, (self.drawn + n + 1) // 2)
        b, c, d, low = 0 * a, 0 * a, 0 * a, 0xFFFFFFFF
        k, m = self.key
        for _ in range(10):
            p, q = 0xD2511F53 * a, 0xCD9E8D57 * c
            a, b, c, d = (q >> 32 & low) ^ b ^ k, q & low, (p >> 32 & low) ^ d ^ m, p & low
            k, m = k + 0x9E3779B9 & low, m + 0xBB67AE85 & low
        words = torch.stack([a, b, c, d], dim=1).view(-1, 2)[self.drawn % 2 :][:n]
        self.drawn += n
        return ((words[:, 0] >> 5) * 2**26 + (words[:, 1] >> 6)) / 2**53`;

export const NORMAL = `def normal(rng, n):  # n normal numbers by Box and Muller, two from each two uniform ones
    u = rng.random(n + n % 2).view(-1, 2)
    radius, angle = torch.sqrt(-2 * torch.log(1 - u[:, 0])), 2 * torch.pi * u[:, 1]
    return torch.stack([radius * torch.cos(angle), radius * torch.sin(angle)], dim=1).flatten()[:n]`;

const UNIFORM_WEIGHTS = "-a + 2 * a * rng.random(d_in * d_out)";
const NORMAL_WEIGHTS = "std * normal(rng, d_in * d_out)";

/** What is computed first, and the weights of a layer. @type {Record<string, [string, string]>} */
const INITIALIZERS = {
  zeros: ["", "torch.zeros(d_in * d_out)"],
  constant: ["", "torch.full((d_in * d_out,), 0.1)"],
  uniform: ["a = 0.5", UNIFORM_WEIGHTS],
  normal: ["std = 0.1", NORMAL_WEIGHTS],
  xavier_uniform: ["a = math.sqrt(6 / (d_in + d_out))", UNIFORM_WEIGHTS],
  xavier_normal: ["std = math.sqrt(2 / (d_in + d_out))", NORMAL_WEIGHTS],
  he_uniform: ["a = math.sqrt(6 / d_in)", UNIFORM_WEIGHTS],
  he_normal: ["std = math.sqrt(2 / d_in)", NORMAL_WEIGHTS],
};

/** The functions that draw a layer's first weights by an initializer's rule; PHILOX must stand above them. @param {string} name */
export function torchInitializer(name) {
  const [first, weights] = INITIALIZERS[name];
  const draw = `def draw(d_in, d_out, rng=Philox(seed, ${STREAMS.weights})):  # the rule "${name}"
${first && `    ${first}\n`}    return ${weights}`;
  return weights === NORMAL_WEIGHTS ? [NORMAL, draw] : [draw];
}
