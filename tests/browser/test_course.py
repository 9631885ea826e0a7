"""The list of the course stays true while one works; what was recorded is not done."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from labkernel import images
from tests.browser.accessible import violations
from tests.browser.jupyterlab import button, press
from tests.browser.site import Opened, Site, export, site

pytestmark = [pytest.mark.browser, pytest.mark.backend]

PING, TASK = "Ask bravo for an echo", "Give bravo a second address"
SMALL = """
from labkernel import Lab, Node
from labkernel.needs import Need

lab = Lab("{name}", [Node("one")], title="{title}", needs=[{needs}])
"""


@pytest.fixture(scope="module")
def labs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of two labs of one's own: one that can run, and one that can't."""
    folder = tmp_path_factory.mktemp("labs")
    (folder / "mine.py").write_text(SMALL.format(name="mine", title="Mine: a lab", needs=""))
    need = "Need('moon', 'a node on the moon')"
    (folder / "far.py").write_text(SMALL.format(name="far", title="Far: a lab", needs=need))
    return folder


@pytest.fixture(scope="module")
def here(labs: Path) -> Iterator[Site]:
    """A new server, which knows these labs as well."""
    images.build("base")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LABKERNEL_LABS", str(labs))
        with site() as made:
            yield made


@pytest.fixture(autouse=True)
def nothing_before(here: Site) -> None:
    """No lab runs, and nothing has been done."""
    here.server.labkernel("down", "--all")


@pytest.fixture
def start(here: Site, page: Page) -> Opened:
    """The notebook with the list, as it was shipped, and not yet started."""
    opened = here.open(page, here.put("00-start"))
    opened.wait_for_kernel()
    return opened


def entry(opened: Opened, title: str) -> Locator:
    """The line of a lab."""
    heading = opened.page.get_by_role("heading", name=title, exact=True)
    return opened.page.locator(".lk-entry", has=heading)


def test_as_shipped_nothing_is_done(start: Opened, here: Site) -> None:
    """Before Start, and after it without a kernel, a task is grey and its transcript folded; its
    solution is not seen, nothing is green, and no card says that it was lost."""
    page = start.page
    for again in (False, True):
        if again:
            start.start()
            start.shut_down()
        task = start.card(TASK)
        expect(task.get_by_text("Recorded transcript")).to_be_visible()
        expect(task.get_by_text("Passed")).to_be_hidden()
        expect(task.get_by_text("2001:db8::b0b/64 dev eth0")).to_be_hidden()
        expect(page.locator(".lk-has-passed")).to_have_count(0)
        expect(page.locator(".lk-undone")).to_have_count(2)
        if not again:
            expect(page.locator(".lk-bar-above:visible")).to_have_count(0)
            start.screenshot("as-shipped")
            for theme in ("Dark", "Light"):
                start.theme(theme)
                assert violations(page) == []
    start.card(PING).get_by_text("Recorded transcript").click()
    expect(start.card(PING).get_by_role("group")).to_contain_text("3 received")
    saved = here.read(start.name)
    outputs = [out for cell in saved.cells for out in cell.get("outputs", ())]
    assert any("Passed: bravo has" in out.data.get("text/plain", "") for out in outputs)
    page_without = export(here.server.folder / start.name)
    assert "The solution, and what came of it" in page_without


def test_the_list_stays_true(start: Opened, here: Site) -> None:
    """What one does in the notebook, on a command line and in the list is seen in the list, without
    a reload; what this machine can't run says why."""
    start.start()
    card = start.page.locator(".lk-course")
    first = entry(start, "A first lab")
    expect(first).to_contain_text("Not begun")
    expect(entry(start, "Far")).to_contain_text("Can't run here: it needs a node on the moon.")
    expect(card.get_by_role("status").first).to_contain_text("can't run 1 of them")
    expect(entry(start, "Mine").locator(".lk-why")).to_be_hidden()
    start.run(PING)
    expect(first).to_contain_text("At step 2 of 2")
    expect(first).to_contain_text("Running")
    expect(first).to_contain_text("MB of memory")
    start.screenshot("course", card)
    for theme in ("Dark", "Light"):
        start.theme(theme)
        assert violations(start.page) == []
    button(first, "End").click()
    expect(first.get_by_role("alertdialog")).to_contain_text("1 of 2 steps have passed in it")
    first.get_by_role("alertdialog").get_by_role("button", name="Cancel").click()
    press(first, "End", sure=True)
    expect(first.locator(".lk-runs")).to_be_hidden()
    expect(start.page.locator(".lk-lab").get_by_role("status")).to_have_text("Not started")
    assert here.server.running_labs() == []
    here.server.labkernel("up", "start")
    expect(first).to_contain_text("Running")
    here.server.labkernel("do", "start", "answer", "--solve")
    expect(first).to_contain_text("Done")
    here.server.labkernel("down", "start")
    expect(first.locator(".lk-runs")).to_be_hidden()


def test_a_way_into_a_notebook(start: Opened, here: Site) -> None:
    """Open shows the notebook in this page; Continue scrolls to the step where one was."""
    here.put("02-anyip")
    start.start()
    entry(start, "A first lab").scroll_into_view_if_needed()
    start.run(PING)
    top = f"{start.panel}.content.outerNode.scrollTop"
    start.page.evaluate(f"{top} = 0")
    entry(start, "A first lab").get_by_role("link", name="Continue").click()
    start.page.wait_for_function(f"{top} > 0")
    expect(start.card(TASK)).to_be_in_viewport()
    entry(start, "AnyIP").get_by_role("link", name="Open").click()
    expect(start.page.get_by_role("tab", name="02-anyip.ipynb")).to_be_visible()


def test_run_all_stays_where_one_is(start: Opened) -> None:
    """Run All Cells neither scrolls nor goes to another cell, and no step runs."""
    panel = start.panel
    start.page.evaluate(f"{panel}.content.activeCellIndex = 1")
    start.page.evaluate(f"{panel}.content.outerNode.scrollTop = 40")
    start.run_all()
    expect(start.page.locator(".lk-lab").get_by_role("status")).to_have_text("Not started")
    assert start.page.evaluate(f"{panel}.content.activeCellIndex") == 1
    assert start.page.evaluate(f"{panel}.content.outerNode.scrollTop") == 40
