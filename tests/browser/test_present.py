"""A notebook that is presented: as an instructor does in front of a class, by button and keys."""

import json
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as Late

from tests.browser.accessible import PRESENTED, violations
from tests.browser.jupyterlab import press
from tests.browser.site import Opened, Site

pytestmark = [pytest.mark.browser, pytest.mark.backend]

STEP = "Step 1: Ask bravo for an echo"
TASK = "Task 2: Give bravo a second address"

# the size of all text that is seen, the smallest first; of a picture's, as it is drawn
TEXT = """() => [...document.querySelectorAll(".lk-present *")]
  .filter((each) => each.checkVisibility({ visibilityProperty: true }))
  .filter((each) => !each.closest(".lk-hidden"))
  .filter((each) => [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim())
    || ["TEXTAREA", "SELECT"].includes(each.tagName))
  .map((each) => {
    const drawn = each instanceof SVGElement ? each.getScreenCTM().a : 1;
    const size = parseFloat(getComputedStyle(each).fontSize) * drawn;
    const words = (each.tagName === "TEXTAREA" ? each.value : each.textContent).trim().slice(0, 30);
    return { size, drawn: each instanceof SVGElement, words };
  })
  .sort((one, other) => one.size - other.size)"""

# what a presentation changes while it lasts
STATE = """() => {
  const panel = [...window.jupyterapp.shell.widgets("main")].find((each) => each.sessionContext);
  const { activeCellIndex, outerNode, notebookConfig, widgets } = panel.content;
  const shown = [...panel.toolbar.node.children].filter((each) => each.checkVisibility());
  const root = document.documentElement;
  return JSON.stringify({
    activeCellIndex, scroll: outerNode.scrollTop, mode: notebookConfig.windowingMode,
    panel: [panel.node.className, panel.node.dataset, panel.node.style.cssText],
    children: panel.node.children.length,
    cells: widgets.map(({ node }) => [node.className, node.checkVisibility()]),
    toolbar: shown.length, full: document.fullscreenElement === null, page: root.className,
    ours: document.querySelectorAll("[class*=lk-stage], .lk-pin, .lk-away").length,
  });
}"""

ABOVE = """(dialog) => {
  const { x, y, width, height } = dialog.querySelector("button").getBoundingClientRect();
  return dialog.contains(document.elementFromPoint(x + width / 2, y + height / 2));
}"""


@pytest.fixture
def notebook(here: Site, page: Page) -> Iterator[Opened]:
    """The first notebook as it was committed, which nobody has started."""
    here.server.labkernel("down", "--all")
    opened = here.open(page, here.put("00-start"))
    opened.wait_for_kernel()
    yield opened
    leave(opened)


def present(notebook: Opened) -> None:
    """Press Present, and wait until the cards are live."""
    notebook.page.get_by_role("button", name="Present", exact=True).click()
    expect(notebook.page.locator(".lk-present")).to_be_visible()
    expect(notebook.page.locator(".lk-stage-said")).to_be_hidden()


def leave(notebook: Opened) -> None:
    """Leave it, where it is presented."""
    if notebook.page.locator(".lk-present").count():
        notebook.page.locator(".lk-stage-leave").click()


def where(notebook: Opened) -> Locator:
    """The line that says which part is shown."""
    return notebook.page.locator(".lk-stage-where")


def go_to(notebook: Opened, title: str) -> None:
    """Go to a part from the first one, by a click on a cell of it before, as it were."""
    page = notebook.page
    page.keyboard.press("End")
    while title not in where(notebook).inner_text():
        assert "Part 1 of" not in where(notebook).inner_text(), title
        page.keyboard.press("PageUp")


def run_step(notebook: Opened) -> None:
    """Go to the first step, and have it run."""
    go_to(notebook, STEP)
    next_is(notebook, "Run")
    notebook.page.keyboard.press("PageDown")
    expect(notebook.page.locator(".lk-verdict:visible")).to_contain_text("Passed")


def as_before(page: Page, before: str) -> None:
    """Wait until the page is as it was; else say what differs."""
    try:
        page.wait_for_function(f"(before) => ({STATE})() === before", arg=before)
    except Late:
        assert json.loads(page.evaluate(STATE)) == json.loads(before)
        raise


def next_is(notebook: Opened, name: str) -> None:
    """Wait until the big button has this name: scroll as long as there is more below."""
    button = notebook.page.locator(".lk-stage-forward")
    while button.inner_text() == "Scroll":
        notebook.page.keyboard.press("PageDown")
    expect(button).to_have_text(name)


def test_one_key_runs_a_step_and_shows_the_next(notebook: Opened) -> None:
    """Present starts the notebook, in full screen; one key scrolls, starts the lab, runs the step,
    and then shows the next part, the live topology above it; of a task it is said first."""
    page, key = notebook.page, notebook.page.keyboard
    present(notebook)
    assert page.evaluate("document.fullscreenElement?.matches('.lk-present')")
    expect(where(notebook)).to_have_text("Part 1 of 7 Start here")
    expect(page.locator(".lk-card:visible")).to_have_count(0)
    go_to(notebook, "A first lab")
    expect(page.locator(".lk-pin")).to_be_hidden()
    next_is(notebook, "Start")
    key.press("PageDown")
    expect(page.locator(".jp-Notebook .lk-lab").get_by_role("status")).to_have_text("Running")
    next_is(notebook, "Next")
    key.press("ArrowRight")
    expect(where(notebook)).to_contain_text(STEP)
    pin = page.locator(".lk-pin svg.lk-diagram")
    expect(pin).to_have_attribute("data-state", "up")
    next_is(notebook, "Run")
    key.press("PageDown")
    expect(page.locator(".lk-verdict:visible")).to_contain_text("Passed")
    expect(page.locator(".lk-card:visible .lk-verdict")).to_be_in_viewport()
    expect(pin.locator("[data-node=alpha]")).to_have_class("lk-lit")
    key.press(" ")
    expect(where(notebook)).to_contain_text(TASK)
    next_is(notebook, "Next")
    key.press("PageDown")
    expect(page.locator(".lk-stage-said")).to_contain_text("done by hand")
    key.press("PageDown")
    expect(where(notebook)).to_contain_text("Free commands")
    next_is(notebook, "Run")
    key.press("PageDown")
    expect(page.locator(".jp-Cell:visible", has_text="UNKNOWN").first).to_be_visible()
    key.press("PageUp")
    expect(where(notebook)).to_contain_text(TASK)


def test_text_can_be_read_from_the_last_row(notebook: Opened) -> None:
    """In the smallest of three sizes all text has 24 px at 1920 × 1080 and 20 px at 1366 × 768, and
    16 px in pictures; in both themes axe-core finds nothing wrong."""
    page, key = notebook.page, notebook.page.keyboard
    present(notebook)
    run_step(notebook)
    go_to(notebook, TASK)
    task = notebook.card("Give bravo a second address")
    press(task, "Hint")
    task.get_by_role("textbox").fill("false")
    press(task, "Run")
    expect(task.locator(".lk-verdict")).to_contain_text("Expected")
    for width, height, least, theme in ((1366, 768, 20, "Dark"), (1920, 1080, 24, "Light")):
        page.set_viewport_size({"width": width, "height": height})
        notebook.theme(theme)
        for title in ("The course", STEP, "Free commands", TASK):
            go_to(notebook, title)
            notebook.screenshot(f"presented-{width}-{title.split()[0].lower()}")
            sizes = page.evaluate(TEXT)
            assert sizes[-1]["size"] > least
            assert [each for each in sizes if each["size"] < (16 if each["drawn"] else least)] == []
            drawn = [each["size"] for each in sizes if each["drawn"]] or [1]
            assert max(drawn) < 1.5 * min(drawn)  # names are larger than addresses, and no more
        assert violations(page, PRESENTED) == []
    text = "parseFloat(getComputedStyle(document.querySelector('.lk-card.lk-step')).fontSize)"
    found = [page.evaluate(text)]
    for _ in range(3):
        key.press("+")
        found.append(page.evaluate(text))
    assert found[0] < found[1] < found[2] == found[3]
    notebook.screenshot("presented-large")
    key.press("-")
    assert page.evaluate(text) == found[1]


def test_keys_belong_to_whom_they_are_for(notebook: Opened) -> None:
    """In a command they are typed, and Escape leads out of it first; JupyterLab hears no letter,
    and its dialogs are seen, above what is full screen."""
    page, key = notebook.page, notebook.page.keyboard
    present(notebook)
    go_to(notebook, STEP)
    command = notebook.card("Ask bravo for an echo").get_by_role("textbox")
    command.fill("ping -c 1 2001:db8::2")
    for name in ("Home", "n", "Space", "PageDown"):
        key.press(name)
    assert command.input_value() == "n ping -c 1 2001:db8::2"
    expect(where(notebook)).to_contain_text(STEP)
    key.press("Escape")
    expect(command).not_to_be_focused()
    cells = f"{notebook.panel}.content.widgets.length"
    before = page.evaluate(cells)
    for name in ("d", "d", "a", "x", "Enter", "t"):
        key.press(name)
    assert page.evaluate(cells) == before
    expect(page.locator(".lk-stage-clock")).to_be_hidden()
    key.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Page Down, Space")
    assert violations(page, {"include": [".lk-stage-dialog"]}) == []
    key.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    key.press("q")
    expect(page.locator(".lk-stage-said")).to_contain_text("no address here that others could open")
    page.evaluate("void window.jupyterapp.commands.execute('help:about')")
    dialog = page.locator("body > .jp-Dialog")
    expect(dialog).to_be_visible()
    assert dialog.evaluate(ABOVE)
    key.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator(".lk-present")).to_be_visible()


def test_notes_in_a_second_window(notebook: Opened, here: Site) -> None:
    """They follow the part, are changed there, are text and no markup, and are in the notebook's
    file; keys work there too; where the browser drops full screen for it, a click brings it back;
    a blocked window is told of."""
    page, key = notebook.page, notebook.page.keyboard
    present(notebook)
    with page.expect_popup() as opened:
        key.press("n")
    window = opened.value
    expect(window.get_by_role("heading")).to_have_text("Part 1 of 7: Start here")
    expect(window.get_by_role("main")).to_contain_text("Then: The course")
    field = window.get_by_role("textbox", name="Notes of this part")
    field.fill("Who has <b>IPv6</b> at home?")
    window.get_by_role("button", name="Run and go on").click()
    expect(window.get_by_role("heading")).to_have_text("Part 2 of 7: The course")
    expect(field).to_have_value("")
    window.keyboard.press("PageUp")
    expect(field).to_have_value("Who has <b>IPv6</b> at home?")
    assert Axe().run(window).response["violations"] == []
    page.wait_for_function(f"!{notebook.panel}.context.model.dirty")
    notes = {"notes": "Who has <b>IPv6</b> at home?"}
    assert here.read(notebook.name).cells[0].metadata["labkernel"] == notes
    page.evaluate("document.exitFullscreen()")
    page.wait_for_function("!document.fullscreenElement")
    page.locator(".lk-stage-where").click()
    page.wait_for_function("document.fullscreenElement?.matches('.lk-present')")
    leave(notebook)
    expect(page.locator(".lk-present")).to_have_count(0)
    assert window.is_closed()
    page.evaluate("window.open = () => null")
    present(notebook)
    key.press("n")
    expect(page.locator(".lk-stage-said")).to_contain_text("blocked the window")


def test_leaving_leaves_nothing(notebook: Opened, here: Site) -> None:
    """After Escape the page is as it was, with its scroll position and active cell; the key that
    presents goes on at the same part; a click on a node leaves and opens its terminal."""
    page, key = notebook.page, notebook.page.keyboard
    notebook.start()
    page.wait_for_function(f"!{notebook.panel}.context.model.dirty")
    notebook.wait_for_kernel()
    page.evaluate(f"{notebook.panel}.content.activeCellIndex = 2")
    page.evaluate(f"{notebook.panel}.content.outerNode.scrollTop = 333")
    before = page.evaluate(STATE)
    present(notebook)
    run_step(notebook)
    key.press("+")
    assert page.evaluate(STATE) != before
    key.press("Escape")
    as_before(page, before)
    key.press("Control+Alt+p")
    expect(where(notebook)).to_contain_text(STEP)
    page.locator(".lk-pin [data-node=bravo]").click()
    expect(page.locator(".lk-present")).to_have_count(0)
    expect(page.locator(".lm-TabBar-tabLabel", has_text="bravo")).to_be_visible()
    expect(notebook.card("Ask bravo for an echo")).to_be_in_viewport()


# the configuration of a page that a hub's server gives, before anything reads it
UNDER_A_HUB = """document.addEventListener("readystatechange", () => {
  const element = document.getElementById("jupyter-config-data");
  const hub = { hubPrefix: "/hub/", hubUser: "alice", hubHost: "https://hub.example.org" };
  element.textContent = JSON.stringify({ ...JSON.parse(element.textContent), ...hub });
}, { once: true })"""


@pytest.mark.rare
def test_a_code_with_the_address_under_a_hub(here: Site, other_page: Page) -> None:
    """Under JupyterHub Q shows a QR code, which the kernel has drawn, and the address as text; in
    Notebook 7 as well, where a notebook is presented in the same way."""
    here.server.labkernel("down", "--all")
    other_page.add_init_script(UNDER_A_HUB)
    notebook = here.open(other_page, here.put("00-start"), "notebooks")
    notebook.wait_for_kernel()
    present(notebook)
    run_step(notebook)
    other_page.keyboard.press("q")
    dialog = other_page.get_by_role("dialog", name="This notebook")
    address = "https://hub.example.org/hub/user-redirect/lab/tree/00-start.ipynb"
    expect(dialog).to_contain_text(address)
    image = dialog.get_by_role("img", name="QR code of the address below")
    other_page.wait_for_function("document.querySelector('dialog img').naturalWidth > 200")
    assert (image.get_attribute("src") or "").startswith("data:image/png;base64,")
    notebook.screenshot("presented-code")
    other_page.keyboard.press("q")
    expect(dialog).to_have_count(0)
    leave(notebook)
    expect(other_page.locator(".lk-present")).to_have_count(0)
