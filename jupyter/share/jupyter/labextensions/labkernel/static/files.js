// Saving, renaming and reading anew, one after the other.
//
// JupyterLab does them as they come: of two savings at a time the second asks which file is right, and a
// file that is saved while it is renamed is there under both names, of which the new one lacks what was
// done last.  Here notebooks are saved after each step, when nobody thinks of it.

export class Files {
  constructor(contents) {
    this.last = Promise.resolve();
    const rename = contents.rename.bind(contents);
    contents.rename = (from, to) => this.next(() => rename(from, to));
  }

  /** Have this file saved in turn, whoever saves it; gives what saves it at once. */
  inTurn(context) {
    const save = context.save.bind(context);
    context.save = () => this.alone(context, save);
    return save;
  }

  /** Do it in turn, and while no other page of this browser is at this file. */
  alone(context, work) {
    const { locks } = navigator; // only where the page is served by HTTPS, or from this machine
    return this.next(() => (locks ? locks.request(`labkernel ${context.path}`, work) : work()));
  }

  next(work) {
    const done = this.last.then(work);
    this.last = done.catch(() => {}); // it is told to whom it concerns
    return done;
  }
}
