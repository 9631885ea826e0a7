"""Mistakes and other right answers of `steps.scrubbing`."""

from labkernel import Mistake, Right
from labkernel.labs import ceph_bluestore as ceph

_GROUP = "pg=$(ceph osd map lab numbers -f json | jq -r .pgid)"
_WELL = 'until [ "$(ceph health)" = HEALTH_OK ]; do sleep 0.2; done'
_SCRUBBED = f"{_GROUP}\nceph pg deep-scrub $pg\n{_WELL}"
_BACK = "seq 100000 | rados -p lab put numbers -"

MISTAKES = {
    ceph.repair: [
        Mistake(
            f"rados -p lab rm numbers\n{_SCRUBBED}",
            says="numbers can't be read",
            fix=_BACK,
            fix_first=True,  # what is removed, no repair brings back
        ),
        Mistake(
            f"seq 3 | rados -p lab put numbers -\n{_SCRUBBED}",
            says="numbers has another content",
            fix=_BACK,
            fix_first=True,
        ),
        Mistake(
            "ceph health mute PG_DAMAGED\nceph health mute OSD_SCRUB_ERRORS",
            says="that of numbers on osd.2 is bad still",
            fix="ceph health unmute PG_DAMAGED\nceph health unmute OSD_SCRUB_ERRORS",
        ),
    ],
}

ALSO_RIGHT = {
    ceph.repair: [
        Right(ceph.repair.run, on="admin"),
        Right(  # what was read from a good copy is written to all
            "rados -p lab get numbers /tmp/numbers\nrados -p lab put numbers /tmp/numbers\n"
            f"{_SCRUBBED}\nrm /tmp/numbers",
        ),
    ],
}
