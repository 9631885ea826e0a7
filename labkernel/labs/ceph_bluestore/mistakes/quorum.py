"""Mistakes and other right answers of `steps.quorum`."""

from labkernel import Mistake, Right
from labkernel.labs import ceph_bluestore as ceph
from labkernel.labs._ceph import configuration

_STOP = configuration.stop("ceph-mon")

# the map of alpha's store without the two that are lost, as where they are lost for good
_ALONE = f"""\
{_STOP}
ceph-mon -i alpha --extract-monmap /tmp/monmap
cp /tmp/monmap /tmp/whole
monmaptool --rm bravo --rm charlie /tmp/monmap
ceph-mon -i alpha --inject-monmap /tmp/monmap
ceph-mon -i alpha"""
_NOT_ALONE = f"{_STOP}\nceph-mon -i alpha --inject-monmap /tmp/whole\nceph-mon -i alpha"

MISTAKES = {
    ceph.majority: [
        Mistake("ceph-mon -i charlie || true", says="ceph-mon does not run on bravo"),
        Mistake(
            "ceph-mon -i bravo\npkill -STOP -x ceph-mon",
            says="ceph-mon is stopped by a signal on bravo",
            fix="pkill -KILL -x ceph-mon",
            fix_first=True,  # it has the store's lock
        ),
        Mistake("true", says="Start it: `ceph-mon -i bravo`"),
    ],
}

ALSO_RIGHT = {
    ceph.majority: [
        Right("ceph-mon -i charlie", on="charlie", undo=_STOP),
        Right("ceph-mon --id bravo"),
        Right(_ALONE, on="alpha", undo=_NOT_ALONE),
    ],
}
