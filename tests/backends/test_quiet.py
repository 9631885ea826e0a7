"""Tasks that are checked by themselves, on real nodes."""

import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from labkernel import Attempt, CheckFailed, Lab, Node, RunningLab, Step, images
from labkernel.backends import make
from labkernel.checks import looks_at
from labkernel.checks.events import Event, Kind, file, on
from labkernel.checks.reports import Reports
from labkernel.notebook.quiet import QuietCheck, can_be_quiet
from labkernel.notebook.watching import Watching

pytestmark = pytest.mark.backend

PATIENCE = 60


def is_there(what: str, command: str, *events: frozenset[Event]) -> "object":
    """A check by a command, of which it is known what can change its answer."""

    @looks_at(*events)
    def look(attempt: Attempt) -> str:
        if attempt.run("alpha", command).ok:
            return f"{what} is there"
        raise CheckFailed(what, "it is not there")

    return look


@pytest.fixture(scope="module")
def running() -> Iterator[RunningLab]:
    """A node with two tasks: an address, and a file in a directory that is not there yet."""
    images.build("ipv6")
    lab = Lab("quiet", nodes=[Node("alpha", image="ipv6")])
    address = is_there(
        "the address", "ip address show dev lo | grep -q 2001:db8::5", on("alpha", Kind.ADDRESS)
    )
    written = is_there("the file", "grep -q yes /root/new/note", file("alpha", "/root/new/note"))
    for name, check in (("address", address), ("written", written)):
        lab.task(name, name, on="alpha", solution="true", check=check, undo="x", hint="h")  # type: ignore[arg-type]
    with RunningLab(
        lab, make("namespaces", instance=f"test-quiet-{os.getpid()}", linger=0)
    ) as running:
        yield running


class Seen:
    """What was reported, one after the other."""

    def __init__(self) -> None:
        self.all: list[object] = []
        self._new = threading.Condition()

    def __call__(self, *what: object) -> None:
        """Take a report."""
        with self._new:
            self.all.append(what[0] if len(what) == 1 else what)
            self._new.notify_all()

    def wait_for(self, wanted: object) -> None:
        """Wait until it was reported."""
        self.wait_until(lambda each: each == wanted)

    def wait_until(self, holds: Callable[[Any], bool]) -> None:
        """Wait until something was reported for which it holds."""
        with self._new:
            assert self._new.wait_for(lambda: any(map(holds, self.all)), PATIENCE), self.all


def test_changes_are_reported(running: RunningLab) -> None:
    """Each kind of change is reported as the event that it is, and no program is left behind."""
    path = "/root/made/file"
    events = on("alpha", Kind.ADDRESS, Kind.ROUTE, Kind.LINK, Kind.FILTER) | file("alpha", path)
    seen = Seen()
    reports = Reports(running, events, seen)
    reports.await_begin()
    running.run("alpha", "ip -6 address add 2001:db8::1/128 dev lo", expect=0)
    seen.wait_for(Event("alpha", Kind.ADDRESS))
    running.run("alpha", "ip -6 route add 2001:db8:1::/48 dev lo", expect=0)
    seen.wait_for(Event("alpha", Kind.ROUTE))
    running.run("alpha", "nft add table ip6 quiet", expect=0)
    seen.wait_for(Event("alpha", Kind.FILTER))
    running.run("alpha", "mkdir /root/made; sleep 0.1; echo yes > /root/made/file", expect=0)
    seen.wait_for(Event("alpha", Kind.FILE, path))
    assert reports.alive
    reports.close()
    assert not reports.alive
    assert not running.run("alpha", ["pgrep", "-f", "set_wakeup_fd"]).ok


def steps(running: RunningLab) -> list[Step]:
    return list(running.lab.steps)


def test_a_task_turns_green_by_itself(running: RunningLab) -> None:
    """What was done elsewhere is seen when the kernel reports it; what is undone, as well."""
    address, written = steps(running)
    assert can_be_quiet(address)
    found = Seen()
    watching = Watching(running, lambda: True)
    checks = [
        QuietCheck(running, step, lambda step, said: found((step.name, str(said)[:4])))
        for step in (address, written)
    ]
    for check in checks:
        watching.show(check, True)
    found.wait_for(("address", "expe"))  # asked once when it comes into view
    running.run("alpha", "ip -6 address add 2001:db8::5/128 dev lo", expect=0)
    found.wait_for(("address", "the "))
    assert running.has_passed(address)
    running.run("alpha", "mkdir -p /root/new; echo yes > /root/new/note", expect=0)
    found.wait_for(("written", "the "))
    for check in checks:
        watching.show(check, False)


def test_nothing_is_asked_while_something_is_done(running: RunningLab) -> None:
    """While the lab is busy, or the card is out of view, no check is asked."""
    address, _ = steps(running)
    found, looked = Seen(), threading.Event()
    idle = threading.Event()

    def is_idle() -> bool:
        looked.set()
        return idle.is_set()

    watching = Watching(running, is_idle)
    check = QuietCheck(running, address, lambda step, said: found(step.name))
    watching.show(check, True)
    running.run("alpha", "ip -6 address add 2001:db8::6/128 dev lo", expect=0)
    assert looked.wait(PATIENCE)
    looked.clear()
    watching.settled()
    assert looked.wait(PATIENCE)  # for the second time: the first one is over
    assert found.all == []
    idle.set()
    watching.settled()
    found.wait_for("address")
    watching.show(check, False)
