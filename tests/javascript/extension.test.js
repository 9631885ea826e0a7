// The modules of the page's extension, without a browser: what a notebook's file is to have.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { EXTENSION, Json, Model, openPage, Signal } from "./page.js";

openPage();
const load = (name) => import(new URL(`${name}.js`, EXTENSION));
const { act, forgetOld, leaveActed, takeActed } = await load("acted");
const { bar, earlier } = await load("words");
const { CARD, NOT_RUN, WIDGET } = await load("mime");
const { Channel } = await load("channel");
const { runOnClick, wish } = await load("clicks");
const { Files } = await load("files");
const { goTo } = await load("open");
const { join } = await load("server");
const { keepClean } = await load("clean");
const { keepRecorded } = await load("recorded");
const { Page } = await load("page");
const { reload } = await load("reload");
const { showUndone } = await load("undone");
const { stayAtRunAll } = await load("stay");
const { Work } = await load("work");

const settle = () => new Promise((done) => setTimeout(done));

beforeEach(() => localStorage.clear());

function panelOf(outputs, more = {}) {
  const model = { type: "code", outputs: new Json(outputs) };
  return { content: { widgets: [{ model }] }, disposed: new Signal(), ...more };
}

const code = (outputs) => ({ cell_type: "code", source: "show()", metadata: {}, outputs, execution_count: 1 });
const text = (words) => ({ output_type: "display_data", metadata: {}, data: { "text/plain": words } });
const card = (more, words = "") => ({ output_type: "display_data", metadata: {}, data: { [CARD]: more, "text/plain": words } });

test("work with a card is this page's to write, once", () => {
  act("a");
  assert.deepEqual([takeActed("a"), takeActed("a"), takeActed("b")], [true, false, false]);
});

test("work that a page which is gone has not written is taken by the next", () => {
  act("left");
  leaveActed();
  takeActed("left");
  localStorage.setItem("labkernel acted other", String(Date.now()));
  assert.deepEqual([takeActed("other"), takeActed("other")], [true, false]);
});

test("work that nobody asked for in a day is forgotten, and nothing else of the page's", () => {
  localStorage.setItem("labkernel acted old", String(Date.now() - 90_000_000));
  localStorage.setItem("labkernel acted new", String(Date.now()));
  localStorage.setItem("labkernel acted broken", "?");
  localStorage.setItem("another", "1");
  forgetOld();
  assert.deepEqual(Object.keys(localStorage).sort(), ["another", "labkernel acted new"]);
});

test("the line above a card has a button only where one helps", () => {
  const line = bar(() => {});
  const seen = ["", "dead", "lost"].map((state) => {
    line.set(state);
    return [line.node.hidden, line.node.querySelector("button").hidden];
  });
  assert.deepEqual(seen, [[true, true], [false, false], [false, true]]);
});

test("what was seen before is made when somebody opens it", () => {
  const filled = [];
  const node = earlier((place) => filled.push(place));
  assert.equal(filled.length, 0);
  node.open = true;
  node.dispatchEvent(new window.Event("toggle"));
  assert.equal(filled.length, 1);
});

test("files are saved and renamed one after the other, and a failure stops nobody", async () => {
  const done = [];
  const files = new Files({ rename: async (from, to) => done.push(`${from} ${to}`) });
  const context = { path: "a", save: async () => done.push("saved") };
  files.inTurn(context);
  let go;
  const first = files.alone(context, () => new Promise((_, failed) => {
    go = () => failed(new Error("full"));
  }));
  const later = [context.save(), files.next("b", async () => done.push("another file"))];
  await settle();
  assert.deepEqual(done, ["another file"]);
  go();
  await assert.rejects(first, /full/);
  await Promise.all(later);
  await settle();
  assert.deepEqual(done, ["another file", "saved"]);
  assert.equal(files.last.size, 0);
});

test("a renaming waits for what is done with the file", async () => {
  const done = [];
  const contents = { rename: async () => done.push("renamed") };
  const files = new Files(contents);
  const saving = files.next("a", async () => {
    await settle();
    done.push("saved");
  });
  await Promise.all([contents.rename("a", "b"), saving]);
  assert.deepEqual(done, ["saved", "renamed"]);
});

test("a notebook whose kernel wrote its version alone is not a changed one", async () => {
  const model = { dirty: false, value: { metadata: {}, cells: [] }, toJSON: () => model.value };
  const context = { model, ready: Promise.resolve(), saveState: new Signal(), fileChanged: new Signal() };
  const kernel = { info: Promise.resolve() };
  const sessionContext = { kernelChanged: new Signal(), session: { kernel } };
  keepClean({ context, sessionContext, isDisposed: false });
  await settle();
  for (const [metadata, dirty] of [[{ language_info: { version: "3.13" } }, false], [{ title: "mine" }, true]]) {
    model.value = { metadata, cells: [] };
    model.dirty = true;
    sessionContext.kernelChanged.emit({ newValue: kernel });
    await settle();
    await settle();
    assert.equal(model.dirty, dirty, JSON.stringify(metadata));
  }
});

const NotebookActions = () => ({ executionScheduled: new Signal(), executed: new Signal() });

function recording(before) {
  const lab = { NotebookActions: NotebookActions() };
  const panel = panelOf(before);
  const page = { panel, ended: new Signal(), merged: (data) => data };
  keepRecorded(lab, page);
  const run = { notebook: panel.content, cell: panel.content.widgets[0] };
  const { outputs } = run.cell.model;
  return {
    outputs,
    page,
    run(now) {
      lab.NotebookActions.executionScheduled.emit(run);
      outputs.fromJSON(now);
      lab.NotebookActions.executed.emit(run);
    },
    schedule: () => lab.NotebookActions.executionScheduled.emit(run),
  };
}

const refused = { output_type: "display_data", metadata: {}, data: { [NOT_RUN]: {}, "text/plain": "It does not run here." } };
const plain = (outputs) => outputs.value.map(({ data }) => data["text/plain"]);

test("what was recorded stays below the sentence that says why a cell did not run, however often", () => {
  const cell = recording([text("recorded")]);
  cell.run([refused]);
  assert.deepEqual(plain(cell.outputs), ["It does not run here.", "Recorded earlier:", "recorded"]);
  cell.run([refused]);
  assert.deepEqual(plain(cell.outputs), ["It does not run here.", "Recorded earlier:", "recorded"]);
});

test("what a cell gives anew replaces what was recorded", () => {
  const cell = recording([text("recorded")]);
  cell.run([text("new")]);
  assert.deepEqual(plain(cell.outputs), ["new"]);
});

test("a cell that failed before it showed its card keeps the saved one", () => {
  const cell = recording([card({ key: "k" }, "saved")]);
  cell.run([text("Traceback")]);
  assert.deepEqual(plain(cell.outputs), ["Traceback", "saved"]);
});

test("cells that the kernel's end kept from running have their outputs again", () => {
  const cell = recording([text("recorded")]);
  cell.schedule();
  cell.outputs.fromJSON([]);
  cell.page.ended.emit();
  assert.deepEqual(plain(cell.outputs), ["recorded"]);
});

const lab = { JSONExt: { deepEqual: isDeepStrictEqual } };

function notebook(cells, content) {
  const models = cells.map((json) => ({
    type: json.cell_type,
    outputs: new Json(json.outputs),
    executionCount: json.execution_count,
    toJSON() {
      return { ...json, metadata: { ...json.metadata, trusted: true }, outputs: this.outputs.value };
    },
  }));
  const model = {
    cells: models,
    dirty: true,
    whole: null,
    __proto__: {
      fromJSON(value) {
        model.whole = value;
      },
    },
  };
  const context = { model, revert: async () => model.fromJSON(content) };
  return { model, panel: { context, content: { outerNode: { scrollTop: 7 }, activeCellIndex: 3 } } };
}

test("a notebook whose outputs alone have changed is not made anew: its cards stay", async () => {
  const { model, panel } = notebook([code([card({ key: "k" }, "old")])], { cells: [code([card({ key: "k" }, "new")])] });
  const { outputs } = model.cells[0];
  await reload(lab, panel);
  assert.equal(model.whole, null);
  assert.equal(outputs.value[0].data["text/plain"], "new");
  assert.deepEqual([model.dirty, panel.content.activeCellIndex, panel.content.outerNode.scrollTop], [false, 3, 7]);
  assert.ok(!Object.hasOwn(model, "fromJSON"));
});

test("a notebook whose cells have changed is made anew", async () => {
  const content = { cells: [{ ...code([]), source: "other()" }] };
  const { model, panel } = notebook([code([])], content);
  await reload(lab, panel);
  assert.deepEqual(model.whole, content);
});

test("finished work goes into the outputs of its card, and is saved once", async () => {
  const panel = panelOf([card({ model_id: "m" }, "before"), card({ model_id: "other" }, "other")]);
  const saved = [];
  const page = { panel, alone: (work) => work(), takeOver: async () => false, save: async () => saved.push("saved") };
  const work = new Work(lab, page);
  const detail = { [CARD]: { model_id: "m", ended: true }, "text/plain": "after" };
  const renderer = { card: { model_id: "m" }, takeActed: () => true };
  work.take({ ...renderer, takeActed: () => false }, detail); // another page's
  work.take(renderer, { ...detail, [CARD]: { model_id: "m" } }); // not ended
  await settle();
  assert.deepEqual(saved, []);
  work.take(renderer, detail);
  await settle();
  work.take(renderer, detail); // there already
  await settle();
  assert.deepEqual(plain(panel.content.widgets[0].model.outputs), ["after", "other"]);
  assert.deepEqual(saved, ["saved"]);
});

test("the output of a new card keeps what was done with the old one", () => {
  const page = Object.assign(Object.create(Page.prototype), { finished: new Map(), shipped: new Map() });
  const done = { [CARD]: { key: "k", model_id: "old", ended: true }, "text/html": "what was seen" };
  const fresh = { [CARD]: { key: "k", model_id: "new" }, [WIDGET]: { model_id: "new" }, "text/html": "" };
  assert.equal(page.merged(fresh), fresh);
  page.remember(done);
  assert.deepEqual(page.merged(fresh), {
    [CARD]: { key: "k", model_id: "new", ended: true, earlier: true },
    [WIDGET]: { model_id: "new" },
    "text/html": "what was seen",
  });
});

test("the output of a new card keeps what was recorded, which is nobody's work", () => {
  const page = Object.assign(Object.create(Page.prototype), { finished: new Map(), shipped: new Map() });
  const fresh = { [CARD]: { key: "k", model_id: "new", ended: false }, "text/html": "Run this cell", "text/plain": "" };
  page.remember({ [CARD]: { key: "k", recorded: true }, "text/html": "recorded", "text/plain": "Passed" });
  const kept = page.merged(fresh);
  assert.deepEqual(kept, { [CARD]: { key: "k", model_id: "new", recorded: true }, "text/html": "recorded", "text/plain": "Passed" });
  page.remember(kept);
  page.remember({ [CARD]: { key: "k", model_id: "new", ended: true }, "text/html": "mine" });
  assert.equal(page.merged(fresh)["text/html"], "mine");
});

test("what was recorded is folded, and nothing of it is green", () => {
  const node = document.createElement("div");
  node.innerHTML = '<section class="lk-card lk-has-passed"><details class="lk-transcript" open><summary>What came of it</summary>'
    + "</details><details open><summary>Hints</summary></details></section>";
  showUndone(node);
  const [transcript, hints] = node.querySelectorAll("details");
  assert.deepEqual([transcript.open, hints.open], [false, true]);
  assert.equal(transcript.textContent, "Recorded transcript");
  assert.equal(node.querySelector(".lk-has-passed"), null);
});

test("Run All Cells stays where one is, and in a notebook without cards goes to the end as ever", async () => {
  for (const [tags, at] of [[["labkernel-start"], 1], [[], 3]]) {
    const notebook = { activeCellIndex: 1, outerNode: { scrollTop: 7 }, widgets: [{ model: { type: "code", getMetadata: () => tags } }] };
    const NotebookActions = {
      async runAll(given) {
        given.activeCellIndex = 3;
        return true;
      },
    };
    stayAtRunAll({ NotebookActions });
    assert.equal(await NotebookActions.runAll(notebook), true);
    assert.equal(notebook.activeCellIndex, at);
  }
});

test("a notebook is opened at the card of a step, and where it has none stays at its beginning", async () => {
  const panel = panelOf([card({ key: "lab/other" })]);
  const { content } = panel;
  content.widgets.push({ model: { type: "code", outputs: new Json([card({ key: "lab/step" })]) } });
  content.scrollToItem = async (at) => {
    content.shown = at;
  };
  await goTo(panel, "lab/none");
  assert.equal(content.shown, undefined);
  await goTo(panel, "lab/step");
  assert.deepEqual([content.shown, content.activeCellIndex], [1, 1]);
});

test("a terminal of the kernel's: its first size opens it, keys follow, and its end is said once", () => {
  const model = new Model({});
  const gone = new AbortController();
  const channel = new Channel({ Signal }, { name: "n", node: "alpha", model, gone: gone.signal });
  const heard = [];
  channel.messageReceived.connect((_, { type }) => heard.push(type));
  channel.send({ type: "set_size", content: [24, 80, 0, 0] });
  channel.send({ type: "set_size", content: [30, 90, 0, 0] });
  channel.send({ type: "stdin", content: ["ls\r"] });
  model.trigger("msg:custom", { kind: "tty", key: channel.key, data: "alpha" });
  model.trigger("msg:custom", { kind: "tty", key: "another", data: "bravo" });
  const said = model.sent.map(({ action: _a, id: _b, key: _c, ...more }) => more);
  assert.deepEqual(said, [{ open: ["alpha", 24, 80] }, { size: [30, 90] }, { data: "ls\r" }, { read: true }]);
  gone.abort();
  gone.abort();
  assert.deepEqual(heard, ["stdout", "disconnect"]);
  assert.deepEqual(model.heard, []);
});

test("a terminal of the server's has a name that its URL allows, and is joined where it runs", async () => {
  const asked = [];
  const server = {
    URLExt: { join: (...parts) => parts.join("/") },
    ServerConnection: {
      makeSettings: () => ({ baseUrl: "" }),
      makeRequest: async (_, { method, body }) => {
        asked.push([method, body && JSON.parse(body).name]);
        return { ok: true, json: async () => [{ name: "there" }] };
      },
    },
  };
  const terminals = { refreshRunning: async () => {}, connectTo: ({ model }) => ({ model }) };
  await join(server, terminals, { name: "there" });
  const { model } = await join(server, terminals, { name: "a b" });
  assert.deepEqual(asked, [["GET", undefined], ["GET", undefined], ["POST", "a_20_b"]]);
  assert.equal(model.name, "a_20_b");
});

test("a command in the prose: what is seen is what is typed, on one line", () => {
  const link = document.createElement("a");
  link.href = "#run-on-alpha";
  link.append("ip -6\nroute\u001b[2J ");
  assert.deepEqual(wish(link), { node: "alpha", text: "ip -6 route [2J" });
});

test("a click on a command asks the card of the lab that has the node, and says where there is none", () => {
  const node = document.createElement("div");
  const rendered = Object.assign(document.createElement("div"), { className: "jp-RenderedMarkdown" });
  rendered.innerHTML = '<a href="#run-on-alpha"><code>ip link</code></a>';
  const card = Object.assign(document.createElement("section"), { className: "lk-lab" });
  node.append(rendered, card);
  const told = [];
  runOnClick({ Notification: { info: (text) => told.push(text) } }, { node });
  const click = () => {
    const event = new window.MouseEvent("click", { bubbles: true, cancelable: true });
    node.querySelector("code").dispatchEvent(event);
    return event.defaultPrevented;
  };
  assert.ok(click());
  assert.match(told[0], /node alpha/);
  const asked = [];
  card.addEventListener("labkernel:type", (event) => {
    event.preventDefault();
    asked.push(event.detail);
  });
  assert.ok(click());
  assert.deepEqual([asked, told.length], [[{ node: "alpha", text: "ip link" }], 1]);
});
