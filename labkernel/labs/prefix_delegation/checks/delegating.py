"""Checks of the delegated prefix."""

import ipaddress
import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, both, eventually, looks_at, on
from labkernel.labs._advertised import solicited
from labkernel.labs._dhcp6c import configuration
from labkernel.labs._kea import SERVER, delegations
from labkernel.labs._tables import addresses, gateways, require_daemon, require_interface, runs

if TYPE_CHECKING:
    from labkernel import Attempt
    from labkernel.attempt import Check
    from labkernel.labs._advertised import Advertisement

#: the programs of the image that ask for a prefix
_CLIENTS = ("dhcp6c", "dhclient")


def has_address(node: str, prefix: str) -> "Check":
    """The node has an address of the prefix and a default route, both by the CPE's
    advertisements."""
    net = ipaddress.IPv6Network(prefix)

    @looks_at(sends=True)
    def announces(attempt: "Attempt") -> str:
        expected = Expected("cpe", f"it to announce {prefix} on lan0")
        found = advertised(attempt, node, expected)
        about = found.prefix(net)
        if not about:
            raise CheckFailed(expected, *_other_prefix(net, found))
        if not about.autonomous:
            seen = "it is announced without the A flag"
            raise CheckFailed(expected, seen, "AdvAutonomous on: a PC may make an address of it.")
        if found.lifetime == 0:
            seen = "its advertisement has a router lifetime of 0"
            raise CheckFailed(expected, seen, "0 is no default router: see AdvDefaultLifetime.")
        return f"cpe announces {prefix}"

    @looks_at(on(node, Kind.ADDRESS, Kind.ROUTE))
    def has(attempt: "Attempt") -> str:
        own = [each for each in addresses(attempt, node, "eth0") if each.ip in net]
        made = [each for each in own if each.by_advertisement]
        usable = [each for each in made if not each.tentative and not each.dadfailed]
        expected = Expected(node, f"an address of {prefix} and a default route by advertisement")
        if not usable:
            seen = "the address is not usable yet" if made else "it has none"
            raise CheckFailed(expected, seen, "`ip -6 address` on it shows more.")
        if not gateways(attempt, node, "ra"):
            raise CheckFailed(expected, "it has no default route", "`ip -6 route` on it.")
        return f"{node} has made itself {usable[0].interface}"

    return both(announces, eventually(has, on=node))


def advertised(attempt: "Attempt", node: str, expected: Expected) -> "Advertisement":
    """The advertisement that the PC gets.

    :raises CheckFailed: no router answers it.
    """
    require_interface(attempt, node, "eth0", expected)
    require_interface(attempt, "cpe", "lan0", expected)
    found = solicited(attempt, node, "eth0", tries=1, wait=1000)
    if found:
        return found
    if not runs(attempt, "cpe", "radvd"):
        hint = "Start it: `radvd --pidfile /run/radvd.pid`; `radvd --configtest` reads the file."
        raise CheckFailed(expected, "radvd does not run", hint)
    require_daemon(attempt, "cpe", "radvd", expected, "")
    hint = "In /etc/radvd.conf: is the interface lan0, and AdvSendAdvert on?"
    raise CheckFailed(expected, "nobody answers the PC's solicitation", hint)


def _other_prefix(net: ipaddress.IPv6Network, found: "Advertisement") -> tuple[str, str]:
    """The prefix that is advertised instead, and a hint."""
    if not found.prefixes:
        return "the advertisement has no prefix", "Add `prefix … { };` to the interface."
    other = found.prefixes[0].net
    seen = f"it announces {other}"
    if other.prefixlen != 64:
        return seen, "A PC makes an address of a /64 and nothing else (RFC 4862): take lan0's."
    if net.supernet(new_prefix=60).supernet_of(other):
        return seen, "It is delegated, but not the one of lan0: packets for it find no PC."
    return seen, "That prefix was not delegated: no reply would find its way back."


def delegated(prefix: str, lan: str) -> "Check":
    """Kea has delegated a prefix, and the CPE's LAN has an address in a /64 of it, by whatever
    client."""
    net, whole = ipaddress.IPv6Network(lan), ipaddress.IPv6Network(prefix)
    right = ipaddress.IPv6Interface(f"{net[1]}/64")

    @looks_at(on("cpe", Kind.ADDRESS))
    def look(attempt: "Attempt") -> str:
        expected = Expected("cpe", f"{right} on lan0, of the delegated {prefix}")
        for interface in ("wan0", "lan0"):
            require_interface(attempt, "cpe", interface, expected)
        found = [each.interface for each in addresses(attempt, "cpe", "lan0")]
        inside = [each for each in found if each.ip in whole]
        if right in inside:
            _require_delegation(attempt, expected, right, prefix)
            return f"lan0 of cpe has {right}, of the delegated {prefix}"
        if not any(runs(attempt, "cpe", client) for client in _CLIENTS):
            raise CheckFailed(
                expected, "dhcp6c does not run", _not_started(attempt), permanent=True
            )
        if not inside:
            seen = f"it has {', '.join(map(str, found)) or 'none'}"
            hint, permanent = _outside(attempt, bool(found)) or _without_prefix(attempt)
            raise CheckFailed(expected, seen, hint, permanent=permanent)
        seen, hint = f"it has {inside[0]}", _misplaced(inside[0], right)
        raise CheckFailed(expected, seen, hint, permanent=True)

    return look


def _require_delegation(
    attempt: "Attempt", expected: Expected, right: ipaddress.IPv6Interface, prefix: str
) -> None:
    """Raise CheckFailed unless Kea has delegated the prefix."""
    require_daemon(attempt, "isp", SERVER, expected, "See the step with the server.")
    given = delegations(attempt)
    if prefix not in given:
        names = " and ".join(sorted(given)) or "nothing"
        raise CheckFailed(
            expected,
            f"lan0 has {right.ip}, and Kea has delegated {names}",
            "The ISP knows nothing of an address that was added by hand: ask for the prefix.",
        )


def _misplaced(seen: ipaddress.IPv6Interface, right: ipaddress.IPv6Interface) -> str:
    """The difference between an address of the delegated prefix and the right one."""
    length = seen.network.prefixlen
    if length != 64:
        return (
            f"Its length is 60 + sla-len = {length}, and no address can be autoconfigured but in "
            "a /64: sla-len is the number of bits between the two."
        )
    if seen.network != right.network:
        number = int(seen.network.network_address) >> 64 & 0xF
        return f"It is in the subnet number {number}: sla-id says which (in decimal)."
    return "The subnet is right; ifid is the number of the address in it."


def _outside(attempt: "Attempt", has_any: bool) -> tuple[str, bool] | None:
    """The reason for an address outside of the delegated prefix, if dhcp6c's file tells it."""
    number = re.search(r"sla-id\s+(\d{1,9})", configuration(attempt, "cpe"))
    if has_any and number and int(number[1]) > 15:
        return f"sla-id is {number[1]}, and a /60 has the subnets 0 to 15: four bits.", True
    return None


def _without_prefix(attempt: "Attempt") -> tuple[str, bool]:
    """The reason why there is no prefix, and whether it is permanent."""
    if not runs(attempt, "isp", SERVER):
        return "Kea does not run on the ISP: see the step with the server.", True
    if not runs(attempt, "cpe", "dhcp6c"):
        return "A client runs; which address has it given lan0?", False
    conf = configuration(attempt, "cpe")
    if "ia-pd" not in conf:
        return "`send ia-pd 0;` asks for a prefix; your file does not.", True
    if "prefix-interface" not in conf:
        return "`prefix-interface lan0 { … }` says where to put it; your file does not.", True
    hint = "Is it wan0 that asks? `dhcp6c -f -D wan0` stays in the foreground and tells it."
    return hint, False


def _not_started(attempt: "Attempt") -> str:
    """The reason why the client does not run, from its file."""
    conf = configuration(attempt, "cpe")
    for number in re.findall(r"ia-pd\s+(\d+)", conf):
        if not re.search(rf"id-assoc\s+pd\s+{number}\b", conf):
            return f"It sends ia-pd {number}, and id-assoc pd {number} is missing from its file."
    return "Start it: `dhcp6c -p /run/dhcp6c.pid wan0`. With -f -D it tells what is wrong."
