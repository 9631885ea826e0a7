"""In the page: from a click to the first output, and to forty live cards, in JupyterLab.

``python benchmarks/page.py [--json] [--rounds N]``; what is compared is in README.md.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cards
import nbformat
from common import OURS, Missing, Report, Target, need, options, turns

sys.path.insert(0, str(Path(__file__).parents[1]))  # the page is driven as its tests drive it

ECHO, WIDGETS = "anywidget echo", "ipywidgets"
WAYS = (OURS, ECHO, WIDGETS, cards.WIDGETS, cards.EMPTY)
LINES = "for n in {{1..2000}}; do echo line $n; done; echo {mark}"
CASES = {"first line": ("echo {mark}", 40), "2,000 lines": (LINES, 8)}
TARGETS = {"first line": (Target(ECHO, 1.0, 0.02),), "2,000 lines": (Target(WIDGETS),)}

# The least that there is: the kernel sends a text back, without any lab; and what a notebook
# without cards would do: a button, whose callback runs the command and appends to an Output.
CELLS = (
    """
from labkernel import Lab, Node, running_lab
from labkernel.checks import printed
from labkernel.notebook import show
lab = Lab("page", [Node("n1")])
step = lab.step("print", "Print", on="n1", run="true", check=printed("mark"), wrong="true")
show(step)
""",
    """
import anywidget
class Echo(anywidget.AnyWidget):
    _esm = '''export default { render({ model, el }) {
      el.innerHTML = "<input><button>Run</button><pre></pre>";
      el.className = "way-echo";
      const [field, button, log] = el.children;
      button.onclick = () => model.send(field.value);
      model.on("msg:custom", (text) => { log.textContent = text; });
    } }'''
echo = Echo()
echo.on_msg(lambda _, text, __: echo.send(text))
echo
""",
    """
import ipywidgets, threading
field, button, out = ipywidgets.Text(), ipywidgets.Button(description="Run"), ipywidgets.Output()
def run(_):
    out.clear_output()
    work = lambda: running_lab("page").run("n1", field.value, out.append_stdout)
    threading.Thread(target=work).start()
button.on_click(run)
box = ipywidgets.VBox([field, button, out])
box.add_class("way-widgets")
box
""",
)

ROOTS = {OURS: ".lk-step", ECHO: ".way-echo", WIDGETS: ".way-widgets"}

PRESS = """([selector, command, mark]) => new Promise((found) => {
  const root = document.querySelector(selector);
  const field = root.querySelector("textarea, input");
  const set = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set;
  set.call(field, command);
  for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
  const log = () => root.querySelector(".lk-log, pre, .jp-OutputArea")?.textContent ?? "";
  const began = performance.now();
  const watch = new MutationObserver(() => {
    if (!log().includes(mark)) return;
    watch.disconnect();
    found((performance.now() - began) / 1000);
  });
  setTimeout(() => found(null), 10000);
  watch.observe(root, { childList: true, characterData: true, subtree: true });
  const all = [...root.querySelectorAll("button")];
  all.find((button) => button.textContent === "Run").click();
})"""


def main() -> int:
    parser = options(__doc__, rounds=40)
    given = parser.parse_args()
    report = Report("page", WAYS)
    with _page() as press:
        for case, (command, most) in CASES.items():
            samples: dict[str, list[float]] = {}
            ways = {way: _measured(press, way, command) for way in ROOTS if _can(way, case, report)}
            for way in ways.values():
                way()  # once before, so that the lab's start is not among the samples
            for named, seconds in turns(ways, min(given.rounds, most), 60, report, case):
                samples.setdefault(named, []).append(seconds)
            report.add(case, samples, TARGETS[case])
    cards.measure(report, min(given.rounds, 4))
    report.show(given.json)
    return 0


def _can(way: str, case: str, report: Report) -> bool:
    if way == ECHO and case != "first line":
        report.missing(way, f"{case}: it sends one text back")
        return False
    return True


def _measured(press: Callable[..., float], way: str, command: str) -> Callable[[], float]:
    marks = iter(range(10**6))

    def once() -> float:
        mark = f"mark-{next(marks)}-end"
        return press(ROOTS[way], command.format(mark=mark), mark)

    return once


@contextmanager
def _page() -> Iterator[Callable[..., float]]:
    from playwright.sync_api import expect, sync_playwright

    from tests.browser.site import site

    chromium = need("chromium", "chromium")
    with site() as here, sync_playwright() as playwright:
        _write(here.server.folder / "page.ipynb")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1240, "height": 900})
        notebook = here.open(page, "page.ipynb")
        notebook.run_all()

        def press(root: str, command: str, mark: str) -> float:
            if root == ROOTS[OURS]:
                ready = page.locator(f"{root} .lk-run:not([hidden])")
                expect(ready).to_have_attribute("aria-disabled", "false")
            notebook.wait_for_kernel()
            seconds = page.evaluate(PRESS, [root, command, mark])
            if seconds is None:
                raise Missing("the last line never came to the page (waited for 10 s)")
            return float(seconds)

        yield press
        notebook.shut_down()
        browser.close()


def _write(path: Path) -> None:
    cells = [nbformat.v4.new_code_cell(text.strip()) for text in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, path)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Missing as why:
        sys.exit(f"page: {why}")
