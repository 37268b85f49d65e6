/**
 * Opening a link: a page whose address ends in `#<lab id>?…` shows the run that it describes, in the lab of that name.
 *
 * It is done where the page trains; a kernel's lab is opened from a link by `Lab.from_link`. Any other fragment is left
 * to the page: it names a heading.
 */

import { readLink } from "./link.js";
import { inForce, nearest, ofRun, RAW, rawValue, readControl } from "./settings.js";
import { locked } from "./teach.js";
import { parameterIndex, Run } from "./training.js";
import { formatSetting } from "./words.js";

/** Settings that have traits of their own and no control. */
const OWN = ["points", "points_task"];

/** The query behind this lab's name in a fragment; null where it does not speak of this lab. */
export function queryFor(labId, fragment) {
  const [name, ...rest] = fragment.replace(/^#/, "").split("?");
  if (!rest.length) return null;
  try {
    return decodeURIComponent(name) === labId ? rest.join("?") : null;
  } catch {
    return null; // no name of ours has a broken escape
  }
}

/**
 * What a link asks of this lab: traits to set, the run to show, and what could not be used.
 * @param {any} model @param {string} query @param {import("./words.js").Words} words
 * @param {Record<string, (text: string, words: import("./words.js").Words) => any>} [texts]  throws what is wrong with
 *   the text of a field
 */
export function planOpening(model, query, words, texts = {}) {
  const schema = model.get("schema");
  const linked = readLink(query, { ...model.get("link_rules"), texts }, schema.map(({ field }) => field), words);
  const { settings, stop, problems } = linked;
  const allowed = linked.changes.filter(([, field]) => !locked(model, field));
  const current = inForce(settings, allowed);
  const traits = {};
  const standIns = {};
  for (const field of schema) {
    const { field: name, label } = field;
    if (locked(model, name)) {
      const own = readControl(model, field);
      if (JSON.stringify(own) !== JSON.stringify(current[name])) problems.push(words.say("link_locked", { label }));
      settings[name] = current[name] = own;
      continue;
    }
    const raw = rawValue(field, current[name]);
    const known = raw ?? nearest(field, current[name]);
    if (raw === undefined) {
      standIns[name] = { raw: known, value: current[name] };
      const values = { label, value: shown(current[name]), nearest: shown(field.choices[known]) };
      problems.push(words.say("link_between", values));
    }
    traits[RAW + name] = known;
  }
  for (const name of OWN) if (name in settings) traits[name] ??= settings[name];
  const names = new Set([...schema.map(({ field }) => field), ...OWN]);
  traits.fixed = Object.fromEntries(Object.entries({ ...model.get("fixed"), ...settings }).filter(([name]) => !names.has(name)));
  traits.stand_ins = standIns;
  traits.hide = union(model.get("hide"), linked.hide);
  traits.lock = union(model.get("lock"), linked.lock);
  const changes = withoutUnknownParameters(settings, allowed, problems, words);
  return { traits, problems, replay: { settings, changes, stop } };
}

/** The changes without those of parameters that the network lacks; each of these is a problem. As in run.py. */
function withoutUnknownParameters(settings, changes, problems, words) {
  if (changes.every(([, field]) => parameterIndex(field) < 0)) return changes;
  let count;
  try {
    count = new Run(ofRun(settings)).net.parameters.length;
  } catch {
    return changes; // settings that make no run: that is said where it is begun
  }
  return changes.filter(([, field]) => {
    const has = parameterIndex(field) < count;
    if (!has) problems.push(words.say("link_unknown_parameter", { field, count, last: count - 1 }));
    return has;
  });
}

const shown = (value) => (typeof value === "number" ? formatSetting(value) : String(value));
const union = (one, other) => [...new Set([...(one ?? []), ...other])];
