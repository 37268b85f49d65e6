/**
 * A ball on a loss surface: contour lines, the path so far, and in words where the ball is when it has left the picture.
 */

import { addZeroLine, fit } from "../canvas.js";
import { element, setText } from "../dom.js";
import { formatNumber, formatSetting } from "../words.js";
import { descend, EDGE, LANDSCAPES, levelsOf, MOST_STEPS } from "./landscapes.js";
import { arrow } from "./perceptron.js";
import { Plane, strokeWithHalo } from "./plane.js";
import { makeLines, makeTiles, paintSeries, Stepper } from "./stepper.js";

const SIDE = 96;
/** A run goes on in laps of so many steps. */
const LAP = 50;

export class DescentScene {
  /** @param {import("./scene.js").Surroundings} surroundings */
  constructor(surroundings) {
    const { host, words, move } = surroundings;
    Object.assign(this, { words, move });
    this.plane = new Plane(words, EDGE, [-2, 0, 2]);
    const [first, second] = this.plane.root.querySelectorAll(".nnlib-axis i");
    // The axes are parameters here: b upwards, a to the right.
    setText(first, "b");
    setText(second, "a");
    this.plane.addHandle({
      label: words.say("start_label"),
      step: 0.05,
      get: () => [this.settings.start_a, this.settings.start_b],
      set: (a, b) => move({ start_a: a, start_b: b }),
    });
    this.plane.handle.root.classList.add("nnlib-start");
    const [tiles, values] = makeTiles(words, ["steps_done", "loss", "ball_at", "slope"]);
    const [lines, texts] = makeLines(3);
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("role", "img");
    this.chart = element("div", "nnlib-chart", this.canvas);
    Object.assign(this, { values, texts });
    const caption = element("p", "nnlib-muted", words.say("descent_caption"));
    const main = element("div", "nnlib-main", this.plane.root, caption);
    host.append(element("div", "nnlib-steplab", main, element("div", "nnlib-side", tiles, this.chart, lines)));
    this.step = 0;
    this.stepper = new Stepper(
      surroundings,
      "step",
      {
        descent_1: () => this.further(1), descent_10: () => this.further(10), descent_100: () => this.further(100),
        look_back: () => Math.max(0, this.step - 1), from_start: () => 0,
      },
      () => this.step,
      () => this.further(LAP - (this.step % LAP)),
    );
  }

  further(count) {
    return this.walk?.diverged ? this.step : Math.min(MOST_STEPS, this.step + count);
  }

  follow(settings) {
    this.settings = settings;
    const key = JSON.stringify(settings);
    if (key === this.key) return this;
    this.key = key;
    this.walk = descend(settings);
    this.step = this.walk.path.length - 1;
    const { condition, surface } = settings;
    this.bound = surface === "bowl" ? 2 / Math.max(1, condition) : null;
    const ground = `${surface} ${surface === "bowl" && condition}`;
    if (ground !== this.ground) {
      this.ground = ground;
      this.heights = new Float64Array(SIDE * SIDE);
      const at = (k) => EDGE * ((2 * k + 1) / SIDE - 1);
      const { f } = LANDSCAPES[surface];
      for (let row = 0, i = 0; row < SIDE; row++) {
        for (let column = 0; column < SIDE; column++) this.heights[i++] = f(at(column), -at(row), condition);
      }
      this.levels = levelsOf(this.heights);
    }
    return this;
  }

  numbers(settings) {
    const { walk, bound, step } = this.follow(settings);
    const known = (value) => (walk.diverged || !Number.isFinite(value) ? null : value);
    const [a, b] = walk.path.at(-1);
    return {
      step, at_a: known(a), at_b: known(b), loss: known(walk.losses.at(-1)), slope: known(Math.hypot(...walk.gradient)),
      diverged: Number(walk.diverged), bound,
    };
  }

  idle({ surface, optimizer, noise }) {
    const used = {
      condition: surface === "bowl", momentum: optimizer === "momentum" || optimizer === "nesterov", seed: noise > 0,
    };
    return Object.keys(used).filter((field) => !used[field]);
  }

  // ---- painting

  paint(settings, palette) {
    this.follow(settings);
    const { start_a: a, start_b: b } = settings;
    this.plane.moveHandle(a, b, `a = ${formatSetting(a)}, b = ${formatSetting(b)}`);
    const context = this.plane.begin();
    if (context) this.paintGround(context, palette);
    if (context) this.paintPath(context, palette);
    const { clientWidth: width, clientHeight: height } = this.chart;
    const words = this.describe();
    if (width && height) {
      const least = Math.min(0, ...this.levels, ...this.walk.losses.filter(Number.isFinite));
      const label = this.words.say(least < 0 ? "loss_above_lowest" : "loss_by_step");
      const series = this.walk.losses.map((loss) => loss - least);
      paintSeries(fit(this.canvas, width, height), width, height, series, label, palette);
    }
    this.plane.canvas.setAttribute("aria-label", words);
    this.canvas.setAttribute("aria-label", this.words.say("loss_by_step"));
    this.write(settings);
    this.stepper.update();
  }

  /** The deeper, the paler: a rank between the levels for every place. */
  paintGround(context, palette) {
    const { plane, heights, levels } = this;
    const { f } = LANDSCAPES[this.settings.surface];
    const { condition } = this.settings;
    const rank = (a, b) => {
      const height = f(a, b, condition);
      let level = 0;
      while (level < levels.length && height > levels[level]) level += 1;
      return (0.75 * level) / levels.length;
    };
    plane.paintField(context, rank, palette, 160);
    context.beginPath();
    for (const level of levels) addZeroLine(context, (i) => heights[i] - level, SIDE, plane.size);
    Object.assign(context, { strokeStyle: palette.ink, lineWidth: 0.8, globalAlpha: 0.4 });
    context.stroke();
    context.globalAlpha = 1;
  }

  paintPath(context, palette) {
    const { plane, walk } = this;
    const places = walk.path.map(([a, b]) => plane.place(clampFar(a), clampFar(b)));
    context.beginPath();
    places.forEach(([x, y], i) => context[i ? "lineTo" : "moveTo"](x, y));
    strokeWithHalo(context, palette, palette.classes[0], 2);
    if (places.length <= 80) {
      context.beginPath();
      for (const [x, y] of places) {
        context.moveTo(x + 2.6, y);
        context.arc(x, y, 2.6, 0, 2 * Math.PI);
      }
      context.fillStyle = palette.classes[0];
      context.fill();
    }
    if (!this.isInside()) return this.paintWayOut(context, palette);
    const [x, y] = places.at(-1);
    context.beginPath();
    context.arc(x, y, 8, 0, 2 * Math.PI);
    Object.assign(context, { fillStyle: palette.classes[0], strokeStyle: palette.outline, lineWidth: 2 });
    context.fill();
    context.stroke();
  }

  /** An arrow at the rim says where the ball went. */
  paintWayOut(context, palette) {
    const { plane } = this;
    const [a, b] = this.walk.path.at(-1).map((value) => (Number.isFinite(value) ? value : 0));
    const far = Math.max(Math.abs(a), Math.abs(b), 1e-9);
    const tip = plane.place((0.97 * EDGE * a) / far, (0.97 * EDGE * b) / far);
    const tail = plane.place((0.8 * EDGE * a) / far, (0.8 * EDGE * b) / far);
    arrow(context, tail, tip, palette, palette.classes[0], 4);
  }

  isInside() {
    return this.walk.path.at(-1).every((value) => Math.abs(value) <= EDGE);
  }

  // ---- words

  write(settings) {
    const { values, texts, walk, step, words, bound } = this;
    const [a, b] = walk.path.at(-1);
    const lost = walk.diverged;
    setText(values.steps_done, String(step));
    setText(values.loss, lost ? "–" : formatNumber(walk.losses.at(-1)));
    setText(values.ball_at, lost ? "–" : `(${short(a)}, ${short(b)})`);
    setText(values.slope, lost ? "–" : formatNumber(Math.hypot(...walk.gradient)));
    setText(texts[0], this.whereabouts());
    const rate = formatSetting(settings.learning_rate);
    const beyond = settings.learning_rate > bound;
    const key = settings.optimizer !== "sgd" ? "bound_for_sgd" : beyond ? "bound_exceeded" : settings.learning_rate < bound ? "bound_kept" : "bound_met";
    setText(texts[1], bound === null ? words.say(`about_${settings.surface}`) : words.say(key, { rate, bound: formatSetting(bound) }));
    setText(texts[2], settings.noise ? words.say("noise_in_words", { noise: formatSetting(settings.noise) }) : "");
  }

  whereabouts() {
    const { words, walk, step } = this;
    if (walk.diverged) return words.say("descent_diverged", { step });
    const [a, b] = walk.path.at(-1).map(short);
    if (!this.isInside()) return words.say("ball_outside", { a, b });
    const steepness = Math.hypot(...walk.gradient);
    if (steepness < 1e-6) return words.say("ball_rests");
    return "";
  }

  describe() {
    const { words, walk, step, settings } = this;
    if (walk.diverged) return words.say("descent_diverged", { step });
    const [a, b] = walk.path.at(-1).map(short);
    const values = {
      step, a, b, loss: formatNumber(walk.losses.at(-1)), optimizer: words.say(`option_${settings.optimizer}`),
      rate: formatSetting(settings.learning_rate), where: this.whereabouts(),
    };
    return words.say("says_descent", values).trim();
  }

  dispose() {
    this.stepper.dispose();
  }
}

/** Canvases draw nothing at places too far away. */
function clampFar(value) {
  return Number.isFinite(value) ? Math.max(-1e4, Math.min(1e4, value)) : 0;
}

function short(value) {
  return Math.abs(value) < 1000 ? value.toFixed(3).replace("-", "−").replace("−0.000", "0.000") : formatNumber(value);
}
