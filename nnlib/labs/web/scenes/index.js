/**
 * Every lab that trains nothing, by name. Each has its module here and its twin in Python (nnlib/labs/scene.py).
 */

import { ActivationScene } from "./activation.js";
import { DescentScene } from "./descent.js";
import { GraphScene } from "./graph.js";
import { NeuronScene } from "./neuron.js";
import { PerceptronScene } from "./perceptron.js";
import { ShapesScene } from "./shapes.js";
import { UpdateScene } from "./update.js";

/** @type {Record<string, new (surroundings: import("./scene.js").Surroundings) => import("./scene.js").Scene>} */
export const SCENES = {
  neuron: NeuronScene,
  shapes: ShapesScene,
  perceptron: PerceptronScene,
  activation: ActivationScene,
  graph: GraphScene,
  update: UpdateScene,
  descent: DescentScene,
};
