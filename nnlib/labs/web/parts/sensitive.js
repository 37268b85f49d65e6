/**
 * One line, below the lab: this run is that of a preset which ends elsewhere after the smallest change.
 *
 * The words keep their room while other settings are shown, so that nothing jumps when they come.
 */

import { element } from "../dom.js";
import { inForce } from "../settings.js";

/** What each sensitive run depends on, as Settings.of_run tells it. @param {any} model @returns {Record<string, any>[]} */
export const sensitiveRuns = (model) => model.get("sensitive") ?? [];

export class Sensitive {
  /** @param {import("../view.js").View} view */
  constructor({ session, words, tail }) {
    this.runs = sensitiveRuns(session.model);
    this.text = element("span", "nnlib-away", words.say("sensitive"));
    const line = element("p", "nnlib-sensitive", this.text);
    line.setAttribute("role", "status");
    tail.querySelector(".nnlib-extras").prepend(line);
  }

  /** @param {import("../session.js").Shown} shown */
  paint({ settings, changes }) {
    const now = inForce(settings, changes);
    const same = ([name, value]) => JSON.stringify(now[name]) === JSON.stringify(value);
    this.text.classList.toggle("nnlib-away", !this.runs.some((run) => Object.entries(run).every(same)));
  }
}
