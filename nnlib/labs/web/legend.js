/**
 * The key under the output surface: a colour bar from −1 to +1, or for several classes one mark each.
 */

import { addMark } from "./canvas.js";
import { element } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";

export class Legend {
  /** @param {import("./words.js").Words} words */
  constructor(words) {
    this.words = words;
    this.root = element("div", "nnlib-legend");
    this.key = "";
  }

  /** @param {{task: string, classes: number}} data */
  show({ task, classes }) {
    const key = `${task} ${classes}`;
    if (key === this.key) return;
    this.key = key;
    const parts = task === "multiclass" ? this.classMarks(classes) : this.colourBar(task === "binary");
    this.root.replaceChildren(...parts);
  }

  colourBar(marked) {
    const ends = element("div", "nnlib-ends");
    const end = (text, k) => element("span", "", ...(marked && k !== null ? [mark(k)] : []), text);
    ends.append(end("−1", 0), end("0", null), end("+1", 1));
    return [element("div", "nnlib-bar"), ends];
  }

  classMarks(classes) {
    const names = Array.from({ length: classes }, (_, k) => element("span", "", mark(k), String(k)));
    return [element("div", "nnlib-classes", this.words.say("classes"), ...names)];
  }
}

/** The mark of a class, drawn by the same outline as the points. @param {number} k */
export function mark(k) {
  const svg = document.createElementNS(SVG, "svg");
  const path = svg.appendChild(document.createElementNS(SVG, "path"));
  svg.setAttribute("viewBox", "-7 -7 14 14");
  svg.setAttribute("class", `nnlib-mark nnlib-class-${k}`);
  svg.setAttribute("aria-hidden", "true");
  const pieces = [];
  addMark({
    moveTo: (x, y) => pieces.push(`M${x} ${y}`),
    lineTo: (x, y) => pieces.push(`L${x} ${y}`),
    // Two half circles: an arc of SVG cannot end where it begins.
    arc: (x, y, r) => pieces.push(`M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`),
    closePath: () => pieces.push("Z"),
  }, k, 0, 0, 5);
  path.setAttribute("d", pieces.join(""));
  return svg;
}
