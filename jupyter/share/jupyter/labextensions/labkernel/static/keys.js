// The keys of a presentation, and which keys are none of its.

/** @type {Record<string, string>} key → what it does; a presenter's remote sends PageDown and PageUp */
const ACTIONS = {
  PageDown: "forward", ArrowRight: "forward", " ": "forward",
  PageUp: "back", ArrowLeft: "back", Home: "first", End: "last",
  ArrowDown: "down", ArrowUp: "up",
  "+": "larger", "=": "larger", "-": "smaller",
  n: "notes", p: "pin", t: "time", q: "code", "?": "help", Escape: "leave",
};

/** What the list of keys says. */
export const KEYS = [
  ["Page Down, Space, →", "Scroll on, then run the step or start the lab, then the next part. A task is done by hand: press twice to go on"],
  ["Page Up, ←", "The part before"],
  ["Home, End", "The first part, the last part"],
  ["↑, ↓", "Scroll a little"],
  ["+, −", "Larger, smaller: three sizes"],
  ["P", "The topology: show or hide it"],
  ["N", "Notes, in a window of their own"],
  ["T", "The timer: show or hide it"],
  ["Q", "A QR code with the address of this notebook"],
  ["Escape", "Leave; in a command, where the browser lets it: out of that first"],
];

const TYPED = "textarea, select, input, [contenteditable=true]";
const CONTROL = "button, summary, a[href], [role=button]";

/** What a key does here: "" where it is somebody else's, "nothing" where it is nobody's, and JupyterLab,
 *  to which plain letters are commands, is not to hear of it.
 *  @param {Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey" | "target">} event */
export function actionOf({ key, ctrlKey, metaKey, altKey, shiftKey, target }) {
  if (ctrlKey || metaKey || altKey || key === "Tab" || /^F\d+$/.test(key)) return "";
  const at = /** @type {Partial<Element>} */ (target ?? {});
  if (at.closest?.("dialog, .jp-Dialog")) return "";
  if (at.closest?.(TYPED)) return key === "Escape" ? "out" : "";
  if (at.closest?.(CONTROL) && (key === " " || key === "Enter")) return "";
  if (key === " " && shiftKey) return "back";
  return ACTIONS[key.length === 1 ? key.toLowerCase() : key] ?? "nothing";
}
