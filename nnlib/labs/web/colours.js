/**
 * Colours and themes.
 *
 * The colours themselves stand in lab.css, once for each theme, so that buttons and pictures cannot disagree; here
 * they are read for the canvases and spread into the scales that turn a number into a colour: orange for negative,
 * the ground's own tone for zero, blue for positive. The theme follows the page: Jupyter Book, JupyterLab, VS Code and
 * Colab each say it in their own attribute, and elsewhere the reader's system decides.
 */

/** Number of colours in a scale; an odd number gives zero a colour of its own. */
export const SHADES = 255;
const MIDDLE = (SHADES - 1) / 2;

/**
 * @typedef {Object} Palette
 * @property {string} ink       text
 * @property {string} muted     quiet text
 * @property {string} line      grid lines and borders
 * @property {string} ground
 * @property {string} accent
 * @property {string} negative  the strong ends, for weights
 * @property {string} positive
 * @property {string} outline   around points
 * @property {string[]} classes one colour a class, for points
 * @property {number[]} middle  red, green, blue of zero
 * @property {number[][]} fields the same of each class, for surfaces
 * @property {Uint32Array} scale pixels from −1 to +1
 */

let onPaper = false;

/** True while the browser lays the page out for print. */
export function printing() {
  return onPaper || matchMedia("print").matches;
}

/** @returns {"light" | "dark"} */
export function currentTheme() {
  if (printing()) return "light";
  const { documentElement: html, body } = document;
  const said = html.dataset.theme ?? html.getAttribute("theme");
  if (said === "dark" || said === "light") return said;
  if (body.dataset.jpThemeLight) return body.dataset.jpThemeLight === "false" ? "dark" : "light";
  if (/\bvscode-(dark|high-contrast)\b/.test(body.className)) return "dark";
  if (/\bvscode-light\b/.test(body.className)) return "light";
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/**
 * Call back whenever the page may have changed its theme; paper is light.
 * @param {(theme: "light" | "dark") => void} callback
 * @returns {() => void} stops watching
 */
export function watchTheme(callback) {
  const queries = [matchMedia("(prefers-color-scheme: dark)"), matchMedia("print")];
  const tell = () => callback(currentTheme());
  const print = ({ type }) => {
    onPaper = type === "beforeprint";
    tell();
  };
  const observer = new MutationObserver(tell);
  const options = { attributes: true, attributeFilter: ["class", "theme", "data-theme", "data-jp-theme-light"] };
  observer.observe(document.documentElement, options);
  observer.observe(document.body, options);
  for (const query of queries) query.addEventListener("change", tell);
  for (const type of ["beforeprint", "afterprint"]) addEventListener(type, print);
  return () => {
    observer.disconnect();
    for (const query of queries) query.removeEventListener("change", tell);
    for (const type of ["beforeprint", "afterprint"]) removeEventListener(type, print);
  };
}

/** Read the palette of an element whose theme is set. @param {Element} element @returns {Palette} */
export function readPalette(element) {
  const style = getComputedStyle(element);
  const read = (name) => style.getPropertyValue(`--nnlib-${name}`).trim() || "#808080";
  const middle = channels(read("middle"));
  const fields = [0, 1, 2, 3].map((k) => channels(read(`field-${k}`)));
  return {
    ink: read("ink"), muted: read("muted"), line: read("line"), ground: read("ground"), accent: read("accent"),
    negative: read("negative"), positive: read("positive"), outline: read("outline"),
    classes: [0, 1, 2, 3].map((k) => read(`class-${k}`)),
    middle,
    fields,
    scale: makeScale(fields[0], middle, fields[1]),
  };
}

/** Red, green and blue of "#rrggbb". @param {string} hex */
function channels(hex) {
  const number = Number.parseInt(hex.slice(1), 16);
  return [(number >> 16) & 255, (number >> 8) & 255, number & 255];
}

/** One opaque pixel as ImageData stores it. */
export function pixel(red, green, blue) {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

function makeScale(negative, middle, positive) {
  const scale = new Uint32Array(SHADES);
  for (let i = 0; i < SHADES; i++) {
    const end = i < MIDDLE ? negative : positive;
    // A little more colour near zero than in proportion: the eye should see early on which side a point lies.
    const t = Math.pow(Math.abs(i - MIDDLE) / MIDDLE, 0.8);
    const [red, green, blue] = middle.map((from, c) => Math.round(from + t * (end[c] - from)));
    scale[i] = pixel(red, green, blue);
  }
  return scale;
}

/** The index in a scale of a value in [−1, 1]; beyond it the last colours, and for what is no number the middle. */
export function shade(value) {
  const index = MIDDLE + value * MIDDLE;
  if (index >= SHADES - 1) return SHADES - 1;
  return index > 0 ? (index + 0.5) | 0 : index <= 0 ? 0 : MIDDLE;
}

/** A colour of the scale for CSS and for strokes. @param {Palette} palette @param {number} value */
export function cssColour(palette, value) {
  const bits = palette.scale[shade(value)];
  return `rgb(${bits & 255} ${(bits >> 8) & 255} ${(bits >> 16) & 255})`;
}
