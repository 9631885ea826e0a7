"""AnyIP: answer on a whole IPv6 subnet without configuring its addresses.

From "AnyIP: Bind a whole subnet to your Linux machine" (2016), which says: one route of type local,
and every address of a prefix is the machine's own.  True; but for a prefix on the link, IPv6 needs
more than that.
The parts are imported in the lesson's order, since a step takes its place when it is declared.
"""

# isort: off
from labkernel.labs.anyip.topology import ON_LINK, ON_LINK4, ROUTED, ROUTED4, lab
from labkernel.labs.anyip.steps.routing import (
    attach,
    four,
    ipv4,
    lead,
    nobody,
    random_ping,
    random_web,
    web,
    why,
)
from labkernel.labs.anyip.steps.proxying import arp, half, ndp, ndppd, proxy, repair, swallow
from labkernel.labs.anyip.steps.binding import bind, freebind
from labkernel.labs.anyip.steps.hosting import measure, sites, thousand
# isort: on

__all__ = [
    "ON_LINK",
    "ON_LINK4",
    "ROUTED",
    "ROUTED4",
    "arp",
    "attach",
    "bind",
    "four",
    "freebind",
    "half",
    "ipv4",
    "lab",
    "lead",
    "measure",
    "ndp",
    "ndppd",
    "nobody",
    "proxy",
    "random_ping",
    "random_web",
    "repair",
    "sites",
    "swallow",
    "thousand",
    "web",
    "why",
]
