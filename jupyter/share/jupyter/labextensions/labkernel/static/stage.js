// What a presentation adds to the page: a bar below the part, and two dialogs.

import { KEYS } from "./keys.js";
import { element } from "./words.js";

/** The bar: where one is, the time, and a button for each key.
 *  @param {(action: string) => void} act */
export function stageBar(act) {
  /** @param {string} action
   *  @param {string} label
   *  @param {string} title
   *  @param {LK.Attributes} more */
  const button = (action, label, title, more = {}) => element("button", {
    type: "button", className: `lk-stage-button lk-stage-${action}`, textContent: label, title, ariaLabel: title, onclick: () => act(action), ...more,
  });
  const place = element("span", { className: "lk-stage-place" });
  const title = element("span", { className: "lk-stage-title" });
  const read = element("span", { className: "lk-hidden", role: "status" });
  const said = element("p", { className: "lk-stage-said", role: "status", hidden: true });
  const time = element("span", { className: "lk-stage-clock", role: "timer", ariaLive: "off", title: "Since the presentation began" });
  const done = element("span", {});
  const progress = element("div", { className: "lk-stage-progress", ariaHidden: "true" }, done);
  const back = button("back", "Back", "Back: the part before");
  const forward = button("forward", "Next", "");
  const buttons = element("div", { className: "lk-stage-buttons", role: "group", ariaLabel: "Keys as buttons" }, back, forward,
    button("smaller", "A−", "Smaller"), button("larger", "A+", "Larger"), button("notes", "Notes", "Notes, in a window of their own"),
    button("code", "QR", "QR code with the address of this notebook"), button("help", "Keys", "Keys of the presentation"),
    button("leave", "Leave", "Leave the presentation"));
  const node = element("section", { className: "lk-stage", ariaLabel: "Presentation", tabIndex: -1 }, progress, said, read,
    element("p", { className: "lk-stage-where" }, place, " ", title), time, buttons);
  return {
    node,
    time,
    /** @param {number} at
     *  @param {number} count
     *  @param {string} of */
    part(at, count, of) {
      place.textContent = count ? `Part ${at + 1} of ${count}` : "";
      title.textContent = of;
      read.textContent = `${place.textContent}: ${of}`;
      done.style.width = `${count && (100 * (at + 1)) / count}%`;
      back.ariaDisabled = String(at === 0);
    },
    /** What the big button does now.
     *  @param {string} label */
    next(label) {
      if (forward.textContent === label) return;
      forward.textContent = label;
      forward.ariaLabel = forward.title = { Next: "Next: the next part", Run: "Run this step, then the next part", Start: "Start this lab, then the next part",
        Scroll: "Scroll: the part is longer than the screen" }[label] ?? label;
    },
    /** @param {string} text */
    say(text) {
      said.textContent = text;
      said.hidden = !text;
    },
  };
}

/** A dialog in the panel, which full screen shows; its key closes it as well.
 *  @param {HTMLElement} place
 *  @param {string} name
 *  @param {string} key
 *  @param {...(Node | string)} children */
export function openDialog(place, name, key, ...children) {
  const close = element("button", { type: "button", className: "lk-stage-button", textContent: "Close", onclick: () => dialog.close() });
  const dialog = element("dialog", { className: "lk-stage-dialog", ariaLabel: name }, element("h2", { textContent: name }), ...children, close);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key.toLowerCase() === key) dialog.close();
  });
  place.append(dialog);
  dialog.showModal();
  return dialog;
}

/** The list of keys. */
export function keyList() {
  return element("dl", { className: "lk-stage-keys" },
    ...KEYS.flatMap(([key, does]) => [element("dt", { textContent: key }), element("dd", { textContent: does })]));
}
