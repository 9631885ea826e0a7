"""The proof of what a check says of itself: which events can change its answer, what it sends."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from labkernel.checks.changes import Changes
from labkernel.checks.events import Event, Kind, events_of
from labkernel.evaluation import evidence_of
from labkernel.proving.holding import NotProved
from labkernel.running import RunningLab
from labkernel.steps import Step

#: seconds in which a kernel has reported what a step did
_REPORTED = 10.0
#: how often a check must have sent something for it to be the check
_TRIES = 3
#: seconds in which daemons that talk by themselves say something: Ceph's monitors every 3 s
_BY_ITSELF = 15.0


@contextmanager
def of(running: RunningLab, step: Step) -> Iterator[None]:
    """Have the step done in here.

    :raises NotProved: none of the events that its check names came, or the check sends packets
        and says that it does not.
    """
    events = events_of(step.check)
    reported = [each for each in events.change if each.kind is not Kind.FILE]
    files = {each: _file(running, each) for each in events.change if each.kind is Kind.FILE}
    with ExitStack() as stack:
        watches = [stack.enter_context(_watch(running, each)) for each in reported]
        for watch in watches:
            watch.await_begin()
        yield
        came = any(_file(running, each) != before for each, before in files.items())
        came = came or any(watch.wait(_REPORTED) for watch in watches)
    if events.change and not came:
        raise NotProved(f'none of the events came that the check of "{step.title}" names')
    if not events.sends and (senders := _senders(running, step)):
        raise NotProved(
            f'the check of "{step.title}" says that it sends nothing, and each time that it is '
            f"asked packets leave {', '.join(senders)}"
        )


def _watch(running: RunningLab, event: Event) -> Changes:
    by = "nft monitor" if event.kind is Kind.FILTER else f"ip monitor {event.kind}"
    return Changes(running, (event.node,), by)


def _file(running: RunningLab, event: Event) -> str:
    return running.run(event.node, ["stat", "-c", "%i %y %s", event.path]).output


def _senders(running: RunningLab, step: Step) -> list[str]:
    """The nodes that send packets on links of the lab whenever the check, which has just passed, is
    asked, and none by themselves: then it is the check that sends them."""
    nodes = {node.name for node in running.topology.nodes}
    for _ in range(_TRIES):
        before = _sent(running)
        evidence_of(step.check, running.attempt(step))
        after = _sent(running)
        nodes &= {node for node in nodes if after[node] != before[node]}
        if not nodes:
            return []
    return sorted(nodes - _talkative(running, nodes))


def _talkative(running: RunningLab, nodes: set[str]) -> set[str]:
    """The subset of the nodes that send packets although no check is asked."""
    found: set[str] = set()
    before, end = _sent(running), time.monotonic() + _BY_ITSELF
    while found != nodes and time.monotonic() < end:
        time.sleep(0.2)  # no event tells of a packet
        now = _sent(running)
        found |= {node for node in nodes if now[node] != before[node]}
    return found


def _sent(running: RunningLab) -> dict[str, int]:
    """Packets that each node has sent on the links of its lab."""
    ports: dict[str, list[str]] = {node.name: [] for node in running.topology.nodes}
    for port in running.topology.ports:
        ports[port.node].append(f"/sys/class/net/{port.name}/statistics/tx_packets")
    return {node: _sum(running, node, paths) for node, paths in ports.items()}


def _sum(running: RunningLab, node: str, paths: list[str]) -> int:
    """The sum of the counters; a port that the step has removed has no file."""
    numbers = running.run(node, ["cat", *paths]).output.split() if paths else []
    return sum(int(each) for each in numbers if each.isdigit())
