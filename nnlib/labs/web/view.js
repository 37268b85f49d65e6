/**
 * One view of a lab: its parts, their text, and what the root element says of them.
 *
 * The element that anywidget gives us takes no box of its own (`display: contents`): its sections are items of the same
 * grid as the controls. Painting a frame, the numbers beside it and the data attributes on the root happen in one go;
 * the sentence and the pictures' descriptions, which a screen reader follows, change at most once a second while
 * training goes on.
 */

import { cureName, fittingCure, takeCure } from "./cures.js";
import { currentTheme, printing, readPalette, watchTheme } from "./colours.js";
import { Comparison } from "./compare.js";
import { Course } from "./course.js";
import { Diagram } from "./diagram.js";
import { button, element, setText } from "./dom.js";
import { Explorer } from "./explore.js";
import { LayerEditor } from "./layer_editor.js";
import { Legend } from "./legend.js";
import { makeParts } from "./parts/index.js";
import { computeMaps, EXTENT } from "./picture.js";
import { More } from "./more.js";
import { Peek } from "./peek.js";
import { PointEditor } from "./point_editor.js";
import { RewindBar } from "./rewind_bar.js";
import { decode, findField } from "./settings.js";
import { Surface } from "./surface.js";
import { SweepPanel } from "./sweep_panel.js";
import { locked } from "./teach.js";
import { showIdle, tendControls } from "./tend.js";
import { Toolbar } from "./toolbar.js";
import { formatNumber, formatPercent, formatSetting, isNumber } from "./words.js";

/** A picture that has rested so long is painted once more, finely. */
const REST_TIME = 180;
const SPEAK_INTERVAL = 1000;
const TICKS = [-6, -3, 0, 3, 6];
const DISPLAY = ["show_test", "discretise"];
const NUMBERS = ["train_loss", "test_loss", "test_accuracy"];

export class View {
  /** @param {import("./session.js").Session} session @param {HTMLElement} root */
  constructor(session, root) {
    this.session = session;
    this.words = session.words;
    this.root = root;
    /** Painted sizes or colours are out of date. */
    this.stale = true;
    this.frames = 0;
    this.spokenAt = -Infinity;
    this.build(session.model);
    this.watch();
    session.stage.attach(this);
  }

  // ---- building

  build(model) {
    const { words, root } = this;
    const say = (key) => words.say(key);
    this.introduce(model);
    const act = (action) => this.session.guard(() => this.session.act(action));
    this.toolbar = new Toolbar(words, act, Boolean(findField(model, "seed")));
    this.more = new More(this);
    this.toolbar.add(this.more.root);
    this.problems = element("span", "nnlib-problems");
    this.problems.setAttribute("role", "status");
    const hint = element("p", "nnlib-hint", element("b", "", say("try")), " ", model.get("hint"), this.problems);
    this.status = element("p", "nnlib-status");
    this.status.setAttribute("aria-live", "polite");
    root.append(hint, this.toolbar.root, this.buildOutput(say));
    this.peek = new Peek(this);
    this.tail = element("div", "nnlib-view", this.peek.root, this.buildNetwork(say), this.status, this.buildExtras(act, say));
    root.append(this.tail);
    this.parts = makeParts(this);
  }

  /** Below the lab: A/B and the sweep map, opened by buttons. */
  buildExtras(act, say) {
    this.comparison = new Comparison(this.words, act);
    this.sweepPanel = new SweepPanel(this.session);
    const buttons = element("div", "nnlib-row", this.comparison.freeze, this.sweepPanel.opener);
    buttons.setAttribute("role", "group");
    buttons.setAttribute("aria-label", say("extras"));
    return element("div", "nnlib-extras", buttons, this.comparison.panel, this.sweepPanel.panel);
  }

  /** What the root says of the lab before anything runs. */
  introduce(model) {
    const { root } = this;
    root.classList.add("nnlib-view");
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", model.get("alt"));
    root.dataset.nnlibLab = model.get("lab");
    root.dataset.labId = model.get("lab_id");
  }

  buildNetwork(say) {
    const box = element("div", "nnlib-diagram");
    this.diagram = new Diagram(box, this.words);
    const title = element("p", "nnlib-title", say("network_title"), " ", element("span", "", say("network_caption")));
    const set = (index, value) => this.session.guard(() => this.session.act({ field: `p${index}`, value }));
    this.explorer = new Explorer(this.diagram, this.words, set);
    this.layerEditor = new LayerEditor(this.session);
    return element("section", "nnlib-network", title, this.layerEditor.root, box, this.explorer.panel.root);
  }

  buildOutput(say) {
    const square = element("div", "nnlib-square");
    this.surface = new Surface(square);
    this.notice = square.appendChild(element("div", "nnlib-notice"));
    this.notice.setAttribute("role", "alert");
    this.notice.hidden = true;
    const axis = (name) => {
      const made = element("div", `nnlib-axis nnlib-${name}`, element("i", "", say(name)));
      for (const tick of TICKS) {
        made.append(element("span", "", formatSetting(tick)));
        made.lastChild.style.setProperty("--at", (tick + EXTENT) / (2 * EXTENT));
      }
      made.setAttribute("aria-hidden", "true");
      return made;
    };
    this.legend = new Legend(this.words);
    this.editor = new PointEditor(this, square);
    const plane = element("div", "nnlib-plane", axis("x2"), square, axis("x1"), this.legend.root, this.editor.root);
    this.values = {};
    const tiles = NUMBERS.map((name) => {
      this.values[name] = element("b");
      const kind = `nnlib-number nnlib-${name.replace("_", "-")}`;
      return element("div", kind, element("span", "", say(name)), this.values[name]);
    });
    this.course = new Course(
      this.words,
      () => this.course.show(this.session.current, this.palette),
      this.session.model.get("plot"),
    );
    this.caption = element("span");
    const title = element("p", "nnlib-title", say("surface_title"), " ", this.caption);
    this.rewindBar = new RewindBar(this.words, this.session, this.course.curves.host);
    const numbers = element("div", "nnlib-numbers", ...tiles);
    const course = element("div", "nnlib-course", numbers, this.course.root, this.rewindBar.root);
    return element("section", "nnlib-output", title, plane, course);
  }

  /** Follow sizes, sight and theme. */
  watch() {
    this.sizes = new ResizeObserver((entries) => {
      for (const { target, contentRect } of entries) this.resize(target, contentRect);
      this.settle();
      // Painted at once, before the browser shows the old picture stretched to the new size.
      this.stale = true;
      this.session.guard(() => this.paint(this.session.current));
    });
    for (const host of this.hosts()) this.sizes.observe(host);
    const { model } = this.session;
    this.onDisplay = () => {
      this.stale = true;
      this.session.stage.request();
    };
    for (const name of DISPLAY) model.on(`change:value_${name}`, this.onDisplay);
    this.sight = new IntersectionObserver((entries) => this.session.stage.see(this, entries.at(-1).isIntersecting));
    this.stopTheme = watchTheme((theme) => this.setTheme(theme));
    this.setTheme(currentTheme());
    this.onTeach = () => {
      // A scene has no toolbar of this kind.
      if (this.toolbar) this.toolbar.fresh.hidden = !findField(model, "seed") || locked(model, "seed");
      this.layerEditor?.update();
    };
    for (const trait of ["hide", "lock"]) model.on(`change:${trait}`, this.onTeach);
    this.onTeach();
  }

  /** The boxes whose sizes are followed. */
  hosts() {
    const parts = this.parts.flatMap(({ boxes = [] }) => boxes);
    this.boxes = [this.diagram, this.explorer.panel, ...this.course.pictures, this.peek, ...parts];
    return [this.surface, ...this.boxes].map(({ host }) => host);
  }

  /** A view is rendered before it is put into the page: only its first size tells that it is there, among controls. */
  settle() {
    if (this.lab || !this.root.isConnected) return;
    this.lab = this.root.closest(".nnlib-lab") ?? this.root.parentElement;
    this.sight.observe(this.lab);
    // Behind the controls, so that Tab and screen readers go through a stacked lab as it is seen.
    if (this.tail) this.lab.querySelector(".nnlib-grid")?.append(this.tail);
    this.stopTending = tendControls(this.lab, [this.root, this.tail ?? this.root], this.session.model);
    this.setTheme(currentTheme());
  }

  resize(target, { width, height }) {
    if (target === this.surface.host) this.surface.size = Math.min(width, height);
    else Object.assign(this.boxes.find(({ host }) => host === target), { width, height });
  }

  setTheme(theme) {
    for (const part of [this.root, this.tail, this.lab]) if (part) part.dataset.nnlibTheme = theme;
    this.stale = true;
    // Paper is printed before any animation frame comes.
    if (printing()) this.session.guard(() => this.paint(this.session.current));
    else this.session.stage.request();
  }

  dispose() {
    const { model } = this.session;
    this.session.stage.detach(this);
    this.sweepPanel?.dispose();
    this.sizes.disconnect();
    this.sight.disconnect();
    this.stopTheme();
    this.stopTending?.();
    this.more?.dispose();
    for (const trait of ["hide", "lock"]) model.off(`change:${trait}`, this.onTeach);
    for (const name of DISPLAY) model.off(`change:value_${name}`, this.onDisplay);
    clearTimeout(this.rest);
    clearTimeout(this.speaking);
    this.tail?.remove();
    this.root.replaceChildren();
  }

  // ---- painting

  /** @param {import("./session.js").Shown} shown */
  paint(shown) {
    const { subject } = shown;
    clearTimeout(this.rest);
    // Before the element is in the page, and before the style sheet is, there are no colours to read.
    if (this.stale) this.palette = readPalette(this.root);
    if (subject) {
      this.surface.decided = decode(this.session.model).display.decided;
      const maps = computeMaps(subject.net);
      for (const part of this.parts) part.prepare?.(shown);
      this.surface.paint(maps, subject, this.palette);
      this.diagram.paint(maps, subject, this.palette);
      this.explorer.paint(maps, shown, this.palette);
      this.course.show(shown, this.palette);
      this.rewindBar.update(shown);
      const { own } = this.editor.store;
      if (this.stale || this.data !== (this.editor.data ?? subject.data)) this.paintPoints();
      this.editor.refresh();
      for (const part of this.parts) part.paint?.(shown, this.palette);
      // A reader's own points have no noise, and the corners of XOR no test part either.
      showIdle(this.lab, own !== null ? ["noise"] : shown.settings.dataset === "corners" ? ["noise", "train_share"] : []);
      if (shown.status !== "training") this.rest = setTimeout(() => this.paintFinely(subject), REST_TIME);
    }
    this.layerEditor.update();
    this.comparison.update(shown, this.palette, this.stale);
    if (this.controlsAt !== shown.revision) this.sweepPanel.update();
    this.controlsAt = shown.revision;
    this.stale = false;
    this.toolbar.update(shown);
    this.showNumbers(shown);
    this.peek.paint();
    this.showNotice(shown);
    setText(this.problems, shown.problems.join("\n"));
    this.speak(shown);
    this.tell(shown);
  }

  /** The points, those that the reader edits included, and what explains them. */
  paintPoints() {
    const { subject } = this.session.shown;
    const data = this.editor.data ?? subject?.data;
    if (!data || !this.palette) return;
    const { display } = decode(this.session.model);
    const test = display.test || this.editor.editing;
    this.data = data;
    this.surface.paintPoints(test ? data : { ...data, test: { ...data.test, n: 0 } }, this.palette);
    this.legend.show(data);
    this.legend.root.classList.toggle("nnlib-decided", display.decided);
    setText(this.caption, this.words.say(test ? "surface_caption" : "surface_caption_no_test"));
  }

  paintFinely(subject) {
    this.session.guard(() => {
      this.surface.paintFinely(subject, this.palette);
      this.peek.paint();
      this.root.dataset.fine = true;
    });
  }

  showNumbers(shown) {
    setText(this.values.train_loss, formatNumber(shown.train_loss));
    setText(this.values.test_loss, formatNumber(shown.test_loss));
    setText(this.values.test_accuracy, formatPercent(shown.test_accuracy));
    this.values.test_accuracy.parentElement.classList.toggle("nnlib-away", shown.subject?.data.task === "regression");
  }

  /** What the root says of the lab, for tests and tools. */
  tell(shown) {
    const { dataset } = this.root;
    this.frames += 1;
    dataset.engine = shown.engine;
    dataset.status = shown.status;
    dataset.run = shown.run;
    dataset.revision = shown.revision;
    dataset.step = shown.step;
    dataset.epoch = shown.epoch;
    dataset.trainLoss = isNumber(shown.train_loss) ? shown.train_loss : "";
    dataset.testLoss = isNumber(shown.test_loss) ? shown.test_loss : "";
    dataset.changes = JSON.stringify(shown.changes);
    dataset.frames = this.frames;
    dataset.fine = false;
    dataset.rewound = shown.rewoundTo ?? "";
  }

  /** The sentence and the descriptions, now or when the second is over. */
  speak(shown) {
    clearTimeout(this.speaking);
    // That training has come to rest is said at once.
    const rests = shown.status !== "training" && shown.status !== this.spokenStatus;
    const wait = rests ? 0 : this.spokenAt + SPEAK_INTERVAL - performance.now();
    if (wait > 0) {
      this.speaking = setTimeout(() => this.session.guard(() => this.speak(this.session.current)), wait);
      return;
    }
    this.spokenAt = performance.now();
    this.spokenStatus = shown.status;
    const { words } = this;
    setText(this.status, this.sentence(shown));
    if (!shown.subject) return;
    const { train, test, task } = shown.subject.data;
    const values = { train: train.n, test: test.n, numbers: words.numbers(shown), epoch: shown.epoch };
    this.surface.describe(words.say(task === "regression" ? "surface_label_regression" : "surface_label", values));
    this.course.describe(shown, values);
    for (const part of this.parts) part.describe?.(shown);
    const [inputs, ...rest] = shown.subject.net.widths;
    const hidden = rest.slice(0, -1).join(", ") || "0";
    this.diagram.describe(words.say("network_label", { inputs, hidden, outputs: rest.at(-1) }));
  }

  /** @param {import("./session.js").Shown} shown */
  sentence(shown) {
    return this.words.summary(shown);
  }

  // ---- messages over the picture

  /** An error, or what the doctor says, with the cure as a button. @param {import("./session.js").Shown} shown */
  showNotice(shown) {
    const { model, history } = this.session;
    const stopped = shown.status === "stopped-by-doctor" ? shown.diagnosis : null;
    const found = shown.error ? null : (stopped ?? shown.advice);
    const text = shown.error ?? found?.text ?? "";
    const moves = fittingCure(model, found?.cure);
    const key = JSON.stringify([text, moves]);
    if (key === this.noticeKey) return;
    this.noticeKey = key;
    this.notice.hidden = !text;
    this.notice.replaceChildren(element("p", "", text));
    // The buttons go with the message; who pressed one by keyboard should not lose the place.
    const leave = () => this.toolbar.play.focus({ preventScroll: true });
    const cure = () => {
      this.session.guard(() => history.together(() => takeCure(model, moves)));
      leave();
    };
    const shut = () => {
      this.notice.hidden = true;
      leave();
    };
    if (moves) {
      const title = this.words.say("learning_rate" in moves ? "gentler_title" : "cure_title");
      this.notice.append(button("nnlib-button nnlib-primary", [cureName(model, this.words, moves)], title, cure));
    }
    if (found && found.name !== "diverged") this.notice.append(button("nnlib-button", [this.words.say("close")], "", shut));
  }
}
