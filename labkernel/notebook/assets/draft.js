// The command that somebody types stays, in other tabs, after a reload and after a kernel's restart.

function keepDraft({ model, root, editor, own, grow }) {
  let waiting = 0;

  function keep() {
    const text = editor.value === own ? "" : editor.value;
    if (text === model.get("draft")) return;
    model.set("draft", text);
    model.save_changes();
  }

  function put(text) {
    editor.value = text;
    grow();
  }

  /** From another tab; not while one types here. */
  const changed = () => {
    const text = model.get("draft") || own;
    if (root.getRootNode().activeElement !== editor && editor.value !== text) put(text);
  };

  // of an earlier kernel, where nothing has been typed since
  root.addEventListener("labkernel:command", (event) => editor.value === own && put(event.detail));
  model.on("change:draft", changed);
  return {
    later() {
      if (editor.value !== own) tell(root, "draft", editor.value); // for when the kernel is gone
      clearTimeout(waiting);
      waiting = setTimeout(keep, 300);
    },
    close() {
      clearTimeout(waiting);
      model.off("change:draft", changed);
    },
  };
}
