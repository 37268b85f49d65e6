/**
 * One update after the other on the part-lifetime network: all nine parameters in a table, the loss as a curve, and what
 * comes of hidden gradients that are taken with the new W₂.
 */

import { fit } from "../canvas.js";
import { element, setText } from "../dom.js";
import { formatSetting } from "../words.js";
import { buggyGradient, descend, differences, forward, gradient, NAMES } from "./part_lifetime.js";
import { makeLines, makeTiles, paintSeries, Stepper } from "./stepper.js";

const MOST_UPDATES = 5000;
const COLUMNS = ["parameter", "old_value", "gradient", "rate_gradient", "new_value"];
/** The names of numbers, as in Python. */
const KEYS = ["w11", "w12", "w21", "w22", "b1", "b2", "v1", "v2", "c"];

export class UpdateScene {
  /** @param {import("./scene.js").Surroundings} surroundings */
  constructor(surroundings) {
    const { host, words } = surroundings;
    this.words = words;
    const head = element("tr", "", ...COLUMNS.map((name) => element("th", "", words.say(`column_${name}`))));
    for (const cell of head.children) cell.scope = "col";
    this.rows = NAMES.map((name) => {
      const title = element("th", "", name);
      title.scope = "row";
      return element("tr", "", title, ...COLUMNS.slice(1).map(() => element("td")));
    });
    const table = element("table", "nnlib-updates", element("thead", "", head), element("tbody", "", ...this.rows));
    this.caption = element("caption");
    table.prepend(this.caption);
    const [tiles, values] = makeTiles(words, ["output_before", "output_after", "loss_before", "loss_after"]);
    const [lines, texts] = makeLines(3);
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("role", "img");
    this.chart = element("div", "nnlib-chart", this.canvas);
    Object.assign(this, { values, texts });
    const side = element("div", "nnlib-side", tiles, this.chart, lines);
    host.append(element("div", "nnlib-steplab nnlib-wide-side", element("div", "nnlib-main", table), side));
    const go = (count) => () => Math.min(MOST_UPDATES, this.updates + count);
    this.updates = 0;
    this.stepper = new Stepper(
      surroundings,
      "updates",
      {
        update_1: go(1), update_10: go(10), update_100: go(100), update_1000: go(1000),
        update_back: () => Math.max(0, this.updates - 1), from_start: () => 0,
      },
      () => this.updates,
      () => Math.min(MOST_UPDATES, Math.max(100, 100 * Math.ceil((this.updates + 1) / 100))),
    );
  }

  follow(settings) {
    const key = JSON.stringify(settings);
    if (key === this.key) return this;
    this.key = key;
    this.updates = settings.updates;
    const { learning_rate: rate, target } = settings;
    const { parameters, losses } = descend(settings);
    const right = gradient(parameters, target);
    const wrong = buggyGradient(parameters, target, rate);
    const after = (g) => forward(parameters.map((value, i) => value - rate * g[i]), target);
    const used = settings.new_w2 ? wrong : right;
    Object.assign(this, {
      parameters, losses, used, right, wrong, rate, target, bug: settings.new_w2,
      now: forward(parameters, target), next: after(used), afterRight: after(right), afterWrong: after(wrong),
    });
    return this;
  }

  numbers(settings) {
    const { parameters, used, now, afterRight, afterWrong } = this.follow(settings);
    const shown = { updates: settings.updates, output: now.output, loss: now.loss };
    KEYS.forEach((name, i) => Object.assign(shown, { [name]: parameters[i], [`gradient_${name}`]: used[i] }));
    return {
      ...shown, next_output_right: afterRight.output, next_loss_right: afterRight.loss,
      next_output_wrong: afterWrong.output, next_loss_wrong: afterWrong.loss,
    };
  }

  paint(settings, palette) {
    const { parameters, used, now, next, rate, values, words } = this.follow(settings);
    setText(this.caption, words.say("update_caption", { update: this.updates + 1 }));
    this.rows.forEach((row, i) => {
      const numbers = [parameters[i], used[i], rate * used[i], parameters[i] - rate * used[i]];
      numbers.forEach((value, k) => setText(row.children[k + 1], six(value)));
      row.classList.toggle("nnlib-marked", this.bug && i < 6);
    });
    setText(values.output_before, six(now.output));
    setText(values.output_after, six(next.output));
    setText(values.loss_before, seven(now.loss));
    setText(values.loss_after, seven(next.loss));
    this.write();
    const { clientWidth: width, clientHeight: height } = this.chart;
    if (width && height) {
      paintSeries(fit(this.canvas, width, height), width, height, this.losses, words.say("loss_by_update"), palette);
    }
    this.canvas.setAttribute("aria-label", this.describe());
    this.stepper.update();
  }

  write() {
    const { words, texts, afterRight, afterWrong, right, wrong, target, parameters } = this;
    // Absolute differences against the largest entry: single entries may be almost 0.
    const checked = differences(parameters, target);
    const size = Math.max(...right.map(Math.abs), 1e-300);
    const off = (g) => Math.max(...g.map((value, i) => Math.abs(value - checked[i]))) / size;
    setText(texts[0], words.say("bug_compared", { right: seven(afterRight.loss), wrong: seven(afterWrong.loss) }));
    setText(texts[1], words.say("bug_checked", { right: power(off(right)), wrong: power(off(wrong)) }));
    setText(texts[2], target >= 1 ? words.say("target_out_of_reach", { target: formatSetting(target) }) : "");
  }

  describe() {
    const { now, target } = this;
    const values = { updates: this.updates, output: six(now.output), target: formatSetting(target), loss: seven(now.loss) };
    return this.words.say(this.bug ? "says_update_bug" : "says_update", values);
  }

  dispose() {
    this.stepper.dispose();
  }
}

function six(value) {
  return value.toFixed(6).replace("-", "−").replace(/^−(0\.0*)$/, "$1");
}

function seven(value) {
  return value.toFixed(7);
}

/** One digit and a power of ten. */
function power(value) {
  if (!value) return "0";
  const [digits, exponent] = value.toExponential(0).split("e");
  return `${digits}·10${[...exponent.replace("+", "")].map((sign) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign] ?? "⁻").join("")}`;
}
