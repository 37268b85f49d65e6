/**
 * An activation function and its derivative, with its parameter, at one movable z and against a second one.
 */

import { ACTIVATIONS } from "../activations.js";
import { fit } from "../canvas.js";
import { element, setText } from "../dom.js";
import { formatNumber, formatSetting, isNumber } from "../words.js";
import { Handle, snap } from "./handle.js";

/** z is shown from −EXTENT to EXTENT; a step of the handle. */
const EXTENT = 6;
const STEP = 0.1;
/** Where the slope is smaller, hardly any gradient passes. */
const SATURATED = 0.05;
/** Upper and lower end of each picture. Its shape gives both axes the same unit, so that a slope of 1 looks like one. */
const F_ENDS = [-2.5, 4];
const SLOPE_ENDS = [-0.5, 2];
const F_TICKS = [-2, -1, 0, 1, 2, 3, 4];
const SLOPE_TICKS = [0, 1, 2];
const MARGIN = { left: 26, right: 8, top: 6, bottom: 18 };
const FONT = "11px system-ui, sans-serif";
/** Half the length of the tangent, in units of the picture. */
const TANGENT = 1.6;
/** Least values of z·σ(z) and z·Φ(z). */
const SILU_LEAST = -0.2784645427610738;
const GELU_LEAST = -0.16997120747990369;

const BOUNDS = {
  identity: () => [null, null],
  step: () => [0, 1],
  sign: () => [-1, 1],
  sigmoid: () => [0, 1],
  tanh: () => [-1, 1],
  relu: () => [0, null],
  leaky_relu: (slope) => [slope ? null : 0, null],
  prelu: (slope) => [slope ? null : 0, null],
  elu: (alpha) => [0 - alpha, null],
  gelu: () => [GELU_LEAST, null],
  silu: () => [SILU_LEAST, null],
  swish: (beta) => [beta ? SILU_LEAST / beta : null, null],
  softplus: () => [0, null],
};
/** Those that take their least value. */
const REACHED = new Set(["relu", "gelu", "silu", "swish", "leaky_relu", "prelu"]);
const TWO_VALUES = new Set(["step", "sign"]);
const PARAMETERS = ["slope", "alpha", "beta"];

export class ActivationScene {
  /** @param {import("./scene.js").Surroundings} surroundings */
  constructor({ host, words, move }) {
    this.words = words;
    const graphs = element("div", "nnlib-graphs");
    const picture = (key) => {
      const canvas = document.createElement("canvas");
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", words.say(`${key}_label`));
      const box = element("div", `nnlib-graph nnlib-graph-${key}`, canvas);
      const caption = element("span", "", words.say(`${key}_caption`));
      graphs.append(element("p", "nnlib-title", words.say(`${key}_title`), " ", caption), box);
      return { box, canvas };
    };
    host.append(graphs, this.buildNumbers());
    this.upper = picture("activation_f");
    this.lower = picture("activation_slope");
    const go = (z) => move({ z: snap(z, STEP, EXTENT) });
    const to = (x) => {
      const { left, right } = MARGIN;
      const width = this.upper.box.clientWidth;
      go(EXTENT * ((2 * (x * width - left)) / (width - left - right) - 1));
    };
    this.handle = new Handle(this.upper.box, words.say("control_z"), { to, by: (dx) => go(this.settings.z + dx * STEP) });
    this.lowerHandle = new Handle(this.lower.box, "", { to }, this.handle);
  }

  buildNumbers() {
    this.tiles = {};
    const tiles = ["z", "f", "derivative", "range"].map((name) => {
      const [value, other] = [element("b"), element("small")];
      this.tiles[name] = { value, other };
      return element("div", `nnlib-number nnlib-read-${name}`, element("span", "", this.words.say(`activation_read_${name}`)), value, other);
    });
    return element("div", "nnlib-numbers nnlib-readings", ...tiles);
  }

  follow(settings) {
    this.settings = settings;
  }

  paint(settings, palette) {
    this.follow(settings);
    const mine = chosen(settings);
    const other = settings.compare === "none" ? null : chosen({ activation: settings.compare });
    const numbers = this.numbers(settings);
    const flat = saturatedStretches(mine);
    const upper = { ends: F_ENDS, ticks: F_TICKS, flat, ghost: other?.f, curve: mine.f };
    this.paintGraph(this.upper, upper, palette, {
      below: (context, x, y) => paintRange(context, numbers, x, y, palette),
      above: (context, x, y) => paintTangent(context, settings.z, numbers, x, y, palette),
    });
    const lower = { ends: SLOPE_ENDS, ticks: SLOPE_TICKS, flat, ghost: other?.derivative, curve: mine.derivative };
    this.paintGraph(this.lower, lower, palette, { below: (context, x, y) => paintThreshold(context, x, y, palette) });
    this.placeHandles(settings, numbers);
    this.showNumbers(settings, numbers, other);
  }

  /** One of the two pictures; `below` and `above` draw what lies under and over the curve. */
  paintGraph({ box, canvas }, { ends: [low, high], ticks, flat, ghost, curve }, palette, { below, above }) {
    const { clientWidth: width, clientHeight: height } = box;
    if (!width || !height) return;
    const context = fit(canvas, width, height);
    context.clearRect(0, 0, width, height);
    const inner = { width: width - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };
    const x = (z) => MARGIN.left + (inner.width * (z + EXTENT)) / (2 * EXTENT);
    const y = (value) => MARGIN.top + (inner.height * (high - value)) / (high - low);
    paintFlat(context, flat, x, MARGIN.top, inner.height, palette);
    paintAxes(context, ticks, x, y, height, palette);
    context.save();
    context.beginPath();
    context.rect(MARGIN.left, MARGIN.top, inner.width, inner.height);
    context.clip();
    const samples = Math.max(200, Math.ceil(inner.width));
    if (ghost) paintCurve(context, ghost, samples, x, y, palette.muted, 1.6, [5, 4]);
    below?.(context, x, y);
    paintCurve(context, curve, samples, x, y, palette.accent, 2.6, []);
    above?.(context, x, y);
    context.restore();
  }

  placeHandles({ z }, { f, derivative }) {
    const text = this.words.say("activation_point", { z: formatSetting(z), f: formatNumber(f), derivative: formatNumber(derivative) });
    const put = (handle, box, [low, high], value) => {
      const { clientWidth: width, clientHeight: height } = box;
      if (!width || !height) return;
      const x = MARGIN.left + ((width - MARGIN.left - MARGIN.right) * (z + EXTENT)) / (2 * EXTENT);
      const inside = Math.min(high, Math.max(low, value));
      const y = MARGIN.top + ((height - MARGIN.top - MARGIN.bottom) * (high - inside)) / (high - low);
      handle.place(x / width, y / height, { now: z, min: -EXTENT, max: EXTENT, text });
    };
    put(this.handle, this.upper.box, F_ENDS, f);
    put(this.lowerHandle, this.lower.box, SLOPE_ENDS, derivative);
  }

  showNumbers({ z, activation, compare }, numbers, other) {
    const { tiles } = this;
    const named = (value) => (other ? `${this.name(compare)}: ${formatNumber(value)}` : "");
    setText(tiles.z.value, formatSetting(z));
    setText(tiles.z.other, numbers.saturated ? this.words.say("activation_saturated") : "");
    setText(tiles.f.value, formatNumber(numbers.f));
    setText(tiles.f.other, named(numbers.other_f));
    setText(tiles.derivative.value, formatNumber(numbers.derivative));
    setText(tiles.derivative.other, named(numbers.other_derivative));
    setText(tiles.range.value, rangeText(activation, numbers));
    const [low, high] = other ? BOUNDS[compare](other.parameter) : [];
    setText(tiles.range.other, other ? rangeText(compare, { low, high }) : "");
  }

  name(activation) {
    return this.words.option(activation);
  }

  numbers(settings) {
    const { z, compare } = settings;
    const mine = chosen(settings);
    const other = compare === "none" ? null : chosen({ activation: compare });
    const derivative = mine.derivative(z);
    const [low, high] = BOUNDS[settings.activation](mine.parameter);
    return {
      f: mine.f(z), derivative, low, high,
      saturated: Math.abs(derivative) < SATURATED ? 1 : 0,
      other_f: other ? other.f(z) : null,
      other_derivative: other ? other.derivative(z) : null,
    };
  }

  idle({ activation }) {
    return PARAMETERS.filter((name) => !Object.hasOwn(ACTIVATIONS[activation].parameters, name));
  }

  describe(settings) {
    const { words } = this;
    const { f, derivative, saturated } = this.numbers(settings);
    const values = { z: formatSetting(settings.z), f: formatNumber(f), derivative: formatNumber(derivative) };
    const parts = [words.say("says_activation", { ...values, activation: this.name(settings.activation) })];
    if (TWO_VALUES.has(settings.activation)) parts.push(words.say("says_activation_jump"));
    else parts.push(words.say(saturated ? "says_activation_saturated" : "says_activation_passes", values));
    return parts.join(" ");
  }
}

/** f and f′ with the reader's parameter; a name alone gives the standard one. */
function chosen(settings) {
  const { f, derivative, parameters } = ACTIVATIONS[settings.activation];
  const [name] = Object.keys(parameters);
  const parameter = name && (settings[name] ?? parameters[name]);
  return { f: (z) => f(z, parameter), derivative: (z) => derivative(z, parameter), parameter };
}

function rangeText(activation, { low, high }) {
  const number = (value) => formatSetting(Number(value.toFixed(3)));
  if (TWO_VALUES.has(activation)) return `{${number(low)}, ${number(high)}}`;
  const from = isNumber(low) ? `${REACHED.has(activation) || low === 0 && activation === "elu" ? "[" : "("}${number(low)}` : "(−∞";
  return `${from}, ${isNumber(high) ? number(high) : "∞"})`;
}

/** Where the slope is below the threshold: [from, to], … */
function saturatedStretches({ derivative }) {
  const stretches = [];
  const count = 480;
  let from = null;
  for (let i = 0; i <= count; i++) {
    const z = EXTENT * ((2 * i) / count - 1);
    const flat = Math.abs(derivative(z)) < SATURATED;
    if (flat && from === null) from = z;
    if (from !== null && (!flat || i === count)) {
      stretches.push([from, z]);
      from = null;
    }
  }
  return stretches;
}

/** Grey ground with slanted lines: colour is not the only sign. */
function paintFlat(context, stretches, x, top, height, palette) {
  for (const [from, to] of stretches) {
    const [left, width] = [x(from), x(to) - x(from)];
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    Object.assign(context, { fillStyle: palette.line, strokeStyle: palette.line, lineWidth: 1, globalAlpha: 0.35 });
    context.fillRect(left, top, width, height);
    context.globalAlpha = 0.9;
    context.beginPath();
    // Lines start at multiples of their distance, so that they stand still while a stretch grows.
    for (let at = Math.floor((left - height) / 9) * 9; at < left + width; at += 9) {
      context.moveTo(at, top + height);
      context.lineTo(at + height, top);
    }
    context.stroke();
    context.restore();
  }
}

function paintAxes(context, ticks, x, y, height, palette) {
  Object.assign(context, { font: FONT, fillStyle: palette.muted, lineWidth: 1, globalAlpha: 1 });
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const tick of ticks) {
    const at = Math.round(y(tick)) + 0.5;
    line(context, x(-EXTENT), at, x(EXTENT), at, tick === 0 ? palette.muted : palette.line);
    context.fillText(formatSetting(tick), x(-EXTENT) - 5, at);
  }
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  for (let z = -EXTENT; z <= EXTENT; z += 2) {
    const at = Math.round(x(z)) + 0.5;
    if (z === 0) line(context, at, y(ticks.at(-1)), at, height - MARGIN.bottom, palette.muted);
    const inside = z === EXTENT ? at - 4 : at;
    context.fillText(formatSetting(z), inside, height - 5);
  }
  context.font = "italic 13px Georgia, serif";
  context.fillStyle = palette.ink;
  context.fillText("z", x(5), height - 5);
}

function line(context, x1, y1, x2, y2, colour) {
  context.strokeStyle = colour;
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}

/** A curve; where it jumps, at 0, the line is broken, the value's dot filled and the other end's hollow. */
function paintCurve(context, f, samples, x, y, colour, width, dash) {
  const jump = Math.abs(f(1e-9) - f(-1e-9)) > 0.01;
  Object.assign(context, { strokeStyle: colour, fillStyle: colour, lineWidth: width, lineJoin: "round", globalAlpha: 1 });
  context.setLineDash(dash);
  context.beginPath();
  let broken = true;
  for (let i = 0; i <= samples; i++) {
    const z = EXTENT * ((2 * i) / samples - 1);
    if (jump && Math.abs(z) < EXTENT / samples) {
      context.lineTo(x(0), y(f(-1e-9)));
      broken = true;
      context.moveTo(x(0), y(f(1e-9)));
      broken = false;
      continue;
    }
    context[broken ? "moveTo" : "lineTo"](x(z), y(f(z)));
    broken = false;
  }
  context.stroke();
  context.setLineDash([]);
  if (!jump || dash.length) return;
  for (const side of [-1e-9, 1e-9]) {
    context.beginPath();
    context.arc(x(0), y(f(side)), 4, 0, 2 * Math.PI);
    if (Math.abs(f(side) - f(0)) < 0.005) context.fill();
    else {
      context.save();
      context.globalCompositeOperation = "destination-out";
      context.fill();
      context.restore();
      context.lineWidth = 1.6;
      context.stroke();
    }
  }
}

/** The ends of the range as dotted lines. */
function paintRange(context, { low, high }, x, y, palette) {
  Object.assign(context, { lineWidth: 1.4 });
  context.setLineDash([1.5, 4]);
  for (const end of [low, high]) if (isNumber(end)) line(context, x(-EXTENT), y(end), x(EXTENT), y(end), palette.ink);
  context.setLineDash([]);
}

function paintTangent(context, z, { f, derivative }, x, y, palette) {
  const reach = TANGENT / Math.hypot(1, derivative);
  context.lineWidth = 2;
  line(context, x(z - reach), y(f - reach * derivative), x(z + reach), y(f + reach * derivative), palette.negative);
}

/** Between these lines the slope is too small. */
function paintThreshold(context, x, y, palette) {
  context.lineWidth = 1;
  context.setLineDash([2, 3]);
  for (const end of [-SATURATED, SATURATED]) line(context, x(-EXTENT), y(end), x(EXTENT), y(end), palette.muted);
  context.setLineDash([]);
}
