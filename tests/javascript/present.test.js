// The modules of a presentation, without a browser: what belongs together, and what a key does.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EXTENSION, openPage } from "./page.js";

openPage();
const load = (name) => import(new URL(`${name}.js`, EXTENSION));
const { divide, plain } = await load("parts");
const { actionOf } = await load("keys");
const { lookAt, nextOf } = await load("deeds");
const { fit } = await load("pin");
const { courseAddress, drawCode } = await load("qr");
const { noted, notesOf, setNotes } = await load("notes");

test("a part is a card with the prose in front of it, and prose behind the last card is one", () => {
  assert.deepEqual(divide(["text", "card", "text", "code", "card", "card", "text"]), [[0, 1], [2, 3, 4], [5], [6]]);
});

test("a title begins a part, and what only sets up belongs to none", () => {
  assert.deepEqual(divide(["heading", "setup", "setup", "heading", "text", "card", "heading"]), [[0], [3, 4, 5], [6]]);
  assert.deepEqual(divide(["setup"]), []);
});

test("a heading is shown as words", () => {
  assert.equal(plain("The `ip` *command*, [here](https://example.org/a)"), "The ip command, here");
});

const key = (name, target = document.body, more = {}) => actionOf({ key: name, target, ...more });

function made(html) {
  const place = document.createElement("div");
  place.innerHTML = html; // of this file alone
  return place.firstElementChild;
}

test("a presenter's remote, the keyboard and letters of either case are keys", () => {
  const names = ["PageDown", " ", "ArrowRight", "PageUp", "N", "n", "Escape"];
  assert.deepEqual(names.map((name) => key(name)), ["forward", "forward", "forward", "back", "notes", "notes", "leave"]);
  assert.equal(key(" ", document.body, { shiftKey: true }), "back");
});

test("while text is typed its keys belong to it, and Escape leads out of it", () => {
  for (const typed of [made("<textarea></textarea>"), made("<select></select>"), made('<p contenteditable="true"></p>')]) {
    assert.deepEqual(["PageDown", " ", "n", "Escape"].map((name) => key(name, typed)), ["", "", "", "out"]);
  }
});

test("a button has its own keys, and a dialog all of them", () => {
  const button = made("<button></button>");
  assert.deepEqual([" ", "Enter", "PageDown"].map((name) => key(name, button)), ["", "", "forward"]);
  const inDialog = made('<div class="jp-Dialog"><button></button></div>').firstElementChild;
  assert.equal(key("Escape", inDialog), "");
});

test("JupyterLab does not hear of a letter, which would delete a cell, and hears of its own shortcuts", () => {
  assert.deepEqual([key("d"), key("Enter"), key("s", document.body, { ctrlKey: true }), key("Tab"), key("F11")], ["nothing", "nothing", "", "", ""]);
});

test("the one key scrolls, then runs, then says what was not done, then goes on", () => {
  const nothing = { below: false, deed: false, obstacle: "", warned: false, last: false };
  const next = (more) => nextOf({ ...nothing, ...more });
  assert.equal(next({ below: true, deed: true }), "scroll");
  assert.equal(next({ deed: true }), "do");
  assert.equal(next({ obstacle: "by hand" }), "warn");
  assert.equal(next({ obstacle: "by hand", warned: true }), "next");
  assert.deepEqual([next({}), next({ last: true })], ["next", "end"]);
});

function cellOf(html, source = "show()") {
  return { model: { type: "code", sharedModel: { source } }, node: made(`<div>${html}</div>`) };
}

const step = (value, more = "", classes = "") =>
  cellOf(`<section class="lk-card lk-step ${classes}"><textarea class="lk-editor">${value}</textarea><button class="lk-run"></button>${more}</section>`);

/** What is to be done with a cell: a label, or why there is nothing. */
function look(cell, tried = new Set(), run = () => {}) {
  const { deed, obstacle } = lookAt({ cells: [cell] }, tried, run);
  return deed?.label ?? obstacle;
}

test("a step with a command is run, and not twice", () => {
  assert.equal(look(step("true")), "Run");
  assert.equal(look(step("true", '<div class="lk-verdict lk-is-passed"></div>')), "");
  assert.equal(look(step("true", '<div class="lk-verdict lk-is-passed"></div>', "lk-is-earlier")), "Run");
});

test("what is not done is said: a task, a step that has not passed, one that runs, a card that is not live", () => {
  assert.match(look(step("")), /by hand/);
  assert.match(look(step("true", '<div class="lk-verdict lk-is-not-yet"></div>')), /not passed/);
  assert.match(look(step("true", "", "lk-busy")), /still runs/);
  const saved = '<div class="lk-bar-above"><span role="status">As it was saved</span></div><section class="lk-card"></section>';
  assert.equal(look(cellOf(saved)), "As it was saved");
  assert.match(look(cellOf('<section class="lk-card lk-step"><div class="lk-row"><button class="lk-run"></button></div></section>')), /by hand/);
});

test("a lab is started once, and a cell with commands runs once", () => {
  const tried = new Set();
  const lab = cellOf('<section class="lk-card lk-lab"><button class="lk-run"></button></section>');
  lookAt({ cells: [lab] }, tried, () => {}).deed.act();
  assert.deepEqual([look(lab), look(lab, tried)], ["Start", ""]);
  const ran = [];
  const commands = cellOf("", "%%node alpha\ntrue");
  lookAt({ cells: [commands] }, tried, (cell) => ran.push(cell)).deed.act();
  assert.deepEqual([look(commands), look(commands, tried), ran], ["Run", "", [commands]]);
});

test("a wide topology stands above the part, a high one beside it, and its letters can be read", () => {
  const [large, small] = [{ width: 1920, height: 1080 }, { width: 1366, height: 768 }];
  for (const screen of [large, small]) {
    const wide = fit({ width: 864, height: 114 }, screen);
    assert.deepEqual([wide.side, wide.letter >= 16], ["top", true]);
    assert.equal(fit({ width: 450, height: 212 }, screen).side, "left");
    assert.ok(fit({ width: 1031, height: 155 }, screen).letter >= 14);
  }
});

test("only a hub has an address that others can open", () => {
  const address = (options, origin = "https://hub.example.org") => courseAddress((name) => options[name] ?? "", origin, "course/00 start.ipynb");
  const hub = { hubPrefix: "/hub/", hubUser: "alice" };
  assert.equal(address(hub), "https://hub.example.org/hub/user-redirect/lab/tree/course/00%20start.ipynb");
  assert.equal(address({ ...hub, hubHost: "https://example.org" }, "https://alice.example.org"),
    "https://example.org/hub/user-redirect/lab/tree/course/00%20start.ipynb");
  assert.deepEqual([address({}), ...["http://127.0.0.1:8000", "http://localhost", "http://[::1]:80"].map((origin) => address(hub, origin))],
    ["", "", "", ""]);
});

test("the kernel's reply is taken for a picture only where it is one", async () => {
  const kernel = (code) => ({ requestExecute: () => ({ done: Promise.resolve({ content: { user_expressions: { code } } }) }) });
  const reply = (text) => kernel({ data: { "text/plain": text } });
  assert.equal(await drawCode(reply("'data:image/png;base64,AA=='"), "https://a.example"), "data:image/png;base64,AA==");
  await assert.rejects(drawCode(reply("'data:text/html,<script>'"), "https://a.example"));
  await assert.rejects(drawCode(kernel({ evalue: "no segno" }), "https://a.example"), /no segno/);
});

function modelOf(metadata) {
  return {
    metadata,
    getMetadata: (name) => metadata[name],
    setMetadata: (name, value) => Object.assign(metadata, { [name]: value }),
    deleteMetadata: (name) => delete metadata[name],
  };
}

test("notes are kept beside what else a cell's metadata has, and leave nothing when they go", () => {
  const model = modelOf({ labkernel: { other: 1 }, tags: [] });
  setNotes(model, "say *this*");
  assert.deepEqual([notesOf(model), model.metadata], ["say *this*", { labkernel: { other: 1, notes: "say *this*" }, tags: [] }]);
  setNotes(model, " ");
  assert.deepEqual(model.metadata, { labkernel: { other: 1 }, tags: [] });
  const alone = modelOf({});
  setNotes(alone, "x");
  setNotes(alone, "");
  assert.deepEqual(alone.metadata, {});
});

test("a part shows the notes of each of its cells, and where there are none its last cell takes them", () => {
  const [with_, without, last] = [{ model: modelOf({ labkernel: { notes: "a" } }) }, { model: modelOf({}) }, { model: modelOf({}) }];
  assert.deepEqual(noted({ cells: [with_, without, last] }), [with_]);
  assert.deepEqual(noted({ cells: [without, last] }), [last]);
  assert.equal(notesOf(modelOf({ labkernel: { notes: ["no text"] } })), "");
});
