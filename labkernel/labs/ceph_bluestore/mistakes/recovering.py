"""Mistakes and other right answers of `steps.recovering`."""

from labkernel import Mistake
from labkernel.labs import ceph_bluestore as ceph

MISTAKES = {
    ceph.revive: [Mistake("true", says="ceph-osd does not run")],
}
