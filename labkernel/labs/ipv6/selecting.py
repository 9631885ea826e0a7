"""Which of a name's addresses is tried first (RFC 6724), and what the C library makes of it."""

from typing import TYPE_CHECKING

from labkernel import CheckFailed, Expected
from labkernel.checks import file, looks_at
from labkernel.labs.ipv6.topology import ROUTER, lab

if TYPE_CHECKING:
    from labkernel import Attempt

_ULA, _IPV4 = "fd6b:1c2d:3e4f::1", "192.0.2.1"


def _order(attempt: "Attempt", name: str) -> list[str]:
    """The addresses of a name, in the order in which a program tries them."""
    listing = attempt.run("client", ["getent", "ahosts", name]).output.splitlines()
    return [line.split()[0] for line in listing if "STREAM" in line]


# a name that is not in /etc/hosts is asked for at the resolver
@looks_at(file("client", "/etc/hosts"), sends=True)
def _as_it_comes(attempt: "Attempt") -> str:
    found = _order(attempt, "printer.lab.example")
    if found != [_ULA, _IPV4]:
        expected = Expected("client", f"{_ULA} before {_IPV4} for printer.lab.example")
        raise CheckFailed(expected, f"it has {', '.join(found) or 'neither'}")
    return f"for printer.lab.example, the client tries {_ULA} first"


@looks_at(file("client", "/etc/gai.conf", "/etc/hosts"), sends=True)
def _by_the_rfc(attempt: "Attempt") -> str:
    expected = Expected("client", f"{_IPV4} before {_ULA}, and IPv6 before IPv4 elsewhere")
    local, other = _order(attempt, "printer.lab.example"), _order(attempt, "router.lab.example")
    if len(local) < 2 or len(other) < 2:
        hint = "Leave /etc/hosts as it was (the step before writes it): it's the order that counts."
        raise CheckFailed(expected, "a name has lost an address", hint)
    if local[0] == _ULA:
        raise CheckFailed(
            expected,
            f"{_ULA} comes first",
            "glibc has the table of RFC 3484 (2003): a ULA is as good as any IPv6 address there.",
        )
    if other[0] == _IPV4:
        raise CheckFailed(
            expected,
            f"IPv4 is now preferred to {ROUTER} as well",
            "Write the whole table of RFC 6724, section 2.1: one line replaces all of glibc's.",
        )
    return f"for printer.lab.example, the client tries {_IPV4} first; for others, IPv6"


printer = lab.step(
    "printer",
    "Name a printer that has a ULA and an IPv4 address",
    on="client",
    run=f"""\
ip -6 address replace fd6b:1c2d:3e4f::10/64 dev eth0 nodad
ip address replace 192.0.2.10/24 dev eth0
grep -v lab.example /etc/hosts > /tmp/hosts
cat /tmp/hosts - > /etc/hosts <<END
{_ULA} printer.lab.example
{_IPV4} printer.lab.example
{ROUTER} router.lab.example
{_IPV4} router.lab.example
END
getent ahosts printer.lab.example | sed -n 's/ *STREAM.*//p'""",
    check=_as_it_comes,
    undo="""\
grep -v lab.example /etc/hosts > /tmp/hosts
cat /tmp/hosts > /etc/hosts
ip address del 192.0.2.10/24 dev eth0
ip -6 address del fd6b:1c2d:3e4f::10/64 dev eth0""",
)

prefer = lab.task(
    "prefer",
    "Choose as RFC 6724 says",
    on="client",
    about="By RFC 6724 (2012), a ULA comes after IPv4, and all other IPv6 addresses before it. "
    "Have the client's C library choose like that.",
    solution="""\
cat > /etc/gai.conf <<END
precedence ::1/128       50
precedence ::/0          40
precedence ::ffff:0:0/96 35
precedence 2002::/16     30
precedence 2001::/32      5
precedence fc00::/7       3
precedence ::/96          1
END
getent ahosts printer.lab.example | sed -n 's/ *STREAM.*//p'""",
    check=_by_the_rfc,
    undo=": > /etc/gai.conf",
    hint=[
        "The table that glibc's getaddrinfo uses can be written in /etc/gai.conf.",
        "In RFC 6724, section 2.1: ::ffff:0:0/96 (IPv4) has precedence 35, fc00::/7 has 3.",
        "One `precedence` line replaces the whole built-in table: write all of it.",
    ],
)
