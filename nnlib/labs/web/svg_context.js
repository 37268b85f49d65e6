/**
 * A canvas context that writes SVG: what the pictures of a lab paint on it comes out as paths, texts and small images.
 *
 * It knows the part of the canvas interface that the pictures use.
 */

const digits = (value) => Number(value.toFixed(2));
const escapeText = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");
/** Older readers of SVG know rgb(1, 2, 3) only. */
const colourText = (colour) => colour.replace(/^rgb\((\d+) (\d+) (\d+)\)$/, "rgb($1, $2, $3)");
const ANCHORS = { left: "start", start: "start", center: "middle", right: "end", end: "end" };
const BASELINES = { middle: "central", top: "text-before-edge", bottom: "text-after-edge", alphabetic: "alphabetic" };

/** An outline, as `Path2D` but readable. */
class Outline {
  constructor() {
    this.pieces = [];
  }

  add(letter, ...numbers) {
    this.pieces.push(letter + numbers.map(digits).join(" "));
  }

  moveTo(x, y) {
    this.add("M", x, y);
  }

  lineTo(x, y) {
    // A path may begin with a line: on a canvas that is a move.
    this.add(this.pieces.length ? "L" : "M", x, y);
  }

  bezierCurveTo(...numbers) {
    this.add("C", ...numbers);
  }

  quadraticCurveTo(...numbers) {
    this.add("Q", ...numbers);
  }

  rect(x, y, width, height) {
    this.add("M", x, y);
    this.pieces.push(`h${digits(width)}v${digits(height)}h${digits(-width)}z`);
  }

  /** Two halves: an arc of SVG cannot end where it begins. */
  arc(x, y, radius, from, to) {
    const at = (angle) => [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
    this[this.pieces.length ? "lineTo" : "moveTo"](...at(from));
    for (const angle of [(from + to) / 2, to]) this.add("A", radius, radius, 0, 0, 1, ...at(angle));
  }

  closePath() {
    this.pieces.push("Z");
  }

  get text() {
    return this.pieces.join("");
  }
}

export class SvgContext extends Outline {
  constructor() {
    super();
    this.parts = [];
    this.dash = [];
    this.saved = [];
    Object.assign(this, {
      fillStyle: "#000", strokeStyle: "#000", lineWidth: 1, globalAlpha: 1, font: "11px sans-serif",
      textAlign: "start", textBaseline: "alphabetic", lineCap: "butt", lineJoin: "miter",
    });
    this.meter = document.createElement("canvas").getContext("2d");
  }

  /** A canvas, as far as `fit` looks at it. */
  get canvas() {
    return { width: 0, height: 0, getContext: () => this, setAttribute() {} };
  }

  newPath() {
    return new Outline();
  }

  beginPath() {
    this.pieces = [];
  }

  setTransform() {}

  clearRect() {}

  setLineDash(dash) {
    this.dash = dash;
  }

  save() {
    this.saved.push({ ...this, parts: undefined, pieces: undefined, saved: undefined });
  }

  restore() {
    const { parts: _parts, pieces: _pieces, saved: _saved, ...state } = this.saved.pop() ?? {};
    Object.assign(this, state);
  }

  measureText(text) {
    this.meter.font = this.font;
    return this.meter.measureText(text);
  }

  put(tag, attributes, content = "") {
    const written = Object.entries(attributes).map(([name, value]) => ` ${name}="${escapeText(String(value))}"`).join("");
    this.parts.push(content ? `<${tag}${written}>${content}</${tag}>` : `<${tag}${written}/>`);
  }

  get opacity() {
    return this.globalAlpha === 1 ? {} : { opacity: digits(this.globalAlpha) };
  }

  get pen() {
    const round = { "stroke-linecap": this.lineCap, "stroke-linejoin": this.lineJoin };
    const dash = this.dash.length ? { "stroke-dasharray": this.dash.join(" ") } : {};
    return { fill: "none", stroke: colourText(this.strokeStyle), "stroke-width": digits(this.lineWidth), ...round, ...dash, ...this.opacity };
  }

  stroke(path = this) {
    if (path.text) this.put("path", { d: path.text, ...this.pen });
  }

  fill(path = this) {
    if (path.text) this.put("path", { d: path.text, fill: colourText(this.fillStyle), ...this.opacity });
  }

  strokeRect(x, y, width, height) {
    this.put("rect", { x: digits(x), y: digits(y), width: digits(width), height: digits(height), ...this.pen });
  }

  fillRect(x, y, width, height) {
    const place = { x: digits(x), y: digits(y), width: digits(width), height: digits(height) };
    this.put("rect", { ...place, fill: colourText(this.fillStyle), ...this.opacity });
  }

  fillText(text, x, y) {
    const [, style = "", size, family] = this.font.match(/^(.*?)\s*([\d.]+)px\s+(.*)$/) ?? [];
    const look = { "font-size": size ?? 11, "font-family": family ?? "sans-serif" };
    if (/italic/.test(style)) look["font-style"] = "italic";
    if (/\d{3}|bold/.test(style)) look["font-weight"] = style.match(/\d{3}|bold/)[0];
    const place = { x: digits(x), y: digits(y), "text-anchor": ANCHORS[this.textAlign], "dominant-baseline": BASELINES[this.textBaseline] };
    this.put("text", { ...place, ...look, fill: colourText(this.fillStyle), ...this.opacity }, escapeText(String(text)));
  }

  /** Pixels stay pixels. */
  drawImage(image, ...numbers) {
    const [left, top, width, height, x, y, w, h] = numbers.length === 8 ? numbers : [0, 0, image.width, image.height, ...numbers];
    const cut = Object.assign(document.createElement("canvas"), { width, height });
    cut.getContext("2d").drawImage(image, left, top, width, height, 0, 0, width, height);
    const place = { x: digits(x), y: digits(y), width: digits(w), height: digits(h), preserveAspectRatio: "none" };
    this.put("image", { ...place, href: cut.toDataURL() });
  }

  toString() {
    return this.parts.join("\n");
  }
}
