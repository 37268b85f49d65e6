/**
 * Teacher mode: controls that are not shown (trait `hide`) and controls that are shown and cannot be moved (`lock`).
 */

/** Whether the view must leave this control alone: the reader could not move it either. @param {any} model */
export function barred(model, field) {
  return locked(model, field) || (model.get("hide") ?? []).includes(field);
}

/** @param {any} model @param {string} field */
export function locked(model, field) {
  return (model.get("lock") ?? []).includes(field);
}

/**
 * Bring one control into the state that the teacher wants; done anew after each of its redrawings.
 * @param {Element} control @param {any} model @param {string} field
 */
export function teachControl(control, model, field) {
  control.classList.toggle("nnlib-hidden", (model.get("hide") ?? []).includes(field));
  const lock = locked(model, field);
  if (!lock && !control.classList.contains("nnlib-locked")) return;
  control.classList.toggle("nnlib-locked", lock);
  for (const input of control.querySelectorAll("select, input")) input.disabled = lock;
  // The slider itself asks its own element whether it is disabled, before it answers to pointer or key.
  for (const slider of control.querySelectorAll(".noUi-target")) toggle(slider, "disabled", lock);
  for (const handle of control.querySelectorAll(".noUi-handle")) set(handle, "aria-disabled", String(lock));
  if (lock) for (const readout of control.querySelectorAll(".widget-readout")) set(readout, "contenteditable", "false");
}

/** A heading above hidden controls alone goes with them. @param {Element} lab */
export function teachGroups(lab) {
  for (const group of lab.querySelectorAll(".nnlib-group")) {
    const controls = [...group.children].filter((child) => child.matches("[class*='nnlib-control-']"));
    const empty = controls.length > 0 && controls.every((control) => control.classList.contains("nnlib-hidden"));
    group.classList.toggle("nnlib-hidden", empty);
  }
}

/** Attributes are written only where they differ: each writing is a change, and would be answered by the next. */
function set(target, name, value) {
  if (target.getAttribute(name) !== value) target.setAttribute(name, value);
}

function toggle(target, name, on) {
  if (target.hasAttribute(name) !== on) target.toggleAttribute(name, on);
}
