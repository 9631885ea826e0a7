"""What could take a trainee's work away: each time it is in the file afterwards."""

from collections.abc import Callable

import nbformat
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.backends.inventory import wait_until
from tests.browser.jupyterlab import press
from tests.browser.site import Opened, Site

pytestmark = [pytest.mark.browser, pytest.mark.backend]

STEP = "Ask bravo for an echo"
TASK = "Give bravo a second address"
MARK = "-i 0.21"
COMMAND = f"ping -c 3 {MARK} 2001:db8::2"
WRONG = "ip -6 address add 2001:db8::bad/64 dev eth0"


@pytest.fixture
def opened(here: Site, page: Page) -> Opened:
    """The first notebook, started."""
    here.server.labkernel("down", "--all")
    notebook = here.open(page, here.put("00-start"))
    notebook.wait_for_kernel()
    notebook.start()
    return notebook


def _has(here: Site, opened: Opened, text: str) -> Callable[[], bool]:
    return lambda: here.has(opened.name, text)


@pytest.mark.rare
def test_a_restart_in_run_all(opened: Opened, here: Site) -> None:
    """Cells that a kernel's restart kept from running have what they had, in the page and saved."""
    opened.run(STEP, COMMAND)
    opened.shut_down()
    opened.page.goto("about:blank")
    notebook = here.read(opened.name)
    slow = nbformat.v4.new_code_cell("import time; print('begun'); time.sleep(600)")
    notebook.cells.insert(0, slow)
    nbformat.write(notebook, here.server.folder / opened.name)
    again = here.open(opened.page, opened.name)
    again.wait_for_kernel()
    expect(again.card(STEP).first).to_contain_text(MARK)
    again.page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")
    expect(again.page.get_by_text("begun", exact=True)).to_be_visible()
    again.restart_kernel()
    expect(again.card(STEP).first).to_contain_text(MARK)
    again.save()
    assert _has(here, again, MARK)()


@pytest.mark.rare
def test_a_question_in_another_tab(opened: Opened, here: Site, second_page: Page) -> None:
    """While JupyterLab asks in one tab which file is right, another saves what is done in it."""
    other = here.open(second_page, opened.name)
    other.wait_for_kernel()
    other.expect_live()
    source = "context.model.cells.get(0).sharedModel.setSource('a note of mine')"
    opened.page.evaluate(f"{opened.panel}.{source}")
    other.run(STEP, COMMAND)
    opened.page.evaluate(f"void {opened.panel}.context.save()")
    question = opened.page.locator(".jp-Dialog")
    expect(question).to_be_visible()
    other.run(TASK, WRONG, "Not yet")
    assert wait_until(_has(here, other, WRONG))
    expect(question).to_be_visible()


def test_a_tab_that_is_closed_in_a_step(here: Site, context: BrowserContext, page: Page) -> None:
    """What was running when its tab was closed is in the file once the notebook is opened again."""
    here.server.labkernel("down", "--all")
    closed = context.new_page()
    opened = here.open(closed, here.put("00-start"))
    opened.wait_for_kernel()
    opened.start()
    card = opened.card(STEP).first
    card.get_by_role("textbox").fill(f"sleep 3; {COMMAND}")
    press(card, "Run")
    expect(card.get_by_role("button", name="Stop")).to_be_visible()
    closed.close(run_before_unload=True)
    again = here.open(page, opened.name)
    again.wait_for_kernel()
    again.expect_live()
    expect(again.card(STEP).first.locator(".lk-verdict")).to_contain_text("Passed")
    assert wait_until(_has(here, again, MARK))


@pytest.mark.rare
def test_a_file_that_was_moved(opened: Opened, here: Site) -> None:
    """Where the file is no more, what is done goes into a new one."""
    file = here.server.folder / opened.name
    file.rename(file.with_name("elsewhere.ipynb"))
    card = opened.card(STEP).first
    card.get_by_role("textbox").fill(COMMAND)
    press(card, "Run")
    expect(card.locator(".lk-verdict")).to_contain_text("Passed")
    assert wait_until(lambda: file.exists() and _has(here, opened, MARK)())
