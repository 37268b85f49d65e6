// How long the page engine needs for one epoch, beside an engine that keeps an object for every neuron
// and every connection, the way most demonstrations do. Both train [2, 8, 8, 1] tanh on 250 points in
// batches of 10, from the same weights in the same order, in turns, so that a busy machine slows both.
//
// In a browser: (await import("…/engine_bench.mjs")).measure(). With Node: node engine_bench.mjs.

import { mlp } from "../../nnlib/labs/web/network.js";
import { Optimizer } from "../../nnlib/labs/web/optimizers.js";
import { CounterGenerator } from "../../nnlib/labs/web/random.js";
import { Run } from "../../nnlib/labs/web/training.js";

const WIDTHS = [2, 8, 8, 1];
const POINTS = 250;
const BATCH_SIZE = 10;
const LEARNING_RATE = 0.03;
const L2 = 0.001;
// Browsers round their clock to 0.1 ms: time several epochs at once.
const EPOCHS_AT_ONCE = 20;
const WARM_UP = 20;
const ROUNDS = 100;

class Neuron {
  constructor() {
    this.incoming = [];
    this.outgoing = [];
    this.bias = 0;
    this.biasGradient = 0;
    this.value = 0;
    this.delta = 0;
  }

  fire() {
    let sum = this.bias;
    for (const connection of this.incoming) sum += connection.weight * connection.source.value;
    this.value = Math.tanh(sum);
  }

  /** Take the gradient by this neuron's value; hand each connection its share. */
  blame(gradient) {
    this.delta = gradient * (1 - this.value * this.value);
    this.biasGradient += this.delta;
    for (const connection of this.incoming) connection.gradient += this.delta * connection.source.value;
  }
}

class Connection {
  constructor(source, target, weight) {
    this.source = source;
    this.target = target;
    this.weight = weight;
    this.gradient = 0;
    source.outgoing.push(this);
    target.incoming.push(this);
  }
}

class ObjectEngine {
  constructor(net) {
    this.layers = net.widths.map((width) => Array.from({ length: width }, () => new Neuron()));
    net.layers.forEach(({ outputs, offset }, l) => {
      this.layers[l].forEach((source, i) => this.layers[l + 1].forEach((target, j) => {
        new Connection(source, target, net.parameters[offset + i * outputs + j]);
      }));
    });
  }

  epoch(X, y) {
    for (let s = 0; s < y.length; s++) {
      this.learn([X[2 * s], X[2 * s + 1]], y[s]);
      if ((s + 1) % BATCH_SIZE === 0) this.update();
    }
  }

  learn(point, target) {
    this.layers[0].forEach((neuron, i) => { neuron.value = point[i]; });
    for (let l = 1; l < this.layers.length; l++) for (const neuron of this.layers[l]) neuron.fire();
    const [output] = this.layers.at(-1);
    output.blame(output.value - target);
    for (let l = this.layers.length - 2; l > 0; l--) {
      for (const neuron of this.layers[l]) {
        let gradient = 0;
        for (const connection of neuron.outgoing) gradient += connection.weight * connection.target.delta;
        neuron.blame(gradient);
      }
    }
  }

  update() {
    for (const layer of this.layers) {
      for (const neuron of layer) {
        neuron.bias -= (LEARNING_RATE * neuron.biasGradient) / BATCH_SIZE;
        neuron.biasGradient = 0;
        for (const connection of neuron.incoming) {
          connection.weight -= LEARNING_RATE * (connection.gradient / BATCH_SIZE + L2 * connection.weight);
          connection.gradient = 0;
        }
      }
    }
  }

  /** Weights in the order of the flat parameter vector. */
  weights() {
    return this.layers.flatMap((layer) => layer.flatMap(({ outgoing }) => outgoing.map(({ weight }) => weight)));
  }
}

const median = (times) => [...times].sort((a, b) => a - b)[times.length >> 1];

/**
 * @returns {{page_ms: number, object_ms: number, ratio: number, lab_ms: number, difference: number}}
 *   median milliseconds per epoch of both engines; of a whole lab's run, which also reshuffles; and the
 *   largest difference of a weight after 40 epochs, which shows that both did the same work
 */
export function measure() {
  const rng = new CounterGenerator(0, "data");
  const X = rng.uniform(-6, 6, 2 * POINTS);
  const y = rng.uniform(-1, 1, POINTS).map((value) => (value < 0 ? -1 : 1));
  const net = mlp({ widths: WIDTHS, activation: "tanh", output: "tanh", init: "xavier_uniform", rng });
  const objects = new ObjectEngine(net);
  const optimizer = new Optimizer("sgd", net);
  const run = new Run({ learning_rate: LEARNING_RATE, l2: L2, batch_size: BATCH_SIZE });
  const engines = {
    page_ms() {
      for (let start = 0; start < POINTS; start += BATCH_SIZE) {
        net.lossAndGradient(X, y, start, start + BATCH_SIZE, "half_mse", L2);
        optimizer.step(LEARNING_RATE);
      }
    },
    object_ms() {
      objects.epoch(X, y);
    },
    lab_ms() {
      run.advanceEpochs(1);
    },
  };
  const times = { page_ms: [], object_ms: [], lab_ms: [] };
  let difference = 0;
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    for (const [name, epoch] of Object.entries(engines)) {
      const begin = performance.now();
      for (let i = 0; i < EPOCHS_AT_ONCE; i++) epoch();
      if (round >= WARM_UP) times[name].push((performance.now() - begin) / EPOCHS_AT_ONCE);
    }
    if (round === 1) {
      const flat = net.parameters.filter((_, i) => net.weightMask[i]);
      objects.weights().forEach((weight, i) => { difference = Math.max(difference, Math.abs(weight - flat[i])); });
    }
  }
  const result = Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]));
  return { ...result, ratio: result.page_ms / result.object_ms, difference };
}

if (globalThis.process?.argv[1]?.endsWith("engine_bench.mjs")) console.log(JSON.stringify(measure()));
