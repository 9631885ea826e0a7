// Finished work goes into the notebook's file: the page in which it was done writes it.

import { CARD } from "./page.js";

export class Work {
  constructor(lab, page) {
    this.lab = lab;
    this.page = page;
    this.last = Promise.resolve();
  }

  /** Take what a card has told. One at a time: each reads the file before it writes. */
  take(renderer, detail) {
    const { model_id: id } = renderer.card;
    if (!detail?.[CARD]?.ended || detail[CARD].model_id !== id) return this.last;
    if (!this._outputs(id).some((output) => this._differs(output, detail)) || !renderer.takeActed()) return this.last;
    this.last = this.last.then(() => this._alone(() => this._write(id, detail))).catch((error) => console.warn("labkernel:", error));
    return this.last;
  }

  /** While no other page of this browser writes the file. */
  _alone(work) {
    const { locks } = navigator; // only where the page is served by HTTPS, or from this machine
    return locks ? locks.request(`labkernel ${this.page.panel.context.path}`, work) : work();
  }

  async _write(id, detail) {
    await this.page.takeOver(); // else JupyterLab would ask which of two pages is right
    for (const output of this._outputs(id)) {
      if (this._differs(output, detail)) output.setData({ data: { ...output.data, ...detail } });
    }
    await this.page.save();
  }

  // not as text: the order of keys is another one after a reload
  _differs(output, detail) {
    return !this.lab.JSONExt.deepEqual(output.data, { ...output.data, ...detail });
  }

  /** The outputs that show this card. */
  _outputs(id) {
    return outputs(this.page.panel).filter(({ data }) => data[CARD]?.model_id === id);
  }
}

/** The outputs of a notebook, or of one of its cells. */
export function outputs(panel, cells = panel.content.widgets) {
  return cells.filter((cell) => cell.model.type === "code").flatMap((cell) => {
    const list = cell.model.outputs;
    return Array.from({ length: list.length }, (_, at) => list.get(at));
  });
}
