/**
 * The PyTorch script of a training lab, the twin of nnlib/labs/torch_script.py: it needs PyTorch and nothing else.
 */

import { isPlain } from "./features.js";
import { floatText } from "./python_text.js";
import { STREAMS } from "./random.js";
import { Said } from "./said.js";
import { atEnd, changesByStep, featureColumns, PRINT, setsParameter } from "./script_pieces.js";
import { PHILOX, torchModule } from "./torch_lines.js";
import { dataBlock, NUMBERS, weightBlocks } from "./torch_start.js";
import { hiddenActivations } from "./training.js";

const OPTIMIZERS = {
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

const LOSSES = {
  mse: "F.mse_loss(o, t)",
  half_mse: "0.5 * F.mse_loss(o, t)",
  binary_cross_entropy: "F.binary_cross_entropy_with_logits(o, (t + 1) / 2)",
  cross_entropy: "F.cross_entropy(o, t)",
  hinge: "F.relu(1 - t * o).mean()",
  huber: "F.huber_loss(o, t)",
  perceptron: "(-t * o * (t * o <= 0)).mean()", // at o = 0 its slope is -t, that of F.relu 0
};

const INDENT = "\n    ";

/**
 * @param {Record<string, any>} settings @param {[number, string, number][]} changes
 * @param {import("./script_pieces.js").Facts} facts
 * @throws {Said} what PyTorch cannot do
 */
export function torchScript(settings, changes, facts) {
  const { task, loss, samples, last } = facts;
  const modules = modulesOf(settings, facts);
  // Dropout and batch normalisation do one thing in training and another in use.
  const both = modules.some((module) => /BatchNorm|Dropout/.test(module));
  const batch = Math.min(settings.batch_size, samples);
  if (settings.batch_norm && hiddenActivations(settings).length && (batch === 1 || samples % batch === 1)) {
    throw new Said("python_batch_of_one", { count: samples, batch });
  }
  const usesL1 = settings.l1 !== 0 || changes.some(([, field]) => field === "l1");
  const byHand = changes.some(setsParameter);
  const stops = settings.early_stopping > 0;
  const setLast = atEnd(changes, last) && setAtEnd(atEnd(changes, last), stops);
  const blocks = [
    dataBlock(settings, facts),
    ...(isPlain(settings.features) ? [] : featureBlocks(settings.features)),
    PHILOX,
    ...(modules.includes("Dropout()") ? [dropoutBlock(floatText(settings.dropout))] : []),
    `model = nn.Sequential(
    ${modules.join(`,${INDENT}`)},
)
linear = [module for module in model if isinstance(module, nn.Linear)]`,
    ...weightBlocks(settings, facts),
    `weights = [module.weight for module in linear]
others = [p for p in model.parameters() if all(p is not w for w in weights)]
rate, l1, l2 = ${floatText(settings.learning_rate)}, ${floatText(settings.l1)}, ${floatText(settings.l2)}
optimizer = ${OPTIMIZERS[settings.optimizer]}`,
    `def loss(X, y):
    o, t = model(X), ${task === "multiclass" ? "y" : "y[:, None]"}
    return ${LOSSES[loss]}`,
    `def losses():${both ? `${INDENT}model.eval()` : ""}
    with torch.no_grad():
        return loss(X, y).item(), loss(X_test, y_test).item()`,
    ...(byHand ? [SET_PARAMETER] : []),
    ...(stops ? [BEST] : []),
    `order, batch, position, epoch = Philox(seed, ${STREAMS.order}), ${batch}, 0, 0
for step in range(${last}):${changes.length ? changesText(changes, byHand) : ""}
    if position == 0:
        permutation = torch.argsort(order.random(len(X)), stable=True)
    rows = permutation[position : position + batch]
    position = position + batch if position + batch < len(X) else 0
    epoch += position == 0
    optimizer.zero_grad()${both ? `${INDENT}model.train()` : ""}
    objective = loss(X[rows], y[rows]) + 0.5 * l2 * sum((w**2).sum() for w in weights)
    objective.backward()
    optimizer.step()${usesL1 ? L1 : ""}${stops ? stoppingText(settings.early_stopping) : ""}${setLast}

train, test = losses()
${PRINT}`,
  ];
  if (blocks.some((block) => block.includes("numbers("))) blocks.unshift(NUMBERS);
  return joined([head(settings, blocks), ...blocks]);
}

/** The blocks with blank lines between them, two around functions and classes. @param {string[]} blocks */
function joined(blocks) {
  const defines = (block = "") => /^(def|class) /.test(block);
  return blocks.map((block, i) => {
    const between = defines(block) || defines(blocks[i - 1]) ? "\n\n\n" : "\n\n";
    return i ? between + block : block;
  }).join("");
}

function head({ seed }, blocks) {
  const text = blocks.join("");
  const imports = ["base64", "copy", "math"].filter((name) => text.includes(`${name}.`)).map((name) => `import ${name}\n`);
  return `# This script needs PyTorch and nothing else, and ends at the losses that the lab shows.
${imports.join("")}${imports.length ? "\n" : ""}import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)
seed = ${seed}`;
}

const featureBlocks = (names) => [
  `def features(points):  # what the network is given of each point
    x1, x2 = points.T
    return torch.stack(${featureColumns(names, "torch")}, dim=1)`,
  "X, X_test = features(X), features(X_test)",
];

function modulesOf(settings, { sizes, output }) {
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

// What is in some scripts only

const dropoutBlock = (rate) => `class Dropout(nn.Module):  # nn.Dropout draws masks of its own; this one draws those of the lab
    masks = Philox(seed, ${STREAMS.dropout})

    def forward(self, x):
        if not self.training:
            return x
        return x * (self.masks.random(x.numel()).view(x.shape) >= ${rate}) / (1 - ${rate})`;

const BEST = `# Early stopping: the lowest test loss so far, its epoch, and the model then.
best, best_epoch, best_model = losses()[1], 0, copy.deepcopy(model.state_dict())`;

const stoppingText = (patience) => `
    if position == 0:
        test = losses()[1]
        if test < best:
            best, best_epoch, best_model = test, epoch, copy.deepcopy(model.state_dict())
        if epoch - best_epoch >= ${patience}:
            model.load_state_dict(best_model)
            break`;

const changesText = (changes, byHand) => `
    for name, value in ${changesByStep(changes)}.get(step, {}).items():  # what was changed during the run
        if name == "learning_rate":
            rate = value
            for group in optimizer.param_groups:
                group["lr"] = rate
        elif name == "l1":
            l1 = value${byHand ? SET_ONE : ""}
        else:
            l2 = value`;

const SET_ONE = `
        elif name[0] == "p":
            set_parameter(int(name[1:]), value)`;

const SET_PARAMETER = `def set_parameter(index, value):  # one number by hand; counted as nnlib does: weights (in, out), then biases, by layer
    for p in model.parameters():
        if index < p.numel():
            place = divmod(index, len(p))[::-1] if p.ndim == 2 else index  # PyTorch's weights are (out, in)
            with torch.no_grad():
                p[place] = value
            return
        index -= p.numel()`;

/** Numbers set after the last step; with early stopping only where the run has not ended before. */
function setAtEnd(values, stops) {
  const text = `
for name, value in ${values}.items():  # what was changed after the last step
    set_parameter(int(name[1:]), value)
`;
  return stops ? `\nelse:${text.replaceAll("\n", INDENT).trimEnd()}\n` : text;
}

const L1 = `
    with torch.no_grad():  # the L1 part: towards 0 by rate * l1, and no further
        for w in weights:
            w.copy_(w.sign() * (w.abs() - rate * l1).clamp(min=0))`;
