// What is to be done in a part before the next one is shown, and what keeps a presenter there.

/** @typedef {{label: string, act: () => unknown, cell?: LK.Cell}} Deed `cell`: the one that runs, where it has no card */

const DONE_BY_HAND = "This one is done by hand: in the command, or in a terminal. Once more goes on.";

/** What the one key does.
 *  @param {{below: boolean, deed: boolean, obstacle: string, warned: boolean, last: boolean}} now
 *  @returns {"scroll" | "do" | "warn" | "end" | "next"} */
export function nextOf({ below, deed, obstacle, warned, last }) {
  if (below) return "scroll";
  if (deed) return "do";
  if (obstacle && !warned) return "warn";
  return last ? "end" : "next";
}

/** What is to be done in a part now, or what has not been done.
 *  @param {LK.Part} part
 *  @param {Set<LK.Cell>} tried cells in which something was begun in this presentation
 *  @param {(cell: LK.Cell) => unknown} runCell
 *  @returns {{deed?: Deed, obstacle: string}} */
export function lookAt(part, tried, runCell) {
  for (const cell of part.cells) {
    const found = isCommand(cell) ? ofCommand(cell, tried, runCell) : ofCell(cell, tried);
    if (found.deed || found.obstacle) return found;
  }
  return { obstacle: "" };
}

/** A cell whose text runs on a node: as much a step as a card is.
 *  @param {LK.Cell} cell */
function isCommand({ model }) {
  return model.type === "code" && model.sharedModel.source.startsWith("%%node");
}

/** @param {LK.Cell} cell
 *  @param {Set<LK.Cell>} tried
 *  @param {(cell: LK.Cell) => unknown} runCell
 *  @returns {{deed?: Deed, obstacle: string}} */
function ofCommand(cell, tried, runCell) {
  const act = () => {
    tried.add(cell);
    return runCell(cell);
  };
  return tried.has(cell) ? { obstacle: "" } : { deed: { label: "Run", act, cell }, obstacle: "" };
}

/** @param {LK.Cell} cell
 *  @param {Set<LK.Cell>} tried
 *  @returns {{deed?: Deed, obstacle: string}} */
function ofCell(cell, tried) {
  const card = cell.node.querySelector(".lk-card");
  const unconnected = cell.node.querySelector(".lk-bar-above:not([hidden]) [role=status]");
  if (!card || unconnected) return { obstacle: unconnected?.textContent ?? "" };
  if (card.matches(".lk-lab")) return ofLab(card, cell, tried);
  if (!card.matches(".lk-step, .lk-asked")) return { obstacle: "" }; // it is read
  return card.querySelector(".lk-editor") ? ofStep(card) : ofDrill(card);
}

/** @param {Element} card
 *  @param {LK.Cell} cell
 *  @param {Set<LK.Cell>} tried */
function ofLab(card, cell, tried) {
  const start = usable(card.querySelector(".lk-run"));
  if (card.querySelector("[data-state=starting]")) return { obstacle: "The lab is starting. Once more goes on." };
  if (!start || tried.has(cell)) return { obstacle: "" };
  const act = () => {
    tried.add(cell);
    start.click();
  };
  return { deed: { label: "Start", act }, obstacle: "" };
}

/** A step is run once in each start of its lab.
 *  @param {Element} card
 *  @returns {{deed?: Deed, obstacle: string}} */
function ofStep(card) {
  if (card.matches(".lk-busy")) return { obstacle: "The step still runs. Once more goes on." };
  const verdict = card.matches(".lk-is-earlier") ? null : card.querySelector(".lk-verdict");
  if (verdict) {
    const wrong = verdict.matches(".lk-is-not-yet, .lk-is-failed, .lk-is-error, .lk-is-stopped");
    return { obstacle: wrong ? "The step has not passed. Once more goes on." : "" };
  }
  const { value } = /** @type {HTMLTextAreaElement} */ (card.querySelector(".lk-editor"));
  if (card.matches("[data-task]") || !value.trim()) return { obstacle: DONE_BY_HAND }; // whatever stands there
  const run = usable(card.querySelector(".lk-run"));
  return run ? { deed: { label: "Run", act: () => run.click() }, obstacle: "" }
    : { obstacle: "The lab is busy with something else. Once more goes on." };
}

/** @param {Element} card */
function ofDrill(card) {
  const byHand = card.querySelector(".lk-row") && !card.querySelector(".lk-verdict");
  return { obstacle: byHand ? DONE_BY_HAND : "" };
}

/** @param {HTMLElement | null} button */
function usable(button) {
  return button && !button.hidden && button.getAttribute("aria-disabled") !== "true" ? button : null;
}
