// The card of a drill: Break it, Check, Hint, Give up.

function render({ model, el }) {
  const about = model.get("about");
  const notice = disconnected();
  const link = connection(model, notice);
  const chip = h("span", { class: "lk-chip lk-task", text: "Broken", hidden: true });
  const begin = button("run", "Break it", () => link.send("begin"), {
    class: "lk-button lk-run lk-primary", title: "Start the lab afresh, and break something in it",
  });
  const check = button("passed", "Check", () => link.send("check"), { title: "Is it mended?" });
  const hint = button("hint", "Hint", () => link.send("hint"));
  const give = button("end", "Give up", () => link.send("give_up"), { title: "Mend it, and tell what it was" });
  const bar = progressbar("Progress of this drill");
  const status = h("span", { role: "status" });
  const hints = h("ol", { class: "lk-hints", "aria-label": "Hints", "aria-live": "polite", hidden: true });
  const result = h("div", { "aria-live": "polite" });

  const root = h("section", { class: "lk-card lk-step", "aria-label": `Drill: ${about.title}` },
    h("header", {}, h("h4", { text: about.title }), chip,
      h("span", { class: "lk-chip lk-quiet", text: `${about.count} faults`, title: "One of them is drawn" })),
    about.about ? prose("p", about.about, { class: "lk-about" }) : null,
    h("div", { class: "lk-row" }, begin, check, hint, give, h("span", { class: "lk-doing" }, status)),
    bar, notice, hints, result);

  const update = () => {
    const state = model.get("state");
    begin.enable(!state.busy);
    begin.label(state.broken ? "Break something else" : "Break it");
    for (const each of [check, give]) each.enable(state.broken && !state.busy);
    hint.enable(state.broken && state.left > 0);
    hint.label(state.broken && state.left <= 0 ? "No more hints" : state.hints.length ? "Another hint" : "Hint");
    show(chip, state.broken);
    bar.set(Boolean(state.doing), null);
    say(status, state.doing || (state.broken && !state.verdict ? "Something is broken. Find it, and mend it." : ""));
    show(hints, state.hints.length > 0);
    hints.replaceChildren(...state.hints.map((text) => prose("li", text)));
    result.replaceChildren(...(state.verdict ? [verdictOf(state.verdict)] : []));
  };
  return attach({ model, el, root, link, update });
}

export default { render };
