// The address under which others open a notebook, and its QR code.

const ALONE = /^(localhost|.*\.localhost|127\.[\d.]+|\[::1\])$/;

/** The address of a notebook for everybody of a hub; empty where others can't open one: a server of one's
 *  own asks for its token, and loopback is each machine's own.
 *  @param {(option: string) => string} option of the page's configuration
 *  @param {string} origin
 *  @param {string} path */
export function courseAddress(option, origin, path) {
  const hub = option("hubPrefix");
  if (!hub || !option("hubUser")) return "";
  const base = new URL(option("hubHost") || origin);
  if (ALONE.test(base.hostname)) return "";
  const file = path.split("/").map(encodeURIComponent).join("/");
  return new URL(`${hub.replace(/\/*$/, "/")}user-redirect/lab/tree/${file}`, base).href;
}

/** The QR code as a picture's URL: the notebook's kernel draws it.
 *  @param {LK.Kernel} kernel
 *  @param {string} address */
export async function drawCode(kernel, address) {
  const expression = `__import__("importlib").import_module("labkernel.notebook.qr").picture(${JSON.stringify(address)})`;
  const { content } = await kernel.requestExecute({ code: "", silent: true, store_history: false, user_expressions: { code: expression } }).done;
  const reply = /** @type {any} */ (content).user_expressions?.code;
  const url = /^'(data:image\/png;base64,[\w+/=]+)'$/.exec(reply?.data?.["text/plain"] ?? "")?.[1];
  if (!url) throw new Error(reply?.evalue ?? "the kernel does not answer");
  return url;
}
