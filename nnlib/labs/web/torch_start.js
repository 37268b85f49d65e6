/**
 * What the PyTorch script of a training lab starts from: the twin of nnlib/labs/torch_start.py, where it is told which
 * numbers are decimals, which are packed, and which are drawn.
 */

import { floatText, shortText } from "./python_text.js";
import { entries, list, pointTable } from "./script_pieces.js";
import { torchInitializer } from "./torch_lines.js";

/** So many weights are written as decimals; more than so many are drawn. */
const MOST_DECIMALS = 50;
const MOST_WEIGHTS = 5000;

/** The function that packed numbers need above them. */
export const NUMBERS = `def numbers(text):  # float64 as base64: exact to the last bit, and half as long as decimals
    return torch.frombuffer(bytearray(base64.b64decode(text)), dtype=torch.float64)`;

/** The lines that make X, y, X_test and y_test; X are the points. @param {import("./script_pieces.js").Facts} facts */
export function dataBlock({ dataset, noise }, { task, run }) {
  const { train, test } = run.data;
  const rows = [...rowsOf(train), ...rowsOf(test)];
  if (dataset === "own" || dataset === "corners") return readable(rows, train.n, task);
  const n = train.n;
  const [x1, x2, label] = rows[0].map(shortText);
  const begin = `# Data: "${dataset}", noise ${floatText(noise)}; the first ${n} of ${rows.length} points are for training.
# Point number one is (${x1}, ${x2})`;
  if (task === "regression") {
    return `${begin} with value ${label}.
rows = ${packed(rows.flat())}.view(${rows.length}, 3)
X, y, X_test, y_test = rows[:${n}, :2], rows[:${n}, 2], rows[${n}:, :2], rows[${n}:, 2]`;
  }
  const [sign, read] = task === "multiclass"
    ? [String, "int(digit) for digit in labels"]
    : [(y) => (y > 0 ? "+" : "-"), 'float(sign + "1") for sign in labels'];
  return `${begin} of class ${label}.
points = ${packed(rows.flatMap(([one, other]) => [one, other]))}.view(${rows.length}, 2)
labels = (
${lines(rows.map(([, , y]) => sign(y)).join(""), 100)})
labels = torch.tensor([${read}])
X, y, X_test, y_test = points[:${n}], labels[:${n}], points[${n}:], labels[${n}:]`;
}

const rowsOf = ({ X, y, n }) => Array.from({ length: n }, (_, i) => [X[2 * i], X[2 * i + 1], y[i]]);

/** The same for points of few digits. */
function readable(rows, n, task) {
  const [train, test] = [rows.slice(0, n), rows.slice(n)].map(pointTable);
  const classes = task === "multiclass" ? "\ny, y_test = y.long(), y_test.long()" : "";
  return `train = [  # x1, x2, label
${train}]
test = ${test === train ? "train" : `[\n${test}]`}
train, test = torch.tensor(train, dtype=torch.float64), torch.tensor(test, dtype=torch.float64)
X, y, X_test, y_test = train[:, :2], train[:, 2], test[:, :2], test[:, 2]${classes}`;
}

/** The blocks that give each layer its first weights and biases. @param {import("./script_pieces.js").Facts} facts */
export function weightBlocks({ init, bias }, { run: { net } }) {
  const drawn = net.layers.map(({ inputs, outputs, offset }) => [...net.parameters.subarray(offset, offset + inputs * outputs)]);
  const values = drawn.flat();
  const draws = init === "zeros" || init === "constant" || values.length > MOST_WEIGHTS;
  const written = values.length <= MOST_DECIMALS ? decimals : packed;
  const first = draws
    ? "[draw(module.in_features, module.out_features) for module in linear]"
    : `${written(values)}.split(${list(drawn.map((W) => W.length))})`;
  return [
    ...(draws ? torchInitializer(init) : []),
    `# First weights of each layer, by the rule "${init}": (in, out), row by row. PyTorch stores them (out, in).
first = ${first}
with torch.no_grad():
    for module, W in zip(linear, first):
        module.weight.copy_(W.view(module.in_features, module.out_features).T)
        module.bias.fill_(${floatText(bias)})`,
  ];
}

const decimals = (values) => `torch.tensor([\n${entries(values.map(floatText))}])`;

/** @param {number[]} values */
function packed(values) {
  const bytes = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((value, i) => bytes.setFloat64(8 * i, value, true));
  const letters = Array.from(new Uint8Array(bytes.buffer), (byte) => String.fromCharCode(byte));
  return `numbers(\n${lines(btoa(letters.join("")), 108)})`;
}

const lines = (text, width) => text.match(new RegExp(`.{1,${width}}`, "g")).map((line) => `    "${line}"\n`).join("");
