// Run All Cells stays where one is, in notebooks that show cards: JupyterLab would go to the end.

import { tagged } from "./start.js";

/** @param {LK.Lab} lab */
export function stayAtRunAll({ NotebookActions }) {
  const whole = NotebookActions.runAll;
  /** @type {typeof whole} */
  NotebookActions.runAll = (notebook, ...more) => {
    if (!tagged({ content: notebook }).length) return whole.call(NotebookActions, notebook, ...more);
    const { outerNode, activeCellIndex } = notebook; // which is what scrolls
    const { scrollTop } = outerNode;
    const stay = () => {
      notebook.activeCellIndex = activeCellIndex;
      outerNode.scrollTop = scrollTop;
    };
    const done = whole.call(NotebookActions, notebook, ...more); // goes to the end at once
    stay();
    return done.finally(stay);
  };
}
