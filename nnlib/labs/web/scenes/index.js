/**
 * Every lab that trains nothing, by name. Each has its module here and its twin in Python (nnlib/labs/scene.py).
 */

import { NeuronScene } from "./neuron.js";

/** @type {Record<string, new (surroundings: import("./scene.js").Surroundings) => import("./scene.js").Scene>} */
export const SCENES = { neuron: NeuronScene };
