// What was recorded when the notebook was made is no work of the trainee's: grey, and folded.

const SUMMARY = "Recorded transcript";

/** @param {HTMLElement} node what a saved card was rendered into */
export function showUndone(node) {
  node.classList.add("lk-undone");
  for (const card of node.querySelectorAll(".lk-has-passed")) card.classList.remove("lk-has-passed");
  for (const each of /** @type {NodeListOf<HTMLDetailsElement>} */ (node.querySelectorAll("details.lk-transcript"))) {
    each.open = false;
    const summary = each.querySelector("summary");
    if (summary) summary.textContent = SUMMARY;
  }
}
