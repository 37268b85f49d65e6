/**
 * What a reader may do with a control, and what a screen reader hears of it.
 *
 * The controls are ipywidgets, which draw and redraw themselves: they give the handles of their sliders no name and tell
 * their raw numbers (the index of a notch, 0.30000000000000004), make every readout editable, also where no typed text
 * can be taken, and drop characters from whole numbers. All that is put right here, in one place, after each of
 * their changes.
 */

import { openGroups } from "./disclosure.js";
import { keepKeys } from "./dom.js";
import { teachControl, teachGroups } from "./teach.js";

/** What ipywidgets changes that has to be put right again. */
const WATCHED = {
  subtree: true, childList: true, characterData: true, attributes: true,
  attributeFilter: ["aria-valuetext", "contenteditable", "title", "data-idle"],
};
const WHOLE = /^[+-]?\d+$/;

/**
 * Put right all controls of a lab, now and whenever they change.
 * @param {Element} lab   holds the controls, now or soon
 * @param {Element[]} views  parts of the lab that change often and hold none
 * @param {any} model
 * @returns {() => void} stops watching
 */
export function tendControls(lab, views, model) {
  const tend = () => {
    openGroups(lab);
    const idle = (lab.dataset.idle ?? "").split(" ");
    for (const { field, kind } of model.get("schema")) {
      const control = lab.querySelector(`.nnlib-controls .nnlib-control-${field.replaceAll("_", "-")}`);
      if (!control) continue;
      tendTooltip(control, model.get("messages")[`tip_${field}`] ?? "");
      for (const part of control.querySelectorAll(".noUi-handle, .widget-readout, select, input")) keepKeys(part);
      if (control.matches(".widget-slider")) tendSlider(control, kind === "choice");
      for (const input of control.querySelectorAll("input[type=number]")) tendNumber(input, model, field);
      teachControl(control, model, field);
      control.classList.toggle("nnlib-idle", idle.includes(field));
    }
    for (const label of lab.querySelectorAll(".nnlib-controls [title=null]")) label.removeAttribute("title");
    teachGroups(lab);
  };
  const observer = new MutationObserver((records) => {
    if (records.some(({ target }) => !views.some((view) => view.contains(target)))) tend();
  });
  observer.observe(lab, WATCHED);
  tend();
  for (const trait of ["hide", "lock"]) model.on(`change:${trait}`, tend);
  return () => {
    observer.disconnect();
    for (const trait of ["hide", "lock"]) model.off(`change:${trait}`, tend);
  };
}

/**
 * Controls that do nothing just now stay usable, but pale. The lab's element keeps their names, so that controls which
 * are drawn later are pale, too.
 * @param {HTMLElement | undefined} lab @param {string[]} fields
 */
export function showIdle(lab, fields) {
  const names = fields.join(" ");
  if (lab && (lab.dataset.idle ?? "") !== names) lab.dataset.idle = names;
}

/** Attributes are written only where they differ: each writing is a change, and would be answered by the next. */
function setAttribute(target, name, value) {
  if (target.getAttribute(name) !== value) target.setAttribute(name, value);
}

/** @param {Element} slider @param {boolean} notched  its readout names a notch: nothing to type */
function tendSlider(slider, notched) {
  const label = slider.querySelector(".widget-label")?.textContent ?? "";
  const readout = slider.querySelector(".widget-readout");
  if (!readout) return;
  if (notched) {
    setAttribute(readout, "contenteditable", "false");
  } else {
    setAttribute(readout, "role", "textbox");
    setAttribute(readout, "aria-label", label);
  }
  for (const handle of slider.querySelectorAll(".noUi-handle")) {
    setAttribute(handle, "aria-label", label);
    // What is being typed is no value yet.
    if (readout !== document.activeElement) setAttribute(handle, "aria-valuetext", readout.textContent.trim());
  }
}

/** What a setting means stands where the pointer rests; ipywidgets would write "null". @param {Element} control */
function tendTooltip(control, tip) {
  for (const label of control.querySelectorAll(".widget-label, .widget-label-basic, .widget-label-basic span")) setAttribute(label, "title", tip);
}

const tended = new WeakSet();

/**
 * A field for whole numbers: ipywidgets drops the point of 1.5 and takes 15. Here the field keeps what is typed, and
 * goes back to the number in force when that was no whole number.
 * @param {HTMLInputElement} input @param {any} model @param {string} field
 */
function tendNumber(input, model, field) {
  if (tended.has(input)) return;
  tended.add(input);
  input.inputMode = "numeric";
  for (const kind of ["keypress", "keyup"]) input.addEventListener(kind, (event) => event.stopPropagation());
  input.addEventListener("change", (event) => {
    if (WHOLE.test(input.value.trim())) return;
    event.stopPropagation();
    input.value = model.get(`value_${field}`);
  });
}
