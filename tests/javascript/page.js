// What the tests share: a page without a browser (jsdom), and a card's half in the kernel.

import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

const ASSETS = new URL("../../labkernel/notebook/", import.meta.url);
export const EXTENSION = new URL("../../jupyter/share/jupyter/labextensions/labkernel/static/", import.meta.url);

/** Have the globals of a browser's page, of which jsdom has no layout. */
export function openPage() {
  const { window } = new JSDOM("<!doctype html><body></body>", { url: "http://localhost/", pretendToBeVisual: true });
  const { document, localStorage, Node, CustomEvent, requestAnimationFrame } = window;
  const observer = class { observe() {} disconnect() {} };
  const layout = { ResizeObserver: observer, IntersectionObserver: observer, CSS: { supports: () => true } };
  for (const [name, value] of Object.entries({ window, document, localStorage, Node, CustomEvent, requestAnimationFrame, ...layout })) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  return window;
}

/** The module of a card, made of the files that its Python class names; with `also` of what it has inside. */
export async function loadCard(name, ...also) {
  const python = readFileSync(new URL(`${name}_card.py`, ASSETS), "utf8");
  const [, files] = python.match(/_esm = asset\(([^)]*)\)/);
  const texts = [...files.matchAll(/"([^"]+)"/g)].map(([, file]) => readFileSync(new URL(`assets/${file}`, ASSETS), "utf8"));
  const inside = also.length ? `\nexport { ${also.join(", ")} };` : "";
  return import(`data:text/javascript,${encodeURIComponent(texts.join("\n") + inside)}`);
}

/** A widget's model as anywidget gives it: attributes, events, and what was sent. */
export class Model {
  constructor(attributes) {
    this.attributes = attributes;
    this.heard = [];
    this.sent = [];
  }

  get(name) {
    return this.attributes[name];
  }

  set(name, value) {
    this.attributes[name] = value;
    this.trigger(`change:${name}`);
  }

  on(name, callback) {
    this.heard.push([name, callback]);
  }

  off(name, callback) {
    this.heard = this.heard.filter(([other, each]) => other !== name || each !== callback);
  }

  trigger(name, ...values) {
    for (const [other, callback] of [...this.heard]) if (other === name) callback(...values);
  }

  send(message) {
    this.sent.push(message);
  }

  /** Actions that were sent. */
  get actions() {
    return this.sent.map(({ action }) => action);
  }

  /** Change the state in part, as the kernel does. */
  tell(more) {
    this.set("state", { ...this.get("state"), ...more });
  }
}

/** A list of outputs, or a notebook's model: what it has is JSON. */
export class Json {
  constructor(value) {
    this.value = value;
  }

  get length() {
    return this.value.length;
  }

  get(at) {
    const list = this.value;
    return {
      get data() {
        return list[at].data;
      },
      setData({ data }) {
        list[at] = { ...list[at], data };
      },
    };
  }

  toJSON() {
    return structuredClone(this.value);
  }

  fromJSON(value) {
    this.value = structuredClone(value);
  }
}

/** A signal with the part of Lumino's that the extension uses. */
export class Signal {
  constructor(sender) {
    this.sender = sender;
    this.slots = [];
  }

  connect(slot) {
    this.slots.push(slot);
  }

  disconnect(slot) {
    this.slots = this.slots.filter((each) => each !== slot);
  }

  emit(value) {
    for (const slot of [...this.slots]) slot(this.sender, value);
  }
}
