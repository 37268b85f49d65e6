/**
 * The output surface: what the network answers for every point of the input square, with the data on top.
 *
 * Two canvases lie on each other. The lower one, painted with every frame, holds the surface and the line where the
 * answer turns; the upper one holds the points and is painted only when data, size or theme change.
 */

import { addMark, addZeroLine, fit, PixelSheet } from "./canvas.js";
import { cssColour } from "./colours.js";
import { colourDecided } from "./decided.js";
import { colourClasses, colourSurface, computeFineSurface, EXTENT, surfaceValue } from "./picture.js";

/** With more points than this, marks get smaller. */
const MANY_POINTS = 700;
/** Fewer points than this are drawn larger. */
const FEW_POINTS = 12;
/** Test points, which are many and hollow, are so much smaller than training points. */
const TEST_SIZE = 0.68;
const BOUNDARY_WIDTH = 1.8;

export class Surface {
  /** @param {HTMLElement} host  a square box */
  constructor(host) {
    this.host = host;
    this.field = host.appendChild(document.createElement("canvas"));
    this.points = host.appendChild(document.createElement("canvas"));
    this.points.className = "nnlib-points";
    this.points.setAttribute("aria-hidden", "true");
    this.field.setAttribute("role", "img");
    this.sheet = new PixelSheet();
    this.size = 0;
    /** Show only what is decided, without shades. */
    this.decided = false;
  }

  /** @param {string} text */
  describe(text) {
    this.field.setAttribute("aria-label", text);
  }

  /**
   * Paint the surface over a grid.
   * @param {import("./picture.js").Maps} maps @param {import("./training.js").Run} run
   * @param {import("./colours.js").Palette} palette
   */
  paint({ side, outputs }, run, palette) {
    if (!this.size) return;
    const k = run.net.widths.at(-1);
    const pixels = this.sheet.pixels(side, side);
    if (this.decided) colourDecided(pixels, outputs, k, palette);
    else if (k > 1) colourClasses(pixels, outputs, k, palette);
    else colourSurface(pixels, outputs, surfaceValue(run.loss.name), palette);
    const context = fit(this.field, this.size, this.size);
    context.imageSmoothingQuality = "low";
    context.drawImage(this.sheet.develop(), 0, 0, this.size, this.size);
    if (run.data.task !== "regression") this.paintBoundary(context, outputs, k, side, palette);
  }

  /** Where the answer turns from one class to another: a line with a halo, so that it stands out on every surface. */
  paintBoundary(context, outputs, k, side, palette) {
    context.beginPath();
    if (k > 1) {
      for (let c = 0; c < k; c++) addZeroLine(context, (i) => lead(outputs, i * k, k, c), side, this.size);
    } else {
      addZeroLine(context, (i) => outputs[i], side, this.size);
    }
    context.lineCap = context.lineJoin = "round";
    for (const [colour, width, alpha] of [[palette.ground, 3.8, 0.55], [palette.ink, BOUNDARY_WIDTH, 1]]) {
      Object.assign(context, { strokeStyle: colour, lineWidth: width, globalAlpha: alpha });
      context.stroke();
    }
  }

  /** Paint the surface once more, finely: for a run that rests. */
  paintFinely(run, palette) {
    this.paint(computeFineSurface(run.net), run, palette);
  }

  /**
   * Paint the points: training points filled, test points hollow.
   * @param {{train: any, test: any, task: string}} data @param {import("./colours.js").Palette} palette
   */
  paintPoints(data, palette) {
    if (!this.size) return;
    const context = fit(this.points, this.size, this.size);
    context.clearRect(0, 0, this.size, this.size);
    context.lineJoin = "round";
    const few = data.train.n + data.test.n < FEW_POINTS;
    const many = data.train.n + data.test.n > MANY_POINTS;
    const radius = Math.min(4, Math.max(2.7, this.size / 95)) * (many ? 0.7 : few ? 1.7 : 1);
    const paint = data.task === "regression" ? paintValues : paintClasses;
    paint(context, data.test, true, radius * TEST_SIZE, this.size, palette);
    paint(context, data.train, false, radius, this.size, palette);
  }
}

/** By how much output c leads the others at one point; positive where it wins. */
function lead(outputs, start, k, c) {
  let other = -Infinity;
  for (let j = 0; j < k; j++) if (j !== c) other = Math.max(other, outputs[start + j]);
  return outputs[start + c] - other;
}

/** The class of a label: −1 and +1 are classes 0 and 1. @param {string} task @param {number} label */
const classOf = (label) => (label < 0 ? 0 : label);

function paintClasses(context, { X, y, n }, hollow, radius, size, palette) {
  const paths = palette.classes.map(() => new Path2D());
  for (let i = 0; i < n; i++) {
    const [px, py] = place(X, i, size);
    addMark(paths[classOf(y[i])], classOf(y[i]), px, py, radius);
  }
  paths.forEach((path, k) => {
    paintOutline(context, path, palette.outline, hollow);
    paintInside(context, path, palette.classes[k], hollow);
  });
}

/** Values share a shape, and the surface's colours: where the network is right, a point fades into its ground. */
function paintValues(context, { X, y, n }, hollow, radius, size, palette) {
  const paths = new Map();
  for (let i = 0; i < n; i++) {
    const step = Math.round(Math.max(-1, Math.min(1, y[i])) * 10) / 10;
    if (!paths.has(step)) paths.set(step, new Path2D());
    const [px, py] = place(X, i, size);
    addMark(paths.get(step), 1, px, py, radius);
  }
  for (const [step, path] of paths) {
    context.globalAlpha = 0.4;
    paintOutline(context, path, palette.ink, hollow);
    context.globalAlpha = 1;
    paintInside(context, path, cssColour(palette, step), hollow);
  }
}

/** A filled mark has an outline, a hollow one a halo: both stand out on their own colour. */
function paintOutline(context, path, colour, hollow) {
  context.strokeStyle = colour;
  context.lineWidth = hollow ? 2.4 : 1.4;
  context.stroke(path);
}

function paintInside(context, path, colour, hollow) {
  context.strokeStyle = context.fillStyle = colour;
  context.lineWidth = 1.2;
  if (hollow) context.stroke(path);
  else context.fill(path);
}

function place(X, i, size) {
  return [(X[2 * i] / EXTENT + 1) * (size / 2), (1 - X[2 * i + 1] / EXTENT) * (size / 2)];
}
