/**
 * The plan's presets as a row of buttons: one press sets all controls and trains anew.
 */

import { button, element } from "../dom.js";
import { decode, inForce } from "../settings.js";

export class Presets {
  /** @param {import("../view.js").View} view */
  constructor({ session, toolbar, words }) {
    const { model } = session;
    this.session = session;
    const presets = Object.entries(model.get("presets") ?? {});
    const row = element("div", "nnlib-presets", element("span", "nnlib-step-name", words.say("presets")));
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", words.say("presets"));
    this.buttons = presets.map(([name, values]) => {
      const text = words.say(`preset_${model.get("lab")}_${name}`);
      const title = words.say("preset_title", { preset: text });
      const press = () => session.guard(() => session.startAnew(values));
      return { values: this.controlled(values), made: row.appendChild(button("nnlib-button", [text], title, press)) };
    });
    toolbar.root.append(row);
  }

  /** Of a preset's values those that a control shows. */
  controlled(values) {
    return this.session.model.get("schema").filter(({ field }) => field in values).map(({ field }) => [field, values[field]]);
  }

  paint(shown) {
    const { settings } = decode(this.session.model);
    const now = shown.subject ? { ...inForce(shown.settings, shown.changes), ...settings } : settings;
    for (const { values, made } of this.buttons) {
      const set = values.every(([field, value]) => !(field in now) || JSON.stringify(now[field]) === JSON.stringify(value));
      made.setAttribute("aria-pressed", String(set));
    }
  }
}
