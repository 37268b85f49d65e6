/**
 * The perceptron's rule, look by look: the line and w turn, each update stands there with its numbers, and mistakes are
 * counted against their bound.
 */

import { addMark } from "../canvas.js";
import { button, element, setText } from "../dom.js";
import { CounterGenerator } from "../random.js";
import { formatSetting } from "../words.js";
import { bestMargin, learn, MOST_POINTS, PLANE, pointsOf, snap } from "./perceptron_rule.js";
import { Plane, strokeWithHalo } from "./plane.js";
import { makeLines, makeTiles, Stepper } from "./stepper.js";

const RADIUS = 6;
/** The arrow of w is as long as w, if it fits; else w and what is added to it are drawn smaller together. */
const LONGEST = 2.6;
const LABELS = [-1, 1];

export class PerceptronScene {
  /** What reads the text of a field. */
  static texts = { own: readPoints };

  /** @param {import("./scene.js").Surroundings} surroundings */
  constructor(surroundings) {
    const { host, words, move } = surroundings;
    Object.assign(this, { words, move });
    const say = (key) => words.say(key);
    this.cursor = [0, 0];
    this.label = 1;
    this.plane = new Plane(words, PLANE, [-2, 0, 2]);
    this.plane.addHandle({
      label: say("cursor_label"),
      step: 0.125,
      get: () => this.cursor,
      set: (x1, x2) => this.moveCursor(x1, x2),
    });
    this.plane.square.addEventListener("click", () => this.toggle());
    this.plane.handle.root.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      this.toggle();
    });
    this.plane.handle.root.classList.add("nnlib-cursor");
    this.pickers = LABELS.map((label, k) =>
      button("nnlib-button", [words.say(k ? "add_plus" : "add_minus")], say("add_title"), () => this.pick(label)),
    );
    const clear = button("nnlib-button", [say("clear_points")], say("clear_points_title"), () =>
      this.own([]),
    );
    const tools = element("div", "nnlib-tools", element("span", "", say("click_adds")), ...this.pickers, clear);
    tools.setAttribute("role", "group");
    tools.setAttribute("aria-label", say("click_adds"));
    const [tiles, values] = makeTiles(words, ["looks", "pass", "mistakes", "at_most"]);
    const [lines, texts] = makeLines(6);
    Object.assign(this, { values, texts });
    const side = element("div", "nnlib-side", tiles, lines);
    host.append(element("div", "nnlib-steplab", element("div", "nnlib-main", this.plane.root, tools), side));
    const find = (from, wanted) => {
      const { looks } = this;
      const at = looks.findIndex((look, i) => i >= from && wanted(look));
      return at < 0 ? looks.length : at + 1;
    };
    this.stepper = new Stepper(
      surroundings,
      "step",
      {
        next_look: () => Math.min(this.step + 1, this.looks.length),
        next_mistake: () => find(this.step, ({ mistake }) => mistake),
        next_pass: () => find(this.step, ({ step }) => step % this.points.length === 0),
        look_back: () => Math.max(0, this.step - 1),
        from_start: () => 0,
      },
      () => this.step,
      () => this.looks.length,
    );
    this.pick(1);
  }

  // ---- the points

  pick(label) {
    this.label = label;
    this.pickers.forEach((picker, k) => picker.setAttribute("aria-pressed", String(LABELS[k] === label)));
  }

  moveCursor(x1, x2) {
    this.cursor = [snap(x1), snap(x2)];
    this.sayCursor();
  }

  sayCursor() {
    const [x1, x2] = this.cursor;
    const there = this.points?.find((point) => point[0] === x1 && point[1] === x2);
    const text = this.words.say(there ? "cursor_on_point" : "cursor_free", {
      x1: formatSetting(x1), x2: formatSetting(x2), label: there ? signed(there[2]) : "",
    });
    this.plane.moveHandle(x1, x2, text);
  }

  /** Take the point at the cursor away, or near it; else add one. */
  toggle() {
    const [x1, x2] = this.cursor;
    const near = 0.1;
    const kept = this.points.filter((point) => Math.hypot(point[0] - x1, point[1] - x2) > near);
    if (kept.length === this.points.length) {
      if (kept.length >= MOST_POINTS) return;
      kept.push([x1, x2, this.label]);
    }
    this.own(kept);
  }

  own(points) {
    const own = points.map(([x1, x2, label]) => `${x1} ${x2} ${label}`).join("; ");
    this.move({ point_set: "own", own, step: 0 });
  }

  // ---- what follows from the settings

  follow(settings) {
    const { point_set, learning_rate, shuffle, seed, own } = settings;
    const key = JSON.stringify([point_set, learning_rate, shuffle, seed, own]);
    if (key !== this.key) {
      this.key = key;
      this.points = pointsOf({ points: point_set, seed, own: readPoints(own, this.words) });
      const both = new Set(this.points.map(([, , label]) => label)).size === 2;
      this.looks = both ? learn(this.points, learning_rate, shuffle ? new CounterGenerator(seed, "order") : null) : [];
      this.best = both ? bestMargin(this.points) : null;
    }
    this.step = Math.min(settings.step, this.looks.length);
    this.look = this.looks[this.step - 1] ?? null;
    this.w = this.look?.after ?? [0, 0, 0];
    return this;
  }

  wrong() {
    const [w1, w2, b] = this.w;
    return this.points.filter(([x1, x2, label]) => x1 * w1 + x2 * w2 + b >= 0 !== label > 0);
  }

  numbers(settings) {
    const { look, w, best } = this.follow(settings);
    return {
      step: this.step, epoch: look?.epoch ?? null, sample: look?.sample ?? null, score: look?.score ?? null,
      mistakes: look?.mistakes ?? 0, w1: w[0], w2: w[1], b: w[2], wrong: this.wrong().length,
      radius: best?.radius ?? null, gamma: best?.gamma ?? null, bound: best?.bound ?? null,
    };
  }

  idle({ point_set, shuffle }) {
    const seeded = shuffle || point_set === "clouds" || point_set === "narrow";
    return [...(point_set === "own" ? [] : ["own"]), ...(seeded ? [] : ["seed"])];
  }

  // ---- painting

  paint(settings, palette) {
    this.follow(settings);
    this.rate = settings.learning_rate;
    this.sayCursor();
    this.paintPlane(palette);
    this.write();
    this.stepper.update();
  }

  paintPlane(palette) {
    const { plane, look, points } = this;
    const context = plane.begin();
    if (!context) return;
    const [w1, w2, b] = this.w;
    plane.paintField(context, (u, v) => (w1 * u + w2 * v + b >= 0 ? 0.3 : -0.3), palette, 160);
    if (look?.mistake) {
      context.setLineDash([5, 5]);
      plane.paintLine(context, ...look.before, { ...palette, ink: palette.muted });
      context.setLineDash([]);
    }
    plane.paintLine(context, w1, w2, b, palette);
    const wrong = new Set(this.wrong());
    points.forEach((point, i) => {
      const [x, y] = plane.place(point[0], point[1]);
      const k = point[2] > 0 ? 1 : 0;
      context.beginPath();
      addMark(context, k, x, y, RADIUS);
      Object.assign(context, { fillStyle: palette.classes[k], strokeStyle: palette.outline, lineWidth: 1.2 });
      context.fill();
      context.stroke();
      if (wrong.has(point)) {
        // A wrong point is crossed out, whatever its colour.
        context.beginPath();
        for (const sign of [-1, 1]) {
          context.moveTo(x - 8, y - 8 * sign);
          context.lineTo(x + 8, y + 8 * sign);
        }
        strokeWithHalo(context, palette, palette.ink, 1.2);
      }
      if (i === look?.sample) {
        context.beginPath();
        context.arc(x, y, RADIUS + 7, 0, 2 * Math.PI);
        strokeWithHalo(context, palette, palette.accent, 2.5);
      }
    });
    this.paintArrows(context, palette);
    plane.canvas.setAttribute("aria-label", this.describe());
  }

  /** w from the origin; at a mistake also the old one, and what was added at its tip. */
  paintArrows(context, palette) {
    const { look, plane } = this;
    const [w1, w2] = this.w;
    const [v1, v2] = look?.before ?? [0, 0];
    const scale = Math.min(1, LONGEST / Math.max(1e-9, Math.hypot(w1, w2), look?.mistake ? Math.hypot(v1, v2) : 0));
    this.scale = scale;
    const at = (x1, x2) => plane.place(scale * x1, scale * x2);
    if (look?.mistake) {
      arrow(context, at(0, 0), at(v1, v2), palette, palette.muted, 2);
      context.setLineDash([4, 3]);
      arrow(context, at(v1, v2), at(w1, w2), palette, palette.classes[look.label > 0 ? 1 : 0], 2);
      context.setLineDash([]);
    }
    const tip = at(w1, w2);
    arrow(context, at(0, 0), tip, palette, palette.accent, 3);
    if (!w1 && !w2) return;
    const norm = Math.hypot(w1, w2);
    context.font = "italic 600 14px Georgia, serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    const [x, y] = [tip[0] + (13 * w1) / norm, tip[1] - (13 * w2) / norm];
    Object.assign(context, { strokeStyle: palette.ground, lineWidth: 3, fillStyle: palette.accent });
    context.strokeText("w", x, y);
    context.fillText("w", x, y);
  }

  // ---- words

  write() {
    const { words, look, looks, points, best, values, texts, rate } = this;
    const n = (value) => formatSetting(value);
    setText(values.looks, String(this.step));
    setText(values.pass, look ? String(look.epoch) : "–");
    setText(values.mistakes, String(look?.mistakes ?? 0));
    setText(values.at_most, best ? String(Math.floor(best.bound + 1e-9)) : "–");
    const lines = [];
    if (!looks.length) lines.push(words.say("needs_both_classes"));
    else if (!look) lines.push(words.say("before_first_look", { points: points.length }));
    else {
      const [x1, x2, label] = points[look.sample];
      const [w1, w2, b] = look.before;
      const given = {
        point: look.sample + 1, x1: n(x1), x2: n(x2), label: signed(label), w1: n(w1), w2: n(w2), w2_: around(w2), b: n(b),
        x1_: around(x1), x2_: around(x2), b_: around(b), score: n(look.score), says: signed(look.score >= 0 ? 1 : -1),
        rate: n(rate), label_: around(label), v1: n(look.after[0]), v2: n(look.after[1]), c: n(look.after[2]),
      };
      lines.push(words.say("look_at", given), words.say("look_score", given));
      if (look.mistake) lines.push(words.say("look_w", given), words.say("look_b", given));
      else lines.push(words.say("look_right", given), "");
    }
    while (lines.length < 4) lines.push("");
    lines.push(this.ending() || this.arrowScale());
    lines.push(this.boundInWords());
    texts.forEach((text, i) => setText(text, lines[i]));
  }

  arrowScale() {
    const { scale = 1 } = this;
    return scale < 0.999 ? this.words.say("arrow_scale", { scale: formatSetting(Number((1 / scale).toPrecision(2))) }) : "";
  }

  ending() {
    const { look } = this;
    if (!look?.ending) return "";
    const [first, again] = look.circle ?? [];
    return this.words.say(`ending_${look.ending}`, { epoch: look.epoch, mistakes: look.mistakes, first, again });
  }

  boundInWords() {
    const { best, looks, words } = this;
    if (!looks.length) return "";
    if (!best) return words.say("no_separator");
    const write = (value) => formatSetting(Number(value.toPrecision(3)));
    return words.say("bound_in_words", {
      radius: write(best.radius), gamma: write(best.gamma), bound: formatSetting(Number(best.bound.toFixed(1))),
    });
  }

  describe() {
    const { words, look } = this;
    if (!this.looks.length) return words.say("needs_both_classes");
    const [w1, w2, b] = this.w.map(formatSetting);
    const values = {
      step: this.step, mistakes: look?.mistakes ?? 0, w1, w2, b, wrong: this.wrong().length, points: this.points.length,
      ending: this.ending(),
    };
    return words.say("says_perceptron", values).trim();
  }

  dispose() {
    this.stepper.dispose();
  }
}

/** The reader's own points, from their text; a part that is no point is said. */
function readPoints(text, words) {
  return text.split(";").filter((part) => part.trim()).slice(0, MOST_POINTS).map((part) => {
    const numbers = part.trim().split(/\s+/).map(Number);
    const [x1, x2, label] = numbers;
    if (numbers.length !== 3 || !numbers.every(Number.isFinite) || Math.abs(label) !== 1) {
      throw new Error(words.say("no_point", { text: part.trim() }));
    }
    return [snap(x1), snap(x2), label];
  });
}

function signed(label) {
  return label > 0 ? "+1" : "−1";
}

function around(value) {
  const text = formatSetting(value);
  return value < 0 ? `(${text})` : text;
}

/** An arrow between two places of the picture; none where they are one. */
export function arrow(context, [x0, y0], [x1, y1], palette, colour, width) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (length < 1) return;
  const [dx, dy] = [(x1 - x0) / length, (y1 - y0) / length];
  const head = Math.min(11, length);
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1 - 0.6 * head * dx, y1 - 0.6 * head * dy);
  strokeWithHalo(context, palette, colour, width);
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x1 - head * dx - 0.45 * head * dy, y1 - head * dy + 0.45 * head * dx);
  context.lineTo(x1 - head * dx + 0.45 * head * dy, y1 - head * dy - 0.45 * head * dx);
  context.closePath();
  context.fillStyle = colour;
  context.fill();
}
