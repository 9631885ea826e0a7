// The panel in full screen: what is seen of it, how far it is scrolled, and how it was before.

const AWAY = "lk-away";
const SETTLED = 5000; // ms: then the notebook has its size again, also beside a terminal

export class Screen {
  /** @param {LK.Panel} panel
   *  @param {HTMLElement[]} parts what is added to the panel
   *  @param {{key: (event: KeyboardEvent) => void, changed: () => void, rebuilt: () => void, gone: () => void}} told */
  constructor(panel, parts, told) {
    this.panel = panel;
    this.told = told;
    this.parts = parts;
    this.ending = new AbortController();
    this.full = this.lent = this.follows = false;
    this.keep();
    panel.addClass("lk-present");
    panel.node.append(...parts);
    parts.at(-1)?.focus();
    this.size(0);
    this.listen();
    void this.fill();
    this.raise();
  }

  get scroller() {
    return this.panel.content.outerNode ?? this.panel.content.node;
  }

  /** How it was, and will be again. */
  keep() {
    const { content } = this.panel;
    const { notebookConfig: config, activeCellIndex: cell } = content;
    const { scrollTop } = this.scroller;
    const focus = /** @type {HTMLElement | null} */ (document.activeElement);
    this.before = { config, cell, scrollTop, focus, shown: /** @type {LK.Cell | undefined} */ (undefined) };
    // cells out of view are to be there
    if (config.windowingMode !== "none") content.notebookConfig = { ...config, windowingMode: "none" };
  }

  listen() {
    const { signal } = this.ending;
    const { panel, told } = this;
    window.addEventListener("keydown", (event) => this.heard(event), { capture: true, signal }); // before JupyterLab
    window.addEventListener("pointerdown", () => this.back(), { capture: true, signal });
    window.addEventListener("pagehide", told.gone, { signal });
    document.addEventListener("fullscreenchange", () => this.look(), { signal });
    for (const name of ["terminal", "open"]) panel.node.addEventListener(`labkernel:${name}`, () => this.makeRoom(), { capture: true, signal });
    this.scroller.addEventListener("scroll", () => told.changed(), { signal, passive: true });
    this.scroller.addEventListener("wheel", () => this.stay(), { signal, passive: true });
    const watch = new MutationObserver(() => this.grown());
    watch.observe(panel.content.node, { childList: true, subtree: true, attributeFilter: ["class", "hidden", "aria-disabled", "data-state"] });
    const dialogs = new MutationObserver(() => this.raise());
    dialogs.observe(document.body, { childList: true });
    const sizes = new ResizeObserver(() => this.grown());
    for (const cell of [panel.content.node, ...this.scroller.children]) sizes.observe(cell);
    const rebuilt = () => void requestAnimationFrame(told.rebuilt); // when JupyterLab has made them
    const { cells } = panel.context.model;
    cells.changed.connect(rebuilt);
    signal.addEventListener("abort", () => {
      for (const each of [watch, dialogs, sizes]) each.disconnect();
      cells.changed.disconnect(rebuilt);
    });
  }

  /** @param {KeyboardEvent} event */
  heard(event) {
    if (!this.panel.isVisible) return;
    this.back();
    this.told.key(event);
  }

  /** Where a page gets no full screen, it is presented in its place.  Some browsers then let Escape lead out
   *  of a command first; in others it always ends full screen. */
  async fill() {
    const { node } = this.panel;
    try {
      await node.requestFullscreen();
      await keyboard()?.lock(["Escape"]);
    } catch (error) {
      console.info("labkernel: not in full screen, or without Escape:", /** @type {Error} */ (error).message);
    }
  }

  /** The browser may end full screen for a window of ours: it is not the end then. */
  lend() {
    this.lent = true;
  }

  /** The person is back from that window. */
  back() {
    if (!this.lent) return;
    this.lent = false;
    if (!document.fullscreenElement) void this.fill();
  }

  look() {
    const full = document.fullscreenElement === this.panel.node;
    if (this.full && !full && !this.lent) this.told.gone();
    this.full = full;
  }

  /** JupyterLab's dialogs are not in what is full screen: have the browser show them above it.  As popovers
   *  they would be seen as well, and could not be used. */
  raise() {
    for (const dialog of /** @type {NodeListOf<HTMLDialogElement>} */ (document.querySelectorAll("body > dialog.jp-Dialog:not([open])"))) {
      dialog.showModal();
      const first = dialog.querySelector(".jp-Dialog-body :is(input, select, textarea)") ?? [...dialog.querySelectorAll(".jp-Dialog-button")].at(-1);
      /** @type {HTMLElement | undefined} */ (first)?.focus();
    }
  }

  /** A terminal opens beside the notebook, which then shows the part's last cell; or another notebook does. */
  makeRoom() {
    if (this.before) this.before.shown = this.cell;
    this.told.gone();
  }

  /** @param {readonly LK.Cell[]} cells
   *  @param {boolean} scroll to where they begin */
  show(cells, scroll) {
    this.follows = false;
    this.cell = cells.at(-1);
    for (const cell of this.panel.content.widgets) cell.toggleClass(AWAY, !cells.includes(cell));
    if (scroll) this.scroller.scrollTop = 0;
  }

  /** @param {number} size from 0 */
  size(size) {
    this.panel.node.dataset.lkSize = String(size);
  }

  /** Whether there is more of the part below. */
  get below() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight > 8;
  }

  /** @param {number} screens how far */
  scroll(screens) {
    this.stay();
    this.scroller.scrollBy({ top: 0.9 * screens * this.scroller.clientHeight, behavior: "instant" });
  }

  /** Somebody reads: what is being done below does not move it. */
  stay() {
    this.follows = false;
  }

  /** From now on show the end of the part as it grows. */
  follow() {
    this.follows = true;
  }

  /** @param {LK.Cell} cell */
  reveal(cell) {
    this.stay();
    cell.node.scrollIntoView({ block: "nearest" });
  }

  grown() {
    if (this.follows) this.scroller.scrollTop = this.scroller.scrollHeight;
    this.told.changed();
  }

  close() {
    const { panel, before } = this;
    this.ending.abort();
    keyboard()?.unlock();
    panel.removeClass("lk-present");
    delete panel.node.dataset.lkSize;
    for (const part of this.parts) part.remove();
    for (const cell of panel.content.widgets ?? []) cell.removeClass(AWAY);
    if (panel.isDisposed) return;
    if (panel.content.notebookConfig !== before?.config && before) panel.content.notebookConfig = before.config;
    const restore = () => {
      if (before?.shown) before.shown.node.scrollIntoView({ block: "start" });
      else this.scroller.scrollTop = before?.scrollTop ?? 0;
    };
    panel.content.activeCellIndex = before?.cell ?? 0;
    restore();
    untilSettled(this.scroller, restore);
    if (before?.focus?.isConnected) before.focus.focus({ preventScroll: true });
    if (document.fullscreenElement === panel.node) void document.exitFullscreen();
  }
}

/** What not every browser has.
 *  @returns {{lock(keys: string[]): Promise<void>, unlock(): void} | undefined} */
function keyboard() {
  return /** @type {any} */ (navigator).keyboard;
}

/** Scroll again with each change of size, until somebody does something.
 *  @param {HTMLElement} scroller
 *  @param {() => void} scroll */
function untilSettled(scroller, scroll) {
  const sizes = new ResizeObserver(scroll);
  const end = () => sizes.disconnect();
  sizes.observe(scroller);
  for (const name of ["wheel", "pointerdown", "keydown"]) window.addEventListener(name, end, { once: true, capture: true });
  setTimeout(end, SETTLED);
}
