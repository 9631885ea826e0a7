"""JupyterLab in headless Chromium: one server, one browser, and a tab that stays."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from labkernel import images
from tests.browser.jupyterlab import PATIENCE, ROOT, Server
from tests.browser.site import Opened, Site, site
from tests.browser.tabs import SIZE, TIDY, Tabs


@pytest.fixture(scope="session")
def here() -> Iterator[Site]:
    """A JupyterLab whose files, settings and labs are in a folder of its own."""
    with site() as made:
        yield made


@pytest.fixture(scope="session")
def server(here: Site) -> Server:
    """The same, for those who don't stop it."""
    return here.server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    found = shutil.which("chromium")
    assert found, "the browser tests need Chromium: apt install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One profile for all tests."""
    context = browser.new_context(viewport=SIZE)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture(scope="session")
def tabs(context: BrowserContext) -> Tabs:
    """Its tabs, in which JupyterLab stays loaded."""
    return Tabs(context)


@pytest.fixture
def other_page(context: BrowserContext) -> Iterator[Page]:
    """A page of its own, for another server or for Notebook 7."""
    page = context.new_page()
    yield page
    page.evaluate(TIDY)
    page.close()


@pytest.fixture(autouse=True)
def no_record(here: Site) -> None:
    """Nothing has been done before."""
    shutil.rmtree(here.folder / "state", ignore_errors=True)


def _taken(tabs: Tabs, number: int, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A tab in which nothing goes wrong unseen."""
    page = tabs.take(number)
    wrong: list[str] = []

    def note(error: Exception) -> None:
        wrong.append(str(error))

    page.on("pageerror", note)
    before = request.session.testsfailed
    yield page
    page.remove_listener("pageerror", note)
    tabs.give_back(number, good=request.session.testsfailed == before)
    assert wrong == []


@pytest.fixture
def page(tabs: Tabs, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The tab that a trainee works in."""
    yield from _taken(tabs, 0, request)


@pytest.fixture
def second_page(tabs: Tabs, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Another one."""
    yield from _taken(tabs, 1, request)


@pytest.fixture
def open_notebook(here: Site, page: Page) -> Callable[..., Opened]:
    """Opens copies of notebooks, without their outputs; their kernels end with the test."""

    def opened(path: Path, outputs: bool = False) -> Opened:
        shown = here.open(page, here.put(path, outputs=outputs))
        shown.wait_for_kernel()
        return shown

    return opened


@pytest.fixture
def open_lab(
    server: Server, open_notebook: Callable[..., Opened], tmp_path: Path
) -> Callable[..., Opened]:
    """Opens a notebook by its name with all cells run; its lab, of an image, is not started.

    Of its steps and drills it has those that are named: forty cards take a browser seconds.
    """

    def opened(image: str, name: str, *shown: str) -> Opened:
        images.build(image)
        server.labkernel("down", "--all")
        notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", 4)
        kept = re.compile(rf"show\(\w+\.(lab|{'|'.join(shown)})(, folded=True)?\)")
        notebook.cells = [
            cell
            for cell in notebook.cells
            if "show(" not in cell.source or kept.search(cell.source)
        ]
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(notebook, path)
        opened = open_notebook(path)
        opened.run_all()
        return opened

    return opened


@pytest.fixture
def start(server: Server, open_notebook: Callable[..., Opened]) -> Opened:
    """The index notebook, with all its cells run, and its lab not started."""
    server.labkernel("down", "--all")
    notebook = open_notebook(ROOT / "notebooks" / "00-start.ipynb")
    notebook.run_all()
    lab = notebook.page.locator(".lk-lab")
    expect(lab.get_by_role("status")).to_have_text("Not started")
    return notebook
