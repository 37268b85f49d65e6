/**
 * Saving: the picture of a run as SVG or PNG, its curves as CSV.
 *
 * The picture is that of what is seen: the run as it is looked at, the plot that is chosen, a frozen run A. It is painted
 * once more by the parts that paint it on the screen, onto a context that writes SVG: points, curves, axes and the
 * network's lines stay lines, only the maps are pixels.
 */

import { addMark } from "./canvas.js";
import { cssColour } from "./colours.js";
import { tellDifference } from "./compare.js";
import { CURVE, Curves } from "./curves.js";
import { Diagram } from "./diagram.js";
import { Histogram } from "./histogram.js";
import { computeMaps, EXTENT } from "./picture.js";
import { Surface } from "./surface.js";
import { SvgContext } from "./svg_context.js";
import { formatNumber, formatPercent, formatSetting } from "./words.js";

const SIZE = { width: 960, height: 680 };
const PADDING = 24;
const TOP = 76;
const SQUARE = 372;
const FONT = "system-ui, sans-serif";
/** Pixels of the PNG for each unit of the picture. */
const SHARPNESS = 2;
/** The columns of a file of curves, in the order of CURVE. */
const COLUMNS = ["epoch", "train_loss", "test_loss", "train_accuracy", "test_accuracy"];
/** The frozen run A stands in a row below. */
const SMALL = 230;
const ROW = SMALL + 62;

/** Paint one part onto a context that writes SVG, in a place of the picture. */
function record(left, top, paint) {
  const context = new SvgContext();
  paint(context);
  return `<g transform="translate(${left} ${top})">\n${context}\n</g>`;
}

/**
 * @typedef {Object} Seen  what the reader has chosen to see
 * @property {import("./words.js").Words} words  @property {import("./colours.js").Palette} palette
 * @property {string} labId  @property {string} alt
 * @property {boolean} test  whether test points are drawn  @property {boolean} decided  whether the surface is discretised
 * @property {string} plot  which plot stands under the surface  @property {number} layer  of the histogram; 0 for all
 */

/** The picture as SVG. @param {import("./session.js").Shown} shown @param {Seen} seen */
export function svgPicture(shown, seen) {
  const { words, palette, labId, alt } = seen;
  const { subject, frozen } = shown;
  const left = SIZE.width - PADDING - SQUARE;
  const network = { width: left - 2 * PADDING - 26, height: SIZE.height - TOP - PADDING };
  const parts = [
    record(0, 0, (context) => paintTitle(context, labId, words.summary(shown), palette)),
    record(PADDING, TOP, (context) => {
      const diagram = Object.assign(new Diagram(host(), words), { canvas: context.canvas, ...network });
      diagram.paint(computeMaps(subject.net), subject, palette);
    }),
    record(left, TOP, (context) => {
      paintSurface(context, subject, SQUARE, seen);
      paintAxes(context, words, palette);
      paintLegend(context, subject.data, palette);
    }),
    record(left - 20, TOP + SQUARE + 62, (context) => {
      const height = SIZE.height - TOP - SQUARE - 62 - 12;
      paintPlot(context, shown, { width: SQUARE + 20, height }, seen);
    }),
  ];
  if (frozen) parts.push(record(PADDING, SIZE.height, (context) => paintFrozen(context, shown, seen)));
  const height = SIZE.height + (frozen ? ROW : 0);
  const title = words.say("saved_title", { lab: labId, epoch: shown.epoch });
  const plain = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE.width}" height="${height}" \
viewBox="0 0 ${SIZE.width} ${height}" role="img" aria-labelledby="title alt">
<title id="title">${plain(title)}</title>
<desc id="alt">${plain(alt)}</desc>
<rect width="100%" height="100%" fill="${palette.ground}"/>
${parts.join("\n")}
</svg>
`;
}

const host = () => document.createElement("div");

/** A surface with its points, as it is seen. */
function paintSurface(context, subject, size, { palette, test, decided }) {
  const surface = Object.assign(new Surface(host()), { field: context.canvas, points: context.canvas, size, decided });
  surface.paintFinely(subject, palette);
  const { data } = subject;
  surface.paintPoints(test ? data : { ...data, test: { ...data.test, n: 0 } }, palette);
}

/** What stands under the surface. */
function paintPlot(context, shown, size, { words, palette, plot, layer }) {
  const { canvas } = context;
  if (plot === "weights") {
    const histogram = Object.assign(new Histogram(words), { canvas, ...size });
    histogram.listLayers(shown.subject.net);
    histogram.select.selectedIndex = layer;
    histogram.paint(shown, palette);
  } else if (plot === "confusion") paintConfusion(context, shown.subject, size, words, palette);
  else {
    const curves = Object.assign(new Curves(host(), words), { canvas, measure: plot, ...size });
    curves.paint(shown, palette);
  }
}

function paintConfusion(context, run, { width, height }, words, palette) {
  const counts = run.confusion();
  const k = Math.sqrt(counts.length);
  const multiclass = run.data.task === "multiclass";
  const [column, row] = [Math.min(90, (width - 80) / k), Math.min(34, (height - 44) / (k + 1))];
  const left = (width - k * column) / 2;
  const put = (text, x, y) => context.fillText(text, x, y);
  Object.assign(context, { font: `12px ${FONT}`, textAlign: "center", textBaseline: "middle", globalAlpha: 1, lineWidth: 1 });
  context.fillStyle = palette.muted;
  put(words.say("confusion_caption"), width / 2, 10);
  const top = 24 + row;
  for (let c = 0; c < k; c++) {
    const name = multiclass ? String(c) : c ? "+1" : "−1";
    for (const [x, y] of [[left + (c + 0.5) * column, top - row / 2], [left - 24, top + (c + 0.5) * row]]) {
      context.beginPath();
      addMark(context, c, x - 14, y, 5);
      context.fillStyle = palette.classes[c];
      context.fill();
      context.fillStyle = palette.muted;
      put(name, x + 4, y);
    }
  }
  for (let i = 0; i < k * k; i++) {
    const [x, y] = [left + (i % k) * column, top + Math.floor(i / k) * row];
    context.strokeStyle = palette.line;
    context.strokeRect(x, y, column, row);
    context.fillStyle = palette.ink;
    put(String(counts[i]), x + column / 2, y + row / 2);
  }
}

/** The run A, as the lab shows it beside this one: its surface, and what differs. */
function paintFrozen(context, shown, seen) {
  const { words, palette } = seen;
  const { frozen } = shown;
  context.font = `600 14px ${FONT}`;
  context.fillStyle = palette.ink;
  context.fillText(words.say("ab_at", { epoch: frozen.epoch }), 0, 16);
  context.parts.push(record(0, 28, (small) => paintSurface(small, frozen.subject, SMALL, { ...seen, test: true, decided: false })));
  const left = SMALL + PADDING;
  let y = 46;
  context.font = `13px ${FONT}`;
  for (const line of linesOf(context, tellDifference(words, frozen, shown), SIZE.width - 2 * PADDING - left)) {
    context.fillText(line, left, y);
    y += 19;
  }
  y += 16;
  const rows = [["", ...["epoch", "train_loss", "test_loss", "test_accuracy"].map((name) => words.say(`ab_${name}`))]];
  for (const [name, run] of [["a", frozen], ["b", shown]]) {
    const numbers = [formatNumber(run.train_loss), formatNumber(run.test_loss), formatPercent(run.test_accuracy)];
    rows.push([words.say(name), String(run.epoch), ...numbers]);
  }
  rows.forEach((texts, i) => {
    texts.forEach((text, column) => {
      context.textAlign = column ? "right" : "left";
      context.fillStyle = i ? palette.ink : palette.muted;
      context.fillText(text, left + (column ? 20 + 100 * column : 0), y + 22 * i);
    });
  });
}

/** A text in lines of at most a width. */
function linesOf(context, text, width) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (context.measureText(longer).width > width && lines.at(-1)) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

function paintTitle(context, labId, summary, palette) {
  context.fillStyle = palette.ink;
  context.font = `600 18px ${FONT}`;
  context.fillText(labId, PADDING, 34);
  context.font = `14px ${FONT}`;
  context.fillStyle = palette.muted;
  context.fillText(summary, PADDING, 56);
}

function paintAxes(context, words, palette) {
  const at = (value) => (SQUARE * (value + EXTENT)) / (2 * EXTENT);
  context.globalAlpha = 1;
  for (const tick of [-EXTENT, 0, EXTENT]) {
    context.font = `11px ${FONT}`;
    context.fillStyle = palette.muted;
    context.textAlign = tick < 0 ? "left" : tick > 0 ? "right" : "center";
    context.fillText(formatSetting(tick), at(tick), SQUARE + 14);
    context.textAlign = "right";
    context.fillText(formatSetting(tick), -5, SQUARE - at(tick) + (tick > 0 ? 10 : tick < 0 ? 0 : 4));
  }
  context.font = "italic 13px Georgia, serif";
  context.fillStyle = palette.ink;
  context.textAlign = "center";
  context.fillText(words.say("x1"), at(EXTENT / 2), SQUARE + 14);
  context.textAlign = "right";
  context.fillText(words.say("x2"), -5, SQUARE - at(EXTENT / 2) + 4);
}

/** A bar from −1 to +1, or the marks of the classes. */
function paintLegend(context, { task, classes }, palette) {
  const top = SQUARE + 24;
  context.textAlign = "center";
  context.font = `11px ${FONT}`;
  if (task === "multiclass") {
    for (let k = 0; k < classes; k++) {
      context.beginPath();
      addMark(context, k, 8 + 44 * k, top + 8, 5);
      context.fillStyle = palette.classes[k];
      context.fill();
      context.fillStyle = palette.muted;
      context.fillText(String(k), 24 + 44 * k, top + 12);
    }
    return;
  }
  const steps = 60;
  for (let i = 0; i < steps; i++) {
    context.fillStyle = cssColour(palette, (2 * i) / (steps - 1) - 1);
    context.fillRect((SQUARE * i) / steps, top, (SQUARE * (steps - i)) / steps, 8); // to the end: no seams
  }
  context.fillStyle = palette.muted;
  for (const [text, x, align] of [["−1", 0, "left"], ["0", SQUARE / 2, "center"], ["+1", SQUARE, "right"]]) {
    context.textAlign = align;
    context.fillText(text, x, top + 21);
  }
}

/** The same picture in pixels. @param {string} svg @returns {Promise<Blob>} */
export async function pngPicture(svg) {
  const [width, height] = svg.match(/width="(\d+)" height="(\d+)"/).slice(1).map(Number);
  const image = new Image(width, height);
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: SHARPNESS * width, height: SHARPNESS * height });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

/**
 * Losses and accuracies by epoch.
 * @param {import("./session.js").Shown} shown
 */
export function csvCurves({ curve }) {
  const rows = curve.epoch.map((_, i) => CURVE.map((name) => curve[name][i]));
  const text = (value) => (Number.isFinite(value) ? value : "");
  return [COLUMNS, ...rows.map((row) => row.map(text))].map((row) => `${row.join(",")}\n`).join("");
}

/** Hand the reader a file. @param {string} name @param {Blob} blob */
export function download(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
