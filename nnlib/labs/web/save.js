/**
 * Saving: the picture of a run as SVG or PNG, its curves as CSV.
 *
 * The picture is painted once more by the parts that paint it on the screen, onto a context that writes SVG: points,
 * curves, axes and the network's lines stay lines, only the maps are pixels.
 */

import { addMark } from "./canvas.js";
import { cssColour } from "./colours.js";
import { Curves } from "./curves.js";
import { Diagram } from "./diagram.js";
import { computeMaps, EXTENT } from "./picture.js";
import { Surface } from "./surface.js";
import { SvgContext } from "./svg_context.js";
import { Run } from "./training.js";
import { formatSetting } from "./words.js";

const SIZE = { width: 960, height: 680 };
const PADDING = 24;
const TOP = 76;
const SQUARE = 372;
const FONT = "system-ui, sans-serif";
/** Pixels of the PNG for each unit of the picture. */
const SHARPNESS = 2;
/** So many milliseconds a replay may take before the page gets its turn. */
const SLICE = 24;

/** Paint one part onto a context that writes SVG, in a place of the picture. */
function record(left, top, paint) {
  const context = new SvgContext();
  paint(context);
  return `<g transform="translate(${left} ${top})">\n${context}\n</g>`;
}

/**
 * @param {import("./session.js").Shown} shown @param {import("./colours.js").Palette} palette
 * @param {import("./words.js").Words} words @param {string} labId @param {string} alt
 * @returns {string} the picture as SVG
 */
export function svgPicture(shown, palette, words, labId, alt) {
  const { subject } = shown;
  const host = () => document.createElement("div");
  const left = SIZE.width - PADDING - SQUARE;
  const network = { width: left - 2 * PADDING - 26, height: SIZE.height - TOP - PADDING };
  const parts = [
    record(0, 0, (context) => paintTitle(context, labId, words.summary(shown), palette)),
    record(PADDING, TOP, (context) => {
      const diagram = Object.assign(new Diagram(host(), words), { canvas: context.canvas, ...network });
      diagram.paint(computeMaps(subject.net), subject, palette);
    }),
    record(left, TOP, (context) => {
      const surface = Object.assign(new Surface(host()), { field: context.canvas, points: context.canvas, size: SQUARE });
      surface.paintFinely(subject, palette);
      surface.paintPoints(subject.data, palette);
      paintAxes(context, words, palette);
      paintLegend(context, subject.data, palette);
    }),
    record(left - 20, TOP + SQUARE + 62, (context) => {
      const height = SIZE.height - TOP - SQUARE - 62 - 12;
      const curves = Object.assign(new Curves(host(), words), { canvas: context.canvas, width: SQUARE + 20, height });
      curves.paint(shown, palette);
    }),
  ];
  const title = words.say("saved_title", { lab: labId, epoch: shown.epoch });
  const plain = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE.width}" height="${SIZE.height}" \
viewBox="0 0 ${SIZE.width} ${SIZE.height}" role="img" aria-labelledby="title alt">
<title id="title">${plain(title)}</title>
<desc id="alt">${plain(alt)}</desc>
<rect width="100%" height="100%" fill="${palette.ground}"/>
${parts.join("\n")}
</svg>
`;
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
  const image = new Image(SIZE.width, SIZE.height);
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: SHARPNESS * SIZE.width, height: SHARPNESS * SIZE.height });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

/**
 * Losses and accuracies by epoch. Accuracies are no part of what an engine records: the run is trained once more for
 * them, in short turns.
 * @param {import("./session.js").Shown} shown @returns {Promise<string>}
 */
export async function csvCurves({ curve, settings, changes }) {
  const rows = [["epoch", "train_loss", "test_loss", "train_accuracy", "test_accuracy"]];
  const { epoch, train, test } = { epoch: [...curve.epoch], train: [...curve.train], test: [...curve.test] };
  const run = new Run(settings, [...changes]);
  let turn = performance.now();
  for (let i = 0; i < epoch.length; i++) {
    while (run.epoch < epoch[i] && !run.ended) run.advance(1);
    rows.push([epoch[i], train[i], test[i], run.trainAccuracy(), run.testAccuracy()]);
    if (performance.now() - turn < SLICE) continue;
    await new Promise((resolve) => setTimeout(resolve, 0));
    turn = performance.now();
  }
  return rows.map((row) => `${row.map((value) => (Number.isFinite(value) || typeof value === "string" ? value : "")).join(",")}\n`).join("");
}

/** Hand the reader a file. @param {string} name @param {Blob} blob */
export function download(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
