// A kernel for a notebook that has none, or a dead one.

const DISABLED = /** @type {import("@jupyterlab/services").CommsOverSubshells} */ ("disabled");

/** Have one, and wait until it answers.
 *  @param {LK.Page} page */
export async function alive(page) {
  const { sessionContext, model } = page.panel;
  await sessionContext.ready;
  if (page.kernel?.status === "dead") await sessionContext.shutdown(); // JupyterLab restarts no dead one
  if (!page.kernel || page.kernel.status === "terminating") {
    await sessionContext.changeKernel({ name: name(sessionContext, model) });
  }
  await answers(page);
}

/** JupyterLab has the kernel hear widgets in a subshell of its own, and goes on writing to that of the
 *  old process where another page has restarted the kernel: the new one throws it all away.
 *  @param {LK.Kernel | null} kernel */
export function renewComms(kernel) {
  const wanted = kernel?.commsOverSubshells;
  if (!kernel || !wanted || wanted === DISABLED) return;
  kernel.commsOverSubshells = DISABLED; // to the main shell, until the old subshell is forgotten
  setTimeout(() => {
    if (!kernel.isDisposed) kernel.commsOverSubshells = wanted;
  });
}

/** What is sent to a kernel that is restarting is lost.
 *  @param {LK.Page} page
 *  @returns {Promise<void>} */
function answers(page) {
  return new Promise((found, failed) => {
    const late = setTimeout(() => end(() => failed(new Error("its kernel does not answer"))), 60_000);
    const end = (/** @type {() => void} */ how) => {
      clearTimeout(late);
      page.changed.disconnect(look);
      how();
    };
    const look = () => {
      const { kernel } = page;
      const works = kernel?.status === "idle" || kernel?.status === "busy";
      if (works && kernel.connectionStatus === "connected") end(found);
    };
    page.changed.connect(look);
    look();
  });
}

/** @param {LK.Panel["sessionContext"]} sessionContext
 *  @param {LK.NotebookModel | null} model */
function name(sessionContext, model) {
  const { specs } = sessionContext.specsManager;
  const wanted = model?.defaultKernelName ?? "";
  return specs?.kernelspecs[wanted] ? wanted : specs?.default ?? "python3";
}
