"""A trainee in JupyterLab: real clicks and keys, on real nodes."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.accessible import violations
from tests.browser.jupyterlab import ROOT, Notebook, Server, button, press
from tests.browser.site import Opened

pytestmark = [pytest.mark.browser, pytest.mark.backend]

STEP = "Ask bravo for an echo"
TASK = "Give bravo a second address"
SOLUTION = "ip -6 address add 2001:db8::b0b/64 dev eth0"


def command_of(card: Locator) -> Locator:
    """The field with the card's command."""
    return card.get_by_role("textbox")


def test_run_shows_live_output_and_a_verdict(start: Notebook) -> None:
    """Run streams what the node prints, then says what the check saw; the lab card follows."""
    card, lab = start.card(STEP), start.page.locator(".lk-lab")
    command_of(card).fill("for i in 1 2 3; do echo tick $i; sleep 0.4; done; ping -c 3 2001:db8::2")
    press(card, "Run")
    log = card.get_by_role("log")
    expect(log).to_contain_text("tick 1")
    expect(log).not_to_contain_text("packet loss", timeout=1)
    expect(card.get_by_role("progressbar")).to_be_visible()
    start.screenshot("running", card)
    expect(log).to_contain_text("3 received")
    expect(card.locator(".lk-verdict")).to_contain_text("Passed")
    expect(card.get_by_role("progressbar")).to_be_hidden()
    expect(lab).to_contain_text("1 of 2 steps passed")
    expect(lab.locator("[data-node=alpha]")).to_have_class("lk-lit")
    expect(lab.locator("svg[data-state=up]")).to_be_attached()


def test_two_thousand_lines_are_complete(start: Notebook) -> None:
    """A long output arrives whole and in order, and the log stays at its end."""
    card = start.card(STEP)
    command_of(card).fill("seq 1 2000")
    press(card, "Run")
    expect(card.locator(".lk-verdict")).to_be_visible()
    log = card.get_by_role("log")
    assert log.inner_text().split() == [str(number) for number in range(1, 2001)]
    assert log.evaluate("log => log.scrollHeight - log.scrollTop - log.clientHeight < 30")


def test_log_stays_where_one_reads(start: Notebook) -> None:
    """Whoever scrolls up in a running log is left there."""
    card = start.card(STEP)
    command_of(card).fill("seq 1 100; sleep 1; seq 101 200; sleep 1; echo over")
    press(card, "Run")
    log = card.get_by_role("log")
    expect(log).to_contain_text("100")
    log.evaluate("log => { log.scrollTop = 0; }")
    expect(log).to_contain_text("over")
    assert log.evaluate("log => log.scrollTop") == 0


def test_progress_lines_are_written_over(start: Notebook) -> None:
    """A carriage return writes the line anew, as in a terminal; colours leave nothing."""
    card = start.card(STEP)
    command_of(card).fill(r"printf '10%%\r50%%\r100%%\n\033[1;31mred\033[0m\n'")
    press(card, "Run")
    expect(card.locator(".lk-verdict")).to_be_visible()
    assert card.get_by_role("log").inner_text().split() == ["100%", "red"]


def test_a_wrong_answer_is_diagnosed(start: Notebook) -> None:
    """A check that fails lays out what was expected and what was seen."""
    card = start.card(TASK)
    command_of(card).fill("ip -6 address add 2001:db8::bad/64 dev eth0")
    press(card, "Run")
    verdict = card.locator(".lk-verdict")
    expect(verdict).to_contain_text("Not yet")
    for label in ("Expected", "Seen"):
        expect(verdict.locator("dt", has_text=label)).to_be_visible()
    expect(verdict).to_contain_text("Step 1, “Ask bravo for an echo”, has not passed yet.")
    start.screenshot("not-yet", card)


def test_hints_then_the_solution(start: Notebook) -> None:
    """Hints come one at a time; after the last one the solution can be put into the command."""
    card = start.card(TASK)
    expect(command_of(card)).to_have_value("")
    press(card, "Hint")
    expect(card.get_by_role("listitem")).to_have_count(1)
    press(card, "Another hint")
    expect(card).not_to_contain_text(SOLUTION, timeout=1)
    press(card, "Show the solution")
    card.get_by_role("button", name="Put it in the command").click()
    expect(command_of(card)).to_have_value(SOLUTION)
    start.screenshot("hints", card)
    press(card, "Run")
    expect(card.locator(".lk-verdict")).to_contain_text("Passed")


def test_an_empty_task_is_not_run(start: Notebook) -> None:
    """Run without a command asks for one and puts the cursor there."""
    card = start.card(TASK)
    press(card, "Run")
    expect(card.get_by_role("status")).to_contain_text("Write a command for bravo first")
    expect(command_of(card)).to_be_focused()


def test_reset_undoes_and_restores(start: Notebook) -> None:
    """Reset brings the card's own command back, and takes back what the step did."""
    card, step = start.card(TASK), start.card(STEP)
    command_of(card).fill(SOLUTION)
    press(card, "Run")
    expect(card.locator(".lk-verdict")).to_contain_text("Passed")
    press(card, "Reset", sure=True)
    expect(command_of(card)).to_have_value("")
    expect(card.locator(".lk-verdict")).to_have_count(0)
    expect(card.locator(".lk-chip", has_text="Passed before")).to_be_visible()
    expect(start.page.locator(".lk-lab")).to_contain_text("1 of 2 steps passed")
    command_of(step).fill("ping -c 1 -W 1 2001:db8::b0b")
    press(step, "Run")
    expect(step.get_by_role("log")).to_contain_text("100% packet loss")
    press(step, "Reset", sure=True)
    expect(command_of(step)).to_have_value("ping -c 3 -i 0.2 2001:db8::2")


def test_stop_interrupts(start: Notebook) -> None:
    """Stop ends a command that would go on, and the card says that, and nothing of the check."""
    card = start.card(STEP)
    command_of(card).fill("ping 2001:db8::2")
    press(card, "Run")
    expect(card.get_by_role("log")).to_contain_text("bytes from")
    press(card, "Stop")
    expect(card.locator(".lk-verdict")).to_contain_text("StoppedNothing was judged.")
    expect(card.get_by_role("log")).to_contain_text("packets transmitted")
    expect(button(card, "Run")).to_be_focused()


def test_a_killed_lab_is_told_and_started_again(start: Notebook, server: Server) -> None:
    """When the lab is killed in the middle of a step, the card says so, and Run starts it anew."""
    card, chip = start.card(STEP), start.page.locator(".lk-lab").get_by_role("status")
    command_of(card).fill("ping 2001:db8::2")
    press(card, "Run")
    expect(card.get_by_role("log")).to_contain_text("bytes from")
    (lab,) = server.running_labs()
    os.kill(lab["supervisor_pid"], signal.SIGKILL)
    expect(card.locator(".lk-verdict")).to_contain_text("Lost")
    expect(chip).to_have_text("Not started")
    start.screenshot("lost", card)
    press(card, "Reset", sure=True)
    expect(card.locator(".lk-verdict")).to_have_count(0)
    press(card, "Run")
    expect(card.locator(".lk-verdict")).to_contain_text("Passed")


def test_bring_me_here_replays_the_steps_before(start: Notebook) -> None:
    """Bring me here restarts the lab and passes the steps before, on their cards too; what was done
    before that stays, and says so."""
    step, task = start.card(STEP), start.card(TASK)
    command_of(task).fill(SOLUTION)
    press(task, "Run")
    expect(task.locator(".lk-verdict")).to_contain_text("Passed")
    press(task, "Bring me here", sure=True)
    expect(start.page.locator(".lk-lab")).to_contain_text("2 of 2 steps passed")
    expect(step.locator(".lk-chip", has_text="Passed")).to_be_visible()
    expect(step.get_by_role("log")).to_contain_text("3 packets transmitted")
    expect(task.get_by_text("Passed before")).to_be_visible()
    expect(task.get_by_text("Done before this start of the lab")).to_be_visible()


def test_restarted_kernel_finds_its_lab(start: Notebook) -> None:
    """After a restart of the kernel the lab runs on, with the steps that had passed."""
    card = start.card(TASK)
    command_of(card).fill(SOLUTION)
    press(card, "Run")
    expect(card.locator(".lk-verdict")).to_contain_text("Passed")
    start.page.evaluate(
        "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
    )
    expect(start.page.get_by_role("button", name="Reconnect")).to_have_count(4)
    expect(card).to_contain_text(SOLUTION)
    start.screenshot("not-connected", card)
    start.run_all()
    expect(start.page.locator(".lk-lab")).to_contain_text("1 of 2 steps passed")
    expect(start.card(TASK).locator(".lk-chip", has_text="Passed")).to_be_visible()


def test_lab_card_starts_resets_and_ends(start: Notebook) -> None:
    """The lab's own card ends the lab, starts it and starts it afresh; what has passed, stays."""
    lab = start.page.locator(".lk-lab")
    chip = lab.get_by_role("status")
    start.screenshot("lab-down", lab)
    press(lab, "Start")
    expect(chip).to_have_text("Running")
    press(start.card(STEP), "Run")
    expect(lab).to_contain_text("1 of 2 steps passed")
    press(lab, "Reset", sure=True)
    expect(chip).to_have_text("Running")
    expect(start.card(STEP).get_by_text("Passed before")).to_be_visible()
    expect(lab).to_contain_text("1 of 2 steps passed")
    press(lab, "End")
    expect(chip).to_have_text("Not started")


def test_keyboard_alone(start: Notebook) -> None:
    """Everything can be reached and done with keys, and letters stay in the card."""
    card, page = start.card(STEP), start.page
    cells = page.locator(".jp-Cell").count()
    command_of(card).focus()
    page.keyboard.press("End")
    page.keyboard.type(" #dd")
    page.keyboard.press("Control+Enter")
    expect(card.locator(".lk-verdict")).to_contain_text("Passed")
    for name in ("Run", "Only run", "Check", "Reset"):
        page.keyboard.press("Tab")
        expect(button(card, name)).to_be_focused()
    page.keyboard.press("Enter")
    ask = card.get_by_role("alertdialog")
    expect(ask.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(ask).to_be_hidden()
    expect(button(card, "Reset")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(command_of(card)).to_have_value("ping -c 3 -i 0.2 2001:db8::2")
    expect(button(card, "Reset")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("d")
    page.keyboard.press("d")
    page.keyboard.press("Space")
    expect(card.get_by_role("listitem")).to_have_count(1)
    assert page.locator(".jp-Cell").count() == cells


def test_roles_and_names(start: Notebook) -> None:
    """A screen reader finds regions, headings, fields and pictures by their names."""
    page = start.page
    expect(page.get_by_role("region", name=f"Step 1: {STEP}")).to_be_visible()
    expect(page.get_by_role("region", name=f"Task 2: {TASK}")).to_be_visible()
    expect(page.get_by_role("heading", name=STEP)).to_be_visible()
    expect(start.card(STEP).get_by_role("textbox", name="alpha$")).to_be_visible()
    picture = page.get_by_role("group", name="Topology of the lab start, not started")
    expect(picture.get_by_role("button", name="Terminal on alpha")).to_be_visible()


def test_a_reloaded_page_shows_the_same(start: Opened) -> None:
    """After the page is loaded anew, the cards have their output and verdicts again."""
    card = start.card(STEP)
    press(card, "Run")
    expect(card.locator(".lk-verdict")).to_contain_text("Passed")
    start.command("docmanager:save")
    start.reload()
    expect(start.card(STEP).get_by_role("log")).to_contain_text("3 received")
    expect(start.card(STEP).locator(".lk-verdict")).to_contain_text("Passed")


@pytest.mark.parametrize("theme", ["Light", pytest.param("Dark", marks=pytest.mark.long)])
def test_themes(start: Notebook, theme: str) -> None:
    """Text stands out from its ground in both themes (WCAG 2.2, 4.5 to 1), and axe-core finds
    nothing in cards that have passed, that have not, and that have hints."""
    start.theme(theme)
    card = start.card(STEP)
    press(card, "Run")
    expect(card.locator(".lk-verdict")).to_contain_text("Passed")
    task = start.card(TASK)
    for name in ("Hint", "Another hint", "Show the solution"):
        press(task, name)
    task.get_by_role("button", name="Put it in the command").click()
    press(task, "Run")
    expect(task.locator(".lk-verdict")).to_be_visible()
    start.page.set_viewport_size({"width": 1240, "height": 1900})
    start.page.locator(".lk-lab").scroll_into_view_if_needed()
    start.screenshot(f"page-{theme.lower()}")
    poor = start.page.evaluate(CONTRAST)
    assert poor == []
    assert violations(start.page) == []


CONTRAST = """() => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  const over = (color, ground) => {
    brush.fillStyle = `rgb(${ground})`;
    brush.fillRect(0, 0, 1, 1);
    brush.fillStyle = color;
    brush.fillRect(0, 0, 1, 1);
    return [...brush.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const ground = (element) => {
    const line = [];
    for (let each = element; each; each = each.parentElement) line.unshift(each);
    const white = [255, 255, 255];
    return line.reduce((below, each) => over(getComputedStyle(each).backgroundColor, below), white);
  };
  const light = (rgb) => rgb
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const poor = [];
  for (const element of document.querySelectorAll(".lk-card *:not(svg, svg *)")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const off = element.closest("[aria-disabled=true], [hidden], .lk-hidden");
    if ((!own && element.tagName !== "TEXTAREA") || off) continue;
    const below = ground(element);
    const pair = [light(below), light(over(getComputedStyle(element).color, below))];
    pair.sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < 4.5) poor.push(`${ratio.toFixed(2)}: ${element.outerHTML.slice(0, 90)}`);
  }
  return poor;
}"""


def test_backend_that_cannot_run(open_notebook: Callable[[Path], Notebook], tmp_path: Path) -> None:
    """Where the backend can't run, the lab's card says why and what to try, in words."""
    source = """
from labkernel import BackendUnavailable, Lab, Node, backends
from labkernel.checks import printed
from labkernel.needs import Need
from labkernel.notebook import show
from labkernel.testing import FakeBackend

PLACE = Need("place", "a place")

class Nowhere(FakeBackend):
    name = "nowhere"
    offers = {PLACE}
    def __init__(self, **_):
        super().__init__()
    def require(self):
        raise BackendUnavailable("nowhere", "there is no such place", "go somewhere else")
    up = lambda self, *_: self.require()

backends.REGISTRY["nowhere"] = "__main__:Nowhere"
lab = Lab("lost", [Node("alpha")], needs=[PLACE])
step = lab.step("go", "Go", on="alpha", run="true", check=printed("x"), wrong="false")
show(lab)
show(step)
"""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source.strip())])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    path = tmp_path / "lost.ipynb"
    nbformat.write(notebook, path)
    opened = open_notebook(path)
    opened.run_all()
    lab = opened.page.locator(".lk-lab")
    expect(lab.get_by_role("status")).to_have_text("Can't run here")
    expect(lab).to_contain_text("there is no such place")
    expect(lab).to_contain_text("go somewhere else")
    opened.screenshot("unable", lab)
    press(opened.card("Go"), "Run")
    expect(opened.card("Go").locator(".lk-verdict")).to_contain_text("go somewhere else")


def test_recorded_notebook_reads_without_a_kernel(
    open_notebook: Callable[..., Notebook],
) -> None:
    """A notebook as it was committed shows its cards, and on request how they ended, with their
    style, also when it is not trusted."""
    opened = open_notebook(ROOT / "notebooks" / "00-start.ipynb", outputs=True)
    page = opened.page
    expect(page.get_by_role("heading", name=STEP)).to_be_visible()
    opened.card(STEP).get_by_text("Recorded transcript").click()
    expect(page.get_by_text("3 packets transmitted, 3 received").first).to_be_visible()
    expect(page.get_by_role("img", name="alpha is a host")).to_be_visible()
    card = page.locator(".lk-card").first
    assert card.evaluate("card => getComputedStyle(card).borderRadius") == "8px"
    page.set_viewport_size({"width": 1240, "height": 1900})
    opened.screenshot("recorded")
