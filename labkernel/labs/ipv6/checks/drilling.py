"""Checks of the drill."""

from typing import TYPE_CHECKING

from labkernel import CheckFailed
from labkernel.labs._tables import gateways
from labkernel.labs.ipv6.checks import pings
from labkernel.labs.ipv6.topology import INTERNET, NAME

if TYPE_CHECKING:
    from labkernel import Attempt


def healthy(attempt: "Attempt") -> str:
    """Client and laptop reach the name, by default routes from advertisements."""
    expected = f"client and laptop to reach {NAME}"
    answer = attempt.run("client", ["timeout", "3", "getent", "ahostsv6", NAME]).output
    if INTERNET not in answer:
        raise CheckFailed(expected, "the client does not know the name")
    for node in ("client", "laptop"):
        if not pings(attempt, INTERNET, node=node):
            raise CheckFailed(expected, f"{node} gets no reply from {INTERNET}")
        if not gateways(attempt, node, "ra"):
            raise CheckFailed(expected, f"{node} has no default route by advertisement")
    return f"client and laptop reach {NAME}"
