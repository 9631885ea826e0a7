// A notebook is loaded anew without being made anew: cards, and what is being typed in them, stay.

import { CARD } from "./mime.js";

/** Have the notebook as its file is now.
 *  @param {LK.Lab} lab
 *  @param {LK.Panel} panel */
export async function reload(lab, panel) {
  const { context, content: notebook } = panel;
  const { model } = context;
  const { scrollTop } = notebook.outerNode;
  const at = notebook.activeCellIndex;
  const whole = model.fromJSON;
  const own = /** @type {Partial<LK.NotebookModel>} */ (model);
  own.fromJSON = (content) => {
    if (!takeOutputs(lab, model, content)) whole.call(model, content);
  };
  try {
    await context.revert();
  } finally {
    delete own.fromJSON; // that of its class again
  }
  model.dirty = false;
  notebook.activeCellIndex = at;
  notebook.outerNode.scrollTop = scrollTop;
}

/** Take over what cells gave, where nothing but that has changed.
 *  @param {LK.Lab} lab
 *  @param {LK.NotebookModel} model
 *  @param {any} content */
function takeOutputs(lab, model, content) {
  const cells = [...model.cells];
  const pairs = cells.map((cell, at) => [cell, content.cells[at]]);
  if (cells.length !== content.cells.length || !pairs.every(([cell, other]) => isSame(lab, cell, other))) return false;
  for (const [cell, { outputs = [], execution_count: count = null }] of pairs) {
    if (cell.type !== "code") continue;
    const code = /** @type {LK.CodeModel} */ (cell);
    take(lab, code.outputs, outputs);
    code.executionCount = count;
  }
  return true;
}

/** @param {LK.Lab} lab
 *  @param {LK.Cell["model"]} cell
 *  @param {any} other */
function isSame(lab, cell, other) {
  const { outputs: _a, execution_count: _b, ...mine } = cell.toJSON();
  const { outputs: _c, execution_count: _d, ...its } = other;
  return lab.JSONExt.deepEqual(trusted(mine), trusted(its));
}

/** JupyterLab notes in a cell whether it is trusted, and writes that into no file.
 *  @param {any} cell */
function trusted({ metadata: { trusted: _, ...metadata }, ...cell }) {
  return { ...cell, metadata };
}

/** @param {LK.Lab} lab
 *  @param {LK.Outputs} list
 *  @param {LK.Data[]} outputs */
function take(lab, list, outputs) {
  const { deepEqual } = lab.JSONExt;
  /** @type {LK.Data[]} */
  const now = list.toJSON();
  if (deepEqual(now, outputs)) return;
  const cards = now.length === outputs.length && now.every(({ data }, at) => data?.[CARD] && outputs[at].data?.[CARD]);
  if (!cards) return void list.fromJSON(/** @type {LK.Saved} */ (outputs));
  for (const [at, { data }] of outputs.entries()) {
    if (!deepEqual(now[at].data, data)) list.get(at).setData({ data });
  }
  return undefined;
}
