"""Ceph BlueStore: usual mistakes and other right answers, by the parts of the lesson."""

from labkernel.labs.ceph_bluestore.mistakes import (
    backfilling,
    bootstrapping,
    compressing,
    deploying,
    filling,
    quorum,
    recovering,
    scrubbing,
    storing,
)

_PARTS = (
    bootstrapping,
    deploying,
    storing,
    scrubbing,
    recovering,
    backfilling,
    quorum,
    compressing,
    filling,
)

MISTAKES = {step: given for part in _PARTS for step, given in part.MISTAKES.items()}

ALSO_RIGHT = {step: given for part in _PARTS for step, given in part.ALSO_RIGHT.items()}
