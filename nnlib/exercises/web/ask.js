/**
 * A field for a number, with the verdicts of `check` and two hints on request.
 */

import { button, element, keepKeys, setText } from "../../labs/web/dom.js";
import { judge } from "./judge.js";
import { readNumber } from "./reading.js";
import { unseal } from "./sealed.js";
import { verdictLine } from "./verdict.js";

let made = 0;

/** @param {HTMLElement} root @param {any} model */
export function ask(root, model) {
  const [messages, asked] = [model.get("messages"), unseal(model.get("sealed"))];
  const input = keepKeys(element("input", "nnlib-question-field"));
  Object.assign(input, { type: "text", id: `nnlib-ask-${++made}`, autocomplete: "off", spellcheck: false });
  const label = element("label", "nnlib-question-task", element("b", "", `${model.get("title")}. `), model.get("question"));
  label.htmlFor = input.id;
  const check = keepKeys(element("button", "nnlib-question-button", messages.quiz_button));
  check.type = "submit";
  const row = element("div", "nnlib-question-row", input, check);
  const hints = element("ol", "nnlib-question-hints");
  hints.setAttribute("aria-live", "polite");
  root.append(label, row);
  const tell = verdictLine(root, model);
  root.append(hints);

  if (asked.hints.length) {
    const more = button("nnlib-question-button nnlib-question-quiet", [messages.hint_button], "", () => {
      hints.append(element("li", "", asked.hints[hints.children.length]));
      setText(more, messages.second_hint_button);
      if (hints.children.length < asked.hints.length) return;
      if (document.activeElement === more) input.focus();
      more.hidden = true;
    });
    more.removeAttribute("title");
    row.append(more);
  }

  input.addEventListener("input", () => tell(null, ""));
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    // JupyterLab takes the Enter of a text field to itself; a browser alone would submit by it.
    event.preventDefault();
    root.requestSubmit();
  });
  root.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (text === "") return tell(null, messages.write_first);
    const found = readNumber(text);
    input.setAttribute("aria-invalid", String(found === null));
    if (found === null) return tell(null, messages.unreadable.replace("{text}", () => text));
    const verdict = judge(asked, found, messages);
    if (verdict.mistake) root.dataset.mistake = verdict.mistake;
    else delete root.dataset.mistake;
    // A fraction or a comma was understood in one of several ways: say in which.
    const read = /[/,]/.test(text) ? `${messages.read_as.replace("{value}", String(found))} ` : "";
    tell(verdict.right, read + verdict.text);
  });
}
