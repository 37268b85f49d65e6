/**
 * Where each unit of the first hidden layer turns: the line on which its sum is 0, over the output surface.
 *
 * Short strokes stand on the side where the sum is positive. More than a few lines would hide the surface: then none
 * are drawn, nor where the inputs are not the points themselves.
 */

import { fit } from "../canvas.js";
import { element } from "../dom.js";
import { symbolOf } from "../formula.js";
import { EXTENT } from "../picture.js";

const MOST_UNITS = 4;
const DASHES = [[], [7, 4], [2, 3], [9, 3, 2, 3]];
const FONT = "italic 600 14px Georgia, serif";
const STROKE = 6;
const APART = 26;

/**
 * The line w₁x₁ + w₂x₂ + b = 0 of each unit of the first layer: [w₁, w₂, b], batch norm included.
 * @param {import("../network.js").Network} net @returns {[number, number, number][]}
 */
export function firstLines(net) {
  const { outputs, offset, norm, running } = net.layers[0];
  const p = net.parameters;
  return Array.from({ length: outputs }, (_, j) => {
    const line = [p[offset + j], p[offset + outputs + j], p[offset + 2 * outputs + j]];
    if (norm < 0) return line;
    const scale = p[norm + j] / Math.sqrt(net.statistics[running + outputs + j] + 1e-5);
    const [w1, w2, b] = line;
    return [w1 * scale, w2 * scale, (b - net.statistics[running + j]) * scale + p[norm + outputs + j]];
  });
}

/** The two ends of a line within the square; null where it does not cross it. */
export function endsOf([w1, w2, b]) {
  const ends = [];
  const add = (x, y) => {
    const known = ends.some(([u, v]) => Math.hypot(u - x, v - y) < 1e-9);
    if (!known && Math.abs(x) <= EXTENT + 1e-9 && Math.abs(y) <= EXTENT + 1e-9) ends.push([x, y]);
  };
  for (const side of [-EXTENT, EXTENT]) {
    if (w2 !== 0) add(side, -(w1 * side + b) / w2);
    if (w1 !== 0) add(-(w2 * side + b) / w1, side);
  }
  return ends.length < 2 ? null : ends.slice(0, 2);
}

export class HalfPlanes {
  /** @param {import("../view.js").View} view */
  constructor({ surface, words }) {
    this.words = words;
    this.surface = surface;
    this.canvas = element("canvas", "nnlib-half-planes");
    this.canvas.setAttribute("aria-hidden", "true");
    surface.points.before(this.canvas);
  }

  /** @param {import("../session.js").Shown} shown @param {import("../colours.js").Palette} palette */
  paint({ subject }, palette) {
    const { size } = this.surface;
    if (!size || !subject) return;
    const context = fit(this.canvas, size, size);
    context.clearRect(0, 0, size, size);
    const { net } = subject;
    const wanted = !net.features && net.widths.length > 2 && net.widths[0] === 2 && net.widths[1] <= MOST_UNITS;
    if (!wanted) return;
    const place = ([x, y]) => [(x / EXTENT + 1) * (size / 2), (1 - y / EXTENT) * (size / 2)];
    firstLines(net).forEach((line, unit) => {
      const ends = endsOf(line);
      if (ends) this.paintLine(context, ends.map(place), line, unit, symbolOf(subject, this.words, 1, unit), palette);
    });
  }

  paintLine(context, [[x0, y0], [x1, y1]], [w1, w2], unit, name, palette) {
    const size = Math.hypot(w1, w2);
    // On the screen y grows downwards.
    const [nx, ny] = [w1 / size, -w2 / size];
    const length = Math.hypot(x1 - x0, y1 - y0);
    const line = new Path2D();
    line.moveTo(x0, y0);
    line.lineTo(x1, y1);
    const strokes = new Path2D();
    for (let at = APART / 2; at < length; at += APART) {
      const [x, y] = [x0 + ((x1 - x0) * at) / length, y0 + ((y1 - y0) * at) / length];
      strokes.moveTo(x, y);
      strokes.lineTo(x + STROKE * nx, y + STROKE * ny);
    }
    for (const [colour, width, alpha] of [[palette.ground, 4, 0.6], [palette.ink, 1.3, 1]]) {
      Object.assign(context, { strokeStyle: colour, lineWidth: width, globalAlpha: alpha });
      context.setLineDash(DASHES[unit % DASHES.length]);
      context.stroke(line);
      context.setLineDash([]);
      context.stroke(strokes);
    }
    const share = 0.2 + 0.12 * unit;
    const at = [x0 + (x1 - x0) * share + 14 * nx, y0 + (y1 - y0) * share + 14 * ny];
    Object.assign(context, { font: FONT, textAlign: "center", textBaseline: "middle", lineWidth: 3, fillStyle: palette.ink });
    Object.assign(context, { strokeStyle: palette.ground, lineJoin: "round" });
    context.strokeText(name, ...at);
    context.fillText(name, ...at);
  }
}
