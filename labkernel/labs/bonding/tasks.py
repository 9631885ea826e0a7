"""What the tasks must have done, and, from the machines as they are, why they have not."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, file, looks_at, on
from labkernel.labs.bonding.checks import member_address
from labkernel.labs.bonding.commands import GIVEN

if TYPE_CHECKING:
    from labkernel import Attempt

_PORTS = ("eth0", "eth1", "eth2", "eth3")


@dataclass(frozen=True)
class Bond:
    """A node's bond0, as ``ip -d link`` shows it.

    :param missing: those of the four ports that are not its members.
    :param bridge: whose port it is itself; empty if of none.
    """

    mac: str
    mode: str
    is_up: bool
    missing: tuple[str, ...]
    bridge: str


def bond_of(attempt: "Attempt", node: str, expected: Expected) -> Bond:
    """The node's bond0.

    :raises CheckFailed: it has none.
    """
    links = {
        link["ifname"]: link
        for link in json.loads(attempt.run(node, ["ip", "-j", "-d", "link", "show"]).output)
    }
    if "bond0" not in links:
        hint = "`ip link add bond0 type bond …` makes one."
        raise CheckFailed(expected, "there is no bond0", hint)
    bond = links["bond0"]
    return Bond(
        mac=bond["address"],
        mode=bond["linkinfo"]["info_data"]["mode"],
        is_up="UP" in bond["flags"],
        missing=tuple(port for port in _PORTS if links[port].get("master") != "bond0"),
        bridge=bond.get("master", ""),
    )


def _require_members(bond: Bond, expected: Expected) -> None:
    if bond.missing:
        port = bond.missing[0]
        hint = f"A link that is up can't become one: `ip link set {port} down` comes first."
        raise CheckFailed(expected, f"{port} is not a member of bond0", hint)
    if not bond.is_up:
        raise CheckFailed(expected, "bond0 is down", "`ip link set bond0 up`")


@looks_at(on("server", Kind.LINK))
def has_the_given_address(attempt: "Attempt") -> str:
    """The server's bond has the chosen address, and all four links are its members."""
    expected = Expected("server", f"bond0 with {GIVEN} and four members")
    bond = bond_of(attempt, "server", expected)
    if bond.mac != GIVEN:
        of = next((port for port in _PORTS if bond.mac == member_address(attempt, port)), "")
        if of:
            hint = f"{of} came first, and nobody has given the bond an address: `address …`."
            raise CheckFailed(expected, f"bond0 has the address of {of}", hint)
        hint = "Which address have you given it, and have you made the bond again since?"
        raise CheckFailed(expected, f"bond0 has {bond.mac}", hint)
    _require_members(bond, expected)
    return f"bond0 has {GIVEN}, and so has each of its four members"


@looks_at(file("switch", "/etc/machine-id"), on("switch", Kind.LINK))
def is_itself_again(attempt: "Attempt") -> str:
    """The clone has a machine-id that no other machine has, and its bond an address of it."""
    expected = Expected("switch", "a machine-id of its own, and a bond0 made since")
    own = _text(attempt, "switch", "/etc/machine-id")
    if not own:
        hint = "systemd-machine-id-setup writes one; until then the machine has none."
        raise CheckFailed(expected, "its machine-id is empty", hint)
    if own == _text(attempt, "server", "/etc/machine-id"):
        hint = "systemd-machine-id-setup keeps an id that is there: remove /etc/machine-id first."
        raise CheckFailed(expected, "its machine-id is the server's", hint)
    if own == _text(attempt, "server", "/run/machine-id"):
        hint = "The server has that one, too: /run/machine-id was copied as well. Remove both."
        raise CheckFailed(expected, "its machine-id came from /run/machine-id", hint)
    mac = bond_of(attempt, "switch", expected).mac
    if mac == bond_of(attempt, "server", expected).mac:
        hint = "A bond keeps the address that it was made with, and udev the id that it has read."
        raise CheckFailed(expected, "bond0 has the server's address still", hint)
    return f"the switch has a machine-id of its own, and its bond0 {mac}"


def _text(attempt: "Attempt", node: str, path: str) -> str:
    found = attempt.run(node, ["cat", path])
    return found.output.strip() if found.ok else ""


@looks_at(on("switch", Kind.LINK))
def aggregates(attempt: "Attempt") -> str:
    """The switch has a bond that speaks LACP, of all four ports, and it is a port of its bridge."""
    expected = Expected("switch", "its four ports as one port of lan, by LACP")
    bond = bond_of(attempt, "switch", expected)
    if bond.mode != "802.3ad":
        hint = "LACP is spoken in 802.3ad alone; a mode is chosen while there are no members."
        raise CheckFailed(expected, f"bond0 is in the mode {bond.mode}", hint)
    _require_members(bond, expected)
    if bond.bridge != "lan":
        hint = "Its members have left the bridge; the bond takes their place: `master lan`."
        raise CheckFailed(expected, "bond0 is not a port of lan", hint)
    return "the switch's four ports are one, by LACP"
