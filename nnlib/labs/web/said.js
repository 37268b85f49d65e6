/**
 * An error that the reader is told in words of the catalogue: it carries a key and what fills the blanks.
 */

export class Said extends Error {
  /** @param {string} key  of the message catalogue @param {Record<string, string | number>} [values] */
  constructor(key, values = {}) {
    super(key);
    this.key = key;
    this.values = values;
  }
}

/** What an error says. @param {import("./words.js").Words} words @param {any} error */
export function explain(words, error) {
  return error instanceof Said ? words.say(error.key, error.values) : (error?.message ?? String(error));
}
