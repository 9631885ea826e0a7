// Terminals on nodes, beside the notebook.
//
// Never JupyterLab's own command for terminals, nor its tracker: for a name that has ended they start
// a shell on the host, also when a layout is restored. What is opened here is not restored.

import { Channel } from "./channel.js";
import { join } from "./server.js";

const WIDE = 800; // px: beside a narrower notebook neither could be read

export class Terminals {
  /** @param {LK.Lab} lab
   *  @param {LK.App} app */
  constructor(lab, app) {
    this.lab = lab;
    this.app = app;
    /** @type {Map<string, LK.TerminalWidget>} by name */
    this.open = new Map();
    /** @type {Promise<void>} */
    this.last = Promise.resolve();
  }

  /** Take a card's wish. One at a time: a second click would start a second shell.
   *  @param {CustomEvent<LK.Wish>} event
   *  @param {LK.Panel} panel */
  take(event, panel) {
    if (!this.lab.Terminal) return;
    event.preventDefault();
    const { detail } = event;
    this.last = this.last.then(() => this.show(detail, panel)).catch((error) => {
      this.lab.Notification.error(`No terminal on ${detail.node}: ${error.message}`, { autoClose: false });
    });
  }

  /** @param {LK.Wish} detail
   *  @param {LK.Panel} panel */
  async show(detail, panel) {
    const there = this.open.get(detail.name);
    if (there && !there.ended) {
      this.reveal(there);
      return type(/** @type {LK.Session} */ (there.session), detail.text);
    }
    const session = await this.session(detail);
    const prompted = firstOutput(session);
    const widget = this.widget(detail, session);
    widget.session = session;
    this.place(widget, panel, there);
    there?.dispose();
    this.open.set(detail.name, widget);
    this.reveal(widget);
    if (detail.text) void prompted.then(() => type(session, detail.text)); // before, it would be seen twice
  }

  /** @param {LK.Wish} detail
   *  @returns {Promise<LK.Session>} */
  async session(detail) {
    const { terminals } = this.app.serviceManager;
    return terminals.isAvailable() ? join(this.lab, terminals, detail) : /** @type {any} */ (new Channel(this.lab, detail));
  }

  /** @param {LK.Wish} detail
   *  @param {LK.Session} session */
  widget(detail, session) {
    const { node, lab, name } = detail;
    const Terminal = /** @type {NonNullable<LK.Lab["Terminal"]>} */ (this.lab.Terminal); // see take()
    const content = new Terminal(session, { closeOnExit: false, autoFit: true, theme: "inherit" });
    /** @type {LK.TerminalWidget} */
    const widget = new this.lab.MainAreaWidget({ content, reveal: content.ready });
    widget.id = `labkernel-terminal-${name}`;
    widget.addClass("lk-terminal");
    const look = () => {
      const label = widget.ended ? `${node} (ended)` : node;
      if (content.title.label !== label) content.title.label = label; // a shell renames it
    };
    content.title.caption = `${node}, a node of the lab ${lab}`;
    content.title.closable = true;
    content.title.icon = this.lab.terminalIcon;
    content.title.changed.connect(look);
    look();
    this.follow(widget, content, session, look);
    return widget;
  }

  /** @param {LK.TerminalWidget} widget
   *  @param {import("@jupyterlab/terminal").Terminal} content
   *  @param {LK.Session} session
   *  @param {() => void} look */
  follow(widget, content, session, look) {
    const ended = () => {
      widget.ended = true;
      if (!widget.isDisposed) look();
    };
    session.disposed.connect(ended);
    session.connectionStatusChanged.connect((_, status) => status === "disconnected" && ended());
    const theme = new MutationObserver(() => content.setOption("theme", "inherit"));
    theme.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
    widget.disposed.connect(() => {
      theme.disconnect();
      for (const [name, each] of this.open) if (each === widget) this.open.delete(name);
      if (!widget.ended) void session.shutdown().catch(() => {}); // it may be ending just now
    });
  }

  /** @param {LK.TerminalWidget} widget
   *  @param {LK.Panel} panel
   *  @param {LK.TerminalWidget | undefined} old */
  place(widget, panel, old) {
    const { shell, name } = this.app;
    const last = old ?? [...this.open.values()].at(-1);
    if (name === "Jupyter Notebook") shell.add(widget, "right"); // its main area holds one thing
    else if (last?.isAttached) shell.add(widget, "main", { ref: last.id, mode: "tab-after" });
    else shell.add(widget, "main", { ref: panel.id, mode: panel.node.clientWidth < WIDE ? "split-bottom" : "split-right" });
  }

  /** @param {LK.TerminalWidget} widget */
  reveal(widget) {
    const shell = /** @type {LK.Shell} */ (this.app.shell);
    if (this.app.name === "Jupyter Notebook") shell.expandRight(widget.id);
    else shell.activateById(widget.id);
    widget.content.activate();
  }
}

/** Until the shell has said something: its prompt.
 *  @param {LK.Session} session
 *  @returns {Promise<void>} */
function firstOutput(session) {
  return new Promise((done) => {
    /** @param {unknown} _
     *  @param {{type: string}} message */
    const heard = (_, { type }) => {
      if (type !== "stdout") return;
      session.messageReceived.disconnect(heard);
      done();
    };
    session.messageReceived.connect(heard);
  });
}

/** Type a line, and Enter.
 *  @param {LK.Session} session
 *  @param {string | undefined} text */
function type(session, text) {
  if (text && !session.isDisposed) session.send({ type: "stdin", content: [`${text}\r`] });
}
