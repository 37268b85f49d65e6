/**
 * The panel of the sweep map: a grid of cells, each a run; its colours, numbers and keys.
 *
 * The grid is one stop of the Tab key; arrows go from cell to cell, Enter or a click loads a cell's run into the lab. The
 * first row of values is the lowest, as on an axis. Pale is small, dark is large, the best cell is framed, a cell whose
 * run diverged has a ✗.
 */

import { button, element, keepKeys, setText } from "./dom.js";
import { decode } from "./settings.js";
import { cellSettings, shownOf } from "./sweep.js";
import { formatNumber, formatPercent, formatSetting, isNumber } from "./words.js";

const MEASURES = ["test_loss", "train_loss", "test_accuracy"];
const SEEDS = [1, 3];
/** Values that differ by more than this factor are coloured by their logarithm. */
const LOGARITHMIC = 50;
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

export class SweepPanel {
  /** @param {import("./session.js").Session} session */
  constructor(session) {
    this.session = session;
    this.words = session.words;
    this.sweeper = session.sweeper;
    this.pairs = this.sweeper.pairs();
    const say = (key, values) => this.words.say(key, values);
    const open = () => this.toggle(this.panel.hidden);
    this.opener = button("nnlib-button", [say("sweep")], say("sweep_title"), open);
    this.opener.setAttribute("aria-expanded", "false");
    this.opener.hidden = !this.pairs.length;
    this.pair = select(say("sweep_pair"), this.pairs.map(({ x, y }) => this.pairName(x, y)), () => this.build());
    this.measure = select(say("sweep_measure"), MEASURES.map((name) => say(name)), () => this.update());
    this.seeds = select(say("sweep_seeds"), SEEDS.map((count) => say(`sweep_seeds_${count}`)), () => this.update());
    const faces = ["sweep_train", "sweep_cancel"].map((key) => element("span", "nnlib-face", say(key)));
    this.faces = faces;
    this.train = button("nnlib-button nnlib-primary nnlib-faces", faces, "", () => this.startOrCancel());
    this.progress = element("div", "nnlib-progress", element("div"));
    this.progress.setAttribute("role", "progressbar");
    this.progress.setAttribute("aria-label", say("sweep"));
    this.state = element("p", "nnlib-sweep-state");
    this.state.setAttribute("role", "status");
    this.table = keepKeys(element("table", "nnlib-map"));
    this.table.setAttribute("role", "grid");
    this.detail = element("p", "nnlib-sweep-detail");
    const choices = element("div", "nnlib-row", this.pair.root, this.measure.root, this.seeds.root, this.train);
    this.axes = element("div", "nnlib-map-axes");
    this.axes.setAttribute("aria-hidden", "true");
    const map = [this.axes, this.table, this.detail];
    this.panel = element("section", "nnlib-sweep", choices, this.progress, this.state, ...map);
    this.panel.setAttribute("aria-label", say("sweep"));
    this.panel.hidden = true;
    this.table.addEventListener("keydown", (event) => this.onKey(event));
    this.build();
    this.watcher = () => this.update();
    this.sweeper.watchers.add(this.watcher);
  }

  dispose() {
    this.sweeper.watchers.delete(this.watcher);
  }

  name(field) {
    return this.words.say(`control_${field}`);
  }

  pairName(x, y) {
    return this.words.say("sweep_pair_name", { x: this.name(x), y: this.name(y) });
  }

  toggle(open) {
    this.panel.hidden = !open;
    this.opener.setAttribute("aria-expanded", String(open));
    this.update();
  }

  /** The pair that is chosen, with its values. */
  get chosen() {
    return this.pairs[this.pair.index];
  }

  /** True where the map that is, or was, trained is the one that is chosen. */
  get belongs() {
    const { plan } = this.sweeper;
    return plan !== null && plan.x === this.chosen.x && plan.y === this.chosen.y;
  }

  startOrCancel() {
    this.session.guard(() => {
      if (this.sweeper.engine) this.sweeper.cancel();
      else this.sweeper.start({ ...this.chosen, seeds: SEEDS[this.seeds.index] });
    });
  }

  /** The empty grid of the chosen pair. */
  build() {
    if (!this.pairs.length) return;
    const { x, y, xs, ys } = this.chosen;
    this.table.setAttribute("aria-label", this.pairName(x, y));
    this.cells = [];
    const rows = ys.map((value, row) => {
      const header = cell("th", "rowheader", formatSetting(value));
      const cells = xs.map((_, column) => this.makeCell(row * xs.length + column));
      return withRole("row", element("tr", "", header, ...cells));
    });
    const feet = xs.map((value) => cell("th", "columnheader", formatSetting(value)));
    const corner = cell("td", "gridcell", "");
    const foot = withRole("row", element("tr", "", corner, ...feet));
    const [across, up] = [element("span", "", `${this.name(x)} →`), element("span", "", `↑ ${this.name(y)}`)];
    this.axes.replaceChildren(up, across);
    this.table.replaceChildren(element("tbody", "", ...rows.reverse(), foot));
    this.focused = 0;
    this.cells[0].tabIndex = 0;
    this.update();
  }

  makeCell(index) {
    const made = cell("td", "gridcell", "");
    made.tabIndex = -1;
    made.addEventListener("click", () => this.load(index));
    made.addEventListener("focus", () => this.focusOn(index));
    for (const kind of ["pointerenter", "focus"]) made.addEventListener(kind, () => this.showDetail(index));
    for (const kind of ["pointerleave", "blur"]) made.addEventListener(kind, () => this.showDetail(null));
    this.cells[index] = made;
    return made;
  }

  focusOn(index) {
    this.cells[this.focused].tabIndex = -1;
    this.focused = index;
    this.cells[index].tabIndex = 0;
  }

  onKey(event) {
    const { xs, ys } = this.chosen;
    const width = xs.length;
    const [row, column] = [Math.floor(this.focused / width), this.focused % width];
    const to = (toRow, toColumn) =>
      Math.max(0, Math.min(ys.length - 1, toRow)) * width + Math.max(0, Math.min(width - 1, toColumn));
    const goals = {
      ArrowRight: to(row, column + 1), ArrowLeft: to(row, column - 1),
      ArrowUp: to(row + 1, column), ArrowDown: to(row - 1, column),
      Home: to(event.ctrlKey ? Infinity : row, 0), End: to(event.ctrlKey ? 0 : row, Infinity),
    };
    if (event.key === "Enter" || event.key === " ") this.load(this.focused);
    else if (event.key in goals) this.cells[goals[event.key]].focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  load(index) {
    if (this.belongs) this.session.guard(() => this.sweeper.load(index));
  }

  showDetail(index) {
    this.hovered = index;
    setText(this.detail, index === null ? this.words.say("sweep_how") : this.describe(index));
  }

  /** A cell in words. */
  describe(index) {
    const { words, chosen } = this;
    const settings = cellSettings({}, chosen, index);
    const values = {
      x: this.name(chosen.x), y: this.name(chosen.y),
      x_value: formatSetting(settings[chosen.x]), y_value: formatSetting(settings[chosen.y]),
    };
    const found = this.belongs ? this.sweeper.cells.get(index) : undefined;
    if (!found) return words.say("sweep_cell_open", values);
    return words.say(found.diverged ? "sweep_cell_diverged" : "sweep_cell", { ...values, numbers: words.numbers(found) });
  }

  update() {
    if (this.panel.hidden || !this.pairs.length) return;
    const { sweeper, words } = this;
    const running = Boolean(sweeper.engine);
    this.faces[0].classList.toggle("nnlib-away", running);
    this.faces[1].classList.toggle("nnlib-away", !running);
    this.train.setAttribute("aria-label", words.say(running ? "sweep_cancel" : "sweep_train"));
    const percent = Math.floor(100 * (this.belongs ? sweeper.share : 0));
    this.progress.firstChild.style.width = `${percent}%`;
    this.progress.setAttribute("aria-valuenow", String(percent));
    this.progress.classList.toggle("nnlib-away", !running);
    setText(this.state, this.stateText(running));
    this.panel.classList.toggle("nnlib-outdated", this.belongs && sweeper.outdated);
    this.paint();
    this.showDetail(this.hovered ?? null);
  }

  /** One sentence that changes a few times only: it is spoken. */
  stateText(running) {
    const { sweeper, words, chosen } = this;
    const { settings } = decode(this.session.model);
    if (this.belongs && sweeper.error) return sweeper.error;
    const count = chosen.xs.length * chosen.ys.length * SEEDS[this.seeds.index];
    if (!this.belongs) return words.say("sweep_ready", { count, epochs: settings.epochs });
    const total = sweeper.plan.xs.length * sweeper.plan.ys.length;
    const { seeds } = sweeper.plan;
    const { epochs } = sweeper.base;
    if (running) return words.say(`sweep_${sweeper.engine}`, { count: total * seeds, epochs });
    if (sweeper.outdated) return words.say("sweep_outdated");
    if (sweeper.share < 1) return words.say("sweep_cancelled", { done: sweeper.cells.size, count: total });
    return words.say(seeds > 1 ? "sweep_means" : "sweep_finished", { seeds, epochs });
  }

  /** Colours, numbers and marks of the cells. */
  paint() {
    const name = MEASURES[this.measure.index];
    const cells = this.belongs ? this.sweeper.cells : new Map();
    const numbers = [...cells.values()].map((one) => one[name]).filter(isNumber);
    const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
    const logarithmic = low > 0 && high > LOGARITHMIC * low;
    const scaled = (value) =>
      logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low || 1);
    const best = name === "test_accuracy" ? high : low;
    const { settings } = decode(this.session.model);
    const { x, y } = this.chosen;
    let framed = false;
    this.cells.forEach((target, index) => {
      const value = cells.get(index)?.[name];
      const diverged = cells.get(index)?.diverged ?? false;
      const own = cellSettings({}, this.chosen, index);
      const current = own[x] === shownOf(settings, x) && own[y] === shownOf(settings, y);
      const isBest = !framed && isNumber(value) && value === best && numbers.length > 1;
      framed ||= isBest;
      target.style.setProperty("--share", isNumber(value) ? scaled(value).toFixed(3) : "0");
      target.classList.toggle("nnlib-best", isBest);
      target.classList.toggle("nnlib-diverged", diverged);
      target.classList.toggle("nnlib-current", current);
      const number = name === "test_accuracy" && isNumber(value) ? formatPercent(value) : short(value);
      setText(target, diverged ? "✗" : number);
      const marks = [isBest && this.words.say("sweep_best"), current && this.words.say("sweep_current")];
      const text = [this.describe(index), ...marks].filter(Boolean).join(" ");
      if (target.getAttribute("aria-label") !== text) target.setAttribute("aria-label", text);
    });
  }
}

/** A loss in the few characters that a cell has room for. */
function short(value) {
  if (!isNumber(value)) return "";
  if (value === 0) return "0";
  if (value >= 0.001 && value < 100) return String(Number(value.toPrecision(2)));
  const [digit, power] = value.toExponential(0).split("e");
  return `${digit}·10${[...power.replace("+", "")].map((sign) => SUPERSCRIPTS[sign] ?? "⁻").join("")}`;
}

function withRole(role, target) {
  target.setAttribute("role", role);
  return target;
}

function cell(tag, role, text) {
  return withRole(role, element(tag, "", text));
}

/** A dropdown with its label. @param {string} label @param {string[]} options @param {() => void} onChange */
function select(label, options, onChange) {
  const field = keepKeys(document.createElement("select"));
  options.forEach((text, i) => field.append(new Option(text, String(i))));
  field.addEventListener("change", onChange);
  const root = element("label", "nnlib-choice", element("span", "", label), field);
  return { root, get index() { return field.selectedIndex; } };
}
