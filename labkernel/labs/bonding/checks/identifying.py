"""Checks of the machine-id and the persistent address."""

from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import Kind, file, looks_at, on
from labkernel.labs.bonding.checks.fixing import bond_of
from labkernel.labs.bonding.checks.racing import bond_address, member_address
from labkernel.labs.bonding.topology import DECLARED, GIVEN, PLANNED

if TYPE_CHECKING:
    from labkernel import Attempt


@looks_at(on("server", Kind.LINK))
def bond_has_an_address_of_its_own(attempt: "Attempt") -> str:
    """The bond has no member's address, though members came in another order."""
    mac = bond_address(attempt)
    for member in ("eth0", "eth1", "eth2", "eth3"):
        if mac == member_address(attempt, member):
            raise CheckFailed(
                Expected("server", "bond0 with an address of its own"), f"it has that of {member}"
            )
    if mac in (GIVEN, DECLARED, PLANNED):
        raise CheckFailed(Expected("server", "bond0 with an address by systemd"), f"it has {mac}")
    if not mac:
        raise CheckFailed(Expected("server", "a bond0"), "there is none")
    return f"bond0 has {mac}, which no member has"


@looks_at(on("server", Kind.LINK), on("switch", Kind.LINK))
def same_address(attempt: "Attempt") -> str:
    """Two machines with one machine-id give their bonds one address."""
    server, clone = bond_address(attempt), bond_address(attempt, "switch")
    if server != clone:
        raise CheckFailed(
            Expected("switch", f"bond0 with the server's {server}"), f"it has {clone or 'no bond0'}"
        )
    return f"both machines' bond0 has {clone}"


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
