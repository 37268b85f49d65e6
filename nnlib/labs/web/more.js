/**
 * What a reader can do around a run: undo and reset, link, Python, saving, full screen. One menu of the toolbar.
 */

import { LinkDialog, PythonDialog } from "./dialogs.js";
import { FullScreen } from "./full_screen.js";
import { writeLink } from "./link.js";
import { Menu } from "./menu.js";
import { csvCurves, download, pngPicture, svgPicture } from "./save.js";
import { explain, Said } from "./said.js";
import { script } from "./scripts.js";
import { decode, notOfRun } from "./settings.js";

/**
 * The run that is shown, as a link describes it; the twin of `Lab.settings`.
 * @param {import("./session.js").Session} session
 * @returns {import("./link.js").Linked}
 */
export function describeRun({ model, current: shown, replay }) {
  const { settings: controls } = decode(model);
  const steering = notOfRun(model);
  const teaching = { hide: model.get("hide") ?? [], lock: model.get("lock") ?? [], problems: [] };
  if (replay) return { ...replay, ...teaching };
  const settings = { ...model.get("fixed"), ...controls, ...shown.settings, ...steering };
  const end = settings.epochs * (shown.subject?.stepsPerEpoch ?? 0);
  const begun = shown.run > 0 || shown.step > 0;
  const asPlanned = !shown.changes.length && (!begun || shown.step === end || shown.stopped_early || shown.status === "training");
  return { settings, changes: shown.changes, stop: asPlanned ? null : shown.step, ...teaching };
}

export class More {
  /** @param {import("./view.js").View} view */
  constructor(view) {
    this.view = view;
    const { session, words } = view;
    this.full = new FullScreen(() => view.lab ?? view.root.parentElement);
    const items = this.items();
    this.menu = new Menu(words, "more", items.map((item) => ({ ...item, act: () => this.attempt(item.act) })));
    this.root = this.menu.root;
  }

  /** @returns {import("./menu.js").Item[]} */
  items() {
    const { session } = this.view;
    const { history } = session;
    const act = (action) => () => session.act(action);
    const ready = () => Boolean(session.shown.subject ?? session.shown.settings);
    return [
      { key: "undo", act: act("undo"), enabled: () => history.past.length > 0 },
      { key: "redo", act: act("redo"), enabled: () => history.future.length > 0 },
      { key: "reset", act: act("reset") },
      { key: this.keyOf("link"), act: () => this.showLink(), enabled: ready, apart: true },
      { key: "python", act: () => this.showPython(), enabled: ready },
      { key: "save_png", act: () => this.savePicture("png"), enabled: ready, apart: true },
      { key: "save_svg", act: () => this.savePicture("svg"), enabled: ready },
      { key: "save_csv", act: () => this.saveCurves(), enabled: ready },
      { key: "full", act: () => this.full.toggle(), name: () => (this.full.active ? "leave_full" : "full"), apart: true },
    ];
  }

  /** The message for a lab of this kind. @param {string} key */
  keyOf(key) {
    return key;
  }

  /** What is shown, as a link describes it. @returns {import("./link.js").Linked} */
  describe() {
    return describeRun(this.view.session);
  }

  link() {
    const { model } = this.view.session;
    return writeLink(model.get("lab_id"), this.describe(), model.get("link_rules"));
  }

  /** What goes wrong, now or later, is said in words. */
  attempt(work) {
    const { session } = this.view;
    session.guard(() => {
      const later = work();
      later?.catch?.((error) => session.guard(() => {
        throw error;
      }));
    });
  }

  showLink() {
    const { root, words } = this.view;
    this.linkDialog ??= new LinkDialog(root, words, (key) => this.keyOf(key));
    return this.linkDialog.show(this.link(), this.hasAddress);
  }

  /** Whether the page's address is one to hand on: a page that trains by itself, not an application. */
  get hasAddress() {
    const { session } = this.view;
    const application = "jpThemeLight" in document.body.dataset || !/^(https?|file):$/.test(location.protocol);
    return session.mode === "page" && !session.shown.kernelAvailable && !application;
  }

  async showPython() {
    const { root, words } = this.view;
    this.pythonDialog ??= new PythonDialog(root, words, (key) => this.keyOf(key));
    this.pythonDialog.show(await this.scripts());
  }

  /** @returns {Record<string, string> | Promise<Record<string, string>>} by kind */
  scripts() {
    const { words } = this.view;
    const run = this.describe();
    const text = (kind) => {
      try {
        return script(kind, run);
      } catch (error) {
        if (!(error instanceof Said)) throw error;
        return explain(words, error);
      }
    };
    return { nnlib: text("nnlib"), torch: text("torch") };
  }

  async savePicture(kind) {
    const { session, words, palette, surface, course } = this.view;
    const id = session.model.get("lab_id");
    const { test, decided } = decode(session.model).display;
    const alt = surface.field.getAttribute("aria-label") ?? "";
    const layer = Math.max(0, course.histogram.select.selectedIndex);
    const seen = { words, palette, labId: id, alt, test, decided, plot: course.root.dataset.plot, layer };
    const svg = svgPicture(session.current, seen);
    const blob = kind === "svg" ? new Blob([svg], { type: "image/svg+xml" }) : await pngPicture(svg);
    download(`${id}.${kind}`, blob);
  }

  saveCurves() {
    const { session } = this.view;
    const text = csvCurves(session.shown);
    download(`${session.model.get("lab_id")}.csv`, new Blob([text], { type: "text/csv" }));
  }

  dispose() {
    this.menu.dispose();
    this.full.dispose();
  }
}
