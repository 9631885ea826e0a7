// What a card says about itself: that it is not connected, and what was seen earlier.

/** @type {Record<string, [said: string, helps: boolean]>} what is said, and whether the button helps */
const SAID = {
  starting: ["Starting the kernel…", false],
  connecting: ["Connecting…", false],
  lost: ["The server does not answer. This card is as it was when it did.", false],
  dead: ["As it was saved: not connected to a lab.", true],
};

/** An element with these properties.
 *  @template {LK.Tag} T
 *  @param {T} tag
 *  @param {LK.Attributes} attributes
 *  @param {(Node | string)[]} children */
export function element(tag, attributes, ...children) {
  const made = Object.assign(document.createElement(tag), attributes);
  made.append(...children);
  return made;
}

/** The line above a card that is not live, with a button where one helps.
 *  @param {() => void} reconnect */
export function bar(reconnect) {
  const text = element("span", { role: "status" });
  const button = element("button", { type: "button", className: "lk-reconnect", textContent: "Reconnect",
    title: "Run the cells that show cards; no step runs, and nothing scrolls", onclick: reconnect });
  const node = element("div", { className: "lk-bar-above", hidden: true }, text, button);
  return {
    node,
    /** @param {string} state */
    set(state) {
      const [said, helps] = SAID[state] ?? ["", false];
      node.hidden = !said;
      node.dataset.state = state;
      button.hidden = !helps;
      if (text.textContent !== said) text.textContent = said;
    },
  };
}

/** What was seen before, folded; it is made when somebody opens it.
 *  @param {(place: HTMLElement) => unknown} fill */
export function earlier(fill) {
  const place = element("div", {});
  const node = element("details", { className: "lk-earlier" },
    element("summary", { textContent: "From an earlier start: what you did, and what was seen" }), place);
  node.addEventListener("toggle", () => node.open && !place.firstChild && void fill(place));
  return node;
}
