/**
 * Above the network: its inputs, its hidden layers, the units and the activation of each.
 *
 * These settings are lists, which no ipywidget shows; they are traits of the view. Each click writes one of them once,
 * read from the model at that moment, so that quick clicks all count. A list that the lab does not offer is not shown.
 */

import { button, element, keepKeys, setText } from "./dom.js";
import { decode, findField, moveControl } from "./settings.js";
import { limit, Stepper } from "./stepper.js";
import { locked } from "./teach.js";
import { COMMON, hiddenWidths } from "./training.js";

/** A new layer has as many units as the one before it; the first one so many. */
const FIRST_UNITS = 4;

export class LayerEditor {
  /** @param {import("./session.js").Session} session */
  constructor(session) {
    this.session = session;
    this.model = session.model;
    this.words = session.words;
    const { words } = this;
    const list = (name) => {
      const field = findField(this.model, name);
      return field?.kind === "list" ? field : null;
    };
    [this.features, this.widths, this.activations] = ["features", "widths", "activations"].map(list);
    this.root = element("div", "nnlib-build");
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", words.say("build"));
    this.root.hidden = !(this.features || this.widths || this.activations);
    if (this.root.hidden) return;
    this.note = element("span", "nnlib-build-note");
    this.note.setAttribute("role", "status");
    if (this.features) this.root.append(this.buildInputs());
    if (this.widths || this.activations) this.root.append(this.buildLayers());
    else this.root.append(this.note);
    this.update();
  }

  // ---- building

  buildInputs() {
    const { words } = this;
    this.inputs = this.features.choices.map((name) => {
      const made = button("nnlib-button nnlib-input", [words.say(name)], "", () => this.toggle(name));
      made.dataset.input = name;
      return made;
    });
    this.inputsName = element("span", "nnlib-build-name");
    const row = element("div", "nnlib-inputs", this.inputsName, ...this.inputs);
    row.setAttribute("role", "group");
    return row;
  }

  buildLayers() {
    const { words } = this;
    const most = (this.widths ?? this.activations).most;
    const titles = { less: words.say("layer_remove"), more: words.say("layer_add") };
    this.depth = new Stepper(titles, (by) => this.changeDepth(by));
    this.depth.root.hidden = !this.widths;
    this.layersName = element("span", "nnlib-build-name");
    const head = element("div", "nnlib-layers-head", this.layersName, this.depth.root, this.note);
    this.layers = Array.from({ length: most }, (_, l) => this.buildLayer(l));
    return element("div", "nnlib-layers", head, element("div", "nnlib-layer-row", ...this.layers.map(({ root }) => root)));
  }

  buildLayer(l) {
    const { words } = this;
    const titles = { less: words.say("unit_remove", { layer: l + 1 }), more: words.say("unit_add", { layer: l + 1 }) };
    const units = new Stepper(titles, (by) => this.changeUnits(l, by));
    units.root.hidden = !this.widths;
    const select = keepKeys(element("select", "nnlib-layer-activation"));
    select.hidden = !this.activations;
    select.setAttribute("aria-label", words.say("layer_activation", { layer: l + 1 }));
    select.title = words.say("layer_activation", { layer: l + 1 });
    select.addEventListener("change", () => this.changeActivation(l, select.value));
    const root = element("div", "nnlib-layer", element("span", "nnlib-layer-name", String(l + 1)), units.root, select);
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", words.say("hidden_column", { layer: l + 1 }));
    return { root, units, select };
  }

  // ---- what stands

  /** The lists as the controls have them. */
  read() {
    const { settings } = decode(this.model);
    return { ...settings, layers: hiddenWidths(settings) };
  }

  /** What a layer's activation may be: what the lab offers for all of them. */
  names(settings) {
    const offered = findField(this.model, "activation")?.choices ?? this.activations.choices;
    const names = offered.filter((name) => name !== COMMON);
    return [...new Set([...names, ...settings.activations])].filter((name) => name !== COMMON);
  }

  /** Show what the controls have; cheap where nothing has changed. */
  update() {
    if (this.root.hidden) return;
    const settings = this.read();
    const { features, layers, activations, activation } = settings;
    const taught = ["hide", "lock"].map((trait) => this.model.get(trait) ?? []);
    const key = JSON.stringify([features, layers, activations, activation, taught]);
    if (key === this.key) return;
    this.key = key;
    const { words } = this;
    const lock = this.teach(taught[0]);
    for (const made of this.inputs ?? []) {
      const on = features.includes(made.dataset.input);
      made.setAttribute("aria-pressed", String(on));
      const title = words.say(on ? "input_off" : "input_on", { input: words.say(made.dataset.input) });
      const least = on && features.length <= this.features.least;
      limit(made, Boolean(lock.features) || least, lock.features || words.say("inputs_least"), title);
    }
    if (!this.layers) return;
    this.depth.show(layers.length, 0, this.layers.length, {
      name: words.say("layers"), tooFew: words.say("layers_none"), tooMany: words.say("layers_most", { most: this.layers.length }),
      locked: lock.widths,
    });
    const names = this.activations ? this.names(settings) : [];
    this.layers.forEach((layer, l) => {
      layer.root.classList.toggle("nnlib-away", l >= layers.length);
      if (l >= layers.length) return;
      const { min, max } = this.widths ?? { min: 1, max: layers[l] };
      layer.units.show(layers[l], min, max, {
        name: words.say("units_of", { layer: l + 1 }),
        tooFew: words.say("units_least", { least: min }),
        tooMany: words.say("units_most", { most: max }),
        locked: lock.widths,
      });
      layer.select.title = lock.activations || words.say("layer_activation", { layer: l + 1 });
      if (this.activations) this.showActivation(layer.select, names, activations[l] ?? COMMON, activation);
    });
  }

  /**
   * What a teacher hides is not shown; what is locked stays to be seen and reached, and says that it is.
   * @param {string[]} hide @returns {Record<string, string>} for each list the sentence that says so, or ""
   */
  teach(hide) {
    const { words } = this;
    const lists = ["features", "widths", "activations"];
    const lock = Object.fromEntries(lists.map((field) => [field, this.refusal(field)]));
    const set = (field, ...parts) => {
      for (const part of parts) {
        part.hidden = !this[field] || hide.includes(field);
        part.classList.toggle("nnlib-locked", Boolean(lock[field]));
      }
    };
    const named = (key, sentence) => (sentence ? words.say("name_locked", { name: words.say(key) }) : words.say(key));
    if (this.inputs) {
      const row = this.inputsName.parentElement;
      set("features", ...this.inputs);
      row.hidden = this.inputs[0].hidden;
      setText(this.inputsName, named("control_features", lock.features));
      row.setAttribute("aria-label", this.inputsName.textContent);
    }
    if (!this.layers) return lock;
    set("widths", this.depth.root, ...this.layers.map(({ units }) => units.root));
    set("activations", ...this.layers.map(({ select }) => select));
    for (const { select } of this.layers) select.disabled = Boolean(lock.activations);
    setText(this.layersName, named("layers", lock.widths));
    this.layersName.closest(".nnlib-layers").hidden = this.depth.root.hidden && this.layers[0].select.hidden;
    return lock;
  }

  /** Why a list does not move: a teacher has locked it; "" where it does. @param {string} field */
  refusal(field) {
    return locked(this.model, field) ? this.words.say("part_locked", { label: this.words.say(`control_${field}`) }) : "";
  }

  showActivation(select, names, own, common) {
    const key = [common, ...names].join();
    if (select.dataset.options !== key) {
      select.dataset.options = key;
      const group = (label, ...options) => {
        const made = Object.assign(document.createElement("optgroup"), { label: this.words.say(label) });
        made.append(...options.map(([value, text]) => new Option(text, value)));
        return made;
      };
      const own = names.map((name) => [name, this.words.option(name)]);
      select.replaceChildren(group("layer_as_all", [COMMON, this.words.option(common)]), group("layer_alone", ...own));
    }
    select.value = own;
    select.classList.toggle("nnlib-as-common", own === COMMON);
  }

  // ---- what the reader does: one change of one list each time

  /** @param {string} field @param {any[]} value @param {string} said */
  change(field, value, said) {
    const refused = this.refusal(field);
    if (refused) {
      this.say(refused);
      return;
    }
    this.session.guard(() => moveControl(this.model, field, value));
    this.say(said);
    this.update();
  }

  /** Say what has changed, or why nothing has; the same sentence twice is said twice. */
  say(text) {
    if (this.note.textContent === text) this.note.textContent = "";
    setText(this.note, text);
  }

  toggle(name) {
    const { words } = this;
    const { features } = this.read();
    const on = features.includes(name);
    if (on && features.length <= this.features.least) {
      this.say(this.refusal("features") || words.say("inputs_least"));
      return;
    }
    const chosen = this.features.choices.filter((each) => (each === name ? !on : features.includes(each)));
    const all = chosen.map((each) => words.say(each)).join(", ");
    this.change("features", chosen, words.say("inputs_now", { inputs: all }));
  }

  changeDepth(by) {
    const { words } = this;
    const { layers } = this.read();
    const most = this.layers.length;
    const depth = Math.min(most, Math.max(0, layers.length + by));
    if (depth === layers.length) {
      this.say(this.refusal("widths") || words.say(by < 0 ? "layers_none" : "layers_most", { most }));
      return;
    }
    const added = Array(Math.max(0, depth - layers.length)).fill(layers.at(-1) ?? FIRST_UNITS);
    const now = [...layers, ...added].slice(0, depth);
    this.change("widths", now, words.say("layers_now", { layers: now.join(", ") || words.say("no_layers") }));
  }

  changeUnits(l, by) {
    const { words } = this;
    const { layers } = this.read();
    const { min, max } = this.widths;
    if (layers[l] === undefined) return;
    const units = Math.min(max, Math.max(min, layers[l] + by));
    if (units === layers[l]) {
      this.say(this.refusal("widths") || words.say(by < 0 ? "units_least" : "units_most", { least: min, most: max }));
      return;
    }
    const now = layers.map((count, layer) => (layer === l ? units : count));
    this.change("widths", now, words.say("units_now", { layer: l + 1, units }));
  }

  changeActivation(l, name) {
    const { activations, activation, layers } = this.read();
    const now = layers.map((_, layer) => (layer === l ? name : activations[layer] ?? COMMON));
    while (now.at(-1) === COMMON) now.pop();
    const shown = this.words.option(name === COMMON ? activation : name);
    this.change("activations", now, this.words.say("activation_now", { layer: l + 1, activation: shown }));
  }
}
