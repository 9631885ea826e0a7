"""A terminal on a node, in the page: a shell there from its first byte, and no other."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Opened, Site, site

pytestmark = [pytest.mark.browser, pytest.mark.backend]

STEP = "Ask bravo for an echo"
BOOT = 180_000  # ms: by emulation


@pytest.fixture(scope="module")
def bare() -> Iterator[Site]:
    """A server that has none."""
    with site("--ServerApp.terminals_enabled=False") as made:
        yield made


Open = Callable[..., Opened]


@pytest.fixture
def open_at(here: Site) -> Open:
    """Opens the first notebook in a page, with live cards; its kernel ends with the test."""

    def at(page: Page, place: Site = here, view: str = "lab/tree") -> Opened:
        place.server.labkernel("down", "--all")
        notebook = place.open(page, place.put("00-start"), view)
        notebook.wait_for_kernel()
        notebook.start()
        return notebook

    return at


def press(notebook: Opened, node: str) -> None:
    """Click a node in the picture of a card that is live."""
    notebook.page.locator(f"svg [data-node={node}][role=button]").click()


def said(site: Site, node: str, file: str) -> bool:
    """Whether a file is there, on the node."""
    words = ("shell", "start", node, f"test -e {file} && echo yes || echo no")
    return site.server.labkernel(*words).strip() == "yes"


def type_in(notebook: Opened, node: str, command: str) -> None:
    """Type a command into a node's terminal, once it has a prompt."""
    area = notebook.page.locator(".lk-terminal:visible")
    expect(area).to_be_visible()
    notebook.page.wait_for_function(PROMPT, arg=f"root@{node}")
    area.locator("textarea").focus()
    notebook.page.keyboard.type(f"{command}\n")


# a terminal is a canvas: its text is the buffer's
SHOWN = """() => ["main", "right"].flatMap((area) => [...window.jupyterapp.shell.widgets(area)])
  .filter((widget) => widget.hasClass("lk-terminal") && widget.isVisible)
  .map(({ content }) => {
    const active = content._term?.buffer.active ?? { length: 0 }; // xterm is loaded late
    const line = (_, at) => active.getLine(at).translateToString(true);
    return Array.from({ length: active.length }, line).join("\\n");
  }).join("\\n")"""
PROMPT = f"(text) => ({SHOWN})().includes(text)"


def test_a_click_on_a_node_opens_a_terminal_there(open_at: Open, here: Site, page: Page) -> None:
    """It starts the lab where it is down, is titled by the node, is a tty; several may be open."""
    notebook = open_at(page)
    press(notebook, "alpha")
    tab = page.locator(".lm-TabBar-tabLabel", has_text="alpha")
    expect(tab).to_have_text("alpha")
    type_in(notebook, "alpha", "tty && hostname > /root/here")
    page.wait_for_function(PROMPT, arg="/dev/pts/")
    page.wait_for_function(f"() => ({SHOWN})().split('root@alpha').length > 2")
    assert said(here, "alpha", "/root/here")
    notebook.screenshot("terminal")
    notebook.card(STEP).get_by_role("button", name="Terminal on alpha").click()
    expect(tab).to_have_count(1)
    press(notebook, "bravo")
    expect(page.locator(".lm-TabBar-tabLabel", has_text="bravo")).to_have_count(1)
    type_in(notebook, "bravo", "touch /root/there")
    page.wait_for_function(f"() => ({SHOWN})().split('root@bravo').length > 2")
    assert said(here, "bravo", "/root/there")
    assert not said(here, "alpha", "/root/there")


def test_a_click_on_a_command_types_it_there(open_at: Open, page: Page) -> None:
    """A command in the prose runs in a terminal on its node, opened for it or there already; where
    no card is live, the page says what to do."""
    notebook = open_at(page)
    link = page.get_by_role("link", name="ip -6 route")
    link.click()
    page.wait_for_function(f"() => ({SHOWN})().split('# ip -6 route').length == 2")
    page.wait_for_function(f"() => ({SHOWN})().split('root@alpha').length > 2")
    link.click()
    page.wait_for_function(f"() => ({SHOWN})().split('# ip -6 route').length == 3")
    notebook.screenshot("click-to-run")


def test_a_terminal_ends_with_its_lab(open_at: Open, here: Site, page: Page) -> None:
    """When the lab ends, the terminal says so; no shell on the host takes its place, also not when
    the page is loaded anew; a click on the node starts the lab and opens a new one."""
    notebook = open_at(page)
    press(notebook, "alpha")
    page.wait_for_function(PROMPT, arg="root@alpha")
    here.server.labkernel("down", "start")
    page.wait_for_function(PROMPT, arg="labkernel: alpha has ended")
    expect(page.locator(".lm-TabBar-tabLabel", has_text="alpha (ended)")).to_be_visible()
    notebook.save()
    notebook.reload()
    notebook.expect_live()
    expect(page.locator(".jp-Terminal")).to_have_count(0)
    press(notebook, "alpha")
    page.wait_for_function(PROMPT, arg="root@alpha")


@pytest.mark.rare
def test_a_terminal_that_runs_is_joined_again(open_at: Open, here: Site, page: Page) -> None:
    """After the page was loaded anew, a click finds the same shell; closing its tab ends it."""
    notebook = open_at(page)
    press(notebook, "alpha")
    type_in(notebook, "alpha", "mark=before")
    notebook.save()
    notebook.reload()
    notebook.expect_live()
    press(notebook, "alpha")
    type_in(notebook, "alpha", "echo it is $mark")
    page.wait_for_function(PROMPT, arg="it is before")
    page.locator(".lm-TabBar-tab", has_text="alpha").locator(".lm-TabBar-tabCloseIcon").click()
    expect(page.locator(".lk-terminal")).to_have_count(0)
    press(notebook, "alpha")
    type_in(notebook, "alpha", "echo it is $mark,")
    page.wait_for_function(PROMPT, arg="it is ,")


def test_a_node_that_cannot_be_had(open_at: Open, here: Site, page: Page) -> None:
    """Where the server can't start the shell, a sentence says so, and the page goes on."""
    notebook = open_at(page)
    page.route(
        "**/api/terminals*",
        lambda route: route.abort() if route.request.method == "POST" else route.continue_(),
    )
    press(notebook, "alpha")
    expect(page.get_by_text("No terminal on alpha").first).to_be_visible()
    page.unroute("**/api/terminals*")
    press(notebook, "alpha")
    page.wait_for_function(PROMPT, arg="root@alpha")


@pytest.mark.long
def test_a_server_without_terminals(open_at: Open, bare: Site, other_page: Page) -> None:
    """Where the server has none, the kernel has one, with the same keys and size, also while a
    long output comes; it ends with the lab."""
    page, notebook = other_page, open_at(other_page, bare)
    press(notebook, "alpha")
    type_in(notebook, "alpha", "tty; stty size; seq 1 30000; echo all of it")
    page.wait_for_function(PROMPT, arg="all of it\n")
    page.wait_for_function(PROMPT, arg="30000\n")
    bare.server.labkernel("down", "start")
    page.wait_for_function(PROMPT, arg="labkernel: alpha has ended")


@pytest.mark.long
@pytest.mark.emulated
def test_a_machine_has_a_terminal_too(here: Site, page: Page) -> None:
    """A click on a machine's node starts the lab, and the terminal is a shell on that machine."""
    here.server.labkernel("down", "--all")
    notebook = here.open(page, here.put("11-bonding"))
    notebook.wait_for_kernel()
    notebook.start()
    press(notebook, "server")
    page.wait_for_function(PROMPT, arg="root@server", timeout=BOOT)
    type_in(notebook, "server", "cat /sys/class/dmi/id/sys_vendor")
    page.wait_for_function(PROMPT, arg="\nQEMU")


@pytest.mark.long
def test_in_notebook_7(open_at: Open, here: Site, other_page: Page) -> None:
    """In Notebook 7 cards are live and saved as in JupyterLab; a terminal opens at the side."""
    notebook = open_at(other_page, view="notebooks")
    notebook.run(STEP)
    press(notebook, "alpha")
    type_in(notebook, "alpha", "touch /root/seven")
    notebook.page.wait_for_function(f"() => ({SHOWN})().split('root@alpha').length > 2")
    assert said(here, "alpha", "/root/seven")
    notebook.screenshot("notebook-7")
    notebook.restart_kernel()
    expect(notebook.reconnect).to_have_count(4)
    expect(notebook.card(STEP).locator(".lk-verdict")).to_contain_text("Passed")
