"""Checks of a socket bound to one address."""

from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import follow, listens, looks_at
from labkernel.labs._tables import has_address

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


def bound(node: str, address: str, port: int, client: str) -> "Check":
    """A process listens on one address that no interface has, and serves the client."""
    listening = listens(node, port, at=address)

    @looks_at(sends=True)
    def look(attempt: "Attempt") -> str:
        expected = Expected(node, f"a server on {address} port {port}")
        if has_address(attempt, node, address):
            raise CheckFailed(
                expected,
                "now an interface has the address",
                f"That works, and for a million addresses? Delete it (`ip -6 address del {address}"
                "/… dev …`) and let the bind be free.",
            )
        try:
            seen = listening(attempt)
        except CheckFailed as failure:
            hint = "On [::] or * it listens on every address; bind it to the one."
            there_is_one = "listens on" in failure.seen
            raise CheckFailed(
                failure.expected, failure.seen, hint if there_is_one else failure.hint
            ) from None
        page = attempt.run(
            client, ["curl", "-s", "-g", "--max-time", "5", f"http://[{address}]:{port}/"]
        )
        if not page.ok:
            way = follow(attempt, client, address)
            raise CheckFailed(expected, f"{client} gets no page: {way.fault or 'no answer'}")
        return f"{seen}, and {client} got its page"

    return look
