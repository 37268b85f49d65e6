/**
 * A square of the input plane with its axes: a field of colours, lines over it, and a point that a reader moves by
 * mouse, finger or arrow keys.
 */

import { fit, PixelSheet } from "../canvas.js";
import { shade } from "../colours.js";
import { element } from "../dom.js";
import { formatSetting } from "../words.js";
import { Handle, snap } from "./handle.js";

export class Plane {
  /**
   * @param {import("../words.js").Words} words
   * @param {number} extent  the square reaches from −extent to extent on both axes
   * @param {number[]} ticks
   */
  constructor(words, extent, ticks) {
    this.words = words;
    this.extent = extent;
    this.square = element("div", "nnlib-square");
    this.canvas = this.square.appendChild(document.createElement("canvas"));
    this.canvas.setAttribute("role", "img");
    this.sheet = new PixelSheet();
    this.root = element("div", "nnlib-plane", this.axis("x2", ticks), this.square, this.axis("x1", ticks));
  }

  axis(name, ticks) {
    const made = element("div", `nnlib-axis nnlib-${name}`, element("i", "", this.words.say(name)));
    for (const tick of ticks) {
      made.append(element("span", "", formatSetting(tick)));
      made.lastChild.style.setProperty("--at", (tick + this.extent) / (2 * this.extent));
    }
    made.setAttribute("aria-hidden", "true");
    return made;
  }

  /** @param {string} text  what a screen reader says of the picture */
  describe(text) {
    if (this.canvas.getAttribute("aria-label") !== text) this.canvas.setAttribute("aria-label", text);
  }

  /** Where a point of the plane lies in the picture. */
  place(x1, x2) {
    return [(x1 / this.extent + 1) * (this.size / 2), (1 - x2 / this.extent) * (this.size / 2)];
  }

  /** Begin a picture. @returns {CanvasRenderingContext2D | null} null while the square has no size */
  begin() {
    this.size = this.square.clientWidth;
    return this.size ? fit(this.canvas, this.size, this.size) : null;
  }

  /**
   * Colour the square.
   * @param {CanvasRenderingContext2D} context
   * @param {(x1: number, x2: number) => number} value  from −1 (orange) to +1 (blue)
   * @param {import("../colours.js").Palette} palette  @param {number} side  points of the grid in each direction
   */
  paintField(context, value, palette, side = 96) {
    const pixels = this.sheet.pixels(side, side);
    const at = (k) => this.extent * ((2 * k + 1) / side - 1);
    for (let row = 0, i = 0; row < side; row++) {
      for (let column = 0; column < side; column++) pixels[i++] = palette.scale[shade(value(at(column), -at(row)))];
    }
    context.drawImage(this.sheet.develop(), 0, 0, this.size, this.size);
  }

  /** Draw the line w₁x₁ + w₂x₂ + b = 0, with a halo. @param {CanvasRenderingContext2D} context */
  paintLine(context, w1, w2, b, palette) {
    const norm = Math.hypot(w1, w2);
    if (!norm) return;
    const [n1, n2, far] = [w1 / norm, w2 / norm, 3 * this.extent];
    const [foot1, foot2] = [(-b / norm) * n1, (-b / norm) * n2];
    context.beginPath();
    context.moveTo(...this.place(foot1 - far * n2, foot2 + far * n1));
    context.lineTo(...this.place(foot1 + far * n2, foot2 - far * n1));
    strokeWithHalo(context, palette, palette.ink, 2);
  }

  /**
   * Let the reader move a point.
   * @param {{label: string, step: number, get: () => [number, number], set: (x1: number, x2: number) => void}} options
   */
  addHandle({ label, step, get, set }) {
    const go = (x1, x2) => set(snap(x1, step, this.extent), snap(x2, step, this.extent));
    this.handle = new Handle(this.square, label, {
      to: (x, y) => go((2 * x - 1) * this.extent, (1 - 2 * y) * this.extent),
      by: (dx, dy) => go(get()[0] + dx * step, get()[1] + dy * step),
    });
  }

  /** Put the handle where its point is; a screen reader hears `text`. */
  moveHandle(x1, x2, text) {
    const value = { now: x1, min: -this.extent, max: this.extent, text };
    this.handle.place((x1 / this.extent + 1) / 2, (1 - x2 / this.extent) / 2, value);
  }
}

/** Stroke the current path so that it stands out on every ground. */
export function strokeWithHalo(context, palette, colour, width) {
  context.lineCap = context.lineJoin = "round";
  for (const [style, size, alpha] of [[palette.ground, width + 2, 0.6], [colour, width, 1]]) {
    Object.assign(context, { strokeStyle: style, lineWidth: size, globalAlpha: alpha });
    context.stroke();
  }
}
