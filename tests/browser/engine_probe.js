// What the tests of the page engine run inside a page: each function takes and returns plain JSON.

import { ACTIVATIONS, erf, erfc } from "../../nnlib/labs/web/activations.js";
import { TOY } from "../../nnlib/labs/web/datasets.js";
import { computeFeatures, FEATURES } from "../../nnlib/labs/web/features.js";
import { INITIALIZERS } from "../../nnlib/labs/web/initializers.js";
import { LOSSES } from "../../nnlib/labs/web/losses.js";
import { mlp } from "../../nnlib/labs/web/network.js";
import { Optimizer, OPTIMIZERS } from "../../nnlib/labs/web/optimizers.js";
import { penalty } from "../../nnlib/labs/web/regularizers.js";
import { CounterGenerator, STREAMS } from "../../nnlib/labs/web/random.js";
import { DEFAULTS, Run } from "../../nnlib/labs/web/training.js";

const floats = (values) => Float64Array.from(values);

export function names() {
  const registries = { ACTIVATIONS, LOSSES, INITIALIZERS, OPTIMIZERS, TOY, FEATURES };
  return Object.fromEntries(Object.entries(registries).map(([name, registry]) => [name, Object.keys(registry)]));
}

export const defaults = () => DEFAULTS;

export const streams = () => STREAMS;

export const errorFunctions = (x) => ({ erf: x.map(erf), erfc: x.map(erfc) });

/** The scalar functions of an activation, and what its loops over a batch give for the same z. */
export function activation({ name, z, d, p }) {
  const { f, derivative, forward, backward, parameters, learnable } = ACTIVATIONS[name];
  const constant = p ?? Object.values(parameters)[0];
  const [a, gradient] = [new Float64Array(z.length), floats(d)];
  forward(floats(z), a, z.length, constant);
  backward(floats(z), a, gradient, z.length, constant);
  return {
    parameters, learnable, a: [...a], d: [...gradient],
    f: z.map((one) => f(one, p)), derivative: z.map((one) => derivative(one, p)),
  };
}

export function loss({ name, outputs, targets, n, k }) {
  const gradient = new Float64Array(n * k);
  LOSSES[name].backward(floats(outputs), floats(targets), 0, n, k, gradient);
  return { value: LOSSES[name].mean(floats(outputs), floats(targets), 0, n, k), gradient: [...gradient] };
}

/** The penalty on weights. */
export const price = ({ weights, l1, l2 }) => penalty(floats(weights), new Uint8Array(weights.length).fill(1), l1, l2);

export const initializer = ({ name, fanIn, fanOut, seed }) => [
  ...INITIALIZERS[name](fanIn, fanOut, new CounterGenerator(seed, "weights")),
];

/** Follow a list of gradients, and return the parameters after each. */
export function optimize({ name, start, weightMask, gradients, rate }) {
  const net = { parameters: floats(start), gradient: floats(start), weightMask };
  const optimizer = new Optimizer(name, net);
  return gradients.map((gradient) => {
    net.gradient.set(gradient);
    optimizer.step(rate);
    return [...net.parameters];
  });
}

/** The largest relative error of a network's gradient against central differences; l2's part included. */
export function gradientError({ widths, activation, output, loss, l2, classes, step = 1e-5 }) {
  const rng = new CounterGenerator(3, "weights");
  const net = mlp({ widths, activation, output, init: "xavier_normal", bias: 0.1, rng });
  const [n, k] = [6, widths.at(-1)];
  const X = rng.uniform(-1, 1, 2 * n * widths[0]);
  const y = classes
    ? rng.uniform(0, classes, 2 * n).map(Math.floor)
    : LOSSES[loss].kind === "signs" ? rng.uniform(-1, 1, 2 * n * k).map(Math.sign) : rng.uniform(-2, 2, 2 * n * k);
  const objective = () => {
    const mean = net.lossAndGradient(X, y, n, 2 * n, loss, l2);
    return mean + 0.5 * l2 * net.parameters.reduce((sum, w, i) => sum + net.weightMask[i] * w * w, 0);
  };
  objective();
  const gradient = net.gradient.slice();
  let worst = 0;
  for (let i = 0; i < gradient.length; i++) {
    const kept = net.parameters[i];
    net.parameters[i] = kept + step;
    const ahead = objective();
    net.parameters[i] = kept - step;
    const behind = objective();
    net.parameters[i] = kept;
    const difference = (ahead - behind) / (2 * step);
    worst = Math.max(worst, Math.abs(gradient[i] - difference) / Math.max(1, Math.abs(difference)));
  }
  return worst;
}

/** Everything a run says of itself where it stands. */
function state(run) {
  const { step, epoch, diagnosis, changes, learning_rate, l1, l2 } = run;
  return {
    step, epoch, diagnosis, changes: [...changes], learning_rate, l1, l2, parameters: [...run.net.parameters],
    statistics: [...run.net.statistics], ended: run.ended, stoppedEarly: run.stoppedEarly, bestEpoch: run.bestEpoch,
    point: run.curvePoint(), trainLoss: run.trainLoss(), testLoss: run.testLoss(), penalty: run.penalty(),
    trainAccuracy: run.trainAccuracy(), testAccuracy: run.testAccuracy(),
  };
}

/** The states of a run at step 0 and at every `every`-th step up to `steps`. */
export function trace({ settings, changes = [], steps, every = 1 }) {
  const run = new Run(settings, changes);
  const states = [state(run)];
  while (run.step < steps) {
    run.advance(every);
    states.push(state(run));
  }
  return states;
}

/** The numbers of a run's network with other parameters. */
export function numbersWith({ settings, parameters }) {
  const run = new Run(settings);
  run.net.parameters.set(parameters);
  return [run.trainLoss(), run.trainAccuracy(), run.testLoss(), run.testAccuracy(), run.penalty()];
}

/** One step from each given state: the parameters are set anew, the optimiser remembers the steps before. */
export function stepsFrom({ settings, states }) {
  const run = new Run(settings);
  const initial = [...run.net.parameters];
  const after = states.map((parameters) => {
    run.net.setParameters(floats(parameters));
    run.advance(1);
    return [...run.net.parameters];
  });
  return { initial, after, X: [...run.data.train.X], y: [...run.data.train.y] };
}

/** The same for many runs; a state is parameters and statistics. */
export const stepsOfAll = (cases) => cases.map(({ settings, states }) => {
  const run = new Run(settings);
  return states.map((state) => {
    run.net.setParameters(floats(state));
    run.advance(1);
    return [...run.net.state()];
  });
});

/** What a network with features, batch norm and dropout shows for points, by `evaluate` and by `forward`. */
export function show({ settings, steps, points }) {
  const run = new Run(settings);
  run.advance(steps);
  const n = points.length / 2;
  const { outputs, hidden } = run.net.evaluate(floats(points), n);
  const inputs = computeFeatures(run.settings.features, floats(points), n);
  return {
    inputs: [...inputs], outputs: [...outputs], hidden: hidden.map((values) => [...values]),
    forward: [...run.net.forward(inputs, n)], statistics: [...run.net.statistics],
  };
}

/** A run driven by hand: `script` is a list of [method, …arguments]; the states after each call. */
export function drive({ settings, changes = [], script }) {
  const run = new Run(settings, changes);
  return script.map(([method, ...args]) => {
    run[method](...args);
    return state(run);
  });
}

export const replay = ({ settings, changes, step }) => state(Run.replay(settings, changes, step));

/** The message of the error that a run with these settings and changes throws; null if it throws none. */
export function complaint({ settings = {}, changes = [], change = null }) {
  try {
    const run = new Run(settings, changes);
    if (change) run.change(...change);
    return null;
  } catch (error) {
    return error.message;
  }
}

/** Whether painting in mid-batch leaves training alone, and agrees with `forward`. */
export function paint({ widths, activation, n }) {
  const rng = new CounterGenerator(1, "weights");
  const net = mlp({ widths, activation, output: "identity", init: "xavier_uniform", rng });
  const [X, grid] = [rng.uniform(-1, 1, n * widths[0]), rng.uniform(-6, 6, n * widths[0])];
  const outputs = net.forward(X, n);
  const kept = [outputs, ...activation.map((_, l) => net.hidden(l))].map((values) => [...values]);
  const painted = net.evaluate(grid, n);
  const again = [outputs, ...activation.map((_, l) => net.hidden(l))].map((values) => [...values]);
  const evaluated = [painted.outputs, ...painted.hidden].map((values) => [...values]);
  const reused = net.evaluate(grid, n).outputs === painted.outputs;
  const forward = [...net.forward(grid, n)];
  return { kept, again, evaluated, forward, reused };
}
