/**
 * A question with options. A wrong choice shows why it is tempting; the right one shows that of all others too.
 */

import { element, keepKeys, setText } from "../../labs/web/dom.js";
import { unseal } from "./sealed.js";
import { verdictLine } from "./verdict.js";

let made = 0; // radio buttons of one group share a name, and two views of a quiz are two groups

/** @param {HTMLElement} root @param {any} model */
export function quiz(root, model) {
  const [messages, sealed] = [model.get("messages"), unseal(model.get("sealed"))];
  const group = `nnlib-quiz-${++made}`;
  const field = element("fieldset", "", element("legend", "", model.get("question")));
  const options = model.get("options").map((text, i) => {
    const radio = keepKeys(element("input"));
    Object.assign(radio, { type: "radio", name: group, value: String(i) });
    const reason = element("p", "nnlib-question-reason");
    reason.id = `${group}-${i}`;
    reason.hidden = true;
    radio.setAttribute("aria-describedby", reason.id);
    const letter = messages.option.replace("{letter}", String.fromCharCode(97 + i));
    const label = element("label", "", radio, element("span", "nnlib-question-letter", letter), element("span", "", text));
    const box = element("div", "nnlib-question-option", label, reason);
    field.append(box);
    return { box, radio, reason };
  });
  const check = keepKeys(element("button", "nnlib-question-button", messages.quiz_button));
  check.type = "submit";
  root.append(field, element("div", "nnlib-question-row", check));
  const tell = verdictLine(root, model);

  function reveal(i) {
    options[i].box.dataset.state = i === sealed.right ? "right" : "wrong";
    setText(options[i].reason, sealed.reasons[i]);
    options[i].reason.hidden = false;
  }

  root.addEventListener("change", () => tell(null, ""));
  root.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = options.findIndex(({ radio }) => radio.checked);
    if (chosen < 0) return tell(null, messages.choose_first);
    const right = chosen === sealed.right;
    reveal(chosen);
    if (right) options.forEach((_, i) => reveal(i));
    tell(right, messages[right ? "others_below" : "choose_again"], sealed.reasons[chosen]);
  });
}
