"""Usual mistakes and other right answers: addresses by DHCPv6."""

from labkernel import Mistake
from labkernel.labs import ipv6

MISTAKES = {
    ipv6.lease: [
        Mistake("true", says="A program must ask: dhcp6c"),
        Mistake(
            ipv6.lease.solution.replace("send ia-na 0;", ""),
            says="does not ask for an address",
        ),
        Mistake(
            f"{ipv6.lease.solution}\nip -6 address add 2001:db8::5/64 dev eth0",
            says="What it made itself stays until it expires",
        ),
    ],
    ipv6.unmanage: [
        Mistake("true", says="is announced without the A flag"),
    ],
}
