"""Checks of the given address."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, ip_json, looks_at, on
from labkernel.labs.bonding.checks.racing import member_address
from labkernel.labs.bonding.topology import GIVEN

if TYPE_CHECKING:
    from labkernel import Attempt

_WAITED = re.compile(r"^after sleep (\S+) bond0 is (\S+)$", re.MULTILINE)


@looks_at()
def waiting_helps_while_it_is_long_enough(attempt: "Attempt") -> str:
    """After a long sleep the file's first card gave its address, after a short one the quickest."""
    seen = dict(_WAITED.findall(attempt.output))
    for wait, member in (("4", "eth0"), ("0.5", "eth1")):
        if (mac := seen.get(wait)) != member_address(attempt, member):
            expected = f"bond0 with the MAC address of {member} after sleep {wait}"
            raise CheckFailed(expected, f"it had {mac or 'none'}")
    return "after 4 s bond0 had the address of eth0, after 0.5 s that of eth1, which was quicker"


_PORTS = ("eth0", "eth1", "eth2", "eth3")


@dataclass(frozen=True)
class Bond:
    """A node's bond0, as ``ip -d link`` shows it.

    :param missing: those of the four ports that are not its members, each with what comes first.
    :param own: those of them that have another address than it has.
    :param bridge: the bridge that it is a port of; empty if of none.
    """

    mac: str
    mode: str
    is_up: bool
    missing: dict[str, str]
    own: tuple[str, ...]
    bridge: str


def bond_of(attempt: "Attempt", node: str, expected: Expected) -> Bond:
    """The node's bond0.

    :raises CheckFailed: it has none.
    """
    found = ip_json(attempt, node, "-d", "link", "show")
    links = {str(link.get("ifname")): link for link in found}
    if "bond0" not in links:
        hint = "`ip link add bond0 type bond …` makes one."
        raise CheckFailed(expected, "there is no bond0", hint)
    bond, ports = links["bond0"], {port: links.get(port, {}) for port in _PORTS}
    data = (bond.get("linkinfo") or {}).get("info_data") or {}
    return Bond(
        mac=str(bond.get("address", "")),
        mode=str(data.get("mode", "none: it is no bond")),
        is_up="UP" in bond.get("flags", ()),
        missing={n: _lacks(n, port) for n, port in ports.items() if port.get("master") != "bond0"},
        own=tuple(name for name, port in ports.items() if port.get("address") != bond["address"]),
        bridge=str(bond.get("master", "")),
    )


def _lacks(name: str, port: dict[str, Any]) -> str:
    """The precondition of a port to become a member, a sentence."""
    if master := port.get("master"):
        return f"It is a port of {master}: `ip link set {name} nomaster` comes first."
    if "UP" in port.get("flags", ()):
        return f"A link that is up can't become one: `ip link set {name} down` comes first."
    return f"`ip link set {name} master bond0`."


def require_members(bond: Bond, expected: Expected) -> None:
    """Raise CheckFailed unless the bond has all four members and is up."""
    if bond.missing:
        port, hint = next(iter(bond.missing.items()))
        raise CheckFailed(expected, f"{port} is not a member of bond0", hint)
    if not bond.is_up:
        raise CheckFailed(expected, "bond0 is down", "`ip link set bond0 up`")


@looks_at(on("server", Kind.LINK))
def has_the_given_address(attempt: "Attempt") -> str:
    """The server's bond was given the chosen address, and did not take it from a member; all four
    links are its members, and have it as well."""
    expected = Expected("server", f"bond0 with {GIVEN} and four members")
    bond = bond_of(attempt, "server", expected)
    if bond.mac != GIVEN:
        of = next((port for port in _PORTS if bond.mac == member_address(attempt, port)), "")
        if of:
            setting = ["cat", "/sys/class/net/bond0/bonding/fail_over_mac"]
            hint = f"{of} came first, and nobody has given the bond an address: `address …`."
            if attempt.run("server", setting).output.startswith("active"):
                hint = "fail_over_mac is active: it takes the address of the member in use."
            raise CheckFailed(expected, f"bond0 has the address of {of}", hint)
        hint = "Which address have you given it, and have you made the bond again since?"
        raise CheckFailed(expected, f"bond0 has {bond.mac}", hint)
    require_members(bond, expected)
    # NET_ADDR_STOLEN in include/uapi/linux/netdevice.h
    if attempt.run("server", ["cat", "/sys/class/net/bond0/addr_assign_type"]).output == "2\n":
        seen = f"bond0 took {GIVEN} from its first member"
        raise CheckFailed(expected, seen, "Whoever comes first: give it to the bond, `address …`.")
    if bond.own:
        seen = f"{bond.own[0]} has another address"
        raise CheckFailed(expected, seen, "See fail_over_mac: `none` gives all of them the bond's.")
    return f"bond0 has {GIVEN}, and so has each of its four members"
