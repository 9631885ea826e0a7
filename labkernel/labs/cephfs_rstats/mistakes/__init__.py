"""CephFS statistics: usual mistakes and other right answers, by the parts of the lesson."""

from labkernel.labs.cephfs_rstats.mistakes import (
    accounting,
    failover,
    hottest,
    mounting,
    quotas,
    snapshots,
)

_PARTS = (mounting, accounting, quotas, snapshots, failover, hottest)

MISTAKES = {step: given for part in _PARTS for step, given in part.MISTAKES.items()}
