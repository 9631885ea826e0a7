// What JupyterLab and Notebook 7 load of this extension: what webpack would make of it, by hand.
// It is a classic script; the modules that it imports are as they stand beside it.
(() => {
  const here = /** @type {HTMLScriptElement} */ (document.currentScript).src;
  /** @type {Record<string, Record<string, {from: string, get(): Promise<() => any>}>>} modules, by name and version */
  let scope = {};

  /** The page's own instance of a module: only its tokens are known to the page's plugins.
   *  @param {string} name */
  const shared = async (name) => {
    const one = Object.values(scope[name] ?? {}).find((each) => each.from === "CORE_FEDERATION");
    if (!one) throw new Error(`${name} is not shared by this page`);
    return (await one.get())();
  };

  // JupyterLab takes styles out of a notebook that this user has not run yet, but leaves the
  // classes: the style of saved cards comes with the page.
  const style = () => {
    for (const name of ["card.css", "page.css", "present.css"]) {
      const href = new URL(name, here).href;
      document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
    }
    return {};
  };

  // A page that is not as expected loses what is here, and nothing else: cards are live without it.
  const plugins = async () => {
    try {
      const { default: make } = await import(new URL("extension.js", here).href);
      return await make(shared);
    } catch (error) {
      console.warn("labkernel: this page has no saved cards, Start or terminals:", error);
      return [];
    }
  };

  window._JUPYTERLAB ??= {};
  window._JUPYTERLAB.labkernel = {
    /** @param {typeof scope} given */
    init(given) {
      scope = given;
    },
    /** @param {string} name */
    async get(name) {
      if (name === "./style") return style;
      const made = await plugins();
      return () => ({ __esModule: true, default: made });
    },
  };
})();
