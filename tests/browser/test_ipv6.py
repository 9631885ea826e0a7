"""The IPv6 lab in JupyterLab: packets in the page, and a network that is broken and fixed."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.accessible import violations
from tests.browser.jupyterlab import Notebook, button, press

pytestmark = [pytest.mark.browser, pytest.mark.backend]

STEP = "Advertise a prefix with radvd"
DRILL = "Find the fault, and repair it"


@pytest.fixture
def ipv6(open_lab: Callable[..., Notebook]) -> Notebook:
    """A part of the IPv6 notebook, with all its cells run, and its lab not started."""
    return open_lab("ipv6", "01-ipv6", "everybody", "advertise", "drill")


def test_packets_are_in_the_page(ipv6: Notebook) -> None:
    """A step that records shows who sent what, which packet gave an address, and the pcap."""
    card = ipv6.card(STEP)
    press(card, "Run")
    expect(card.locator(".lk-verdict")).to_contain_text("Passed")
    expect(card.locator(".lk-view")).to_contain_text("2001:db8::/64")
    expect(card.get_by_text("Download pcap")).to_be_visible()
    for theme in ("Light", "Dark"):
        ipv6.theme(theme)
        ipv6.screenshot(f"packets-{theme.lower()}", card)
        assert violations(ipv6.page) == []
    ipv6.theme("Light")


@pytest.mark.rare
def test_a_network_is_broken_and_fixed(ipv6: Notebook) -> None:
    """Break it breaks something; then Check is the big button, and what breaks more asks first;
    hints help, Check tells the symptom, and Give up the cause, which is no "Passed"."""
    card = ipv6.card(DRILL)
    press(card, "Break it")
    expect(card.get_by_text("Broken", exact=True)).to_be_visible()
    expect(card.locator(".lk-primary:not([hidden])")).to_have_text("Check")
    press(card, "Break something else")
    expect(card.get_by_role("alertdialog")).to_contain_text("is not found then")
    card.get_by_role("button", name="Cancel").click()
    press(card, "Hint")
    expect(card.get_by_label("Hints").get_by_role("listitem")).to_have_count(1)
    press(card, "Check")
    expect(card.locator(".lk-verdict")).to_contain_text("Not yet")
    for theme in ("Light", "Dark"):
        ipv6.theme(theme)
        ipv6.screenshot(f"drill-{theme.lower()}", card)
        assert violations(ipv6.page) == []
    ipv6.theme("Light")
    press(card, "Give up")
    expect(card.locator(".lk-verdict")).to_contain_text("Given up")
    expect(card.locator(".lk-verdict")).to_contain_text("It was this:")
    expect(card.get_by_text("Passed")).to_have_count(0)
    ipv6.screenshot("drill-fixed", card)
    expect(button(card, "Break it")).to_be_visible()
