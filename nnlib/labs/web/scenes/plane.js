/**
 * A square of the input plane with its axes: a field of colours, lines over it, and a point that a reader moves by
 * mouse, finger or arrow keys.
 */

import { fit, PixelSheet } from "../canvas.js";
import { shade } from "../colours.js";
import { element, keepKeys } from "../dom.js";
import { formatSetting } from "../words.js";

/** Arrow keys move a point by so many steps with Shift. */
const LARGE = 10;
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };

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
   * Let the reader move a point: anywhere in the square with the pointer, by arrow keys on its handle.
   * @param {{label: string, step: number, get: () => [number, number], set: (x1: number, x2: number) => void}} options
   */
  addHandle({ label, step, get, set }) {
    const handle = keepKeys(element("div", "nnlib-handle"));
    handle.tabIndex = 0;
    handle.setAttribute("role", "slider");
    handle.setAttribute("aria-label", label);
    const snap = (value) => {
      const within = Math.min(this.extent, Math.max(-this.extent, value));
      return Number((Math.round(within / step) * step).toFixed(6));
    };
    handle.addEventListener("keydown", (event) => {
      const way = KEYS[event.key];
      if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      const [x1, x2] = get();
      const far = step * (event.shiftKey ? LARGE : 1);
      set(snap(x1 + far * way[0]), snap(x2 + far * way[1]));
    });
    const follow = ({ clientX, clientY }) => {
      const box = this.square.getBoundingClientRect();
      const x1 = (2 * (clientX - box.left)) / box.width - 1;
      const x2 = 1 - (2 * (clientY - box.top)) / box.height;
      set(snap(x1 * this.extent), snap(x2 * this.extent));
    };
    this.square.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      handle.focus({ preventScroll: true });
      this.square.setPointerCapture(event.pointerId);
      follow(event);
    });
    this.square.addEventListener("pointermove", (event) => {
      if (this.square.hasPointerCapture(event.pointerId)) follow(event);
    });
    this.square.classList.add("nnlib-touchable");
    this.square.append(handle);
    this.handle = handle;
  }

  /** Put the handle where its point is; a screen reader hears `text`. */
  moveHandle(x1, x2, text) {
    const { style } = this.handle;
    style.left = `${(x1 / this.extent + 1) * 50}%`;
    style.top = `${(1 - x2 / this.extent) * 50}%`;
    for (const [name, value] of [["valuenow", x1], ["valuemin", -this.extent], ["valuemax", this.extent], ["valuetext", text]]) {
      this.handle.setAttribute(`aria-${name}`, value);
    }
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
