// The card of a step: its command, what it prints, and how it ended.

/** @param {LK.Render} card */
function render({ model, el }) {
  const about = model.get("about");
  const notice = disconnected();
  const note = terminalNote();
  const link = connection(model, notice);
  const ids = `lk-${Math.random().toString(36).slice(2)}`;

  const chip = h("span", { class: "lk-chip", hidden: true }, icon("passed"), h("span", { text: "Passed" }));
  const turn = h("span", { class: "lk-chip lk-task", text: "Your turn", hidden: true });
  const of = `${about.task ? "task" : "step"} ${about.place}`;
  const ask = asking();
  const editor = h("textarea", {
    "aria-label": `${about.node}$ Command of ${of}: ${about.title}`, class: "lk-editor", rows: 1, spellcheck: "false", autocapitalize: "off", autocomplete: "off",
    placeholder: about.task ? `Your command for ${about.node}` : "", "aria-describedby": `${ids}-keys`,
  });
  editor.value = about.command;
  const prompt = chosenNode(about, of);

  const run = button("run", "Run", () => start("run"), { of, class: "lk-button lk-run lk-primary", title: "Run the command, and check (Ctrl+Enter or Shift+Enter)" });
  const only = button("ran", "Only run", () => start("only_run"), { of, title: "Run the command, and judge nothing: to look around" });
  const check = button("check", "Check", () => link.send("check"), { of, title: "Judge the lab as it is, whoever changed it" });
  const stop = button("stop", "Stop", () => link.send("stop"), { of, class: "lk-button lk-stop lk-primary", hidden: true });
  const reset = button("reset", "Reset", restore, { of, title: about.undoes ? "The step's own command again; what it did is undone" : "The step's own command again" });
  const hint = button("hint", "Hint", () => link.send("hint"), { of });
  const jump = button("jump", "Bring me here", travel, {
    of, class: "lk-button lk-jump lk-far",
    title: about.place === 1 ? "Start the lab afresh" : `Start the lab afresh and replay the steps before this one (${about.place - 1})`,
  });
  const bar = progressbar("Progress of this step");
  const status = h("span", { role: "status" });
  const clock = h("span", { class: "lk-clock", "aria-hidden": "true" });
  const hints = h("ol", { class: "lk-hints", "aria-label": "Hints", "aria-live": "polite", hidden: true });
  const watch = about.watch ? watched(about.watch) : null;
  const log = terminal(`Output of step ${about.place}`);
  const extra = h("div", { class: "lk-views" });
  const result = h("div", { "aria-live": "polite" });
  const past = h("p", { class: "lk-past", hidden: true });
  const ended = h("div", { class: "lk-ended" }, past, log.element, result, extra);

  const root = h("section", { class: "lk-card lk-step", "data-task": about.task, "aria-label": `${about.task ? "Task" : "Step"} ${about.place}: ${about.title}` },
    h("header", {},
      h("span", { class: "lk-place", text: about.place, "aria-hidden": "true" }),
      h("h3", { text: about.title }),
      turn,
      h("button", { type: "button", class: "lk-chip lk-quiet lk-node", text: about.node, onclick: () => shell.open(about.node),
        title: "The node that it runs on: open a terminal there", "aria-label": `Terminal on ${about.node}` }), chip),
    about.about ? prose("p", about.about, { class: "lk-about" }) : null,
    h("div", { class: "lk-command" }, prompt.element, editor),
    h("span", { id: `${ids}-keys`, class: "lk-hidden", text: "Control Enter runs it." }),
    h("div", { class: "lk-row" }, run, stop, only, check, reset, about.hints ? hint : null,
      h("span", { class: "lk-doing" }, status, " ", clock), jump),
    ask, bar, notice, note, hints, watch?.element, ended);

  const shell = terminals({ model, root, link, lab: about.lab, place: note });

  /** @param {string} action */
  function start(action) {
    if (!editor.value.trim()) {
      say(status, about.task ? `Write a command for ${about.node} first, or Check.` : `Write a command for ${about.node} first.`);
      editor.focus();
      return;
    }
    typed.settle();
    ask.drop();
    hold(true);  // before the log is emptied
    link.send(action, { command: editor.value, node: prompt.node() });
  }

  /** Reset, where it takes what somebody wrote or did only when they say so. */
  function restore() {
    const own = about.command.trim();
    const wrote = editor.value.trim() && editor.value.trim() !== own ? "the command that stands here is lost" : "";
    const did = about.task && about.undoes && model.get("state").holds ? "what you did is undone" : "";
    const lost = [wrote, did].filter(Boolean).join(", and ");
    ask.unless(lost ? `Reset this ${of.split(" ")[0]}: ${lost}.` : "", "Reset", () => {
      typed.put(about.command);
      link.send("reset");
    });
  }

  function travel() {
    const why = `“Bring me here” starts the lab afresh${about.place > 1 ? " and does the steps before this one" : ""}: what was done in the lab is lost.`;
    ask.unless(model.get("state").touched ? why : "", "Bring me here", () => link.send("goto"));
  }

  function grow() {
    if (CSS.supports("field-sizing", "content")) return;
    editor.style.height = "auto";
    editor.style.height = `${editor.scrollHeight}px`;
  }

  const typed = keepTyped({ model, el, root, editor, link, own: about.command, grow });
  // its width, or the size of its letters, has changed
  const sizes = new ResizeObserver(grow);
  sizes.observe(editor);

  editor.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.shiftKey || event.metaKey)) {
      event.preventDefault();
      if (run.getAttribute("aria-disabled") !== "true") start("run");
    }
  });

  let since = 0;
  let ticking = 0;
  const tick = () => say(clock, since ? [`${((performance.now() - since) / 1000).toFixed(1)} s`, model.get("state").left].filter(Boolean).join(" · ") : "");

  /** @param {LK.StepState} state */
  function time(state) {
    const on = Boolean(state.phase);
    if (on) {
      since = performance.now() - 1000 * state.elapsed;
      ticking ||= setInterval(tick, 100);
      tick();
    } else {
      clearInterval(ticking);
      ticking = since = 0;
      say(clock, state.other ? "" : spent(state));
    }
  }

  const update = () => {
    const state = model.get("state");
    const mine = Boolean(state.phase);
    const focus = focusIn(el) === stop;
    show(run, !mine);
    show(stop, mine);
    if (focus && !mine) run.focus();
    for (const each of [run, only, check, reset, jump]) each.enable(!state.busy);
    stop.enable(state.phase !== "starting");
    bar.set(mine, state.part);
    say(status, state.other ? `Waits for “${state.other}”` : "");
    hold(mine);
    typed.follow();
    root.classList.toggle("lk-busy", mine);
    root.classList.toggle("lk-has-passed", state.passed);
    show(chip, state.passed);
    say(/** @type {Node} */ (chip.lastChild), state.holds ? "Passed" : "Passed before");
    show(turn, about.task && !state.passed);
    time(state);
    prompt.follow(state.on);
    root.classList.toggle("lk-has-work", Boolean(state.verdict));
    root.classList.toggle("lk-is-earlier", state.earlier != null && !mine);
    show(past, state.earlier != null && !mine);
    say(past, state.earlier != null ? when(state.earlier) : "");
    fillHints(state);
    watch?.set(state.watched, mine);
    if (mine) doing(state);
    else result.replaceChildren(...(state.verdict ? [verdictOf(state.verdict, missing(state))] : []));
    if (extra.dataset.html !== String(state.views)) {
      extra.dataset.html = String(state.views);
      extra.innerHTML = state.views.map((/** @type {string} */ html) => `<div class="lk-view">${html}</div>`).join("");
      for (const view of extra.children) scrolled(view, `What step ${about.place} shows`);
    }
  };

  /** What is being done stands where the verdict will.
   *  @param {LK.StepState} state */
  function doing(state) {
    const code = state.code ? `The command ended with exit code ${state.code}.` : "";
    const said = `${state.doing}\n${code}`;
    const old = /** @type {HTMLElement | null} */ (result.firstElementChild);
    if (old?.dataset.said === said) return;
    const now = verdictOf({ kind: "running", title: state.doing, text: code, rows: [] });
    now.dataset.said = said;
    result.replaceChildren(now);
  }

  /** While it runs, the place of what was there before is kept: the page below does not jump. */
  let held = false;
  /** @param {boolean} mine */
  function hold(mine) {
    if (mine === held) return;
    held = mine;
    ended.style.minHeight = mine ? `${ended.getBoundingClientRect().height}px` : "";
  }

  /** @param {LK.StepState} state */
  function missing(state) {
    if (!state.note) return null;
    return h("p", { class: "lk-missing" }, state.note, " ",
      h("button", { type: "button", class: "lk-link", text: "Bring me here", "aria-label": `Bring me here, from the verdict of ${of}`, onclick: () => !state.busy && travel() }));
  }

  /** @param {LK.StepState} state */
  function fillHints(state) {
    const left = about.hints - state.hints.length - (state.solution ? 1 : 0);
    const solution = about.task && left === 1;
    hint.label(solution ? "Show the solution" : left <= 0 ? "No more hints" : state.hints.length ? "Another hint" : "Hint");
    hint.enable(left > 0);
    show(hints, state.hints.length > 0 || Boolean(state.solution));
    while (hints.children.length > state.hints.length + (state.solution ? 1 : 0)) hints.lastChild?.remove();
    for (const text of state.hints.slice(hints.children.length)) hints.append(prose("li", text));
    if (state.solution && hints.children.length === state.hints.length) hints.append(solutionItem(state.solution));
  }

  /** @param {string} text */
  function solutionItem(text) {
    const use = h("button", { type: "button", class: "lk-link", text: "Put it in the command", "aria-label": `Put it in the command, ${of}`, onclick: () => {
      const wrote = editor.value.trim() && editor.value.trim() !== text.trim();
      ask.unless(wrote ? "The solution takes the place of the command that stands here." : "", "Put it there", () => {
        typed.put(text);
        editor.focus();
        link.send("typed", { command: text });
      });
    } });
    return h("li", { class: "lk-solution" }, "The solution: ", use, h("pre", { text }));
  }

  /** @param {LK.Piece & {kind: string}} message */
  const heard = (message) => {
    if (message.kind === "output" && !log.take(message)) link.send("hello");
  };
  model.on("msg:custom", heard);
  const inView = about.quiet ? watchView(root, link) : null;
  const detach = attach({ model, el, root, link, update, ready: () => requestAnimationFrame(grow) });
  return () => {
    clearInterval(ticking);
    sizes.disconnect();
    inView?.disconnect();
    model.off("msg:custom", heard);
    typed.close();
    shell.close();
    detach();
  };
}

/** The prompt of a command; where there are several nodes, a choice of the one on which it runs.
 *  @param {LK.AboutStep} about
 *  @param {string} of */
function chosenNode(about, of) {
  if (about.nodes.length < 2) {
    const element = h("span", { class: "lk-prompt", "aria-hidden": "true", text: `${about.node}$` });
    return { element, node: () => about.node, follow() {} };
  }
  const options = about.nodes.map((name) => h("option", { value: name, text: `${name}$`, selected: name === about.node }));
  const element = h("select", { class: "lk-prompt lk-on", title: "The node on which the command runs", "aria-label": `Node for the command of ${of}` }, ...options);
  let followed = about.node;
  return {
    element,
    node: () => element.value,
    /** What was chosen last, in whichever view, and not what is being chosen here.
     *  @param {string} node */
    follow(node) {
      if (node !== followed) element.value = followed = node;
    },
  };
}

/** When what is shown was done (ISO 8601); without a time: before this start of the lab.
 *  @param {string} time */
function when(time) {
  const said = time && new Date(time).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  return said ? `Done ${said}` : "Done before this start of the lab";
}

/** What a step watches while it runs.  Only its summary is read aloud, and that when it changes.
 *  @param {string} title */
function watched(title) {
  const text = h("span", { class: "lk-hidden", role: "status" });
  const waiting = h("p", { class: "lk-dim", text: `${title}: waiting for a first look at it …` });
  const picture = h("div", {}, waiting);
  const element = h("div", { class: "lk-watched", role: "group", "aria-label": title, hidden: true }, text, picture);
  let shown = "";
  return {
    element,
    /** @param {LK.Watched | null} state
     *  @param {boolean} running */
    set(state, running) {
      show(element, running || Boolean(state));
      const html = state?.html ?? "";
      if (html === shown) return;
      shown = html;
      if (html) picture.innerHTML = html;
      else picture.replaceChildren(waiting);
      say(text, state?.text ?? "");
    },
  };
}

/** A log that shows what a terminal would: a carriage return writes a line anew.  It follows its
 *  end, until someone scrolls up.
 *  @param {string} label */
function terminal(label) {
  const last = document.createTextNode("");
  const element = h("pre", { class: "lk-log", role: "log", tabindex: "0", "aria-label": label, hidden: true }, last);
  let version = -1;
  let length = 0;
  let line = "";
  let returned = false;
  let follows = true;

  element.addEventListener("scroll", () => {
    follows = element.scrollHeight - element.scrollTop - element.clientHeight < 24;
  });

  /** @param {string} text */
  function write(text) {
    let finished = "";
    for (const piece of text.split(/(\r|\n)/)) {
      if (piece === "\n") {
        finished += `${line}\n`;
        line = "";
        returned = false;
      } else if (piece === "\r") returned = true;
      else if (piece) {
        line = returned ? piece : line + piece;
        returned = false;
      }
    }
    if (finished) element.insertBefore(document.createTextNode(finished), last);
    last.data = line;
  }

  return {
    element,
    /** Whether the text fits what is here; if not, all of it must be asked for.
     *  @param {LK.Piece} piece */
    take({ version: of, at, text }) {
      const size = text.length - (text.match(/[\uD800-\uDBFF]/g)?.length ?? 0); // as Python counts
      if (at === 0) {
        if (of === version && size <= length) return true;
        element.replaceChildren(last);
        [version, length, line, returned, follows] = [of, 0, "", false, true];
      } else if (of !== version || at > length) return false;
      else if (at < length) return true;
      length += size;
      write(text);
      show(element, length > 0);
      if (follows) element.scrollTop = element.scrollHeight;
      return true;
    },
  };
}

export default { render };
