/**
 * Reading a number as people write it: 0.5, 0,5, 1/2, 5e-2, −3 with a typographic minus.
 */

const NUMBER = /^[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?$/i;

/**
 * @param {string} text
 * @returns {number | null} null where it cannot be read
 */
export function readNumber(text) {
  const parts = text.replace(/[\s\u2009\u202f]/g, "").replace(/[−–]/g, "-").split("/");
  if (parts.length > 2 || !parts.every((part) => NUMBER.test(part))) return null;
  const [value, divisor = 1] = parts.map((part) => Number(part.replace(",", ".")));
  const result = value / divisor;
  return Number.isFinite(result) ? result : null;
}
