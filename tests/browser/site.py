"""A JupyterLab that is stopped and started again, as on the next day: same address, same files."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import nbformat.reader
from nbformat import NotebookNode
from playwright.sync_api import Page, expect

from tests.browser import jupyterlab
from tests.browser.jupyterlab import ROOT, Notebook, Server

BASE = "/user/x/"
TOKEN = "0123456789abcdef"


# whether what was done with this command is in the notebook, and that in its file
SAVED = """(command) => {
  const panel = [...window.jupyterapp.shell.widgets("main")].find((each) => each.sessionContext);
  const { model } = panel.context;
  const outputs = model.toJSON().cells.flatMap((cell) => cell.outputs ?? []);
  const cards = outputs.map(({ data }) => data?.["application/vnd.labkernel.card+json"]);
  const done = cards.filter((card) => card?.ended && !card.earlier);
  return !model.dirty && done.some((card) => card.command === command);
}"""


# by a double click in the list of files
OPEN = """async (path) => {
  await window.jupyterapp.commands.execute("docmanager:open", { path, factory: "Notebook" });
}"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


# whether JupyterLab will open a notebook again when its page is loaded anew
LAYOUT = """async (name) => {
  const { values } = await window.jupyterapp.serviceManager.workspaces.list();
  return JSON.stringify(values).includes(`notebook:${name}`);
}"""


@dataclass
class Site:
    """The server: behind a base URL, without a terminal of its own, without .venv in its PATH."""

    folder: Path
    options: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        environment = jupyterlab._environment(self.folder)
        environment["PATH"] = os.defpath
        self.server = Server("", "", self.folder / "files", environment)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = (
            "--ServerApp.port_retries=0",
            f"--ServerApp.base_url={BASE}",
            f"--IdentityProvider.token={TOKEN}",
            "--JupyterNotebookApp.expose_app_in_browser=True",
            *self.options,
        )
        self.process = jupyterlab._launch(
            self.folder, self.server.environment, *options, port=self.port
        )
        self.server = jupyterlab._answer(self.process, self.folder, self.server)

    def stop(self) -> None:
        """Stop it, and its kernels with it."""
        self.process.terminate()
        self.process.wait(20)

    def put(self, notebook: str | Path, as_: str = "", outputs: bool = True) -> str:
        """Give it a copy of a notebook, of ours by its name; its name there."""
        of = ROOT / "notebooks" / f"{notebook}.ipynb" if isinstance(notebook, str) else notebook
        copy = nbformat.read(of, 4)
        for cell in copy.cells:
            if cell.cell_type == "code" and not outputs:
                cell.outputs, cell.execution_count = [], None
        path = self.server.folder / f"{as_ or of.stem}.ipynb"
        nbformat.write(copy, path)
        return path.name

    def read(self, name: str) -> NotebookNode:
        """A notebook as its file has it."""
        return nbformat.read(self.server.folder / name, 4)

    def has(self, name: str, text: str) -> bool:
        """Whether a notebook's file has this text; no, while it is being written."""
        try:
            return text in str(self.read(name))
        except nbformat.reader.NotJSONError:
            return False

    def open(self, page: Page, name: str, view: str = "lab/tree") -> "Opened":
        """Open a notebook in a page, in the JupyterLab that is there if there is one."""
        address = f"http://127.0.0.1:{self.port}{BASE}"
        if view == "lab/tree" and page.url.startswith(f"{address}lab"):
            page.evaluate(OPEN, name)
        else:
            page.goto(f"{address}{view}/{name}?token={TOKEN}&reset")
        return Opened(page, self, name)


@dataclass
class Opened(Notebook):
    """A notebook of a site in a page."""

    site: Site
    name: str

    def start(self) -> None:
        """Press Start this notebook, and wait until its cards are live."""
        self.page.get_by_role("button", name="Start this notebook").click()
        self.expect_live()

    def expect_live(self) -> None:
        """Every card is connected to the kernel, and says nothing of connecting."""
        expect(self.page.locator(".lk-lab")).to_be_visible()
        expect(self.page.locator(".lk-bar-above:visible")).to_have_count(0)

    @property
    def reconnect(self):  # type: ignore[no-untyped-def]
        """The buttons of cards that are not connected."""
        return self.page.get_by_role("button", name="Reconnect", exact=True)

    @property
    def panel(self) -> str:
        """JavaScript: the notebook's panel."""
        return "[...window.jupyterapp.shell.widgets('main')].find((each) => each.sessionContext)"

    def dirty(self) -> bool:
        """Whether JupyterLab takes it for changed."""
        return bool(self.page.evaluate(f"{self.panel}.context.model.dirty"))

    def save(self) -> None:
        """Save it, as in the menu."""
        self.page.evaluate(f"{self.panel}.context.save()")

    def reload(self) -> None:
        """Load the page anew, once JupyterLab has noted what is open in it."""
        self.page.wait_for_function(LAYOUT, arg=self.name)
        self.page.reload()
        self.wait_for_kernel()

    def restart_kernel(self) -> None:
        """Restart its kernel."""
        self.page.evaluate(f"{self.panel}.sessionContext.session.kernel.restart()")

    def shut_down(self) -> None:
        """End its kernel."""
        self.page.evaluate(f"{self.panel}.sessionContext.shutdown()")

    def run(self, title: str, command: str = "", verdict: str = "Passed") -> None:
        """Run a step, and wait until its verdict is in the page and in the file."""
        card = self.card(title).first
        if command:
            card.get_by_role("textbox").fill(command)
        typed = card.get_by_role("textbox").input_value()
        jupyterlab.press(card, "Run")
        expect(card.locator(".lk-verdict")).to_contain_text(verdict)
        self.page.wait_for_function(SAVED, arg=typed)


@contextmanager
def site(*options: str) -> Iterator[Site]:
    """A site that goes with its folder and its labs."""
    folder = Path(tempfile.mkdtemp(prefix="lk"))
    made = Site(folder, options)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        made.server.labkernel("down", "--all")
        shutil.rmtree(folder)


def export(path: Path) -> str:
    """A notebook's HTML, as File, Save and Export makes it."""
    words = [sys.executable, "-m", "nbconvert", "--to", "html", "--stdout", str(path)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return done.stdout
