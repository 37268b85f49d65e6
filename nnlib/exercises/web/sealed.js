/**
 * What the page needs to judge an answer, as nnlib/exercises/asking.py packed it.
 *
 * This keeps no secret: whoever wants to read it, can. It keeps the answer from those who look at the page's source for
 * another reason, or search the page for a number.
 * @param {string} text  base64 of JSON in UTF-8
 */
export function unseal(text) {
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))));
}
