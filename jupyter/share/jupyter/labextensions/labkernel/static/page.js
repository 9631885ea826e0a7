// One notebook in this page: whether its kernel lives, what was done in it, and its file.

import { renewComms } from "./kernel.js";
import { CARD, WIDGET } from "./mime.js";
import { reload } from "./reload.js";
import { Work } from "./work.js";

const DEAD = new Set(["restarting", "autorestarting", "dead", "terminating"]);

const FROM_KERNEL = new Set(["busy", "idle", "starting"]); // the server says the others itself

export class Page {
  /** @param {LK.Lab} lab
   *  @param {LK.Panel} panel */
  constructor(lab, panel) {
    this.lab = lab;
    this.panel = panel;
    /** @type {Set<LK.Card>} renderers */
    this.cards = new Set();
    /** @type {Map<string, LK.Data>} key of a card → the output as it was when that step ended last */
    this.finished = new Map();
    /** @type {Map<string, LK.Data>} key of a card → the output as it was shipped */
    this.shipped = new Map();
    /** @type {Set<string>} models of a kernel that has been restarted: JupyterLab goes on showing them */
    this.gone = new Set();
    /** @type {Map<string, string>} key of a card → the command that was typed */
    this.drafts = new Map();
    /** @type {import("@lumino/signaling").Signal<Page, void>} the kernel lives, or does not */
    this.changed = new lab.Signal(this);
    /** @type {import("@lumino/signaling").Signal<Page, void>} the kernel has ended, or another one is there */
    this.ended = new lab.Signal(this);
    /** @type {Promise<void> | null} while the notebook is being started */
    this.starting = null;
    /** @type {Map<unknown, unknown>} cells that are to run, or have run and are not put back yet */
    this.pending = new Map();
    this.work = new Work(lab, this);
    this.process = ""; // of the kernel, as its messages name it
    this.isDisposed = false;
    this.others = new BroadcastChannel("labkernel:saved"); // pages of this browser
    this.others.onmessage = ({ data }) => data === panel.context.path && void this._follow();
    this._save = lab.files.inTurn(panel.context);
    this._watch(panel.sessionContext);
    panel.disposed.connect(() => this.dispose());
  }

  dispose() {
    this.isDisposed = true;
    this.others.close();
    this.lab.Signal.clearData(this);
  }

  get kernel() {
    return this.panel.sessionContext.session?.kernel ?? null;
  }

  /** Whether there is a kernel that can have live cards. */
  get alive() {
    return this.kernel !== null && !DEAD.has(this.kernel.status);
  }

  /** Whether the server can be reached. */
  get reached() {
    return this.kernel?.connectionStatus !== "connecting" && this.kernel?.connectionStatus !== "disconnected";
  }

  /** @param {LK.Panel["sessionContext"]} context */
  _watch(context) {
    const tell = () => this.changed.emit();
    context.statusChanged.connect((_, status) => {
      if (DEAD.has(status)) this._forget();
      tell();
    });
    context.kernelChanged.connect((_, { oldValue }) => {
      if (oldValue) this._forget();
      this.process = "";
      tell();
    });
    context.connectionStatusChanged.connect(tell);
    context.iopubMessage.connect((_, message) => this._hear(message));
  }

  /** Another page may have restarted the kernel: its messages then come from another process.
   *  @param {{header: {msg_type: string, session: string}, content: LK.Data}} message */
  _hear({ header, content }) {
    if (header.msg_type !== "status" || !FROM_KERNEL.has(content.execution_state)) return;
    if (this.process && this.process !== header.session) {
      this._forget();
      renewComms(this.kernel);
      this.changed.emit();
    }
    this.process = header.session;
  }

  _forget() {
    for (const { card } of this.cards) this.gone.add(card.model_id);
    setTimeout(() => this.isDisposed || this.ended.emit()); // after JupyterLab has seen to it
  }

  /** Keep what a person has done; `data` is the output of its card.
   *  @param {LK.Data} data */
  remember(data) {
    const card = data[CARD];
    if (card?.ended) this.finished.set(card.key, data);
    else if (card?.recorded) this.shipped.set(card.key, data);
  }

  /** The output that the file is to have: what was done, else what was recorded when the notebook was made,
   *  beside the identity of the live card.
   *  @param {LK.Data} data */
  merged(data) {
    const { key, model_id: id, ended } = data[CARD];
    const done = this.finished.get(key);
    const kept = done ?? this.shipped.get(key);
    if (!kept || ended) return data;
    const card = { ...kept[CARD], model_id: id, ...(done ? { earlier: true } : {}) };
    return { ...data, ...kept, [CARD]: card, ...(data[WIDGET] ? { [WIDGET]: data[WIDGET] } : {}) };
  }

  /** Do what reads or writes the file, while nothing else does.
   *  @template T
   *  @param {() => Promise<T>} work */
  alone(work) {
    return this.lab.files.alone(this.panel.context, work);
  }

  /** Alone: take over what another page has saved meanwhile, where nothing is unsaved in this one. */
  async takeOver() {
    const { context } = this.panel;
    if (context.model.dirty || !(await this._stale(context))) return false;
    await reload(this.lab, this.panel);
    return true;
  }

  /** Where the file can't be looked at, saving says why.
   *  @param {LK.Context} context */
  async _stale(context) {
    const there = await this.lab.contents.get(context.path, { content: false }).catch(() => null);
    return there !== null && there.last_modified !== context.contentsModel?.last_modified;
  }

  /** Alone: save what has changed.  After a save that was under way meanwhile, JupyterLab takes the
   *  notebook for unchanged: `anyway` does not ask it.
   *  @param {{anyway?: boolean}} how */
  async save({ anyway = false } = {}) {
    const { context } = this.panel;
    if (!(context.model.dirty || anyway) || !context.contentsModel?.writable || context.model.readOnly) return;
    await this._save();
    this.others.postMessage(context.path);
  }

  /** Another page has saved the file: saved from here, JupyterLab would ask which of two is right. */
  async _follow() {
    try {
      await this.alone(() => this.takeOver());
    } catch (error) {
      console.warn("labkernel:", error);
    }
  }
}
