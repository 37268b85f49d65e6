/**
 * From controls to settings.
 *
 * The view has one trait `value_<field>` for each control, linked to it in the browser; `schema` tells how to read
 * the trait (a number, an index into a list of choices, a switch) and whether a change of the field can join a run
 * that is under way or has to start a new one. Settings that no control shows stand in `fixed`.
 */

/**
 * @typedef {Object} Field
 * @property {string} field
 * @property {string} label
 * @property {"number" | "choice" | "switch" | "list"} kind  a list is read as it is
 * @property {any[]} [choices]   of a choice: the values, by index; of a list: what may stand in it
 * @property {number} [least]    of a list: how many entries it has
 * @property {number} [most]
 * @property {number} [min]      of a number: the ends of its control
 * @property {number} [max]
 * @property {boolean} restarts  whether a change starts a new run from the initial weights
 */

import { ownChanged, usablePoints } from "./own_points.js";
import { parameterIndex } from "./training.js";

const CONTINUE = "continue_run";
/** As in nnlib/labs/settings.py. */
const NOT_OF_RUN = [CONTINUE, "show_test", "discretise"];
/** A control's trait is named by this and its field. */
export const RAW = "value_";
/** Epochs per painted frame, where a lab does not say it. */
const DEFAULT_PACE = 4;

/**
 * Read the controls, and the points that the reader has drawn: they belong to the view.
 * @param {{get: (name: string) => any}} model
 * @returns {{settings: Record<string, any>, continues: boolean, pace: number, display: {test: boolean, decided: boolean}}}
 */
export function decode(model) {
  const all = { ...model.get("fixed") };
  for (const field of model.get("schema")) all[field.field] = readControl(model, field);
  // A scene may have a control of this name.
  if (!findField(model, "points")) all.points = usablePoints(model.get("points") ?? all.points);
  all.points_task = model.get("points_task") ?? all.points_task ?? "auto";
  const display = { test: all.show_test ?? true, decided: Boolean(all.discretise) };
  return { settings: ofRun(all), continues: Boolean(all[CONTINUE]), pace: all.pace ?? DEFAULT_PACE, display };
}

/**
 * The settings that make a run, without those that steer the lab and those that tell where a reader stopped.
 * @param {Record<string, any>} all
 */
export function ofRun({
  [CONTINUE]: _continues, pace: _pace, changes: _changes, stop: _stop, show_test: _test, discretise: _decided, ...settings
}) {
  return settings;
}

/** The fields that steer the lab and its picture, as they stand: no run depends on them. @param {any} model */
export function notOfRun(model) {
  const all = { ...model.get("fixed") };
  for (const field of model.get("schema")) all[field.field] = readControl(model, field);
  return Object.fromEntries(NOT_OF_RUN.filter((name) => name in all).map((name) => [name, all[name]]));
}

/** @param {{get: (name: string) => any}} model @param {Field} field */
export function readControl(model, field) {
  const value = model.get(RAW + field.field);
  // A value of a link that falls between the notches holds as long as the control stays where the link put it.
  const standIn = model.get("stand_ins")?.[field.field];
  if (standIn && standIn.raw === value) return standIn.value;
  if (field.kind !== "choice") return typeof value === "number" ? decimal(value) : value;
  // What a damaged page has saved may be no index at all.
  return field.choices[Number.isInteger(value) ? Math.min(Math.max(value, 0), field.choices.length - 1) : 0];
}

/** The decimal that a slider means: from its end and its step it computes 0.1 as −1 + 11 · 0.1, 0.10000000000000009. */
function decimal(value) {
  const short = Number(value.toFixed(10)) + 0; // never −0
  return Math.abs(short - value) < 1e-12 ? short : value;
}

/**
 * The settings in force: those the run started with, then its logged changes.
 * @param {Record<string, any>} settings
 * @param {[number, string, number][]} changes
 */
export function inForce(settings, changes) {
  const current = { ...settings };
  // A parameter set by hand ("p17") is no setting.
  for (const [, field, value] of changes) if (parameterIndex(field) < 0) current[field] = value;
  return current;
}

/**
 * The controls' fields that differ between two settings.
 * @param {Field[]} schema
 * @param {Record<string, any>} before
 * @param {Record<string, any>} after
 * @returns {Field[]}
 */
export function changedFields(schema, before, after) {
  const changed = schema.filter(({ field }) => field !== CONTINUE && !same(before[field], after[field]));
  return ownChanged(before, after) ? [...changed, { field: "points", restarts: true }] : changed;
}

/** Lists are equal where their entries are. */
function same(one, other) {
  if (!Array.isArray(one) || !Array.isArray(other)) return one === other;
  return one.length === other.length && one.every((entry, i) => entry === other[i]);
}

/**
 * Move a control from the view: the link carries the new value to the slider, and from there to a kernel.
 * @param {any} model
 * @param {string} name
 * @param {any} value
 */
export function moveControl(model, name, value) {
  moveControls(model, { [name]: value });
}

/**
 * Move several controls at once, those that are there and stand elsewhere.
 * @param {any} model @param {Record<string, any>} values
 */
export function moveControls(model, values) {
  const standIns = { ...model.get("stand_ins") };
  for (const field of model.get("schema")) {
    const { field: name } = field;
    if (!(name in values) || JSON.stringify(readControl(model, field)) === JSON.stringify(values[name])) continue;
    const raw = rawValue(field, values[name]);
    const known = raw ?? nearest(field, values[name]);
    if (raw === undefined) standIns[name] = { raw: known, value: values[name] };
    else delete standIns[name];
    model.set(RAW + name, known);
  }
  if (JSON.stringify(standIns) !== JSON.stringify(model.get("stand_ins") ?? {})) model.set("stand_ins", standIns);
  // The reader's own points are no control; a run that learns from them brings them along.
  if (values.dataset === "own" && values.points && ownChanged(decode(model).settings, values)) {
    model.set("points", values.points);
    model.set("points_task", values.points_task);
  }
  model.save_changes();
}

/** What a control's trait holds for a value; undefined where it offers no such choice. @param {Field} field */
export function rawValue(field, value) {
  if (field.kind !== "choice") return value;
  const index = field.choices.indexOf(value);
  return index < 0 ? undefined : index;
}

/** The notch nearest to a number; for a name that this lab does not offer, the first. @param {Field} field */
export function nearest({ choices }, value) {
  if (typeof value !== "number") return 0;
  const distance = (choice) => Math.abs(Math.log((choice + 1e-9) / (value + 1e-9)));
  return choices.reduce((best, choice, i) => (distance(choice) < distance(choices[best]) ? i : best), 0);
}

/** @param {any} model @param {string} name @returns {Field | undefined} */
export function findField(model, name) {
  return model.get("schema").find((field) => field.field === name);
}

/**
 * The seed after this one, starting again from the control's lower end behind its upper end.
 * @param {Field} field
 * @param {number} seed
 */
export function nextSeed(field, seed) {
  return seed + 1 > (field.max ?? 2 ** 32 - 1) ? (field.min ?? 0) : seed + 1;
}
