// The output of a cell that shows a card: live where the kernel knows it, else as it was saved.

import { act, takeActed } from "./acted.js";
import { CARD, WIDGET } from "./mime.js";
import { start } from "./start.js";
import { showUndone } from "./undone.js";
import { bar, earlier } from "./words.js";

/** The widgets that a kernel has, by their ids; none where it ends meanwhile.
 *  @param {LK.Kernel} kernel
 *  @returns {Promise<object>} */
async function comms(kernel) {
  const reply = await kernel.requestCommInfo({ target_name: "jupyter.widget" }).catch(() => null);
  return reply?.content.status === "ok" ? reply.content.comms : {};
}

/** The class, made from JupyterLab's own panel.
 *  @param {LK.Lab} lab */
export function cardClass(lab) {
  return class Card extends lab.Panel {
    /** @param {LK.Page} page */
    constructor(page) {
      super();
      this.page = page;
      /** @type {{data: LK.Data} | undefined} */
      this.mime = undefined;
      this.trusted = this.live = this.ready = this.asks = false;
      /** @type {string | undefined} id of the kernel that was asked for this card last */
      this.tries = undefined;
      /** @type {LK.Inner | null} */
      this.inner = null;
      /** @type {LK.Inner | null} */
      this.saved = null;
      /** @type {MutationObserver | null} */
      this.watch = null;
      /** @type {HTMLElement | null} */
      this.past = null;
      this.addClass("lk-output");
      this.bar = bar(() => start(lab, page));
      this.addWidget(new lab.Widget({ node: this.bar.node }));
      page.cards.add(this);
      page.changed.connect(this.look, this);
      for (const name of ["acted", "saved", "draft"]) this.node.addEventListener(`labkernel:${name}`, this);
    }

    dispose() {
      this.page.cards.delete(this);
      this.page.changed.disconnect(this.look, this);
      super.dispose();
    }

    /** @returns {LK.Data} */
    get data() {
      return this.mime?.data ?? {};
    }

    /** @returns {LK.Data} */
    get card() {
      return this.data[CARD] ?? {};
    }

    /** Called again with each change of the output's data.
     *  @param {import("@jupyterlab/rendermime-interfaces").IRenderMime.IMimeModel} mime */
    async renderModel(mime) {
      const { model_id: id } = this.card;
      this.mime = mime;
      this.trusted = mime.trusted;
      this.page.remember(mime.data);
      if (this.inner && this.card.model_id === id) {
        this.showEarlier();
        return; // only the saved form is new: the view, and what was typed, stay
      }
      await this.showSaved();
      await this.page.panel.sessionContext.ready;
      await new Promise((done) => setTimeout(done)); // the widgets' factory is set now, not before
      this.ready = true;
      this.tries = undefined;
      this.look();
    }

    /** Whether there may be a kernel that knows this card. */
    get possible() {
      const { model_id: id } = this.card;
      return this.page.alive && Boolean(id) && !this.page.gone.has(id);
    }

    /** See whether the kernel lives, and show the live card or the saved one. */
    look() {
      if (this.isDisposed || !this.mime) return;
      const { page } = this;
      if (!this.possible) {
        this.tries = undefined;
        if (this.inner) void this.showSaved();
      } else if (this.ready && !this.live && !this.inner && this.tries !== page.kernel?.id) {
        this.tries = page.kernel?.id;
        void this.tryIfKnown();
      }
      this.tell();
    }

    tell() {
      const { page } = this;
      const lost = page.alive && !page.reached;
      this.toggleClass("lk-lost", lost);
      const waits = this.inner || this.asks || (this.possible && !this.ready);
      const fine = this.live || (!this.card.model_id && !page.starting); // as shipped: nothing was lost
      this.bar.set(lost ? "lost" : fine ? "" : page.starting ? "starting" : waits ? "connecting" : "dead");
    }

    async showSaved() {
      this.dropLive();
      const html = { "text/html": this.data["text/html"] ?? "" };
      const saved = await this.rendered(html);
      if (this.live || this.isDisposed) return saved.dispose();
      this.saved?.dispose();
      this.saved = saved;
      saved.addClass("lk-saved");
      if (this.card.recorded && saved.node.querySelector(".lk-transcript")) showUndone(saved.node);
      this.addWidget(saved);
      this.tell();
      return undefined;
    }

    /** HTML of a file that may be a stranger's: JupyterLab takes out what could run.
     *  @param {LK.Data} data */
    async rendered(data) {
      const renderer = this.page.panel.content.rendermime.createRenderer("text/html");
      await renderer.renderModel({ data, metadata: {}, trusted: false, setData() {} });
      return /** @type {LK.Inner} */ (renderer);
    }

    dropLive() {
      this.live = false;
      this.watch?.disconnect();
      const { inner } = this;
      inner?.hide();
      void inner?.done?.finally(() => inner.dispose()); // before, JupyterLab would put a view into it
      this.inner = this.watch = null;
      this.past?.remove();
      this.past = null;
    }

    /** A file may bring widgets of its own, with scripts in them: what has not run here is live only
     *  where the kernel itself knows it. */
    async tryIfKnown() {
      const { kernel } = this.page;
      const { model_id: id } = this.card;
      if (!this.trusted && kernel) {
        this.asks = true;
        const known = await comms(kernel);
        this.asks = false;
        if (this.isDisposed) return;
        if (!Object.hasOwn(known, id)) return void this.tell();
      }
      const same = kernel === this.page.kernel && id === this.card.model_id;
      if (same && this.possible && !this.inner && !this.isDisposed) this.tryLive();
      this.tell();
    }

    /** JupyterLab's own renderer of widgets, hidden until a card of ours is in it. */
    tryLive() {
      const inner = /** @type {LK.Inner} */ (this.page.panel.content.rendermime.createRenderer(WIDGET));
      this.inner = inner;
      inner.hide();
      this.addWidget(inner);
      this.watch = new MutationObserver(() => this.seen(inner));
      this.watch.observe(inner.node, { childList: true, subtree: true, characterData: true });
      const view = { version_major: 2, version_minor: 0, model_id: this.card.model_id };
      inner.done = inner.renderModel({ data: { [WIDGET]: view }, metadata: {}, trusted: true, setData() {} });
    }

    /** @param {LK.Inner} inner */
    seen(inner) {
      if (inner !== this.inner || inner.isDisposed) return;
      if (inner.node.querySelector(".lk-card")) this.showLive(inner);
      else if (inner.node.textContent?.startsWith("Error displaying widget")) {
        this.dropLive(); // another kernel's card
        this.tell();
      }
    }

    /** @param {LK.Inner} inner */
    showLive(inner) {
      this.live = true;
      this.watch?.disconnect();
      this.saved?.dispose();
      this.saved = null;
      inner.show();
      const command = this.page.drafts.get(this.card.key) ?? this.card.command;
      if (command) inner.node.querySelector(".lk-card")?.dispatchEvent(new CustomEvent("labkernel:command", { detail: command }));
      this.showEarlier();
      this.tell();
    }

    /** Below the live card, what was done in an earlier start of the lab. */
    showEarlier() {
      const own = this.inner?.node.querySelector(".lk-has-work"); // from the trainee's record
      const shown = this.live && this.card.earlier && !own;
      if (!shown) {
        this.past?.remove();
        this.past = null;
      }
      if (!shown || this.past) return;
      this.past = earlier(async (place) => {
        const saved = await this.rendered({ "text/html": this.data["text/html"] });
        place.replaceChildren(saved.node);
      });
      this.node.append(this.past);
    }

    /** @param {Event & {detail?: any}} event */
    handleEvent(event) {
      event.stopPropagation();
      const { key, model_id: id } = this.card;
      if (event.type === "labkernel:acted") act(id);
      else if (event.type === "labkernel:draft") this.page.drafts.set(key, event.detail);
      else this.page.work.take(this, event.detail);
    }

    /** Whether it was this page, or one that is gone, in which the person has worked with the card; asked
     *  once for each work. */
    takeActed() {
      return takeActed(this.card.model_id);
    }
  };
}
