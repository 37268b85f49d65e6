/**
 * The views of one lab: which of them can be seen, and when they are painted.
 *
 * There is at most one animation frame asked for at a time. A lab that nobody sees is not painted, except once after it
 * has changed its size or its colours, so that it is right on paper and when it comes into sight.
 */

/** Readers who ask for less motion get a new picture after this many milliseconds. */
const CALM_INTERVAL = 250;

/** @typedef {import("./view.js").View} View */
/** @typedef {import("./session.js").Shown} Shown */

export class Stage {
  /** @param {{frame: () => void, visibility: (visible: boolean) => void}} callbacks */
  constructor(callbacks) {
    this.callbacks = callbacks;
    /** @type {Map<View, boolean>} */
    this.views = new Map();
    this.scheduled = 0;
    this.paintedAt = 0;
    this.paintedState = "";
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.onPageVisibility = () => this.tellVisibility();
    document.addEventListener("visibilitychange", this.onPageVisibility);
  }

  dispose() {
    cancelAnimationFrame(this.scheduled);
    document.removeEventListener("visibilitychange", this.onPageVisibility);
    this.views.clear();
    this.toldVisible = false;
  }

  /** @param {View} view */
  attach(view) {
    this.views.set(view, false);
    this.request();
  }

  /** @param {View} view */
  detach(view) {
    this.views.delete(view);
    this.tellVisibility();
  }

  /** A view has come into sight or left it. @param {View} view @param {boolean} visible */
  see(view, visible) {
    if (this.views.has(view)) this.views.set(view, visible);
    this.tellVisibility();
  }

  get visible() {
    return !document.hidden && [...this.views.values()].some(Boolean);
  }

  tellVisibility() {
    const { visible } = this;
    if (visible === this.toldVisible) return;
    this.toldVisible = visible;
    this.callbacks.visibility(visible);
  }

  /** Ask for an animation frame. */
  request() {
    if (this.scheduled) return;
    this.scheduled = requestAnimationFrame(() => {
      this.scheduled = 0;
      this.callbacks.frame();
    });
  }

  /**
   * Paint what can be seen; with reduced motion now and then, but at once when more than the epoch has changed.
   * @param {Shown} shown
   */
  paint(shown) {
    const now = performance.now();
    const { run, revision, status, engine, kernelAvailable, step } = shown;
    const state = [run, revision, status, engine, kernelAvailable, status === "training" || step].join();
    const waits = this.calm.matches && state === this.paintedState && now - this.paintedAt < CALM_INTERVAL;
    for (const [view, visible] of this.views) {
      if (view.stale || (visible && !waits)) view.paint(shown);
    }
    if (waits) return;
    this.paintedState = state;
    this.paintedAt = now;
  }

  /** Something beside the run has changed: paint all views anew. */
  refresh() {
    for (const view of this.views.keys()) view.stale = true;
    this.request();
  }

  /** Bring the lab into sight. */
  scrollToLab() {
    const [view] = this.views.keys();
    (view?.lab ?? view?.root)?.scrollIntoView({ block: "start" });
  }

  /** Show an error or take it away, without painting. @param {Shown} shown */
  showNotice(shown) {
    for (const view of this.views.keys()) view.showNotice(shown);
  }
}
