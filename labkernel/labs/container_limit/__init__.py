"""The container limit: why the 1024th container on a bridge does not start, and the ways past it.

After "Maximum amount of Docker containers on a single host" (2015): the limit is the bridge's.
"""

# isort: off
from labkernel.labs.container_limit.topology import lab
from labkernel.labs.container_limit.steps import (
    another,
    endpoints,
    fill,
    flooded,
    lead,
    number,
    refused,
    retry,
    room,
    start,
    table,
)
from labkernel.labs.container_limit.views import measure
# isort: on

__all__ = [
    "another",
    "endpoints",
    "fill",
    "flooded",
    "lab",
    "lead",
    "measure",
    "number",
    "refused",
    "retry",
    "room",
    "start",
    "table",
]
