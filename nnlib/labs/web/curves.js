/**
 * The loss curves of a run: training and test loss by epoch.
 *
 * Both stay visible where they run together: the test curve is a broad solid line, the training curve a narrow dashed
 * one on top of it, and each carries its name at its end. The axes keep still while a run goes on: the epochs are
 * those of the whole run, and the losses go from 0 to the lowest of a few round numbers that covers all losses after
 * the first epochs, which alone may leave the picture: an arrow says where. A thin line marks where η or λ was changed.
 */

import { fit } from "./canvas.js";
import { parameterIndex } from "./training.js";
import { formatSetting, isNumber } from "./words.js";

export const MARGIN = { left: 34, right: 46, top: 12, bottom: 20 };
const FONT = "11px system-ui, sans-serif";
/** Names at the ends of the lines keep this distance. */
const LABEL_HEIGHT = 13;
/** The losses of the first epochs do not set the scale, nor do those of a run that diverges. */
const FIRST_EPOCHS = 3;
const HIGHEST = 1000;
/** The scale shrinks only when less than this share of it is used; after the first epochs it can only grow. */
const USED = 0.4;
/** Arrows, and names of changes, closer together than this are one. */
const APART = 12;

/** The columns of a curve, in the order in which a kernel sends the numbers of a point. */
export const CURVE = ["epoch", "train", "test", "train_accuracy", "test_accuracy"];

/** @typedef {Record<"epoch" | "train" | "test" | "train_accuracy" | "test_accuracy", (number | null)[]>} Curve */

/** The epoch at the end of the axis: there this run, or the run A beside it, ends. @param {import("./session.js").Shown} shown */
export const lastEpoch = ({ curve, until, frozen }) =>
  Math.max(1, until, curve.epoch.at(-1) ?? 0, frozen?.curve.epoch.at(-1) ?? 0);

export class Curves {
  /** @param {HTMLElement} host @param {import("./words.js").Words} words */
  constructor(host, words) {
    this.host = host;
    this.words = words;
    this.canvas = host.appendChild(document.createElement("canvas"));
    this.canvas.setAttribute("role", "img");
    this.width = 0;
    this.height = 0;
    this.top = 0;
    this.length = 0;
    /** @type {"loss" | "accuracy"} */
    this.measure = "loss";
  }

  /** @param {string} text */
  describe(text) {
    this.canvas.setAttribute("aria-label", text);
  }

  /**
   * @param {import("./session.js").Shown} shown
   * @param {import("./colours.js").Palette} palette
   */
  paint({ curve, until, changes, subject, frozen, rewoundTo, settings, best_epoch }, palette) {
    if (!this.width) return;
    const context = fit(this.canvas, this.width, this.height);
    context.clearRect(0, 0, this.width, this.height);
    const box = {
      left: MARGIN.left, top: MARGIN.top,
      width: this.width - MARGIN.left - MARGIN.right, height: this.height - MARGIN.top - MARGIN.bottom,
    };
    let other = frozen?.curve ?? { epoch: [], train: [], test: [] };
    const last = lastEpoch({ curve, until, frozen });
    const goesOn = curve.epoch.length >= this.length && frozen === this.frozen;
    this.length = curve.epoch.length;
    this.frozen = frozen;
    const shares = this.measure === "accuracy";
    if (shares) [curve, other] = [accuraciesOf(curve), accuraciesOf(other)];
    this.top = shares ? 1 : upperEnd(curve, goesOn ? this.top : 0);
    if (frozen && !shares) this.top = Math.max(this.top, upperEnd(other, 0));
    const x = (epoch) => box.left + (box.width * epoch) / last;
    const y = (loss) => box.top + box.height * (1 - Math.min(1, loss / this.top));
    this.paintAxes(context, box, last, palette);
    this.paintChanges(context, box, changes, (step) => x(step / subject.stepsPerEpoch), palette);
    if (settings?.early_stopping > 0 && isNumber(best_epoch)) this.paintBest(context, box, x(best_epoch), palette);
    // A, the frozen run, in the same colours but dotted and pale, under B.
    context.globalAlpha = 0.75;
    const testA = paintLine(context, other.epoch, other.test, x, y, palette.accent, 2, [2, 3]);
    const trainA = paintLine(context, other.epoch, other.train, x, y, palette.ink, 1.1, [1, 3]);
    context.globalAlpha = 1;
    const test = paintLine(context, curve.epoch, curve.test, x, y, palette.accent, 2.6, []);
    const train = paintLine(context, curve.epoch, curve.train, x, y, palette.ink, 1.2, [6, 2]);
    this.paintArrows(context, box, curve, x, palette);
    if (rewoundTo !== undefined) paintMoment(context, box, x(rewoundTo), palette);
    if (test && train && testA && trainA) {
      const say = (run, name) => this.words.say("curve_of", { run: this.words.say(run), name: this.words.say(name) });
      paintSpread(context, box, palette, [
        [trainA, say("a", "train"), false], [testA, say("a", "test"), true],
        [train, say("b", "train"), false], [test, say("b", "test"), true],
      ]);
    } else if (test && train) this.paintNames(context, box, train, test, palette);
  }

  paintAxes(context, box, last, palette) {
    context.font = FONT;
    context.fillStyle = palette.muted;
    context.strokeStyle = palette.line;
    context.lineWidth = 1;
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const share of [0, 0.5, 1]) {
      const at = Math.round(box.top + box.height * (1 - share)) + 0.5;
      context.beginPath();
      context.moveTo(box.left, at);
      context.lineTo(box.left + box.width, at);
      context.stroke();
      const tick = this.measure === "accuracy" ? `${100 * share}%` : formatSetting(this.top * share);
      context.fillText(tick, box.left - 5, at);
    }
    context.textBaseline = "alphabetic";
    const baseline = this.height - 5;
    context.textAlign = "left";
    context.fillText("0", box.left, baseline);
    context.textAlign = "right";
    context.fillText(String(last), box.left + box.width, baseline);
    context.textAlign = "center";
    context.fillText(this.words.say("epochs"), box.left + box.width / 2, baseline);
  }

  /** A thin line where a setting was changed, with its letter; the letters of η and λ stand at different heights. */
  paintChanges(context, box, changes, x, palette) {
    const named = {};
    context.font = FONT;
    context.textAlign = "left";
    context.textBaseline = "top";
    context.fillStyle = context.strokeStyle = palette.muted;
    context.lineWidth = 1;
    for (const [step, field] of changes) {
      const name = this.words.say(parameterIndex(field) < 0 ? `mark_${field}` : "mark_parameter");
      const at = Math.round(x(step)) + 0.5;
      if (at - (named[name] ?? -Infinity) < APART) continue;
      named[name] = at;
      context.globalAlpha = 0.6;
      context.beginPath();
      context.moveTo(at, box.top);
      context.lineTo(at, box.top + box.height);
      context.stroke();
      context.globalAlpha = 1;
      context.fillText(name, at + 3, box.top + 2 + (field === "learning_rate" ? 0 : LABEL_HEIGHT));
    }
  }

  /** The epoch of the lowest test loss, to which early stopping goes back: a dotted line with its name. */
  paintBest(context, box, at, palette) {
    Object.assign(context, { strokeStyle: palette.accent, fillStyle: palette.accent, lineWidth: 1.5, font: `600 ${FONT}` });
    context.setLineDash([2, 2]);
    context.beginPath();
    context.moveTo(at, box.top);
    context.lineTo(at, box.top + box.height);
    context.stroke();
    context.setLineDash([]);
    const left = at < box.left + 0.75 * box.width;
    context.textAlign = left ? "left" : "right";
    context.textBaseline = "top";
    context.fillText(this.words.say("curve_best"), at + (left ? 4 : -4), box.top + 2);
  }

  /** An arrow above each stretch in which a curve leaves the picture. */
  paintArrows(context, box, { epoch, train, test }, x, palette) {
    context.fillStyle = palette.muted;
    context.font = FONT;
    context.textAlign = "center";
    context.textBaseline = "bottom";
    let last = -Infinity;
    for (let i = 0; i < epoch.length; i++) {
      if (!(train[i] > this.top || test[i] > this.top)) continue;
      if (x(epoch[i]) - last >= APART) context.fillText("↑", x(epoch[i]), box.top + 1);
      last = x(epoch[i]);
    }
  }

  paintNames(context, box, train, test, palette) {
    const half = LABEL_HEIGHT / 2;
    const middle = Math.min(box.top + box.height - half, Math.max(box.top + half, (train.y + test.y) / 2));
    const apart = Math.max(LABEL_HEIGHT, Math.abs(train.y - test.y)) / 2;
    const above = train.y <= test.y ? -1 : 1;
    context.font = FONT;
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.fillStyle = palette.ink;
    context.fillText(this.words.say("train"), train.x + 5, middle + above * apart);
    context.font = `600 ${FONT}`;
    context.fillStyle = palette.accent;
    context.fillText(this.words.say("test"), test.x + 5, middle - above * apart);
  }
}

/** The moment that is looked at: a line, and what came after it pale. */
function paintMoment(context, box, at, palette) {
  context.globalAlpha = 0.65;
  context.fillStyle = palette.ground;
  context.fillRect(at, box.top - 2, box.left + box.width - at + 2, box.height + 2);
  context.globalAlpha = 1;
  context.strokeStyle = palette.accent;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(at, box.top - 4);
  context.lineTo(at, box.top + box.height + 3);
  context.stroke();
}

/**
 * Names at the ends of four lines: in the margin, one below the other in the order of the lines. The names of a curve
 * that has not come so far stand at its end.
 * @param {[{x: number, y: number}, string, boolean][]} names  end of a line, its name, whether it is bold
 */
function paintSpread(context, box, palette, names) {
  const right = box.left + box.width;
  const places = names.map(([end, text, bold]) => ({ x: end.x, y: end.y, text, bold }));
  // Names that would lie beside each other share a column.
  const inMargin = ({ x }) => right - x < MARGIN.right;
  for (const column of [places.filter(inMargin), places.filter((place) => !inMargin(place))]) {
    column.sort((a, b) => a.y - b.y);
    const low = box.top + box.height + LABEL_HEIGHT / 2;
    column.forEach((one, i) => {
      one.y = Math.max(one.y, i ? column[i - 1].y + LABEL_HEIGHT : box.top);
    });
    for (let i = column.length - 1, most = low; i >= 0; i--, most -= LABEL_HEIGHT) {
      column[i].y = Math.min(column[i].y, most);
    }
    const at = Math.max(...column.map(({ x }) => x));
    for (const one of column) one.x = at;
  }
  context.textAlign = "left";
  context.textBaseline = "middle";
  for (const { x, y, text, bold } of places) {
    context.font = bold ? `600 ${FONT}` : FONT;
    context.fillStyle = bold ? palette.accent : palette.ink;
    context.fillText(text, x + 5, y);
  }
}

/** The accuracies of a curve in the place of its losses. @param {Curve} curve */
function accuraciesOf({ epoch, train_accuracy = [], test_accuracy = [] }) {
  return { epoch, train: train_accuracy, test: test_accuracy };
}

/**
 * The lowest round number that covers the losses after the first epochs (until then, those there are). Their maximum
 * never falls, so the one in use can shrink only once in a run, when the first epochs are over.
 * @param {Curve} curve @param {number} current
 */
function upperEnd({ epoch, train, test }, current) {
  const start = epoch.at(-1) > FIRST_EPOCHS ? FIRST_EPOCHS + 1 : 0;
  let highest = 0;
  epoch.forEach((at, i) => {
    if (at >= start) for (const loss of [train[i], test[i]]) if (isNumber(loss) && loss > highest) highest = loss;
  });
  highest = Math.min(HIGHEST, highest);
  if (highest <= current && highest > USED * current) return current;
  const wanted = Math.max(1e-6, highest);
  const power = 10 ** Math.floor(Math.log10(wanted));
  return Number(([1, 2, 4, 6, 10].find((digit) => digit * power >= wanted) * power).toPrecision(6));
}

/**
 * Draw one curve. Of a long one, each pixel column shows the mean as the line, and the range as a pale band: a line
 * through every value would be a thicket, and dashes along it would cost most of a frame.
 * @returns {{x: number, y: number} | null} its end
 */
function paintLine(context, epochs, losses, x, y, colour, width, dash) {
  const columns = [];
  let end = null;
  for (let i = 0; i < epochs.length; i++) {
    if (!isNumber(losses[i])) continue;
    end = { x: x(epochs[i]), y: y(losses[i]) };
    const column = columns.at(-1);
    if (column && end.x - column.x < 1) {
      column.count += 1;
      column.sum += end.y;
      column.top = Math.min(column.top, end.y);
      column.bottom = Math.max(column.bottom, end.y);
    } else columns.push({ x: end.x, count: 1, sum: end.y, top: end.y, bottom: end.y });
  }
  if (columns.some(({ top, bottom }) => bottom - top > width)) paintBand(context, columns, colour);
  context.beginPath();
  for (const { x: at, sum, count } of columns) context.lineTo(at, sum / count);
  if (end) context.lineTo(end.x, end.y);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.lineJoin = "round";
  context.setLineDash(dash);
  context.stroke();
  context.setLineDash([]);
  return end;
}

/** The ranges of a curve's pixel columns. */
function paintBand(context, columns, colour) {
  const { globalAlpha } = context;
  context.beginPath();
  for (const { x, top } of columns) context.lineTo(x, top);
  for (const { x, bottom } of [...columns].reverse()) context.lineTo(x, bottom);
  context.closePath();
  context.fillStyle = colour;
  context.globalAlpha = 0.3 * globalAlpha;
  context.fill();
  context.globalAlpha = globalAlpha;
}
