"""JupyterLab in headless Chromium, with a notebook of its own and labs of its own."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from labkernel import images
from tests.browser.jupyterlab import PATIENCE, ROOT, Notebook, Server, running


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A JupyterLab whose files, settings and labs are in a folder of its own."""
    with running() as server:
        yield server


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
    """One profile for all tests: JupyterLab's scripts, megabytes of them, are loaded once."""
    context = browser.new_context(viewport={"width": 1240, "height": 900})
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def open_notebook(server: Server, context: BrowserContext) -> Iterator[Callable[..., Notebook]]:
    """Opens copies of notebooks, without their outputs; their kernels end with the test."""
    page = context.new_page()

    def opened(path: Path, outputs: bool = False) -> Notebook:
        notebook = nbformat.read(path, 4)
        for cell in notebook.cells:
            if cell.cell_type == "code" and not outputs:
                cell.outputs, cell.execution_count = [], None
        nbformat.write(notebook, server.folder / path.name)
        page.goto(f"{server.url}lab/tree/{path.name}?token={server.token}&reset")
        shown = Notebook(page)
        shown.wait_for_kernel()
        return shown

    yield opened
    page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    page.close()


@pytest.fixture
def open_lab(
    server: Server, open_notebook: Callable[..., Notebook]
) -> Callable[[str, str], Notebook]:
    """Opens a notebook by its name with all cells run; its lab, of an image, is not started."""

    def opened(image: str, name: str) -> Notebook:
        images.build(image)
        server.labkernel("down", "--all")
        notebook = open_notebook(ROOT / "notebooks" / f"{name}.ipynb")
        notebook.run_all()
        return notebook

    return opened


@pytest.fixture
def start(server: Server, open_notebook: Callable[..., Notebook]) -> Notebook:
    """The index notebook, with all its cells run, and its lab not started."""
    server.labkernel("down", "--all")
    notebook = open_notebook(ROOT / "notebooks" / "00-start.ipynb")
    notebook.run_all()
    lab = notebook.page.locator(".lk-lab")
    expect(lab.get_by_role("status")).to_have_text("Not started")
    return notebook
