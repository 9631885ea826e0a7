"""Start this notebook, and Run All Cells: cards, and nothing that nobody asked for."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Opened, Site

pytestmark = [pytest.mark.browser, pytest.mark.backend]

RECORDED = "Recorded earlier:"

# what moves keeps a processor busy: names of animations that go on
MOVING = """() => document.getAnimations()
  .filter((each) => each.playState === "running")
  .map((each) => each.animationName ?? each.transitionProperty)"""


@pytest.fixture
def hitch(here: Site, page: Page) -> Opened:
    """The notebook that measures, as it was committed."""
    here.server.labkernel("down", "--all")
    opened = here.open(page, here.put("09-hitch"))
    opened.wait_for_kernel()
    return opened


def test_start_shows_cards_and_runs_nothing(hitch: Opened, here: Site) -> None:
    """After Start every card is live, the page has not scrolled, nothing in it moves, no lab runs,
    and what was recorded of measurements and free commands is as it was, in page and file."""
    before = here.read(hitch.name)
    scrolled = f"{hitch.panel}.content.outerNode.scrollTop"
    hitch.start()
    hitch.page.wait_for_function(f"!{hitch.panel}.context.model.dirty")
    assert hitch.page.evaluate(scrolled) == 0
    assert hitch.page.evaluate(MOVING) == []
    assert here.server.running_labs() == []
    for was, now in zip(before.cells, here.read(hitch.name).cells, strict=True):
        if was.cell_type == "code" and "labkernel-start" not in was.metadata.get("tags", ()):
            assert now.outputs == was.outputs


@pytest.mark.rare
def test_run_all_starts_no_measurement(hitch: Opened, here: Site) -> None:
    """Run All puts a button where a measurement is, and leaves below it what was recorded, once,
    also when it is pressed again."""
    for _ in range(2):
        hitch.run_all()
        expect(hitch.page.locator(".lk-asked")).to_have_count(4)
        expect(hitch.page.get_by_text(RECORDED, exact=True)).to_have_count(4)
    assert here.server.running_labs() == []
    expect(hitch.page.get_by_role("img", name="start until")).to_have_count(1)
    predict = hitch.page.get_by_role("region", name="Predict")
    predict.get_by_role("button", name="Predict").click()
    expect(predict).to_contain_text("press “Measure”")
