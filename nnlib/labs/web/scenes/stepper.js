/**
 * Buttons that step a scene through, and the run that presses the first of them again and again.
 *
 * Where a scene stands is a setting (`field`), so that slider, link and kernel know it. Readers who ask for less motion
 * get the end of a run at once. A button that has nowhere to go stays in place and keeps the focus.
 */

import { button, element, icon } from "../dom.js";

/** Milliseconds between two steps of a run. */
const PACE = 160;

export class Stepper {
  /**
   * @param {import("./scene.js").Surroundings} surroundings
   * @param {string} field  the setting that counts the steps
   * @param {Record<string, () => number>} ways  message key → where the button goes, the first is what a run repeats
   * @param {() => number} here  where the scene stands @param {() => number} end  how far it can go
   */
  constructor({ bar, words, move }, field, ways, here, end) {
    Object.assign(this, { words, field, ways, here, end, move });
    const calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.running = false;
    this.buttons = Object.entries(ways).map(([key, way]) => {
      const made = button("nnlib-button", [words.say(key)], words.say(`${key}_title`), () => {
        this.stop();
        if (way() !== here()) move({ [field]: way() });
      });
      // "10" alone is no name, and who speaks to the machine says what is written.
      made.setAttribute("aria-label", `${words.say(key)}: ${words.say(`${key}_title`)}`);
      return [made, way];
    });
    const faces = ["play", "pause"].map((key) => element("span", "nnlib-face", icon(key), words.say(`${key}_steps`)));
    this.faces = faces;
    this.play = button("nnlib-button nnlib-primary", faces, words.say("play_steps_title"), () => {
      if (this.running) this.stop();
      else if (calm.matches) move({ [field]: end() });
      else this.go();
    });
    const group = element("span", "nnlib-stepper", this.play, ...this.buttons.map(([made]) => made));
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", words.say("stepper"));
    bar.append(group);
    this.show();
  }

  /** Run; from the beginning where the end is reached. */
  go() {
    this.running = true;
    const done = this.here() >= this.end();
    this.until = this.end();
    if (done) this.move({ [this.field]: 0 });
    this.show();
    this.wait();
  }

  wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const [next] = Object.values(this.ways);
      if (this.here() >= this.until || next() === this.here()) this.stop();
      else {
        this.move({ [this.field]: next() });
        this.wait();
      }
    }, PACE);
  }

  stop() {
    this.running = false;
    clearTimeout(this.timer);
    this.show();
  }

  /** After every change of settings. */
  update() {
    for (const [made, way] of this.buttons) made.setAttribute("aria-disabled", String(way() === this.here()));
    this.show();
  }

  show() {
    const [playFace, pauseFace] = this.faces;
    playFace.classList.toggle("nnlib-away", this.running);
    pauseFace.classList.toggle("nnlib-away", !this.running);
    this.play.setAttribute("aria-label", this.words.say(this.running ? "pause_steps" : "play_steps"));
  }

  dispose() {
    clearTimeout(this.timer);
  }
}

/** A line of numbers with their names: key → element that holds the number. */
export function makeTiles(words, keys) {
  const values = {};
  const tiles = keys.map((key) => {
    values[key] = element("b");
    return element("div", "nnlib-number", element("span", "", words.say(`tile_${key}`)), values[key]);
  });
  return [element("div", "nnlib-tiles", ...tiles), values];
}

/** Lines of text that keep their places: as many as there are. */
export function makeLines(count) {
  const lines = Array.from({ length: count }, () => element("p"));
  return [element("div", "nnlib-lines", ...lines), lines];
}

/** Draw a line of numbers over their index, from 0 or from the smallest power of ten; gaps where there is no number. */
export function paintSeries(context, width, height, series, label, palette) {
  const box = { left: 52, top: 26, width: width - 60, height: height - 46 };
  context.clearRect(0, 0, width, height);
  context.font = "11px system-ui, sans-serif";
  const finite = series.filter((value) => Number.isFinite(value) && value > 0);
  const low = Math.floor(Math.log10(Math.max(1e-12, Math.min(1, ...finite))));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.min(1e6, Math.max(1e-3, ...finite)))));
  const x = (i) => box.left + (box.width * i) / Math.max(1, series.length - 1);
  const y = (value) => box.top + (box.height * (high - Math.log10(Math.max(value, 10 ** low)))) / (high - low);
  context.textBaseline = "middle";
  context.textAlign = "right";
  const every = Math.ceil((high - low) / 4);
  for (let power = low; power <= high; power += every) {
    Object.assign(context, { strokeStyle: palette.line, lineWidth: 1 });
    context.beginPath();
    context.moveTo(box.left, Math.round(y(10 ** power)) + 0.5);
    context.lineTo(box.left + box.width, Math.round(y(10 ** power)) + 0.5);
    context.stroke();
    context.fillStyle = palette.muted;
    context.fillText(tick(power), box.left - 6, y(10 ** power));
  }
  context.textAlign = "left";
  context.fillText(label, 0, 7);
  context.textBaseline = "bottom";
  context.fillText("0", box.left, height);
  context.textAlign = "right";
  if (series.length > 1) context.fillText(String(series.length - 1), box.left + box.width, height);
  context.beginPath();
  series.forEach((value, i) => {
    if (!Number.isFinite(value)) return;
    context[i ? "lineTo" : "moveTo"](x(i), y(Math.min(value, 10 ** high)));
  });
  Object.assign(context, { strokeStyle: palette.accent, lineWidth: 2, lineJoin: "round" });
  context.stroke();
  const last = series.findLastIndex(Number.isFinite);
  context.beginPath();
  context.arc(x(last), y(Math.min(series[last], 10 ** high)), 3.5, 0, 2 * Math.PI);
  context.fillStyle = palette.accent;
  context.fill();
}

/** A power of ten. @param {number} power */
function tick(power) {
  if (power > 3 || power < -3) return `10${[...String(power)].map((sign) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign] ?? "⁻").join("")}`;
  return String(10 ** power);
}
