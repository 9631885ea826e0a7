// A notebook is loaded anew without being made anew: cards, and what is being typed in them, stay.

import { CARD } from "./page.js";

/** Have the notebook as its file is now. */
export async function reload(lab, panel) {
  const { context, content: notebook } = panel;
  const { model } = context;
  const { scrollTop } = notebook.node;
  const at = notebook.activeCellIndex;
  const whole = model.fromJSON;
  model.fromJSON = (content) => {
    if (!takeOutputs(lab, model, content)) whole.call(model, content);
  };
  try {
    await context.revert();
  } finally {
    delete model.fromJSON; // that of its class again
  }
  model.dirty = false;
  notebook.activeCellIndex = at;
  notebook.node.scrollTop = scrollTop;
}

/** Take over what cells gave, where nothing but that has changed. */
function takeOutputs(lab, model, content) {
  const cells = [...model.cells];
  const pairs = cells.map((cell, at) => [cell, content.cells[at]]);
  if (cells.length !== content.cells.length || !pairs.every(([cell, other]) => isSame(lab, cell, other))) return false;
  for (const [cell, { outputs = [], execution_count: count = null }] of pairs) {
    if (cell.type !== "code") continue;
    take(lab, cell.outputs, outputs);
    cell.executionCount = count;
  }
  return true;
}

function isSame(lab, cell, other) {
  const { outputs: _a, execution_count: _b, ...mine } = cell.toJSON();
  const { outputs: _c, execution_count: _d, ...its } = other;
  return lab.JSONExt.deepEqual(trusted(mine), trusted(its));
}

/** JupyterLab notes in a cell whether it is trusted, and writes that into no file. */
function trusted({ metadata: { trusted: _, ...metadata }, ...cell }) {
  return { ...cell, metadata };
}

function take(lab, list, outputs) {
  const { deepEqual } = lab.JSONExt;
  const now = list.toJSON();
  if (deepEqual(now, outputs)) return;
  const cards = now.length === outputs.length && now.every(({ data }, at) => data?.[CARD] && outputs[at].data?.[CARD]);
  if (!cards) return void list.fromJSON(outputs);
  outputs.forEach(({ data }, at) => deepEqual(now[at].data, data) || list.get(at).setData({ data }));
}
