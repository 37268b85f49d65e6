/**
 * The row of buttons above a lab: play and pause, single steps, restart, the epoch, and who trains.
 */

import { button, element, icon, setText } from "./dom.js";

/** @typedef {import("./session.js").Action} Action */

export class Toolbar {
  /**
   * @param {import("./words.js").Words} words
   * @param {(action: Action) => void} act
   * @param {boolean} reseeds  whether there is a control to draw new weights with
   */
  constructor(words, act, reseeds) {
    this.words = words;
    this.running = false;
    const say = (key) => words.say(key);
    const make = (key, symbol = [], kind = "") =>
      button(`nnlib-button ${kind}`, [...symbol, say(key)], say(`${key}_title`), () => act(key));
    // Both faces of the button lie on each other, so that it keeps its width in every language.
    this.faces = ["play", "pause"].map((key) => element("span", "nnlib-face", icon(key), say(key)));
    this.play = button("nnlib-button nnlib-primary", this.faces, "", () => act(this.running ? "pause" : "play"));
    this.steps = [make("step_epoch"), make("step_batch"), make("step_example")];
    const stepName = element("span", "nnlib-step-name", say("step"));
    const steps = element("span", "nnlib-steps", stepName, ...this.steps);
    steps.setAttribute("role", "group");
    steps.setAttribute("aria-label", say("step"));
    const restart = make("restart", [icon("restart")]);
    this.fresh = make("new_weights", [icon("new_weights")]);
    this.fresh.hidden = !reseeds;
    this.epoch = element("span", "nnlib-epoch");
    this.engine = element("span", "nnlib-engine");
    this.back = make("use_kernel", [], "nnlib-back");
    // The epoch and the engine stay together when the row has to break.
    this.state = element("span", "nnlib-state", this.epoch, element("span", "nnlib-who", this.back, this.engine));
    this.root = element("div", "nnlib-toolbar", this.play, steps, restart, this.fresh, this.state);
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", say("toolbar"));
  }

  /** Put another part into the row. @param {Element} part */
  add(part) {
    this.state.before(part);
  }

  /** The epochs done; and while a run rests within an epoch, the batches done of it. */
  progress({ status, subject, step, epoch, until }) {
    const perEpoch = subject?.stepsPerEpoch ?? 1;
    const batches = step - epoch * perEpoch;
    if (status !== "paused" || batches <= 0 || batches >= perEpoch) return this.words.say("epoch_of", { epoch, until });
    return this.words.say("epoch_between", { epoch, batches, per_epoch: perEpoch });
  }

  /** @param {import("./session.js").Shown} shown */
  update(shown) {
    const { words } = this;
    this.running = shown.status === "training";
    const [playFace, pauseFace] = this.faces;
    playFace.classList.toggle("nnlib-away", this.running);
    pauseFace.classList.toggle("nnlib-away", !this.running);
    this.play.title = words.say(this.running ? "pause_title" : "play_title");
    this.play.setAttribute("aria-label", words.say(this.running ? "pause" : "play"));
    for (const step of this.steps) step.disabled = shown.status === "stopped-by-doctor" || Boolean(shown.stopped_early);
    setText(this.epoch, this.progress(shown));
    setText(this.engine, shown.engine ? words.say(`engine_${shown.engine}`) : words.say("engine_starting"));
    this.back.hidden = !shown.kernelAvailable;
  }
}
