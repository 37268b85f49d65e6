// What the tests of the gallery run inside a page: they move the real controls by the events that a reader's hand makes,
// many times a second, and look at the lab after each. Added before the page's own scripts.

window.probe = (() => {
  const STATUSES = ["training", "finished", "paused", "stopped-by-doctor"];
  const KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "Enter", "+", "-"];
  const BAD = /\b(NaN|undefined|Infinity)\b|\[object /;
  // Two controls may contradict each other: the lab says so, and goes on when one of them is moved.
  const FORESEEN = /does not suit a (binary|multiclass|regression) task/;
  const TECHNICAL = /Cannot |is not (a function|defined|iterable)|properties of|Failed to execute|Invalid |call stack/;
  /** No lab needs more frames for an epoch, or to bring a run back to a step. */
  const EPOCH = 300;
  /** How often anything on the page has asked for an animation frame. */
  let frames = 0;
  const request = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (callback) => ((frames += 1), request(callback));

  const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
  /** What a move has asked for is painted in the next frame, or in the one behind it. */
  const painted = () => new Promise((done) => request(() => setTimeout(done)));
  const lab = () => document.querySelector(".nnlib-lab");
  const root = () => document.querySelector("[data-nnlib-lab]");
  const shown = (node) => node.checkVisibility({ visibilityProperty: true }) && !node.closest("[inert], :disabled");
  const press = (node, key) => node.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  const type = (input, text) => {
    input.value = text;
    for (const kind of ["input", "change"]) input.dispatchEvent(new Event(kind, { bubbles: true }));
  };

  // ---- the controls: what each can be set to, and how

  const controls = () =>
    [...lab().querySelectorAll(".nnlib-controls [class*='nnlib-control-']")].map((node) => ({
      field: [...node.classList].find((name) => name.startsWith("nnlib-control-")).slice("nnlib-control-".length),
      handle: node.querySelector(".noUi-handle"),
      choice: node.querySelector("select"),
      box: node.querySelector("input[type=checkbox]"),
      number: node.querySelector("input[type=number]"),
      text: node.querySelector("input[type=text]"),
    }));

  const find = (field) => controls().find((control) => control.field === field);

  function value(field) {
    const { handle, choice, box, number, text } = find(field);
    if (handle) return handle.getAttribute("aria-valuenow");
    if (choice) return String(choice.selectedIndex);
    return box ? String(box.checked) : (number ?? text).value;
  }

  /** Everything that a control can be set to: the ends and the way between of a slider, each choice, nonsense too. */
  function range(field) {
    const { handle, choice, box, number, text } = find(field);
    if (handle) return ["Home", "End", "PageDown", "ArrowLeft", "PageUp", "ArrowRight"];
    if (choice) return [...choice.options].map((_, index) => String(index));
    if (box) return ["true", "false"];
    if (number) return [number.min || "0", number.max || "9999", "1.5", "-3", "", "7"];
    return text ? ["", "1 2 1", "nonsense", "9".repeat(300)] : [];
  }

  function set(field, to) {
    const { handle, choice, box, number, text } = find(field);
    if (handle) press(handle, to);
    else if (choice) {
      choice.selectedIndex = Number(to);
      choice.dispatchEvent(new Event("change", { bubbles: true }));
    } else if (box) {
      if (String(box.checked) !== to) box.click();
    } else type(number ?? text, to);
  }

  /** Put a control back; a slider goes there notch by notch. */
  function restore(field, to) {
    const { handle } = find(field);
    if (!handle) return set(field, to);
    press(handle, "Home");
    for (let notch = 0; notch < 1000 && Math.abs(value(field) - to) > 1e-9; notch++) press(handle, "ArrowRight");
  }

  // ---- everything that can be done

  const buttons = () => [...lab().querySelectorAll("button, summary, [role=button], [role=menuitem]")].filter(shown);
  const stops = () => [...lab().querySelectorAll("[tabindex='0']:not(.noUi-handle)")].filter(shown);
  const nameOf = (node) => node.ariaLabel || node.textContent.trim() || node.className;

  const PICKS = [
    [6, () => controls().flatMap(({ field }) => range(field).map((to) => [`${field} ${to}`, () => set(field, to)]))],
    [3, () => buttons().map((node) => [`click ${nameOf(node)}`, () => node.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }))])],
    [2, () => stops().flatMap((node) => KEYS.map((key) => [`${key} on ${nameOf(node)}`, () => (node.focus(), press(node, key))]))],
    [1, () => [...lab().querySelectorAll(".nnlib-view select")].filter(shown).map((node) => [`other ${nameOf(node)}`, () => {
      node.selectedIndex = (node.selectedIndex + 1) % node.options.length;
      node.dispatchEvent(new Event("change", { bubbles: true }));
    }])],
  ];

  // ---- what must hold after each

  const notices = () => [...lab().querySelectorAll("[role=alert]")].filter(shown).map((node) => node.innerText.trim());

  /** Whether there is no loss, and nothing tells why. */
  function silent() {
    const { trainLoss, step, status, scene } = root().dataset;
    const trains = step !== undefined && scene === undefined;
    return trains && trainLoss === "" && status !== "stopped-by-doctor" && notices().length === 0;
  }

  /** What is wrong with the lab as it stands; "" if nothing is. @param {string} failed  how an unforeseen error begins */
  async function trouble(failed) {
    const { dataset } = root();
    if (!STATUSES.includes(dataset.status)) return `its status is ${dataset.status}`;
    const told = [...lab().querySelectorAll("[aria-label], [aria-valuetext], [title]")].flatMap((node) =>
      ["aria-label", "aria-valuetext", "title"].map((name) => node.getAttribute(name) ?? ""));
    for (const text of [lab().innerText, ...told]) {
      if (BAD.test(text)) return `it says ${JSON.stringify(BAD.exec(text).input.slice(0, 300))}`;
    }
    // Nonsense that was typed is answered in words; nothing else may come to that.
    const typed = controls().some(({ text }) => text);
    const unforeseen = (text) => text.startsWith(failed) && !typed && !FORESEEN.test(text);
    const broken = notices().find((text) => TECHNICAL.test(text) || unforeseen(text));
    if (broken) return broken;
    // The doctor speaks where a run rests, and where it trains when an epoch ends, which takes some frames at most.
    for (let frame = 0; silent(); frame++) {
      if (frame === EPOCH) return `there is no loss, and nothing tells why: ${JSON.stringify({ ...dataset })}`;
      await painted();
    }
    const { width, height } = lab().getBoundingClientRect();
    if (width < 200 || height < 200) return `it is ${width} by ${height} pixels`;
    return "";
  }

  /** mulberry32 */
  function chance(seed) {
    return () => {
      seed = (seed + 0x6d2b79f5) | 0;
      let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
  }

  // ---- for the tests

  /** Each control through its range and back. Returns [what was done, what is wrong with the lab, …]. */
  async function everyControl(failed) {
    const done = [];
    for (const { field } of controls()) {
      const start = value(field);
      for (const to of range(field)) {
        done.push(`${field} ${to}`);
        set(field, to);
        await painted();
        const wrong = await trouble(failed);
        if (wrong) return { done, wrong };
      }
      restore(field, start);
      await painted();
      if (value(field) !== start) return { done, wrong: `${field} is ${value(field)} and was ${start}` };
    }
    return { done, wrong: await trouble(failed) };
  }

  /** Random moves while the lab works; every other one comes before the one before it is painted. */
  async function walk(failed, moves, seed) {
    const random = chance(seed);
    const pick = (list) => list[Math.floor(random() * list.length)];
    const kinds = PICKS.flatMap(([weight, kind]) => Array(weight).fill(kind));
    const done = [];
    while (done.length < moves) {
      const move = pick(pick(kinds)());
      if (!move) continue;
      done.push(move[0]);
      move[1]();
      if (random() < 0.5) continue;
      await painted();
      const wrong = await trouble(failed);
      if (wrong) return { done, wrong };
    }
    await painted();
    return { done, wrong: await trouble(failed) };
  }

  /** Wait until nothing asks for animation frames. Returns whether that has come. @param {string[]} ends  buttons to press */
  async function rests(ends = [], seconds = 20) {
    for (const end = performance.now() + 1000 * seconds; performance.now() < end; ) {
      for (const node of buttons()) if (ends.includes(node.ariaLabel)) node.click();
      const before = frames;
      await wait(400);
      if (frames === before) return true;
    }
    return false;
  }

  /**
   * Something that can be taken hold of, scrolled into view: where it stands. Chosen and measured in one go, for a lab
   * that trains draws its parts anew. @param {number} random  in [0, 1): which of them
   */
  function place(random) {
    const targets = [...lab().querySelectorAll("canvas, svg:not(.nnlib-mark), .nnlib-track")].filter(shown);
    const target = targets[Math.floor(random * targets.length)];
    target.scrollIntoView({ block: "nearest", behavior: "instant" });
    return target.getBoundingClientRect().toJSON();
  }

  return { everyControl, walk, rests, trouble, shown, place, frames: () => frames };
})();
