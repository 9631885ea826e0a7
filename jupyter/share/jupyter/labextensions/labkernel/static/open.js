// The way from the course into a notebook: beside this one, at the step where one was.

import { CARD } from "./mime.js";
import { outputs } from "./work.js";

/** @param {LK.Lab} lab
 *  @param {LK.App} app
 *  @param {LK.Panel} panel */
export function openNotebooks(lab, app, panel) {
  panel.node.addEventListener("labkernel:open", (event) => {
    event.preventDefault();
    const { detail } = /** @type {CustomEvent<LK.Way>} */ (event);
    open(lab, app, panel, detail).catch((error) => {
      lab.Notification.error(`${detail.path} could not be opened: ${error.message}`, { autoClose: false });
    });
  });
}

/** @param {LK.Lab} lab
 *  @param {LK.App} app
 *  @param {LK.Panel} panel
 *  @param {LK.Way} way */
async function open(lab, app, panel, way) {
  const path = lab.PathExt.join(lab.PathExt.dirname(panel.context.path), way.path);
  if (path.startsWith("..")) throw new Error("it is outside of the directory that JupyterLab shows");
  /** @type {LK.Panel | undefined} */
  const there = await app.commands.execute("docmanager:open", { path, factory: "Notebook" });
  if (!there?.content || !way.step) return; // Notebook opens another page
  await there.context.ready;
  await there.revealed;
  await goTo(there, `${way.lab}/${way.step}`);
}

/** Bring the card of a step into view.
 *  @param {LK.Panel} panel
 *  @param {string} key */
export async function goTo(panel, key) {
  const { content } = panel;
  const at = content.widgets.findIndex((cell) => outputs(panel, [cell]).some(({ data }) => data[CARD]?.key === key));
  if (at < 0) return;
  content.activeCellIndex = at;
  await content.scrollToItem(at, "start");
}
