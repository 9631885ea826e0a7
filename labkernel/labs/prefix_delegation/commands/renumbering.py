"""Commands and files for renumbering."""

from labkernel.labs.prefix_delegation.commands import (
    DEPRECATED,
    NEW_PREFIX,
    START_RADVD,
    STOP_RADVD,
    write_radvd_on_lan,
)

RADVD_MOVE = f"{write_radvd_on_lan(DEPRECATED, NEW_PREFIX)}\n{STOP_RADVD}\n{START_RADVD}"
