"""Ceph BlueStore: usual mistakes and other right answers, by the parts of the lesson."""

from labkernel.labs.ceph_bluestore.mistakes import (
    backfilling,
    bootstrapping,
    deploying,
    quorum,
    recovering,
    storing,
)

_PARTS = (bootstrapping, deploying, storing, recovering, backfilling, quorum)

MISTAKES = {step: given for part in _PARTS for step, given in part.MISTAKES.items()}
