"""The comparison of three ways to route packets to containers."""

from labkernel.labs.docker_prefix_delegation.checks.comparing import compared
from labkernel.labs.docker_prefix_delegation.commands.comparing import COMPARE, VOLATILE
from labkernel.labs.docker_prefix_delegation.topology import lab
from labkernel.labs.docker_prefix_delegation.views.comparing import table

compare = lab.step(
    "compare",
    "Compare the three ways",
    on="cpe",
    run=COMPARE,
    check=compared(),
    wrong="echo routed: 20 of 20 answered",
    volatile=VOLATILE,
    view=table,
)
