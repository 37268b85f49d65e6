/**
 * The output surface without its shades: each point in the full colour of what the network decides there.
 */

import { pixel } from "./colours.js";

/**
 * @param {Uint32Array} pixels @param {Float64Array} outputs  k for each pixel @param {number} k
 * @param {import("./colours.js").Palette} palette
 */
export function colourDecided(pixels, outputs, k, { fields, middle }) {
  const colours = fields.map((channels) => pixel(...channels));
  const undecided = pixel(...middle);
  for (let i = 0; i < pixels.length; i++) {
    let decided = outputs[i] >= 0 ? 1 : 0;
    if (k > 1) for (let c = decided = 0; c < k; c++) if (outputs[i * k + c] > outputs[i * k + decided]) decided = c;
    pixels[i] = Number.isNaN(outputs[i * k]) ? undecided : colours[decided];
  }
}
