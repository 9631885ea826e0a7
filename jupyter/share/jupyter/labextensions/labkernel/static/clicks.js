// Click-to-run: a link in the prose to "#run-on-NODE" types its text into a terminal on that node.

const LINK = '.jp-RenderedMarkdown a[href^="#run-on-"]';

/** What a link says, on one line: what is seen is what is typed.
 *  @param {HTMLAnchorElement} link */
export function wish(link) {
  const node = decodeURIComponent(link.hash.slice("#run-on-".length));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they would be keys
  const text = (link.textContent ?? "").replace(/[\u0000-\u001f\u007f]+/g, " ").trim();
  return { node, text };
}

/** @param {LK.Lab} lab
 *  @param {LK.Panel} panel */
export function runOnClick(lab, panel) {
  panel.node.addEventListener("click", (event) => {
    const link = /** @type {HTMLElement} */ (event.target).closest?.(LINK);
    if (!link) return;
    event.preventDefault();
    const detail = wish(/** @type {HTMLAnchorElement} */ (link));
    if (!type(panel, detail)) {
      void lab.Notification.info(`No card of a lab with the node ${detail.node} is live here. Press Start this notebook, and click again.`);
    }
  });
}

/** Ask the cards of labs; gives whether one of them has the node.
 *  @param {LK.Panel} panel
 *  @param {{node: string, text: string}} detail */
function type(panel, detail) {
  const cards = [...panel.node.querySelectorAll(".lk-lab")];
  return cards.some((card) => !card.dispatchEvent(new CustomEvent("labkernel:type", { cancelable: true, detail })));
}
