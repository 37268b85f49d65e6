/**
 * Where a reader's own points are kept: the one place that writes them.
 *
 * They are traits of the view (`points`, `points_task`), so they live with and without a kernel and in saved pages.
 * Every edit goes through `commit`, which remembers what was before; `undo` brings it back, the data set included.
 */

import { copyPoints, samePoints, taskOf } from "./own_points.js";
import { decode, findField, moveControl } from "./settings.js";

/** More edits than this are not remembered. */
const MOST_REMEMBERED = 200;

/** @typedef {import("./own_points.js").Point} Point */

export class PointStore {
  /** @param {import("./session.js").Session} session */
  constructor(session) {
    this.session = session;
    this.model = session.model;
    /** @type {{points: Point[], points_task: string, dataset: string}[]} */
    this.past = [];
  }

  /** Whether this lab lets a reader have points of their own. */
  get offered() {
    return Boolean(findField(this.model, "dataset")?.choices?.includes("own"));
  }

  /** The settings in which own points are what is learned from; null while another data set is. */
  get own() {
    const { settings } = decode(this.model);
    const begun = settings.points.length > 0 || settings.points_task !== "auto";
    return settings.dataset === "own" && begun ? settings : null;
  }

  /** The points that are there to be edited: the reader's own, or else those of the data set that is shown. */
  get current() {
    const { own } = this;
    if (own) return { points: own.points, task: taskOf(own.points, own.points_task) };
    const data = this.session.shown.subject?.data;
    if (data !== this.copiedFrom) {
      this.copiedFrom = data;
      this.copied = data && { points: copyPoints(data), task: data.task };
    }
    return this.copied ?? { points: [], task: "binary" };
  }

  /** Make these the points to learn from. @param {Point[]} points @param {string} task */
  commit(points, task) {
    const { settings } = decode(this.model);
    const before = { points: settings.points, points_task: settings.points_task, dataset: settings.dataset };
    if (before.dataset === "own" && before.points_task === task && samePoints(before.points, points)) return;
    this.past = [...this.past, before].slice(-MOST_REMEMBERED);
    this.write({ points, points_task: task, dataset: "own" });
  }

  /** Take back the last edit. @returns {boolean} false where there was none */
  undo() {
    const before = this.past.pop();
    if (before) this.write(before);
    return before !== undefined;
  }

  write({ points, points_task, dataset }) {
    const { model } = this;
    const choose = () => {
      if (decode(model).settings.dataset !== dataset) moveControl(model, "dataset", dataset);
    };
    // A kernel hears of one after the other: own points are there before they are chosen, and go after that.
    if (dataset !== "own") choose();
    model.set("points", points);
    model.set("points_task", points_task);
    model.save_changes();
    choose();
  }
}
