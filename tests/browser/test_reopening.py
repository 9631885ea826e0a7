"""Coming back to a notebook: what was done is there, and one button makes it live again."""

import nbformat
import pytest
from playwright.sync_api import Page, expect

from tests.backends.inventory import wait_until
from tests.browser.site import SAVED, Opened, Site, export

pytestmark = [pytest.mark.browser, pytest.mark.backend]

STEP = "Ask bravo for an echo"
TASK = "Give bravo a second address"
WRONG = "ip -6 address add 2001:db8::bad/64 dev eth0"


@pytest.fixture
def opened(here: Site, page: Page) -> Opened:
    """The first notebook, as a trainee opens it, and its kernel ends with the test."""
    here.server.labkernel("down", "--all")
    notebook = here.open(page, here.put("00-start"))
    notebook.wait_for_kernel()
    return notebook


def test_tomorrow(opened: Opened, here: Site) -> None:
    """After the server was stopped and started, each card shows what was done, nothing is unsaved,
    and Reconnect finds the lab that runs, with the steps that have passed."""
    page = opened.page
    opened.start()
    opened.run(STEP)
    opened.run(TASK, WRONG, "Not yet")
    here.stop()
    here.start()
    page.goto("about:blank")
    here.open(page, opened.name).wait_for_kernel()
    expect(opened.reconnect).to_have_count(4)
    expect(opened.card(STEP)).to_contain_text("3 packets transmitted, 3 received")
    expect(opened.card(STEP).locator(".lk-verdict")).to_contain_text("Passed")
    expect(opened.card(TASK)).to_contain_text(WRONG)
    expect(opened.card(TASK).locator(".lk-verdict")).to_contain_text("Not yet")
    expect(page.get_by_text("model not found")).to_have_count(0)
    assert not opened.dirty()
    opened.reconnect.first.click()
    opened.expect_live()
    expect(page.locator(".lk-lab")).to_contain_text("1 of 2 steps passed")
    expect(opened.card(TASK).get_by_role("textbox")).to_have_value(WRONG)
    for _ in range(2):
        expect(opened.card(STEP).get_by_role("log")).to_contain_text("3 packets transmitted")
        expect(opened.card(TASK).locator(".lk-past")).to_contain_text("Done ")
        expect(opened.card(TASK).locator(".lk-verdict")).to_contain_text("Not yet")
        expect(page.locator(".lk-earlier")).to_have_count(0)  # it is the trainee's own record
        opened.reload()
        opened.expect_live()
    assert not opened.dirty()


def test_finished_work_is_in_the_export(opened: Opened, here: Site) -> None:
    """The notebook's HTML has the commands, what they printed and the verdicts, and no widget."""
    opened.start()
    opened.run(STEP)
    opened.run(TASK, WRONG, "Not yet")
    html = export(here.server.folder / opened.name)
    for text in ("3 packets transmitted, 3 received", WRONG, "Not yet", "Passed"):
        assert text in html
    assert "application/vnd.jupyter.widget-view+json" not in html


@pytest.mark.rare
def test_a_long_output_is_saved_in_part(opened: Opened, here: Site) -> None:
    """What a step printed is bounded in the file, with its first and last lines."""
    opened.start()
    opened.run(STEP, "seq 1 200000; ping -c 3 -i 0.2 2001:db8::2")
    outputs = [
        output for cell in here.read(opened.name).cells for output in cell.get("outputs", ())
    ]
    (saved,) = (each.data for each in outputs if "seq 1 200000" in str(each.get("data")))
    assert "3 packets transmitted, 3 received" in saved["text/html"]
    assert "lines …]" in saved["text/html"]
    assert len(saved["text/html"]) < 100_000


def test_a_restarted_kernel(opened: Opened) -> None:
    """Dead cards look dead at once and show what was done; a command that was typed stays."""
    opened.start()
    opened.run(STEP)
    opened.card(TASK).get_by_role("textbox").fill("echo half a thou")
    opened.restart_kernel()
    expect(opened.reconnect).to_have_count(4)
    expect(opened.card(STEP).locator(".lk-verdict")).to_contain_text("Passed")
    opened.reconnect.last.click()
    opened.expect_live()
    expect(opened.card(TASK).get_by_role("textbox")).to_have_value("echo half a thou")
    expect(opened.card(STEP).get_by_role("log")).to_contain_text("3 packets transmitted")
    expect(opened.card(STEP).locator(".lk-past")).to_be_hidden()  # the lab still runs
    expect(opened.page.locator(".lk-earlier")).to_have_count(0)
    opened.run(STEP)


def test_without_a_kernel(opened: Opened) -> None:
    """Reconnect starts a kernel where there is none."""
    opened.start()
    opened.run(STEP)
    opened.shut_down()
    expect(opened.reconnect).to_have_count(4)
    opened.page.get_by_role("button", name="Start this notebook").click()
    opened.expect_live()
    expect(opened.page.locator(".lk-lab")).to_contain_text("1 of 2 steps passed")


@pytest.mark.rare
def test_a_copy_shows_what_was_done(opened: Opened, here: Site, second_page: Page) -> None:
    """A copy under another name shows the work, is not live, and does not touch the first."""
    opened.start()
    opened.run(STEP)
    nbformat.write(here.read(opened.name), here.server.folder / "copy.ipynb")
    copy = here.open(second_page, "copy.ipynb")
    copy.wait_for_kernel()
    expect(copy.reconnect).to_have_count(4)
    expect(copy.card(STEP).locator(".lk-verdict")).to_contain_text("Passed")
    assert not copy.dirty()
    copy.shut_down()
    expect(opened.reconnect).to_have_count(0)


def test_a_renamed_notebook_goes_on(opened: Opened, here: Site) -> None:
    """After a renaming the cards are live, and what is done goes to the file of the new name."""
    opened.start()
    opened.page.evaluate(f"{opened.panel}.context.rename('renamed.ipynb')")
    opened.run(STEP)
    assert "3 packets transmitted" in str(here.read("renamed.ipynb"))


@pytest.mark.rare
def test_two_tabs(opened: Opened, here: Site, second_page: Page) -> None:
    """A second tab shows the same and may go on, and neither asks which file is right; meanwhile
    one types on, and that is in the other tab as well."""
    opened.start()
    opened.run(STEP)
    second = here.open(second_page, opened.name)
    second.wait_for_kernel()
    second.expect_live()
    assert not second.dirty()
    field = opened.card(TASK).get_by_role("textbox")
    field.press_sequentially("echo half ")
    second.run(STEP, "ping -c 3 -i 0.25 2001:db8::2")
    opened.page.wait_for_function(SAVED, arg="ping -c 3 -i 0.25 2001:db8::2")
    opened.page.keyboard.type("a thought")
    expect(field).to_have_value("echo half a thought")
    expect(second.card(TASK).get_by_role("textbox")).to_have_value("echo half a thought")
    opened.run(TASK, WRONG, "Not yet")
    second.run(STEP, "ping -c 3 -i 0.3 2001:db8::2")
    opened.run(STEP, "ping -c 3 -i 0.4 2001:db8::2")
    second.page.wait_for_function(SAVED, arg="ping -c 3 -i 0.4 2001:db8::2")
    for each in (opened, second):
        each.page.bring_to_front()
        each.save()
        expect(each.page.locator(".jp-Dialog")).to_have_count(0)
    text = str(here.read(opened.name))
    assert "ping -c 3 -i 0.4" in text
    assert WRONG in text


@pytest.mark.rare
def test_a_second_tab_after_a_restart(opened: Opened, here: Site, second_page: Page) -> None:
    """Cards of a kernel that another tab has restarted look dead as well, and are live again when
    they are in the other."""
    opened.start()
    second = here.open(second_page, opened.name)
    second.wait_for_kernel()
    second.expect_live()
    opened.restart_kernel()
    expect(second.reconnect).to_have_count(4)
    opened.reconnect.first.click()
    opened.expect_live()
    second.expect_live()
    second.run(STEP)
    opened.run(TASK, WRONG, "Not yet")
    for each in (opened, second):
        expect(each.page.locator(".jp-Dialog")).to_have_count(0)


@pytest.mark.rare
def test_a_server_that_went_away_and_came_back(opened: Opened, here: Site) -> None:
    """While the server is gone the cards say so; when it is back, one click makes them live."""
    opened.start()
    opened.run(STEP)
    here.stop()
    expect(opened.page.get_by_text("The server does not answer").first).to_be_visible()
    here.start()
    expect(opened.reconnect).to_have_count(4, timeout=60_000)
    while opened.page.locator(".jp-Dialog").count():  # JupyterLab's own: the server was unreachable
        opened.page.locator(".jp-Dialog button").last.click()
    opened.reconnect.first.click()
    opened.expect_live()
    expect(opened.page.locator(".lk-lab")).to_contain_text("1 of 2 steps passed")


def test_work_outlives_a_kernel_that_cannot_start_it(opened: Opened, here: Site) -> None:
    """Where the cells that show cards fail, the cards stay as they were."""
    opened.start()
    opened.run(STEP)
    notebook = here.read(opened.name)
    (cell,) = (cell for cell in notebook.cells if "begin(backend" in cell.source)
    cell.source = "import no_such_module"
    nbformat.write(notebook, here.server.folder / "broken.ipynb")
    opened.shut_down()
    here.open(opened.page, "broken.ipynb").wait_for_kernel()
    opened.reconnect.first.click()
    expect(opened.page.get_by_text("ModuleNotFoundError").first).to_be_visible()
    expect(opened.card(STEP).locator(".lk-verdict")).to_contain_text("Passed")
    opened.save()
    # which may still see cells that were just given up, and not yet what is put back into them
    assert wait_until(lambda: here.has("broken.ipynb", "3 packets transmitted"))


@pytest.mark.parametrize("name", [pytest.param("01-ipv6", marks=pytest.mark.rare), "09-hitch"])
def test_opening_changes_nothing(here: Site, page: Page, name: str) -> None:
    """A notebook that was only opened is not taken for changed."""
    opened = here.open(page, here.put(name))
    opened.wait_for_kernel()
    page.evaluate(f"{opened.panel}.sessionContext.session.kernel.info")
    assert not opened.dirty()
