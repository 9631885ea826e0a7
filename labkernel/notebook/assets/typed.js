// The command that somebody types: it is in other views of the card as well, stays after a reload,
// and after a restart of the kernel.

/** @param {LK.Render & {root: HTMLElement, editor: HTMLTextAreaElement, link: LK.Link, own: string, grow: () => void}} card */
function keepTyped({ model, el, root, editor, link, own, grow }) {
  let waiting = 0;
  /** @type {string | null} */
  let seen = null;

  function settle() {
    clearTimeout(waiting);
    waiting = 0;
  }

  const send = () => {
    settle();
    link.send("typed", { command: editor.value });
  };

  /** @param {string} text */
  function put(text) {
    editor.value = text;
    settle();
    tell(root, "draft", text); // for when the kernel is gone
    grow();
  }

  editor.addEventListener("input", () => {
    grow();
    tell(root, "draft", editor.value);
    seen = editor.value;
    model.set("typed", seen); // at once in the other views of this page, of which one may take this one's place
    settle();
    waiting = setTimeout(send, 300);
  });

  /** Show what was written in another view; not over what is being written here. */
  function follow() {
    if (model.get("typed") === seen) return;
    seen = model.get("typed");
    if (focusIn(el) !== editor) put(seen ?? own);
  }

  // of an earlier kernel, where nothing has been typed since
  root.addEventListener("labkernel:command", (event) => {
    if (editor.value !== own) return;
    put(/** @type {CustomEvent<string>} */ (event).detail);
    if (editor.value !== own) send();
  });
  model.on("change:typed", follow);
  return {
    put,
    follow,
    settle,
    close() {
      if (waiting) send();
      model.off("change:typed", follow);
    },
  };
}
