// A notebook in parts, as it is presented: a card with the prose in front of it.

import { CARD } from "./mime.js";
import { TAG } from "./start.js";
import { outputs } from "./work.js";

/** @typedef {"heading" | "text" | "code" | "card" | "setup"} Kind */

/** The places of the cells of each part.  A card ends its part; a title begins one, since what stands
 *  under the title before is not about its card; what only sets up belongs to none.
 *  @param {Kind[]} kinds */
export function divide(kinds) {
  /** @type {number[][]} */
  const parts = [];
  let ended = true;
  kinds.forEach((kind, at) => {
    if (kind === "setup") return;
    if (ended || kind === "heading") parts.push([]);
    parts.at(-1)?.push(at);
    ended = kind === "card";
  });
  return parts;
}

/** The parts of a notebook as it is now.
 *  @param {LK.Panel} panel
 *  @returns {LK.Part[]} */
export function partsOf(panel) {
  const { widgets } = panel.content;
  let lab = "";
  return divide(widgets.map((cell) => kindOf(panel, cell))).map((places) => {
    const cells = places.map((at) => widgets[at]);
    const key = keyOf(panel, /** @type {LK.Cell} */ (cells.at(-1)));
    lab = key.split("/")[0] || lab;
    return { cells, key, lab, title: titleOf(cells) };
  });
}

/** @param {LK.Panel} panel
 *  @param {LK.Cell} cell
 *  @returns {Kind} */
function kindOf(panel, cell) {
  const { type, sharedModel } = cell.model;
  if (type !== "code") return /^\s*##?\s/.test(sharedModel.source) ? "heading" : "text";
  if (!(cell.model.getMetadata("tags") ?? []).includes(TAG)) return "code";
  return outputs(panel, [cell]).some(shows) ? "card" : "setup";
}

/** Whether an output is a card, live or as it was recorded, or says why there is none.
 *  @param {LK.Output} output */
function shows({ type, data }) {
  return Boolean(data[CARD] ?? data["text/html"]) || type === "error";
}

/** What a cell's card is of: "anyip/ping", or "anyip", the lab itself; empty: it has none.
 *  @param {LK.Panel} panel
 *  @param {LK.Cell} cell
 *  @returns {string} */
function keyOf(panel, cell) {
  return outputs(panel, [cell]).map(({ data }) => data[CARD]?.key).find(Boolean) ?? "";
}

/** What its card says that it is, else its first heading.
 *  @param {LK.Cell[]} cells */
function titleOf(cells) {
  const card = cells.at(-1)?.node.querySelector(".lk-card[aria-label]");
  const heading = cells.map(({ model }) => headingOf(model)).find(Boolean);
  return card?.getAttribute("aria-label")?.replace(/^Lab: /, "") ?? heading ?? "";
}

/** @param {LK.Cell["model"]} model */
function headingOf({ type, sharedModel }) {
  return type === "markdown" ? plain(sharedModel.source.match(/^#{1,6}\s+(.+?)\s*#*$/m)?.[1] ?? "") : "";
}

/** A heading's words, without what makes them code, a link or heavier.
 *  @param {string} markdown */
export function plain(markdown) {
  return markdown.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[`*]/g, "");
}
