"""The buttons of cards that judge, or ask first; and how cards fit into the page."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessible import violations
from tests.browser.jupyterlab import ROOT, Notebook, Server, button, press
from tests.browser.site import Opened

pytestmark = [pytest.mark.browser, pytest.mark.backend]

STEP = "Ask bravo for an echo"
TASK = "Give bravo a second address"
SOLUTION = "ip -6 address add 2001:db8::b0b/64 dev eth0"
LONG = "\n".join(f"echo {number}: {'x' * 150}" for number in range(40))


def test_check_judges_what_was_done_elsewhere(start: Notebook, server: Server) -> None:
    """Only run judges nothing; what is done in a terminal passes by Check, without a command."""
    task = start.card(TASK)
    task.get_by_role("textbox").fill("ip -6 route")
    press(task, "Only run")
    expect(task.locator(".lk-verdict")).to_contain_text("Ended with exit code 0Nothing was judged")
    expect(task.get_by_role("log")).to_contain_text("2001:db8::/64")
    start.screenshot("only-run", task)
    press(task, "Check")
    expect(task.locator(".lk-verdict")).to_contain_text("Not yet")
    server.labkernel("shell", "start", "bravo", *SOLUTION.split())
    press(task, "Check")
    expect(task.locator(".lk-verdict")).to_contain_text("Passed")
    expect(task.locator(".lk-chip", has_text="Passed")).to_be_visible()
    expect(start.page.locator(".lk-lab")).to_contain_text("1 of 2 steps passed")


def test_the_picture_shows_the_lab_as_it_is(start: Notebook, server: Server) -> None:
    """What is done elsewhere is in the picture by itself: an address, a link that is down, the
    lab's end."""
    lab = start.page.locator(".lk-lab")
    press(lab, "Start")
    expect(lab.get_by_role("status")).to_have_text("Running")
    lab.scroll_into_view_if_needed()
    shell = ("shell", "start", "bravo", "ip")
    server.labkernel(*shell, "address", "add", "2001:db8::77/64", "dev", "eth0")
    expect(lab.locator(".lk-drawn .lk-new")).to_have_text("2001:db8::77/64")
    server.labkernel(*shell, "link", "set", "eth0", "down")
    expect(lab.locator(".lk-drawn .lk-wire.lk-cut")).to_have_count(1)
    start.screenshot("picture-of-now", lab)
    server.labkernel("down", "start")
    expect(lab.get_by_role("status")).to_have_text("Not started")
    expect(lab.locator(".lk-drawn .lk-new")).to_have_count(0)


def test_an_exit_code_is_told_at_once_and_once(start: Notebook) -> None:
    """While the check of a task still waits, the card has the exit code of its command; then what
    the check says as well.  The command's own error stands in the log alone."""
    task = start.card(TASK)
    task.get_by_role("textbox").fill("ip -6 adr add 2001:db8::b0b/64 dev eth0")
    press(task, "Run")
    doing = task.locator(".lk-is-running")
    expect(doing).to_contain_text("CheckingThe command ended with exit code 1.")
    expect(task.locator(".lk-clock")).to_contain_text(" s")
    start.screenshot("exit-code-at-once", task)
    verdict = task.locator(".lk-verdict")
    expect(verdict).to_contain_text("Failed with exit code 1")
    expect(verdict).to_contain_text("Expected")
    expect(task.get_by_text('Object "adr" is unknown')).to_have_count(1)
    start.screenshot("exit-code", task)
    press(task, "Run")
    expect(doing).to_contain_text("exit code 1")
    press(task, "Stop")
    expect(verdict).to_contain_text("StoppedNothing was judged.")
    start.screenshot("stopped", task)


def test_work_is_lost_only_on_purpose(start: Notebook) -> None:
    """Where something was done in the lab, Reset, End and Bring me here ask first, in the card and
    by keys; where nothing was, they don't."""
    page, step, task = start.page, start.card(STEP), start.card(TASK)
    lab, ask = page.locator(".lk-lab"), page.locator(".lk-lab").get_by_role("alertdialog")
    press(lab, "Start")
    expect(lab.get_by_role("status")).to_have_text("Running")
    press(lab, "End")
    expect(lab.get_by_role("status")).to_have_text("Not started")
    press(step, "Run")
    expect(step.locator(".lk-verdict")).to_contain_text("Passed")
    for name in ("Reset", "End"):
        button(lab, name).focus()
        page.keyboard.press("Enter")
        expect(ask).to_contain_text("what was done in it is lost. 1 of 2 steps have passed in it.")
        expect(ask.get_by_role("button", name="Cancel")).to_be_focused()
        page.keyboard.press("Escape")
        expect(button(lab, name)).to_be_focused()
    start.screenshot("asked-nothing", lab)
    press(task, "Bring me here")
    expect(task.get_by_role("alertdialog")).to_contain_text("what was done in the lab is lost")
    assert violations(page) == []
    start.screenshot("ask", task)
    task.get_by_role("button", name="Cancel").click()
    expect(lab).to_contain_text("1 of 2 steps passed")
    press(lab, "End", sure=True)
    expect(lab.get_by_role("status")).to_have_text("Not started")


def test_the_page_does_not_jump(start: Notebook) -> None:
    """From the click on Run to the verdict, what stands below the card stays where it is, when the
    command prints what it printed before; and a card that waits meanwhile stays as large."""
    step, below = start.card(STEP), start.page.get_by_role("heading", name="A task")
    task = start.card(TASK)
    step.get_by_role("textbox").fill("sleep 1; ping -c 3 -i 0.2 2001:db8::2")
    press(step, "Run")
    expect(step.locator(".lk-verdict")).to_contain_text("Passed")
    before, size = below.bounding_box(), height(task)
    press(step, "Run")
    expect(step.locator(".lk-is-running")).to_be_visible()
    expect(task).to_contain_text(f"Waits for “{STEP}”")
    assert (below.bounding_box(), height(task)) == (before, size)
    expect(step.locator(".lk-verdict")).to_contain_text("Passed")
    assert below.bounding_box() == before


@pytest.mark.rare
def test_two_pages_share_the_command(start: Opened, second_page: Page) -> None:
    """What is written into a card in one page stands in another page's as well."""
    start.command("docmanager:save")
    start.card(TASK).get_by_role("textbox").fill("ip -6 neigh")
    other = start.site.open(second_page, start.name)
    field = other.card(TASK).get_by_role("textbox")
    expect(field).to_have_value("ip -6 neigh")
    field.fill("ip -6 route")
    start.card(STEP).get_by_role("textbox").focus()
    expect(start.card(TASK).get_by_role("textbox")).to_have_value("ip -6 route")


#: what a card consists of, by selectors in it
PARTS = ("h3", ".lk-about", ".lk-editor", ".lk-prompt", ".lk-button", ".lk-chip", ".lk-place")


def sizes(start: Notebook) -> dict[str, float]:
    """The size of letters of each part of the cards, and of the picture's, in pixels."""
    step, lab = start.card(STEP), start.page.locator(".lk-lab")
    found = {
        part: float(
            step.locator(part).first.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
        )
        for part in PARTS
    }
    return found | {
        "picture": height(lab.locator("svg.lk-diagram")),
        "dot": height(lab.locator("li").first),
    }


def height(of: Locator) -> float:
    """Of an element, in pixels."""
    box = of.bounding_box()
    assert box
    return box["height"]


SHARE = "e => e.offsetWidth / e.parentElement.closest('.jp-OutputArea-output').clientWidth"


def clips(start: Notebook) -> bool:
    """Whether a part of the command can't be seen."""
    field = start.card(TASK).get_by_role("textbox")
    return bool(field.evaluate("e => e.scrollHeight > e.clientHeight + 1"))


@pytest.mark.parametrize(
    "width", [800, *(pytest.param(each, marks=pytest.mark.long) for each in (1366, 1920))]
)
def test_cards_fit_the_page(start: Notebook, width: int) -> None:
    """All that a card has grows with the page's letters; it uses the page's width, from 800 to 1920
    pixels, and its command is seen whole."""
    page = start.page
    start.card(TASK).get_by_role("textbox").fill(LONG)
    page.set_viewport_size({"width": width, "height": 1000})
    page.locator(".lk-lab").scroll_into_view_if_needed()
    start.screenshot(f"cards-{width}")
    card = start.card(STEP)
    assert card.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert card.evaluate(SHARE) > 0.95
    assert not clips(start)
    before = sizes(start)
    start.command("application:toggle-presentation-mode")
    expect(page.locator(".jp-mod-presentationMode").first).to_be_attached()
    after = sizes(start)
    assert {part: size for part, size in after.items() if size < 1.15 * before[part]} == {}
    assert not clips(start)
    start.screenshot(f"cards-{width}-presentation")
    start.command("application:toggle-presentation-mode")


def test_each_control_has_a_name_of_its_own(start: Notebook) -> None:
    """No two buttons or fields of the cards of a page have the same name; axe-core would tell of
    one that has none."""
    page = start.page
    controls = page.locator(".lk-card :is(button, textarea):not([hidden] *, [hidden])")
    names = [each.get_attribute("aria-label") for each in controls.all()]
    assert len(names) > 8
    assert all(names)
    assert len(set(names)) == len(names)
    assert violations(page) == []
    page.locator(".lk-editor").first.evaluate("e => e.removeAttribute('aria-label')")
    assert any(each.startswith("label:") for each in violations(page))


def test_a_saved_notebook_is_accessible(open_notebook: Callable[..., Notebook]) -> None:
    """axe-core finds nothing in the cards of a notebook as it was committed."""
    opened = open_notebook(ROOT / "notebooks" / "00-start.ipynb", outputs=True)
    expect(opened.page.get_by_role("heading", name=STEP)).to_be_visible()
    found = [each for each in violations(opened.page) if "<h4" not in each]
    assert found == []
