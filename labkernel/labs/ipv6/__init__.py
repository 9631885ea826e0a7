"""IPv6 itself: addresses, advertisements, neighbours, and what a LAN needs besides.

From the training of June 2016: a pair of VirtualBox images, *router* and *client*, with exercises.
The parts are imported in the lesson's order, since a step takes its place when it is declared.
"""

# isort: off
from labkernel.labs.ipv6.topology import INTERNET, ON_LAN, ROUTER, lab
from labkernel.labs.ipv6.steps.advertising import advertise, everybody, internet, look, solicit
from labkernel.labs.ipv6.steps.addressing import hide, pass_by
from labkernel.labs.ipv6.steps.neighbours import neighbour, own, twice
from labkernel.labs.ipv6.steps.default_router import restore, silence
from labkernel.labs.ipv6.steps.flagging import groups, offlink, onlink, redirected, renew, retire
from labkernel.labs.ipv6.steps.stateless import answer, ask
from labkernel.labs.ipv6.steps.managing import lease, manage, release, unmanage
from labkernel.labs.ipv6.steps.forwarding import become, listen
from labkernel.labs.ipv6.steps.naming import rdnss, resolver
from labkernel.labs.ipv6.steps.filtering import careless, firewall, narrow, too_big
from labkernel.labs.ipv6.steps.proxying import proxy, repository
from labkernel.labs.ipv6.steps.selecting import prefer, printer
from labkernel.labs.ipv6.steps.guarding import filter_port, guard, rogue
from labkernel.labs.ipv6.steps.drilling import drill
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
