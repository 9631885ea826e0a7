// A terminal of Jupyter's server whose command is a shell on a node.

/** Join the one of that name, or start it.
 *  @param {LK.Lab} lab
 *  @param {import("@jupyterlab/services").Terminal.IManager} terminals
 *  @param {LK.Wish} detail */
export async function join(lab, terminals, detail) {
  const name = detail.name.replace(/\W/g, (sign) => `_${sign.codePointAt(0)?.toString(16)}_`); // as its URL allows
  /** @type {{name: string}[]} */
  const running = await ask(lab, "GET");
  if (!running.some((one) => one.name === name)) {
    await ask(lab, "POST", { name, shell_command: detail.argv, extra_env: detail.env });
  }
  await terminals.refreshRunning();
  const session = terminals.connectTo({ model: { name } });
  session.shutdown = () => terminals.shutdown(name);
  return session;
}

/** @param {LK.Lab} lab
 *  @param {string} method
 *  @param {object} [body] */
async function ask(lab, method, body) {
  const settings = lab.ServerConnection.makeSettings();
  const url = lab.URLExt.join(settings.baseUrl, "api/terminals");
  const init = body ? { method, body: JSON.stringify(body) } : { method };
  const response = await lab.ServerConnection.makeRequest(url, init, settings);
  if (!response.ok) throw new Error(`Jupyter's server could not start it (${response.status} ${response.statusText})`);
  return response.json();
}
