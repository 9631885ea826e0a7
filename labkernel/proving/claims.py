"""The proof of what a check says of itself: which events can change its answer, what it sends."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager

from labkernel.checks.events import Event, Kind, events_of
from labkernel.checks.reports import Reports
from labkernel.evaluation import evidence_of
from labkernel.proving.holding import NotProved
from labkernel.running import RunningLab
from labkernel.steps import Step

#: seconds in which a kernel has reported what a step did
_REPORTED = 10.0
#: how often a check is looked at, and in how many of the times between a node is silent if the
#: packets are the check's: in all twelve looks, and in three times between at most, daemons send
#: by chance once in 20,000, however often they do; a new link's own packets (MLD, Router
#: Solicitations) fall into one or two
_LOOKS, _SILENT = 12, 9


@contextmanager
def of(running: RunningLab, step: Step) -> Iterator[None]:
    """Have the step done in here.

    :raises NotProved: none of the events that its check names came, or the check sends packets
        and says that it does not.
    """
    events = events_of(step.check)
    reported = [each for each in events.change if each.kind is not Kind.FILE]
    files = {each: _file(running, each) for each in events.change if each.kind is Kind.FILE}
    seen = threading.Event()
    with closing(Reports(running, reported, lambda _event: seen.set())) as reports:
        reports.await_begin()
        yield
        came = any(_file(running, each) != before for each, before in files.items())
        came = came or (bool(reported) and seen.wait(_REPORTED))
    if events.change and not came:
        raise NotProved(f'none of the events came that the check of "{step.title}" names')
    if not events.sends and (senders := _senders(running, step)):
        raise NotProved(
            f'the check of "{step.title}" says that it sends nothing, and each time that it is '
            f"asked packets leave {', '.join(senders)}"
        )


def _file(running: RunningLab, event: Event) -> str:
    return running.run(event.node, ["stat", "-c", "%i %y %s", event.path]).output


def _senders(running: RunningLab, step: Step) -> list[str]:
    """The nodes that send packets on links of the lab whenever the check, which has just passed, is
    asked, and are silent between: then it is the check that sends them."""
    nodes = {node.name for node in running.topology.nodes}
    silent = Counter[str]()
    for _ in range(_LOOKS):
        started, before = time.monotonic(), _sent(running)
        evidence_of(step.check, running.attempt(step))
        took, after = time.monotonic() - started, _sent(running)
        nodes &= {node for node in nodes if after[node] != before[node]}
        if not nodes:
            return []
        # not awaited: nothing is to happen in it; never as long as the last, since daemons that
        # send at regular times would always do so while the check is asked
        time.sleep(took * random.uniform(1, 2))
        later = _sent(running)
        silent.update(node for node in nodes if later[node] == after[node])
    return sorted(node for node in nodes if silent[node] >= _SILENT)


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
