// Saving, renaming and reading anew, one after the other.
//
// JupyterLab does them as they come: of two savings at a time the second asks which file is right, and a
// file that is saved while it is renamed is there under both names, of which the new one lacks what was
// done last.  Here notebooks are saved after each step, when nobody thinks of it.

// JupyterLab may ask while it saves, and nobody be there to answer: others don't wait for that.
const LONGEST = 3000; // ms

export class Files {
  /** @param {import("@jupyterlab/services").Contents.IManager} contents */
  constructor(contents) {
    /** @type {Map<string, Promise<unknown>>} what is done with the file of a path */
    this.last = new Map();
    const rename = contents.rename.bind(contents);
    contents.rename = (from, to) => this.next(from, () => rename(from, to));
  }

  /** Have this file saved in turn, whoever saves it; gives what saves it at once.
   *  @param {LK.Context} context */
  inTurn(context) {
    const save = context.save.bind(context);
    context.save = () => this.alone(context, save);
    return save;
  }

  /** Do it in turn, and while no other page of this browser is at this file.
   *  @template T
   *  @param {LK.Context} context
   *  @param {() => Promise<T>} work */
  alone(context, work) {
    const { path } = context;
    return this.next(path, () => this.locked(`labkernel ${path}`, work));
  }

  /** @template T
   *  @param {string} name
   *  @param {() => Promise<T>} work
   *  @returns {Promise<T>} */
  async locked(name, work) {
    const { locks } = navigator; // only where the page is served by HTTPS, or from this machine
    if (!locks) return work();
    return new Promise((done, failed) => {
      void locks.request(name, () => {
        const working = work();
        working.then(done, failed);
        return bounded(working);
      });
    });
  }

  /** @template T
   *  @param {string} path
   *  @param {() => Promise<T>} work */
  next(path, work) {
    const done = (this.last.get(path) ?? Promise.resolve()).then(work);
    const ended = bounded(done);
    this.last.set(path, ended);
    void ended.then(() => this.last.get(path) === ended && this.last.delete(path));
    return done;
  }
}

/** Its end, however it ends, but no longer than others are to wait for it.
 *  @param {Promise<unknown>} work */
function bounded(work) {
  const end = work.catch(() => {}); // it is told to whom it concerns
  return Promise.race([end, new Promise((late) => setTimeout(late, LONGEST))]);
}
