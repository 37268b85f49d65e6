/**
 * Where anywidget enters: a quiz or a field for a number, drawn into the element that it hands over.
 */

import { currentTheme, watchTheme } from "../../labs/web/colours.js";
import { ask } from "./ask.js";
import { quiz } from "./quiz.js";

const KINDS = { ask, quiz };

export default {
  render({ model, el }) {
    const root = document.createElement("form");
    root.className = "nnlib-question";
    root.noValidate = true;
    root.dataset.nnlibQuestion = model.get("name");
    KINDS[model.get("kind")](root, model);
    const dress = (theme) => { root.dataset.nnlibTheme = theme; };
    dress(currentTheme());
    el.append(root);
    return watchTheme(dress);
  },
};
