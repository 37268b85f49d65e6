/**
 * What the reader has set, step by step: the ground for undo, redo and reset.
 *
 * A snapshot holds the raw values of all controls and of the other traits that settings are read from. Going back moves
 * the controls, and the links between them and the view carry that to a kernel as any other move of theirs.
 */

import { RAW } from "./settings.js";
import { locked } from "./teach.js";

/** Moves of one control that follow each other so quickly are one drag. */
const ONE_MOVE = 700;
const LONGEST = 100;

/**
 * @typedef {Object} ByHand  a parameter that was set, several times if these belong to one move
 * @property {string} field  "p17"
 * @property {number[]} values
 * @property {[number, string, number][]} [taken]  what has been taken out of the run's log
 * @property {number} [run]  of which run
 */

export class History {
  /**
   * @param {any} model
   * @param {string[]} traits  what is kept
   * @param {(byHand: ByHand, back: boolean) => boolean} [setByHand]  takes numbers set by hand back, or brings them
   *   back; returns whether the run on the screen could take that
   */
  constructor(model, traits, setByHand = () => false) {
    this.model = model;
    this.traits = traits;
    this.setByHand = setByHand;
    /** @type {(Record<string, any> | {byHand: ByHand})[]} snapshots of traits, and numbers set by hand */
    this.past = [];
    this.future = [];
    this.current = this.take();
    this.lastTrait = "";
    this.lastAt = -Infinity;
    this.restoring = false;
  }

  take() {
    return Object.fromEntries(this.traits.map((trait) => [trait, this.model.get(trait)]));
  }

  /** A trait has changed. @param {string} trait */
  note(trait) {
    if (this.restoring) return;
    const now = performance.now();
    const goesOn = trait === this.lastTrait && now - this.lastAt < ONE_MOVE;
    if (!goesOn) this.remember();
    this.current = this.take();
    Object.assign(this, { lastTrait: trait, lastAt: now });
  }

  /** Take what follows by itself from the last move as a part of it. @param {() => void} [work] */
  amend(work = () => {}) {
    const { restoring } = this;
    this.restoring = true;
    try {
      work();
    } finally {
      this.restoring = restoring;
      this.current = this.take();
    }
  }

  /** A number of the network has been set by hand: that is in no trait, but in the log of the run. */
  noteByHand(field, value) {
    const now = performance.now();
    const goesOn = field === this.lastTrait && now - this.lastAt < ONE_MOVE;
    if (goesOn) this.past.at(-1).byHand.values.push(value);
    else {
      this.past = [...this.past, { byHand: { field, values: [value] } }].slice(-LONGEST);
      this.future = [];
    }
    Object.assign(this, { lastTrait: field, lastAt: now });
  }

  remember() {
    this.past = [...this.past, this.current].slice(-LONGEST);
    this.future = [];
  }

  /** Do several moves as one. @param {() => void} work */
  together(work) {
    const { past, future, current } = this;
    this.remember();
    this.restoring = true;
    try {
      work();
    } finally {
      this.restoring = false;
      this.current = this.take();
      this.lastTrait = "";
    }
    if (same(current, this.current)) Object.assign(this, { past, future });
  }

  /** Put traits back. @param {Record<string, any>} values @returns {boolean} whether anything differed */
  put(values) {
    const free = ([trait]) => !(trait.startsWith(RAW) && locked(this.model, trait.slice(RAW.length)));
    const differs = ([trait, value]) => !same(this.model.get(trait), value);
    const differing = Object.entries(values).filter(free).filter(differs);
    this.restoring = true;
    try {
      for (const [trait, value] of differing) this.model.set(trait, value);
      if (differing.length) this.model.save_changes();
    } finally {
      this.restoring = false;
    }
    this.current = this.take();
    this.lastTrait = "";
    return differing.length > 0;
  }

  undo() {
    this.step(this.past, this.future, true);
  }

  redo() {
    this.step(this.future, this.past, false);
  }

  step(from, to, back) {
    this.lastTrait = "";
    while (from.length) {
      const next = from.pop();
      // Moves that led nowhere are passed over, and so are numbers of a run that is gone.
      if (!next.byHand) {
        to.push(this.current);
        if (this.put(next)) return;
      } else if (this.setByHand(next.byHand, back)) {
        to.push(next);
        return;
      }
    }
  }
}

const same = (one, other) => one === other || JSON.stringify(one) === JSON.stringify(other);
