// What was recorded stays where a cell has not run: Run All Cells takes nothing away.

import { CARD, NOT_RUN } from "./mime.js";
import { outputs } from "./work.js";

const HEADING = {
  output_type: "display_data",
  metadata: {},
  data: { [NOT_RUN]: { heading: true }, "text/plain": "Recorded earlier:" },
};

/** @param {LK.Lab} lab
 *  @param {LK.Page} page */
export function keepRecorded(lab, page) {
  const { panel } = page;
  /** @type {Map<LK.CodeModel, {times: number, outputs: LK.Data[]}>} model of a cell that is to run → how often, and what it had given */
  const before = new Map();
  page.pending = before;
  /** @typedef {{notebook: LK.Panel["content"], cell: any}} Run */
  /** @type {(_: unknown, run: Run) => void} */
  const scheduled = (_, { notebook, cell: { model } }) => {
    if (notebook !== panel.content || model.type !== "code") return;
    const known = before.get(model);
    before.set(model, { times: (known?.times ?? 0) + 1, outputs: known?.outputs ?? model.outputs.toJSON() });
  };
  /** @type {(_: unknown, run: Run) => void} */
  const executed = (_, { notebook, cell }) => {
    if (notebook !== panel.content || cell.model.type !== "code") return;
    keepFinished(page, cell);
    const { times, outputs } = before.get(cell.model) ?? { times: 1, outputs: [] };
    putBack(cell.model.outputs, outputs);
    putCardBack(cell.model.outputs, outputs);
    if (times > 1) before.set(cell.model, { times: times - 1, outputs: cell.model.outputs.toJSON() });
    else before.delete(cell.model);
  };
  // of cells that a kernel's end keeps from running JupyterLab says nothing, and has cleared them
  const ended = () => {
    for (const [model, { outputs }] of before) {
      if (model.outputs?.length === 0) model.outputs.fromJSON(/** @type {LK.Saved} */ (outputs));
      else if (model.outputs) putCardBack(model.outputs, outputs);
    }
    before.clear();
  };
  page.ended.connect(ended);
  lab.NotebookActions.executionScheduled.connect(scheduled);
  lab.NotebookActions.executed.connect(executed);
  panel.disposed.connect(() => {
    lab.NotebookActions.executionScheduled.disconnect(scheduled);
    lab.NotebookActions.executed.disconnect(executed);
  });
}

/** A new card, with which nothing has been done, does not replace what was done with the old one.
 *  @param {LK.Page} page
 *  @param {LK.Cell} cell */
function keepFinished(page, cell) {
  for (const output of outputs(page.panel, [cell])) {
    if (!output.data[CARD]) continue;
    const data = page.merged(output.data);
    if (data !== output.data) output.setData({ data });
  }
}

/** Below the sentence or button that says why it did not run, what it gave when it did.
 *  @param {LK.Outputs} list
 *  @param {LK.Data[]} before */
function putBack(list, before) {
  const now = json(list);
  if (!now.some((output) => output.data?.[NOT_RUN])) return;
  const kept = recorded(before);
  if (kept.length) list.fromJSON(/** @type {LK.Saved} */ ([...now, HEADING, ...kept]));
}

/** @param {LK.Data[]} outputs */
function recorded(outputs) {
  const heading = outputs.findIndex((output) => output.data?.[NOT_RUN]?.heading);
  if (heading >= 0) return outputs.slice(heading + 1);
  return outputs.some((output) => output.data?.[NOT_RUN]) ? [] : outputs;
}

/** A cell that failed before it showed its card, or was not reached: the saved one stays.
 *  @param {LK.Outputs} list
 *  @param {LK.Data[]} before */
function putCardBack(list, before) {
  const cards = before.filter((output) => output.data?.[CARD]);
  if (cards.length && !json(list).some((output) => output.data?.[CARD])) {
    list.fromJSON(/** @type {LK.Saved} */ ([...json(list), ...cards]));
  }
}

/** What a cell has given, as it stands in the file.
 *  @param {LK.Outputs} list
 *  @returns {LK.Data[]} */
function json(list) {
  return list.toJSON();
}
