"""Docker with a delegated prefix: containers that the world reaches, without NAT.

After the code for the post on prefix delegation of 2016, whose hook gives Docker a part of the
prefix that the machine was delegated, and restarts the engine when it changes.
The parts are imported in the lesson's order, since a step takes its place when it is declared.
"""

# isort: off
from labkernel.labs.docker_prefix_delegation.topology import (
    DELEGATED,
    DOCKERS,
    NEAR,
    NEARER,
    NEXT_DELEGATED,
    NEXT_DOCKERS,
    NEXT_WEB,
    OWN,
    SERVER,
    WEB,
    lab,
)
from labkernel.labs.docker_prefix_delegation.steps.delegating import ask, serve
from labkernel.labs.docker_prefix_delegation.steps.giving import give, reach, run, seen
from labkernel.labs.docker_prefix_delegation.steps.guarding import guard, second
from labkernel.labs.docker_prefix_delegation.steps.renumbering import follow, renumber
from labkernel.labs.docker_prefix_delegation.steps.proxying import (
    more,
    ndppd,
    on_link,
    proxy,
    silent,
)
from labkernel.labs.docker_prefix_delegation.steps.comparing import compare
# isort: on

__all__ = [
    "DELEGATED",
    "DOCKERS",
    "NEAR",
    "NEARER",
    "NEXT_DELEGATED",
    "NEXT_DOCKERS",
    "NEXT_WEB",
    "OWN",
    "SERVER",
    "WEB",
    "ask",
    "compare",
    "follow",
    "give",
    "guard",
    "lab",
    "more",
    "ndppd",
    "on_link",
    "proxy",
    "reach",
    "renumber",
    "run",
    "second",
    "seen",
    "serve",
    "silent",
]
