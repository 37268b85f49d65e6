/**
 * The palette under the surface while points are edited: the tool, the label and the part of new points, and files.
 */

import { button, element, keepKeys, setText } from "./dom.js";
import { mark } from "./legend.js";
import { EXTENT } from "./own_points.js";
import { formatSetting } from "./words.js";

export const TOOLS = ["add", "move", "delete"];
const PARTS = ["share", "train", "test"];
const TASKS = ["binary", "multiclass", "regression"];
/** Palettes made in this page, so that each has an id of its own. */
let made = 0;
const LABELS = { binary: [-1, 1], multiclass: [0, 1, 2, 3], regression: [] };

export class PointPalette {
  /**
   * @param {import("./words.js").Words} words
   * @param {{undo: () => void, clear: () => void, task: (task: string) => void, load: (file: File) => void,
   *   save: () => void}} on
   */
  constructor(words, on) {
    this.words = words;
    this.tool = "add";
    this.label = 1;
    const say = (key) => words.say(key);
    const make = (key, press) => button("nnlib-button", [say(key)], say(`${key}_title`), press);
    this.tools = TOOLS.map((tool) => make(`edit_${tool}`, () => this.chooseTool(tool)));
    this.labels = group("nnlib-labels", say("edit_label"));
    this.part = select("nnlib-edit-part", say("edit_part"), PARTS.map((part) => [part, say(`edit_part_${part}`)]));
    this.task = select("nnlib-edit-task", say("edit_task"), TASKS.map((task) => [task, say(`edit_task_${task}`)]));
    this.task.select.addEventListener("change", () => on.task(this.task.select.value));
    this.file = Object.assign(element("input"), { type: "file", accept: ".csv,.txt,text/csv,text/plain", hidden: true });
    this.file.addEventListener("change", () => {
      if (this.file.files.length) on.load(this.file.files[0]);
      this.file.value = ""; // so that the same file, mended, can be loaded again
    });
    /** Files are of use without editing too. */
    this.files = [make("edit_load", () => this.file.click()), make("edit_save", on.save), this.file];
    /** What was done last, for all readers. */
    this.said = element("p", "nnlib-said");
    this.said.setAttribute("aria-live", "polite");
    this.keys = element("p", "nnlib-keys", say("edit_keys"));
    this.keys.id = `nnlib-keys-${(made += 1)}`;
    this.root = element("div", "nnlib-palette",
      row(group("nnlib-tools", say("edit_tool"), ...this.tools), make("edit_undo", on.undo), make("edit_clear", on.clear)),
      row(this.labels, this.part.root),
      row(this.task.root), this.said, this.keys);
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", say("edit_panel"));
    this.chooseTool("add");
  }

  chooseTool(tool) {
    this.tool = tool;
    this.tools.forEach((one, i) => one.setAttribute("aria-pressed", String(TOOLS[i] === tool)));
  }

  /** Offer the labels of a task. @param {string} task */
  show(task) {
    if (task === this.shownTask) return;
    this.shownTask = task;
    this.task.select.value = task;
    const say = (key, values) => this.words.say(key, values);
    this.choices = LABELS[task];
    this.buttons = this.choices.map((label, k) => {
      const name = labelText(label, task);
      const made = button("nnlib-button", [mark(k), name], say("edit_class", { label: name }), () => this.chooseLabel(k));
      made.setAttribute("aria-label", made.title);
      return made;
    });
    if (task === "regression") {
      const input = Object.assign(element("input"), { type: "number", min: -EXTENT, max: EXTENT, step: 0.1, value: 1 });
      input.setAttribute("aria-label", say("edit_value"));
      input.addEventListener("input", () => {
        // While something else than a number stands there, the last number holds.
        if (input.value !== "" && Math.abs(input.valueAsNumber) <= EXTENT) this.label = input.valueAsNumber;
      });
      input.addEventListener("change", () => (input.value = this.label));
      this.labels.replaceChildren(title(say("edit_value")), keepKeys(input));
      this.label = 1;
      return;
    }
    this.labels.replaceChildren(title(say("edit_label")), ...this.buttons);
    this.chooseLabel(Math.max(0, this.choices.indexOf(this.label)));
  }

  /** @param {number} k  the class, where the task has one of that number */
  chooseLabel(k) {
    if (k >= this.choices.length) return;
    this.label = this.choices[k];
    this.buttons.forEach((one, i) => one.setAttribute("aria-pressed", String(i === k)));
  }

  /** @param {string} text */
  say(text) {
    setText(this.said, text);
  }
}

/** A label as it is written in this task: the classes of two are −1 and +1. */
export function labelText(label, task) {
  return task === "binary" && label > 0 ? `+${formatSetting(label)}` : formatSetting(label);
}

const row = (...parts) => element("div", "nnlib-edit-row", ...parts);

const title = (text) => element("span", "nnlib-step-name", text);

function group(kind, name, ...parts) {
  const made = element("span", `nnlib-edit-group ${kind}`, ...parts);
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", name);
  return made;
}

function select(kind, name, options) {
  const list = keepKeys(element("select"));
  for (const [value, text] of options) list.append(Object.assign(element("option", "", text), { value }));
  return { root: element("label", `nnlib-edit-group ${kind}`, title(name), list), select: list };
}
