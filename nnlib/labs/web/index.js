/**
 * Where anywidget enters. It calls the factory below once for each widget model: all views of a model share a session.
 */

import { SCENES } from "./scenes/index.js";
import { SceneSession, SceneView } from "./scenes/scene.js";
import { Session } from "./session.js";
import { View } from "./view.js";

export default () => {
  /** @type {Session | SceneSession} */
  let session;
  return {
    initialize({ model }) {
      session = Object.hasOwn(SCENES, model.get("lab")) ? new SceneSession(model) : new Session(model);
      return () => session.dispose();
    },
    render({ el }) {
      const view = session instanceof SceneSession ? new SceneView(session, el) : new View(session, el);
      return () => view.dispose();
    },
  };
};
