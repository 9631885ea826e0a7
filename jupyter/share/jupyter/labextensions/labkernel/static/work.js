// Finished work goes into the notebook's file: the page in which it was done writes it.

import { CARD } from "./mime.js";

export class Work {
  /** @param {LK.Lab} lab
   *  @param {LK.Page} page */
  constructor(lab, page) {
    this.lab = lab;
    this.page = page;
  }

  /** Take what a card has told.
   *  @param {LK.Card} renderer
   *  @param {LK.Data} detail */
  take(renderer, detail) {
    const { model_id: id } = renderer.card;
    if (!detail?.[CARD]?.ended || detail[CARD].model_id !== id) return;
    if (!this._outputs(id).some((output) => this._differs(output, detail)) || !renderer.takeActed()) return;
    this.page.alone(() => this._write(id, detail)).catch((error) => console.warn("labkernel:", error));
  }

  /** @param {string} id
   *  @param {LK.Data} detail */
  async _write(id, detail) {
    await this.page.takeOver(); // else JupyterLab would ask which of two pages is right
    for (const output of this._outputs(id)) {
      if (this._differs(output, detail)) output.setData({ data: { ...output.data, ...detail } });
    }
    await this.page.save();
  }

  // not as text: the order of keys is another one after a reload
  /** @param {LK.Output} output
   *  @param {LK.Data} detail */
  _differs(output, detail) {
    return !this.lab.JSONExt.deepEqual(output.data, { ...output.data, ...detail });
  }

  /** The outputs that show this card.
   *  @param {string} id */
  _outputs(id) {
    return outputs(this.page.panel).filter(({ data }) => data[CARD]?.model_id === id);
  }
}

/** The outputs of a notebook, or of one of its cells.
 *  @param {LK.Panel} panel
 *  @param {readonly LK.Cell[]} cells
 *  @returns {LK.Output[]} */
export function outputs(panel, cells = panel.content.widgets) {
  return cells.filter((cell) => cell.model.type === "code").flatMap((cell) => {
    const list = /** @type {LK.CodeModel} */ (cell.model).outputs;
    return Array.from({ length: list.length }, (_, at) => list.get(at));
  });
}
