"""Mistakes and other right answers of `steps.quotas`."""

from labkernel import Mistake, Right
from labkernel.labs import cephfs_rstats as rstats
from labkernel.labs.cephfs_rstats.commands.mounting import MOUNT
from labkernel.labs.cephfs_rstats.commands.quotas import LIMIT_BYTES, NO_QUOTA, QUOTA

_NO_P = "ceph auth caps client.lab mds 'allow rw fsname=lab' mon 'allow r' osd 'allow rw'"

_ALL_CAPS = (
    "ceph auth caps client.lab mds 'allow rwps fsname=lab' mon 'allow r fsname=lab' "
    "osd 'allow rw tag cephfs data=lab'"
)

_SET = f"setfattr -n ceph.quota.max_bytes -v {{}} {MOUNT}/home{{}}"

MISTAKES = {
    rstats.limit: [
        Mistake(
            f"{QUOTA}\n{_SET.format(1 << 25, '/bob')}",
            says="home/bob has a quota, too",
            fix=_SET.format(0, "/bob"),
            fix_first=True,  # the others have no limit
        ),
        Mistake(_SET.format(1 << 25, "/ann"), says="max_files is not set", fix=NO_QUOTA),
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

_BY_PYTHON = f"""\
python3 <<'END'
import os
for name, value in (("bytes", b"33554432"), ("files", b"10")):
    os.setxattr("{MOUNT}/home/ann", f"ceph.quota.max_{{name}}", value)
END"""

ALSO_RIGHT = {
    rstats.limit: [
        Right(_BY_PYTHON),
        Right(QUOTA.replace(f"-v {LIMIT_BYTES}", "-v $((32 * 1024 * 1024))")),
    ],
}
