/**
 * What a reader can do around a run: undo and reset, link, Python, saving, full screen. One menu of the toolbar.
 */

import { LinkDialog, PythonDialog } from "./dialogs.js";
import { FullScreen } from "./full_screen.js";
import { writeLink } from "./link.js";
import { Menu } from "./menu.js";
import { csvCurves, download, pngPicture, svgPicture } from "./save.js";
import { explain, Said } from "./said.js";
import { factsOf, script } from "./scripts.js";
import { decode, notOfRun } from "./settings.js";

/**
 * The run that is shown, as a link describes it; the twin of `Lab.settings`.
 * @param {import("./session.js").Session} session
 * @returns {import("./link.js").Linked}
 */
export function describeRun({ model, shown, replay }) {
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
    const act = (action) => () => session.act(action);
    const { history } = session;
    const ready = () => Boolean(session.shown.subject);
    const items = [
      { key: "undo", act: act("undo"), enabled: () => history.past.length > 0 },
      { key: "redo", act: act("redo"), enabled: () => history.future.length > 0 },
      { key: "reset", act: act("reset") },
      { key: "link", act: () => this.showLink(), enabled: ready, apart: true },
      { key: "python", act: () => this.showPython(), enabled: ready },
      { key: "save_png", act: () => this.savePicture("png"), enabled: ready, apart: true },
      { key: "save_svg", act: () => this.savePicture("svg"), enabled: ready },
      { key: "save_csv", act: () => this.saveCurves(), enabled: ready },
      { key: "full", act: () => this.full.toggle(), name: () => (this.full.active ? "leave_full" : "full"), apart: true },
    ];
    this.menu = new Menu(words, "more", items.map((item) => ({ ...item, act: () => this.attempt(item.act) })));
    this.root = this.menu.root;
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
    const { session, root, words } = this.view;
    const { model } = session;
    this.linkDialog ??= new LinkDialog(root, words);
    const text = writeLink(model.get("lab_id"), describeRun(session), model.get("link_rules"));
    return this.linkDialog.show(text, this.hasAddress);
  }

  /** Whether the page's address is one to hand on: a page that trains by itself, not an application. */
  get hasAddress() {
    const { session } = this.view;
    const application = "jpThemeLight" in document.body.dataset || !/^(https?|file):$/.test(location.protocol);
    return session.mode === "page" && !session.shown.kernelAvailable && !application;
  }

  showPython() {
    const { session, root, words } = this.view;
    this.pythonDialog ??= new PythonDialog(root, words);
    const run = describeRun(session);
    const facts = factsOf(session.shown.subject);
    const text = (kind) => {
      try {
        return script(kind, run, facts);
      } catch (error) {
        if (!(error instanceof Said)) throw error;
        return explain(words, error);
      }
    };
    this.pythonDialog.show({ nnlib: text("nnlib"), torch: text("torch") });
  }

  async savePicture(kind) {
    const { session, words, palette, surface } = this.view;
    const id = session.model.get("lab_id");
    const svg = svgPicture(session.shown, palette, words, id, surface.field.getAttribute("aria-label") ?? "");
    const blob = kind === "svg" ? new Blob([svg], { type: "image/svg+xml" }) : await pngPicture(svg);
    download(`${id}.${kind}`, blob);
  }

  async saveCurves() {
    const { session } = this.view;
    const text = await csvCurves(session.shown);
    download(`${session.model.get("lab_id")}.csv`, new Blob([text], { type: "text/csv" }));
  }

  dispose() {
    this.menu.dispose();
    this.full.dispose();
  }
}
