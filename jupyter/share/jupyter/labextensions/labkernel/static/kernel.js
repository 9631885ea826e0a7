// A kernel for a notebook that has none, or a dead one.

/** Have one, and wait until it answers. */
export async function alive(page) {
  const { sessionContext, model } = page.panel;
  await sessionContext.ready;
  const { kernel } = page;
  if (!kernel || kernel.status === "terminating") {
    await sessionContext.changeKernel({ name: name(sessionContext, model) });
  } else if (kernel.status === "dead") await sessionContext.restartKernel();
  await page.kernel?.info;
}

function name(sessionContext, model) {
  const { specs } = sessionContext.specsManager;
  const wanted = model.defaultKernelName;
  return specs?.kernelspecs[wanted] ? wanted : specs?.default ?? "python3";
}
