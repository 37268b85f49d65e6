/**
 * The slider under the curves, along the run: where the reader looks at the run as it was.
 *
 * It lies under the same stretch as the curves' horizontal axis, and the curves themselves can be dragged over as well.
 */

import { lastEpoch, MARGIN } from "./curves.js";
import { button, element, keepKeys, setText } from "./dom.js";
import { formatNumber } from "./words.js";

/** Snapshots that Page Up and Page Down go on. */
const PAGE = 10;
/** Pixels that a finger must move to be understood. */
const SIDEWAYS = 6;

export class RewindBar {
  /**
   * @param {import("./words.js").Words} words @param {import("./session.js").Session} session
   * @param {HTMLElement} curves  the box of the curves
   */
  constructor(words, session, curves) {
    this.words = words;
    this.session = session;
    this.thumb = element("div", "nnlib-thumb");
    this.track = element("div", "nnlib-track", element("div", "nnlib-rail"), this.thumb);
    this.track.tabIndex = 0;
    this.track.setAttribute("role", "slider");
    this.track.setAttribute("aria-label", words.say("rewind"));
    this.track.setAttribute("aria-valuemin", "0");
    this.track.style.marginInline = `${MARGIN.left}px ${MARGIN.right}px`;
    keepKeys(this.track);
    this.text = element("span", "nnlib-then");
    this.go = button("nnlib-button", [words.say("go_on")], words.say("go_on_title"), () => this.goOn());
    this.back = button("nnlib-button", [words.say("to_end")], words.say("to_end_title"), () => this.toEnd());
    const buttons = element("span", "nnlib-then-buttons", this.back, this.go);
    this.root = element("div", "nnlib-rewind", this.track, element("div", "nnlib-rewound", this.text, buttons));
    this.listen(curves);
  }

  listen(curves) {
    this.track.addEventListener("keydown", (event) => {
      const work = this.keys()[event.key];
      if (!work || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      this.look(work);
    });
    for (const host of [this.track, curves]) {
      const follow = (event) => {
        const { left } = curves.getBoundingClientRect();
        const width = curves.clientWidth - MARGIN.left - MARGIN.right;
        const share = (event.clientX - left - MARGIN.left) / width;
        this.look((past) => past.look(Math.max(0, Math.min(1, share)) * this.length));
      };
      // A finger that moves up or down scrolls the page: it looks back only when it moves sideways, or taps.
      let from = null;
      host.addEventListener("pointerdown", (event) => {
        if (event.button !== 0 || !this.length) return;
        host.setPointerCapture(event.pointerId);
        this.dragged = event.pointerId;
        this.track.focus({ preventScroll: true, focusVisible: false });
        from = event.pointerType === "touch" ? event.clientX : null;
        if (from === null) follow(event);
      });
      host.addEventListener("pointermove", (event) => {
        if (this.dragged !== event.pointerId || (from !== null && Math.abs(event.clientX - from) < SIDEWAYS)) return;
        from = null;
        follow(event);
      });
      host.addEventListener("pointerup", (event) => {
        if (this.dragged === event.pointerId && from !== null) follow(event);
        this.dragged = null;
      });
      host.addEventListener("pointercancel", () => (this.dragged = null));
    }
  }

  keys() {
    return {
      ArrowLeft: (past) => past.move(-1),
      ArrowDown: (past) => past.move(-1),
      ArrowRight: (past) => past.move(1),
      ArrowUp: (past) => past.move(1),
      PageDown: (past) => past.move(-PAGE),
      PageUp: (past) => past.move(PAGE),
      Home: (past) => past.look(0),
      End: (past) => past.leave(),
    };
  }

  /** @param {(past: import("./rewind.js").Past) => void} work */
  look(work) {
    this.session.guard(() => {
      if (!this.session.shown.subject || !this.session.past.end) return;
      work(this.session.past);
      this.session.stage.request();
    });
  }

  goOn() {
    this.session.guard(() => this.session.act("go_on"));
    this.track.focus({ preventScroll: true, focusVisible: false });
  }

  toEnd() {
    this.look((past) => past.leave());
    this.track.focus({ preventScroll: true, focusVisible: false });
  }

  /** @param {import("./session.js").Shown} shown */
  update(shown) {
    const { words, track } = this;
    const length = (this.length = lastEpoch(shown));
    const end = shown.subject ? this.session.past.end : 0;
    const at = shown.rewoundTo ?? end;
    this.thumb.style.left = `${(100 * at) / length}%`;
    track.firstChild.style.width = `${(100 * end) / length}%`;
    const rewound = shown.rewoundTo !== undefined;
    this.root.classList.toggle("nnlib-looks-back", rewound);
    for (const one of [this.go, this.back]) one.classList.toggle("nnlib-away", !rewound);
    setText(this.text, rewound ? words.say("rewound_to", { epoch: shown.epoch }) : words.say("rewind_how"));
    // While training goes on, the slider's value is no news: it is said when the reader moves it, or when the run rests.
    if (shown.status === "training") return;
    const values = {
      epoch: shown.epoch, train_loss: formatNumber(shown.train_loss), test_loss: formatNumber(shown.test_loss),
    };
    const attributes = {
      "aria-valuemax": Math.floor(end), "aria-valuenow": Math.floor(at), "aria-disabled": end === 0,
      "aria-valuetext": words.say("rewind_value", values),
    };
    for (const [name, value] of Object.entries(attributes)) {
      if (track.getAttribute(name) !== String(value)) track.setAttribute(name, String(value));
    }
  }
}
