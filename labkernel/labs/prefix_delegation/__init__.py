"""Prefix delegation: a home router asks its ISP for a prefix, and uses it on its links (RFC 9915).

After a post on prefix delegation that was planned in 2016 and of which only the code exists:
``dhclient -6 -P``, forwarding=1 with accept_ra=2, and a hook.
The parts are imported in the lesson's order, since a step takes its place when it is declared.
"""

# isort: off
from labkernel.labs.prefix_delegation.topology import (
    ANYIP,
    DELEGATED,
    LAN,
    NEXT_DELEGATED,
    NEXT_LAN,
    NEXT_PC,
    NEXT_POOL,
    PC,
    POOL,
    lab,
)
from labkernel.labs.prefix_delegation.steps.advertising import announce, deaf, listen
from labkernel.labs.prefix_delegation.steps.delegating import ask, hand_out, serve
from labkernel.labs.prefix_delegation.steps.hooking import hook, lead, lost, renew
from labkernel.labs.prefix_delegation.steps.renumbering import flash, move, renumber
from labkernel.labs.prefix_delegation.steps.attaching import anyip, attach
from labkernel.labs.prefix_delegation.steps.dhclient import then
# isort: on

__all__ = [
    "ANYIP",
    "DELEGATED",
    "LAN",
    "NEXT_DELEGATED",
    "NEXT_LAN",
    "NEXT_PC",
    "NEXT_POOL",
    "PC",
    "POOL",
    "announce",
    "anyip",
    "ask",
    "attach",
    "deaf",
    "flash",
    "hand_out",
    "hook",
    "lab",
    "lead",
    "listen",
    "lost",
    "move",
    "renew",
    "renumber",
    "serve",
    "then",
]
