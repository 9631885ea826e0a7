// The extension: what it takes from the page, and what it adds to each notebook.

import { forgetOld, leaveActed } from "./acted.js";
import { cardClass } from "./card.js";
import { runOnClick } from "./clicks.js";
import { keepClean } from "./clean.js";
import { Files } from "./files.js";
import { CARD } from "./mime.js";
import { openNotebooks } from "./open.js";
import { Page } from "./page.js";
import { Presenting } from "./presenting.js";
import { keepRecorded } from "./recorded.js";
import { addButton } from "./start.js";
import { stayAtRunAll } from "./stay.js";
import { Terminals } from "./terminals.js";

const NEEDED = ["@jupyterlab/apputils", "@jupyterlab/coreutils", "@jupyterlab/notebook", "@jupyterlab/services",
  "@lumino/coreutils", "@lumino/signaling", "@lumino/widgets"];

/** What the modules export, in one object; what only terminals need is optional.
 *  @param {(name: string) => Promise<any>} shared
 *  @returns {Promise<LK.Lab>} */
async function modules(shared) {
  const lab = Object.assign({}, ...(await Promise.all(NEEDED.map(shared))));
  const { Terminal } = await shared("@jupyterlab/terminal").catch(() => ({}));
  const { terminalIcon } = await shared("@jupyterlab/ui-components").catch(() => ({}));
  return { ...lab, Terminal, terminalIcon };
}

/** Before the outputs of a notebook are rendered.
 *  @param {LK.Lab} lab
 *  @param {Terminals} terminals
 *  @param {Presenting} presenting
 *  @param {LK.App} app
 *  @param {LK.Panel} panel */
function extend(lab, terminals, presenting, app, panel) {
  const page = new Page(lab, panel);
  const Card = cardClass(lab);
  const factory = { safe: true, mimeTypes: [CARD], createRenderer: () => new Card(page) };
  panel.content.rendermime.addFactory(factory, -20); // in front of widgets, which have −10
  panel.node.addEventListener("labkernel:terminal", (event) => terminals.take(/** @type {CustomEvent<LK.Wish>} */ (event), panel));
  runOnClick(lab, panel);
  openNotebooks(lab, app, panel);
  keepClean(panel);
  keepRecorded(lab, page);
  addButton(lab, page);
  presenting.add(page);
  return page;
}

/** @param {(name: string) => Promise<any>} shared */
export default async (shared) => {
  const lab = await modules(shared);
  return [{
    id: "labkernel:notebooks",
    description: "Saved cards, Start this notebook, Present, terminals on nodes",
    autoStart: true,
    optional: [lab.ICommandPalette],
    activate: (/** @type {LK.App} */ app, /** @type {LK.Palette | null} */ palette) => {
      forgetOld();
      window.addEventListener("pagehide", leaveActed);
      lab.contents = app.serviceManager.contents;
      lab.files = new Files(lab.contents);
      stayAtRunAll(lab);
      const terminals = new Terminals(lab, app);
      const presenting = new Presenting(lab, app, palette);
      app.docRegistry.addWidgetExtension("Notebook", {
        createNew: (/** @type {LK.Panel} */ panel) => extend(lab, terminals, presenting, app, panel),
      });
    },
  }];
};
