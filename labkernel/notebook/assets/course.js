// The card of the course: each lab, how far one is with it, and the labs that run.

/** @type {Record<string, string>} */
const KINDS = { new: "Not begun", done: "Done" };

/** @param {LK.Render} card */
function render({ model, el }) {
  /** @type {LK.AboutCourse} */
  const about = model.get("about");
  const notice = disconnected();
  const link = connection(model, notice);
  const summary = h("p", { class: "lk-about", role: "status" });
  const rows = about.labs.map((lab) => courseRow(lab, link));
  const others = h("div", { class: "lk-others" });
  const result = h("div", { "aria-live": "polite" });
  const facts = h("tbody");
  const looked = h("details", { hidden: true }, h("summary", { text: "What was looked at on this machine" }),
    scrolled(h("div", { class: "lk-view" }, h("table", {},
      h("thead", {}, h("tr", {}, ...["What", "Found", "What to do"].map((text) => h("th", { class: "lk-text", text })))), facts)),
    "What was looked at, a table that is wider than the card"));
  const root = h("section", { class: "lk-card lk-course", "aria-label": "The course" },
    h("header", {}, h("h3", { text: "The course" })), summary, notice, result,
    h("ol", { class: "lk-labs", "aria-label": "Labs" }, ...rows.map(({ element }) => element)), others, looked);

  const update = () => {
    /** @type {LK.CourseState} */
    const state = model.get("state");
    say(summary, summed(about, state));
    for (const row of rows) row.update(state);
    runsBesides(others, about, state, link);
    show(looked, state.facts.length > 0);
    facts.replaceChildren(...state.facts.map(factRow));
    result.replaceChildren(...(state.verdict ? [verdictOf(state.verdict)] : []));
  };
  const unwatch = whenSeen(root, () => link.send("seen"));
  const detach = attach({ model, el, root, link, update });
  return () => {
    unwatch();
    detach();
  };
}

/** The course in a sentence or two.
 *  @param {LK.AboutCourse} about
 *  @param {LK.CourseState} state */
function summed({ labs }, { labs: progress, looking, unable }) {
  const kinds = Object.values(progress).map(({ kind }) => kind);
  /** @param {string} kind */
  const count = (kind) => kinds.filter((each) => each === kind).length;
  const begun = count("begun") ? `, ${count("begun")} begun` : "";
  const not = Object.keys(unable).length;
  const machine = looking ? "Looking at what this machine can run…"
    : not ? `This machine can't run ${not} of them; each says why.` : "This machine can run all of them.";
  return `${count("done")} of ${labs.length} labs done${begun}. ${machine}`;
}

/** A lab's line: what it is, what it takes, how far one is, and a way into it.
 *  @param {LK.CourseLab} lab
 *  @param {LK.Link} link */
function courseRow(lab, link) {
  const [first, ...more] = lab.notebooks;
  const chip = h("span", { class: "lk-chip" });
  const part = h("span");
  const bar = h("span", { class: "lk-part", "aria-hidden": "true" }, part);
  const needs = h("p", { class: "lk-dim" });
  const why = h("p", { class: "lk-why", hidden: true });
  const way = opener(first, "lk-button lk-open");
  const runs = running(lab, link);
  const element = h("li", { class: "lk-entry" },
    h("span", { class: "lk-place", text: lab.number || "–" }),
    h("div", { class: "lk-what" },
      h("div", { class: "lk-title" }, h("h4", { text: lab.title }), lab.about ? h("p", { text: lab.about }) : null), needs,
      ...more.map((path) => h("p", {}, opener(path, "", path.replace(/^.*\//, "").replace(/\.ipynb$/, "")))), why, runs.element),
    h("div", { class: "lk-how-far" }, chip, bar),
    first ? way : h("span"));
  return {
    element,
    /** @param {LK.CourseState} state */
    update(state) {
      const far = state.labs[lab.name] ?? { kind: "new", passed: 0, next: 0, step: "" };
      const not = state.unable[lab.name] ?? { why: lab.problem, remedy: "" };
      const begun = far.kind === "begun";
      say(chip, begun ? `At step ${far.next} of ${lab.count}` : KINDS[far.kind]);
      element.dataset.kind = far.kind;
      bar.title = `${far.passed} of ${lab.count} steps passed`;
      part.style.width = `${lab.count ? (100 * far.passed) / lab.count : 0}%`;
      say(needs, needed(lab, state.missing[lab.name]));
      show(why, Boolean(not.why));
      say(why, not.why ? `Can't run here: ${sentence(not.why)}${not.remedy ? ` Try: ${not.remedy}.` : ""}` : "");
      // where the lab has ended, its own card goes on: it stands at the begin of the notebook
      const runsNow = state.running.some((each) => each.instance === lab.name);
      way.set(begun ? "Continue" : "Open", lab.title, { lab: lab.name, step: runsNow ? far.step : "" });
      runs.update(state, far.passed);
    },
  };
}

/** @param {string} text */
function sentence(text) {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** What a lab takes, in words.
 *  @param {LK.CourseLab} lab
 *  @param {string[]} [missing] images */
function needed(lab, missing = []) {
  const images = missing.length ? [`the first start builds ${missing.length > 1 ? "images" : "the image"} ${missing.join(", ")}`] : [];
  return [lab.minutes ? `${lab.minutes} min` : "", `${lab.count} steps`, ...lab.needs, ...images].filter(Boolean).join(" · ");
}

/** A link to a notebook; our extension opens it in this page, at a step.
 *  @param {string} path from the directory of this notebook
 *  @param {string} kind
 *  @param {string} [text] */
function opener(path, kind, text = "") {
  /** @type {object} */
  let at = {};
  const words = h("span", { text });
  const href = path?.split("/").map(encodeURIComponent).join("/");
  const element = h("a", { class: kind, href, target: "_blank" }, words);
  element.addEventListener("click", (event) => {
    const wish = new CustomEvent("labkernel:open", { bubbles: true, cancelable: true, detail: { path, ...at } });
    if (!element.dispatchEvent(wish)) event.preventDefault(); // it was taken
  });
  return Object.assign(element, {
    /** @param {string} label
     *  @param {string} of
     *  @param {object} where */
    set(label, of, where) {
      at = where;
      say(words, label);
      element.setAttribute("aria-label", `${label}, ${of}`);
    },
  });
}

/** That a lab runs, its memory, and End, which asks first.
 *  @param {Pick<LK.CourseLab, "name" | "title" | "count">} lab
 *  @param {LK.Link} link
 *  @param {string} instance */
function running(lab, link, instance = lab.name) {
  const state = h("span", { class: "lk-chip" });
  const ask = asking();
  let lost = "";
  const end = button("end", "End", () => ask.unless(lost, "End", () => link.send("end", { instance })), {
    of: `lab: ${lab.title}`, title: "End every node; nothing is left",
  });
  const element = h("div", { class: "lk-runs", hidden: true }, h("div", { class: "lk-row" }, state, end), ask);
  return {
    element,
    /** @param {LK.CourseState} all
     *  @param {number} passed */
    update(all, passed) {
      const found = all.running.find((each) => each.instance === instance);
      show(element, Boolean(found));
      if (!found) return show(ask, false);
      const { ending, answers, memory, touched } = found;
      state.dataset.state = ending ? "ending" : answers ? "up" : "unable";
      say(state, ending ? "Ending" : `${answers ? "Running" : "Does not answer"}${memory ? `, ${memory} of memory` : ""}`);
      const more = passed ? ` ${passed} of ${lab.count} steps have passed in it.` : "";
      lost = touched ? `End ends every node: what was done in it is lost.${more}` : "";
      return end.enable(!ending);
    },
  };
}

/** What runs under another name than a lab's: headless runs.
 *  @param {HTMLElement} place
 *  @param {LK.AboutCourse} about
 *  @param {LK.CourseState} state
 *  @param {LK.Link} link */
function runsBesides(place, { labs }, state, link) {
  const own = new Set(labs.map(({ name }) => name));
  const names = state.running.map(({ instance }) => instance).filter((instance) => !own.has(instance));
  if (place.dataset.names !== names.join("\n")) {
    place.dataset.names = names.join("\n");
    place.replaceChildren();
    for (const name of names) {
      const one = running({ name, title: name, count: 0 }, link);
      place.append(h("p", { text: `Besides these: ${name}` }), one.element);
      Object.assign(one.element, { renew: one.update });
    }
  }
  for (const one of /** @type {Iterable<any>} */ (place.querySelectorAll(".lk-runs"))) one.renew(state, 0);
}

/** @param {LK.Fact} fact */
function factRow({ name, value, ok, needed, remedy }) {
  const words = [name, `${ok ? "✓" : needed ? "✗" : "–"} ${value}`, remedy ? `${remedy}.` : ""];
  return h("tr", {}, ...words.map((text) => h("td", { class: "lk-text", text })));
}

/** Call it each time the element comes into view, also with its tab or the browser's window.
 *  @param {Element} element
 *  @param {() => void} act */
function whenSeen(element, act) {
  let inView = false;
  const back = () => !document.hidden && inView && act();
  const views = new IntersectionObserver((entries) => {
    const was = inView;
    inView = entries.some((entry) => entry.isIntersecting);
    if (inView && !was) act();
  });
  views.observe(element);
  document.addEventListener("visibilitychange", back);
  return () => {
    views.disconnect();
    document.removeEventListener("visibilitychange", back);
  };
}

export default { render };
