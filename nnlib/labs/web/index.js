/**
 * Where anywidget enters. It calls the factory below once for each widget model: all views of a model share a session.
 */

import { Session } from "./session.js";
import { View } from "./view.js";

export default () => {
  /** @type {Session} */
  let session;
  return {
    initialize({ model }) {
      session = new Session(model);
      return () => session.dispose();
    },
    render({ el }) {
      const view = new View(session, el);
      return () => view.dispose();
    },
  };
};
