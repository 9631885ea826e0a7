// A notebook that was only opened is not a changed one: the kernel's version of Python, which
// JupyterLab writes into it, is no reason to save.

const OWN = ["language_info", "kernelspec"];

/** @param {LK.NotebookModel} model */
function content(model) {
  const { metadata, ...rest } = /** @type {LK.Data} */ (model.toJSON());
  const kept = Object.entries(metadata).filter(([name]) => !OWN.includes(name));
  return JSON.stringify([rest, kept]);
}

/** @param {LK.Panel} panel */
export function keepClean(panel) {
  const { context, sessionContext } = panel;
  let saved = "";
  const note = () => {
    saved = content(context.model);
  };
  const look = () => {
    const { model } = context;
    if (!panel.isDisposed && model.dirty && saved === content(model)) model.dirty = false;
  };
  /** @param {unknown} _
   *  @param {{newValue?: LK.Kernel | null}} change */
  const told = (_, { newValue }) => void newValue?.info.then(() => setTimeout(look), () => {});
  void context.ready.then(() => {
    note();
    context.saveState.connect((_, state) => state === "completed" && note());
    context.fileChanged.connect(note);
    sessionContext.kernelChanged.connect(told);
    told(null, { newValue: sessionContext.session?.kernel });
  });
}
