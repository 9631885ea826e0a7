// A presenter's notes: metadata of cells, which a window of its own shows and changes.

import { element } from "./words.js";

const KEY = "labkernel";
const NAME = "labkernel-notes"; // of the window: there is one
const PAUSE = 1000; // ms after the last letter: then the notebook is saved

/** @param {LK.Cell["model"]} model
 *  @returns {string} */
export function notesOf(model) {
  const notes = model.getMetadata(KEY)?.notes;
  return typeof notes === "string" ? notes : "";
}

/** @param {LK.Cell["model"]} model
 *  @param {string} text */
export function setNotes(model, text) {
  const { notes: _, ...rest } = model.getMetadata(KEY) ?? {};
  const now = text.trim() ? { ...rest, notes: text } : rest;
  if (Object.keys(now).length) model.setMetadata(KEY, now);
  else model.deleteMetadata(KEY);
}

/** The cells whose notes are shown with a part: those that have some, else its last.
 *  @param {LK.Part} part */
export function noted({ cells }) {
  const some = cells.filter(({ model }) => notesOf(model));
  return some.length ? some : cells.slice(-1);
}

export class Notes {
  /** @param {{act: (action: string) => void, key: (event: KeyboardEvent) => void, save: () => unknown}} stage */
  constructor(stage) {
    this.stage = stage;
    /** @type {Window | null} */
    this.window = null;
    this.saving = 0;
    this.title = element("h1", {});
    this.next = element("p", { className: "lk-notes-next" });
    this.time = element("span", { role: "timer", ariaLive: "off", title: "Since the presentation began" });
    this.clock = element("span", { title: "The time of day" });
    this.fields = element("div", { className: "lk-notes-fields" });
  }

  /** Gives whether the browser let it open. */
  open() {
    if (this.isOpen) {
      this.window?.focus();
      return true;
    }
    this.window = window.open("", NAME, "popup,width=760,height=620");
    if (!this.window) return false;
    const { document: page } = this.window;
    page.documentElement.lang = "en";
    page.head.replaceChildren(this.style(page));
    page.title = "Notes";
    page.body.className = "lk-notes";
    page.body.dataset.jpThemeLight = document.body.dataset.jpThemeLight;
    page.body.replaceChildren(page.adoptNode(this.content()));
    this.window.addEventListener("keydown", (event) => this.stage.key(event));
    this.window.focus();
    return true;
  }

  /** @param {Document} page */
  style(page) {
    const href = new URL("present.css", import.meta.url).href;
    return Object.assign(page.createElement("link"), { rel: "stylesheet", href });
  }

  content() {
    /** @param {string} action
     *  @param {string} label */
    const button = (action, label) => element("button", { type: "button", className: "lk-stage-button", textContent: label, onclick: () => this.stage.act(action) });
    return element("main", {}, element("header", {}, this.time, this.clock), this.title, this.fields, this.next,
      element("div", { className: "lk-stage-buttons" }, button("back", "Back"), button("forward", "Run and go on")));
  }

  get isOpen() {
    return this.window !== null && !this.window.closed;
  }

  /** Follow: this part, and what comes after it.
   *  @param {LK.Part | undefined} part
   *  @param {string} place
   *  @param {LK.Part | undefined} next */
  follow(part, place, next) {
    if (!this.isOpen) return;
    this.title.textContent = [place, part?.title].filter(Boolean).join(": ");
    this.next.textContent = next ? `Then: ${next.title || "text"}` : "This is the last part.";
    this.fields.replaceChildren(...(part ? noted(part).map((cell, at) => this.field(cell, at)) : []));
  }

  /** @param {LK.Cell} cell
   *  @param {number} at */
  field({ model }, at) {
    const name = `Notes of this part${at ? `, ${at + 1}` : ""}`;
    const field = element("textarea", { ariaLabel: name, value: notesOf(model), placeholder: "Notes of this part: only you see them; the notebook keeps them." });
    field.addEventListener("input", () => {
      setNotes(model, field.value);
      clearTimeout(this.saving);
      this.saving = setTimeout(() => this.save(), PAUSE);
    });
    return field;
  }

  save() {
    clearTimeout(this.saving);
    this.saving = 0;
    this.stage.save();
  }

  /** @param {string} elapsed */
  tick(elapsed) {
    this.time.textContent = elapsed;
    this.clock.textContent = new Date().toLocaleTimeString(undefined, { timeStyle: "short" });
  }

  close() {
    if (this.saving) this.save();
    this.window?.close();
    this.window = null;
  }
}
