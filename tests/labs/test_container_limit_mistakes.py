"""The container limit: what trainees usually get wrong, and what the checks then say."""

import pytest

from labkernel import LabError, RunningLab, Step
from labkernel.labs import container_limit as limit
from labkernel.labs.container_limit import full

from .conftest import Mistakes, each_of, refusal

pytestmark = pytest.mark.backend

LAB = "container-limit"

_IN_PLACE_OF_OTHERS = """\
for port in $(ls /sys/class/net/docker0/brif | grep ^p | head -n 2); do ip link del $port; done
docker run --detach --name c5 box"""

MISTAKES: Mistakes = {
    limit.room: [
        ("host", "true", "true", "there is no such interface"),
        (
            "host",
            "ip link add late type veth peer name late-peer",
            "ip link del late",
            "full has 1023 ports still",
        ),
        (
            "host",
            "ip link add br1 type bridge; ip link add late type veth; ip link set late master br1",
            "ip link del late; ip link del br1",
            "That is another bridge",
        ),
        (
            "host",
            "ip link del p1; ip link add late type veth peer name late-peer",
            "ip link del late; ip link add p1 type veth peer name q1; ip link set p1 master full",
            "it is no port of any bridge",
        ),
    ],
    limit.retry: [
        ("host", "true", "true", "has no port left"),
        ("host", "docker start c4 || true", "true", "has no port left"),
        (
            "host",
            "docker stop c2 && docker start c4",
            "docker stop c4; docker start c2",
            "expected the container c2 to be running",
        ),
    ],
    limit.another: [
        ("host", "true", "true", "there is no such container"),
        (
            "host",
            "docker run --detach --name c5 box || true",
            "docker rm --force c5",
            "has no port left",
        ),
        (
            "host",
            _IN_PLACE_OF_OTHERS,
            "docker rm --force c5; fill-bridge docker0 1023",
            "expected 1023 ports on docker0",
        ),
    ],
    limit.lead: [
        ("client", "true", "true", "it has no route"),
        (
            "client",
            "ip -6 route add 2001:db8:100::/120 via 2001:db8:1::2",
            "ip -6 route flush 2001:db8:100::/120",
            "its route is for 2001:db8:100::/120",
        ),
        (
            "client",
            "ip -6 route add 2001:db8:100::/64 via 2001:db8:1::99",
            "ip -6 route flush 2001:db8:100::/64",
            "The next hop is the host",
        ),
    ],
}


@each_of(MISTAKES)
def test_diagnosis(
    running: RunningLab, step: Step, node: str, mistake: str, remedy: str, words: str
) -> None:
    """The check says what is wrong."""
    assert words in refusal(running, step, node, mistake, remedy, words)


@pytest.mark.walk(limit.lead)
def test_the_whole_way_works(running: RunningLab) -> None:
    """Real containers run on a bridge of their own with one shim, and what they take is told."""
    told: list[int] = []
    measurement = limit.measure(count=30, lab=running, on_container=lambda n, _: told.append(n))
    assert told == list(range(1, 31))
    assert [sample[0] for sample in measurement.samples] == [1, 30]
    assert str(measurement) == "30 containers run on one bridge."
    listed = running.run("host", "docker ps --quiet --filter network=many | wc -l", expect=0)
    assert listed.output == "30\n"
    shims = running.run("host", "pgrep -f 'containerd-shim.* -id ' | wc -l", expect=0)
    assert int(shims.output) < 30
    assert measurement.figure().axes
    assert list(measurement.table().index) == [1, 30]


@pytest.mark.walk(limit.lead)
def test_too_little_memory_is_said_beforehand(
    running: RunningLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With too little memory nothing is started, and the numbers are in the message."""
    monkeypatch.setattr(full, "available_memory", lambda *_: 700.0)
    with pytest.raises(LabError, match=r"1,023 containers take about 1,480 MiB, and 700 MiB .*423"):
        limit.measure(full=True, lab=running)
