/**
 * A reader's own points: the twin of nnlib/labs/own_points.py, where it is told what they are and why.
 *
 * A point is [x1, x2, label, place]. Its place, 0 … 99, decides with the training share whether it trains or tests, and
 * stays its own whatever happens to the points around it.
 */

import { Said } from "./said.js";
import { formatSetting } from "./words.js";

/** Coordinates and values lie between −EXTENT and EXTENT. */
export const EXTENT = 6;
export const MOST = 2000;
export const MOST_CLASSES = 4;

const GOLDEN = 0.6180339887498949;
const PLACES = 100;

/**
 * @typedef {[x1: number, x2: number, label: number, place: number]} Point
 * @typedef {"auto" | "binary" | "multiclass" | "regression"} OwnTask
 */

/** Three decimals, and never −0. @param {number} value */
export const round3 = (value) => Math.round(value * 1000) / 1000 + 0;

/** The nearest coordinate that is allowed. @param {number} value */
export const within = (value) => round3(Math.min(EXTENT, Math.max(-EXTENT, value)));

/** The place of a new point when there are `index` others. @param {number} index */
export const placeOf = (index) => Math.floor(PLACES * ((GOLDEN * index) % 1));

const usable = new WeakMap();

/**
 * Of a list that may come from a damaged page, what is a point; a point without a place gets one.
 * @param {any} points @returns {Point[]} always the same array for the same list
 */
export function usablePoints(points) {
  if (!Array.isArray(points)) return NONE;
  if (!usable.has(points)) {
    const whole = points.every((point) => isPoint(point) && point.length === 4);
    const kept = points.filter(isPoint).slice(0, MOST);
    usable.set(points, whole && kept.length === points.length ? points : kept.map(([x1, x2, label, place], i) =>
      [round3(x1), round3(x2), round3(label), place ?? placeOf(i)]));
  }
  return usable.get(points);
}

const NONE = Object.freeze([]);

const isPoint = (point) => Array.isArray(point) && point.length >= 3 && point.length <= 4
  && point.every((value) => Number.isFinite(value)) && point.slice(0, 3).every((value) => Math.abs(value) <= EXTENT)
  && (point.length === 3 || (Number.isInteger(point[3]) && point[3] >= 0 && point[3] < PLACES));

/** What is learned; "auto" goes by the labels. @param {Point[]} points @param {OwnTask} task */
export function taskOf(points, task = "auto") {
  if (task !== "auto") return task;
  if (points.every(([, , label]) => label === -1 || label === 1)) return "binary";
  return points.every(([, , label]) => isClass(label)) ? "multiclass" : "regression";
}

const isClass = (label) => Number.isInteger(label) && label >= 0 && label < MOST_CLASSES;

/**
 * Why these points cannot be learned from; null if they can.
 * @param {Point[]} points @param {OwnTask} given
 * @returns {Said | null}
 */
export function problemOf(points, given = "auto") {
  const task = taskOf(points, given);
  if (points.length < 2) return new Said(points.length ? "own_one" : "own_none");
  if (task === "regression") return null;
  const allowed = task === "binary" ? (label) => label === -1 || label === 1 : isClass;
  const odd = points.findIndex(([, , label]) => !allowed(label));
  if (odd >= 0) return new Said(`own_label_${task}`, { number: odd + 1, label: formatSetting(points[odd][2]) });
  if (points.some(([, , label]) => label !== points[0][2])) return null;
  return new Said("own_one_class", { count: points.length, label: formatSetting(points[0][2]) });
}

/** Why the settings' own points, if it is them that are learned from, cannot be. @param {Record<string, any>} settings */
export function ownProblem({ dataset, points, points_task }) {
  return dataset === "own" ? problemOf(points, points_task) : null;
}

/**
 * Which points train; two points or more fill both parts.
 * @param {Point[]} points @param {number} share
 * @returns {boolean[]}
 */
export function trainsOf(points, share) {
  const trains = points.map(([, , , place]) => place + 0.5 < PLACES * share);
  const places = points.map(([, , , place]) => place);
  if (points.length > 1 && !trains.includes(true)) trains[places.indexOf(Math.min(...places))] = true;
  if (points.length > 1 && !trains.includes(false)) trains[places.lastIndexOf(Math.max(...places))] = false;
  return trains;
}

/**
 * Both parts as a view paints them, whether they can be learned from or not.
 * @returns {import("./datasets.js").Split}
 */
export function partsOf({ points, points_task, train_share }) {
  const task = taskOf(points, points_task);
  const trains = trainsOf(points, train_share);
  const classes = { binary: 2, regression: 0, multiclass: Math.max(1, ...points.map((point) => point[2])) + 1 }[task];
  const part = (wanted) => {
    const chosen = points.filter((_, i) => trains[i] === wanted);
    const X = Float64Array.from(chosen.flatMap(([x1, x2]) => [x1, x2]));
    return { X, y: Float64Array.from(chosen, ([, , label]) => label), n: chosen.length };
  };
  return { train: part(true), test: part(false), task, classes };
}

/** The data that a run of these settings learns from. @param {Record<string, any>} settings */
export function ownData(settings) {
  const problem = problemOf(settings.points, settings.points_task);
  if (problem) throw problem;
  return partsOf(settings);
}

/**
 * The points of a data set that has been split: what editing begins with.
 * @param {import("./datasets.js").Split} data
 * @returns {Point[]}
 */
export function copyPoints({ train, test }) {
  const n = train.n + test.n;
  const points = [];
  for (const { X, y, n: count } of [train, test]) {
    for (let i = 0; i < count; i++) {
      const place = Math.floor((PLACES * points.length) / n);
      points.push([within(X[2 * i]), within(X[2 * i + 1]), within(y[i]), place]);
    }
  }
  return points;
}

/** @param {Point[]} points @param {Point[]} others */
export function samePoints(points, others) {
  if (points === others) return true;
  return points.length === others.length && points.every((point, i) => point.every((v, j) => v === others[i][j]));
}

/** Whether two settings learn from different points of the reader's. */
export function ownChanged(before, after) {
  if (after.dataset !== "own" || before.dataset !== "own") return false;
  return before.points_task !== after.points_task || !samePoints(before.points ?? [], after.points ?? []);
}

/** Labels of one task as labels of another. @param {Point[]} points @param {OwnTask} from @param {OwnTask} to */
export function relabelled(points, from, to) {
  const class01 = (label) => (from === "multiclass" ? Math.min(label, 1) : Number(label > 0));
  const label = {
    binary: (y) => 2 * class01(y) - 1,
    multiclass: (y) => (from === "multiclass" ? y : class01(y)),
    regression: (y) => (from === "multiclass" ? y / 3 : y),
  }[to];
  return from === to ? points : points.map(([x1, x2, y, place]) => [x1, x2, round3(label(y)), place]);
}

// In a link: see encode() and decode() in own_points.py.

const base36 = (value) => Math.round((value + EXTENT) * 1000).toString(36).padStart(3, "0");
const from36 = (text) => (Number.parseInt(text, 36) - 6000) / 1000;

/** @param {Point[]} points */
export function encode(points) {
  const classes = points.every(([, , label]) => label === -1 || isClass(label));
  const label = (y) => (classes ? String(y + 1) : base36(y));
  const texts = points.map(([x1, x2, y, place]) =>
    base36(x1) + base36(x2) + label(y) + String(place).padStart(2, "0"));
  return (classes ? "k" : "v") + texts.join("");
}

/** @param {string} text @returns {Point[] | null} null where the text is damaged */
export function decode(text) {
  if (!/^(k([0-9a-z]{6}\d{3})*|v([0-9a-z]{9}\d\d)*)$/.test(text)) return null;
  const width = text[0] === "k" ? 9 : 11;
  const points = [];
  for (let at = 1; at < text.length; at += width) {
    const each = text.slice(at, at + width);
    const label = width === 9 ? Number(each[6]) - 1 : from36(each.slice(6, 9));
    points.push([from36(each.slice(0, 3)), from36(each.slice(3, 6)), label, Number(each.slice(-2))]);
  }
  const fits = points.length <= MOST && points.every((point) => point.slice(0, 3).every((v) => Math.abs(v) <= EXTENT));
  return fits ? points : null;
}
