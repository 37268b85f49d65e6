/**
 * The doctor in the page: what is wrong with a run that rests, by the rules of nnlib/diagnosis.
 *
 * It takes the doctor's measurements in the doctor's order and with the doctor's random numbers, so that both say the same.
 */

import { largestStableRate } from "./curvature.js";
import { EXPLODING, signalRatio, signals, VANISHING } from "./gradients.js";
import { LOSSES } from "./losses.js";
import { copyOf, someSamples } from "./probing.js";
import { CounterGenerator } from "./random.js";
import { deadUnits, saturatedUnits } from "./units.js";
import { formatNumber, formatSetting } from "./words.js";

/** Losses that a plateau is judged by, and how much they may differ. */
const WINDOW = 40;
const TOLERANCE = 0.01;
/** Over half as many, by this share, they grow. */
const GROWTH = 0.1;
/** For these optimisers the doctor knows a better one. */
const PLAIN = new Set(["sgd", "momentum", "nesterov"]);
/** For these Xavier's rule; He's for what is off on one side. */
const CENTRED = new Set(["identity", "sigmoid", "step", "sign", "tanh"]);
const FLAT = new Set(["step", "sign"]);

/** @typedef {{name: string, text: string, cure: Record<string, any>}} Finding */

/**
 * @param {import("./training.js").Run} run @param {(number | null)[]} losses  training losses by epoch
 * @param {import("./words.js").Words} words
 * @returns {Finding | null}
 */
export function examine(run, losses, words) {
  const rng = new CounterGenerator(run.settings.seed, "order");
  const loss = run.trainLoss();
  if (run.diagnosis || !Number.isFinite(loss)) return diverged(run, rng, words);
  const constant = constantLoss(run);
  const limit = largestStableRate(run, rng);
  const fast = grows(run, loss, constant, losses, limit, words) ?? tooFast(run, limit, words);
  if (fast || !(loss > 0.5 * constant)) return fast;
  const copy = copyOf(run);
  return dead(run, copy, rng, words) ?? signal(run, copy, words) ?? saturated(run, copy, words) ?? standing(run, loss, constant, losses, limit, words);
}

/** @returns {Finding} */
function diverged(run, rng, words) {
  const within = run.step % run.stepsPerEpoch !== 0;
  const said = (why) => (within ? words.say("doctor_diverged_within", { epoch: run.epoch + 1, why })
    : words.say("doctor_diverged", { epoch: run.epoch, why }));
  const exploding = signal(run, copyOf(run, true), words);
  if (exploding?.name === "exploding") return { name: "diverged", text: said(exploding.text), cure: exploding.cure };
  const limit = largestStableRate(run, rng, true);
  const rate = limit.bound < Infinity ? slower(run, limit.bound) : roundedDown(run.learning_rate / 10);
  const reason = reasonOf(run, limit, "doctor_at_start", words);
  return finding("diverged", said(words.say("doctor_restart", { reason, rate: formatSetting(rate) })), rate);
}

/** @returns {Finding | null} */
function grows(run, loss, constant, losses, limit, words) {
  const lowest = Math.min(...losses.map((each) => each ?? Infinity));
  if (!growing(losses) || loss < lowest + 0.1 * constant) return null;
  const rate = slower(run, limit.bound);
  const reason = reasonOf(run, limit, "doctor_here", words);
  const values = { loss: twoDigits(loss), lowest: twoDigits(lowest), reason, rate: formatSetting(rate) };
  return finding("growing", words.say("doctor_growing", values), rate);
}

/** @returns {Finding | null} */
function tooFast(run, limit, words) {
  if (run.learning_rate <= 2 * limit.bound) return null;
  const rate = slower(run, limit.bound);
  const reason = reasonOf(run, limit, "doctor_here", words);
  return finding("learning_rate", words.say("doctor_rate", { reason, rate: formatSetting(rate) }), rate);
}

const finding = (name, text, rate) => ({ name, text, cure: { learning_rate: rate } });
const twoDigits = (value) => formatSetting(Number(value.toPrecision(2)));

/** How the rate stands to the bound. */
function reasonOf(run, { bound, formula }, where, words) {
  const rate = twoDigits(run.learning_rate);
  if (bound === Infinity) return words.say("doctor_too_large", { rate });
  const key = run.learning_rate > bound ? "doctor_above" : "doctor_below";
  return words.say(key, { rate, formula, bound: twoDigits(bound), where: words.say(where) });
}

/** A rate well below the bound, and at most a third of the present one; single samples may be steeper than the mean. */
function slower(run, bound) {
  const margin = run.settings.batch_size >= 10 || run.stepsPerEpoch === 1 ? 2 : 4;
  return roundedDown(Math.min(bound / margin, run.learning_rate / 3));
}

/** A number with one digit, not above the value: 0.29 → 0.2. */
function roundedDown(value) {
  if (value === 0) return 0;
  const digit = 10 ** Math.floor(Math.log10(value));
  return Number((Math.floor((value / digit) * (1 + 1e-12)) * digit).toPrecision(1));
}

/** @returns {Finding | null} */
function dead(run, copy, rng, words) {
  const where = places(run, deadUnits(copy, run.inputs), words);
  if (!where) return null;
  if (run.net.activations.some((name) => FLAT.has(name))) {
    return { name: "dead", text: words.say("doctor_dead_flat", { where }), cure: { activation: "tanh", init: "xavier_uniform" } };
  }
  const limit = largestStableRate(run, rng, true);
  const fast = run.learning_rate > limit.bound;
  const why = fast ? words.say("doctor_dead_fast", { reason: reasonOf(run, limit, "doctor_at_start", words) }) : words.say("doctor_dead_why");
  const cure = { activation: "leaky_relu", ...(fast ? { learning_rate: slower(run, limit.bound) } : {}) };
  return { name: "dead", text: words.say("doctor_dead", { where, n: run.data.train.n, why }), cure };
}

/** What the gradient on its way back tells; the copy's statistics move. @returns {Finding | null} */
function signal(run, copy, words) {
  const found = signals(copy, someSamples(run), run.loss.name);
  const [ratio, last] = [signalRatio(found), found.length];
  if (!(ratio < VANISHING || ratio > EXPLODING) || found[last - 1] === 0) return null;
  const init = initializerFor(run);
  const named = { last, init: words.option(init), ratio: ratio < 1 ? formatNumber(ratio) : twoDigits(ratio) };
  if (ratio > EXPLODING) return { name: "exploding", text: words.say("doctor_exploding", named), cure: { init } };
  const share = words.say(ratio ? "doctor_share" : "doctor_nothing", named);
  const sigmoid = run.net.activations.includes("sigmoid");
  const why = words.say(sigmoid ? "doctor_vanishing_sigmoid" : "doctor_vanishing_small", named);
  const cure = sigmoid ? { activation: "tanh", init: "xavier_uniform" } : { init };
  return { name: "vanishing", text: words.say("doctor_vanishing", { last, share, why }), cure };
}

/** @returns {Finding | null} */
function saturated(run, copy, words) {
  const samples = someSamples(run);
  copy.setParameters(run.net.state()); // with its statistics, which the signal moved
  const where = places(run, saturatedUnits(copy, samples), words);
  if (!where) return null;
  const size = twoDigits(Math.sqrt(samples.X.reduce((sum, x) => sum + x * x, 0) / samples.X.length));
  const init = initializerFor(run);
  const values = { where, init: words.option(init), size };
  return { name: "saturated", text: words.say("doctor_saturated", values), cure: { init } };
}

/** Name the layers at least half of whose units are counted. @param {number[]} counts  for each hidden layer */
function places({ net }, counts, words) {
  const found = counts.flatMap((count, l) => {
    const units = net.widths[l + 1];
    return 2 * count >= units ? [words.say("doctor_where", { layer: l + 1, count, units })] : [];
  });
  return found.join("; ");
}

function initializerFor({ net }) {
  return net.activations.every((name) => CENTRED.has(name)) ? "xavier_uniform" : "he_normal";
}

/** @returns {Finding | null} */
function standing(run, loss, constant, losses, { bound, formula }, words) {
  if (!plateau(losses)) return null;
  if (run.learning_rate < bound / 10 && bound < Infinity) {
    const rate = roundedDown(bound / 3);
    const numbers = { loss: Number(loss.toPrecision(3)), constant: Number(constant.toPrecision(3)), formula };
    const rates = { rate: twoDigits(run.learning_rate), bound: twoDigits(bound), raised: formatSetting(rate) };
    return finding("plateau", words.say("doctor_plateau_slow", { ...numbers, ...rates }), rate);
  }
  const plain = PLAIN.has(run.settings.optimizer);
  const values = { loss: Number(loss.toPrecision(3)), constant: Number(constant.toPrecision(3)) };
  const text = words.say(plain ? "doctor_plateau" : "doctor_plateau_other", values);
  return { name: "plateau", text, cure: plain ? { optimizer: "adam", learning_rate: 0.01 } : {} };
}

/** Whether the medians of the older and the newer half of the last losses are about the same. */
export function plateau(losses) {
  if (losses.length < WINDOW) return false;
  const [older, newer] = mediansOf(losses, WINDOW);
  return Math.abs(older - newer) <= TOLERANCE * Math.abs(older) && Number.isFinite(newer);
}

/** Whether they grow by more than a tenth. */
export function growing(losses) {
  if (losses.length < WINDOW / 2) return false;
  const [older, newer] = mediansOf(losses, WINDOW / 2);
  return newer > older + GROWTH * Math.abs(older) || newer === Infinity;
}

/** The medians of the older and the newer half of the last losses. */
function mediansOf(losses, window) {
  const last = losses.slice(-window).map((loss) => loss ?? Infinity);
  return [last.slice(0, window / 2), last.slice(window / 2)].map(median);
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
