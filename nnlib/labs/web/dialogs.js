/**
 * Dialogs: a text to look at and to copy, as the link to a run or the Python behind it.
 *
 * They are native: the focus stays inside, Escape closes, and the focus goes back to where it was.
 */

import { button, element, keepKeys, setText } from "./dom.js";

let count = 0;

/**
 * @typedef {(key: string) => string} KeyOf  the message for a lab of this kind
 */

/** Put a text on the clipboard; where that is refused, it stays marked. @returns {Promise<boolean>} */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

class TextDialog {
  /** @param {HTMLElement} host @param {import("./words.js").Words} words @param {string} key  of the title */
  constructor(host, words, key) {
    this.words = words;
    const title = element("p", "nnlib-dialog-title", words.say(key));
    title.id = `nnlib-dialog-${count += 1}`;
    const shut = button("nnlib-button nnlib-shut", ["×"], words.say("close"), () => this.root.close());
    shut.setAttribute("aria-label", words.say("close"));
    this.about = element("p", "nnlib-about");
    this.text = keepKeys(element("textarea", "nnlib-text"));
    Object.assign(this.text, { readOnly: true, spellcheck: false, wrap: "off" });
    this.text.setAttribute("aria-labelledby", title.id);
    this.copy = button("nnlib-button nnlib-primary", [words.say("copy")], "", () => this.onCopy());
    this.said = element("span", "nnlib-copied");
    this.said.setAttribute("role", "status");
    const foot = element("div", "nnlib-foot", this.copy, this.said);
    this.root = element("dialog", "nnlib-dialog", element("div", "nnlib-head", title, shut), this.about, this.text, foot);
    this.root.setAttribute("aria-labelledby", title.id);
    // A press on the ground around it closes it, too.
    this.root.addEventListener("pointerdown", (event) => event.target === this.root && this.outside(event) && this.root.close());
    this.root.addEventListener("keydown", (event) => event.stopPropagation());
    keepKeys(this.root);
    host.append(this.root);
  }

  outside({ clientX, clientY }) {
    const { left, right, top, bottom } = this.root.getBoundingClientRect();
    return clientX < left || clientX > right || clientY < top || clientY > bottom;
  }

  open() {
    setText(this.said, "");
    this.root.showModal();
    this.copy.focus();
  }

  async onCopy() {
    const done = await copy(this.text.value);
    if (!done) {
      this.text.focus();
      this.text.select();
    }
    setText(this.said, this.words.say(done ? "copied" : "not_copied"));
  }
}

export class LinkDialog extends TextDialog {
  constructor(host, words, keyOf) {
    super(host, words, keyOf("link_title"));
    this.keyOf = keyOf;
    this.text.rows = 4;
    this.text.wrap = "soft";
  }

  /** Show a link, and copy it at once. @param {string} link @param {boolean} onPage  as an address, not as Python */
  show(link, onPage) {
    setText(this.about, this.words.say(this.keyOf(onPage ? "link_page" : "link_kernel")));
    const [address] = location.href.split("#");
    this.text.value = onPage ? `${address}${link}` : `nnlib.labs.Lab.from_link("${link}")`;
    this.open();
    if (onPage) return this.onCopy();
  }
}

const KINDS = ["nnlib", "torch"];

export class PythonDialog extends TextDialog {
  constructor(host, words, keyOf) {
    super(host, words, keyOf("python_title"));
    this.text.rows = 18;
    this.panel = element("div");
    this.text.replaceWith(this.panel);
    this.panel.append(this.text);
    this.panel.id = `nnlib-dialog-panel-${count}`;
    this.panel.setAttribute("role", "tabpanel");
    this.tabs = KINDS.map((kind) => {
      const tab = button("nnlib-tab", [words.say(`tab_${kind}`)], "", () => this.choose(kind));
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", this.panel.id);
      tab.id = `${this.panel.id}-${kind}`;
      return tab;
    });
    const tabs = element("div", "nnlib-tabs", ...this.tabs);
    tabs.setAttribute("role", "tablist");
    tabs.addEventListener("keydown", (event) => this.onTabKey(event));
    this.about.after(tabs);
    setText(this.about, words.say(keyOf("python_about")));
  }

  /** @param {Record<string, string>} scripts  by kind */
  show(scripts) {
    this.scripts = scripts;
    // Not every lab has a script of each kind.
    this.tabs.forEach((tab, i) => (tab.hidden = !(KINDS[i] in scripts)));
    this.choose(this.kind in scripts ? this.kind : KINDS[0]);
    this.open();
    this.tabs[KINDS.indexOf(this.kind)].focus();
  }

  choose(kind) {
    this.kind = kind;
    this.text.value = this.scripts[kind];
    this.text.scrollTop = 0;
    setText(this.said, "");
    this.tabs.forEach((tab, i) => {
      const chosen = KINDS[i] === kind;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      if (chosen) this.panel.setAttribute("aria-labelledby", tab.id);
    });
  }

  onTabKey(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const kinds = KINDS.filter((kind) => kind in this.scripts);
    this.choose(kinds.at((kinds.indexOf(this.kind) + step) % kinds.length));
    this.tabs[KINDS.indexOf(this.kind)].focus();
  }
}
