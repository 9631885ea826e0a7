// A terminal on a node: asked for here, opened by the page's extension.

/** Gives what a click on a node calls. `place` gets a sentence where there is no terminal to open.
 *  @param {{model: LK.Model, root: HTMLElement, link: LK.Link, lab: string, place: HTMLElement}} card */
function terminals({ model, root, link, lab, place }) {
  const asked = new Map(); // id of the question → the node, and what is to be typed there
  const gone = new AbortController();

  /** @param {string} text */
  function note(text) {
    place.textContent = text;
    place.hidden = !text;
  }

  /** @param {{id: string, error?: string}} message */
  function answered(message) {
    const { node, text } = asked.get(message.id);
    asked.delete(message.id);
    if (message.error) return note(message.error);
    const detail = { ...message, node, text, lab, model, gone: gone.signal };
    const event = new CustomEvent("labkernel:terminal", { bubbles: true, cancelable: true, detail });
    const nobody = root.dispatchEvent(event);
    return note(nobody ? `This page has no terminals. In one of this machine's: labkernel shell ${lab} ${node}` : "");
  }

  /** @param {{kind: string, id: string, error?: string}} message */
  const heard = (message) => message.kind === "terminal" && asked.has(message.id) && answered(message);
  model.on("msg:custom", heard);
  return {
    /** @param {string} node
     *  @param {string} text a line that is typed there */
    open(node, text = "") {
      note(`Opening a terminal on ${node}…`);
      asked.set(link.send("terminal", { node }), { node, text });
    },
    close() {
      gone.abort();
      model.off("msg:custom", heard);
    },
  };
}

function terminalNote() {
  return h("p", { class: "lk-note", role: "status", hidden: true });
}

/** The nodes of a picture become buttons.
 *  @param {SVGElement} svg
 *  @param {(node: string) => void} open */
function clickable(svg, open) {
  svg.setAttribute("role", "group"); // a picture's parts can't be reached
  for (const node of /** @type {NodeListOf<SVGElement>} */ (svg.querySelectorAll("[data-node]"))) {
    const name = node.dataset.node ?? "";
    for (const [key, value] of Object.entries({ role: "button", tabindex: "0", "aria-label": `Terminal on ${name}` })) {
      node.setAttribute(key, value);
    }
    node.addEventListener("click", () => open(name));
    node.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      open(name);
    });
  }
}
