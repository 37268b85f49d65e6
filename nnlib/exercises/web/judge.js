/**
 * Judging a number: the same order and the same rules as nnlib/exercises/grading.py.
 *
 * @typedef {Object} Mistake
 * @property {string} name
 * @property {"is" | "above" | "below"} kind
 * @property {number} value
 * @property {string} text
 *
 * @typedef {Object} Asked
 * @property {number} value
 * @property {number} tolerance
 * @property {boolean} whole
 * @property {Mistake[]} mistakes
 * @property {string} remark
 */

const FITS = {
  is: (found, mistake, tolerance) => same(found, mistake.value, tolerance),
  above: (found, mistake) => found > mistake.value,
  below: (found, mistake) => found < mistake.value,
};

/**
 * @param {Asked} asked @param {number} found
 * @param {Record<string, string>} messages
 * @returns {{right: boolean, mistake: string | null, text: string}}
 */
export function judge(asked, found, messages) {
  const { value, tolerance, whole, mistakes, remark } = asked;
  if (same(found, value, tolerance)) return { right: true, mistake: null, text: remark };
  const fraction = whole && !Number.isInteger(found);
  const listed = mistakes.find((mistake) =>
    (mistake.kind === "is" || !fraction) && FITS[mistake.kind](found, mistake, tolerance));
  if (listed) return { right: false, mistake: listed.name, text: listed.text };
  if (fraction) return { right: false, mistake: null, text: messages.whole };
  if (same(-found, value, tolerance)) return { right: false, mistake: "sign", text: messages.sign };
  const near = !whole && Math.abs(found - value) <= (0.01 * Math.abs(value) || 10 * tolerance);
  if (near) return { right: false, mistake: "close", text: messages.close };
  return { right: false, mistake: null, text: messages.other_number };
}

function same(found, wanted, tolerance) {
  return Math.abs(found - wanted) <= tolerance + 1e-12 * Math.abs(wanted);
}
