"""Usual mistakes and other right answers: the route to the delegated prefix."""

from labkernel import Mistake, Right
from labkernel.labs import prefix_delegation as pd

_NOT_ROUTED = "ip -6 route flush 2001:db8:1000::/60"


def via_cpe(prefix: str) -> str:
    """The route of the task by the CPE, for another prefix."""
    return (
        "cpe=$(ip -6 neigh show dev eth1 | awk '/^fe80/ { print $1; exit }')\n"
        f"ip -6 route replace {prefix} via $cpe dev eth1"
    )


MISTAKES = {
    pd.lead: [
        Mistake("true", says="the kernel was not told"),
        Mistake("ip -6 route add 2001:db8:1000::/60 dev eth1", says="no next hop", fix=_NOT_ROUTED),
        Mistake(
            "ip -6 route add 2001:db8:1000::/60 via fe80::bad dev eth1",
            says="its next hop is fe80::bad",
            fix=_NOT_ROUTED,
        ),
        Mistake(
            via_cpe("2001:db8:1000:5::/64"),
            says="one for 2001:db8:1000:5::/64 alone",
            fix="ip -6 route flush 2001:db8:1000:5::/64",
        ),
        Mistake(
            via_cpe("2001:db8:1000::/48"),
            says="other customers' prefixes",
            fix="ip -6 route flush 2001:db8:1000::/48",
        ),
        Mistake(
            "ip -6 route add 2001:db8:1000::/60 via 2001:db8:f::2",
            says="internet has it",
            on="internet",
            fix=_NOT_ROUTED,
        ),
        Mistake(  # the PC's subnet and one more
            f"{via_cpe('2001:db8:1000:5::/64')}\n{via_cpe('2001:db8:1000:8::/61')}",
            says="it has one for 2001:db8:1000:5::/64 and 2001:db8:1000:8::/61 alone",
            fix="ip -6 route flush 2001:db8:1000:5::/64\nip -6 route flush 2001:db8:1000:8::/61",
        ),
        Mistake(  # everything
            via_cpe("default"),
            says="goes to the CPE as well",
            fix="ip -6 route flush exact default",
            fix_first=True,
        ),
        Mistake(
            "ip -6 route add unreachable 2001:db8:1000::/60",
            says="its route is of type unreachable",
            fix="ip -6 route flush 2001:db8:1000::/60",
        ),
    ],
}

ALSO_RIGHT = {
    pd.lead: [
        Right(
            f"{via_cpe('2001:db8:1000::/61')}\n{via_cpe('2001:db8:1000:8::/61')}",
            undo="ip -6 route flush 2001:db8:1000::/61\nip -6 route flush 2001:db8:1000:8::/61",
        ),
        Right(  # by a nexthop object
            "ip nexthop replace id 60 via $(ip -6 neigh show dev eth1 | awk '/^fe80/ { print "
            "$1; exit }') "
            "dev eth1\nip -6 route replace 2001:db8:1000::/60 nhid 60",
            undo=f"{pd.lead.undo}\nip nexthop del id 60",
        ),
    ],
}
