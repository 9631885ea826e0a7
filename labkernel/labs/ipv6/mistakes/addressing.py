"""Usual mistakes and other right answers: interface identifiers."""

from labkernel import Mistake
from labkernel.labs import ipv6

MISTAKES = {
    ipv6.hide: [
        Mistake("true", says="addr_gen_mode is 0 on eth0: identifiers are made by EUI-64"),
        Mistake(
            "sysctl -q -w net.ipv6.conf.eth0.addr_gen_mode=3",
            says="It was there before: flush it",
            fix="sysctl -q -w net.ipv6.conf.eth0.addr_gen_mode=0",
        ),
    ],
    ipv6.pass_by: [
        Mistake("true", says="use_tempaddr is 0 on eth0"),
        Mistake(
            "sysctl -q -w net.ipv6.conf.eth0.use_tempaddr=1",
            says="2: they are preferred",
            fix="sysctl -q -w net.ipv6.conf.eth0.use_tempaddr=0",
        ),
        Mistake(
            "sysctl -q -w net.ipv6.conf.eth0.use_tempaddr=2",
            says="They are made with a new address",
            fix="sysctl -q -w net.ipv6.conf.eth0.use_tempaddr=0",
        ),
    ],
}
