// The card of what takes long: a button, a bar, and what came of it.

/** @param {LK.Render} card */
function render({ model, el }) {
  const { label } = model.get("about");
  const notice = disconnected();
  const link = connection(model, notice);
  const run = button("run", label, () => link.send("run"), { class: "lk-button lk-run lk-primary" });
  const stop = button("stop", "Stop", () => link.send("stop"), { hidden: true });
  const status = h("span", { role: "status" });
  const bar = progressbar(label);
  const result = h("div", { "aria-live": "polite" });
  const shown = h("div", { class: "lk-view" });
  const root = h("section", { class: "lk-card lk-asked", "aria-label": label },
    h("div", { class: "lk-row" }, run, stop, h("span", { class: "lk-doing" }, status)), bar, notice, result, shown);

  const update = () => {
    const state = model.get("state");
    const mine = Boolean(state.doing);
    run.enable(!state.busy);
    run.label(state.html ? `${label} again` : label);
    show(stop, mine);
    bar.set(mine, state.part);
    say(status, state.doing);
    result.replaceChildren(...(state.verdict ? [verdictOf(state.verdict)] : []));
    show(shown, Boolean(state.html));
    if (shown.dataset.html !== state.html) shown.innerHTML = shown.dataset.html = state.html;
  };
  return attach({ model, el, root, link, update });
}

export default { render };
