"""Waiting for what a node's kernel reports, on real nodes."""

import os
from collections.abc import Iterator

import pytest

from labkernel import Lab, Node, images
from labkernel.backends import make
from labkernel.checks.changes import Changes

pytestmark = pytest.mark.backend


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """One node, running."""
    images.build("base")
    lab = Lab("changes", nodes=[Node("alpha")])
    with lab.use(make("namespaces", instance=f"test-changes-{os.getpid()}", linger=0)):
        yield lab


def is_watched(lab: Lab) -> bool:
    """Whether `ip monitor` runs on the node."""
    return lab.run("alpha", ["pgrep", "-x", "ip"]).ok


def test_an_address_wakes_who_waits(lab: Lab) -> None:
    """A change is reported without a look; nothing goes on watching afterwards."""
    with Changes(lab, ("alpha",)) as changes:
        assert changes.wait(60)  # the watcher says who it is
        while not is_watched(lab):
            changes.wait(0.01)
        lab.run("alpha", "ip -6 address add 2001:db8::1/128 dev lo", expect=0)
        assert changes.wait(60)
    assert not is_watched(lab)


def test_without_a_change_time_passes(lab: Lab) -> None:
    """Nobody is woken for nothing."""
    with Changes(lab, ()) as changes:
        assert not changes.wait(0.01)


def test_a_lab_that_ends_meanwhile(lab: Lab) -> None:
    """When the node goes, whoever waits is woken, and the end is no error."""
    with Changes(lab, ("alpha",)) as changes:
        changes.wait(60)
        lab.down()
        assert changes.wait(60)
    lab.up()
