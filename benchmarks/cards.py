"""A notebook with forty cards: how long until it is open, and until they are live; how much memory
the page takes, and how long it does not answer."""

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from common import OURS, Missing, Report, Target, need, turns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NOTEBOOK = "01-ipv6"
CASE = "forty cards live"
WIDGETS, EMPTY = "anywidgets", "empty notebook"

# The least that there is: as many bare anywidgets, one a cell, behind the same imports.
FLOOR = """
import anywidget
class Card(anywidget.AnyWidget):
    _esm = "export default { render({ el }) { el.innerHTML = '<b class=way-bare>'; } }"
"""

# from the click until the last has come, in seconds
UNTIL = """([press, selector, wanted]) => new Promise((found) => {
  const began = performance.now();
  const count = () => document.querySelectorAll(selector).length;
  const watch = new MutationObserver(() => {
    if (count() < wanted) return;
    watch.disconnect();
    found((performance.now() - began) / 1000);
  });
  watch.observe(document.body, { childList: true, subtree: true });
  setTimeout(() => found(null), 60000);
  new Function(press)();
})"""

START = "document.querySelector('.lk-start button, .lk-start').click()"
SHOWN = ".lk-card .lk-row"
RUN_ALL = "window.jupyterapp.commands.execute('notebook:run-all-cells')"


def measure(report: Report, rounds: int) -> None:
    """Add the row, and say what the page's memory is."""
    from playwright.sync_api import sync_playwright

    from tests.browser.site import site

    with site() as here, sync_playwright() as playwright:
        chromium = need("chromium", "chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        _measure(here, browser.new_page(viewport={"width": 1240, "height": 900}), report, rounds)
        browser.close()


def _measure(site: Any, page: Any, report: Report, rounds: int) -> None:
    wanted = len([1 for cell in site.read(site.put(NOTEBOOK)).cells if _shows(cell)])
    folder = site.server.folder
    _write(folder / "floor.ipynb", [FLOOR, *["Card()"] * wanted])
    _write(folder / "empty.ipynb", ["1"])
    ours = f"{NOTEBOOK}.ipynb"
    empty_one, floor = "empty.ipynb", "floor.ipynb"
    opens = {OURS: partial(_opens, site, page, ours), EMPTY: partial(_opens, site, page, empty_one)}
    _compare(report, "open, kernel idle", opens, rounds, Target(EMPTY, 1.1))
    for number, case in ((1, "first card live"), (wanted, f"{wanted} cards live")):
        ways = {
            OURS: partial(_live, site, page, ours, START, SHOWN, number),
            WIDGETS: partial(_live, site, page, floor, RUN_ALL, ".way-bare", number),
        }
        _compare(report, case, ways, rounds, Target(WIDGETS))
    longest = _longest(site, page, ours, wanted)
    report.missing(OURS, f"longest task while it opens and starts: {longest:.0f} ms")
    empty = _heap(site, page, "empty.ipynb", 0)
    full = _heap(site, page, f"{NOTEBOOK}.ipynb", wanted)
    report.missing(OURS, f"JS heap: {full:.1f} MB with {wanted} cards, {empty:.1f} MB without")


def _compare(
    report: Report,
    case: str,
    ways: "Mapping[str, Callable[[], float]]",
    rounds: int,
    target: Target,
) -> None:
    samples: dict[str, list[float]] = {}
    for way, seconds in turns(ways, rounds, 120, report, case):
        samples.setdefault(way, []).append(seconds)
    report.add(case, samples, (target,))


def _shows(cell: nbformat.NotebookNode) -> bool:
    return bool(cell.cell_type == "code" and cell.source.startswith("show("))


def _live(site: Any, page: Any, name: str, press: str, selector: str, wanted: int) -> float:
    """Open a notebook anew, press, and wait; its kernel has just started."""
    opened = _opened(site, page, name)
    seconds = page.evaluate(UNTIL, [press, selector, wanted])
    opened.shut_down()
    if seconds is None:
        raise Missing("the last card never came to the page (waited for 60 s)")
    return float(seconds)


def _opens(site: Any, page: Any, name: str) -> float:
    """Open a notebook; from the page's address to its kernel, which has answered."""
    if name.startswith(NOTEBOOK):
        site.put(NOTEBOOK)
    page.goto("about:blank")
    began = time.perf_counter()
    opened = site.open(page, name)
    opened.wait_for_kernel()
    seconds = time.perf_counter() - began
    opened.shut_down()
    return seconds


def _longest(site: Any, page: Any, name: str, wanted: int) -> float:
    """Milliseconds of the longest task (W3C Long Tasks) from opening a notebook to live cards; 0
    where none took 50."""
    page.add_init_script(
        "window.longest = 0; new PerformanceObserver((list) => {"
        " for (const { duration } of list.getEntries())"
        " window.longest = Math.max(window.longest, duration); })"
        ".observe({ type: 'longtask', buffered: true });"
    )
    opened = _opened(site, page, name)
    page.evaluate(UNTIL, [START, SHOWN, wanted])
    longest = page.evaluate("window.longest")
    opened.shut_down()
    return float(longest)


def _opened(site: Any, page: Any, name: str) -> Any:
    if name.startswith(NOTEBOOK):
        site.put(NOTEBOOK)
    page.goto("about:blank")
    opened = site.open(page, name)
    opened.wait_for_kernel()
    return opened


def _write(path: Path, sources: list[str]) -> None:
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, path)


def _heap(site: Any, page: Any, name: str, wanted: int) -> float:
    """Megabytes of JavaScript objects that are in use, once its cards are live."""
    opened = _opened(site, page, name)
    if wanted:
        page.evaluate(UNTIL, [START, SHOWN, wanted])
        opened.wait_for_kernel()
    tools = page.context.new_cdp_session(page)
    tools.send("HeapProfiler.collectGarbage")
    used = tools.send("Runtime.getHeapUsage")["usedSize"]
    opened.shut_down()
    return float(used) / 1e6
