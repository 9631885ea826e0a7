// The card of a lab: its picture, its state, and Start, Reset, End.

/** @type {Record<string, string>} */
const STATES = { down: "Not started", starting: "Starting", up: "Running", ending: "Ending" };

/** @param {LK.Render} card */
function render({ model, el }) {
  /** @type {LK.AboutLab} */
  const about = model.get("about");
  const chip = h("span", { class: "lk-chip", role: "status" });
  const notice = disconnected();
  const note = terminalNote();
  const link = connection(model, notice);
  const of = `lab: ${about.title}`;
  const start = button("run", "Start", () => link.send("start"), { of, class: "lk-button lk-run lk-primary" });
  const resume = button("jump", "Continue", () => link.send("continue"), { of, class: "lk-button lk-resume lk-primary" });
  const reset = button("reset", "Reset", () => lose("Reset starts the lab afresh", "Reset", "reset"), {
    of, title: "Start the lab afresh; its nodes forget everything",
  });
  const end = button("end", "End", () => lose("End ends every node", "End", "end"), {
    of, title: "End every node; nothing is left",
  });
  const ask = asking();
  const bar = progressbar("Starting the lab");
  const doing = h("span", { class: "lk-doing" });
  const picture = h("div", { class: "lk-drawn" });
  let svg = drawn();
  const scroller = scrolled(h("div", { class: "lk-picture" }, picture), "The picture, which is wider than the card");
  const done = h("span", { class: "lk-doing" });
  const dots = h("ol", { class: "lk-steps", "aria-label": "Steps" },
    ...about.steps.map((title, at) => h("li", { title: `${at + 1}. ${title}` }, h("span", { class: "lk-hidden" }))));
  const result = h("div", { "aria-live": "polite" });

  const root = h("section", { class: "lk-card lk-lab", "aria-label": `Lab: ${about.title}` },
    h("header", {}, h("h3", { text: about.title }),
      about.backend ? h("span", { class: "lk-chip lk-quiet", text: about.backend, title: "What the nodes run on" }) : null, chip),
    scroller, bar, notice, note, result,
    h("div", { class: "lk-row" }, resume, start, reset, end, doing,
      h("span", { class: "lk-far" }, done, dots)), ask);

  /** @param {string} what
   *  @param {string} label
   *  @param {string} action */
  function lose(what, label, action) {
    const { touched, passed } = model.get("state");
    const count = passed.filter(Boolean).length;
    const more = count ? ` ${count} of ${about.steps.length} steps have passed in it.` : "";
    ask.unless(touched ? `${what}: what was done in it is lost.${more}` : "", label, () => link.send(action));
  }

  const shell = terminals({ model, root, link, lab: about.name, place: note });
  clickable(svg, shell.open);
  root.addEventListener("labkernel:type", (event) => {
    const { node, text } = /** @type {CustomEvent<{node: string, text: string}>} */ (event).detail;
    if (![...svg.querySelectorAll("[data-node]")].some((each) => each.getAttribute("data-node") === node)) return;
    event.preventDefault();
    shell.open(node, text);
  });

  /** The lab as it is now; where that is not known, as it is declared. */
  function drawn() {
    const { svg, size } = { ...about, ...model.get("picture") };
    picture.innerHTML = svg;
    picture.setAttribute("style", size);
    return /** @type {SVGElement} */ (picture.firstElementChild);
  }
  const redraw = () => {
    const focus = /** @type {HTMLElement | null} */ (focusIn(el));
    const node = svg.contains(focus) ? focus?.dataset.node : undefined;
    svg = drawn();
    clickable(svg, shell.open);
    draw(svg, about, model.get("state"));
    if (node) /** @type {SVGElement | null} */ (svg.querySelector(`[data-node="${node}"]`))?.focus();
  };
  model.on("change:picture", redraw);
  const inView = watchView(root, link);

  const update = () => {
    const state = model.get("state");
    say(chip, state.unable ? "Can't run here" : STATES[state.lab] ?? state.lab);
    chip.dataset.state = state.unable ? "unable" : state.lab;
    start.enable(!state.busy && state.lab === "down");
    show(start, state.lab === "down" || state.lab === "starting");
    show(resume, Boolean(state.next));
    resume.enable(!state.busy);
    if (state.next) resume.label(`Continue at step ${state.next}`);
    resume.title = `Start the lab, and do the steps before step ${state.next} again: tasks by your own commands`;
    start.classList.toggle("lk-primary", !state.next);
    reset.enable(!state.busy && state.lab === "up");
    end.enable(!state.busy && state.lab === "up");
    bar.set(state.lab === "starting" || state.lab === "ending", state.part);
    say(doing, state.lab === "up" ? "" : [state.doing, state.left].filter(Boolean).join(" · "));
    draw(svg, about, state);
    steps(dots, done, about, state);
    result.replaceChildren(...(state.verdict ? [verdictOf(state.verdict)] : []));
  };
  const detach = attach({ model, el, root, link, update });
  return () => {
    inView.disconnect();
    model.off("change:picture", redraw);
    shell.close();
    detach();
  };
}

/** @param {SVGElement} svg
 *  @param {LK.AboutLab} about
 *  @param {LK.LabState} state */
function draw(svg, about, state) {
  svg.dataset.state = state.lab === "ending" ? "starting" : state.lab;
  svg.setAttribute("aria-label", `Topology of the lab ${about.name}, ${STATES[state.lab].toLowerCase()}`
    + (state.lit ? `; the current step is on ${state.lit}` : ""));
  for (const node of /** @type {NodeListOf<SVGElement>} */ (svg.querySelectorAll("[data-node]"))) {
    node.classList.toggle("lk-lit", node.dataset.node === state.lit);
  }
}

/** @param {HTMLElement} dots
 *  @param {HTMLElement} done
 *  @param {LK.AboutLab} about
 *  @param {LK.LabState} state */
function steps(dots, done, about, state) {
  const passed = state.passed.filter(Boolean).length;
  say(done, about.steps.length ? `${passed} of ${about.steps.length} steps passed` : "");
  [...dots.children].forEach((dot, at) => {
    dot.className = (state.passed[at] ? "lk-passed" : "") + (at === state.current ? " lk-current" : "");
    say(/** @type {Node} */ (dot.firstChild), `${at + 1}. ${about.steps[at]}${state.passed[at] ? ": passed" : ""}`);
  });
}

export default { render };
