"""Checks of destination address selection."""

import random
from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import file, looks_at
from labkernel.labs.ipv6.topology import CLIENT_IPV4, CLIENT_ULA, PRINTER_IPV4, PRINTER_ULA, ROUTER

if TYPE_CHECKING:
    from labkernel import Attempt


def _order(attempt: "Attempt", name: str) -> list[str]:
    """The addresses of a name, in the order in which a program tries them."""
    listing = attempt.run("client", ["getent", "ahosts", name]).output.splitlines()
    return [line.split()[0] for line in listing if "STREAM" in line]


# a name that is not in /etc/hosts is asked for at the resolver
@looks_at(file("client", "/etc/hosts"), sends=True)
def as_it_comes(attempt: "Attempt") -> str:
    """The client's C library tries the printer's ULA before its IPv4 address."""
    found = _order(attempt, "printer.lab.example")
    if found != [PRINTER_ULA, PRINTER_IPV4]:
        expected = Expected(
            "client", f"{PRINTER_ULA} before {PRINTER_IPV4} for printer.lab.example"
        )
        raise CheckFailed(expected, f"it has {', '.join(found) or 'neither'}")
    return f"for printer.lab.example, the client tries {PRINTER_ULA} first"


@looks_at(file("client", "/etc/gai.conf", "/etc/hosts"), sends=True)
def by_the_rfc(attempt: "Attempt") -> str:
    """The client's C library orders addresses as RFC 6724 does: the printer's and the router's, and
    those of a ULA and of a global address that are chosen at random."""
    order = f"{PRINTER_IPV4} before {PRINTER_ULA}, and IPv6 before IPv4 elsewhere"
    expected = Expected("client", order)
    local, other = _order(attempt, "printer.lab.example"), _order(attempt, "router.lab.example")
    if len(local) < 2 or len(other) < 2:
        hint = "Leave /etc/hosts as it was (the step before writes it): it's the order that counts."
        raise CheckFailed(expected, "a name has lost an address", hint, permanent=True)
    _require_sources(attempt, expected)
    if local[0] == PRINTER_ULA:
        raise CheckFailed(
            expected,
            f"{PRINTER_ULA} comes first",
            "glibc has the table of RFC 3484 (2003): a ULA is as good as any IPv6 address there.",
            permanent=True,
        )
    if other[0] == PRINTER_IPV4:
        raise CheckFailed(
            expected,
            f"IPv4 is now preferred to {ROUTER} as well",
            "Write the whole table of RFC 6724, section 2.1: one line replaces all of glibc's.",
            permanent=True,
        )
    _require_any(attempt, expected)
    return f"for printer.lab.example, the client tries {PRINTER_IPV4} first; for others, IPv6"


def _require_sources(attempt: "Attempt", expected: Expected) -> None:
    """Raise CheckFailed unless the client has the addresses that it sends from to the printer."""
    for address in (CLIENT_ULA, CLIENT_IPV4):
        words = ["ip", "-o", "address", "show", "to", address]
        if not attempt.run("client", words).output.strip():
            raise CheckFailed(
                expected,
                f"client has no {address} any more",
                "Without an address of its kind a program can't reach the other at all; it is the "
                "table that must choose.",
                permanent=True,
            )


def _require_any(attempt: "Attempt", expected: Expected) -> None:
    """Raise CheckFailed unless addresses that nobody can foretell are ordered in the same way."""
    ula = f"fd{random.getrandbits(8):02x}:{random.getrandbits(16):x}::{random.getrandbits(16):x}"
    other = f"2001:db8:{random.getrandbits(16):x}::{random.getrandbits(16):x}"
    found = {address: _order_with(attempt, address) for address in (ula, other)}
    if found[ula][:1] == [ula]:
        seen, hint = f"of another ULA, {ula}, the ULA comes first", "fc00::/7 is all of them."
        raise CheckFailed(expected, seen, hint, permanent=True)
    if found[other][:1] == [PRINTER_IPV4]:
        seen = f"IPv4 is preferred to {other}"
        raise CheckFailed(expected, seen, "`precedence ::/0 40` is all other IPv6.", permanent=True)


# in a mount namespace of its own
_LOOK_UP = """\
hosts=$(mktemp)
printf '%s check.lab.example\\n' "$0" "$1" > $hosts
mount --bind $hosts /etc/hosts && getent ahosts check.lab.example
umount /etc/hosts
rm $hosts"""


def _order_with(attempt: "Attempt", address: str) -> list[str]:
    """The order of an address and an IPv4 address, by a file of hosts that only the check sees."""
    listing = attempt.run("client", ["unshare", "-m", "sh", "-c", _LOOK_UP, address, PRINTER_IPV4])
    lines = listing.output.splitlines()
    return [line.split()[0] for line in lines if "STREAM" in line]
