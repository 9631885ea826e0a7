"""Usual mistakes and other right answers: a /64 for one machine."""

from labkernel import Mistake
from labkernel.labs import prefix_delegation as pd
from labkernel.labs.prefix_delegation.mistakes.hooking import via_cpe

MISTAKES = {
    pd.anyip: [
        Mistake("true", says="The CPE has no route to it"),
        Mistake(
            "ip -6 route add local 2001:db8:2000:a::/64 dev lo",
            says="it is the CPE that takes the packets",
            fix="ip -6 route del local 2001:db8:2000:a::/64 dev lo",
            fix_first=True,  # the table local is asked before the other
        ),
        Mistake(
            "ip -6 route add 2001:db8:2000:a::/64 dev lan0",
            says="no `via`",
            fix="ip -6 route flush 2001:db8:2000:a::/64",
        ),
        Mistake(
            via_cpe("2001:db8:2000:a::/64"),
            says="the route belongs on the CPE",
            on="isp",
            fix="ip -6 route flush 2001:db8:2000:a::/64",
        ),
    ],
}
