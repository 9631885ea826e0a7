"""Destination address selection (RFC 6724), and the C library's table."""

from labkernel.labs.ipv6.checks.selecting import as_it_comes, by_the_rfc
from labkernel.labs.ipv6.commands.selecting import PREFER, PRINTER, UNDO_PRINTER
from labkernel.labs.ipv6.topology import lab

printer = lab.step(
    "printer",
    "Give a printer's name a ULA and an IPv4 address",
    on="client",
    run=PRINTER,
    check=as_it_comes,
    undo=UNDO_PRINTER,
)

prefer = lab.task(
    "prefer",
    "Configure address selection as in RFC 6724",
    on="client",
    about="By RFC 6724 (2012), a ULA comes after IPv4, and all other IPv6 addresses before it. "
    "Have the client's C library choose like that.",
    solution=PREFER,
    check=by_the_rfc,
    undo=": > /etc/gai.conf",
    hint=[
        "The table that glibc's getaddrinfo uses can be written in /etc/gai.conf.",
        "In RFC 6724, section 2.1: ::ffff:0:0/96 (IPv4) has precedence 35, fc00::/7 has 3.",
        "One `precedence` line replaces the whole built-in table: write all of it.",
    ],
)
