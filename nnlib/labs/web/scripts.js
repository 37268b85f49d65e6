/**
 * Show me the Python, the twin of nnlib/labs/scripts.py: the same scripts, text for text, where there is no kernel.
 */

import { isPlain } from "./features.js";
import { taskOf, trainsOf } from "./own_points.js";
import { floatText } from "./python_text.js";
import { atEnd, changesByStep, factsOf, featureColumns, list, pointTable, PRINT, setsParameter } from "./script_pieces.js";
import { torchScript } from "./torch_script.js";
import { hiddenActivations } from "./training.js";

/**
 * A Python script that ends at the losses of the run.
 * @param {"nnlib" | "torch"} kind
 * @param {{settings: Record<string, any>, changes: [number, string, number][], stop: number | null}} linked
 * @throws {import("./said.js").Said} where there is none: not everything that nnlib trains can PyTorch train
 */
export function script(kind, { settings, changes, stop }) {
  return (kind === "torch" ? torchScript : nnlib)(settings, changes, factsOf(settings, stop));
}

const quoted = (name) => `"${name}"`;

// The beginning: imports, seed, data

function head(settings, imports) {
  const made = `data = nnlib.datasets.${settings.dataset}(noise=${floatText(settings.noise)}, rng=CounterGenerator(seed, "data"))
data = data.split(${floatText(settings.train_share)}, rng=CounterGenerator(seed, "split"))
`;
  const lines = { own: () => ownLines(settings), corners: () => "data = nnlib.datasets.corners()\n" };
  return `${imports}

seed = ${settings.seed}
${lines[settings.dataset]?.() ?? made}${isPlain(settings.features) ? "" : featureLines(settings.features)}`;
}

/** The twin of script_lines in nnlib/labs/own_points.py. */
function ownLines({ points, points_task, train_share }) {
  const trains = trainsOf(points, train_share);
  const table = (wanted) => pointTable(points.filter((_, i) => trains[i] === wanted));
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

const numpy = (settings) => (isPlain(settings.features) ? "" : "import numpy as np\n");

const featureLines = (names) => `

def features(points):  # what the network is given of each point
    x1, x2 = points.T
    return np.column_stack(${featureColumns(names, "np")})


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

// nnlib

function nnlib(settings, changes, facts) {
  const { last } = facts;
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
