/**
 * Full screen for the classroom: the lab alone, larger. Where the browser refuses, it covers the page instead.
 */

export class FullScreen {
  /** @param {() => HTMLElement} lab  the element that fills the screen */
  constructor(lab) {
    this.find = lab;
    this.onChange = () => this.show(document.fullscreenElement === this.find());
    this.onKey = (event) => {
      if (event.key === "Escape" && this.covers && !document.querySelector("dialog[open]")) this.show(false);
    };
    document.addEventListener("fullscreenchange", this.onChange);
    document.addEventListener("keydown", this.onKey);
    this.active = false;
    this.covers = false;
  }

  async toggle() {
    const lab = this.find();
    if (this.active) {
      if (document.fullscreenElement === lab) await document.exitFullscreen();
      this.show(false);
      return;
    }
    try {
      await lab.requestFullscreen();
    } catch {
      this.show(true, true);
    }
  }

  /** @param {boolean} active @param {boolean} [covers]  the page, as the browser gives no full screen */
  show(active, covers = false) {
    Object.assign(this, { active, covers });
    const lab = this.find();
    lab?.classList.toggle("nnlib-full", active);
    lab?.classList.toggle("nnlib-covers", covers);
    document.documentElement.classList.toggle("nnlib-covered", covers);
  }

  dispose() {
    if (this.active) this.show(false);
    document.removeEventListener("fullscreenchange", this.onChange);
    document.removeEventListener("keydown", this.onKey);
  }
}
