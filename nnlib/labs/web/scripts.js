/**
 * Show me the Python, the twin of nnlib/labs/scripts.py: the same scripts, text for text, where there is no kernel.
 */

import { floatText } from "./python_text.js";

/**
 * @typedef {Object} Facts  what a script must know of the run beside its settings
 * @property {number[]} sizes  @property {string} task  @property {number} samples
 * @property {string} output   @property {string} loss
 */

/** @param {import("./training.js").Run} run @returns {Facts} */
export function factsOf({ net, data, loss }) {
  return { sizes: net.widths, task: data.task, samples: data.train.n, output: net.output, loss: loss.name };
}

/**
 * A Python script that ends at the losses of the run.
 * @param {"nnlib" | "torch"} kind
 * @param {{settings: Record<string, any>, changes: [number, string, number][], stop: number | null}} linked
 * @param {Facts} facts
 * @returns {string | null} null where there is none: PyTorch cannot train units without a slope
 */
export function script(kind, { settings, changes, stop }, facts) {
  const perEpoch = Math.ceil(facts.samples / settings.batch_size);
  const last = stop ?? settings.epochs * perEpoch;
  return kind === "torch" ? torch(settings, changes, last, Math.floor(last / perEpoch), facts) : nnlib(settings, changes, last, facts);
}

const list = (values) => `[${values.join(", ")}]`;

function head(settings, { sizes, output }, imports) {
  return `${imports}

seed = ${settings.seed}
data = nnlib.datasets.${settings.dataset}(noise=${floatText(settings.noise)}, rng=CounterGenerator(seed, "data"))
data = data.split(${floatText(settings.train_share)}, rng=CounterGenerator(seed, "split"))
net = nnlib.mlp(
    ${list(sizes)}, activation="${settings.activation}", output="${output}",
    init="${settings.init}", rng=CounterGenerator(seed, "weights"),
)
`;
}

function nnlib(settings, log, last, facts) {
  const changes = log.filter(([step]) => step < last);
  const texts = changes.map(([step, field, value]) => `(${step}, '${field}', ${floatText(value)})`);
  const loop = `for step, name, value in ${list(texts)}:  # what was changed during the run
    trainer.advance(step - trainer.step)
    setattr(trainer, name, value)
`;
  return `${head(settings, facts, "import nnlib\nfrom nnlib.random import CounterGenerator")}\
trainer = nnlib.Trainer(
    net, data, loss="${facts.loss}", optimizer="${settings.optimizer}", learning_rate=${floatText(settings.learning_rate)},
    l1=${floatText(settings.l1)}, l2=${floatText(settings.l2)}, batch_size=${settings.batch_size}, rng=CounterGenerator(seed, "order"),
)
${changes.length ? loop : ""}\
trainer.advance(${last} - trainer.step)
print(f"epoch {trainer.epoch}, train loss {trainer.train_loss():.12g}, test loss {trainer.test_loss():.12g}")
`;
}

const TORCH_OPTIMIZERS = {
  sgd: "torch.optim.SGD(model.parameters(), lr=rate)",
  momentum: "torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9)",
  nesterov: "torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9, nesterov=True)",
  adagrad: "torch.optim.Adagrad(model.parameters(), lr=rate)",
  rmsprop: "torch.optim.RMSprop(model.parameters(), lr=rate)",
  adam: "torch.optim.Adam(model.parameters(), lr=rate)",
  adamw: `torch.optim.AdamW(
    [{"params": weights, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}], lr=rate
)`,
};

const TORCH_LOSSES = {
  mse: "F.mse_loss(o, t)",
  half_mse: "0.5 * F.mse_loss(o, t)",
  binary_cross_entropy: "F.binary_cross_entropy_with_logits(o, (t + 1) / 2)",
  cross_entropy: "F.cross_entropy(o, t)",
  hinge: "F.relu(1 - t * o).mean()",
  huber: "F.huber_loss(o, t)",
  perceptron: "F.relu(-t * o).mean()",
};

const TORCH_ACTIVATIONS = {
  identity: "nn.Identity()",
  sigmoid: "nn.Sigmoid()",
  tanh: "nn.Tanh()",
  relu: "nn.ReLU()",
  leaky_relu: "nn.LeakyReLU(0.01)",
  prelu: "nn.PReLU()",
  elu: "nn.ELU()",
  gelu: "nn.GELU()",
  silu: "nn.SiLU()",
  swish: "nn.SiLU()",
  softplus: "nn.Softplus(threshold=1e9)",
};

/** {step: {field: value}} as Python writes it. */
function changesByStep(changes) {
  /** @type {Map<number, Map<string, number>>} */
  const steps = new Map();
  for (const [step, field, value] of changes) steps.set(step, (steps.get(step) ?? new Map()).set(field, value));
  const inner = (fields) => [...fields].map(([field, value]) => `'${field}': ${floatText(value)}`).join(", ");
  return `{${[...steps].map(([step, fields]) => `${step}: {${inner(fields)}}`).join(", ")}}`;
}

function torch(settings, changes, last, epoch, facts) {
  const { sizes, output, task, loss, samples } = facts;
  const activation = TORCH_ACTIVATIONS[settings.activation];
  if (!activation) return null;
  const modules = sizes.slice(1).flatMap((size, i) => [`nn.Linear(${sizes[i]}, ${size})`, activation]);
  modules.pop();
  if (output !== "identity") modules.push(TORCH_ACTIVATIONS[output]);
  const targets = task === "multiclass" ? "torch.tensor(y)" : "torch.tensor(y)[:, None]";
  const l1Step = `
    with torch.no_grad():  # the L1 part: towards 0 by rate * l1, and no further
        for w in weights:
            w.copy_(w.sign() * (w.abs() - rate * l1).clamp(min=0))`;
  const usesL1 = settings.l1 !== 0 || changes.some(([, field]) => field === "l1");
  const changeLines = `
    for name, value in ${changesByStep(changes)}.get(step, {}).items():  # what was changed during the run
        if name == "learning_rate":
            rate = value
            for group in optimizer.param_groups:
                group["lr"] = rate
        elif name == "l1":
            l1 = value
        else:
            l2 = value`;
  const imports = `\
import torch
import torch.nn.functional as F
from torch import nn

import nnlib
from nnlib.random import CounterGenerator

torch.set_default_dtype(torch.float64)`;
  return `${head(settings, facts, imports)}\
model = nn.Sequential(${modules.join(", ")})
linear = [module for module in model if isinstance(module, nn.Linear)]
with torch.no_grad():  # the same first weights; PyTorch stores them (out, in)
    for module, layer in zip(linear, [layer for layer in net.layers if hasattr(layer, "W")]):
        module.weight.copy_(torch.tensor(layer.W.T.copy()))
        module.bias.copy_(torch.tensor(layer.b))
weights = [module.weight for module in linear]
others = [p for p in model.parameters() if all(p is not w for w in weights)]
rate, l1, l2 = ${floatText(settings.learning_rate)}, ${floatText(settings.l1)}, ${floatText(settings.l2)}
optimizer = ${TORCH_OPTIMIZERS[settings.optimizer]}


def loss(X, y):
    o, t = model(torch.tensor(X)), ${targets}
    return ${TORCH_LOSSES[loss]}


order, batch, position = CounterGenerator(seed, "order"), ${Math.min(settings.batch_size, samples)}, 0
for step in range(${last}):${changes.length ? changeLines : ""}
    if position == 0:
        permutation = order.permutation(len(data.X))
    rows = permutation[position : position + batch]
    position = position + batch if position + batch < len(data.X) else 0
    optimizer.zero_grad()
    objective = loss(data.X[rows], data.y[rows]) + 0.5 * l2 * sum((w**2).sum() for w in weights)
    objective.backward()
    optimizer.step()${usesL1 ? l1Step : ""}

with torch.no_grad():
    train, test = loss(data.X, data.y).item(), loss(data.X_test, data.y_test).item()
print(f"epoch ${epoch}, train loss {train:.12g}, test loss {test:.12g}")
`;
}
