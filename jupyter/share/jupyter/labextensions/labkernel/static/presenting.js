// The ways into a presentation: a button, a key, and JupyterLab's list of commands.

import { Presentation } from "./present.js";
import { tagged } from "./start.js";

const COMMAND = "labkernel:present";
const CATEGORY = "Notebook Operations";

export class Presenting {
  /** @param {LK.Lab} lab
   *  @param {LK.App} app
   *  @param {LK.Palette | null} palette */
  constructor(lab, app, palette) {
    this.lab = lab;
    this.app = app;
    /** @type {WeakMap<object, Presentation>} by panel */
    this.known = new WeakMap();
    app.commands.addCommand(COMMAND, {
      label: "Present This Notebook",
      caption: "Full screen, a card at a time, with its prose and the topology",
      isEnabled: () => this.current !== undefined,
      execute: () => this.current?.enter(),
    });
    app.commands.addKeyBinding({ command: COMMAND, keys: ["Accel Alt P"], selector: "body" });
    palette?.addItem({ command: COMMAND, category: CATEGORY });
  }

  /** That of the notebook in front. */
  get current() {
    const panel = /** @type {LK.Panel | null} */ (this.app.shell.currentWidget);
    const known = panel ? this.known.get(panel) : undefined;
    return known && tagged(/** @type {LK.Panel} */ (panel)).length ? known : undefined;
  }

  /** @param {LK.Page} page */
  add(page) {
    const { panel } = page;
    const presentation = new Presentation(this.lab, page);
    this.known.set(panel, presentation);
    const button = new this.lab.ToolbarButton(/** @type {LK.ButtonProps} */ ({
      className: "lk-start lk-begin",
      label: "Present",
      tooltip: "Full screen, a card at a time, with its prose and the topology (Ctrl+Alt+P)",
      onClick: () => void presentation.enter(),
    }));
    panel.toolbar.insertAfter("labkernel-start", "labkernel-present", button);
    const look = () => button.setHidden(!tagged(panel).length);
    button.hide();
    void panel.context.ready.then(() => {
      look();
      panel.context.fileChanged.connect(look);
      this.app.commands.notifyCommandChanged(COMMAND);
    });
  }
}
