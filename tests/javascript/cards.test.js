// The cards of a notebook, without a browser.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { loadCard, Model, openPage } from "./page.js";

openPage();
const step = await loadCard("step", "terminal", "spent", "prose", "asking", "connection", "verdictOf", "h", "disconnected");

const ABOUT = {
  title: "Ask for an echo", lab: "start", place: 2, count: 3, node: "alpha", nodes: ["alpha"], about: "", task: false, watch: "",
  command: "ping -c 1 bravo", hints: 0, undoes: false, quiet: false,
};
const STATE = {
  phase: "", doing: "", part: null, busy: false, other: "", elapsed: null, touched: false, passed: false, holds: false,
  note: "", code: null, hints: [], solution: "", watched: null, views: [], verdict: null, seconds: null, command_seconds: null,
  on: "alpha", earlier: null,
};

let el;
beforeEach(() => {
  el = document.createElement("div");
  document.body.replaceChildren(el);
});

function show(about = {}, state = {}) {
  const model = new Model({ about: { ...ABOUT, ...about }, state: { ...STATE, ...state }, saved: null, typed: null });
  const close = step.default.render({ model, el });
  return { model, close };
}

const find = (name) => el.querySelector(`button.lk-${name}`);
const text = (selector) => el.querySelector(selector)?.textContent;

function piece(log, at, words, version = 1) {
  return log.take({ version, at, text: words });
}

test("a carriage return writes a line of the log anew", () => {
  const log = step.terminal("Output");
  piece(log, 0, "10 %\r20 %\r\n");
  piece(log, 11, "done");
  assert.equal(log.element.textContent, "20 %\ndone");
});

test("a carriage return at the end of a piece takes the line away when the next one comes", () => {
  const log = step.terminal("Output");
  piece(log, 0, "10 %\r");
  assert.equal(log.element.textContent, "10 %");
  piece(log, 5, "done\n");
  assert.equal(log.element.textContent, "done\n");
});

test("a piece of the log that is there already is not shown twice", () => {
  const log = step.terminal("Output");
  piece(log, 0, "one\n");
  assert.ok(piece(log, 0, "one\n"));
  assert.equal(log.element.textContent, "one\n");
});

test("a gap in the log, or another version of it, is not taken", () => {
  const log = step.terminal("Output");
  piece(log, 0, "one\n");
  assert.ok(!piece(log, 9, "later"));
  assert.ok(!piece(log, 4, "other", 2));
});

test("positions in the log count characters as Python does, not UTF-16 units", () => {
  const log = step.terminal("Output");
  piece(log, 0, "🐙\n");
  assert.ok(piece(log, 2, "next"));
  assert.equal(log.element.textContent, "🐙\nnext");
});

test("the time of a command stands beside that of all where the check took a second more", () => {
  assert.equal(step.spent({ seconds: null, command_seconds: null }), "");
  assert.equal(step.spent({ seconds: 1.234, command_seconds: 1 }), "1.23 s");
  assert.equal(step.spent({ seconds: 12.4, command_seconds: 2 }), "12 s (command 2.00 s)");
});

test("words in backticks are code, and markup is text", () => {
  const made = step.prose("p", "See `ip -6 route`, not <b>this</b>");
  assert.equal(made.innerHTML, "See <code>ip -6 route</code>, not &lt;b&gt;this&lt;/b&gt;");
});

test("a question is asked only where something would be lost", () => {
  const ask = step.asking();
  document.body.append(ask);
  const done = [];
  ask.unless("", "Reset", () => done.push("at once"));
  ask.unless("All is lost.", "Reset", () => done.push("asked"));
  assert.deepEqual(done, ["at once"]);
  assert.equal(ask.hidden, false);
  ask.querySelector(".lk-danger").click();
  assert.deepEqual(done, ["at once", "asked"]);
  assert.equal(ask.hidden, true);
});

test("Cancel and Escape do nothing, and give the focus back", () => {
  const before = step.h("button", {});
  const ask = step.asking();
  document.body.append(before, ask);
  for (const leave of [
    () => ask.querySelector("button:last-child").click(),
    () => ask.dispatchEvent(new window.KeyboardEvent("keydown", { key: "Escape" })),
  ]) {
    before.focus();
    ask.unless("All is lost.", "Reset", () => assert.fail("it was done"));
    leave();
    assert.equal(ask.hidden, true);
    assert.equal(document.activeElement, before);
  }
});

test("that nobody answers is said after two seconds, and taken back with an answer", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const model = new Model({});
  const notice = step.disconnected();
  const link = step.connection(model, notice);
  const id = link.send("run");
  context.mock.timers.tick(1999);
  assert.equal(notice.hidden, true);
  context.mock.timers.tick(1);
  assert.equal(notice.hidden, false);
  model.trigger("msg:custom", { kind: "ack", id });
  assert.equal(notice.hidden, true);
});

test("a card that only says hello may wait", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const notice = step.disconnected();
  step.connection(new Model({}), notice).send("hello");
  context.mock.timers.tick(60_000);
  assert.equal(notice.hidden, true);
});

test("Run sends the command as it stands in the card", () => {
  const { model } = show();
  el.querySelector("textarea").value = "ping -c 2 bravo";
  find("run").click();
  const { action, command } = model.sent.at(-1);
  assert.deepEqual([action, command], ["run", "ping -c 2 bravo"]);
});

test("Run without a command sends nothing, and says what is missing", () => {
  const { model } = show({ task: true, command: "" });
  find("run").click();
  assert.deepEqual(model.actions, ["hello"]);
  assert.match(text(".lk-doing"), /Write a command for alpha first, or Check\./);
});

test("buttons of a busy lab do nothing, but keep the focus", () => {
  const { model } = show({}, { busy: true });
  find("check").focus();
  find("check").click();
  assert.deepEqual(model.actions, ["hello"]);
  assert.equal(document.activeElement, find("check"));
});

test("while a step runs Stop stands in the place of Run", () => {
  const { model } = show();
  model.tell({ phase: "running", doing: "Running the command", elapsed: 0, busy: true });
  assert.deepEqual([find("run").hidden, find("stop").hidden], [true, false]);
  assert.equal(text(".lk-verdict-title"), "Running the command");
  model.tell({ phase: "", busy: false, verdict: { kind: "passed", title: "Passed", text: "seen", rows: [] } });
  assert.deepEqual([find("run").hidden, find("stop").hidden], [false, true]);
  assert.equal(text(".lk-verdict-title"), "Passedseen");
});

test("hints come one by one, the solution last, and its text goes into the command", () => {
  const { model } = show({ task: true, command: "", hints: 2 });
  model.tell({ hints: ["Look at `ip`"] });
  assert.equal(find("hint").textContent, "Show the solution");
  model.tell({ solution: "ip -6 route" });
  assert.equal(find("hint").textContent, "No more hints");
  assert.equal(el.querySelectorAll(".lk-hints li").length, 2);
  el.querySelector(".lk-solution button").click();
  assert.equal(el.querySelector("textarea").value, "ip -6 route");
  assert.deepEqual([model.sent.at(-1).action, model.sent.at(-1).command], ["typed", "ip -6 route"]);
});

test("the command is run on the node that was chosen", () => {
  const { model } = show({ nodes: ["alpha", "bravo"] });
  const choice = el.querySelector("select.lk-on");
  assert.equal(choice.value, "alpha");
  choice.value = "bravo";
  find("run").click();
  const sent = model.sent.find(({ action }) => action === "run");
  assert.equal(sent.node, "bravo");
});

test("where there is one node, none can be chosen", () => {
  show();
  assert.equal(el.querySelector("select"), null);
  assert.equal(text(".lk-prompt"), "alpha$");
});

test("what was done before this start of the lab says so", () => {
  const verdict = { kind: "passed", title: "Passed", text: "it is.", rows: [] };
  const { model } = show({}, { verdict, earlier: "" });
  assert.equal(text(".lk-past"), "Done before this start of the lab");
  assert.ok(el.querySelector(".lk-step").classList.contains("lk-is-earlier"));
  model.set("state", { ...STATE, verdict });
  assert.ok(el.querySelector(".lk-past").hidden);
});

test("Bring me here asks where something was done in the lab", () => {
  const { model } = show({}, { touched: true });
  find("jump").click();
  assert.deepEqual(model.actions, ["hello"]);
  el.querySelector(".lk-ask .lk-danger").click();
  assert.equal(model.actions.at(-1), "goto");
});

test("a command that was typed in another view is shown, but not over what is being typed here", () => {
  const { model } = show();
  const editor = el.querySelector("textarea");
  model.set("typed", "from elsewhere");
  assert.equal(editor.value, "from elsewhere");
  editor.focus();
  model.set("typed", "again");
  assert.equal(editor.value, "from elsewhere");
});

test("a card that is closed hears nothing more, and sends what was typed last", () => {
  const { model, close } = show();
  const editor = el.querySelector("textarea");
  editor.value = "typed";
  editor.dispatchEvent(new window.Event("input"));
  close();
  assert.deepEqual([model.sent.at(-1).action, model.sent.at(-1).command], ["typed", "typed"]);
  assert.deepEqual(model.heard, []);
});

test("a plain letter stays in the card, a shortcut of the page's does not", () => {
  show();
  const passed = [];
  el.addEventListener("keydown", ({ key }) => passed.push(key));
  const press = (key, more) => find("run").dispatchEvent(new window.KeyboardEvent("keydown", { key, bubbles: true, ...more }));
  press("d");
  press("s", { ctrlKey: true });
  press("Enter", { ctrlKey: true });
  assert.deepEqual(passed, ["s"]);
});

test("a lab's card: its buttons follow its state, and a click on a node asks for a terminal", async () => {
  const { default: lab } = await loadCard("lab");
  const about = { name: "start", title: "Start", backend: "", size: "", steps: ["One", "Two"], svg: '<svg><g data-node="alpha"></g></svg>' };
  const state = { lab: "down", busy: false, doing: "", part: null, unable: false, verdict: null, touched: false, lit: "", current: -1, passed: [false, false] };
  const model = new Model({ about, state, saved: null });
  const close = lab.render({ model, el });
  assert.equal(find("reset").getAttribute("aria-disabled"), "true");
  find("run").click();
  model.tell({ lab: "up", lit: "alpha", current: 1, passed: [true, false] });
  assert.equal(find("run").hidden, true);
  assert.ok(el.querySelector("[data-node]").classList.contains("lk-lit"));
  assert.match(text(".lk-far"), /^1 of 2 steps passed/);
  el.querySelector("[data-node]").dispatchEvent(new window.MouseEvent("click", { bubbles: true }));
  assert.deepEqual(model.actions, ["hello", "start", "terminal"]);
  model.trigger("msg:custom", { kind: "terminal", id: model.sent.at(-1).id, error: "The lab is down." });
  assert.equal(text(".lk-note"), "The lab is down.");
  close();
  assert.deepEqual(model.heard, []);
});

test("a lab's picture follows the lab, and keeps the focus", async () => {
  const { default: lab } = await loadCard("lab");
  const drawn = (name) => `<svg><g data-node="alpha"><text>${name}</text></g></svg>`;
  const about = { name: "start", title: "Start", backend: "", size: "width:1em", steps: [], svg: drawn("declared") };
  const state = { lab: "up", busy: false, doing: "", part: null, unable: false, verdict: null, touched: false, lit: "", current: -1, passed: [] };
  const model = new Model({ about, state, saved: null, picture: {} });
  const close = lab.render({ model, el });
  el.querySelector("[data-node]").focus();
  model.set("picture", { svg: drawn("now"), size: "width:2em" });
  assert.equal(text(".lk-drawn"), "now");
  assert.equal(el.querySelector(".lk-drawn").getAttribute("style"), "width:2em");
  assert.equal(document.activeElement, el.querySelector("[data-node]"));
  model.set("picture", {});
  assert.equal(text(".lk-drawn"), "declared");
  close();
  assert.deepEqual(model.heard, []);
});

test("a drill's card: Break it, then Check, Hint and Give up; broken anew only when somebody says so", async () => {
  const { default: drill } = await loadCard("drill");
  const about = { title: "Find it", about: "", count: 3 };
  const state = { busy: false, doing: "", broken: false, touched: false, hints: [], left: 0, verdict: null };
  const model = new Model({ about, state, saved: null });
  drill.render({ model, el });
  assert.deepEqual(["check", "hint", "told"].map((name) => find(name).hidden), [true, true, true]);
  find("run").click();
  model.tell({ broken: true, left: 1 });
  assert.deepEqual(["check", "hint", "told"].map((name) => find(name).hidden), [false, false, false]);
  find("told").click();
  find("jump").click();
  assert.deepEqual(model.actions, ["hello", "begin", "give_up"]);
  el.querySelector(".lk-ask .lk-danger").click();
  assert.equal(model.actions.at(-1), "begin");
});

test("what takes long: its button, its bar, and what came of it", async () => {
  const { default: card } = await loadCard("button");
  const state = { busy: false, doing: "", part: null, html: "", verdict: null };
  const model = new Model({ about: { label: "Measure" }, state, saved: null });
  card.render({ model, el });
  find("run").click();
  model.tell({ busy: true, doing: "Measuring", part: 0.256 });
  assert.equal(el.querySelector("[role=progressbar]").getAttribute("aria-valuenow"), "26");
  model.tell({ busy: false, doing: "", part: null, html: "<b>7</b>" });
  assert.equal(text(".lk-view"), "7");
  assert.equal(find("run").textContent, "Measure again");
  assert.deepEqual(model.actions, ["hello", "run"]);
});
