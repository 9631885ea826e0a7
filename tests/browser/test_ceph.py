"""The Ceph lab in JupyterLab: the cluster is seen as it changes."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from labkernel.labs import ceph_bluestore
from tests.browser.accessible import violations
from tests.browser.jupyterlab import Notebook, button, press

pytestmark = [pytest.mark.browser, pytest.mark.backend, pytest.mark.timeout(300)]

#: ms: the steps before it are replayed on a machine that does much else
REPLAY = 200_000


@pytest.fixture
def ceph(open_lab: Callable[..., Notebook]) -> Notebook:
    """A part of the notebook, with all its cells run, and its lab not started."""
    return open_lab("ceph", "07-ceph-bluestore", "pool", "look")


def height(view: Locator) -> float:
    """Of an element, in pixels."""
    box = view.bounding_box()
    assert box
    return box["height"]


@pytest.mark.rare
def test_the_cluster_is_seen_as_it_changes(ceph: Notebook) -> None:
    """The card of a step shows the cluster while it runs, in words; nothing in it jumps, and it
    stays when the step is over."""
    step = ceph_bluestore.pool
    card = ceph.card(step.title)
    view = card.get_by_role("group", name="The cluster")
    expect(view).to_be_hidden()
    press(card, "Bring me here")
    run = button(card, "Run")
    expect(run).to_have_attribute("aria-disabled", "false", timeout=REPLAY)
    card.get_by_role("textbox").fill(f"{step.run}\nsleep 200")
    run.click()
    expect(view).to_contain_text("osd.2 on charlie: up, in")
    before = height(view)
    expect(view).to_contain_text("32 active+clean")
    expect(view).to_contain_text("HEALTH_OK")
    expect(view.get_by_role("status")).to_contain_text("3 of 3 OSDs up, 32 of 32")
    assert height(view) == before
    for theme in ("Light", "Dark"):
        ceph.theme(theme)
        ceph.screenshot(f"cluster-{theme.lower()}", card)
        assert violations(ceph.page) == []
    ceph.theme("Light")
    press(card, "Stop")
    expect(card.locator(".lk-verdict")).to_be_visible()
    expect(view).to_contain_text("32 active+clean")
    assert height(view) == before
