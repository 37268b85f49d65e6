// What the tests of a reader's own points run inside a page: each function takes and returns plain JSON.

import { classNames, decodeText, fitPoints, readCsv, writeCsv } from "../../nnlib/labs/web/csv.js";
import { decode, encode, partsOf, placeOf, problemOf, relabelled, round3 } from "../../nnlib/labs/web/own_points.js";
import { explain } from "../../nnlib/labs/web/said.js";
import { Words } from "../../nnlib/labs/web/words.js";

/** What comes of a CSV text: a table, or the sentence that says what is wrong with it. */
export function csv({ text, messages }) {
  try {
    return readCsv(text);
  } catch (error) {
    return { said: explain(new Words(messages), error) };
  }
}

/** The points that a lab takes from a CSV text, and what it says of them. */
export function points({ text, messages }) {
  const words = new Words(messages);
  try {
    const fitted = fitPoints(readCsv(text));
    return { ...fitted, remarks: fitted.remarks.map((each) => explain(words, each)) };
  } catch (error) {
    return { said: explain(words, error) };
  }
}

export const names = ({ text }) => classNames(readCsv(text));

export function encoding({ bytes, messages }) {
  try {
    return decodeText(Uint8Array.from(bytes));
  } catch (error) {
    return explain(new Words(messages), error);
  }
}

/** Everything that both languages must say alike of some points. */
export function about({ points, task, share, messages }) {
  const problem = problemOf(points, task);
  const { train, test, ...kind } = partsOf({ points, points_task: task, train_share: share });
  const part = ({ X, y }) => ({ X: [...X], y: [...y] });
  return {
    problem: problem && explain(new Words(messages), problem), train: part(train), test: part(test), ...kind,
    text: encode(points), again: decode(encode(points)), csv: writeCsv(points),
  };
}

export const rounding = ({ values }) => [values.map(round3), Array.from({ length: 2000 }, (_, i) => placeOf(i))];

export const decoded = ({ texts }) => texts.map(decode);

export const changed = ({ points, from, to }) => relabelled(points, from, to).map((point) => point[2]);
