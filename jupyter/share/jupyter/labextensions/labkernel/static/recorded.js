// What was recorded stays where a cell has not run: Run All Cells takes nothing away.

import { CARD } from "./page.js";
import { outputs } from "./work.js";

export const NOT_RUN = "application/vnd.labkernel.not-run+json";

/** An output that stands for nothing that was seen. */
const empty = (output) => output.data?.[NOT_RUN] || output.data?.[CARD];

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
    putBack(cell.model.outputs, before.get(cell.model) ?? []);
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

/** Below the sentence that says why it did not run, what it gave when it did. */
function putBack(list, recorded) {
  const now = list.toJSON();
  if (!now.some((output) => output.data?.[NOT_RUN])) return;
  const kept = recorded.filter((output) => !empty(output));
  if (kept.length) list.fromJSON([...now, ...kept]);
}
