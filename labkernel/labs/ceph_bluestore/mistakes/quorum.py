"""Mistakes and other right answers of `steps.quorum`."""

from labkernel import Mistake
from labkernel.labs import ceph_bluestore as ceph

MISTAKES = {
    ceph.majority: [Mistake("true", says="Start it: `ceph-mon -i bravo`")],
}
