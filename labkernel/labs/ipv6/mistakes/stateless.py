"""Usual mistakes and other right answers: stateless DHCPv6."""

from labkernel import Mistake, Right
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
        Mistake(  # it leases addresses as well
            KEA.replace(
                '"option-data"',
                '"subnet6": [ { "id": 1, "subnet": "2001:db8::/64", "interface": "eth1", '
                '"pools": [ { "pool": "2001:db8::2000-2001:db8::2fff" } ] } ], "option-data"',
            ),
            says="Kea offers addresses as well: 2001:db8::2",
        ),
        Mistake(  # begins like the right one
            KEA.replace('"data": "2001:db8::1"', '"data": "2001:db8::1f"'),
            says="but the reply has another, 2001:db8::1f",
        ),
        Mistake(
            f"{KEA}\nuntil ss -Hlun 'sport = :547' | grep -q .; do sleep 0.05; done\n"
            f"pkill -STOP kea-dhcp6",
            says="kea-dhcp6 on router is stopped by a signal",
            fix="pkill -CONT kea-dhcp6; true",
            fix_first=True,
        ),
    ],
}

ALSO_RIGHT = {
    ipv6.answer: [
        Right(KEA.replace('"name": "dns-servers"', '"code": 23')),
        Right(  # of a subnet, without pools
            KEA.replace(
                '"option-data": [ { "name": "dns-servers", "data": "2001:db8::1" } ]',
                '"subnet6": [ { "id": 7, "subnet": "2001:db8::/64", "interface": "eth1", '
                '"option-data": [ { "name": "dns-servers", '
                '"data": "2001:db8::1, 2001:db8::2" } ] } ]',
            ),
        ),
    ],
}
