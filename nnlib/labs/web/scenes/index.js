/**
 * Every lab that trains nothing, by name. Each has its module here and its twin in Python (nnlib/labs/scene.py).
 */

import { DescentScene } from "./descent.js";
import { GraphScene } from "./graph.js";
import { NeuronScene } from "./neuron.js";
import { PerceptronScene } from "./perceptron.js";
import { UpdateScene } from "./update.js";

/** @type {Record<string, new (surroundings: import("./scene.js").Surroundings) => import("./scene.js").Scene>} */
export const SCENES = {
  neuron: NeuronScene, perceptron: PerceptronScene, graph: GraphScene, update: UpdateScene, descent: DescentScene,
};
