/**
 * From what the doctor advises to what this lab's controls can do.
 */

import { findField, moveControls, readControl } from "./settings.js";
import { barred } from "./teach.js";
import { formatSetting } from "./words.js";

/**
 * The part of a cure that the reader could carry out by hand, with the values that the controls offer.
 * @param {any} model @param {Record<string, any>} [cure]
 * @returns {Record<string, any> | null} null where there is nothing to move
 */
export function fittingCure(model, cure = {}) {
  const moves = {};
  for (const [name, wanted] of Object.entries(cure)) {
    const field = findField(model, name);
    if (!field || barred(model, name)) continue;
    const value = fit(field, wanted);
    if (value !== undefined && value !== readControl(model, field)) moves[name] = value;
  }
  return Object.keys(moves).length ? moves : null;
}

/** The control's value for the one wanted: of numbers the next lower one, or the lowest. */
function fit(field, wanted) {
  if (field.kind !== "choice") return field.kind === "number" ? Math.min(field.max, Math.max(field.min, wanted)) : wanted;
  if (typeof wanted !== "number") return field.choices.includes(wanted) ? wanted : undefined;
  const lower = field.choices.filter((choice) => choice <= wanted * (1 + 1e-9));
  return lower.length ? Math.max(...lower) : Math.min(...field.choices);
}

/** What stands on the cure's button. @param {any} model @param {import("./words.js").Words} words */
export function cureName(model, words, moves) {
  const value = (one) => (typeof one === "number" ? formatSetting(one) : words.option(String(one)));
  const names = Object.keys(moves);
  if (names.length === 1 && names[0] === "learning_rate") return words.say("gentler", { rate: value(moves.learning_rate) });
  const parts = names.map((name) => words.say("cure_part", { label: findField(model, name).label, value: value(moves[name]) }));
  return words.say("cure", { moves: parts.join(", ") });
}

/** Carry it out. @param {any} model */
export function takeCure(model, moves) {
  moveControls(model, moves);
}
