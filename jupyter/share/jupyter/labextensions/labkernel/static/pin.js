// The topology above or beside the part: a second view of the lab's card, of which the picture is shown.

import { WIDGET } from "./mime.js";

const LETTER = 11; // of the picture, in its own units
const [LEAST, GOOD] = [14, 16]; // px: of its letters
const MARGIN = 24; // px: on both sides of it, together

/** How large its letters are, and on which side there is room for it: the one above keeps the width of
 *  the text, the one at the left its height.
 *  @param {{width: number, height: number}} picture in its own units
 *  @param {{width: number, height: number}} screen in px
 *  @returns {{letter: number, side: "top" | "left"}} */
export function fit(picture, screen) {
  const wide = (LETTER * (screen.width - MARGIN)) / picture.width;
  const high = (LETTER * (screen.height * 0.25 - MARGIN)) / picture.height;
  const beside = (LETTER * (screen.width * 0.48 - MARGIN)) / picture.width;
  if (high < GOOD && high < wide && beside >= LEAST) return { letter: Math.min(beside, GOOD), side: "left" };
  const text = Math.max(20, screen.width / 80); // px: no larger than what it stands above
  const letter = Math.min(text, wide, Math.max(high, GOOD));
  return { letter: Math.max(LEAST, letter), side: "top" };
}

export class Pin {
  /** @param {LK.Lab} lab
   *  @param {LK.Page} page */
  constructor(lab, page) {
    this.lab = lab;
    this.page = page;
    this.node = Object.assign(document.createElement("aside"), { className: "lk-pin", ariaLabel: "Topology" });
    this.wanted = "";
    this.hidden = false;
    /** @type {LK.Inner | null} */
    this.view = null;
    this.shown = "";
    this.sizes = new ResizeObserver(() => this.place());
    this.sizes.observe(page.panel.node);
    this.drawn = new MutationObserver(() => this.place());
    this.drawn.observe(this.node, { childList: true, subtree: true });
    page.changed.connect(this.look, this);
    for (const name of ["click", "keydown"]) this.node.addEventListener(name, (event) => this.pass(event), true);
  }

  /** A terminal outlives this view where the lab's own card asks for it.
   *  @param {Event} event */
  pass(event) {
    const node = /** @type {Element} */ (event.target).closest?.("[data-node]");
    if (!node || (event instanceof KeyboardEvent && event.key !== "Enter" && event.key !== " ")) return;
    event.stopPropagation();
    event.preventDefault();
    const own = this.card?.inner?.node.querySelector(`[data-node="${node.getAttribute("data-node")}"]`);
    own?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  }

  /** The lab's own card, where it is live. */
  get card() {
    return [...this.page.cards].find((each) => each.live && each.card.key === this.wanted && each.inner?.node.querySelector(".lk-lab"));
  }

  /** Show the topology of this lab; of none, where the name is empty.
   *  @param {string} name */
  show(name) {
    this.wanted = name;
    this.look();
  }

  toggle() {
    this.hidden = !this.hidden;
    this.look();
  }

  /** See whether the lab's card is live: it has the model. */
  look() {
    const id = (!this.hidden && this.card?.card.model_id) || "";
    if (id === this.shown) return;
    this.drop();
    this.shown = id;
    if (id) this.draw(id);
    this.place();
  }

  /** @param {string} id */
  draw(id) {
    const { rendermime } = this.page.panel.content;
    this.view = /** @type {LK.Inner} */ (rendermime.createRenderer(WIDGET));
    this.lab.Widget.attach(this.view, this.node);
    const view = { version_major: 2, version_minor: 0, model_id: id };
    this.view.done = this.view.renderModel({ data: { [WIDGET]: view }, metadata: {}, trusted: true, setData() {} });
  }

  drop() {
    const { view } = this;
    this.view = null;
    if (view?.isAttached) this.lab.Widget.detach(view);
    void view?.done?.finally(() => view.dispose()); // before, JupyterLab would put a view into it
  }

  /** Make room for it in the panel, whose style has how much that is. */
  place() {
    const panel = this.page.panel.node;
    const svg = /** @type {SVGSVGElement | null} */ (this.view && this.node.querySelector("svg.lk-diagram"));
    this.node.hidden = !svg;
    panel.style.removeProperty("--lk-top");
    panel.style.removeProperty("--lk-left");
    if (!svg) return;
    const { letter, side } = fit(svg.viewBox.baseVal, { width: panel.clientWidth, height: panel.clientHeight });
    this.node.dataset.side = side;
    this.node.style.fontSize = `${letter}px`;
    const box = this.node.getBoundingClientRect();
    panel.style.setProperty(`--lk-${side}`, `${Math.ceil(side === "top" ? box.height : box.width)}px`);
  }

  dispose() {
    this.page.changed.disconnect(this.look, this);
    this.sizes.disconnect();
    this.drawn.disconnect();
    this.drop();
    this.node.remove();
    for (const name of ["--lk-top", "--lk-left"]) this.page.panel.node.style.removeProperty(name);
  }
}
