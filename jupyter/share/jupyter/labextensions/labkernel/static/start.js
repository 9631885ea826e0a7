// Start this notebook, and Reconnect: the cells that set up and show, and no other.

import { alive } from "./kernel.js";

export const TAG = "labkernel-start";

/** @param {Pick<LK.Panel, "content">} panel */
export function tagged(panel) {
  return panel.content.widgets.filter(
    (cell) => cell.model.type === "code" && (cell.model.getMetadata("tags") ?? []).includes(TAG));
}

/** Run them. A second click while they run is the same start.
 *  @param {LK.Lab} lab
 *  @param {LK.Page} page */
export function start(lab, page) {
  page.starting ??= run(lab, page)
    .catch((error) => void lab.Notification.error(`This notebook could not be started: ${error.message}`, { autoClose: false }))
    .finally(() => {
      page.starting = null;
      page.changed.emit();
    });
  page.changed.emit();
  return page.starting;
}

/** @param {LK.Lab} lab
 *  @param {LK.Page} page */
async function run(lab, page) {
  const { panel } = page;
  const taken = await page.alone(() => page.takeOver());
  await alive(page);
  if (taken && (await allLive(page))) return; // another page has started it
  const cells = tagged(panel);
  if (!cells.length) {
    throw new Error(`none of its cells has the tag ${TAG}. Try: Run All Cells, in the menu Run`);
  }
  const at = panel.content.activeCellIndex;
  await lab.NotebookActions.runCells(panel.content, cells, panel.sessionContext);
  panel.content.activeCellIndex = at;
  // where a cell fails, JupyterLab is done before those behind it are given up: what they had given is put
  // back then, and is to be in the file
  await until(() => !page.pending.size);
  await page.alone(() => page.save({ anyway: true })); // a page that is loaded anew would know nothing of the cards
}

/** Wait until it holds, for 5 s at most.
 *  @param {() => boolean} holds */
async function until(holds) {
  const end = performance.now() + 5000;
  while (!holds() && performance.now() < end) await new Promise((done) => setTimeout(done, 100));
}

/** Whether every card is, once each has seen.
 *  @param {LK.Page} page */
async function allLive(page) {
  await until(() => [...page.cards].every((card) => card.live || (!card.inner && !card.asks && card.tries !== undefined)));
  return page.cards.size > 0 && [...page.cards].every((card) => card.live);
}

/** @param {LK.Lab} lab
 *  @param {LK.Page} page */
export function addButton(lab, page) {
  const button = new lab.ToolbarButton(/** @type {LK.ButtonProps} */ ({
    className: "lk-start",
    label: "Start this notebook",
    tooltip: "Set up this notebook and show its cards. No step runs, and what was recorded stays.",
    onClick: () => void start(lab, page),
  }));
  const { toolbar, context } = page.panel;
  toolbar.insertItem(0, "labkernel-start", button); // what stands last is in a menu where there is little room
  const look = () => button.setHidden(!tagged(page.panel).length);
  button.hide();
  void context.ready.then(() => {
    look();
    context.fileChanged.connect(look);
  });
}
