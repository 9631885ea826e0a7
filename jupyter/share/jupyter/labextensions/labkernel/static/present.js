// A notebook in full screen, a part at a time, with live cards.

import { lookAt, nextOf } from "./deeds.js";
import { actionOf } from "./keys.js";
import { Notes } from "./notes.js";
import { partsOf } from "./parts.js";
import { Pin } from "./pin.js";
import { courseAddress, drawCode } from "./qr.js";
import { Screen } from "./screen.js";
import { keyList, openDialog, stageBar } from "./stage.js";
import { start, tagged } from "./start.js";
import { element } from "./words.js";

const SIZES = 3;
const SAME = 900_000; // ms: who comes back within that goes on with the same presentation
const LABELS = { scroll: "Scroll", warn: "Next", next: "Next", end: "Next" };

export class Presentation {
  /** @param {LK.Lab} lab
   *  @param {LK.Page} page */
  constructor(lab, page) {
    this.lab = lab;
    this.page = page;
    this.panel = page.panel;
    this.at = -1; // as yet
    this.size = 0;
    this.since = 0;
    this.left = 0; // when, in ms
    /** @type {LK.Part[]} */
    this.parts = [];
    /** @type {Set<LK.Cell>} cells in which something was begun */
    this.tried = new Set();
    this.warned = false;
    /** @type {Screen | null} while it is presented */
    this.screen = null;
    this.bar = stageBar((action) => this.act(action));
    this.notes = new Notes({ act: (action) => this.act(action), key: (event) => this.key(event), save: () => this.save() });
    /** @type {Pin | null} */
    this.pin = null;
    this.panel.disposed.connect(() => this.leave());
  }

  get part() {
    return this.parts[this.at];
  }

  /** Full screen first: a browser gives it only soon after a click. */
  async enter() {
    if (this.screen) return;
    const again = Date.now() - this.left < SAME;
    if (!again) {
      this.tried.clear();
      this.since = Date.now();
    }
    this.pin = new Pin(this.lab, this.page);
    this.screen = new Screen(this.panel, [this.pin.node, this.bar.node],
      { key: (event) => this.key(event), changed: () => this.tell(), rebuilt: () => this.rebuild(), gone: () => this.leave() });
    this.parts = partsOf(this.panel);
    this.show(again && this.from === this.panel.content.activeCell ? this.at : this.first());
    this.from = this.panel.content.activeCell;
    this.ticking = setInterval(() => this.tick(), 1000);
    this.tick();
    await this.begin();
  }

  /** The part of the cell that is active: where one begins. */
  first() {
    const { activeCell } = this.panel.content;
    return Math.max(0, this.parts.findIndex(({ cells }) => cells.some((cell) => cell === activeCell)));
  }

  async begin() {
    if (!tagged(this.panel).length || [...this.page.cards].some((card) => card.live)) return;
    this.bar.say("Starting the notebook…");
    await start(this.lab, this.page);
    this.rebuild();
    const started = this.page.cards.size > 0;
    this.bar.say(started ? "" : "The notebook did not start. Leave the presentation to see why.");
  }

  /** Cells, or what they show, are others than before. */
  rebuild() {
    if (!this.screen) return;
    const { cells = [] } = this.part ?? {};
    this.parts = partsOf(this.panel);
    const same = this.parts.findIndex((part) => part.cells.some((cell) => cells.includes(cell)));
    this.show(same < 0 ? this.at : same, { scroll: false });
  }

  /** @param {number} at
   *  @param {{scroll?: boolean}} how */
  show(at, { scroll = true } = {}) {
    this.at = Math.max(0, Math.min(at, this.parts.length - 1));
    this.warned = false;
    const { part, parts } = this;
    this.screen?.show(part?.cells ?? [], scroll);
    this.bar.part(this.at, parts.length, part?.title ?? "");
    this.bar.say("");
    // a lab's own card has its picture
    this.pin?.show(part && part.key !== part.lab ? part.lab : "");
    this.follow();
    this.tell();
  }

  follow() {
    this.notes.follow(this.part, `Part ${this.at + 1} of ${this.parts.length}`, this.parts[this.at + 1]);
  }

  /** What the one key would do now. */
  look() {
    const { deed, obstacle } = this.part ? lookAt(this.part, this.tried, (cell) => this.runCell(cell)) : { obstacle: "" };
    const last = this.at === this.parts.length - 1;
    const next = nextOf({ below: this.screen?.below ?? false, deed: Boolean(deed), obstacle, warned: this.warned, last });
    return { deed, obstacle, next };
  }

  tell() {
    const { deed, next } = this.look();
    this.bar.next(next === "do" ? deed?.label ?? "" : LABELS[next]);
  }

  forward() {
    const { deed, obstacle, next } = this.look();
    this.bar.say("");
    if (next === "scroll") this.screen?.scroll(1);
    else if (next === "do" && deed) this.do(deed);
    else if (next === "warn") this.bar.say(obstacle);
    else if (next === "end") this.bar.say("This is the end. Escape leaves.");
    else this.show(this.at + 1);
    this.warned = next === "warn";
    this.tell();
  }

  /** @param {import("./deeds.js").Deed} deed */
  do({ act, cell }) {
    if (cell) this.screen?.reveal(cell);
    else this.screen?.follow();
    act();
  }

  /** @param {LK.Cell} cell */
  runCell(cell) {
    return this.lab.NotebookActions.runCells(this.panel.content, [cell], this.panel.sessionContext);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const action = actionOf(event);
    if (!action) return;
    event.stopPropagation();
    if (action === "nothing") return;
    event.preventDefault();
    if (action === "out") /** @type {HTMLElement} */ (event.target).blur();
    this.act(action);
  }

  /** Do what a key or a button says.
   *  @param {string} action */
  act(action) {
    /** @type {Record<string, () => unknown>} */
    const acts = {
      forward: () => this.forward(),
      back: () => this.show(this.at - 1),
      first: () => this.show(0),
      last: () => this.show(this.parts.length - 1),
      down: () => this.screen?.scroll(0.15),
      up: () => this.screen?.scroll(-0.15),
      larger: () => this.resize(1),
      smaller: () => this.resize(-1),
      notes: () => this.showNotes(),
      pin: () => this.pin?.toggle(),
      time: () => {
        this.bar.time.hidden = !this.bar.time.hidden;
      },
      code: () => void this.showCode(),
      help: () => openDialog(this.panel.node, "Keys", "?", keyList()),
      out: () => this.bar.node.focus(),
      leave: () => this.leave(),
    };
    acts[action]?.();
  }

  /** @param {number} by */
  resize(by) {
    this.size = Math.max(0, Math.min(this.size + by, SIZES - 1));
    this.screen?.size(this.size);
    this.tell();
  }

  showNotes() {
    this.screen?.lend(); // some browsers end full screen for another window
    const open = this.notes.open();
    this.bar.say(open ? "" : "The browser has blocked the window with the notes. Allow pop-ups for this page, and press N again.");
    this.follow();
    this.tick();
  }

  save() {
    this.page.alone(() => this.page.save()).catch((/** @type {Error} */ error) => this.bar.say(`The notes are not saved yet: ${error.message}`));
  }

  async showCode() {
    const { PageConfig, contents } = this.lab;
    const address = courseAddress((name) => PageConfig.getOption(/** @type {any} */ (name)), location.origin, contents.localPath(this.panel.context.path));
    if (!address) return this.bar.say("There is no address here that others could open: this server is yours alone. Under JupyterHub there is one.");
    try {
      const { kernel } = this.page;
      if (!kernel) throw new Error("the notebook has no kernel");
      const image = element("img", { src: await drawCode(kernel, address), alt: "QR code of the address below" });
      openDialog(this.panel.node, "This notebook", "q", image, element("p", { className: "lk-stage-address", textContent: address }));
    } catch (error) {
      this.bar.say(`The code of ${address} can't be drawn: ${/** @type {Error} */ (error).message}.`);
    }
    return undefined;
  }

  tick() {
    const seconds = Math.floor((Date.now() - this.since) / 1000);
    const elapsed = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    this.bar.time.textContent = elapsed;
    this.notes.tick(elapsed);
  }

  /** Leave nothing behind. */
  leave() {
    const { screen } = this;
    if (!screen) return;
    this.screen = null;
    this.left = Date.now();
    clearInterval(this.ticking);
    this.notes.close();
    this.pin?.dispose();
    this.pin = null;
    for (const dialog of this.panel.node.querySelectorAll(".lk-stage-dialog")) dialog.remove();
    screen.close();
  }
}
