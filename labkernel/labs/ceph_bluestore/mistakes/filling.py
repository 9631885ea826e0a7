"""Mistakes and other right answers of `steps.filling`."""

from labkernel import Mistake, Right
from labkernel.labs import ceph_bluestore as ceph
from labkernel.labs.ceph_bluestore.commands.filling import RATIOS

_HIGHER = RATIOS.replace("0.95", "0.97").replace("0.90", "0.96").replace("0.85", "0.95")

MISTAKES = {
    ceph.empty: [
        Mistake("ceph osd set-full-ratio 0.95", says="backfillfull_ratio is 0.002"),
        Mistake(_HIGHER, says="full_ratio is 0.97"),
        Mistake("true", says="The ratio is far too low"),
    ],
}

ALSO_RIGHT = {
    ceph.empty: [
        Right("\n".join(reversed(RATIOS.splitlines()))),
        Right(RATIOS.replace("0.", ".")),
    ],
}
