"""Waiting for what a node's kernel reports, on real nodes."""

import os
from collections.abc import Iterator

import pytest

from labkernel import Lab, Node, RunningLab, images
from labkernel.backends import make
from labkernel.checks.changes import Changes

pytestmark = pytest.mark.backend


@pytest.fixture(scope="module")
def running() -> Iterator[RunningLab]:
    """One node, running."""
    images.build("base")
    lab = Lab("changes", nodes=[Node("alpha")])
    with RunningLab(
        lab, make("namespaces", instance=f"test-changes-{os.getpid()}", linger=0)
    ) as running:
        yield running


def is_watched(running: RunningLab) -> bool:
    """Whether `ip monitor` runs on the node."""
    return running.run("alpha", ["pgrep", "-x", "ip"]).ok


def test_an_address_wakes_who_waits(running: RunningLab) -> None:
    """A change is reported without a look; nothing goes on watching afterwards."""
    with Changes(running, ("alpha",)) as changes:
        assert changes.wait(60)  # the watcher says who it is
        while not is_watched(running):
            changes.wait(0.01)
        running.run("alpha", "ip -6 address add 2001:db8::1/128 dev lo", expect=0)
        assert changes.wait(60)
    assert not is_watched(running)


def test_without_a_change_time_passes(running: RunningLab) -> None:
    """Nobody is woken for nothing."""
    with Changes(running, ()) as changes:
        assert not changes.wait(0.01)


def test_a_lab_that_ends_meanwhile(running: RunningLab) -> None:
    """When the node goes, whoever waits is woken, and the end is no error."""
    with Changes(running, ("alpha",)) as changes:
        changes.wait(60)
        running.down()
        assert changes.wait(60)
    running.up()
