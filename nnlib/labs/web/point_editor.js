/**
 * Editing points on the output surface: by mouse or finger, by keyboard with a crosshair, from a file.
 *
 * The editor lies over the surface while the reader edits. Whatever is done becomes one edit of the point store; while a
 * point is being dragged only its picture moves, so that a run begins when it is let go. What was done, and what is still
 * missing before the points can be learned from, is said in one line that screen readers follow.
 */

import { classNames, decodeText, fitPoints, readCsv, writeCsv } from "./csv.js";
import { button, element, keepKeys } from "./dom.js";
import { EXTENT, MOST, partsOf, placeOf, problemOf, relabelled, trainsOf, within } from "./own_points.js";
import { labelText, PointPalette, TOOLS } from "./point_palette.js";
import { PointStore } from "./point_store.js";
import { explain, Said } from "./said.js";
import { decode } from "./settings.js";
import { formatSetting } from "./words.js";

/** A point is taken from so far away, in pixels: a finger is less exact. */
const REACH = { mouse: 14, touch: 26 };
/** The same for the crosshair, in units of the axes. */
const CROSS_REACH = 0.4;
const STEP = 0.25;
const FINE_STEP = 0.05;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
/** Longer files hold more than a lab takes; they are not even read. */
const LARGEST_FILE = 2_000_000;

export class PointEditor {
  /** @param {import("./view.js").View} view @param {HTMLElement} square  the box of the surface */
  constructor(view, square) {
    this.view = view;
    this.square = square;
    this.words = view.words;
    this.session = view.session;
    /** Views of one lab share what they undo. */
    this.store = this.session.pointStore ??= new PointStore(this.session);
    this.editing = false;
    /** @type {import("./own_points.js").Point[] | null} the points as they are while one is moved */
    this.draft = null;
    this.cross = [0, 0];
    this.selected = -1;
    this.build();
  }

  build() {
    const say = (key) => this.words.say(key);
    const guarded = (work) => (...given) => this.session.guard(() => work(...given));
    this.toggle = button("nnlib-button nnlib-edit", [say("edit")], say("edit_title"), guarded(() => this.open(!this.editing)));
    this.palette = new PointPalette(this.words, {
      undo: guarded(() => this.undo()),
      clear: guarded(() => this.commit([], this.store.current.task, "edit_cleared")),
      task: guarded((task) => this.changeTask(task)),
      load: (file) => this.load(file),
      save: guarded(() => this.save()),
    });
    const top = element("div", "nnlib-edit-row", this.toggle, ...this.palette.files);
    this.root = element("div", "nnlib-editor", top, this.palette.root);
    this.root.hidden = !this.store.offered;
    this.mark = element("div", "nnlib-ring");
    const lines = element("div", "nnlib-cross", element("i"), element("i"));
    this.layer = keepKeys(element("div", "nnlib-edit-layer", lines, this.mark));
    this.layer.tabIndex = 0;
    this.layer.setAttribute("role", "application");
    this.layer.setAttribute("aria-label", say("edit_surface"));
    this.layer.setAttribute("aria-describedby", this.palette.keys.id);
    this.square.append(this.layer);
    const on = (name, work) => this.layer.addEventListener(name, guarded(work));
    on("pointerdown", (event) => this.press(event));
    on("pointermove", (event) => this.drag(event));
    on("pointerup", (event) => this.release(event));
    on("pointercancel", () => this.cancel());
    on("keydown", (event) => this.key(event));
    if (this.store.offered) this.takeFiles();
    this.open(false);
  }

  /** Begin or end editing. @param {boolean} editing */
  open(editing) {
    this.editing = editing;
    this.cancel();
    this.layer.hidden = this.palette.root.hidden = !editing;
    this.toggle.setAttribute("aria-expanded", String(editing));
    this.toggle.classList.toggle("nnlib-primary", editing);
    this.toggle.title = this.words.say(editing ? "edit_done_title" : "edit_title");
    this.selected = -1;
    this.placeCross();
    if (editing) this.say(this.count());
    this.refresh();
  }

  // ---- what is shown

  /** The reader's own points as data to be painted; null where a data set of the book is shown. */
  get data() {
    const { own } = this.store;
    const points = this.draft ?? own?.points;
    if (!points) return null;
    const { settings } = decode(this.session.model);
    const task = own ? own.points_task : this.store.current.task;
    const key = [points, task, settings.train_share];
    if (key.some((part, i) => part !== this.dataKey?.[i])) {
      this.dataKey = key;
      this.parts = partsOf({ points, points_task: task, train_share: settings.train_share });
    }
    return this.parts;
  }

  /** Follow what has changed from elsewhere. */
  refresh() {
    const { points, task } = this.store.current;
    if (this.editing) this.palette.show(task);
    // What is missing is said in the palette's line, and not once more over the points.
    const missing = this.editing && this.store.own !== null && problemOf(points, task) !== null;
    this.square.classList.toggle("nnlib-incomplete", missing);
  }

  /** Show points and crosshair at once. */
  paint() {
    this.view.paintPoints();
    this.placeCross();
  }

  placeCross() {
    const [x1, x2] = this.cross;
    this.layer.style.setProperty("--x", (x1 + EXTENT) / (2 * EXTENT));
    this.layer.style.setProperty("--y", (EXTENT - x2) / (2 * EXTENT));
    this.mark.hidden = this.selected < 0;
  }

  // ---- words

  /** Say what was done, and what is still missing. @param {string} text */
  say(text) {
    const { own } = this.store;
    const problem = own && problemOf(own.points, own.points_task);
    this.palette.say(problem ? `${text} ${explain(this.words, problem)}` : text);
  }

  count() {
    const { points } = this.store.current;
    const train = this.trains(points).filter(Boolean).length;
    return this.words.say("edit_count", { train, test: points.length - train });
  }

  trains(points) {
    return trainsOf(points, decode(this.session.model).settings.train_share);
  }

  /** The blanks of a sentence about one point. */
  about(points, index) {
    const [x1, x2, label] = points[index];
    const part = this.trains(points)[index] ? "train" : "test";
    return {
      number: index + 1, count: points.length, x1: formatSetting(x1), x2: formatSetting(x2),
      label: labelText(label, this.store.current.task),
      part: this.words.say(`edit_part_${part}`),
    };
  }

  // ---- edits

  /** @param {string} key  of the sentence that says it */
  commit(points, task, key, values = {}) {
    this.draft = null;
    this.held = undefined;
    this.store.commit(points, task);
    this.selected = Math.min(this.selected, points.length - 1);
    this.say(this.words.say(key, values));
    this.refresh();
    this.paint();
  }

  /** The points with a new one at a place. */
  withNew(x1, x2) {
    const { points } = this.store.current;
    if (points.length >= MOST) throw new Said("own_many", { most: MOST });
    const place = { share: placeOf(points.length), train: 0, test: 99 }[this.palette.part.select.value];
    return [...points, [within(x1), within(x2), within(this.palette.label), place]];
  }

  add(points) {
    this.commit(points, this.store.current.task, "edit_added", this.about(points, points.length - 1));
  }

  remove(index) {
    const { points, task } = this.store.current;
    if (index < 0) return this.say(this.words.say("edit_nothing"));
    const values = this.about(points, index);
    this.selected = -1;
    this.commit(points.filter((_, i) => i !== index), task, "edit_deleted", values);
  }

  undo() {
    this.cancel();
    this.selected = -1;
    this.say(this.words.say(this.store.undo() ? "edit_undone" : "edit_nothing_undo"));
    this.refresh();
    this.paint();
  }

  changeTask(task) {
    const { points, task: before } = this.store.current;
    const name = this.words.say(`edit_task_${task}`);
    this.commit(relabelled(points, before, task), task, "edit_relabelled", { task: name });
  }

  /** Let go of a point that is being moved, where it was. */
  cancel() {
    if (this.draft) {
      this.draft = null;
      this.held = undefined;
      this.paint();
    }
  }

  // ---- mouse and finger

  /** Where an event points to, in units of the axes. */
  placeOfEvent({ clientX, clientY }) {
    const { left, top, width, height } = this.layer.getBoundingClientRect();
    const unit = (share) => within(Math.round(EXTENT * (2 * share - 1) * 100) / 100);
    return [unit((clientX - left) / width), unit(1 - (clientY - top) / height)];
  }

  /** The point nearest to a place, within reach; −1 where there is none. */
  nearest([x1, x2], reach) {
    let best = -1, least = reach ** 2;
    this.store.current.points.forEach(([a, b], i) => {
      const distance = (a - x1) ** 2 + (b - x2) ** 2;
      if (distance <= least) [best, least] = [i, distance];
    });
    return best;
  }

  press(event) {
    if (event.button !== 0 || this.draft) return;
    const place = this.placeOfEvent(event);
    const pixels = event.pointerType === "touch" ? REACH.touch : REACH.mouse;
    const reach = (2 * EXTENT * pixels) / this.layer.clientWidth;
    const { points } = this.store.current;
    this.cross = place;
    if (this.palette.tool === "add") {
      this.take(this.withNewSaid(...place), points.length, "edit_added");
    } else {
      const index = this.nearest(place, reach);
      if (this.palette.tool === "delete") return this.remove(index);
      if (index < 0) this.say(this.words.say("edit_nothing"));
      else this.take(points, index, "edit_moved");
    }
    if (this.draft) this.layer.setPointerCapture(event.pointerId);
  }

  /** As withNew; that there is no room is said. */
  withNewSaid(...place) {
    try {
      return this.withNew(...place);
    } catch (error) {
      this.say(explain(this.words, error));
      return null;
    }
  }

  /** Begin to move a point; `key` says afterwards what happened. */
  take(points, index, key) {
    if (!points) return;
    this.draft = [...points];
    this.held = { index, key, pointer: key !== "edit_held" };
    this.selected = index;
    this.cross = points[index].slice(0, 2);
    this.paint();
  }

  /** Move the point that was taken. */
  moveTo([x1, x2]) {
    const { index } = this.held;
    const [, , label, place] = this.draft[index];
    this.draft = this.draft.map((point, i) => (i === index ? [x1, x2, label, place] : point));
    this.cross = [x1, x2];
    this.paint();
  }

  drag(event) {
    if (this.draft && this.held.pointer) this.moveTo(this.placeOfEvent(event));
  }

  release() {
    if (!this.draft || !this.held.pointer) return;
    this.putDown();
  }

  putDown() {
    const { index, key } = this.held;
    const { task } = this.store.current;
    this.commit(this.draft, task, key === "edit_held" ? "edit_moved" : key, this.about(this.draft, index));
  }

  // ---- keyboard

  key(event) {
    const { key } = event;
    const work = ARROWS[key] ? () => this.step(ARROWS[key], event.shiftKey ? FINE_STEP : STEP) : this.keys(event);
    if (!work) return;
    event.preventDefault();
    event.stopPropagation();
    work();
  }

  /** What a key does; undefined for keys that are not ours. */
  keys({ key, ctrlKey, metaKey, altKey }) {
    if ((ctrlKey || metaKey) && key.toLowerCase() === "z") return () => this.undo();
    if (ctrlKey || metaKey || altKey) return undefined;
    if (/^[1-4]$/.test(key) && this.palette.choices.length) return () => this.palette.chooseLabel(Number(key) - 1);
    return {
      Enter: () => this.enter(),
      " ": () => this.enter(),
      n: () => this.walk(1),
      p: () => this.walk(-1),
      m: () => this.hold(),
      delete: () => this.remove(this.atCross()),
      backspace: () => this.remove(this.atCross()),
      Escape: () => this.escape(),
    }[key.length === 1 || /^(Delete|Backspace)$/.test(key) ? key.toLowerCase() : key];
  }

  /** The point that was walked to, or the one under the crosshair. */
  atCross() {
    return this.draft ? -1 : this.selected >= 0 ? this.selected : this.nearest(this.cross, CROSS_REACH);
  }

  step([dx, dy], size) {
    const to = [within(this.cross[0] + dx * size), within(this.cross[1] + dy * size)];
    if (this.draft) return this.moveTo(to);
    this.selected = -1;
    this.cross = to;
    this.placeCross();
    this.say(this.words.say("edit_at", { x1: formatSetting(to[0]), x2: formatSetting(to[1]) }));
  }

  enter() {
    if (this.draft) return this.putDown();
    const tool = TOOLS.indexOf(this.palette.tool);
    if (tool === 1) return this.hold();
    if (tool === 2) return this.remove(this.atCross());
    const points = this.withNewSaid(...this.cross);
    if (points) this.add(points);
  }

  walk(direction) {
    const { points } = this.store.current;
    if (this.draft) return;
    if (!points.length) return this.say(this.words.say("edit_nothing"));
    const from = this.selected < 0 && direction < 0 ? 0 : this.selected;
    this.selected = (from + direction + points.length) % points.length;
    this.cross = points[this.selected].slice(0, 2);
    this.placeCross();
    this.say(this.words.say("edit_point", this.about(points, this.selected)));
  }

  hold() {
    if (this.draft) return this.putDown();
    const index = this.atCross();
    if (index < 0) return this.say(this.words.say("edit_nothing"));
    this.take(this.store.current.points, index, "edit_held");
    this.say(this.words.say("edit_held", { number: index + 1 }));
  }

  escape() {
    if (this.draft) {
      this.cancel();
      this.say(this.count());
      return;
    }
    this.open(false);
    this.toggle.focus({ preventScroll: true });
  }

  // ---- files

  /** Files may be dropped on the surface, whether points are being edited or not. */
  takeFiles() {
    const over = (is) => this.square.classList.toggle("nnlib-drop", is);
    const carriesFile = (event) => event.dataTransfer?.types.includes("Files");
    this.square.addEventListener("dragover", (event) => {
      if (!carriesFile(event)) return;
      event.preventDefault();
      event.stopPropagation();
      over(true);
    });
    this.square.addEventListener("dragleave", () => over(false));
    this.square.addEventListener("drop", (event) => {
      if (!carriesFile(event)) return;
      event.preventDefault();
      event.stopPropagation();
      over(false);
      if (event.dataTransfer.files.length) this.load(event.dataTransfer.files[0]);
    });
  }

  /** @param {File} file */
  async load(file) {
    try {
      if (!this.editing) this.open(true);
      if (file.size > LARGEST_FILE) throw new Said("csv_large", { most: MOST });
      const table = readCsv(decodeText(await file.arrayBuffer()));
      const { points, task, remarks } = fitPoints(table);
      const names = classNames(table).map(([name, label]) => this.words.say("csv_label", { name, label }));
      const sentences = [names.length ? `${names.join(", ")}.` : "", ...remarks.map((each) => explain(this.words, each))];
      this.commit(points, task, "csv_loaded", { count: points.length });
      this.say([this.words.say("csv_loaded", { count: points.length }), ...sentences.filter(Boolean)].join(" "));
    } catch (error) {
      const text = explain(this.words, error);
      this.palette.say(this.words.say("csv_failed", { name: file.name, text }));
    }
  }

  save() {
    const blob = new Blob([writeCsv(this.store.current.points)], { type: "text/csv" });
    const link = Object.assign(element("a"), { href: URL.createObjectURL(blob), download: "points.csv" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
}
