// The card of the course, without a browser.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { loadCard, Model, openPage } from "./page.js";

openPage();
const views = [];
globalThis.IntersectionObserver = class {
  constructor(told) {
    views.push((isIntersecting) => told([{ isIntersecting }]));
  }
  observe() {}
  disconnect() {}
};
const { default: course } = await loadCard("course");

const LAB = {
  name: "anyip", number: "02", title: "AnyIP", about: "one route", notebooks: ["02-anyip.ipynb"], minutes: 45,
  needs: ["1 GiB of memory"], count: 22, problem: "",
};
const STATE = { labs: {}, running: [], missing: {}, looking: false, unable: {}, facts: [], verdict: null };
const BEGUN = { anyip: { kind: "begun", passed: 3, next: 5, step: "lead" } };
const RUNS = { instance: "anyip", lab: "anyip", memory: "13 MB", answers: true, ending: false, touched: true };

let el;
beforeEach(() => {
  el = document.createElement("div");
  document.body.replaceChildren(el);
});

function show(state = {}, more = []) {
  const model = new Model({ about: { labs: [LAB, ...more] }, state: { ...STATE, ...state }, saved: {} });
  const close = course.render({ model, el });
  return { model, close };
}

const text = (selector) => el.querySelector(selector).textContent;

test("a lab says what it takes, and how far one is with it", () => {
  const { model } = show();
  assert.equal(text(".lk-how-far"), "Not begun");
  assert.equal(text(".lk-open"), "Open");
  assert.equal(text(".lk-what .lk-dim"), "45 min · 22 steps · 1 GiB of memory");
  model.tell({ labs: BEGUN });
  assert.equal(text(".lk-how-far"), "At step 5 of 22");
  assert.equal(el.querySelector(".lk-open").getAttribute("aria-label"), "Continue, AnyIP");
  model.tell({ labs: { anyip: { kind: "done", passed: 22, next: 0, step: "" } } });
  assert.equal(text(".lk-how-far"), "Done");
});

test("the course is summed up, and what this machine can't run says why", () => {
  const { model } = show({ labs: BEGUN, looking: true });
  assert.match(text(".lk-about"), /^0 of 1 labs done, 1 begun. Looking at what this machine can run/);
  assert.ok(el.querySelector(".lk-why").hidden);
  model.tell({ looking: false, unable: { anyip: { why: "there is no <b>KVM</b>", remedy: "modprobe kvm" } } });
  assert.match(text(".lk-about"), /can't run 1 of them/);
  assert.equal(text(".lk-why"), "Can't run here: there is no <b>KVM</b>. Try: modprobe kvm.");
  assert.equal(el.querySelector(".lk-why b"), null);
});

test("a lab that can't be loaded says why, and has no way into it without a notebook", () => {
  show({}, [{ ...LAB, name: "mine", notebooks: [], problem: "its file is damaged" }]);
  const [, mine] = el.querySelectorAll(".lk-entry");
  assert.equal(mine.querySelector(".lk-why").textContent, "Can't run here: its file is damaged.");
  assert.equal(mine.querySelector("a"), null);
});

test("images that the first start builds are named", () => {
  show({ missing: { anyip: ["web", "base"] } });
  assert.match(text(".lk-what .lk-dim"), /the first start builds images web, base$/);
});

test("Continue asks the page for the notebook, at the step if the lab runs; where nobody takes it, it is a link", () => {
  const { model } = show({ labs: BEGUN });
  const way = el.querySelector(".lk-open");
  const wishes = [];
  const click = () => {
    const event = new window.MouseEvent("click", { bubbles: true, cancelable: true });
    way.dispatchEvent(event);
    return event.defaultPrevented;
  };
  el.addEventListener("labkernel:open", ({ detail }) => wishes.push(detail));
  assert.equal(click(), false);
  el.addEventListener("labkernel:open", (event) => event.preventDefault());
  assert.equal(click(), true);
  assert.deepEqual(wishes[1], { path: "02-anyip.ipynb", lab: "anyip", step: "" });
  model.tell({ running: [{ instance: "anyip", ending: false, answers: true, memory: "", touched: true }] });
  click();
  assert.deepEqual(wishes[2], { path: "02-anyip.ipynb", lab: "anyip", step: "lead" });
  assert.equal(way.getAttribute("href"), "02-anyip.ipynb");
});

test("a lab that runs shows its memory, and End asks where something would be lost", () => {
  const { model } = show({ labs: BEGUN });
  assert.ok(el.querySelector(".lk-runs").hidden);
  model.tell({ running: [RUNS] });
  assert.equal(text(".lk-runs .lk-chip"), "Running, 13 MB of memory");
  el.querySelector(".lk-end").click();
  assert.match(text(".lk-ask p"), /what was done in it is lost. 3 of 22 steps have passed in it/);
  el.querySelector(".lk-danger").click();
  assert.equal(model.sent.at(-1).instance, "anyip");
  model.tell({ running: [{ ...RUNS, ending: true }] });
  assert.equal(text(".lk-runs .lk-chip"), "Ending");
});

test("what runs under another name can be ended as well, and goes when it has", () => {
  const { model } = show({ running: [{ ...RUNS, instance: "headless-1", touched: false }] });
  el.querySelector(".lk-others .lk-end").click();
  assert.equal(model.sent.at(-1).instance, "headless-1");
  model.tell({ running: [] });
  assert.equal(text(".lk-others"), "");
});

test("the card looks again when it comes into view, and no more when it is gone", () => {
  const { model, close } = show();
  const seen = () => model.actions.filter((action) => action === "seen").length;
  views.at(-1)(true);
  views.at(-1)(true);
  assert.equal(seen(), 1);
  document.dispatchEvent(new window.Event("visibilitychange"));
  assert.equal(seen(), 2);
  close();
  document.dispatchEvent(new window.Event("visibilitychange"));
  assert.equal(seen(), 2);
});
