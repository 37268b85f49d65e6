/**
 * Which hidden units the last step switched off: crossed out in the picture of the network, and counted under it.
 *
 * No engine keeps its masks. Number k of dropout's stream is a function of seed and k alone, so settings and step tell
 * the mask of any run that is on the screen: a kernel's, a saved one, one that is looked back at.
 *
 * Each example of a batch has a mask of its own; the picture shows that of the first. While training goes on, masks
 * change with every step. That would flicker, which harms some readers and tells nobody anything: the picture changes
 * at most twice a second, and for readers who ask for less motion only when the run rests.
 */

import { element, setText } from "../dom.js";
import { CounterGenerator } from "../random.js";
import { findField } from "../settings.js";
import { formatPercent } from "../words.js";

/** Milliseconds between two masks. */
const CALM = 500;
let lines = 0;

/**
 * What dropout switched off in a step; the twin of dropped_units in nnlib/labs/parts.py.
 * @param {import("../training.js").Run} run  whose settings, network and data count, not the step it stands at
 * @param {number} step  from 1 up
 * @returns {{examples: number, first: boolean[][], share: number}}  how many examples the step had, for the first of them
 *   whether each unit was off, by layer, and the share that was off over all units and examples
 */
export function droppedUnits({ settings, net, data, stepsPerEpoch }, step) {
  const { seed, dropout, batch_size } = settings;
  const hidden = net.widths.slice(1, -1);
  const units = hidden.reduce((sum, width) => sum + width, 0);
  const { n } = data.train;
  const size = Math.min(batch_size, n);
  const batches = (step - 1) % stepsPerEpoch;
  const examples = Math.min(size, n - batches * size);
  const rng = new CounterGenerator(seed, "dropout");
  rng.position = (((step - 1 - batches) / stepsPerEpoch) * n + batches * size) * units;
  let count = 0;
  const first = hidden.map((width) => {
    const off = Array.from(rng.random(examples * width), (uniform) => uniform < dropout);
    count += off.filter(Boolean).length;
    return off.slice(0, width);
  });
  return { examples, first, share: count / (examples * units) };
}

/** Whether early stopping has brought earlier weights back; a run that is loaded or looked back at tells it by its curve. */
function stoppedEarly({ stopped_early, settings: { early_stopping }, curve, epoch }) {
  if (stopped_early || !early_stopping) return Boolean(stopped_early);
  const losses = curve.test.slice(0, curve.epoch.findLastIndex((one) => one <= epoch) + 1);
  const best = losses.reduce((least, loss, i) => (loss !== null && !(loss >= losses[least]) ? i : least), 0);
  return losses.length - 1 - best >= early_stopping;
}

export class DropoutMask {
  /** @param {import("../view.js").View} view */
  constructor(view) {
    this.view = view;
    this.line = element("p", "nnlib-dropped");
    this.line.id = `nnlib-dropped-${(lines += 1)}`;
    const { host, units } = view.diagram;
    host.after(this.line);
    units.setAttribute("aria-describedby", this.line.id);
    this.at = -Infinity;
    this.clear();
  }

  /** @param {import("../session.js").Shown} shown */
  prepare(shown) {
    clearTimeout(this.timer);
    const why = this.without(shown);
    const { seed, dropout, batch_size } = shown.settings;
    // A lab without a control for it has something to say of dropout only where a link or a teacher asks for some.
    this.line.hidden = !dropout && !findField(this.view.session.model, "dropout");
    const { net, data } = shown.subject;
    const run = why ? "" : [seed, dropout, batch_size, data.train.n, net.widths].join();
    // Another run, or none: what was crossed out does not belong to it.
    if (run !== this.run) this.clear();
    if (why) {
      setText(this.line, this.line.hidden ? "" : this.view.words.say(why));
      return;
    }
    const { step, status } = shown;
    if (run !== this.run || step !== this.step) {
      const wait = this.at + CALM - performance.now();
      if (wait > 0) {
        // A run that rests is not painted again by itself.
        if (status !== "training") this.timer = setTimeout(() => this.again(), wait);
      } else {
        Object.assign(this, { run, step, at: performance.now(), found: droppedUnits(shown.subject, step) });
        this.view.diagram.off = this.found.first;
      }
    }
    setText(this.line, this.tell(status !== "training" && step === this.step));
  }

  /** The key of the words that say why no mask is shown; empty where one is. */
  without(shown) {
    if (!shown.settings.dropout) return "dropped_without";
    if (shown.subject.net.widths.length < 3) return "dropped_no_units";
    if (shown.step === 0) return "dropped_no_step";
    if (stoppedEarly(shown)) return "dropped_stopped_early";
    return shown.status === "training" && this.view.session.stage.calm.matches ? "dropped_calm" : "";
  }

  clear() {
    this.run = "";
    this.step = 0;
    this.found = this.view.diagram.off = null;
  }

  again() {
    const { session } = this.view;
    if (this.line.isConnected) session.guard(() => this.view.paint(session.current));
  }

  /** What is crossed out, in words. @param {boolean} last  whether it is the mask of the step that the run stands at */
  tell(last) {
    if (!this.found) return "";
    const { words } = this.view;
    const { examples, first, share } = this.found;
    const which = words.say(last ? "dropped_which_last" : "dropped_which_recent");
    const offs = first.map((layer) => layer.filter(Boolean).length);
    const widths = first.map((layer) => layer.length);
    // Layers of one width share it: six of them stay within the room that the line has.
    const count = (off, l) => words.say("dropped_count", { off, units: widths[l] });
    const counts = new Set(widths).size === 1 ? count(this.list(offs), 0) : this.list(offs.map(count));
    return words.say(examples > 1 ? "dropped" : "dropped_one", { which, examples, counts, share: formatPercent(share) });
  }

  /** One, two and three. @param {(string | number)[]} items */
  list(items) {
    const [more, last] = [items.slice(0, -1).join(", "), items.at(-1)];
    return more ? this.view.words.say("dropped_and", { more, last }) : String(last);
  }
}
