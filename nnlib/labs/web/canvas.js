/**
 * Small helpers for canvases: sharp on dense displays, and the marks that the pictures share.
 */

/** Displays denser than this gain nothing that the eye sees, and cost time. */
const LARGEST_RATIO = 2;

/**
 * Give a canvas its size in CSS pixels and return its context, scaled so that one unit is one CSS pixel.
 * @param {HTMLCanvasElement} canvas @param {number} width @param {number} height
 * @returns {CanvasRenderingContext2D}
 */
export function fit(canvas, width, height) {
  const ratio = Math.min(LARGEST_RATIO, Math.max(1, devicePixelRatio || 1));
  const [w, h] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  const context = canvas.getContext("2d");
  context.setTransform(w / width, 0, 0, h / height, 0, 0);
  return context;
}

/** A canvas that is not in the page and whose pixels are written directly. */
export class PixelSheet {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.context = this.canvas.getContext("2d");
    this.image = null;
  }

  /** The pixels of an image of this size, one 32-bit number each. @param {number} width @param {number} height */
  pixels(width, height) {
    if (this.image?.width !== width || this.image.height !== height) {
      Object.assign(this.canvas, { width, height });
      this.image = this.context.createImageData(width, height);
      this.words = new Uint32Array(this.image.data.buffer);
    }
    return this.words;
  }

  /** Put the written pixels onto the canvas. @returns {HTMLCanvasElement} */
  develop() {
    this.context.putImageData(this.image, 0, 0);
    return this.canvas;
  }
}

/** An outline to be drawn on this context, which may be one that writes SVG. @returns {Path2D} */
export function newPath(context) {
  return context.newPath?.() ?? new Path2D();
}

/** Corners of the polygons by class, as multiples of the radius; the circle (class 1) has none. */
const CORNERS = [
  [[0, -1.2], [1.1, 0.75], [-1.1, 0.75]],
  null,
  [[-0.85, -0.85], [0.85, -0.85], [0.85, 0.85], [-0.85, 0.85]],
  [[0, -1.25], [1.1, 0], [0, 1.25], [-1.1, 0]],
];

/**
 * Add the mark of a class to the current path: triangle, circle, square, diamond.
 * @param {CanvasRenderingContext2D | Path2D} path @param {number} k  the class
 * @param {number} x @param {number} y @param {number} radius
 */
export function addMark(path, k, x, y, radius) {
  const corners = CORNERS[k];
  if (!corners) {
    path.moveTo(x + radius, y);
    path.arc(x, y, radius, 0, 2 * Math.PI);
    return;
  }
  corners.forEach(([dx, dy], i) => path[i ? "lineTo" : "moveTo"](x + dx * radius, y + dy * radius));
  path.closePath();
}

/**
 * Add the line where a grid of values passes zero (marching squares, straight pieces) to the current path.
 * @param {CanvasRenderingContext2D} path
 * @param {(i: number) => number} value  by index into the row-major grid
 * @param {number} side   points of the grid in each direction
 * @param {number} size   size of the picture; grid points lie in the middle of their cells
 */
export function addZeroLine(path, value, side, size) {
  const cell = size / side;
  for (let row = 0; row + 1 < side; row++) {
    const y = (row + 0.5) * cell;
    let a = value(row * side), d = value((row + 1) * side);
    for (let column = 0; column + 1 < side; column++) {
      const i = row * side + column;
      const b = value(i + 1), c = value(i + side + 1);
      const code = (a > 0) + 2 * (b > 0) + 4 * (c > 0) + 8 * (d > 0);
      if (code !== 0 && code !== 15) {
        const x = (column + 0.5) * cell;
        const ends = [];
        if (a > 0 !== b > 0) ends.push(x + (cell * a) / (a - b), y);
        if (b > 0 !== c > 0) ends.push(x + cell, y + (cell * b) / (b - c));
        if (c > 0 !== d > 0) ends.push(x + (cell * d) / (d - c), y + cell);
        if (d > 0 !== a > 0) ends.push(x, y + (cell * a) / (a - d));
        for (let e = 0; e + 3 < ends.length; e += 4) {
          path.moveTo(ends[e], ends[e + 1]);
          path.lineTo(ends[e + 2], ends[e + 3]);
        }
      }
      a = b;
      d = c;
    }
  }
}
