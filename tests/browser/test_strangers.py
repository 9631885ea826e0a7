"""A notebook that somebody else has made: nothing in it runs before its reader runs a cell."""

from typing import Any

import nbformat
import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.backend]

MODEL = "a" * 32
HARM = '<script>window.harm = 1</script><img src="x" onerror="window.harm = 1"><p>By a stranger</p>'
CARD = f'<section class="lk-card">{HARM}</section>'


def _model(name: str, module: str, version: str, **state: str) -> dict[str, Any]:
    names = {"model_name": name, "model_module": module, "model_module_version": version}
    return {**names, "state": state}


#: widgets that the file itself brings, one of which has the card's id
STATE = {
    "b" * 32: _model("LayoutModel", "@jupyter-widgets/base", "2.0.0"),
    "c" * 32: _model("HTMLStyleModel", "@jupyter-widgets/controls", "2.0.0"),
    MODEL: _model(
        "HTMLModel",
        "@jupyter-widgets/controls",
        "2.0.0",
        layout=f"IPY_MODEL_{'b' * 32}",
        style=f"IPY_MODEL_{'c' * 32}",
        value=CARD,
    ),
}


@pytest.mark.parametrize("state", [{}, STATE], ids=["html", "widget"])
def test_runs_nothing(here: Site, page: Page, state: dict[str, Any]) -> None:
    """Saved cards of a notebook that is not trusted are shown, and nothing in them runs, also
    where the file has a widget with a card's id: only a kernel's own are live."""
    data = {
        "application/vnd.labkernel.card+json": {
            "version": 1, "key": "start/x", "model_id": MODEL, "ended": True,
            "command": "echo", "earlier": True,
        },
        "application/vnd.jupyter.widget-view+json": {
            "version_major": 2, "version_minor": 0, "model_id": MODEL,
        },
        "text/html": CARD,
        "text/plain": "By a stranger",
    }  # fmt: skip
    output = nbformat.v4.new_output("display_data", data)
    cell = nbformat.v4.new_code_cell("1", outputs=[output], execution_count=1)
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    kept = {"version_major": 2, "version_minor": 0, "state": state}
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": kept}
    nbformat.write(notebook, here.server.folder / "stranger.ipynb")
    opened = here.open(page, "stranger.ipynb")
    opened.wait_for_kernel()
    expect(page.get_by_text("By a stranger")).to_be_visible()
    expect(opened.reconnect).to_have_count(1)
    assert page.evaluate("window.harm") is None
