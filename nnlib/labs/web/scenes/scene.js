/**
 * Labs that train nothing: what they show follows from the controls alone, so they need no engine and no kernel.
 *
 * A scene draws into one box; everything around it (hint, presets, the sentence, attributes of the root, theme, sizes,
 * errors in words) is the same for all and stands here. How to add one is told in nnlib/labs/scene.py.
 */

import { readPalette } from "../colours.js";
import { button, element, setText } from "../dom.js";
import { History } from "../history.js";
import { planOpening, queryFor } from "../opening.js";
import { presetsOf } from "../parts/presets.js";
import { explain } from "../said.js";
import { changedFields, decode, findField, moveControl, RAW } from "../settings.js";
import { Stage } from "../stage.js";
import { locked } from "../teach.js";
import { showIdle } from "../tend.js";
import { View } from "../view.js";
import { Words } from "../words.js";
import { SCENES } from "./index.js";
import { SceneMore } from "./scene_more.js";

/**
 * @typedef {Object} Surroundings  what a scene is made with
 * @property {HTMLElement} host  the box to draw in
 * @property {HTMLElement} bar   the row of buttons above it; hidden while it is empty
 * @property {Words} words
 * @property {(values: Record<string, any>) => void} move  moves controls
 * @property {(field: string) => import("../settings.js").Field | undefined} field  what a control can be set to
 */

/**
 * @typedef {Object} Scene
 * @property {(settings: Record<string, any>, palette: import("../colours.js").Palette) => void} paint
 * @property {(settings: Record<string, any>) => any} [follow]  takes the settings after every move, before they are
 *   painted: two keys pressed within one frame both count
 * @property {(settings: Record<string, any>) => Record<string, number | null>} numbers  as in Python
 * @property {(settings: Record<string, any>) => string} describe  the sentence under the lab
 * @property {(settings: Record<string, any>) => string[]} [idle]  fields whose controls do nothing just now
 * @property {() => void} [dispose]
 */

export class SceneSession {
  /** @param {any} model  the widget's model */
  constructor(model) {
    this.model = model;
    this.words = new Words(model.get("messages"));
    this.stage = new Stage({
      frame: () => this.guard(() => this.onAnimationFrame()),
      visibility: (visible) => visible && this.stage.request(),
    });
    /** The fields of session.js's Shown that a scene has. */
    this.shown = {
      engine: "page", kernelAvailable: false, status: "finished", run: 0, revision: 0, step: 0, epoch: 0,
      settings: decode(model).settings, changes: [], error: null, problems: [],
    };
    this.mode = "page";
    /** By field, what reads its text. */
    this.texts = SCENES[model.get("lab")].texts ?? {};
    /** Whether a kernel has answered. */
    this.kernel = false;
    this.onControl = () => this.stage.request();
    this.onMessage = (message) => this.receive(message);
    const tracked = [...model.get("schema").map(({ field }) => RAW + field), "stand_ins"];
    this.history = new History(model, tracked);
    this.handlers = tracked.map((trait) => [`change:${trait}`, () => {
      this.history.note(trait);
      this.onControl();
    }]);
    for (const [name, handler] of this.handlers) model.on(name, handler);
    model.on("msg:custom", this.onMessage);
    this.onHash = () => this.guard(() => this.openLink());
    addEventListener("hashchange", this.onHash);
    this.guard(() => this.openLink());
  }

  receive({ kind, text }) {
    if (kind === "error") this.fail(text);
    if (kind === "welcome") this.kernel = true;
  }

  /** Ask whether there is a kernel. Scenes need none; but a link is another one there. */
  greet() {
    try {
      Promise.resolve(this.model.send({ kind: "hello" })).catch(() => {});
    } catch {
      // Nobody listens: no answer comes.
    }
  }

  /** Show what the page's address describes, if it speaks of this lab. */
  openLink() {
    const { model } = this;
    const query = queryFor(model.get("lab_id"), location.hash);
    if (query === null) return;
    const { traits, problems } = planOpening(model, query, this.words, this.texts);
    this.history.together(() => {
      for (const [trait, value] of Object.entries(traits)) model.set(trait, value);
      model.save_changes();
    });
    Object.assign(this.shown, { error: null, problems });
    this.stage.scrollToLab();
    this.stage.request();
  }

  /** @param {"undo" | "redo" | "reset"} action */
  act(action) {
    const { history, model } = this;
    if (action === "reset") {
      const defaults = Object.entries(model.get("defaults") ?? {}).filter(([, raw]) => raw !== null);
      history.remember();
      history.put({ stand_ins: {}, ...Object.fromEntries(defaults.map(([field, raw]) => [RAW + field, raw])) });
    } else history[action]();
    this.shown.problems = [];
    this.stage.request();
  }

  /** What the views show: there is nothing to look back at. */
  get current() {
    return this.shown;
  }

  dispose() {
    for (const [name, handler] of this.handlers) this.model.off(name, handler);
    removeEventListener("hashchange", this.onHash);
    this.model.off("msg:custom", this.onMessage);
    this.stage.dispose();
  }

  onAnimationFrame() {
    const { shown } = this;
    const { settings } = decode(this.model);
    if (changedFields(this.model.get("schema"), shown.settings, settings).length) {
      Object.assign(shown, { settings, revision: shown.revision + 1, error: null });
    }
    this.stage.paint(shown);
  }

  /** Move controls; a number goes no further than its control, a name its control does not have goes nowhere. */
  move(values) {
    for (const [name, value] of Object.entries(values)) {
      const field = findField(this.model, name);
      if (!field || locked(this.model, name) || (field.kind === "choice" && !field.choices.includes(value))) continue;
      const { min = -Infinity, max = Infinity } = field;
      moveControl(this.model, name, field.kind === "number" ? Math.min(max, Math.max(min, value)) : value);
    }
  }

  /** Run a callback; show its error, if any, in words. @param {() => void} work */
  guard(work) {
    try {
      work();
    } catch (error) {
      this.fail(this.words.say("error", { text: explain(this.words, error) }));
    }
  }

  /** Show an error; the lab stays usable. @param {string} text  in words */
  fail(text) {
    this.shown.error = text;
    this.stage.showNotice(this.shown);
  }
}

export class SceneView extends View {
  build(model) {
    const { words, root, session } = this;
    this.introduce(model);
    root.dataset.scene = "";
    this.problems = element("span", "nnlib-problems");
    this.problems.setAttribute("role", "status");
    const hint = element("p", "nnlib-hint", element("b", "", words.say("try")), " ", model.get("hint"), this.problems);
    const bar = element("div", "nnlib-toolbar");
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", words.say("scene_toolbar"));
    this.more = new SceneMore(this);
    bar.append(...this.presetButtons(model), this.more.root);
    this.host = element("div", `nnlib-scene nnlib-scene-${model.get("lab")}`);
    this.notice = element("div", "nnlib-notice");
    this.notice.setAttribute("role", "alert");
    this.notice.hidden = true;
    this.status = element("p", "nnlib-status");
    this.status.setAttribute("aria-live", "polite");
    root.append(hint, bar, element("section", "nnlib-stage", this.host, this.notice), this.status);
    const move = (values) =>
      session.guard(() => {
        session.move(values);
        this.scene.follow?.(decode(model).settings);
      });
    const field = (name) => findField(model, name);
    /** @type {Scene} */
    this.scene = new SCENES[model.get("lab")]({ host: this.host, bar, words, move, field });
  }

  presetButtons(model) {
    const presets = presetsOf(model);
    if (presets.length < 2) return [];
    const name = element("span", "nnlib-step-name", this.words.say("presets"));
    const buttons = presets.map(([preset, values]) => {
      const text = this.words.say(`preset_${model.get("lab")}_${preset}`);
      const press = () => this.session.guard(() => this.session.move(values));
      return button("nnlib-button", [text], this.words.say("preset_title", { preset: text }), press);
    });
    return [name, ...buttons];
  }

  hosts() {
    return [this.host];
  }

  /** Scenes read their sizes when they paint. */
  resize() {}

  settle() {
    super.settle();
    this.lab?.classList.add("nnlib-has-scene");
  }

  dispose() {
    this.scene.dispose?.();
    super.dispose();
  }

  paint(shown) {
    if (!this.root.isConnected) return;
    if (this.stale) this.palette = readPalette(this.root);
    this.stale = false;
    this.scene.paint(shown.settings, this.palette);
    showIdle(this.lab, this.scene.idle?.(shown.settings) ?? []);
    this.showNotice(shown);
    setText(this.problems, shown.problems.join("\n"));
    this.speak(shown);
    this.tell(shown);
  }

  tell(shown) {
    super.tell(shown);
    this.root.dataset.numbers = JSON.stringify(this.scene.numbers(shown.settings));
  }

  sentence({ settings }) {
    const text = this.scene.describe(settings);
    this.root.setAttribute("aria-label", text);
    return text;
  }

  showNotice({ error }) {
    this.notice.hidden = !error;
    setText(this.notice, error ?? "");
  }
}
