/**
 * Show me the Python, for labs that train nothing: the twin of the functions that Python's scenes have as `scripts`
 * (look_at_neuron.py and its like), text for text.
 */

import { ACTIVATIONS } from "../activations.js";
import { floatText } from "../python_text.js";
import { STREAMS } from "../random.js";
import { Said } from "../said.js";
import { NORMAL, PHILOX, torchActivation } from "../torch_lines.js";
import { asciiName, GRAPHS, trace, valuesOf } from "./computation_graph.js";
import { PASSES, pointsOf } from "./perceptron_rule.js";

/** @typedef {Record<string, any>} Settings */

const f = floatText;
const list = (values) => `[${values.join(", ")}]`;

// neuron

const TABLES = { none: "", and: "(0, 0, 0, 1)", or: "(0, 1, 1, 1)", not: "(1, 1, 0, 0)", xor: "(0, 1, 1, 0)" };

const tableOf = ({ table, w1, w2, b }) => TABLES[table] && `
corners, answers = ((0, 0), (0, 1), (1, 0), (1, 1)), ${TABLES[table]}
sums = [${f(w1)} * x1 + ${f(w2)} * x2 + ${f(b)} for x1, x2 in corners]
print("right", sum((z >= 0) == bool(answer) for z, answer in zip(sums, answers)))
`;

const neuron = {
  nnlib: (s) => `import numpy as np

import nnlib

w, b = np.array([${f(s.w1)}, ${f(s.w2)}]), ${f(s.b)}
x = np.array([${f(s.x1)}, ${f(s.x2)}])

terms = w * x
z = terms.sum() + b
output = nnlib.ACTIVATIONS["${s.activation}"].f(z)
norm = np.linalg.norm(w)
print("term_1", terms[0])
print("term_2", terms[1])
print("z", z)
print("output", output)
print("norm", norm)
if norm > 0:
    print("distance", z / norm)  # from the line to the point, positive on the side where w points
${tableOf(s)}`,
  torch: (s) => `import torch
import torch.nn.functional as F

neuron = torch.nn.Linear(2, 1, dtype=torch.float64)
with torch.no_grad():
    neuron.weight.copy_(torch.tensor([[${f(s.w1)}, ${f(s.w2)}]]))
    neuron.bias.copy_(torch.tensor([${f(s.b)}]))
x = torch.tensor([${f(s.x1)}, ${f(s.x2)}], dtype=torch.float64)

with torch.no_grad():
    terms = neuron.weight[0] * x
    z = neuron(x)[0]
    output = ${torchActivation(s.activation, "z")}
    norm = neuron.weight.norm()
print("term_1", terms[0].item())
print("term_2", terms[1].item())
print("z", z.item())
print("output", output.item())
print("norm", norm.item())
if norm > 0:
    print("distance", (z / norm).item())  # from the line to the point, positive on the side where w points
${tableOf(s)}`,
};

// shapes

/** Networks with no more parameters than this are also built by the script. */
const BUILT = 1_000_000;
const widthsOf = (s) => [s.inputs, s.hidden_1, s.hidden_2, s.hidden_3, s.outputs].filter(Boolean);

const CHECK = `
net = nnlib.mlp(widths, rng=np.random.default_rng(0))
assert net.parameters.size == weights + biases
`;

const shapes = {
  nnlib(s) {
    const widths = widthsOf(s);
    const built = widths.slice(1).reduce((sum, units, l) => sum + (widths[l] + 1) * units, 0) <= BUILT;
    return `${built ? "import numpy as np\n\nimport nnlib\n\n" : ""}widths, samples = ${list(widths)}, ${s.samples}
layers = list(zip(widths, widths[1:]))  # (d_in, d_out) is the shape of each W
weights = sum(d_in * d_out for d_in, d_out in layers)
biases = sum(d_out for d_in, d_out in layers)  # one for each unit
print("layers", len(layers))
print("weights", weights)
print("biases", biases)
print("parameters", weights + biases)
print("bytes_float32", 4 * (weights + biases))
print("bytes_float64", 8 * (weights + biases))
print("multiply_adds", weights)
print("multiply_adds_batch", samples * weights)
for k, (d_in, d_out) in enumerate(layers, 1):
    print(f"parameters_{k}", d_in * d_out + d_out)
${built ? CHECK : ""}`;
  },
  torch: (s) => `import torch

widths, samples = ${list(widthsOf(s))}, ${s.samples}
with torch.device("meta"):  # shapes only, no memory
    layers = [torch.nn.Linear(d_in, d_out) for d_in, d_out in zip(widths, widths[1:])]
weights = sum(layer.weight.numel() for layer in layers)  # PyTorch stores W as (d_out, d_in)
biases = sum(layer.bias.numel() for layer in layers)
print("layers", len(layers))
print("weights", weights)
print("biases", biases)
print("parameters", weights + biases)
print("bytes_float32", torch.float32.itemsize * (weights + biases))
print("bytes_float64", torch.float64.itemsize * (weights + biases))
print("multiply_adds", weights)
print("multiply_adds_batch", samples * weights)
for k, layer in enumerate(layers, 1):
    print(f"parameters_{k}", sum(p.numel() for p in layer.parameters()))
`,
};

// activation

const SATURATED = "0.05";
const [SILU_LEAST, GELU_LEAST] = [-0.2784645427610738, -0.16997120747990369];
const RANGES = { step: [0, 1], sign: [-1, 1], sigmoid: [0, 1], tanh: [-1, 1], relu: [0, null], gelu: [GELU_LEAST, null], silu: [SILU_LEAST, null], softplus: [0, null] };

function rangeOf(name, { slope, alpha, beta }) {
  if (name === "leaky_relu" || name === "prelu") return [slope ? null : 0, null];
  if (name === "elu") return [0 - alpha, null];
  if (name === "swish") return [beta ? SILU_LEAST / beta : null, null];
  return RANGES[name] ?? [null, null];
}

/** The reader's parameter of the activation, and the lines that print its range. */
function chosen(s) {
  const parameters = Object.fromEntries(Object.keys(ACTIVATIONS[s.activation].parameters).map((name) => [name, s[name]]));
  const ends = rangeOf(s.activation, parameters);
  const range = ["low", "high"].flatMap((name, i) => (ends[i] === null ? [] : [`print("${name}", ${f(ends[i])})`]));
  return { parameters, range };
}

const activation = {
  nnlib(s) {
    const { parameters, range } = chosen(s);
    const constants = Object.entries(parameters).map(([name, value]) => `${name}=${f(value)}`).join(", ");
    const choice = `nnlib.ACTIVATIONS["${s.activation}"]${constants && `.with_parameters(${constants})`}`;
    const other = [
      `other = nnlib.ACTIVATIONS["${s.compare}"]`, 'print("other_f", other.f(z))', 'print("other_derivative", other.derivative(z))',
    ];
    const lines = [
      "import nnlib", "", `z = ${f(s.z)}`, `activation = ${choice}`, 'print("f", activation.f(z))',
      'print("derivative", activation.derivative(z))',
      `print("saturated", int(abs(activation.derivative(z)) < ${SATURATED}))`, ...range, ...(s.compare === "none" ? [] : other),
    ];
    return `${lines.join("\n")}\n`;
  },
  torch(s) {
    const { parameters, range } = chosen(s);
    const line = (name, own) => `f, derivative = value_and_slope(lambda z: ${torchActivation(name, "z", own)}, ${f(s.z)})`;
    const other = s.compare === "none" ? [] : [line(s.compare), 'print("other_f", f)', 'print("other_derivative", derivative)'];
    const lines = [
      "import torch",
      "import torch.nn.functional as F",
      "",
      "",
      "def value_and_slope(f, z):",
      "    z = torch.tensor(z, dtype=torch.float64, requires_grad=True)",
      "    a = f(z)",
      "    slope = torch.autograd.grad(a, z)[0].item() if a.requires_grad else 0.0  # a jump has no gradient",
      "    return a.item(), slope",
      "",
      "",
      line(s.activation, parameters), 'print("f", f)', 'print("derivative", derivative)',
      `print("saturated", int(abs(derivative) < ${SATURATED}))`, ...range, ...other,
    ];
    return `${lines.join("\n")}\n`;
  },
};

// descent

const OPTIMIZERS = { sgd: "SGD", momentum: "Momentum", nesterov: "Nesterov", adagrad: "AdaGrad", rmsprop: "RMSProp", adam: "Adam" };

const TORCH_OPTIMIZERS = {
  sgd: () => "SGD([w], lr=rate)",
  momentum: (mu) => `SGD([w], lr=rate, momentum=${f(mu)})`,
  nesterov: (mu) => `SGD([w], lr=rate, momentum=${f(mu)}, nesterov=${mu > 0 ? "True" : "False"})`,
  adagrad: () => "Adagrad([w], lr=rate)",
  rmsprop: () => "RMSprop([w], lr=rate)",
  adam: () => "Adam([w], lr=rate)",
};

const FORMULAS = {
  bowl: (k) => `0.5 * (a * a + ${k} * b * b)`,
  ravine: () => "(1 - a) ** 2 + 10 * (b - a * a) ** 2",
  saddle: () => "0.5 * (a * a - b * b) + 0.125 * b**4",
  two_minima: () => "0.25 * (a * a - 2) ** 2 + 0.3 * a + 0.5 * b * b",
};

const ENDING = `if lost:
    print("diverged 1")
else:
    print("at_a", a)
    print("at_b", b)
    print("loss", loss)
    print("slope", slope)
    print("diverged 0")
`;
const boundOf = (s) => (s.surface === "bowl" ? `print("bound", 2 / max(1.0, ${f(s.condition)}))  # 2 / λmax\n` : "");

const descent = {
  nnlib(s) {
    const name = OPTIMIZERS[s.optimizer];
    const optimizer = `${name}(${s.optimizer === "momentum" || s.optimizer === "nesterov" ? `momentum=${f(s.momentum)}` : ""})`;
    return `import numpy as np

from nnlib.landscapes import LANDSCAPES, LOST, descend
from nnlib.optimizers import ${name}
from nnlib.random import CounterGenerator

np.seterr(all="ignore")
path = descend(
    "${s.surface}", (${f(s.start_a)}, ${f(s.start_b)}), ${optimizer},
    ${f(s.learning_rate)}, ${s.step},
    condition=${f(s.condition)}, noise=${f(s.noise)}, rng=CounterGenerator(${s.seed}, "order"),
)
a, b = path[-1]
lost = not (np.abs(path[-1]) <= LOST).all()
loss = LANDSCAPES["${s.surface}"].f(a, b, ${f(s.condition)})
slope = np.hypot(*LANDSCAPES["${s.surface}"].gradient(a, b, ${f(s.condition)}))
print("step", len(path) - 1)
${ENDING}${boundOf(s)}`;
  },
  torch(s) {
    const noise = s.noise ? `\n    w.grad += ${f(s.noise)} * normal(rng, 2)` : "";
    const generator = `

${PHILOX}


${NORMAL}


rng = Philox(${s.seed}, ${STREAMS.order})
`;
    return `import torch

torch.set_default_dtype(torch.float64)
${s.noise ? generator : ""}w, rate, step = torch.tensor([${f(s.start_a)}, ${f(s.start_b)}], requires_grad=True), ${f(s.learning_rate)}, 0
optimizer = torch.optim.${TORCH_OPTIMIZERS[s.optimizer](s.momentum)}


def f(w):
    a, b = w
    return ${FORMULAS[s.surface](f(s.condition))}


while step < ${s.step} and (w.abs() <= 1e+06).all():
    optimizer.zero_grad()
    f(w).backward()${noise}
    optimizer.step()
    step += 1
a, b = w.tolist()
lost = not (w.abs() <= 1e+06).all()
optimizer.zero_grad()
loss = f(w)
loss.backward()
loss, slope = loss.item(), w.grad.norm().item()
print("step", step)
${ENDING}${boundOf(s)}`;
  },
};

// graph

const sum = (pairs, bias) => ({
  line: [...pairs.map(([a, b]) => `${a} * ${b}`), ...bias].join(" + "),
  slopes: [...pairs.flatMap(([a, b]) => [b, a]), ...bias.map(() => "1.0")],
});
const sigmoid = (name, z) => ({ line: `1 / (1 + math.exp(-${z}))`, slopes: [`${name} * (1 - ${name})`] });
const ERROR = { line: "(y_hat - y) ** 2", slopes: ["2 * (y_hat - y)", "-2 * (y_hat - y)"] };

/** Each operation as Python writes it, and its local derivatives; what it is made of, computation_graph.js knows. */
const LINES = {
  part_lifetime: {
    z1: sum([["x1", "w11"], ["x2", "w21"]], ["b1"]), z2: sum([["x1", "w12"], ["x2", "w22"]], ["b2"]),
    h1: sigmoid("h1", "z1"), h2: sigmoid("h2", "z2"), z: sum([["h1", "v1"], ["h2", "v2"]], ["c"]),
    y_hat: sigmoid("y_hat", "z"), L: ERROR,
  },
  neuron: {
    z: sum([["x", "w"]], ["b"]), y_hat: sigmoid("y_hat", "z"), L: ERROR,
    R: { line: "0.5 * lam * w ** 2", slopes: ["0.5 * w ** 2", "lam * w"] }, J: { line: "L + R", slopes: ["1.0", "1.0"] },
  },
  car: {
    g: { line: "p * (1 + t)", slopes: ["1 + t", "p"] }, m: sum([["g", "n"]], []), T: { line: "m + f", slopes: ["1.0", "1.0"] },
  },
};

/** What a script must know of a graph: leaves with their values, operations, edges on the way back, and the step. */
function walked(s, { values: readValues }, words) {
  const values = valuesOf(s.graph, readValues(s.values, words));
  const leaves = GRAPHS[s.graph].leaves.map((name, i) => [asciiName(name), f(values[i])]);
  const { steps } = trace(s.graph, values);
  const operations = steps.filter(({ kind }) => kind === "forward").map(({ node }) => asciiName(node.name));
  const edges = steps.filter(({ kind }) => kind === "edge").map(({ edge }) => [asciiName(edge.to), asciiName(edge.from)]);
  const count = {};
  const slopes = edges.map(([to]) => LINES[s.graph][to].slopes[(count[to] = (count[to] ?? -1) + 1)]);
  const step = Math.min(s.step, steps.length);
  const left = Math.max(0, step - operations.length - 1);
  const reached = step > operations.length ? [operations.at(-1), ...edges.slice(0, left).map(([, from]) => from)] : [];
  const names = [...leaves.map(([name]) => name), ...operations.slice(0, step)];
  return { leaves, operations, edges, slopes, step, left, gradients: [...new Set(reached)], names, lines: LINES[s.graph] };
}

const graph = {
  nnlib(s, texts, words) {
    const { leaves, operations, edges, slopes, step, left, gradients, names, lines } = walked(s, texts, words);
    const text = ["import math", "", ...leaves.map(([name, value]) => `${name} = ${value}`), "# forward"];
    text.push(...operations.slice(0, step).map((name) => `${name} = ${lines[name].line}`));
    if (gradients.length) {
      text.push("# backward: local derivative × what arrives, summed over all paths", `gradient_${operations.at(-1)} = 1.0`);
      const known = new Set([operations.at(-1)]);
      edges.slice(0, left).forEach(([to, from], i) => {
        text.push(`gradient_${from} ${known.has(from) ? "+=" : "="} (${slopes[i]}) * gradient_${to}`);
        known.add(from);
      });
    }
    text.push(`print("step", ${step})`, ...names.map((name) => `print("value_${name}", ${name})`));
    text.push(...gradients.map((name) => `print("gradient_${name}", gradient_${name})`));
    return `${text.join("\n")}\n`;
  },
  torch(s, texts, words) {
    const { leaves, operations, edges, step, left, gradients, names, lines } = walked(s, texts, words);
    const ahead = new Set(edges.slice(left).map(([, from]) => from));
    const text = ["import torch", "", "torch.set_default_dtype(torch.float64)"];
    text.push(...leaves.map(([name, value]) => `${name} = torch.tensor(${value}, requires_grad=True)`));
    text.push(...operations.map((name) => `${name} = ${lines[name].line.replace("math.exp", "torch.exp")}`));
    text.push(`for node in (${operations.join(", ")}):`, "    node.retain_grad()", `${operations.at(-1)}.backward()`);
    text.push(`print("step", ${step})`, ...names.map((name) => `print("value_${name}", ${name}.item())`));
    text.push(...gradients.filter((name) => !ahead.has(name)).map((name) => `print("gradient_${name}", ${name}.grad.item())`));
    text.push(...gradients.filter((name) => ahead.has(name)).map((name) => `# the gradient of ${name} is not summed up yet`));
    return `${text.join("\n")}\n`;
  },
};

// perceptron

const perceptron = {
  nnlib(s, { own: readPoints }, words) {
    const points = pointsOf({ points: s.point_set, seed: s.seed, own: readPoints(s.own, words) });
    if (new Set(points.map(([, , label]) => label)).size < 2) throw new Said("python_one_class");
    const shuffle = s.shuffle ? `, rng=CounterGenerator(${s.seed}, "order")` : "";
    return `from itertools import islice

import numpy as np

from nnlib.perceptron import best_separator, learn, mistake_bound
from nnlib.random import CounterGenerator

X = np.array(${list(points.map(([x1, x2]) => list([f(x1), f(x2)])))})
y = np.array(${list(points.map(([, , label]) => f(label)))})
w, b, mistakes, step = np.zeros(2), 0.0, 0, 0
looks = learn(X, y, learning_rate=${f(s.learning_rate)}, passes=${PASSES}${shuffle})
for look in islice(looks, ${s.step}):
    w, b, mistakes, step = look.w, look.b, look.mistakes, look.step
print("step", step)
if step:
    print("epoch", look.epoch)
    print("sample", look.sample)
    print("score", look.score)
print("mistakes", mistakes)
print("w1", w[0])
print("w2", w[1])
print("b", b)
print("wrong", int(((X @ w + b >= 0) != (y > 0)).sum()))
separator = best_separator(X, y)  # None where no line separates the classes
if separator:
    best_w, best_b = separator
    print("radius", np.sqrt((np.square(X).sum(axis=1) + 1).max()))
    print("gamma", (y * (X @ best_w + best_b)).min())
    print("bound", mistake_bound(X, y, best_w, best_b))
`;
  },
};

// update

const update = {
  nnlib: (s) => `import numpy as np

import nnlib

X, y, rate = np.array([[0.1, 0.2]]), np.array([[${f(s.target)}]]), ${f(s.learning_rate)}
net = nnlib.mlp([2, 2, 1], activation="sigmoid", output="sigmoid", rng=np.random.default_rng(0))
net.parameters[:] = [1.0, 2.0, 2.0, -1.0, 0.3, -0.2, 1.5, -0.8, 1.2]


def gradients():
    loss, right = net.loss_and_gradient(X, y, loss="mse")
    # The common bug: W2 is updated first, and the hidden gradients then use the new one.
    h = 1 / (1 + np.exp(-(X[0] @ net.parameters[:4].reshape(2, 2) + net.parameters[4:6])))
    delta = right[8] * (net.parameters[6:8] - rate * right[6:8]) * h * (1 - h)
    wrong = np.concatenate([X[0, 0] * delta, X[0, 1] * delta, delta, right[6:]])
    return loss, {"right": right.copy(), "wrong": wrong}


for update in range(${s.updates}):
    net.parameters -= rate * gradients()[1]["${s.new_w2 ? "wrong" : "right"}"]
loss, gradient = gradients()
print("updates", ${s.updates})
print("output", net(X)[0, 0])
print("loss", loss)
for name, value, slope in zip(['w11', 'w12', 'w21', 'w22', 'b1', 'b2', 'v1', 'v2', 'c'], net.parameters, gradient["${s.new_w2 ? "wrong" : "right"}"]):
    print(name, value)
    print(f"gradient_{name}", slope)
here = net.parameters.copy()
for name in ("right", "wrong"):
    net.parameters[:] = here - rate * gradient[name]
    print(f"next_output_{name}", net(X)[0, 0])
    print(f"next_loss_{name}", gradients()[0])
`,
  torch: (s) => `import torch

torch.set_default_dtype(torch.float64)
x, y, rate = torch.tensor([[0.1, 0.2]]), torch.tensor([[${f(s.target)}]]), ${f(s.learning_rate)}
hidden, last = torch.nn.Linear(2, 2), torch.nn.Linear(2, 1)
with torch.no_grad():  # PyTorch stores weights (out, in)
    hidden.weight.copy_(torch.tensor([[1.0, 2.0], [2.0, -1.0]]))
    hidden.bias.copy_(torch.tensor([0.3, -0.2]))
    last.weight.copy_(torch.tensor([[1.5, -0.8]]))
    last.bias.copy_(torch.tensor([1.2]))
model = torch.nn.Sequential(hidden, torch.nn.Sigmoid(), last, torch.nn.Sigmoid())
parameters = list(model.parameters())


def gradients():
    loss = ((model(x) - y) ** 2).mean()
    right = torch.autograd.grad(loss, parameters)
    # The common bug, by hand, for backward itself always uses the old W2: the last layer is updated first.
    h = torch.sigmoid(hidden(x))[0].detach()
    delta = right[3] * (last.weight[0].detach() - rate * right[2][0]) * h * (1 - h)
    return loss.item(), {"right": right, "wrong": (delta[:, None] * x, delta, *right[2:])}


def step(gradient):
    with torch.no_grad():
        for p, g in zip(parameters, gradient):
            p -= rate * g


for update in range(${s.updates}):
    step(gradients()[1]["${s.new_w2 ? "wrong" : "right"}"])
loss, gradient = gradients()
print("updates", ${s.updates})
print("output", model(x).item())
print("loss", loss)
flat = lambda parts: torch.cat([parts[0].T.flatten(), parts[1], parts[2].flatten(), parts[3]]).tolist()
used = gradient["${s.new_w2 ? "wrong" : "right"}"]
for name, value, slope in zip(['w11', 'w12', 'w21', 'w22', 'b1', 'b2', 'v1', 'v2', 'c'], flat(parameters), flat(used)):
    print(name, value)
    print(f"gradient_{name}", slope)
here = [p.detach().clone() for p in parameters]
for name in ("right", "wrong"):
    step(gradient[name])
    print(f"next_output_{name}", model(x).item())
    print(f"next_loss_{name}", gradients()[0])
    with torch.no_grad():
        for p, value in zip(parameters, here):
            p.copy_(value)
`,
};

/** @type {Record<string, Record<string, (settings: Settings, texts: any, words: import("../words.js").Words) => string>>} */
const SCRIPTS = { neuron, shapes, perceptron, activation, graph, update, descent };

/**
 * The scripts of a scene by kind, as Python writes them.
 * @param {string} lab @param {Settings} settings @param {Record<string, (text: string, words: any) => any>} texts
 * @param {import("../words.js").Words} words
 */
export function sceneScript(lab, kind, settings, texts, words) {
  return SCRIPTS[lab][kind](settings, texts, words);
}

/** @param {string} lab */
export const kindsOf = (lab) => Object.keys(SCRIPTS[lab] ?? {});
