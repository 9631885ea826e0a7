"""The proof of what a check says of itself: which events can change its answer, what it sends."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from labkernel.checks.changes import Changes
from labkernel.checks.events import Event, Kind, events_of
from labkernel.command import Result
from labkernel.evaluation import evidence_of
from labkernel.proving.holding import NotProved
from labkernel.running import RunningLab
from labkernel.steps import Step

#: seconds in which a kernel has reported what a step did
_REPORTED = 10.0
#: programs that send packets whenever they are run
_SENDS = re.compile(
    r"(?:^|[\s;|&(])(ping|ping6|fping|curl|wget|rdisc6|ndisc6|traceroute6?|dig|host|nslookup|ssh|nc|"
    r"ncat|arping|openssl s_client|ceph|rados|rbd|random-ping)(?:\s|$)"
)


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
    if not events.sends and (sent := _sending(running, step)):
        raise NotProved(f'the check of "{step.title}" says that it sends nothing: `{sent}`')


def _watch(running: RunningLab, event: Event) -> Changes:
    by = "nft monitor" if event.kind is Kind.FILTER else f"ip monitor {event.kind}"
    return Changes(running, (event.node,), by)


def _file(running: RunningLab, event: Event) -> str:
    return running.run(event.node, ["stat", "-c", "%i %y %s", event.path]).output


class _Listening:
    """An attempt that notes the commands which a check runs."""

    def __init__(self, attempt: Any) -> None:
        self._attempt = attempt
        self.ran: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._attempt, name)

    def run(self, node: str, command: Any, *more: Any, **options: Any) -> Result:
        self.ran.append(command if isinstance(command, str) else " ".join(command))
        result: Result = self._attempt.run(node, command, *more, **options)
        return result


def _sending(running: RunningLab, step: Step) -> str:
    """A command of the check, which has just passed, that sends packets; empty if none does."""
    attempt: Any = _Listening(running.attempt(step))
    evidence_of(step.check, attempt)
    return next((each for each in attempt.ran if _SENDS.search(each)), "")
