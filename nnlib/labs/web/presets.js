/** Buttons that set the controls of a training lab to one of its presets, and train that run from its start. */

import { button, element } from "./dom.js";

/** @param {import("./session.js").Session} session @returns {HTMLElement} */
export function presetRow(session) {
  const { model, words } = session;
  const presets = Object.entries(model.get("presets") ?? {});
  const row = element("div", "nnlib-presets", element("span", "nnlib-step-name", words.say("presets")));
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", words.say("presets_label"));
  row.hidden = !presets.length;
  for (const [preset, values] of presets) {
    const text = words.say(`preset_${model.get("lab")}_${preset}`);
    const start = () => session.guard(() => session.startAnew(values));
    row.append(button("nnlib-button", [text], words.say("preset_title", { preset: text }), start));
  }
  return row;
}
