"""Usual mistakes and other right answers: a /64 for one machine."""

from labkernel import Mistake, Right
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
        Mistake(  # the one address that was named
            "ip -6 route add 2001:db8:2000:a::cafe/128 via 2001:db8:2000:5::10",
            says="expected every address of 2001:db8:2000:a::/64 to lead to pc",
            fix="ip -6 route flush 2001:db8:2000:a::cafe/128",
        ),
        Mistake(
            "ip -6 route add 2001:db8:2000:a::/65 via 2001:db8:2000:5::10",
            says="expected every address of 2001:db8:2000:a::/64 to lead to pc",
            fix="ip -6 route flush 2001:db8:2000:a::/65",
        ),
    ],
}

ALSO_RIGHT = {
    pd.anyip: [
        Right(  # by a nexthop object
            "ip -6 neigh flush dev lan0\nping -n -c 1 2001:db8:2000:5::10 > /dev/null\n"
            "ip nexthop replace id 10 via 2001:db8:2000:5::10 dev lan0\n"
            "ip -6 route replace 2001:db8:2000:a::/64 nhid 10",
            undo="ip -6 route flush 2001:db8:2000:a::/64\nip nexthop del id 10",
        ),
        Right(
            "ip -6 route add 2001:db8:2000:a::/65 via 2001:db8:2000:5::10\n"
            "ip -6 route add 2001:db8:2000:a:8000::/65 via 2001:db8:2000:5::10",
            undo="ip -6 route flush 2001:db8:2000:a::/65\n"
            "ip -6 route flush 2001:db8:2000:a:8000::/65",
        ),
    ],
}
