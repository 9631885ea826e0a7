"""What can change a check's answer, and whether it sends packets: said by the check, as data.

Who shows a task asks such a check again when the kernel of a node reports one of these events, and
not otherwise; a check that sends packets is not asked unasked: they would be in somebody's capture.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from labkernel.attempt import Check

C = TypeVar("C", bound="Callable[..., str]")


class Kind(StrEnum):
    """What a kernel reports; the values are objects of ip-monitor(8), but for the last two."""

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
    """Something that the kernel of a node reports.

    :param path: of a file.
    """

    node: str
    kind: Kind
    path: str = ""


@dataclass(frozen=True)
class Events:
    """What a check says of itself.

    :param change: the events after one of which its answer may be another.
    :param sends: whether asking it sends packets on a link of the lab.
    :param more: whether its answer depends on more, which no kernel reports: that a process runs,
        what a daemon answers.
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
        """Whether it is enough to ask it whenever one of its events is reported."""
        return bool(self.change) and not self.sends and not self.more


def on(node: str, *kinds: Kind) -> frozenset[Event]:
    """Events of a node."""
    return frozenset(Event(node, kind) for kind in kinds)


def file(node: str, *paths: str) -> frozenset[Event]:
    """Files of a node that are written, made or removed."""
    return frozenset(Event(node, Kind.FILE, path) for path in paths)


def looks_at(*change: Iterable[Event], sends: bool = False) -> Callable[[C], C]:
    """Have a check say what it depends on: a decorator.  Without events it depends on what no
    kernel reports.

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
    """What a check says of itself; of one that says nothing, that it may send packets."""
    said: object = getattr(check, "events", None)
    return said if isinstance(said, Events) else Events()


def like(*checks: "Check") -> Callable[[C], C]:
    """Have a check that is made of others say what they say together: a decorator."""
    first, *others = map(events_of, checks)
    for each in others:
        first |= each

    def mark(check: C) -> C:
        check.events = first  # type: ignore[attr-defined]
        return check

    return mark
