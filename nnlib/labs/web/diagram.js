/**
 * The network as a picture: inputs, hidden units and outputs as small maps, weights as lines between them.
 *
 * A map shows the value of its unit over the input square; how a line shows its weight stands in edges.js. The box
 * never changes its size: with more units the maps shrink and the lines get thinner. Over the canvas lies one
 * transparent, named button for each map; what a reader does with them, explore.js knows.
 */

import { addMark, fit, newPath, PixelSheet } from "./canvas.js";
import { keepKeys } from "./dom.js";
import { addEdge, edgeBetween, levelOf, LEVELS, styleEdges } from "./edges.js";
import { colourSurface, colourUnit, computeInputs, surfaceValue } from "./picture.js";

const HEADING = 20;
const EDGE = 4;
const LARGEST_MAP = 46;
const FONT = "11px system-ui, sans-serif";
const INPUT_FONT = "italic 13px Georgia, serif";
/** Of a large network only the strongest lines are drawn: more cannot be told apart, and would cost time. */
const MOST_LINES = 600;
const INPUT_SIDE = 24;
/** An input's name stands above its map and needs so much room. */
const NAME = 17;
/** Lines from and to a unit that is off keep so much of their opacity, its map so much of its colours. */
const [FAINT_LINE, FAINT_MAP] = [0.14, 0.3];

export class Diagram {
  /** @param {HTMLElement} host @param {import("./words.js").Words} words */
  constructor(host, words) {
    this.host = host;
    this.words = words;
    this.canvas = host.appendChild(document.createElement("canvas"));
    this.canvas.setAttribute("aria-hidden", "true");
    this.units = host.appendChild(document.createElement("div"));
    this.units.className = "nnlib-units";
    this.hiddenSheet = new PixelSheet();
    this.outputSheet = new PixelSheet();
    /** The inputs' maps, one below the other: they change with place and palette only. */
    this.inputSheet = new PixelSheet();
    this.inputsIn = null;
    this.width = 0;
    this.height = 0;
    this.key = "";
    /** Which units are shown as switched off, by hidden layer. @type {boolean[][] | null} */
    this.off = null;
    /** Called when the units were drawn anew, with whether one of them had the focus. */
    this.onPlaced = () => {};
  }

  /** Place the maps; done anew only when the network's shape, its inputs or the box change. */
  place(net) {
    const { widths } = net;
    const key = `${widths}/${net.features}/${this.width}×${this.height}`;
    if (key === this.key) return;
    this.key = key;
    this.inputs = computeInputs(net, INPUT_SIDE);
    this.inputsIn = null;
    const height = this.height - HEADING;
    const largest = Math.min(LARGEST_MAP, (0.62 * this.width) / widths.length);
    // Hidden layers share one size of map; inputs and outputs, which are few, may have larger ones.
    const sizes = widths.map((count) => Math.max(4, Math.min(largest, (0.84 * height) / count)));
    sizes[0] = Math.max(4, Math.min(sizes[0], height / widths[0] - NAME));
    const left = EDGE + sizes[0] / 2;
    const spread = (this.width - EDGE - sizes.at(-1) / 2 - left) / (widths.length - 1);
    this.columns = widths.map((count, column) => {
      const size = sizes[column];
      const step = Math.min(height / count, 1.6 * size + 10);
      const above = Math.max((step - size) / 2, column === 0 ? 0.8 * NAME : 0);
      const top = HEADING + (height - step * count) / 2 + above;
      const x = left + column * spread - size / 2;
      return Array.from({ length: count }, (_, unit) => ({ x, y: top + unit * step, size }));
    });
    this.nameUnits();
  }

  /** One named element for each map. */
  nameUnits() {
    const hadFocus = this.units.contains(document.activeElement);
    const elements = this.columns.flatMap((places, column) =>
      places.map(({ x, y, size }, unit) => {
        const element = document.createElement("div");
        element.className = "nnlib-unit";
        element.setAttribute("role", "button");
        element.setAttribute("aria-pressed", "false");
        element.setAttribute("aria-label", this.nameOf(column, unit));
        element.tabIndex = -1;
        Object.assign(element.dataset, { column, unit });
        Object.assign(element.style, { left: `${x}px`, top: `${y}px`, width: `${size}px`, height: `${size}px` });
        return keepKeys(element);
      }),
    );
    this.units.replaceChildren(...elements);
    this.namedOff = this.off;
    this.onPlaced(hadFocus);
  }

  nameOf(column, unit) {
    const { words, off } = this;
    const kind = column === 0 ? "input_label" : column === this.columns.length - 1 ? "output_label" : "unit_label";
    const name = words.say(kind, { layer: column, unit: unit + 1, input: words.say(this.inputs.names[unit] ?? "") });
    return off?.[column - 1]?.[unit] ? words.say("unit_off", { unit: name }) : name;
  }

  /** Say of each unit whether it is shown as switched off, where that has changed. */
  nameOff() {
    if (this.off === this.namedOff) return;
    this.namedOff = this.off;
    for (const element of this.units.children) {
      element.setAttribute("aria-label", this.nameOf(Number(element.dataset.column), Number(element.dataset.unit)));
    }
  }

  /** @param {string} text */
  describe(text) {
    this.units.setAttribute("role", "group");
    this.units.setAttribute("aria-label", text);
  }

  /**
   * @param {import("./picture.js").Maps} maps @param {import("./training.js").Run} run
   * @param {import("./colours.js").Palette} palette
   */
  paint(maps, run, palette) {
    if (!this.width) return;
    const { net } = run;
    this.place(net);
    this.nameOff();
    const context = fit(this.canvas, this.width, this.height);
    context.clearRect(0, 0, this.width, this.height);
    this.paintLines(context, net, palette);
    this.paintHeadings(context, palette);
    this.paintInputs(context, palette);
    this.paintHidden(context, maps, net, palette);
    this.paintOutputs(context, maps, run, palette);
  }

  paintHeadings(context, palette) {
    const last = this.columns.length - 1;
    context.font = FONT;
    context.fillStyle = palette.muted;
    context.textBaseline = "middle";
    const room = this.width / (last + 1);
    const long = context.measureText(this.words.say("hidden_column", { layer: 8 })).width < room - 4;
    this.columns.forEach(([{ x, size }], column) => {
      const hidden = long ? "hidden_column" : "hidden_column_short";
      const key = column === 0 ? "input_column" : column === last ? "output_column" : hidden;
      // The outer headings keep to the box's edges, the others stand above their maps.
      context.textAlign = column === 0 ? "left" : column === last ? "right" : "center";
      const at = column === 0 ? x : column === last ? x + size : x + size / 2;
      context.fillText(this.words.say(key, { layer: column }), at, HEADING / 2);
    });
  }

  /** The weights between neighbouring columns, in groups of similar width, thick ones last; those of units that are off, faint. */
  paintLines(context, net, palette) {
    const thinner = Math.sqrt(Math.min(...this.columns.map(([{ size }]) => size)) / LARGEST_MAP);
    const faintest = strengthOf(net, MOST_LINES);
    Object.assign(this, { thinner, faintest });
    const { off } = this;
    const groups = Array.from({ length: (off ? 4 : 2) * LEVELS }, () => newPath(context));
    net.layers.forEach(({ inputs, outputs, offset }, column) => {
      const from = this.columns[column];
      const to = this.columns[column + 1];
      for (let i = 0; i < inputs; i++) {
        for (let j = 0; j < outputs; j++) {
          const weight = net.parameters[offset + i * outputs + j];
          const level = levelOf(weight);
          if (!(level > 0 && Math.abs(weight) >= faintest)) continue;
          const faint = off?.[column - 1]?.[i] || off?.[column]?.[j] ? 2 * LEVELS : 0;
          addEdge(groups[faint + (weight < 0 ? level : LEVELS + level)], edgeBetween(from[i], to[j]));
        }
      }
    });
    for (let level = 1; level < LEVELS; level++) {
      for (const sign of [0, 1]) {
        styleEdges(context, level, sign === 1, thinner, palette);
        context.stroke(groups[sign * LEVELS + level]);
        if (!off) continue;
        context.globalAlpha *= FAINT_LINE;
        context.stroke(groups[(2 + sign) * LEVELS + level]);
      }
    }
    context.globalAlpha = 1;
    context.setLineDash([]);
  }

  /** The map of an input as it is painted, for the panel. @param {number} input @returns {HTMLCanvasElement} */
  pictureOf(input) {
    const { x, y, size } = this.columns[0][input];
    const ratio = this.canvas.width / this.width;
    const side = Math.max(1, Math.floor(size * ratio));
    const copy = Object.assign(document.createElement("canvas"), { width: side, height: side });
    copy.getContext("2d").drawImage(this.canvas, Math.ceil(x * ratio), Math.ceil(y * ratio), side, side, 0, 0, side, side);
    return copy;
  }

  /** Put a map in its place, with a frame. */
  paintMap(context, image, { x, y, size }, palette, [left, top, side]) {
    context.drawImage(image, left, top, side, side, x, y, size, size);
    context.strokeStyle = palette.ink;
    context.globalAlpha = 0.45;
    context.lineWidth = 1;
    context.strokeRect(x - 0.5, y - 0.5, size + 1, size + 1);
    context.globalAlpha = 1;
  }

  developInputs(palette) {
    if (this.inputsIn === palette) return;
    this.inputsIn = palette;
    const { names, values } = this.inputs;
    const pixels = this.inputSheet.pixels(INPUT_SIDE, INPUT_SIDE * names.length);
    names.forEach((_, input) => {
      colourUnit(pixels, INPUT_SIDE, 0, input * INPUT_SIDE, values, INPUT_SIDE, names.length, input, "identity", palette.scale);
    });
    this.inputSheet.develop();
  }

  paintInputs(context, palette) {
    context.textBaseline = "alphabetic";
    context.textAlign = "left";
    this.developInputs(palette);
    this.columns[0].forEach((place, input) => {
      this.paintMap(context, this.inputSheet.canvas, place, palette, [0, input * INPUT_SIDE, INPUT_SIDE]);
      context.fillStyle = palette.ink;
      // A long name over a small map would reach among the lines.
      const name = this.words.say(this.inputs.names[input]);
      context.font = INPUT_FONT;
      const wide = context.measureText(name).width;
      if (wide > place.size + EDGE) context.font = INPUT_FONT.replace("13", String(Math.max(9, (13 * (place.size + EDGE)) / wide)));
      context.fillText(name, place.x, place.y - 5);
    });
  }

  /** All hidden maps go through one image: a column for each layer. */
  paintHidden(context, { side, hidden }, net, palette) {
    if (!hidden.length) return;
    const width = side * hidden.length;
    const pixels = this.hiddenSheet.pixels(width, side * Math.max(...net.widths.slice(1, -1)));
    hidden.forEach((values, l) => {
      const units = net.widths[l + 1];
      for (let unit = 0; unit < units; unit++) {
        colourUnit(pixels, width, l * side, unit * side, values, side, units, unit, net.activations[l], palette.scale);
      }
    });
    const image = this.hiddenSheet.develop();
    hidden.forEach((_, l) => {
      this.columns[l + 1].forEach((place, unit) => {
        this.paintMap(context, image, place, palette, [l * side, unit * side, side]);
        if (this.off?.[l]?.[unit]) crossOut(context, place, palette);
      });
    });
  }

  paintOutputs(context, { side, outputs }, { net, loss }, palette) {
    const places = this.columns.at(-1);
    const pixels = this.outputSheet.pixels(side, side);
    places.forEach((place, k) => {
      if (places.length === 1) colourSurface(pixels, outputs, surfaceValue(loss.name), palette);
      else colourUnit(pixels, side, 0, 0, outputs, side, places.length, k, net.output, palette.scale);
      this.paintMap(context, this.outputSheet.develop(), place, palette, [0, 0, side]);
      if (places.length > 1) paintClass(context, k, place, palette);
    });
  }
}

/** A unit that is switched off: its map pale, and a cross over it. */
function crossOut(context, { x, y, size }, palette) {
  Object.assign(context, { fillStyle: palette.ground, globalAlpha: 1 - FAINT_MAP });
  context.fillRect(x, y, size, size);
  Object.assign(context, { strokeStyle: palette.ink, globalAlpha: 1, lineWidth: Math.min(2, Math.max(1, size / 12)) });
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x + size, y + size);
  context.moveTo(x + size, y);
  context.lineTo(x, y + size);
  context.stroke();
}

/** The mark of an output's class, above its map. */
function paintClass(context, k, { x, y }, palette) {
  context.beginPath();
  addMark(context, k, x + 5, y - 7, 4);
  context.fillStyle = palette.classes[k];
  context.fill();
}

/**
 * The size of the weakest weight among the `count` strongest; 0 where there are fewer.
 * @param {import("./network.js").Network} net @param {number} count
 */
function strengthOf({ parameters, weightMask }, count) {
  const sizes = parameters.filter((_, i) => weightMask[i]).map(Math.abs).sort();
  return sizes.length > count ? sizes[sizes.length - count] : 0;
}
