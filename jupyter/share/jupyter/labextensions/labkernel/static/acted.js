// In which page a person has worked with a card: that one writes what came of it into the file.

const PREFIX = "labkernel acted ";
const DAY = 86_400_000; // ms
const here = new Set(); // ids of cards

/** A person has worked with this card, in this page.
 *  @param {string} id */
export function act(id) {
  here.add(id);
}

/** Whether it was this page, or one that is gone; asked once for each work.
 *  @param {string} id */
export function takeActed(id) {
  const left = localStorage.getItem(PREFIX + id) !== null;
  localStorage.removeItem(PREFIX + id);
  return here.delete(id) || left;
}

/** Whoever comes next is to write what a page that goes has not written. */
export function leaveActed() {
  for (const id of here) localStorage.setItem(PREFIX + id, String(Date.now()));
}

/** Cards whose work nobody has asked for in a day are gone. */
export function forgetOld() {
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith(PREFIX) && !(Date.now() - Number(localStorage.getItem(name)) < DAY)) localStorage.removeItem(name);
  }
}
