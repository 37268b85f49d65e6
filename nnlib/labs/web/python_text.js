/**
 * Numbers and lists as Python writes them: what links and scripts from the page share with those from a kernel.
 */

/** A float as `repr` writes it: 0.03, 1.0, 1e-05. @param {number} value */
export function floatText(value) {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  const [digits, exponent] = value.toExponential().split("e");
  if (value !== 0 && (exponent < -4 || exponent >= 16)) return scientific(digits, Number(exponent));
  // From 1e-6 up JavaScript writes no exponent of its own.
  const text = String(value);
  return text.includes(".") ? text : `${text}.0`;
}

/** A number as `format(value, "g")` writes it: six digits at most. @param {number} value */
export function shortText(value) {
  if (!Number.isFinite(value)) return floatText(value);
  const [digits, exponent] = value.toExponential(5).split("e");
  if (value === 0 || (exponent >= -4 && exponent < 6)) return trim(value.toFixed(Math.max(0, 5 - exponent)));
  return scientific(trim(digits), Number(exponent));
}

const trim = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

/** Python's exponents have a sign and two digits or more. */
function scientific(digits, exponent) {
  return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** A text as `repr` writes it, as far as names and what a reader may type into a link go. @param {string} text */
export function quoted(text) {
  const escaped = text.replace(/\\/g, "\\\\").replace(/\n/g, "\\n").replace(/\r/g, "\\r").replace(/\t/g, "\\t");
  return escaped.includes("'") && !escaped.includes('"') ? `"${escaped}"` : `'${escaped.replace(/'/g, "\\'")}'`;
}
