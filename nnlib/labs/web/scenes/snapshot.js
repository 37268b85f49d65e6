/**
 * The picture of a scene as SVG: what stands in its box, as the page shows it.
 *
 * A scene is made of canvases, drawings, tiles and texts. They are copied with the styles that the page computes for
 * them, canvases as images, into a foreign object, which browsers show as they show the page.
 */

const XHTML = "http://www.w3.org/1999/xhtml";
const PADDING = 16;
/** What tells how a thing looks; sizes and places are set by the copy's own layout. */
const STYLES = [
  "align-items", "align-content", "align-self", "aspect-ratio", "background-color", "background-image", "background-position",
  "background-repeat", "background-size", "border-top", "border-right", "border-bottom", "border-left",
  "border-top-left-radius", "border-top-right-radius", "border-bottom-left-radius", "border-bottom-right-radius",
  "border-collapse", "bottom", "box-shadow", "box-sizing", "caption-side", "color", "column-gap", "dominant-baseline", "display",
  "fill", "flex", "flex-direction", "flex-wrap", "font-family", "font-size", "font-style", "font-variant-numeric", "font-weight",
  "grid-area", "grid-template-areas", "grid-template-columns", "grid-template-rows", "grid-auto-rows", "height", "justify-content",
  "justify-items", "left", "letter-spacing", "line-height", "margin-top", "margin-right", "margin-bottom", "margin-left",
  "max-width", "min-height", "min-width", "opacity", "overflow", "overflow-wrap", "padding-top", "padding-right", "padding-bottom",
  "padding-left", "paint-order", "position", "right", "row-gap", "stroke", "stroke-dasharray", "stroke-linecap", "stroke-linejoin",
  "stroke-width", "text-align", "text-anchor", "text-overflow", "top", "transform", "translate", "vertical-align", "visibility",
  "white-space", "width",
];

/** What a press or a word of a screen reader is for, and what is not seen. */
const LEFT_OUT = "button, script, [hidden], .nnlib-unseen";

/**
 * @param {HTMLElement} host  the scene's box @param {HTMLElement} lab  whose colours hold
 * @param {import("../colours.js").Palette} palette @param {string} title @param {string} alt
 */
export function pictureOf(host, lab, palette, title, alt) {
  const { width, height } = host.getBoundingClientRect();
  const [w, h] = [width + 2 * PADDING, height + 2 * PADDING].map(Math.ceil);
  const copy = copyOf(host);
  copy.setAttribute("xmlns", XHTML);
  const text = new XMLSerializer().serializeToString(copy);
  const plain = (part) => part.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img" aria-labelledby="title alt">
<title id="title">${plain(title)}</title>
<desc id="alt">${plain(alt)}</desc>
<rect width="100%" height="100%" fill="${palette.ground}"/>
<foreignObject x="${PADDING}" y="${PADDING}" width="${Math.ceil(width)}" height="${Math.ceil(height)}">${text}</foreignObject>
</svg>
`;
}

/** A copy of an element and of all in it, each with the styles that it has on the page. */
function copyOf(part) {
  const copy = part instanceof HTMLCanvasElement ? imageOf(part) : part instanceof HTMLInputElement ? textOf(part) : part.cloneNode(false);
  const computed = getComputedStyle(part);
  const style = STYLES.map((name) => `${name}:${computed.getPropertyValue(name)}`).join(";");
  for (const { name } of [...copy.attributes]) if (/^(class|style|id|data-|aria-|tabindex|on)/.test(name)) copy.removeAttribute(name);
  copy.setAttribute("style", style);
  for (const child of part.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) copy.append(child.cloneNode());
    else if (child instanceof Element && !child.matches(LEFT_OUT)) copy.append(copyOf(child));
  }
  return copy;
}

function imageOf(canvas) {
  const image = document.createElement("img");
  image.src = canvas.toDataURL();
  return image;
}

/** A field shows its text. */
function textOf(input) {
  const box = document.createElement("span");
  box.textContent = input.value;
  return box;
}
