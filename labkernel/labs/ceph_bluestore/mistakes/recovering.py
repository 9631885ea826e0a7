"""Mistakes and other right answers of `steps.recovering`."""

from labkernel import Mistake, Right
from labkernel.labs import ceph_bluestore as ceph

MISTAKES = {
    ceph.revive: [
        Mistake("ceph osd in 2", says="ceph-osd does not run on charlie"),
        Mistake(
            "ceph osd pool set lab min_size 1\nceph osd set noout",
            says="ceph-osd does not run on charlie",
            fix="ceph osd pool set lab min_size 2\nceph osd unset noout",
            fix_first=True,  # the cluster warns of the flag
        ),
        Mistake(
            "ceph-osd -i 2\npkill -STOP -x ceph-osd",
            says="ceph-osd is stopped by a signal on charlie",
            fix="pkill -KILL -x ceph-osd",
            fix_first=True,  # it has the store's lock
        ),
        Mistake("true", says="ceph-osd does not run"),
    ],
}

ALSO_RIGHT = {
    ceph.revive: [Right("ceph-osd --id 2"), Right("ceph-osd -f -i 2 > /dev/null 2>&1 &")],
}
