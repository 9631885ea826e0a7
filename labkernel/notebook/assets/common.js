// What the cards use.  Loaded in front of lab.js, step.js and drill.js.

/** @type {Record<string, string>} */
const ICONS = {
  "not-run": "M3.5 8h9",
  run: "M4.5 2.5v11l8.5-5.5z",
  stop: "M3.5 3.5h9v9h-9z",
  reset: "M3.2 9.6a5 5 0 1 0 .9-4.7M3.6 1.8v3.4H7",
  hint: "M6 13.5h4M6.3 11.4c0-1.7-2.3-2.4-2.3-5.1a4 4 0 0 1 8 0c0 2.7-2.3 3.4-2.3 5.1z",
  end: "M8 2v5.5M4.6 4.3a5.2 5.2 0 1 0 6.8 0",
  jump: "M2 8h8.5M7.5 5l3 3-3 3M13.5 3v10",
  passed: "M3 8.5 6.4 12 13 4.5",
  check: "M2 4h7M2 8h4M2 12h4M8 10.5l2 2 4-5",
  ran: "M3 3.5l4.5 4.5L3 12.5M9 12.5h4.5",
  told: "M3 8h9M8.5 4.5 12 8l-3.5 3.5",
  running: "M8 2.5a5.5 5.5 0 1 1-5.5 5.5",
  stopped: "M3.5 3.5h9v9h-9z",
  "not-yet": "M8 3v6.5M8 12.8v.2",
  failed: "m4 4 8 8M12 4l-8 8",
  error: "m4 4 8 8M12 4l-8 8",
};

/** An element: h("p", {class: "x", text: "y"}, child, …).
 *  @template {LK.Tag} T
 *  @param {T} tag
 *  @param {LK.Attributes} attributes
 *  @param {LK.Child[]} children */
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") element.textContent = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

/** Text whose `words in backticks` are code.
 *  @template {LK.Tag} T
 *  @param {T} tag
 *  @param {string} text
 *  @param {LK.Attributes} attributes */
function prose(tag, text, attributes = {}) {
  const parts = text.split(/`([^`]+)`/).map((part, at) => (at % 2 ? h("code", { text: part }) : part));
  return h(tag, attributes, ...parts);
}

/** @param {string} name */
function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `lk-icon lk-icon-${name}`);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A button that keeps the focus when it can't be used: aria-disabled, not disabled.  `of` says
 *  whose it is, to those who hear the page.
 *  @param {string} name
 *  @param {string} label
 *  @param {() => unknown} act
 *  @param {LK.Attributes} options
 *  @returns {LK.Button} */
function button(name, label, act, { of, ...attributes } = {}) {
  const text = h("span", { text: label });
  const element = h("button", { type: "button", class: `lk-button lk-${name}`, ...attributes }, icon(name), text);
  const nameIt = () => of && element.setAttribute("aria-label", `${text.textContent}, ${of}`);
  nameIt();
  element.addEventListener("click", () => element.getAttribute("aria-disabled") !== "true" && act());
  return Object.assign(element, {
    enable: (/** @type {boolean} */ on) => element.setAttribute("aria-disabled", String(!on)),
    label: (/** @type {string} */ to) => {
      say(text, to);
      nameIt();
    },
  });
}

/** What may be wider than its place: keys reach it then, and scroll it.
 *  @template {Element} T
 *  @param {T} element
 *  @param {string} label */
function scrolled(element, label) {
  const look = () => {
    const wide = element.scrollWidth > element.clientWidth + 1;
    for (const [name, value] of Object.entries({ tabindex: "0", role: "group", "aria-label": label })) {
      if (wide) element.setAttribute(name, value);
      else element.removeAttribute(name);
    }
  };
  const sizes = new ResizeObserver(look);
  sizes.observe(element);
  if (element.firstElementChild) sizes.observe(element.firstElementChild);
  return element;
}

/** @param {HTMLElement} element
 *  @param {boolean} on */
function show(element, on) {
  if (element.hidden === on) element.hidden = !on;
}

/** @param {Node} element
 *  @param {string} text */
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** What has the focus, in the part of the page that the element is in.
 *  @param {Node} element */
function focusIn(element) {
  return /** @type {HTMLElement | null} */ (/** @type {Document} */ (element.getRootNode()).activeElement);
}

/** The bar of what is being done: a part of it, or that there is more to come.
 *  @param {string} label
 *  @returns {LK.Bar} */
function progressbar(label) {
  const fill = h("span");
  const bar = h("div", { class: "lk-bar", role: "progressbar", "aria-label": label, hidden: true }, fill);
  return Object.assign(bar, {
    /** @type {LK.Bar["set"]} */
    set(on, part) {
      show(bar, on);
      bar.classList.toggle("lk-unknown", part == null);
      fill.style.width = part == null ? "" : `${Math.round(part * 100)}%`;
      if (part == null) bar.removeAttribute("aria-valuenow");
      else bar.setAttribute("aria-valuenow", String(Math.round(part * 100)));
    },
  });
}

/** Asks in the card, where work would be lost: a sentence, a button that does it, and Cancel.
 *  @returns {LK.Ask} */
function asking() {
  const id = `lk-${Math.random().toString(36).slice(2)}`;
  const text = h("p", { id });
  const yes = h("button", { type: "button", class: "lk-button lk-danger" });
  const no = h("button", { type: "button", class: "lk-button", text: "Cancel" });
  const element = h("div", { class: "lk-ask", role: "alertdialog", "aria-labelledby": id, hidden: true },
    text, h("div", { class: "lk-row" }, yes, no));
  /** @type {(() => void) | null} */
  let act = null;
  /** @type {HTMLElement | null} */
  let asked = null;
  const close = () => {
    show(element, false);
    asked?.focus();
    act = asked = null;
  };
  yes.addEventListener("click", () => {
    const now = act;
    close();
    now?.();
  });
  no.addEventListener("click", close);
  element.addEventListener("keydown", (event) => event.key === "Escape" && close());
  return Object.assign(element, {
    /** Do it at once where nothing would be lost (`why` is empty).
     *  @type {LK.Ask["unless"]} */
    unless(why, label, then) {
      if (!why) return then();
      asked = focusIn(element);
      act = then;
      text.replaceChildren(...prose("p", why).childNodes);
      yes.textContent = label;
      show(element, true);
      no.focus();
    },
    /** It is not asked any more. */
    drop() {
      show(element, false);
      act = asked = null;
    },
  });
}

/** How it ended, or what is being done: a title, a sentence, what was expected, seen, and to try.
 *  @param {LK.Verdict} verdict
 *  @param {LK.Child[]} more */
function verdictOf(verdict, ...more) {
  const rows = verdict.rows.flatMap(([label, text]) => [h("dt", { text: label }), prose("dd", text)]);
  return h("div", { class: `${verdict.kind === "running" ? "lk-now" : "lk-verdict"} lk-is-${verdict.kind}` },
    h("p", { class: "lk-verdict-title" }, icon(verdict.kind), h("strong", { text: verdict.title }),
      verdict.text ? prose("span", verdict.text) : null),
    rows.length ? h("dl", {}, ...rows) : null,
    verdict.trace ? h("details", {}, h("summary", { text: "Traceback" }), h("pre", { text: verdict.trace })) : null,
    ...more);
}

/** How long it took: all of it, and its command where the check took most of that.
 *  @param {Pick<LK.StepState, "seconds" | "command_seconds">} state */
function spent({ seconds, command_seconds: command }) {
  if (seconds == null) return "";
  /** @param {number} number */
  const text = (number) => `${number.toFixed(number < 10 ? 2 : 0)} s`;
  return text(seconds) + (command != null && seconds - command > 1 ? ` (command ${text(command)})` : "");
}
/** Actions after which nothing ends that the notebook's file is to have. */
const NO_WORK = new Set(["hello", "seen", "typed", "hint", "stop", "goto", "terminal", "tty"]);

/** Sends actions and notices when nobody answers.
 *  @param {LK.Model} model
 *  @param {HTMLElement} notice
 *  @returns {LK.Link} */
function connection(model, notice) {
  const waiting = new Map();
  let count = 0;
  /** @param {{kind: string, id: string}} message */
  const heard = (message) => {
    if (message.kind !== "ack") return;
    clearTimeout(waiting.get(message.id));
    waiting.delete(message.id);
    if (!waiting.size) show(notice, false);
  };
  model.on("msg:custom", heard);
  return {
    send(action, more = {}) {
      const id = `${Date.now()}-${count++}`;
      // what was done in this page, this page writes into the notebook's file
      if (!NO_WORK.has(action)) tell(notice, "acted");
      // what nobody has asked for may wait until the kernel has run all cells
      if (action !== "hello" && action !== "seen") waiting.set(id, setTimeout(() => show(notice, true), 2000));
      model.send({ action, id, ...more });
      return id;
    },
    close() {
      model.off("msg:custom", heard);
      waiting.forEach(clearTimeout);
    },
  };
}

/** Tell the page around the card, which may have our extension, and may not.
 *  @param {EventTarget} element
 *  @param {string} name
 *  @param {unknown} [detail] */
function tell(element, name, detail) {
  element.dispatchEvent(new CustomEvent(`labkernel:${name}`, { bubbles: true, detail }));
}

/** Put a card into the page and keep it up to date; gives what takes it out again.
 *  @param {LK.Render & {root: HTMLElement, link: LK.Link, update: () => void, ready?: () => void}} card */
function attach({ model, el, root, link, update, ready = () => {} }) {
  const saved = () => tell(root, "saved", model.get("saved"));
  model.on("change:state", update);
  model.on("change:saved", saved);
  keepKeys(root);
  el.replaceChildren(root);
  update();
  ready();
  link.send("hello");
  requestAnimationFrame(saved); // what was done, but was not written before this page was loaded anew
  return () => {
    model.off("change:state", update);
    model.off("change:saved", saved);
    link.close();
  };
}

function disconnected() {
  return h("p", { class: "lk-notice", role: "alert", hidden: true },
    h("strong", { text: "Not connected. " }),
    "Run this cell first. (If another cell is running, this card answers after it.)");
}

/** Keys that mean something here stay here: JupyterLab would take a plain letter for a command.
 *  @param {HTMLElement} root */
function keepKeys(root) {
  root.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey || event.altKey) || event.key === "Enter") event.stopPropagation();
  });
}

/** Tells whether this view of a card is in sight, until `disconnect`.
 *  @param {Element} root
 *  @param {LK.Link} link */
function watchView(root, link) {
  const view = Math.random().toString(36).slice(2);
  const tell = (/** @type {boolean} */ visible) => link.send("seen", { visible, view });
  const observer = new IntersectionObserver(([{ isIntersecting }]) => tell(isIntersecting));
  const leave = () => tell(false);
  observer.observe(root);
  window.addEventListener("pagehide", leave);
  return {
    disconnect() {
      observer.disconnect();
      window.removeEventListener("pagehide", leave);
      leave();
    },
  };
}
