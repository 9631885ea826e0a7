"""Mistakes and other right answers of `steps.failover`."""

from labkernel import Mistake
from labkernel.labs import cephfs_rstats as rstats

MISTAKES = {
    rstats.revive: [Mistake("true", says="only mds.bravo is there")],
}
