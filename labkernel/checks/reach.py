"""Checks that an address answers, with the reason if it does not."""

from typing import TYPE_CHECKING

from labkernel.checks.combine import eventually
from labkernel.checks.events import like, looks_at
from labkernel.checks.path import Path, follow, undiscovered
from labkernel.errors import CheckFailed, Expected

if TYPE_CHECKING:
    from labkernel.attempt import Attempt, Check


def pings(node: str, address: str, hint: str = "") -> "Check":
    """A node gets an echo reply from an address."""

    @looks_at(sends=True)
    def ping(attempt: "Attempt") -> str:
        if seen := _reply(attempt, node, address):
            return seen
        raise CheckFailed(_expected(node, address), *why_unreachable(attempt, node, address, hint))

    return ping


def reaches(node: str, address: str, hint: str = "", at: str = "", within: float = 5.0) -> "Check":
    """A node gets an echo reply from an address; repeated while it can still succeed.

    The check waits for a neighbour that may still answer; a missing route fails at once.

    :param at: the node that must have the address; any when empty.
    :param within: the maximum time, in seconds.
    """
    retried = eventually(pings(node, address, hint), within)

    @like(retried)
    def reach(attempt: "Attempt") -> str:
        seen = _reply(attempt, node, address)
        if not seen:
            there, back = _paths(attempt, node, address)
            fault = there if there.fault else back
            if fault.fault and fault.certain:
                raise CheckFailed(_expected(node, address), *_failure(fault, fault is back, hint))
            seen = retried(attempt)
        _require_taker(attempt, node, address, at)
        return seen

    return reach


def _require_taker(attempt: "Attempt", node: str, address: str, at: str) -> None:
    taker = follow(attempt, node, address).nodes[-1] if at else ""
    if taker != at:
        raise CheckFailed(
            Expected(node, f"an echo reply from {address} on {at}"),
            f"it is {taker} that answers",
            f"Who may have {address}? See `ip route get {address}` on {taker}.",
        )


def _reply(attempt: "Attempt", node: str, address: str) -> str:
    result = attempt.run(node, ["ping", "-n", "-c", "1", "-W", "1", address])
    return f"{node} got an echo reply from {address}" if result.ok else ""


def _expected(node: str, address: str) -> Expected:
    return Expected(node, f"an echo reply from {address}")


def why_unreachable(attempt: "Attempt", node: str, address: str, hint: str = "") -> tuple[str, str]:
    """The reason why an address does not answer, from the tables of the nodes on the path.

    :returns: what is seen (a clause), and what to try (a sentence).
    """
    there, back = _paths(attempt, node, address)
    if there.fault:
        return _failure(there, False, hint)
    if back.fault:
        return _failure(back, True, hint)
    if lost := undiscovered(attempt, there) or undiscovered(attempt, back):
        hint = "Its owner has that address: does a filter drop Neighbor Discovery?"
        return f"got none: {lost}", hint
    way = " → ".join(there.nodes)
    return (
        f"got none, though by the tables it goes {way} and comes back",
        hint or "Follow it with tcpdump, node by node. Is there a filter? Is the other end up?",
    )


def _paths(attempt: "Attempt", node: str, address: str) -> tuple[Path, Path]:
    """The request's path, and the reply's, which is meaningful if the request arrives."""
    there = follow(attempt, node, address)
    if there.fault or not there.source or there.nodes[-1] == node:
        return there, Path(())
    back = follow(attempt, there.nodes[-1], there.source)
    if not back.fault and back.nodes[-1] != node:
        keeper = back.nodes[-1]
        return there, Path(back.nodes, fault=f"{keeper} takes it for itself", hint=_keeps(keeper))
    return there, back


def _keeps(keeper: str) -> str:
    return f"The table local of {keeper} covers an address that is not its own: narrow it."


def _failure(path: Path, is_reply: bool, hint: str) -> tuple[str, str]:
    before = "got none: the request arrives, but the reply does not come back: " if is_reply else ""
    return f"{before or 'got none: '}{path.fault}", hint or path.hint
