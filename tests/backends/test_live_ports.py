"""The picture of a lab follows real nodes."""

import os
from collections.abc import Iterator

import pytest

from labkernel import Lab, Link, Node, RunningLab
from labkernel.backends import make
from labkernel.notebook.live_ports import LivePorts
from labkernel.notebook.ports import Live, NodeNow
from labkernel.notebook.watching import Watching

from .test_quiet import Seen

pytestmark = pytest.mark.backend

INSTANCE = f"test-seen-{os.getpid()}"


@pytest.fixture
def running() -> Iterator[RunningLab]:
    """Two nodes on a link."""
    lab = Lab("seen", [Node("alpha"), Node("bravo")], [Link("lan", "alpha:eth0", "bravo:eth0")])
    backend = make("namespaces", instance=INSTANCE, linger=0)
    with RunningLab(lab, backend) as running:
        yield running


def _eth0(live: Live | None) -> tuple[bool, tuple[str, ...]]:
    port = (live or {}).get("alpha", NodeNow()).ports.get("eth0")
    return (port.up, port.addresses) if port else (False, ())


def test_the_picture_follows_the_lab(running: RunningLab) -> None:
    """An address that is added, a link that is set down, a lab that is ended elsewhere: each is
    seen by itself, while the picture is in view."""
    seen = Seen()
    watch = LivePorts(running, seen)
    watching = Watching(running, lambda: True)
    watching.show(watch, True)
    seen.wait_until(lambda live: _eth0(live)[0])
    running.run("alpha", "ip address add 2001:db8::5/128 dev eth0 nodad", expect=0)
    seen.wait_until(lambda live: "2001:db8::5/128" in _eth0(live)[1])
    running.run("alpha", "ip link set eth0 down", expect=0)
    seen.wait_until(lambda live: live is not None and not _eth0(live)[0])
    elsewhere = RunningLab(running.lab, make("namespaces", instance=INSTANCE))
    elsewhere.up()
    elsewhere.down()
    seen.wait_until(lambda live: live is None)
    watching.show(watch, False)
