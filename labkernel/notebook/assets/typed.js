// The command that somebody types: it is in other views of the card as well, stays after a reload,
// and after a restart of the kernel.

function keepTyped({ model, el, root, editor, link, own, grow }) {
  let waiting = 0;
  let seen = null;

  function put(text) {
    editor.value = text;
    clearTimeout(waiting);
    tell(root, "draft", text); // for when the kernel is gone
    grow();
  }

  editor.addEventListener("input", () => {
    grow();
    tell(root, "draft", editor.value);
    clearTimeout(waiting);
    waiting = setTimeout(() => link.send("typed", { command: editor.value }), 300);
  });

  /** Show what was written in another view; not over what is being written here. */
  function follow() {
    if (model.get("typed") === seen) return;
    seen = model.get("typed");
    if (el.getRootNode().activeElement !== editor) put(seen ?? own);
  }

  // of an earlier kernel, where nothing has been typed since
  root.addEventListener("labkernel:command", (event) => {
    if (editor.value !== own) return;
    put(event.detail);
    if (editor.value !== own) link.send("typed", { command: editor.value });
  });
  model.on("change:typed", follow);
  return {
    put,
    follow,
    settle: () => clearTimeout(waiting),
    close() {
      clearTimeout(waiting);
      model.off("change:typed", follow);
    },
  };
}
