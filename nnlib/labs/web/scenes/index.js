/**
 * Every lab that trains nothing, by name. Each has its module here and its twin in Python (nnlib/labs/scene.py).
 */

import { ActivationScene } from "./activation.js";
import { NeuronScene } from "./neuron.js";
import { ShapesScene } from "./shapes.js";

/** @type {Record<string, new (surroundings: import("./scene.js").Surroundings) => import("./scene.js").Scene>} */
export const SCENES = { neuron: NeuronScene, shapes: ShapesScene, activation: ActivationScene };
