"""Checks of link aggregation."""

import re
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, looks_at, on
from labkernel.labs.bonding.checks.failing_over import packets_lost
from labkernel.labs.bonding.checks.fixing import bond_of, require_members
from labkernel.labs.bonding.checks.racing import bond_address
from labkernel.packets import LACP

if TYPE_CHECKING:
    from labkernel import Attempt


@looks_at()
def went_on_by_one(attempt: "Attempt") -> str:
    """The bond lost three of four ports, and most replies came back by the last one."""
    lost = packets_lost(attempt, 400)
    seen = re.findall(r"^bond0 has (\d) ports?$", attempt.output, re.MULTILINE)
    if seen != ["1", "4"]:
        what = f"saw {' and '.join(seen) or 'none'}"
        raise CheckFailed("1 port while three are pulled, and 4 after that", what)
    return f"bond0 went on by one port, and has four again; packets lost: {lost} of 400"


@looks_at(on("server", Kind.LINK))
def aggregated(attempt: "Attempt") -> str:
    """Both ends have understood each other: the partner is the switch, and frames said so."""
    mode = attempt.run("server", ["cat", "/sys/class/net/bond0/bonding/mode"]).output.strip()
    if not mode.startswith("802.3ad"):
        seen = f"it is {mode or 'not there'}"
        raise CheckFailed(Expected("server", "bond0 in the mode 802.3ad"), seen, permanent=True)
    switch = bond_address(attempt, "switch")
    partner = attempt.run(
        "server", ["cat", "/sys/class/net/bond0/bonding/ad_partner_mac"]
    ).output.strip()
    if partner != switch:
        raise CheckFailed(
            Expected("server", f"{switch} as its partner"), f"it has {partner or 'none'}"
        )
    for packet in attempt.packets:
        message = packet.message
        if isinstance(message, LACP) and "distributing" in message.actor.states:
            return f"the partner is the switch ({switch}), and LACP says so"
    raise CheckFailed("a LACPDU with the state distributing", "there is none yet")


@looks_at(on("switch", Kind.LINK))
def aggregates(attempt: "Attempt") -> str:
    """The switch has a bond that speaks LACP, of all four ports, and it is a port of its bridge."""
    expected = Expected("switch", "its four ports as one port of lan, by LACP")
    bond = bond_of(attempt, "switch", expected)
    if bond.mode != "802.3ad":
        hint = "LACP is spoken in 802.3ad alone; a mode is chosen while there are no members."
        raise CheckFailed(expected, f"bond0 is in the mode {bond.mode}", hint)
    require_members(bond, expected)
    if bond.bridge != "lan":
        hint = "Its members have left the bridge; the bond takes their place: `master lan`."
        raise CheckFailed(expected, "bond0 is not a port of lan", hint)
    return "the switch's four ports are one, by LACP"
