/**
 * The panel under the network: one unit enlarged, its formula with its numbers, and a field to set one of them.
 *
 * The panel keeps its box, whatever it shows. It knows nothing of engines: what the reader sets goes to a callback.
 */

import { addZeroLine, fit, PixelSheet } from "./canvas.js";
import { button, element, keepKeys, setText } from "./dom.js";
import { formatWeight, formulaOf, partsOf, symbolOf } from "./formula.js";
import { colourSurface, colourUnit, surfaceValue } from "./picture.js";
import { LARGEST_SET } from "./training.js";

const STEP = 0.1;
let panels = 0;

/** @typedef {{column: number, unit: number, part: number}} Target  `part` is the place among the unit's numbers */

export class Panel {
  /**
   * @param {import("./words.js").Words} words
   * @param {{set: (index: number, value: number) => void, choose: (part: number) => void, release: () => void,
   *          hold: () => void}} callbacks
   */
  constructor(words, callbacks) {
    this.words = words;
    this.callbacks = callbacks;
    const say = (key) => words.say(key);
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    this.host = element("div", "nnlib-panel-map", this.canvas);
    this.name = element("p", "nnlib-panel-name");
    this.formula = element("p", "nnlib-formula");
    this.formula.setAttribute("aria-hidden", "true");
    this.use = element("p", "nnlib-panel-use");
    this.spoken = element("span", "nnlib-unseen");
    this.spoken.id = `nnlib-formula-${(panels += 1)}`;
    this.close = button("nnlib-button nnlib-panel-close", ["×"], say("panel_close_title"), () => callbacks.release());
    this.close.setAttribute("aria-label", say("panel_close"));
    this.which = keepKeys(element("select", "nnlib-which"));
    this.which.setAttribute("aria-label", say("panel_which"));
    this.which.addEventListener("change", () => callbacks.choose(this.which.selectedIndex));
    this.field = keepKeys(element("input", "nnlib-set-value"));
    Object.assign(this.field, { type: "number", step: "any", inputMode: "decimal" });
    this.field.addEventListener("keydown", (event) => this.onKey(event));
    this.field.addEventListener("input", () => (this.typing = true));
    this.field.addEventListener("change", () => this.commit());
    this.field.addEventListener("blur", () => this.typing || this.showValue(true));
    const nudger = (sign, by) => {
      const title = words.say(by < 0 ? "panel_less" : "panel_more", { by: STEP });
      const made = button("nnlib-button nnlib-nudge", [sign], title, () => this.nudge(by));
      made.setAttribute("aria-label", title);
      return made;
    };
    this.buttons = [nudger("−", -STEP), nudger("+", STEP)];
    this.edit = element("div", "nnlib-set", this.which, this.buttons[0], this.field, this.buttons[1]);
    this.note = element("p", "nnlib-panel-note");
    this.note.setAttribute("role", "status");
    const foot = element("div", "nnlib-panel-foot", this.use, " ", this.note);
    const text = element("div", "nnlib-panel-text", this.name, this.formula, this.spoken);
    this.body = element("div", "nnlib-panel-body", this.host, text, this.close, this.edit, foot);
    this.invitation = element("p", "nnlib-invitation", say("panel_invitation"));
    this.root = element("div", "nnlib-panel", this.invitation, this.body);
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", say("panel"));
    this.root.addEventListener("focusin", () => callbacks.hold());
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") callbacks.release();
    });
    this.sheet = new PixelSheet();
    this.width = this.height = 0;
    /** @type {Target | null} */
    this.target = null;
    this.key = "";
    this.said = "";
    this.pending = null;
    this.typing = false;
  }

  /**
   * Show a unit, or the invitation.
   * @param {Target | null} target @param {import("./session.js").Shown} shown
   */
  show(target, shown) {
    const run = shown.subject;
    const moved = JSON.stringify(target) !== JSON.stringify(this.target) || run !== this.run;
    Object.assign(this, { target, run, shown });
    // What was set and is not shown yet: quick presses of a key go on from it.
    if (moved || shown.revision >= this.pending?.base + this.pending?.count) this.pending = null;
    this.body.hidden = !target;
    this.invitation.hidden = Boolean(target);
    if (!target) return;
    const { words } = this;
    const { column, unit } = target;
    this.parts = partsOf(run.net, column, unit);
    const part = this.parts[target.part];
    if (moved) this.showParts();
    this.edit.classList.toggle("nnlib-away", !part);
    if (part) {
      const pieces = formulaOf(run, words, column, unit, part.index);
      const text = pieces.map((piece) => piece.text).join("");
      if (moved || text !== this.formula.textContent) {
        this.formula.replaceChildren(...pieces.map((piece) => (piece.strong ? element("b", "", piece.text) : piece.text)));
        const all = formulaOf(run, words, column, unit, part.index, true).map((piece) => piece.text).join("");
        setText(this.spoken, all);
      }
    } else {
      const input = words.say("panel_input", { input: symbolOf(run, words, column, unit) });
      setText(this.formula, input);
      setText(this.spoken, input);
    }
    const stopped = shown.status === "stopped-by-doctor" ? "panel_stopped" : shown.stopped_early ? "panel_ended" : "";
    for (const control of [this.field, ...this.buttons]) control.disabled = Boolean(stopped);
    const { norm = -1, dropout = 0 } = part ? run.net.layers[column - 1] : {};
    const used = [norm >= 0 && "panel_norm", dropout > 0 && "panel_dropout"].filter(Boolean);
    setText(this.use, used.map((key) => words.say(key)).join(" "));
    setText(this.name, this.title(part));
    this.showValue(moved);
    this.showNote(moved, stopped, part);
  }

  /** What the panel shows, in words: a unit, or for a weight where it leads. */
  title(part) {
    const { words, run } = this;
    const { column, unit } = this.target;
    const last = run.net.widths.length - 1;
    const to = symbolOf(run, words, column, unit);
    if (part?.kind === "weight") {
      const from = symbolOf(run, words, column - 1, part.input);
      return words.say("edge_label", { from, to, value: formatWeight(run.net.parameters[part.index]) });
    }
    const kind = column === 0 ? "input_label" : column === last ? "output_label" : "unit_label";
    const label = words.say(kind, { layer: column, unit: unit + 1, input: to });
    if (!part) return label;
    const value = formatWeight(run.net.parameters[part.index]);
    return words.say(`${part.kind}_label`, { label, value });
  }

  /** The list of the unit's numbers; made anew only for another unit. */
  showParts() {
    const { words, run } = this;
    const { column, unit, part } = this.target;
    const key = [column, unit, run.net.widths, run.net.activations, run.settings.features].join("/");
    if (key !== this.key) {
      this.key = key;
      this.which.replaceChildren(...this.parts.map((each) => element("option", "", this.partName(each))));
    }
    this.which.selectedIndex = part;
    if (this.parts[part]) this.field.setAttribute("aria-label", words.say("panel_value", { part: this.partName(this.parts[part]) }));
  }

  partName({ kind, input }) {
    const { words, run, target } = this;
    return words.say(`part_${kind}`, kind === "weight" ? { from: symbolOf(run, words, target.column - 1, input) } : {});
  }

  /** The number in the field; what is being typed is no value yet. @param {boolean} [now] */
  showValue(now = false) {
    const part = this.parts?.[this.target?.part];
    if (!part || (!now && (this.typing || this.field === document.activeElement))) return;
    this.typing = false;
    const value = this.run.net.parameters[part.index];
    const shown = formatWeight(value) === "0" ? 0 : Number(value.toPrecision(4));
    const text = Number.isFinite(value) ? String(shown) : "";
    if (this.field.value !== text) this.field.value = text;
  }

  showNote(moved, stopped, part) {
    if (moved) this.said = "";
    const going = this.shown.status === "training" ? "panel_going" : "panel_resting";
    const note = this.words.say(stopped || going);
    setText(this.note, part ? this.said || note : "");
  }

  onKey(event) {
    const by = { ArrowUp: STEP, ArrowDown: -STEP, PageUp: 10 * STEP, PageDown: -10 * STEP }[event.key];
    // Enter is answered here: in JupyterLab it would not reach the field as a change.
    if (by === undefined && event.key !== "Enter") return;
    event.preventDefault();
    if (by === undefined) this.commit();
    else this.nudge(by);
  }

  /** Change the number by a little; from what is typed, if something is. @param {number} by */
  nudge(by) {
    const part = this.parts?.[this.target?.part];
    if (!part || this.field.disabled) return;
    const typed = this.typing ? Number.parseFloat(this.field.value) : NaN;
    const from = Number.isFinite(typed) ? typed : this.pending?.value ?? this.run.net.parameters[part.index];
    this.set(part, Number((from + by).toFixed(4)));
  }

  /** Take what is typed, once: after Enter, leaving the field says it again. */
  commit() {
    const part = this.parts?.[this.target?.part];
    if (!part || !this.typing) return;
    this.set(part, this.field.value === "" ? NaN : Number(this.field.value));
  }

  /** Hand a number over, or say why it cannot be. */
  set(part, value) {
    const { words } = this;
    this.typing = false;
    if (!Number.isFinite(value) || Math.abs(value) > LARGEST_SET) {
      this.said = words.say("panel_bad");
      setText(this.note, this.said);
      this.showValue(true);
      return;
    }
    this.field.value = String(value);
    this.pending ??= { base: this.shown.revision, count: 0 };
    this.pending.count += 1;
    this.pending.value = value;
    const going = words.say(this.shown.status === "training" ? "panel_going" : "panel_resting");
    const what = { part: this.partName(part), value: formatWeight(value), epoch: this.shown.epoch };
    this.said = `${words.say("panel_set", what)} ${going}`;
    this.callbacks.set(part.index, value);
  }

  /** @param {import("./picture.js").Maps} maps @param {import("./colours.js").Palette} palette  @param {HTMLCanvasElement} [picture] of an input */
  paint(maps, palette, picture) {
    if (!this.target || !this.width) return;
    const context = fit(this.canvas, this.width, this.height);
    const { column, unit } = this.target;
    const { net, loss } = this.run;
    const { side } = maps;
    const pixels = this.sheet.pixels(side, side);
    const last = net.widths.length - 1;
    const units = net.widths[column];
    const values = column === last ? maps.outputs : maps.hidden[column - 1];
    if (column > 0) {
      if (column === last && units === 1) colourSurface(pixels, values, surfaceValue(loss.name), palette);
      else colourUnit(pixels, side, 0, 0, values, side, units, unit, net.activations[column - 1] ?? net.output, palette.scale);
    }
    const image = column > 0 ? this.sheet.develop() : picture;
    context.imageSmoothingQuality = "high";
    if (image) context.drawImage(image, 0, 0, this.width, this.height);
    if (column === 0) return;
    context.beginPath();
    addZeroLine(context, (i) => values[i * units + unit], side, this.width);
    Object.assign(context, { strokeStyle: palette.ink, lineWidth: 1.2, lineJoin: "round" });
    context.stroke();
  }
}
