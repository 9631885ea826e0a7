"""Checks of the machine-id and the persistent address."""

import re
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
    if not server:
        raise CheckFailed(Expected("server", "a bond0"), "there is none")
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
    if not re.fullmatch("[0-9a-f]{32}", own):
        seen = f"its machine-id is “{own[:40]}”"
        raise CheckFailed(expected, seen, "It is 32 hexadecimal digits: machine-id(5).")
    mac = bond_of(attempt, "switch", expected).mac
    if mac == bond_of(attempt, "server", expected).mac:
        hint = "A bond keeps the address that it was made with, and udev the id that it has read."
        raise CheckFailed(expected, "bond0 has the server's address still", hint)
    if mac != (right := persistent_address(own, "bond0")):
        seen = f"bond0 has {mac}, and {right} is what follows from its machine-id"
        raise CheckFailed(expected, seen, "Have udev choose it: make bond0 again.")
    return f"the switch has a machine-id of its own, and its bond0 {mac}"


#: systemd's key of it, in src/udev/net/link-config.c
_KEY = bytes.fromhex("d31e48fa90fe4b4c9dafd5d7a1b12e8a")


def persistent_address(machine_id: str, name: str) -> str:
    """The MAC address that systemd gives a virtual interface (MACAddressPolicy=persistent): six
    octets of a hash of machine-id and name, of a local and individual address."""
    hashed = siphash24(_KEY, bytes.fromhex(machine_id) + name.encode()).to_bytes(8, "little")
    return bytes([hashed[0] & 0xFE | 2, *hashed[1:6]]).hex(":")


_WORD = (1 << 64) - 1


def siphash24(key: bytes, data: bytes) -> int:
    """The SipHash-2-4 of data, as in "SipHash: a fast short-input PRF" (2012); the standard library
    has it for dictionaries alone."""
    k0, k1 = (int.from_bytes(key[at : at + 8], "little") for at in (0, 8))
    start = (k0, k1, k0, k1)
    v = [k ^ c for k, c in zip(start, _CONSTANTS, strict=True)]
    padded = data + bytes(-(len(data) + 1) % 8) + bytes([len(data) & 255])
    for at in range(0, len(padded), 8):
        word = int.from_bytes(padded[at : at + 8], "little")
        v[3] ^= word
        v = _round(_round(v))
        v[0] ^= word
    v[2] ^= 255
    for _ in range(4):
        v = _round(v)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


_CONSTANTS = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)


def _round(v: list[int]) -> list[int]:
    a, b, c, d = v
    a = (a + b) & _WORD
    b = _rotated(b, 13) ^ a
    c = (c + d) & _WORD
    d = _rotated(d, 16) ^ c
    a = (_rotated(a, 32) + d) & _WORD
    d = _rotated(d, 21) ^ a
    c = (c + b) & _WORD
    b = _rotated(b, 17) ^ c
    return [a, b, _rotated(c, 32), d]


def _rotated(word: int, by: int) -> int:
    return (word << by | word >> (64 - by)) & _WORD


def _text(attempt: "Attempt", node: str, path: str) -> str:
    found = attempt.run(node, ["cat", path])
    return found.output.strip() if found.ok else ""
