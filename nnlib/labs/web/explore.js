/**
 * Exploring the network: what the pointer or the keyboard looks at, marked in the picture and told by the panel.
 *
 * Hovering shows a unit or a line as long as nothing is held; a tap, a click or Enter holds it, Escape lets it go. The
 * diagram is one tab stop: the arrow keys go from unit to unit, Enter goes on into the panel, whose list has every
 * number behind the unit.
 */

import { fit } from "./canvas.js";
import { addEdge, edgeAt, edgeBetween, levelOf, styleEdges } from "./edges.js";
import { Panel } from "./panel.js";
import { partsOf } from "./formula.js";
import { computeMaps } from "./picture.js";

const RING = 2.5;
/** A line that is looked at is at least of this group of widths. */
const LEAST_LEVEL = 3;

/** @typedef {import("./panel.js").Target} Target */

export class Explorer {
  /**
   * @param {import("./diagram.js").Diagram} diagram @param {import("./words.js").Words} words
   * @param {(index: number, value: number) => void} set  sets a parameter of the run
   */
  constructor(diagram, words, set) {
    this.diagram = diagram;
    /** @type {Target | null} */
    this.target = null;
    this.held = false;
    this.at = { column: 1, unit: 0 }; // the unit that Tab reaches
    this.panel = new Panel(words, {
      set,
      choose: (part) => this.look({ ...this.target, part }),
      release: () => this.release(true),
      hold: () => (this.held ||= this.target !== null),
    });
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    const { host, units } = diagram;
    host.insertBefore(this.canvas, units);
    diagram.onPlaced = (hadFocus) => this.onPlaced(hadFocus);
    host.addEventListener("pointermove", (event) => event.pointerType !== "touch" && this.onPointer(event));
    host.addEventListener("click", (event) => this.onClick(event));
    units.addEventListener("focusin", (event) => this.onFocus(event));
    units.addEventListener("keydown", (event) => this.onKey(event));
  }

  // ---- what the reader does

  /** What lies under the pointer. @returns {Target | null} */
  hit(event) {
    const { columns, host, faintest } = this.diagram;
    const net = this.shown?.subject?.net;
    if (!net || !columns) return null;
    const element = event.target.closest?.(".nnlib-unit");
    if (element) return this.unitTarget(Number(element.dataset.column), Number(element.dataset.unit));
    const box = host.getBoundingClientRect();
    const edge = edgeAt(columns, net, faintest, event.clientX - box.left, event.clientY - box.top);
    return edge && { column: edge.column, unit: edge.unit, part: edge.input };
  }

  /** A unit, with its bias. @returns {Target} */
  unitTarget(column, unit) {
    const parts = partsOf(this.shown.subject.net, column, unit);
    return { column, unit, part: parts.findIndex(({ kind }) => kind === "bias") };
  }

  onPointer(event) {
    const target = this.hit(event);
    this.diagram.host.style.cursor = target ? "pointer" : "";
    if (target && !this.held) this.look(target);
  }

  onClick(event) {
    const target = this.hit(event);
    this.held = target !== null;
    if (target) this.rove(target);
    this.look(target);
  }

  onFocus({ target: { dataset } }) {
    if (!this.shown?.subject || dataset.column === undefined) return;
    const [column, unit] = [Number(dataset.column), Number(dataset.unit)];
    this.rove({ column, unit });
    if (this.target?.column === column && this.target.unit === unit) return;
    this.held = false;
    this.look(this.unitTarget(column, unit));
  }

  onKey(event) {
    const { column, unit } = this.at;
    const go = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (go) this.step(...go);
    else if (event.key === "Home") this.focus(0, 0);
    else if (event.key === "End") this.focus(this.diagram.columns.length - 1, 0);
    else if (event.key === "Enter" || event.key === " ") this.enter(column, unit);
    else if (event.key === "Escape") this.release(false);
    else if (event.key === "+" || event.key === "-") this.nudge(event.key);
    else return;
    event.preventDefault();
  }

  nudge(key) {
    if (!this.target) this.look(this.unitTarget(this.at.column, this.at.unit));
    this.panel.buttons[key === "-" ? 0 : 1].click();
  }

  /** Hold a unit and go on into the panel; an input has nothing to set there. */
  enter(column, unit) {
    if (this.target?.column !== column || this.target.unit !== unit) this.look(this.unitTarget(column, unit));
    this.held = true;
    this.mark();
    if (column > 0) this.panel.which.focus();
  }

  /** Go to the next unit of the column, or to the one next to this in another column. */
  step(across, down) {
    const { columns } = this.diagram;
    const { column, unit } = this.at;
    if (down) {
      this.focus(column, Math.min(columns[column].length - 1, Math.max(0, unit + down)));
      return;
    }
    const to = Math.min(columns.length - 1, Math.max(0, column + across));
    if (to === column) return;
    const middle = ({ y, size }) => y + size / 2;
    const distances = columns[to].map((place) => Math.abs(middle(place) - middle(columns[column][unit])));
    this.focus(to, distances.indexOf(Math.min(...distances)));
  }

  focus(column, unit) {
    this.elementOf({ column, unit })?.focus({ preventScroll: false });
  }

  /** Let go of what is held; from within the panel the keyboard goes back to the unit. @param {boolean} goBack */
  release(goBack) {
    if (goBack && this.panel.root.contains(document.activeElement)) {
      const { column, unit } = this.target ?? this.at;
      this.focus(column, unit);
    }
    this.held = false;
    this.look(null);
  }

  // ---- the tab stop

  elementOf({ column, unit }) {
    return this.diagram.units.querySelector(`[data-column="${column}"][data-unit="${unit}"]`);
  }

  /** Make a unit the one that Tab reaches. */
  rove({ column, unit }) {
    const before = this.elementOf(this.at);
    before?.setAttribute("tabindex", "-1");
    before?.removeAttribute("aria-describedby");
    this.at = { column, unit };
    const element = this.elementOf(this.at);
    element?.setAttribute("tabindex", "0");
    element?.setAttribute("aria-describedby", this.panel.spoken.id);
  }

  /** The units were drawn anew: the network or the box has another shape. Paint, which follows, knows that network. */
  onPlaced(hadFocus) {
    const { columns } = this.diagram;
    const column = Math.min(this.at.column, columns.length - 1);
    this.rove({ column, unit: Math.min(this.at.unit, columns[column].length - 1) });
    this.hadFocus = hadFocus;
  }

  // ---- what is seen

  /** @param {Target | null} target */
  look(target) {
    const same = JSON.stringify(target) === JSON.stringify(this.target);
    this.target = target;
    if (!this.shown?.subject || !this.palette) return;
    if (same) this.mark(); // it may be held now
    else this.show(target && computeMaps(this.shown.subject.net));
  }

  /**
   * @param {import("./picture.js").Maps} maps @param {import("./session.js").Shown} shown
   * @param {import("./colours.js").Palette} palette
   */
  paint(maps, shown, palette) {
    Object.assign(this, { shown, palette });
    const { net } = shown.subject;
    if (this.target && !this.fits(net)) {
      this.target = null;
      this.held = false;
    }
    if (this.hadFocus) this.focus(this.at.column, this.at.unit);
    this.hadFocus = false;
    this.show(maps);
  }

  /** Whether the network still has what is looked at. */
  fits(net) {
    const { column, unit, part } = this.target;
    if (!(column < net.widths.length && unit < net.widths[column])) return false;
    return part < partsOf(net, column, unit).length;
  }

  show(maps) {
    const { target, shown, palette, diagram } = this;
    this.panel.show(target, shown);
    this.mark();
    if (!target) return;
    this.panel.paint(maps, palette, target.column === 0 ? diagram.pictureOf(target.unit) : undefined);
  }

  /** Mark what is looked at: a ring around the unit, its lines in full strength, the chosen line on top. */
  mark() {
    const { diagram, target, palette } = this;
    if (!diagram.width || !diagram.columns || (!target && !this.marked)) return;
    // With nothing to mark the canvas is left alone: the browser would copy all of it into every frame.
    this.marked = Boolean(target);
    const context = fit(this.canvas, diagram.width, diagram.height);
    context.clearRect(0, 0, diagram.width, diagram.height);
    for (const element of diagram.units.querySelectorAll("[aria-pressed=true]")) element.setAttribute("aria-pressed", "false");
    if (!target) return;
    const { net } = this.shown.subject;
    const { column, unit, part } = target;
    const parts = partsOf(net, column, unit);
    for (const each of parts) if (each.kind === "weight") this.markEdge(context, net, target, each, false);
    if (parts[part]?.kind === "weight") this.markEdge(context, net, target, parts[part], true);
    const { x, y, size } = diagram.columns[column][unit];
    Object.assign(context, { strokeStyle: palette.accent, lineWidth: RING, globalAlpha: 1 });
    context.setLineDash([]);
    context.strokeRect(x - 2.5, y - 2.5, size + 5, size + 5);
    if (this.held) this.elementOf(target)?.setAttribute("aria-pressed", "true");
  }

  markEdge(context, net, { column, unit }, { index, input }, chosen) {
    const { diagram, palette } = this;
    const weight = net.parameters[index];
    const edge = edgeBetween(diagram.columns[column - 1][input], diagram.columns[column][unit]);
    const level = chosen ? Math.max(LEAST_LEVEL, levelOf(weight)) : levelOf(weight);
    if (!level) return;
    context.beginPath();
    addEdge(context, edge);
    styleEdges(context, level, weight >= 0, diagram.thinner, palette);
    context.globalAlpha = 1;
    if (chosen) {
      const { lineWidth, strokeStyle } = context;
      const dashes = context.getLineDash();
      context.setLineDash([]);
      for (const [colour, more] of [[palette.accent, 7], [palette.ground, 3.5]]) {
        Object.assign(context, { strokeStyle: colour, lineWidth: lineWidth + more });
        context.stroke();
      }
      Object.assign(context, { strokeStyle, lineWidth });
      context.setLineDash(dashes);
    }
    context.stroke();
  }
}
