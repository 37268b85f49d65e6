/**
 * Links, the twin of nnlib/labs/settings.py (to_query, from_query) and nnlib/labs/links.py.
 *
 * `#<lab id>?v=1&field=value&…` describes a whole run: the settings it began with, the changes made since, and the step
 * where it stopped. What fields there are and what each may be is told by the trait `link_rules`. A link that cannot be
 * used in some part is answered in a sentence that names the field, and the rest is used.
 */

import { decode, encode, problemOf } from "./own_points.js";
import { floatText, quoted, shortText } from "./python_text.js";
import { explain } from "./said.js";
import { LARGEST_SET, parameterIndex } from "./training.js";

/**
 * @typedef {Object} Linked
 * @property {Record<string, any>} settings  at the start of the run
 * @property {[number, string, number][]} changes
 * @property {number | null} stop
 * @property {string[]} hide  @property {string[]} lock
 * @property {string[]} problems  in words
 */

const TEACHING = ["hide", "lock"];
const NUMBER = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/;
/** So much of what a link says is repeated in a sentence. */
const LONGEST = 60;

/** A sentence for the reader about one part of a link. */
class Problem extends Error {}

// --- writing

/**
 * The text behind the page's address.
 * @param {string} labId @param {Linked} linked @param {any} rules
 */
export function writeLink(labId, { settings, changes, stop, hide, lock }, { version, fields }) {
  const pairs = [["v", String(version)]];
  for (const [name, rule] of Object.entries(fields)) pairs.push([name, fieldText(rule, settings[name])]);
  if (settings.points?.length && !fields.points) pairs.push(["points", encode(settings.points)]);
  if (changes.length) {
    const texts = changes.map(([step, field, value]) => `${step}:${field}:${fieldText(fields[field], value)}`);
    pairs.push(["changes", texts.join(",")]);
  }
  if (stop !== null) pairs.push(["stop", String(stop)]);
  if (hide.length) pairs.push(["hide", hide.join(",")]);
  if (lock.length) pairs.push(["lock", lock.join(",")]);
  return `#${labId}?${pairs.map((pair) => pair.map(escapePart).join("=")).join("&")}`;
}

function fieldText(rule, value) {
  if (Array.isArray(value)) return value.join(",");
  return typeof value === "number" && !rule?.whole ? floatText(value) : String(value);
}

const escapePart = (text) => encodeURIComponent(text).replace(/%3A/g, ":").replace(/%2C/g, ",");

// --- reading

/**
 * @param {string} query  what stands behind the "?" of a link
 * @param {any} rules @param {string[]} controls  the fields that this lab has a control for
 * @param {import("./words.js").Words} words
 * @returns {Linked}
 */
export function readLink(query, rules, controls, words) {
  const { changes: _changes, stop: _stop, ...settings } = rules.defaults;
  const linked = { settings: { ...settings }, changes: [], stop: null, hide: [], lock: [], problems: [] };
  const { problems } = linked;
  const attempt = (work) => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      problems.push(error.message);
    }
  };
  const reader = new Reader(rules, words);
  const parts = query.split("&");
  const teaching = parts.filter((part) => TEACHING.includes(part.split("=", 1)[0]));
  const pairs = pairsOf(parts.filter((part) => !teaching.includes(part)));
  const version = new Map(pairs).get("v");
  if (version !== String(rules.version)) {
    problems.push(words.say("link_version", { version: version ? shortened(version) : words.say("link_none"), known: rules.version }));
  }
  /** @type {Map<string, any>} */
  const values = new Map();
  for (const [name, text] of pairs) if (name !== "v") attempt(() => values.set(name, reader.parse(name, text)));
  for (const [name, value] of values) {
    attempt(() => {
      if (!rules.trains) linked.settings[name] = reader.check(name, value);
      else if (name === "changes") linked.changes = reader.changes(value);
      else if (name === "stop") linked.stop = reader.step("stop", value);
      else linked.settings[name] = name === "points" ? value : reader.check(name, value);
    });
  }
  const { dataset, points, points_task } = linked.settings;
  const unusable = dataset === "own" ? problemOf(points, points_task) : null;
  if (unusable) {
    // The points are kept: they can be mended in the lab.
    linked.settings.dataset = settings.dataset === "own" ? "spiral" : settings.dataset;
    problems.push(explain(words, unusable));
  }
  for (const [name, text] of pairsOf(teaching)) {
    for (const field of text.split(",").filter(Boolean)) {
      if (!controls.includes(field)) {
        problems.push(words.say("link_control", { name, field: shownText(field), known: controls.join(", ") }));
      } else if (!linked[name].includes(field)) linked[name].push(field);
    }
  }
  return linked;
}

/** @param {string[]} parts  "name=value" */
function pairsOf(parts) {
  // A leading "?" would be taken for the beginning of a query.
  return [...new URLSearchParams(`&${parts.join("&")}`)];
}

const shortened = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
const shownText = (text) => quoted(shortened(String(text)));
const shownValue = (value) => (typeof value === "number" ? numberText(value) : shownText(value));
const numberText = (value) => (Number.isInteger(value) ? BigInt(value).toString() : floatText(value));

class Reader {
  constructor(rules, words) {
    this.rules = rules;
    this.words = words;
  }

  fail(key, values) {
    throw new Problem(this.words.say(key, values));
  }

  rule(name) {
    const { fields } = this.rules;
    if (!Object.hasOwn(fields, name)) {
      this.fail("link_field", { name: shownText(name), known: Object.keys(fields).join(", ") });
    }
    return fields[name];
  }

  parse(name, text) {
    // A lab that trains nothing has no run that could be changed or stopped, and no points of a reader's own.
    if (!this.rules.trains || Object.hasOwn(this.rules.fields, name)) return this.parseField(name, text);
    if (name === "changes") return this.parseChanges(text);
    if (name === "stop") return this.number(name, text);
    if (name === "points") return decode(text) ?? this.fail("link_points", {});
    return this.parseField(name, text);
  }

  parseField(name, text) {
    const { kind } = this.rule(name);
    if (kind === "names" || kind === "integers") {
      const parts = text === "" ? [] : text.split(",");
      return kind === "names" ? parts : parts.map((part) => this.number(name, part));
    }
    if (kind === "name" || kind === "text") return text;
    if (kind === "switch") return text === "true" ? true : text === "false" ? false : text;
    return this.number(name, text);
  }

  parseChanges(text) {
    const changes = text.split(",").filter(Boolean).map((part) => part.split(":"));
    if (changes.some((change) => change.length !== 3)) this.fail("link_changes", { text: shownText(text) });
    const named = (field) => (parameterIndex(field) < 0 ? field : this.words.say("link_parameter", { field }));
    return changes.map(([step, field, value]) => [this.number("changes", step), field, this.number(named(field), value)]);
  }

  number(name, text) {
    if (!NUMBER.test(text)) this.fail("link_number", { name: shortened(name), value: shownText(text) });
    return Number(text) + 0; // never −0
  }

  check(name, value) {
    const rule = this.rule(name);
    if (rule.kind === "names" || rule.kind === "integers") return this.checkList(name, rule, value);
    if (rule.kind === "name") return this.checkName(name, rule, value);
    if (rule.kind === "text") return this.checkText(name, value);
    if (rule.kind !== "switch") return this.checkNumber(name, rule, value);
    if (typeof value !== "boolean") this.fail("link_switch", { name, value: shownText(value) });
    return value;
  }

  /** What a scene can read is known to the scene. */
  checkText(name, value) {
    try {
      this.rules.texts?.[name]?.(value, this.words);
    } catch (error) {
      throw new Problem(explain(this.words, error));
    }
    return value;
  }

  checkName(name, { choices }, value) {
    if (!choices.includes(value)) this.fail("link_choice", { name, value: shownText(value), known: choices.join(", ") });
    return value;
  }

  checkList(name, rule, value) {
    const { least = 0, most = Infinity } = rule;
    if (value.length < least || value.length > most) this.fail("link_entries", { name, least, most, count: value.length });
    const checked = value.map((each) => (rule.kind === "names" ? this.checkName(name, rule, each) : this.checkNumber(name, rule, each)));
    if (rule.once && new Set(value).size < value.length) this.fail("link_once", { name, value: value.join(", ") });
    return checked;
  }

  checkNumber(name, { min, max, whole }, value) {
    if (!Number.isFinite(value)) this.fail("link_number", { name, value: floatText(value) });
    if (value < min || value > (max ?? Infinity)) {
      this.fail("link_range", { name, min: shortText(min), max: shortText(max ?? Infinity), value: shortText(value) });
    }
    return whole ? this.whole(name, value) : value;
  }

  whole(name, value) {
    if (!Number.isInteger(value) || value < 0) this.fail("link_whole", { name, value: shownValue(value) });
    return value;
  }

  /** A weight or bias set by hand; whether the network has it, opening.js looks. */
  parameter(field, value) {
    const name = this.words.say("link_parameter", { field });
    return this.checkNumber(name, { min: -LARGEST_SET, max: LARGEST_SET, whole: false }, value);
  }

  step(name, value) {
    const most = this.rules.largest_step;
    if (this.whole(name, value) > most) this.fail("link_range", { name, min: 0, max: most, value: shortText(value) });
    return value;
  }

  changes(changes) {
    const { changeable } = this.rules;
    const checked = changes.map(([step, field, value]) => {
      if (parameterIndex(field) >= 0) return [this.step(this.words.say("link_step"), step), field, this.parameter(field, value)];
      if (!changeable.includes(field)) {
        this.fail("link_change", { name: shortened(field), known: changeable.join(", ") });
      }
      return [this.step(this.words.say("link_step"), step), field, this.check(field, value)];
    });
    return checked.sort((one, other) => one[0] - other[0]);
  }
}
