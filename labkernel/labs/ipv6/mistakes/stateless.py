"""Usual mistakes and other right answers: stateless DHCPv6."""

from labkernel import Mistake
from labkernel.labs import ipv6

KEA = ipv6.answer.solution

MISTAKES = {
    ipv6.answer: [
        Mistake("true", says="but no kea-dhcp6 runs on router"),
        Mistake(KEA.replace('"eth1"', '"eth0"'), says="but nobody answers"),
        Mistake(  # from a file of another name
            KEA.replace("2001:db8::1", "2001:db8::53").replace("stateless", "options"),
            says="but the reply has another",
        ),
        Mistake(
            KEA.replace(
                '"dns-servers", "data": "2001:db8::1"', '"domain-search", "data": "a.example"'
            ),
            says="but the reply has none",
        ),
    ],
}
