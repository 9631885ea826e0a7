"""Checks of destination address selection."""

from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import file, looks_at
from labkernel.labs.ipv6.topology import PRINTER_IPV4, PRINTER_ULA, ROUTER

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
    """The client's C library orders addresses as RFC 6724 does."""
    expected = Expected(
        "client", f"{PRINTER_IPV4} before {PRINTER_ULA}, and IPv6 before IPv4 elsewhere"
    )
    local, other = _order(attempt, "printer.lab.example"), _order(attempt, "router.lab.example")
    if len(local) < 2 or len(other) < 2:
        hint = "Leave /etc/hosts as it was (the step before writes it): it's the order that counts."
        raise CheckFailed(expected, "a name has lost an address", hint)
    if local[0] == PRINTER_ULA:
        raise CheckFailed(
            expected,
            f"{PRINTER_ULA} comes first",
            "glibc has the table of RFC 3484 (2003): a ULA is as good as any IPv6 address there.",
        )
    if other[0] == PRINTER_IPV4:
        raise CheckFailed(
            expected,
            f"IPv4 is now preferred to {ROUTER} as well",
            "Write the whole table of RFC 6724, section 2.1: one line replaces all of glibc's.",
        )
    return f"for printer.lab.example, the client tries {PRINTER_IPV4} first; for others, IPv6"
