/**
 * What a lab shows beside the usual pictures: name in Plan(parts=…) → its class. How to add one is told in Plan
 * (nnlib/labs/lab.py).
 */

import { DropoutMask } from "./dropout_mask.js";
import { HalfPlanes } from "./half_planes.js";
import { HiddenSpace } from "./hidden_space.js";
import { Presets } from "./presets.js";
import { Sensitive, sensitiveRuns } from "./sensitive.js";
import { TruthTable } from "./truth_table.js";
import { WeightNumbers } from "./weight_numbers.js";

/**
 * @typedef {Object} Part  made with the view: puts its elements where they belong, a picture of its own as `nnlib-part`
 *   before view.tail
 * @property {{host: HTMLElement, width: number, height: number}[]} [boxes]  whose sizes the view keeps up to date
 * @property {(shown: import("../session.js").Shown) => void} [prepare]  called before the usual pictures are painted
 * @property {(shown: import("../session.js").Shown, palette: import("../colours.js").Palette) => void} [paint]
 *   called for each frame, with the run as it is looked at
 * @property {(shown: import("../session.js").Shown) => void} [describe]  for readers who do not see it: at most once
 *   a second while training goes on
 */

const PARTS = {
  half_planes: HalfPlanes,
  hidden_space: HiddenSpace,
  presets: Presets,
  truth_table: TruthTable,
  weight_numbers: WeightNumbers,
};

/**
 * The parts that a lab's plan names, what belongs to every run with dropout, and to a lab with sensitive presets.
 * @param {import("../view.js").View} view @returns {Part[]}
 */
export function makeParts(view) {
  const { model } = view.session;
  const names = model.get("parts") ?? [];
  const made = names.filter((name) => Object.hasOwn(PARTS, name)).map((name) => new PARTS[name](view));
  return [...made, new DropoutMask(view), ...(sensitiveRuns(model).length ? [new Sensitive(view)] : [])];
}
