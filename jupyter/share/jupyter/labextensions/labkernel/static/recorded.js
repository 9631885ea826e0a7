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
  const before = new WeakMap();
  const scheduled = (_, { notebook, cell }) => {
    if (notebook !== panel.content || cell.model.type !== "code") return;
    before.set(cell.model, cell.model.outputs.toJSON());
  };
  const executed = (_, { notebook, cell }) => {
    if (notebook !== panel.content || cell.model.type !== "code") return;
    keepFinished(page, cell);
    const outputs = before.get(cell.model) ?? [];
    putBack(cell.model.outputs, outputs);
    putCardBack(cell.model.outputs, outputs);
    before.delete(cell.model);
  };
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
