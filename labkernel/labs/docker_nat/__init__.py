"""IPv6 for Docker's containers behind NAT: how the post did it, what that breaks, and what the
engine does by itself today.

After "Docker containers with IPv6 behind NAT": ``--ipv6 --fixed-cidr-v6=fd00::/64``,
and one rule of ip6tables.
The parts are imported in the lesson's order, since a step takes its place when it is declared.
"""

# isort: off
from labkernel.labs.docker_nat.topology import ADDRESS, PREFIX, SERVER, lab
from labkernel.labs.docker_nat.steps.starting import box, run, start
from labkernel.labs.docker_nat.steps.masquerading import ask, lost, masquerade
from labkernel.labs.docker_nat.steps.publishing import call_back, publish
from labkernel.labs.docker_nat.steps.moving import move, own
from labkernel.labs.docker_nat.steps.later import direct, later
# isort: on

__all__ = [
    "ADDRESS",
    "PREFIX",
    "SERVER",
    "ask",
    "box",
    "call_back",
    "direct",
    "lab",
    "later",
    "lost",
    "masquerade",
    "move",
    "own",
    "publish",
    "run",
    "start",
]
