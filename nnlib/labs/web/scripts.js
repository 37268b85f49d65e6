/**
 * Show me the Python, the twin of nnlib/labs/scripts.py: the same scripts, text for text, where there is no kernel.
 */

import { taskOf, trainsOf } from "./own_points.js";
import { floatText, shortText } from "./python_text.js";
import { Said } from "./said.js";
import { torchModule } from "./torch_lines.js";
import { hiddenActivations, parameterIndex } from "./training.js";

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
 * @throws {Said} where there is none: not everything that nnlib trains can PyTorch train
 */
export function script(kind, { settings, changes, stop }, facts) {
  const last = stop ?? settings.epochs * Math.ceil(facts.samples / settings.batch_size);
  return (kind === "torch" ? torch : nnlib)(settings, changes, last, facts);
}

const list = (values) => `[${values.join(", ")}]`;
const quoted = (name) => `"${name}"`;
const isPlain = ({ features }) => features.length === 2 && features[0] === "x1" && features[1] === "x2";

// The beginning of both scripts: imports, seed, data

function head(settings, imports) {
  const made = `data = nnlib.datasets.${settings.dataset}(noise=${floatText(settings.noise)}, rng=CounterGenerator(seed, "data"))
data = data.split(${floatText(settings.train_share)}, rng=CounterGenerator(seed, "split"))
`;
  const lines = { own: () => ownLines(settings), corners: () => "data = nnlib.datasets.corners()\n" };
  return `${imports}

seed = ${settings.seed}
${lines[settings.dataset]?.() ?? made}${isPlain(settings) ? "" : featureLines(settings.features)}`;
}

/** The twin of script_lines in nnlib/labs/own_points.py. */
function ownLines({ points, points_task, train_share }) {
  const trains = trainsOf(points, train_share);
  const table = (wanted) => tableOf(points.filter((_, i) => trains[i] === wanted));
  return `train = [  # x1, x2, label
${table(true)}]
test = [
${table(false)}]
data = nnlib.datasets.Dataset(
    [point[:2] for point in train], [point[2] for point in train], "${taskOf(points, points_task)}",
    X_test=[point[:2] for point in test], y_test=[point[2] for point in test],
)
`;
}

function tableOf(points) {
  const lines = ["   "];
  for (const point of points) {
    const text = ` (${point.slice(0, 3).map(shortText).join(", ")}),`;
    if (lines.at(-1).length + text.length > 112) lines.push("   ");
    lines[lines.length - 1] += text;
  }
  return lines.map((line) => `${line}\n`).join("");
}

const FEATURES = {
  x1: "x1",
  x2: "x2",
  x1_squared: "x1 * x1",
  x2_squared: "x2 * x2",
  x1_x2: "x1 * x2",
  sin_x1: "np.sin(x1)",
  sin_x2: "np.sin(x2)",
};

const numpy = (settings) => (isPlain(settings) ? "" : "import numpy as np\n");

const featureLines = (names) => `

def features(points):  # what the network is given of each point
    x1, x2 = points.T
    return np.column_stack(${list(names.map((name) => FEATURES[name]))})


data = nnlib.datasets.Dataset(
    features(data.X), data.y, X_test=features(data.X_test), y_test=data.y_test, task=data.task, names=data.names
)
`;

// The network

function mlp(settings, { sizes, output }) {
  const functions = hiddenActivations(settings);
  const same = functions.every((name) => name === settings.activation);
  return `net = nnlib.mlp(
    ${list(sizes)}, activation=${same ? quoted(settings.activation) : list(functions.map(quoted))}, output="${output}",
    init="${settings.init}", bias=${floatText(settings.bias)}, rng=CounterGenerator(seed, "weights"),
)
`;
}

/** An mlp, or a row of layers for what an mlp does not have. */
function network(settings, facts) {
  const { sizes, output } = facts;
  if (!settings.batch_norm && settings.dropout === 0) return mlp(settings, facts);
  const norm = settings.batch_norm ? "BatchNorm(), " : "";
  const drop = settings.dropout > 0 ? `, Dropout(${floatText(settings.dropout)})` : "";
  const lines = hiddenActivations(settings).map((name, l) => `    Dense(${sizes[l + 1]}), ${norm}"${name}"${drop},\n`);
  return `layers = [
${lines.join("")}    Dense(${sizes.at(-1)})${output === "identity" ? "" : `, "${output}"`},
]
net = nnlib.sequential(
    ${sizes[0]}, layers, init="${settings.init}", bias=${floatText(settings.bias)}, rng=CounterGenerator(seed, "weights")
)
`;
}

const setsParameter = ([, field]) => parameterIndex(field) >= 0;
const fieldsText = (fields) => `{${[...fields].map(([field, value]) => `'${field}': ${floatText(value)}`).join(", ")}}`;

/** The parameters set by hand after the last step, as {field: value}; "" where there are none. */
function atEnd(changes, last) {
  const fields = new Map(changes.filter((change) => change[0] === last && setsParameter(change)).map(([, ...pair]) => pair));
  return fields.size ? fieldsText(fields) : "";
}

/** {step: {field: value}} as Python writes it; of several changes of a field at one step the last one holds. */
function changesByStep(changes) {
  /** @type {Map<number, Map<string, number>>} */
  const steps = new Map();
  for (const [step, field, value] of changes) steps.set(step, (steps.get(step) ?? new Map()).set(field, value));
  return `{${[...steps].map(([step, fields]) => `${step}: ${fieldsText(fields)}`).join(", ")}}`;
}

const PRINT = 'print(f"epoch {epoch}, train loss {train:.12g}, test loss {test:.12g}")\n';

// nnlib

function nnlib(settings, changes, last, facts) {
  const net = network(settings, facts);
  const layers = ["BatchNorm", "Dense", "Dropout"].filter((name) => net.includes(`${name}(`));
  const first = numpy(settings) && `${numpy(settings)}\n`;
  const from = layers.length ? `from nnlib.layers import ${layers.join(", ")}\n` : "";
  const masks = settings.dropout > 0 ? '\n    dropout_rng=CounterGenerator(seed, "dropout"),' : "";
  return `${head(settings, `${first}import nnlib\n${from}from nnlib.random import CounterGenerator`)}${net}\
trainer = nnlib.Trainer(
    net, data, loss="${facts.loss}", optimizer="${settings.optimizer}", learning_rate=${floatText(settings.learning_rate)},
    l1=${floatText(settings.l1)}, l2=${floatText(settings.l2)}, batch_size=${settings.batch_size}, rng=CounterGenerator(seed, "order"),${masks}
)
${settings.early_stopping > 0 ? nnlibStopping(settings, changes, last) : nnlibStraight(changes, last)}\
epoch, train, test = trainer.epoch, trainer.train_loss(), trainer.test_loss()
${PRINT}`;
}

const SET = `
    setattr(trainer, name, value)`;

const SET_BY_HAND = `
    if name[0] == "p":  # one weight or bias, by its place among all parameters
        net.parameters[int(name[1:])] = value
    else:
        setattr(trainer, name, value)`;

const settingOf = (changes) => (changes.some(setsParameter) ? SET_BY_HAND : SET);

function nnlibStraight(log, last) {
  const changes = log.filter(([step]) => step <= last);
  const texts = changes.map(([step, field, value]) => `(${step}, '${field}', ${floatText(value)})`);
  const follow = `for step, name, value in ${list(texts)}:  # what was changed during the run
    trainer.advance(step - trainer.step)${settingOf(changes)}
`;
  return `${changes.length ? follow : ""}trainer.advance(${last} - trainer.step)\n`;
}

function nnlibStopping(settings, changes, last) {
  const setOne = settingOf(changes).replaceAll("\n", "\n    ");
  const follow = `
    for name, value in ${changesByStep(changes)}.get(step, {}).items():  # what was changed during the run${setOne}`;
  const finish = atEnd(changes, last) && `else:
    for name, value in ${atEnd(changes, last)}.items():  # what was changed after the last step
        net.parameters[int(name[1:])] = value
`;
  return `stopping = nnlib.EarlyStopping(patience=${settings.early_stopping})
stopping.watch(net, 0, trainer.test_loss())
for step in range(${last}):${changes.length ? follow : ""}
    trainer.advance()
    if trainer.at_epoch_end:
        stopping.watch(net, trainer.epoch, trainer.test_loss())
    if stopping.stopped:
        stopping.restore(net)
        break
${finish}`;
}

// PyTorch

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

const torchDropout = (rate) => `

class Dropout(nn.Module):  # nn.Dropout draws masks of its own; this one draws those of the lab
    masks = CounterGenerator(seed, "dropout")

    def forward(self, x):
        if not self.training:
            return x
        return x * torch.tensor(self.masks.random(tuple(x.shape)) >= ${rate}) / (1 - ${rate})


`;

const TORCH_BEST = `
# Early stopping: the lowest test loss so far, its epoch, and the model then.
best, best_epoch, best_model = losses()[1], 0, copy.deepcopy(model.state_dict())
`;

const torchStopping = (patience) => `
    if position == 0:
        test = losses()[1]
        if test < best:
            best, best_epoch, best_model = test, epoch, copy.deepcopy(model.state_dict())
        if epoch - best_epoch >= ${patience}:
            model.load_state_dict(best_model)
            break`;

const TORCH_SET_ONE = `
        elif name[0] == "p":
            set_parameter(int(name[1:]), value)`;

const TORCH_SET_PARAMETER = `

def set_parameter(index, value):  # one number by hand; counted as nnlib does: weights (in, out), then biases, by layer
    for p in model.parameters():
        if index < p.numel():
            place = divmod(index, len(p))[::-1] if p.ndim == 2 else index  # PyTorch's weights are (out, in)
            with torch.no_grad():
                p[place] = value
            return
        index -= p.numel()

`;

/** Numbers set after the last step; with early stopping only where the run has not ended before. */
function torchLast(values, stops) {
  const lines = `
for name, value in ${values}.items():  # what was changed after the last step
    set_parameter(int(name[1:]), value)
`;
  return stops ? `\nelse:${lines.replaceAll("\n", INDENT).trimEnd()}\n` : lines;
}

const torchChanges = (changes) => `
    for name, value in ${changesByStep(changes)}.get(step, {}).items():  # what was changed during the run
        if name == "learning_rate":
            rate = value
            for group in optimizer.param_groups:
                group["lr"] = rate
        elif name == "l1":
            l1 = value${changes.some(setsParameter) ? TORCH_SET_ONE : ""}
        else:
            l2 = value`;

const TORCH_L1 = `
    with torch.no_grad():  # the L1 part: towards 0 by rate * l1, and no further
        for w in weights:
            w.copy_(w.sign() * (w.abs() - rate * l1).clamp(min=0))`;

const INDENT = "\n    ";

function torch(settings, changes, last, facts) {
  const { task, loss, samples } = facts;
  const modules = torchModules(settings, facts);
  // Dropout and batch normalisation do one thing in training and another in use.
  const both = modules.some((module) => /BatchNorm|Dropout/.test(module));
  const batch = Math.min(settings.batch_size, samples);
  if (settings.batch_norm && hiddenActivations(settings).length && (batch === 1 || samples % batch === 1)) {
    throw new Said("python_batch_of_one", { count: samples, batch });
  }
  const dropout = modules.includes("Dropout()") ? torchDropout(floatText(settings.dropout)) : "";
  const targets = task === "multiclass" ? "torch.tensor(y)" : "torch.tensor(y)[:, None]";
  const usesL1 = settings.l1 !== 0 || changes.some(([, field]) => field === "l1");
  const stops = settings.early_stopping > 0;
  const imports = `${stops ? "import copy\n\n" : ""}${numpy(settings)}import torch
import torch.nn.functional as F
from torch import nn

import nnlib
from nnlib.random import CounterGenerator

torch.set_default_dtype(torch.float64)`;
  return `${head(settings, imports)}${mlp(settings, facts)}${dropout}\
model = nn.Sequential(
    ${modules.join(`,${INDENT}`)},
)
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


def losses():${both ? `${INDENT}model.eval()` : ""}
    with torch.no_grad():
        return loss(data.X, data.y).item(), loss(data.X_test, data.y_test).item()
${changes.some(setsParameter) ? TORCH_SET_PARAMETER : ""}
${stops ? TORCH_BEST : ""}
order, batch, position, epoch = CounterGenerator(seed, "order"), ${batch}, 0, 0
for step in range(${last}):${changes.length ? torchChanges(changes) : ""}
    if position == 0:
        permutation = order.permutation(len(data.X))
    rows = permutation[position : position + batch]
    position = position + batch if position + batch < len(data.X) else 0
    epoch += position == 0
    optimizer.zero_grad()${both ? `${INDENT}model.train()` : ""}
    objective = loss(data.X[rows], data.y[rows]) + 0.5 * l2 * sum((w**2).sum() for w in weights)
    objective.backward()
    optimizer.step()${usesL1 ? TORCH_L1 : ""}${stops ? torchStopping(settings.early_stopping) : ""}${atEnd(changes, last) && torchLast(atEnd(changes, last), stops)}

train, test = losses()
${PRINT}`;
}

function torchModules(settings, { sizes, output }) {
  const hidden = hiddenActivations(settings);
  return [...hidden, output].flatMap((activation, l) => {
    const known = torchModule(activation);
    if (!known) throw new Said("python_no_torch", { activation });
    const inside = l < hidden.length;
    return [
      `nn.Linear(${sizes[l]}, ${sizes[l + 1]})`,
      ...(inside && settings.batch_norm ? [`nn.BatchNorm1d(${sizes[l + 1]})`] : []),
      ...(inside || output !== "identity" ? [known] : []),
      ...(inside && settings.dropout > 0 ? ["Dropout()"] : []),
    ];
  });
}
