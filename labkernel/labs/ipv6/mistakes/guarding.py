"""Usual mistakes and other right answers: the rogue router and its filters."""

from labkernel import Mistake
from labkernel.labs import ipv6

FILTER = ipv6.filter_port.solution

ROGUE = ipv6.rogue.run.splitlines()[-1]

MISTAKES = {
    ipv6.guard: [
        Mistake("true", says="it still hears laptop"),
        Mistake(
            "sysctl -q -w net.ipv6.conf.eth0.accept_ra=0",
            says="The router's advertisements are lost as well",
            fix="sysctl -q -w net.ipv6.conf.eth0.accept_ra=1",
            fix_first=True,
        ),
        Mistake(
            ipv6.guard.solution.replace("ip6 saddr != $(via medium) ", ""),
            says="it does not hear the router either",
        ),
        Mistake(
            ipv6.guard.solution.rsplit("\n", 1)[0],
            says="What it has learned already stays",
        ),
        Mistake(ipv6.rogue.undo, says="laptop announces no more", on="laptop", fix=ROGUE),
    ],
    ipv6.filter_port: [
        Mistake("true", says="The switch has no rules yet"),
        Mistake(ipv6.rogue.undo, says="filter its port", on="laptop", fix=ROGUE),
        Mistake(
            FILTER.replace("table bridge", "table inet"),
            says="no family but `bridge` sees them",
        ),
        Mistake(
            FILTER.replace("hook forward", "hook input"),
            says="input is for the switch itself",
        ),
        Mistake(
            FILTER.replace("iifname eth1", "iifname eth0"),
            says="the laptop's is eth1",
        ),
        Mistake(
            FILTER.replace("iifname eth1 ", ""),
            says="laptop does not hear the router any more",
        ),
        Mistake(
            FILTER.replace("icmpv6 type nd-router-advert", "ip6 version 6"),
            says="but laptop does not reach",
        ),
    ],
}
