/**
 * A point that a reader moves: by mouse or finger anywhere in its box, by arrow keys when it has the focus.
 */

import { element, keepKeys } from "../dom.js";

/** With Shift, an arrow key moves a point by so many steps. */
const LARGE = 10;
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };

export class Handle {
  /**
   * @param {HTMLElement} box  in which it moves
   * @param {string} label     its name for screen readers
   * @param {{to: (x: number, y: number) => void, by: (dx: number, dy: number) => void}} moves
   *   `to` a place in shares of the box, from the upper left corner; `by` so many steps to the right and up
   * @param {Handle | null} leader  of the same point in another picture: it gets the focus, and is the one that is read
   */
  constructor(box, label, moves, leader = null) {
    this.leader = leader;
    this.root = element("div", "nnlib-handle");
    if (leader) this.root.setAttribute("aria-hidden", "true");
    else this.listenToKeys(label, moves);
    this.listenToPointer(box, moves);
    box.classList.add("nnlib-touchable");
    box.append(this.root);
  }

  listenToKeys(label, moves) {
    keepKeys(this.root).tabIndex = 0;
    this.root.setAttribute("role", "slider");
    this.root.setAttribute("aria-label", label);
    this.root.addEventListener("keydown", (event) => {
      const way = KEYS[event.key];
      if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      const steps = event.shiftKey ? LARGE : 1;
      moves.by(steps * way[0], steps * way[1]);
    });
  }

  listenToPointer(box, moves) {
    const follow = ({ clientX, clientY }) => {
      const { left, top, width, height } = box.getBoundingClientRect();
      moves.to((clientX - left) / width, (clientY - top) / height);
    };
    box.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      (this.leader ?? this).root.focus({ preventScroll: true });
      box.setPointerCapture(event.pointerId);
      follow(event);
    });
    box.addEventListener("pointermove", (event) => box.hasPointerCapture(event.pointerId) && follow(event));
  }

  /**
   * Put it where its point is.
   * @param {number} x @param {number} y  in shares of the box
   * @param {{now: number, min: number, max: number, text: string}} value  for screen readers
   */
  place(x, y, value) {
    this.root.style.left = `${100 * x}%`;
    this.root.style.top = `${100 * y}%`;
    if (this.leader) return;
    for (const [name, said] of Object.entries(value)) this.root.setAttribute(`aria-value${name}`, said);
  }
}

/** The nearest whole number of steps within ±extent. */
export function snap(value, step, extent) {
  const within = Math.min(extent, Math.max(-extent, value));
  return Number((Math.round(within / step) * step).toFixed(6));
}
