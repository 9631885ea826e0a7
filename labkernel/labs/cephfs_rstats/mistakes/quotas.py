"""Mistakes and other right answers of `steps.quotas`."""

from labkernel import Mistake
from labkernel.labs import cephfs_rstats as rstats
from labkernel.labs.cephfs_rstats.commands.mounting import MOUNT

_NO_P = "ceph auth caps client.lab mds 'allow rw fsname=lab' mon 'allow r' osd 'allow rw'"

_ALL_CAPS = (
    "ceph auth caps client.lab mds 'allow rwps fsname=lab' mon 'allow r fsname=lab' "
    "osd 'allow rw tag cephfs data=lab'"
)

_SET = f"setfattr -n ceph.quota.max_bytes -v {{}} {MOUNT}/home{{}}"

MISTAKES = {
    rstats.limit: [
        Mistake("true", says="max_bytes is not set"),
        Mistake(_SET.format(32, "/ann"), says="max_bytes is 32.", fix=_SET.format(0, "/ann")),
        Mistake(
            _SET.format(1 << 25, ""),
            says="It is set on home, for all",
            fix=_SET.format(0, ""),
            fix_first=True,
        ),
        Mistake(_NO_P, says="its caps for mds lack p", fix=_ALL_CAPS),
    ],
}
