/**
 * The lines of the network's picture: where each runs, how it shows its weight, and which of them lies under a pointer.
 *
 * A line's width is the size of its weight. Its sign has two cues: blue and solid is positive, orange and dashed negative.
 */

/** A weight of size 1 at a large map is this wide; the widest line is WIDEST. */
const LINE_WIDTH = 1.6;
const WIDEST = 6;
/** Lines are drawn in groups of about the same width, the faintest group not at all. */
export const LEVELS = 10;
/** A pointer finds a line from this far. */
const REACH = 7;

/** @typedef {{x: number, y: number, size: number}} Place  of a map */
/** @typedef {{left: number, right: number, y0: number, y1: number}} Edge */

/** The line between two maps. @param {Place} from @param {Place} to @returns {Edge} */
export function edgeBetween(from, to) {
  return { left: from.x + from.size, right: to.x, y0: from.y + from.size / 2, y1: to.y + to.size / 2 };
}

/** @param {CanvasRenderingContext2D | Path2D} path @param {Edge} edge */
export function addEdge(path, { left, right, y0, y1 }) {
  const bend = (right - left) / 2;
  path.moveTo(left, y0);
  path.bezierCurveTo(left + bend, y0, right - bend, y1, right, y1);
}

/** The group of a weight: 0 for what is not drawn. @param {number} weight */
export function levelOf(weight) {
  return Math.min(LEVELS - 1, Math.floor((Math.abs(weight) * LINE_WIDTH * LEVELS) / WIDEST + 0.6)) || 0;
}

/** Width, opacity, dashes and colour of the lines of a group. */
export function styleEdges(context, level, positive, thinner, palette) {
  const width = Math.max(0.5, ((level * WIDEST) / LEVELS) * thinner);
  context.strokeStyle = positive ? palette.positive : palette.negative;
  context.globalAlpha = Math.min(0.95, 0.3 + level * 0.12);
  context.lineWidth = width;
  context.setLineDash(positive ? [] : [4 + 1.5 * width, 2.5 + 0.6 * width]);
}

/** How far a point lies from a line; Infinity beside its ends. @param {Edge} edge @param {number} x @param {number} y */
export function distanceTo({ left, right, y0, y1 }, x, y) {
  const along = (x - left) / (right - left);
  if (!(along >= 0 && along <= 1)) return Infinity;
  // Along the curve x(t) = 1.5·t·(1 − t) + t³ grows steadily, so t is found by halving.
  let [low, high] = [0, 1];
  for (let i = 0; i < 12; i++) {
    const t = (low + high) / 2;
    if (1.5 * t * (1 - t) + t * t * t < along) low = t;
    else high = t;
  }
  const t = (low + high) / 2;
  const slope = ((y1 - y0) * 6 * t * (1 - t)) / ((right - left) * (1.5 - 3 * t + 3 * t * t));
  return Math.abs(y - y0 - (y1 - y0) * t * t * (3 - 2 * t)) / Math.hypot(1, slope);
}

/**
 * The drawn line next to a point, or null where none is near.
 * @param {Place[][]} columns @param {import("./network.js").Network} net @param {number} faintest
 * @returns {{column: number, unit: number, input: number} | null}  the unit it leads to, and the input it comes from
 */
export function edgeAt(columns, net, faintest, x, y) {
  let found = null;
  let nearest = REACH;
  net.layers.forEach(({ inputs, outputs, offset }, column) => {
    for (let i = 0; i < inputs; i++) {
      for (let j = 0; j < outputs; j++) {
        const weight = net.parameters[offset + i * outputs + j];
        if (!levelOf(weight) || Math.abs(weight) < faintest) continue;
        const distance = distanceTo(edgeBetween(columns[column][i], columns[column + 1][j]), x, y);
        if (distance >= nearest) continue;
        nearest = distance;
        found = { column: column + 1, unit: j, input: i };
      }
    }
  });
  return found;
}
