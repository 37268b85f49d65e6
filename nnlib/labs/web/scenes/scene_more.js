/**
 * What a reader can do around a scene: undo and reset, link, Python, saving the picture, full screen.
 *
 * There is no run, so there are no curves to save.
 */

import { More } from "../more.js";
import { download, pngPicture } from "../save.js";
import { explain } from "../said.js";
import { decode } from "../settings.js";
import { kindsOf, sceneScript } from "./scripts.js";
import { pictureOf } from "./snapshot.js";

export class SceneMore extends More {
  /** @param {import("./scene.js").SceneView} view */
  constructor(view) {
    super(view);
    this.root.addEventListener("focusin", () => view.session.greet(), { once: true });
  }

  items() {
    const without = ["save_csv", ...(kindsOf(this.view.session.model.get("lab")).length ? [] : ["python"])];
    return super.items().filter(({ key }) => !without.includes(key));
  }

  keyOf(key) {
    return `${key}_scene`;
  }

  describe() {
    const { model } = this.view.session;
    const { settings } = decode(model);
    return { settings, changes: [], stop: null, hide: model.get("hide") ?? [], lock: model.get("lock") ?? [], problems: [] };
  }

  get hasAddress() {
    return !this.view.session.kernel && super.hasAddress;
  }

  scripts() {
    const { session, words } = this.view;
    const lab = session.model.get("lab");
    const { settings } = decode(session.model);
    const text = (kind) => {
      try {
        return sceneScript(lab, kind, settings, session.texts, words);
      } catch (error) {
        return explain(words, error);
      }
    };
    return Object.fromEntries(kindsOf(lab).map((kind) => [kind, text(kind)]));
  }

  async savePicture(kind) {
    const { session, words, palette, host, lab } = this.view;
    const id = session.model.get("lab_id");
    const svg = pictureOf(host, lab ?? host, palette, words.say("saved_scene", { lab: id }), this.view.root.getAttribute("aria-label") ?? "");
    const blob = kind === "svg" ? new Blob([svg], { type: "image/svg+xml" }) : await pngPicture(svg);
    download(`${id}.${kind}`, blob);
  }
}
