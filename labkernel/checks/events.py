"""The events that can change a check's result, and whether it sends packets: declared by the check.

The card of a task runs such a check again when the kernel of a node reports one of these events,
and only then.  A check that sends packets is not run by itself: they would be in a capture.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from labkernel.attempt import Check

C = TypeVar("C", bound="Callable[..., str]")


class Kind(StrEnum):
    """The kinds of events; the values are objects of ip-monitor(8), except for the last two."""

    LINK = "link"
    ADDRESS = "address"
    ROUTE = "route"
    NEIGHBOUR = "neigh"
    RULE = "rule"
    #: settings of interfaces: forwarding, proxy_ndp and some others
    SETTING = "netconf"
    #: nftables, also where ip6tables wrote it (nft(8), monitor)
    FILTER = "nft"
    #: a file was written, made or removed (inotify(7))
    FILE = "file"


@dataclass(frozen=True)
class Event:
    """An event that the kernel of a node reports.

    :param path: the file, for :attr:`Kind.FILE`.
    """

    node: str
    kind: Kind
    path: str = ""


@dataclass(frozen=True)
class Events:
    """The declaration of a check's dependencies.

    :param change: the events that can change its result.
    :param sends: whether it sends packets on a link of the lab.
    :param more: whether its result also depends on conditions that no kernel reports: a process, a
        daemon's answer.
    """

    change: frozenset[Event] = frozenset()
    sends: bool = True
    more: bool = True

    def __or__(self, other: "Events") -> "Events":
        return Events(
            self.change | other.change, self.sends or other.sends, self.more or other.more
        )

    @property
    def quiet(self) -> bool:
        """It needs to run only when one of its events is reported."""
        return bool(self.change) and not self.sends and not self.more


def on(node: str, *kinds: Kind) -> frozenset[Event]:
    """Events of a node."""
    return frozenset(Event(node, kind) for kind in kinds)


def file(node: str, *paths: str) -> frozenset[Event]:
    """Files of a node that are written, made or removed."""
    return frozenset(Event(node, Kind.FILE, path) for path in paths)


def looks_at(*change: Iterable[Event], sends: bool = False) -> Callable[[C], C]:
    """Declare a check's dependencies: a decorator.  Without events, it depends on conditions that
    no kernel reports.

    ::

        @looks_at(on("server", Kind.ROUTE))
        def look(attempt): ...
    """
    named = frozenset[Event]().union(*change)
    events = Events(named, sends, more=not named)

    def mark(check: C) -> C:
        check.events = events  # type: ignore[attr-defined]
        return check

    return mark


def events_of(check: "Check") -> Events:
    """The declared events of a check; a check without any is taken to send packets."""
    declared: object = getattr(check, "events", None)
    return declared if isinstance(declared, Events) else Events()


def like(*checks: "Check") -> Callable[[C], C]:
    """Give a check the dependencies of other checks, from which it is made: a decorator."""
    first, *others = map(events_of, checks)
    for each in others:
        first |= each

    def mark(check: C) -> C:
        check.events = first  # type: ignore[attr-defined]
        return check

    return mark
