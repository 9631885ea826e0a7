// A terminal of the kernel's, where Jupyter's server has none: its bytes go over the card's comm.
// To JupyterLab's Terminal it is a session like one of the server's.

let count = 0;

export class Channel {
  /** @param {LK.Lab} lab
   *  @param {LK.Wish} wish */
  constructor(lab, { name, node, model, gone }) {
    this.key = `${Date.now()}-${count++}`;
    this.name = name;
    this.node = node;
    this.model = { name };
    this.connectionStatus = "connected";
    this.isDisposed = false;
    this.card = model;
    /** @type {import("@lumino/signaling").Signal<Channel, object>} */
    this.messageReceived = new lab.Signal(this);
    /** @type {import("@lumino/signaling").Signal<Channel, string>} */
    this.connectionStatusChanged = new lab.Signal(this);
    /** @type {import("@lumino/signaling").Signal<Channel, void>} */
    this.disposed = new lab.Signal(this);
    this.opened = false;
    this.heard = (/** @type {{kind: string, key: string, data?: string, ended?: boolean}} */ message) => message.kind === "tty" && message.key === this.key && this.take(message);
    model.on("msg:custom", this.heard);
    gone.addEventListener("abort", () => this.end(), { once: true });
  }

  /** @param {{data?: string, ended?: boolean}} message */
  take({ data, ended }) {
    if (ended) this.end();
    else {
      this.messageReceived.emit({ type: "stdout", content: [data] });
      this.say({ read: true });
    }
  }

  /** @param {object} more */
  say(more) {
    this.card.send({ action: "tty", id: `${this.key}-${count++}`, key: this.key, ...more });
  }

  /** What the terminal sends: keys, and its size, of which the first opens it.
   *  @param {import("@jupyterlab/services").Terminal.IMessage} message */
  send({ type, content = [] }) {
    if (this.isDisposed) return;
    if (type === "stdin") this.say({ data: content[0] });
    if (type !== "set_size") return;
    const size = content.slice(0, 2);
    this.say(this.opened ? { size } : { open: [this.node, ...size] });
    this.opened = true;
  }

  async reconnect() {}

  async shutdown() {
    if (this.isDisposed) return;
    this.say({ close: true });
    this.dispose();
  }

  end() {
    if (this.isDisposed) return;
    this.messageReceived.emit({ type: "disconnect", content: [] });
    this.connectionStatus = "disconnected";
    this.connectionStatusChanged.emit("disconnected");
    this.dispose();
  }

  dispose() {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.card.off("msg:custom", this.heard);
    this.disposed.emit();
  }
}
