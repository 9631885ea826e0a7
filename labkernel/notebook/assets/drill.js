// The card of a drill: Break it, then Check, Hint, Give up.  What breaks more is not the big button.

/** @param {LK.Render} card */
function render({ model, el }) {
  const about = model.get("about");
  const notice = disconnected();
  const link = connection(model, notice);
  const chip = h("span", { class: "lk-chip lk-task", text: "Broken", hidden: true });
  const of = `drill: ${about.title}`;
  const begin = button("run", "Break it", breaks, {
    of, class: "lk-button lk-run lk-primary", title: "Start the lab afresh, and break something in it",
  });
  const check = button("check", "Check", () => link.send("check"), {
    of, class: "lk-button lk-check lk-primary", title: "Is it fixed?",
  });
  const hint = button("hint", "Hint", () => link.send("hint"), { of });
  const give = button("told", "Give up", () => link.send("give_up"), { of, title: "Fix it, and tell what it was" });
  const other = button("reset", "Break something else", breaks, {
    of, class: "lk-button lk-jump lk-far", title: "Start the lab afresh, and break something in it",
  });
  const ask = asking();
  const bar = progressbar("Progress of this drill");
  const status = h("span", { role: "status" });
  const hints = h("ol", { class: "lk-hints", "aria-label": "Hints", "aria-live": "polite", hidden: true });
  const result = h("div", { "aria-live": "polite" });

  const root = h("section", { class: "lk-card lk-step", "aria-label": `Drill: ${about.title}` },
    h("header", {}, h("h3", { text: about.title }), chip,
      h("span", { class: "lk-chip lk-quiet", text: `${about.count} faults`, title: "One of them is drawn" })),
    about.about ? prose("p", about.about, { class: "lk-about" }) : null,
    h("div", { class: "lk-row" }, begin, check, hint, give, h("span", { class: "lk-doing" }, status), other),
    ask, bar, notice, hints, result);

  const update = () => {
    const state = model.get("state");
    const focused = focusIn(el) === begin;
    show(begin, !state.broken);
    show(other, state.broken);
    for (const each of [begin, other]) each.enable(!state.busy);
    for (const each of [check, hint, give]) show(each, state.broken);
    if (focused && state.broken) check.focus();
    for (const each of [check, give]) each.enable(state.broken && !state.busy);
    hint.enable(state.broken && state.left > 0);
    hint.label(state.broken && state.left <= 0 ? "No more hints" : state.hints.length ? "Another hint" : "Hint");
    show(chip, state.broken);
    bar.set(Boolean(state.doing), null);
    say(status, state.broken && !state.verdict && !state.doing ? "Something is broken. Find it, and fix it." : "");
    show(hints, state.hints.length > 0);
    hints.replaceChildren(...state.hints.map((/** @type {string} */ text) => prose("li", text)));
    const said = state.doing ? { kind: "running", title: state.doing, rows: [] } : state.verdict; // not the last one meanwhile
    result.replaceChildren(...(said ? [verdictOf(said)] : []));
  };

  function breaks() {
    const { broken, touched } = model.get("state");
    const lost = broken ? "the fault that is in the lab now is not found then" : "what was done in it is lost";
    ask.unless(broken || touched ? `This starts the lab afresh: ${lost}.` : "", "Break it", () => link.send("begin"));
  }

  return attach({ model, el, root, link, update });
}

export default { render };
