"""JupyterLab in headless Chromium, and a notebook that is open in it."""

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from unittest.mock import patch

from playwright.sync_api import Locator, Page, expect

from labkernel.cli import jupyter

ROOT = Path(__file__).parents[2]
SCREENSHOTS = Path(__file__).parent / "screenshots"
PATIENCE = 30_000  # ms: for a machine that does much else

expect.set_options(timeout=PATIENCE)


@dataclass
class Server:
    """A running JupyterLab."""

    url: str
    token: str
    folder: Path
    environment: dict[str, str]

    def labkernel(self, *words: str) -> str:
        """What a labkernel command prints about this server's labs."""
        command = [sys.executable, "-c", "from labkernel.cli import main; main()", *words]
        done = subprocess.run(
            command, env=self.environment, check=True, capture_output=True, text=True
        )
        return done.stdout

    def running_labs(self) -> list[dict[str, Any]]:
        """The labs of this server's kernels, as `labkernel status` tells them."""
        return list(json.loads(self.labkernel("status", "--json"))["labs"])


@dataclass
class Notebook:
    """A notebook that is open in the page."""

    page: Page

    def command(self, name: str, **arguments: object) -> None:
        """Execute one of JupyterLab's commands."""
        self.page.evaluate(
            "async ([name, args]) => { await window.jupyterapp.commands.execute(name, args); }",
            [name, arguments],
        )

    def wait_for_kernel(self) -> None:
        """Wait until the kernel is connected and has nothing to do."""
        self.page.wait_for_function(
            """() => {
              const shell = window.jupyterapp?.shell;
              // a terminal may be in front of it, and after a reload nothing
              const widget = [shell?.currentWidget, ...(shell?.widgets("main") ?? [])]
                .find((each) => each?.sessionContext);
              const kernel = widget?.sessionContext.session?.kernel;
              return kernel?.connectionStatus === "connected" && kernel.status === "idle";
            }""",
            timeout=PATIENCE,
        )

    def run_all(self) -> None:
        """Run All Cells, as in the menu, and wait until the last one has ended."""
        self.wait_for_kernel()
        self.command("notebook:run-all-cells")
        self.wait_for_kernel()

    def card(self, title: str) -> Locator:
        """The card whose heading has this text."""
        return self.page.locator(".lk-card", has=self.page.get_by_role("heading", name=title))

    def theme(self, name: str) -> None:
        """Choose JupyterLab's theme: Light or Dark."""
        self.command("apputils:change-theme", theme=f"JupyterLab {name}")
        light = "true" if name == "Light" else "false"
        expect(self.page.locator(f"body[data-jp-theme-light={light}]")).to_be_attached()

    def screenshot(self, name: str, of: Locator | None = None) -> None:
        """Keep a picture of the page, or of an element."""
        SCREENSHOTS.mkdir(exist_ok=True)
        (of or self.page).screenshot(path=SCREENSHOTS / f"{name}.png")


def button(card: Locator, name: str) -> Locator:
    """The button of a card with this label; its name goes on with whose it is: "Run, step 1"."""
    whole = re.compile(rf"^{re.escape(name)}(, (step|task|lab|drill)\b.*)?$")
    return card.get_by_role("button", name=whole)


def press(card: Locator, name: str, sure: bool = False) -> None:
    """Click a button of a card.

    :param sure: whether the card asks first, and is told yes.
    """
    button(card, name).click()
    if sure:
        card.get_by_role("alertdialog").get_by_role("button", name=name, exact=True).click()


def _environment(folder: Path) -> dict[str, str]:
    environment = {key: value for key, value in os.environ.items() if key != "LABKERNEL_AUTO"}
    for name in ("CONFIG", "DATA"):
        environment[f"JUPYTER_{name}_DIR"] = str(folder / name.lower())
    environment["JUPYTERLAB_SETTINGS_DIR"] = str(folder / "settings")
    environment["JUPYTERLAB_WORKSPACES_DIR"] = str(folder / "workspaces")
    environment["XDG_RUNTIME_DIR"] = str(folder)
    environment["XDG_STATE_HOME"] = str(folder / "state")
    with patch.dict(os.environ, environment, clear=True):
        return jupyter.environment()


def _launch(
    folder: Path, environment: dict[str, str], *options: str, port: int = 0
) -> "subprocess.Popen[bytes]":
    words = jupyter.words(
        "--no-browser",
        f"--ServerApp.port={port}",
        f"--ServerApp.root_dir={folder / 'files'}",
        "--LabApp.expose_app_in_browser=True",
        "--log-level=ERROR",
        *options,
    )
    (folder / "files").mkdir(exist_ok=True)
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(words, env=environment, stdout=log, stderr=log)


def _answer(process: "subprocess.Popen[bytes]", folder: Path, server: Server) -> Server:
    """Wait until the server answers."""
    end = monotonic() + 60
    while monotonic() < end and process.poll() is None:
        for file in Path(server.environment["JUPYTER_RUNTIME_DIR"]).glob("jpserver-*.json"):
            try:
                known = json.loads(file.read_text())
                urllib.request.urlopen(f"{known['url']}api?token={known['token']}").close()
                return replace(server, url=known["url"], token=known["token"])
            except (urllib.error.URLError, json.JSONDecodeError):  # not yet, or half written
                pass
        sleep(0.1)
    raise AssertionError(f"JupyterLab did not start:\n{(folder / 'log').read_text()}")
