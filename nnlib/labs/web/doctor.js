/**
 * The doctor in the page: what is wrong with a run that rests, by the rules of nnlib/diagnosis.
 *
 * Of the doctor's measurements it takes those that cost next to nothing: divergence, dead units, and a loss that stands
 * still. Curvature and gradients are measured in a kernel only.
 */

import { LOSSES } from "./losses.js";

/** Losses that a plateau is judged by, and how much they may differ. */
const WINDOW = 40;
const TOLERANCE = 0.01;
/** For these optimisers the doctor knows a better one. */
const PLAIN = new Set(["sgd", "momentum", "nesterov"]);

/** @typedef {{name: string, text: string, cure: Record<string, any>}} Finding */

/**
 * @param {import("./training.js").Run} run @param {(number | null)[]} losses  training losses by epoch
 * @param {import("./words.js").Words} words
 * @returns {Finding | null}
 */
export function examine(run, losses, words) {
  if (run.diagnosis) {
    const { name } = run.diagnosis;
    return { name, text: words.say(name), cure: { learning_rate: run.learning_rate / 10 } };
  }
  const loss = run.trainLoss();
  const constant = constantLoss(run);
  if (!(loss > 0.5 * constant)) return null;
  return dead(run, words) ?? standing(run, loss, constant, losses, words);
}

/** @returns {Finding | null} */
function dead({ net, data }, words) {
  const { X, n } = data.train;
  const { hidden } = net.evaluate(X, n);
  const places = hidden.flatMap((values, l) => {
    const units = net.widths[l + 1];
    const count = net.activations[l] === "relu" ? deadUnits(values, n, units) : 0;
    return 2 * count >= units && count > 0 ? [words.say("doctor_where", { layer: l + 1, count, units })] : [];
  });
  if (!places.length) return null;
  return { name: "dead", text: words.say("doctor_dead", { where: places.join("; "), n }), cure: { activation: "leaky_relu" } };
}

/** Units of a ReLU layer that are 0 for every sample. */
function deadUnits(values, n, units) {
  let count = 0;
  for (let unit = 0; unit < units; unit++) {
    let alive = false;
    for (let s = 0; s < n && !alive; s++) alive = values[s * units + unit] > 0;
    if (!alive) count += 1;
  }
  return count;
}

/** @returns {Finding | null} */
function standing(run, loss, constant, losses, words) {
  if (!plateau(losses)) return null;
  const plain = PLAIN.has(run.settings.optimizer);
  const values = { loss: Number(loss.toPrecision(3)), constant: Number(constant.toPrecision(3)) };
  const text = words.say(plain ? "doctor_plateau" : "doctor_plateau_other", values);
  return { name: "plateau", text, cure: plain ? { optimizer: "adam", learning_rate: 0.01 } : {} };
}

/** Whether the medians of the older and the newer half of the last losses are about the same. */
export function plateau(losses) {
  if (losses.length < WINDOW) return false;
  const last = losses.slice(-WINDOW).map((loss) => loss ?? Infinity);
  const [older, newer] = [last.slice(0, WINDOW / 2), last.slice(WINDOW / 2)].map(median);
  return Math.abs(older - newer) <= TOLERANCE * Math.abs(older) && Number.isFinite(newer);
}

function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.floor(sorted.length / 2)]) / 2;
}

/** The mean loss of the best constant prediction. @param {import("./training.js").Run} run */
export function constantLoss({ loss, data }) {
  const { y, n } = data.train;
  const k = loss.kind === "classes" ? data.classes : 1;
  return Math.min(...constants(loss.kind, y, n, k).map((constant) => {
    const outputs = Float64Array.from({ length: n * k }, (_, i) => constant[i % k]);
    return LOSSES[loss.name].mean(outputs, y, 0, n, k);
  }));
}

function constants(kind, y, n, k) {
  if (kind === "classes") {
    const counts = Array(k).fill(0);
    for (let s = 0; s < n; s++) counts[y[s]] += 1;
    return [counts.map((count) => Math.log(Math.max(count / n, 1e-300)))];
  }
  const mean = y.subarray(0, n).reduce((sum, value) => sum + value, 0) / n;
  if (kind === "numbers") return [[mean], [median(y.subarray(0, n))]];
  const p = Math.min(1 - 1e-16, Math.max(1e-300, (1 + mean) / 2));
  return [[Math.log(p / (1 - p))], [-1], [1]];
}
