"""IPv6 itself: addresses, advertisements, neighbours, and what a LAN needs besides.

From the training of June 2016: a pair of VirtualBox images, *router* and *client*, with exercises.
The modules are the lesson's parts; they are imported in its order, since a step takes its place
when it is declared.
"""

# isort: off
from labkernel.labs.ipv6.topology import INTERNET, ON_LAN, ROUTER, lab
from labkernel.labs.ipv6.advertising import (
    advertise,
    everybody,
    hide,
    internet,
    look,
    neighbour,
    own,
    pass_by,
    restore,
    silence,
    solicit,
    twice,
)
from labkernel.labs.ipv6.flagging import groups, offlink, onlink, redirected, renew, retire
from labkernel.labs.ipv6.stateless import answer, ask
from labkernel.labs.ipv6.managing import lease, manage, release, unmanage
from labkernel.labs.ipv6.forwarding import become, listen
from labkernel.labs.ipv6.naming import rdnss, resolver
from labkernel.labs.ipv6.filtering import careless, firewall, narrow, too_big
from labkernel.labs.ipv6.proxying import proxy, repository
from labkernel.labs.ipv6.selecting import prefer, printer
from labkernel.labs.ipv6.guarding import filter_port, guard, rogue
from labkernel.labs.ipv6.drilling import drill
# isort: on

__all__ = [
    "INTERNET",
    "ON_LAN",
    "ROUTER",
    "advertise",
    "answer",
    "ask",
    "become",
    "careless",
    "drill",
    "everybody",
    "filter_port",
    "firewall",
    "groups",
    "guard",
    "hide",
    "internet",
    "lab",
    "lease",
    "listen",
    "look",
    "manage",
    "narrow",
    "neighbour",
    "offlink",
    "onlink",
    "own",
    "pass_by",
    "prefer",
    "printer",
    "proxy",
    "rdnss",
    "redirected",
    "release",
    "renew",
    "repository",
    "resolver",
    "restore",
    "retire",
    "rogue",
    "silence",
    "solicit",
    "too_big",
    "twice",
    "unmanage",
]
