"""Checks of the prefix of the host."""

import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, file, looks_at, on
from labkernel.labs._dhcp6c import configuration
from labkernel.labs._kea import delegations
from labkernel.labs._tables import addresses, route_to, runs

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check


def told_to_delegate(prefix: str) -> "Check":
    """The file of the CPE's Kea names the prefix; whether Kea has read it is asked next."""

    @looks_at(file("cpe", "/etc/kea/kea-dhcp6.conf"))
    def look(attempt: "Attempt") -> str:
        expected = Expected("cpe", f"Kea to delegate from {prefix}")
        if prefix not in attempt.run("cpe", ["cat", "/etc/kea/kea-dhcp6.conf"]).output:
            raise CheckFailed(expected, "its file does not name it")
        return f"the file names {prefix}"

    return look


def asks(node: str) -> "Check":
    """A DHCPv6 client runs on a node, or has been: the CPE has delegated something."""

    @looks_at()
    def look(attempt: "Attempt") -> str:
        if not runs(attempt, node, "dhcp6c") and not delegations(attempt, "cpe"):
            hint = "Start it: `dhcp6c -p /run/dhcp6c.pid eth0`; `dhcp6c -f -D eth0` says more."
            raise CheckFailed(Expected(node, "dhcp6c to ask"), "it does not run", hint)
        return f"a client of DHCPv6 asks on {node}"

    return look


def delegated(prefix: str, own: str) -> "Check":
    """The host was delegated a prefix, the CPE leads it there, and lo has the host's address."""

    @looks_at(on("cpe", Kind.ROUTE), on("host", Kind.ADDRESS))
    def look(attempt: "Attempt") -> str:
        expected = Expected("host", f"{own} on lo, of the delegated {prefix}")
        entry = route_to(attempt, "cpe", prefix)
        if entry is None:
            raise CheckFailed(expected, "the CPE has delegated nothing", _not_asked(attempt))
        if prefix not in delegations(attempt, "cpe"):
            seen = f"there is a route to {prefix}, and Kea has not delegated it"
            raise CheckFailed(expected, seen, "Ask for it: a route by hand is no delegation.")
        found = [each.interface for each in addresses(attempt, "host", "lo")]
        have = [str(each.ip) for each in found if each.network.prefixlen in (64, 128)]
        if own not in have:
            seen = f"lo has {', '.join(map(str, found)) or 'none'}"
            raise CheckFailed(expected, seen, _other_network(attempt))
        return f"the CPE leads {prefix} to the host, which is {own}"

    return look


def _not_asked(attempt: "Attempt") -> str:
    text = configuration(attempt, "host")
    return (
        "" if "ia-pd" in text else "`interface eth0 { send ia-pd 0; };` asks; your file does not."
    )


def _other_network(attempt: "Attempt") -> str:
    text = configuration(attempt, "host")
    number, length = (re.search(rf"sla-{name}\s+(\d{{1,6}})", text) for name in ("id", "len"))
    if length and length[1] != "2":
        return f"62 + sla-len must be 64; yours is {62 + int(length[1])}."
    if number and number[1] != "3":
        return f"That is network number {number[1]}: see sla-id."
    if not re.search(r"prefix-interface\s+lo\b", text):
        return "prefix-interface says which interface gets an address: lo."
    return "ifid is the number in the network."
