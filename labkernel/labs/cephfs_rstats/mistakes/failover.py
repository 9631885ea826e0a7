"""Mistakes and other right answers of `steps.failover`."""

from labkernel import Mistake, Right
from labkernel.labs import cephfs_rstats as rstats

MISTAKES = {
    rstats.revive: [
        Mistake(
            "ceph fs set lab standby_count_wanted 0",
            says="only mds.bravo is there",
            fix="ceph fs set lab standby_count_wanted 1",
        ),
        Mistake(
            "ceph-mds -i alpha\npkill -STOP -x ceph-mds",
            says="ceph-mds is stopped by a signal on alpha",
            fix="pkill -KILL -x ceph-mds",
            fix_first=True,  # there would be two of that name
        ),
        Mistake("true", says="only mds.bravo is there"),
    ],
}

ALSO_RIGHT = {
    rstats.revive: [Right("ceph-mds --id alpha"), Right("ceph-mds -f -i alpha > /dev/null 2>&1 &")],
}
