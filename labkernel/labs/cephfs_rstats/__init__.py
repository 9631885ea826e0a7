"""CephFS statistics: the size of a directory tree, which its directories know, without walking it.

After a blog post on CephFS's recursive statistics.  The lab begins with a cluster, in which the
file system is made.
The modules of `steps` are the lesson's parts; they are imported in its order, since a step takes
its place when it is declared.
"""

# isort: off
from labkernel.labs.cephfs_rstats.topology import lab
from labkernel.labs.cephfs_rstats.steps.mounting import authorize, look, make, mount, serve, standby
from labkernel.labs.cephfs_rstats.steps.accounting import (
    compare,
    fill,
    follow,
    list_,
    names,
    sparse,
    without,
)
from labkernel.labs.cephfs_rstats.steps.quotas import exceed, limit
from labkernel.labs.cephfs_rstats.steps.snapshots import keep, lose, recover
from labkernel.labs.cephfs_rstats.steps.failover import kill, revive
from labkernel.labs.cephfs_rstats.steps.hottest import grow, hot
from labkernel.labs.cephfs_rstats.views.trees import measure
# isort: on

__all__ = [
    "authorize",
    "compare",
    "exceed",
    "fill",
    "follow",
    "grow",
    "hot",
    "keep",
    "kill",
    "lab",
    "limit",
    "list_",
    "look",
    "lose",
    "make",
    "measure",
    "mount",
    "names",
    "recover",
    "revive",
    "serve",
    "sparse",
    "standby",
    "without",
]
