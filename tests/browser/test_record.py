"""The page shows the trainee's own record: the work is back, and goes on by itself."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessible import violations
from tests.browser.jupyterlab import Notebook, button, press
from tests.browser.site import Opened, Site

pytestmark = [pytest.mark.browser, pytest.mark.backend]

STEP, TASK = "Ask bravo for an echo", "Give bravo a second address"


def test_continue_where_one_was(here: Site, page: Page) -> None:
    """After the lab has ended, and with a new kernel, the cards show what was done; Continue brings
    the lab to the next step, and the cards show what came of the steps before it."""
    here.server.labkernel("down", "--all")
    opened = here.open(page, here.put("00-start"))
    opened.wait_for_kernel()
    opened.start()
    opened.run(STEP, "ping -n -c 3 bravo")
    opened.shut_down()
    here.server.labkernel("down", "--all")
    page.goto("about:blank")
    again: Opened = here.open(page, here.put("00-start"))
    again.wait_for_kernel()
    again.start()
    card, lab = again.card(STEP).first, page.locator(".lk-lab")
    expect(card.get_by_role("log")).to_contain_text("3 packets transmitted")
    expect(card.get_by_role("textbox")).to_have_value("ping -n -c 3 bravo")
    expect(card.get_by_text("Passed before")).to_be_visible()
    expect(lab).to_contain_text("1 of 2 steps passed")
    again.screenshot("to-be-continued", lab)
    again.screenshot("done-before", card)
    assert violations(page) == []
    press(lab, "Continue at step 2")
    expect(lab).to_contain_text("You are where you were")
    expect(card.locator(".lk-past")).to_be_hidden()
    expect(card.get_by_role("log")).to_contain_text("3 packets transmitted")
    expect(button(lab, "Continue at step 2")).to_be_hidden()


def test_a_task_turns_green_by_itself(open_lab: Callable[..., Notebook], here: Site) -> None:
    """What is done in a terminal is seen without a click, while the card is in view."""
    notebook = open_lab("ipv6", "01-ipv6", "everybody", "own")
    card = notebook.card("Replace the duplicate address")
    press(notebook.page.locator(".lk-lab"), "Start")
    expect(notebook.page.locator(".lk-lab").get_by_role("status").first).to_have_text("Running")
    card.scroll_into_view_if_needed()
    expect(card.get_by_text("Your turn")).to_be_visible()
    here.server.labkernel("shell", "ipv6", "laptop", "ip -6 address add 2001:db8::2/64 dev eth0")
    expect(card.locator(".lk-verdict")).to_contain_text("Passed")
    here.server.labkernel("shell", "ipv6", "laptop", "ip -6 address del 2001:db8::2/64 dev eth0")
    expect(card.get_by_text("Passed before")).to_be_visible()


def test_a_command_on_another_node(start: Notebook) -> None:
    """A card's command runs on the node that is chosen in it."""
    card = start.card(TASK)
    expect(card.get_by_label("Node for the command")).to_have_value("bravo")
    card.get_by_label("Node for the command").select_option("alpha")
    card.get_by_role("textbox").fill("hostname")
    press(card, "Only run")
    expect(card.get_by_role("log")).to_contain_text("alpha")
    start.screenshot("another-node", card)
