"""What a step records of a link, on real nodes."""

import os
from collections.abc import Iterator

import pytest

from labkernel import Attempt, Lab, LabError, Link, Node, RunningLab, capture, images
from labkernel.attempt import read_file
from labkernel.backends import make
from labkernel.checks import printed
from labkernel.errors import BackendError, CheckFailed
from labkernel.observing import Recording

pytestmark = pytest.mark.backend

PING = "ping -n -c 2 -i 0.1 2001:db8::2"


def declared() -> Lab:
    """Two nodes and a link."""
    return Lab(
        "recorded",
        nodes=[Node("alpha"), Node("bravo")],
        links=[Link("lan", "alpha:eth0", "bravo:eth0", prefix="2001:db8::/64")],
    )


def two_replies(attempt: Attempt) -> str:
    """The check of a step whose capture has them."""
    count = sum(packet.kind == "Echo reply" for packet in attempt.packets)
    if count < 2:
        raise CheckFailed("two replies", f"got {count}")
    return "two replies"


@pytest.fixture(scope="module")
def running() -> Iterator[RunningLab]:
    """The lab, running."""
    images.build("base")
    lab = declared()
    with RunningLab(
        lab, make("namespaces", instance=f"test-recorded-{os.getpid()}", linger=0)
    ) as running:
        yield running


def test_packets_of_a_step(running: RunningLab) -> None:
    """A step with a capture has its packets, with the nodes' names; nothing is left on the node."""
    step = running.lab.step(
        "ping",
        "Ping", on="alpha", run=PING, check=printed("2 received"), wrong="true",
        observe=[capture("lan", only="icmp6[icmp6type] == 128 or icmp6[icmp6type] == 129")],
    )  # fmt: skip
    recording = running.do(step).artifact(Recording)
    assert recording is not None
    assert [p.kind for p in recording.packets] == ["Echo request", "Echo reply"] * 2
    assert recording.names["2001:db8::2"] == "bravo"
    assert ("alpha", "eth0", "2001:db8::1/64") in recording.addresses
    assert not recording.full
    assert "labkernel-capture" not in running.run("alpha", "ls /run").output


def test_a_check_sees_the_packets(running: RunningLab) -> None:
    """A check can wait for packets while they are recorded, and look at them later."""
    step = running.lab.step(
        "ping-and-look",
        "Ping and look", on="alpha", run=PING, check=two_replies, wrong="true",
        observe=[capture("bravo:eth0", only="icmp6")],
    )  # fmt: skip
    with pytest.raises(CheckFailed):
        running.evidence(step)
    assert running.do(step).passed
    assert running.evidence(step) == "two replies"
    assert not running.do(step, "true").passed


def test_a_check_sees_what_tcpdump_was_slow_to_write(running: RunningLab) -> None:
    """Packets that came before the check are seen, also if tcpdump gets the processor after it."""
    slow = 'p=$(cat /run/labkernel-capture-*.pid); kill -STOP $p; ping -n -c 2 -i 0.1 "$0"; '
    step = running.lab.step(
        "ping-while-tcpdump-stands-still",
        "Ping while tcpdump stands still", on="alpha", check=two_replies, wrong="true",
        run=f"bash -c '{slow} (sleep 0.4; kill -CONT $p) >/dev/null 2>&1 &' 2001:db8::2",
        observe=[capture("alpha:eth0", only="icmp6")],
    )  # fmt: skip
    outcome = running.do(step)
    assert outcome.passed, outcome.verdict()


def test_a_filter_that_is_wrong(running: RunningLab) -> None:
    """The step fails with what tcpdump said, and its command does not run."""
    step = running.lab.step(
        "nonsense",
        "Nonsense", on="alpha", run="touch /root/ran", check=printed(""), wrong="true",
        observe=[capture("lan", only="nonsense")],
    )  # fmt: skip
    outcome = running.do(step)
    assert "tcpdump on eth0 did not start" in outcome.verdict()
    assert not running.run("alpha", "test -e /root/ran").ok


def test_an_unknown_link() -> None:
    """A capture of a link that the lab has not is refused when it is declared."""
    with pytest.raises(LabError, match=r'capture\("wan"\).*links: lan'):
        declared().step(
            "x",
            "x",
            on="alpha",
            run="true",
            check=printed(""),
            wrong="true",
            observe=[capture("wan")],
        )


def test_the_node_ends_meanwhile(running: RunningLab) -> None:
    """A lab that is killed in mid-step is said to be lost; the next start works."""
    step = running.lab.step(
        "killed",
        "Killed", on="alpha", run="sleep 30", check=printed(""), wrong="true",
        observe=[capture("lan")], timeout=20,
    )  # fmt: skip
    import threading

    thread = threading.Timer(0.3, running.backend.down)
    thread.start()
    outcome = running.do(step)
    thread.join()
    assert outcome.failure is not None
    assert outcome.artifact(Recording) is None
    running.reset()


def test_a_file_of_a_node(running: RunningLab) -> None:
    """A file comes octet for octet, also a large one; what can't be read is said in a sentence."""
    running.run("alpha", "head -c 1300000 /dev/urandom > /root/large; sha256sum /root/large")
    data = read_file(running, "alpha", "/root/large")
    assert len(data) == 1_300_000
    import hashlib

    told = running.run("alpha", "sha256sum /root/large").output.split()[0]
    assert hashlib.sha256(data).hexdigest() == told
    assert read_file(running, "alpha", "/dev/null") == b""
    with pytest.raises(BackendError, match="can't read /nowhere"):
        read_file(running, "alpha", "/nowhere")
    with pytest.raises(BackendError, match="larger than 100 octets"):
        read_file(running, "alpha", "/root/large", limit=100)
