/**
 * The line that says what was found, and the line that says what is remembered of earlier.
 */

import { button, element, setText } from "../../labs/web/dom.js";
import { remember, remembered } from "./memory.js";

const SIGNS = { right: "✓", wrong: "✗" };

/**
 * Build both lines at the end of a question.
 * @param {HTMLElement} root @param {any} model
 * @returns {(right: boolean | null, text: string, aloud?: string) => void} tells a verdict, where null is only words;
 *   `aloud` is for those who listen: it stands elsewhere for those who see
 */
export function verdictLine(root, model) {
  const [messages, name] = [model.get("messages"), model.get("name")];
  const before = earlier(root, model);
  const sign = element("span", "nnlib-question-sign");
  sign.setAttribute("aria-hidden", "true");
  const word = element("b");
  const words = element("span");
  const heard = element("span", "nnlib-question-heard");
  const line = element("p", "nnlib-question-verdict", sign, word, words, heard);
  line.setAttribute("role", "status");
  line.setAttribute("aria-live", "polite");
  root.append(line, before);
  return (right, text, aloud = "") => {
    const state = right === null ? "" : right ? "right" : "wrong";
    root.dataset.answered = state;
    setText(sign, SIGNS[state] ?? "");
    setText(word, state ? messages[state] : "");
    setText(words, text);
    setText(heard, aloud);
    if (right === null) return;
    before.hidden = true;
    remember(name, right ? "right" : "tried");
    // Where a kernel listens, it keeps the same in its own table.
    model.set("outcome", right ? "right" : "tried");
    model.save_changes();
  };
}

function earlier(root, model) {
  const [messages, name] = [model.get("messages"), model.get("name")];
  const line = element("p", "nnlib-question-before");
  const states = [remembered(name), model.get("before")];
  const state = states.includes("right") ? "right" : states.find(Boolean);
  line.hidden = !state;
  if (!state) return line;
  root.dataset.before = state;
  const forget = button("nnlib-question-link", [messages.forget_button], messages.forget_title, () => {
    remember(name, "");
    model.set("outcome", "");
    model.save_changes();
    delete root.dataset.before;
    line.hidden = true;
    root.querySelector("input").focus();
  });
  line.append(messages[state === "right" ? "answered_before" : "tried_before"], " ", forget);
  return line;
}
