// What was recorded stays where a cell has not run: Run All Cells takes nothing away.

import { CARD } from "./page.js";
import { outputs } from "./work.js";

export const NOT_RUN = "application/vnd.labkernel.not-run+json";
const HEADING = {
  output_type: "display_data",
  metadata: {},
  data: { [NOT_RUN]: { heading: true }, "text/plain": "Recorded earlier:" },
};

export function keepRecorded(lab, page) {
  const { panel } = page;
  const before = new Map(); // model of a cell that is to run → how often, and what it had given
  const scheduled = (_, { notebook, cell: { model } }) => {
    if (notebook !== panel.content || model.type !== "code") return;
    const known = before.get(model);
    before.set(model, { times: (known?.times ?? 0) + 1, outputs: known?.outputs ?? model.outputs.toJSON() });
  };
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
      if (model.outputs?.length === 0) model.outputs.fromJSON(outputs);
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

/** A new card, with which nothing has been done, does not replace what was done with the old one. */
function keepFinished(page, cell) {
  for (const output of outputs(page.panel, [cell])) {
    if (!output.data[CARD]) continue;
    const data = page.merged(output.data);
    if (data !== output.data) output.setData({ data });
  }
}

/** Below the sentence or button that says why it did not run, what it gave when it did. */
function putBack(list, before) {
  const now = list.toJSON();
  if (!now.some((output) => output.data?.[NOT_RUN])) return;
  const kept = recorded(before);
  if (kept.length) list.fromJSON([...now, HEADING, ...kept]);
}

function recorded(outputs) {
  const heading = outputs.findIndex((output) => output.data?.[NOT_RUN]?.heading);
  if (heading >= 0) return outputs.slice(heading + 1);
  return outputs.some((output) => output.data?.[NOT_RUN]) ? [] : outputs;
}

/** A cell that failed before it showed its card, or was not reached: the saved one stays. */
function putCardBack(list, before) {
  const cards = before.filter((output) => output.data?.[CARD]);
  if (cards.length && !list.toJSON().some((output) => output.data?.[CARD])) {
    list.fromJSON([...list.toJSON(), ...cards]);
  }
}
