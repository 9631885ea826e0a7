"""Usual mistakes and other right answers: the route to the delegated prefix."""

from labkernel import Mistake
from labkernel.labs import prefix_delegation as pd

_NOT_ROUTED = "ip -6 route flush 2001:db8:1000::/60"


def via_cpe(prefix: str) -> str:
    """The task's own route, for another prefix."""
    return pd.lead.run.replace("2001:db8:1000::/60", prefix)


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
    ],
}
