"""Usual mistakes and other right answers: names and resolvers."""

from labkernel import Mistake
from labkernel.labs import ipv6

BY_HAND = f"echo nameserver {ipv6.ROUTER} > /etc/resolv.conf"

MISTAKES = {
    ipv6.rdnss: [
        Mistake("true", says="no resolver is known"),
        Mistake(BY_HAND, says="was written by hand", fix=": > /etc/resolv.conf"),
        Mistake(
            "rdnssd -u root -r /run/elsewhere -H /bin/true -p /run/rdnssd.pid",
            says="Into which file does rdnssd write?",
        ),
        Mistake(  # without -p
            "rdnssd -u root -H /bin/true", says="Into which file does rdnssd write?"
        ),
    ],
}
